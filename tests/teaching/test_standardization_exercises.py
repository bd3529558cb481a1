"""Checks of 12_standardization: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest
from scipy.stats import rankdata

from helpers.teaching.exercises import standardization


def right_matching(picture, reference):
    return np.sort(reference)[rankdata(picture, method="ordinal").reshape(picture.shape) - 1]


def right_other(values, lowest, highest, factor):
    converted = values / factor
    return ((values < lowest) | (values > highest)) & (converted >= lowest) & (converted <= highest)


def squares(scores):
    rows, columns = scores.shape
    between = columns * np.sum((scores.mean(axis=1) - scores.mean()) ** 2) / (rows - 1)
    seeds = rows * np.sum((scores.mean(axis=0) - scores.mean()) ** 2) / (columns - 1)
    rest = np.sum((scores - scores.mean()) ** 2) - (rows - 1) * between - (columns - 1) * seeds
    return between, seeds, rest / ((rows - 1) * (columns - 1))


def right_variance(scores):
    between, _, rest = squares(scores)
    return (between - rest) / scores.shape[1]


def variance_of_seeds(scores):
    _, seeds, rest = squares(scores)
    return (seeds - rest) / scores.shape[0]


MATCHING, OTHER = standardization.check_matching, standardization.check_other_unit
VARIANCE = standardization.check_split_variance
WRONG = [
    (MATCHING, lambda picture, reference: picture, "nothing has changed"),
    (MATCHING, lambda p, r: r[np.argsort(p.ravel())].reshape(p.shape), "argsort of the argsort"),
    (MATCHING, lambda p, r: r.reshape(p.shape), "the pixel of its rank"),
    (MATCHING, lambda p, r: (p - p.mean()) / p.std() * r.std() + r.mean(), "mean and spread only"),
    (MATCHING, lambda p, r: right_matching(p, r).ravel(), "in the shape of the picture"),
    (MATCHING, lambda p, r: right_matching(-p, r), "bright pixels dark"),
    (MATCHING, lambda p, r: p / 255, "rank the pixels"),
    (OTHER, lambda v, low, high, f: (v < low) | (v > high), "impossible in both units"),
    (OTHER, lambda v, low, high, f: v < low, "not enough"),
    (OTHER, lambda v, low, high, f: (v * f >= low) & (v * f <= high), "divide by it"),
    (OTHER, lambda v, low, high, f: ~right_other(v, low, high, f), "mark the others"),
    (OTHER, lambda v, low, high, f: v / f, "give back True and False"),
    (OTHER, lambda v, low, high, f: np.zeros(len(v), dtype=bool), "possible once divided"),
    (OTHER, lambda v, low, high, f: (v / f >= low) & (v / f <= high), "possible as stated, too"),
    (OTHER, lambda v, low, high, f: (v < low) & (v / f >= low), "above highest, not below lowest"),
    (OTHER, lambda v, low, high, f: (v < low) & (v / f >= low) & (v / f <= high), "above highest, not below lowest"),
    (OTHER, lambda v, low, high, f: ((v < low) | (v > high)) & (v / f >= low), "possible once divided"),
    (VARIANCE, lambda scores: scores.mean(axis=1).var(ddof=1), "subtract the mean square of the rest"),
    (VARIANCE, lambda scores: squares(scores)[0], "mean square of the splits"),
    (VARIANCE, lambda scores: squares(scores)[0] - squares(scores)[2], "divide by the number of seeds"),
    (VARIANCE, lambda scores: (squares(scores)[0] - squares(scores)[2]) / 3, "not of splits"),
    (VARIANCE, variance_of_seeds, "between seeds"),
    (VARIANCE, lambda scores: scores.var(), "all scores together"),
    (VARIANCE, lambda scores: np.sqrt(right_variance(scores)), "standard deviation"),
    (VARIANCE, lambda scores: 0.0, "divided by the number of seeds"),
]


@pytest.mark.parametrize(
    ("check", "function"), [(MATCHING, right_matching), (OTHER, right_other), (VARIANCE, right_variance)]
)
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [MATCHING, OTHER, VARIANCE])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
