"""Checks of 08_heart_disease: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.teaching.exercises import heart_disease


def right_sensitivity(targets, decisions, groups, label):
    shares = [
        np.mean(decisions[(groups == one) & (targets == label)] == label) for one in set(groups[targets == label])
    ]
    return sum(shares) / len(shares)


def pooled(targets, decisions, groups, label):
    return np.mean(decisions[targets == label] == label)


def zero_where_nobody(targets, decisions, groups, label):
    total = 0
    for one in set(groups):
        inside = (groups == one) & (targets == label)
        total += np.mean(decisions[inside] == label) if inside.any() else 0
    return total / len(set(groups))


def predictive_value(targets, decisions, groups, label):
    called = [targets[(groups == one) & (decisions == label)] == label for one in set(groups)]
    return np.mean([one.mean() for one in called if len(one)])


def accuracy(targets, decisions, groups, label):
    return np.mean([np.mean((decisions == targets)[groups == one]) for one in set(groups)])


def undefined(targets, decisions, groups, label):
    with np.errstate(invalid="ignore"):
        found = [
            np.sum((groups == one) & (targets == label) & (decisions == label))
            / np.sum((groups == one) & (targets == label))
            for one in set(groups)
        ]
    return np.mean(found)


def right_move(probability, share, prevalence):
    ill, healthy = probability * prevalence / share, (1 - probability) * (1 - prevalence) / (1 - share)
    return ill / (ill + healthy)


def odds(probability):
    return probability / (1 - probability)


def by_shares(p, s, q):
    moved = odds(p) * q / s
    return moved / (1 + moved)


RECORDS, MOVED = heart_disease.check_record_sensitivity, heart_disease.check_moved_probability
WRONG = [
    (RECORDS, pooled, "pools all beats"),
    (RECORDS, zero_where_nobody, "leave it out instead of counting it as 0"),
    (RECORDS, predictive_value, "beats *called* so"),
    (RECORDS, accuracy, "this is accuracy"),
    (RECORDS, undefined, "divides by 0"),
    (RECORDS, lambda *_: 0.7, "then the mean over recordings"),
    (MOVED, lambda p, s, q: odds(p) * odds(q) / odds(s), "these are odds"),
    (MOVED, lambda p, s, q: p * q / s, "cannot be multiplied"),
    (MOVED, lambda p, s, q: right_move(p, q, s), "the wrong way"),
    (MOVED, by_shares, "ratio of the *odds*"),
    (MOVED, lambda p, s, q: p, "nothing has moved"),
    (MOVED, lambda p, s, q: q, "back to o / (1 + o)"),
]


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("check", "function"), [(RECORDS, right_sensitivity), (MOVED, right_move)])
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [RECORDS, MOVED])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
