"""Checks of 12_standardization: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_matching(function: Callable) -> None:
    """Exercise 1: ``function(picture, reference)`` gives the k-th smallest pixel the k-th smallest reference value."""
    picture = np.array([[90.0, 20.0, 250.0], [30.0, 100.0, 60.0]])
    reference = np.array([0.0, 1.0, 4.0, 9.0, 16.0, 25.0])
    order = np.argsort(picture.ravel())
    ranks = np.argsort(order)
    expected = reference[ranks].reshape(picture.shape)
    found = attempt(function, picture, reference)
    hint = "rank the pixels; the pixel of rank k becomes reference[k], and the shape of the picture stays"
    standardized = (picture - picture.mean()) / picture.std() * reference.std() + reference.mean()
    if close(found, picture):
        hint = "nothing has changed; where the picture is darkest, the result must be darkest, with reference[0]"
    elif close(found, reference[order].reshape(picture.shape)):
        hint = "argsort gives the pixel at each rank; you need the rank of each pixel: argsort of the argsort"
    elif close(found, reference.reshape(picture.shape)):
        hint = "these are the reference values in order of size; each belongs to the pixel of its rank"
    elif close(found, standardized):
        hint = "this matches mean and spread only; every quantile shall match"
    elif close(found, expected.ravel()):
        hint = "right values; give them back in the shape of the picture"
    elif close(found, reference[::-1][ranks].reshape(picture.shape)):
        hint = "this makes bright pixels dark: the smallest pixel gets the smallest reference value"
    answer(
        close(found, expected),
        "every picture has the gray values of scanner A, and its own cells in place",
        hint,
        found,
    )


def check_other_unit(function: Callable) -> None:
    """Exercise 2: ``function(values, lowest, highest, factor)`` marks what is possible in the other unit only.

    Asked three times: about cholesterol; about glucose, whose ranges overlap in the two units; and about creatinine, whose
    numbers grow on the way to the other unit.
    """
    values = np.array([210.0, 5.2, np.nan, 0.2, 20000.0, 45.0, 3.0])
    lowest, highest, factor = 40.0, 1000.0, 0.0259
    expected = np.array([False, True, False, False, False, False, True])
    found = attempt(function, values, lowest, highest, factor)
    # 25 and 85 are possible as stated and in the other unit, too; the last value is 3600 mg/dL, possible in neither.
    overlap = attempt(function, np.array([85.0, 25.0, 5.0, 0.2, 4000.0]), 10.0, 2000.0, 0.0555)
    larger = attempt(function, np.array([1.0, 100.0, 5000.0, 0.01, 9.0]), 0.1, 40.0, 88.4)
    both_ways = close(overlap, np.array([False, False, True, False, False])) and close(
        larger, np.array([False, True, False, False, False])
    )
    outside = ~((values >= lowest) & (values <= highest))
    with np.errstate(invalid="ignore"):
        times = (values * factor >= lowest) & (values * factor <= highest)
    hint = "impossible as stated (below lowest or above highest), and possible once divided by factor"
    if close(found, expected) and isinstance(overlap, np.ndarray) and close(overlap[:2], np.array([True, True])):
        hint = "a glucose of 85 or 25 mg/dL is possible as stated, too: only what is impossible as stated is a mix-up for certain"
    elif close(found, expected):
        hint = (
            "right for cholesterol; a creatinine of 100 lies above highest, not below lowest, and what is converted must lie "
            "between both ends"
        )
    elif close(found, outside & ~np.isnan(values)) or close(found, outside):
        hint = "these are all that are impossible as stated; a value of 0.2 is impossible in both units: a mistake, no mix-up"
    elif close(found, values < lowest):
        hint = "below the lowest value is not enough: 0.2 is below it and is nobody's cholesterol in mmol/L either"
    elif close(found, outside & times) or close(found, times):
        hint = "factor leads from mg/dL to mmol/L; to bring mmol/L back to mg/dL, divide by it"
    elif close(found, ~expected):
        hint = "this marks what is in the stated unit; mark the others"
    elif isinstance(found, np.ndarray) and found.shape == values.shape and found.dtype.kind == "f":
        hint = "give back True and False, not converted values: what is marked is looked at before it is changed"
    right = close(found, expected) and both_ways
    answer(right, "who marks before converting can ask the laboratory first", hint, found, overlap, larger)


def check_split_variance(function: Callable) -> None:
    """Exercise 3: ``function(scores)`` is the variance between splits (rows), (MS of splits - MS of the rest) / seeds."""
    scores = np.array([[0.80, 0.84, 0.79, 0.81], [0.90, 0.88, 0.91, 0.95], [0.70, 0.77, 0.72, 0.69]])
    rows, columns = scores.shape

    def squares(table: np.ndarray) -> tuple[float, float]:
        by_row, by_column = table.mean(axis=1), table.mean(axis=0)
        rest = table - by_row[:, None] - by_column + table.mean()
        between = table.shape[1] * by_row.var(ddof=1)
        return between, np.sum(rest**2) / ((table.shape[0] - 1) * (table.shape[1] - 1))

    between, rest = squares(scores)
    turned, _ = squares(scores.T)
    expected = (between - rest) / columns
    found = attempt(function, scores)
    hint = "mean square of the splits minus mean square of the rest, divided by the number of seeds"
    if close(found, scores.mean(axis=1).var(ddof=1)) or close(found, scores.mean(axis=1).var()):
        hint = "means of few seeds still carry the spread of the seeds; subtract the mean square of the rest"
    elif close(found, between):
        hint = "this is the mean square of the splits; subtract that of the rest and divide by the number of seeds"
    elif close(found, between - rest):
        hint = "divide by the number of seeds: a mean square of rows counts the variance once for each column"
    elif close(found, (between - rest) / rows):
        hint = "divide by the number of seeds (columns), not of splits"
    elif close(found, (turned - rest) / rows):
        hint = "this is the variance between seeds; splits are the rows"
    elif close(found, scores.var(ddof=1)) or close(found, scores.var()):
        hint = "this is the spread of all scores together; only the part between splits is asked for"
    elif close(found, np.sqrt(expected)):
        hint = "this is a standard deviation; give the variance"
    answer(
        close(found, expected, 1e-9),
        "what is left once the luck of the seeds has been taken out of the splits",
        hint,
        found,
    )
