"""Checks of 15_answers: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.evaluation.subgroups import holm
from helpers.teaching.exercises import answers


def right_margin(value, low, high, margin):
    if low > -margin:
        return "not worse"
    return "worse" if high < -margin else "cannot be told"


def stepping_down(p_values, level):
    order = np.argsort(p_values)
    passed = p_values[order] < level / (len(p_values) - np.arange(len(p_values)))
    stands = np.zeros(len(p_values), dtype=bool)
    stands[order] = np.logical_and.accumulate(passed)
    return stands


def without_stopping(p_values, level):
    order = np.argsort(p_values)
    stands = np.zeros(len(p_values), dtype=bool)
    stands[order] = p_values[order] < level / (len(p_values) - np.arange(len(p_values)))
    return stands


def in_sorted_order(p_values, level):
    return np.sort(stepping_down(p_values, level))[::-1]


MARGIN, HOLM = answers.check_read_margin, answers.check_surviving
RIGHT = [
    (MARGIN, right_margin),
    (MARGIN, lambda *numbers: right_margin(*numbers).capitalize()),
    (HOLM, stepping_down),
    (HOLM, lambda p_values, level: [value < level for value in holm(list(p_values))]),
]
WRONG = [
    (MARGIN, lambda value, low, high, margin: "not worse" if value > -margin else "worse", "the value alone"),
    (
        MARGIN,
        lambda value, low, high, margin: "not worse" if low > 0 else "worse" if high < 0 else "cannot be told",
        "asks whether the new one is *better*",
    ),
    (MARGIN, lambda value, low, high, margin: "not worse" if low > -margin else "worse", "does not prove a loss"),
    (MARGIN, lambda value, low, high, margin: "not worse" if low > -margin else "cannot be told", "is an answer too"),
    (MARGIN, lambda value, low, high, margin: low > -margin, "give three answers"),
    (
        MARGIN,
        lambda value, low, high, margin: "not worse" if low > -margin else "worse" if high < 0 else "cannot be told",
        "but not one of the margin",
    ),
    (
        MARGIN,
        lambda value, low, high, margin: (
            "not worse" if low > -margin else "worse" if high < 0 and value < -margin else "cannot be told"
        ),
        "but not one of the margin",
    ),
    (MARGIN, lambda value, low, high, margin: right_margin(value, low, high, 0.02), "so use `margin`"),
    (HOLM, lambda p_values, level: p_values < level, "m chances of a false alarm"),
    (HOLM, lambda p_values, level: p_values < level / len(p_values), "Bonferroni"),
    (HOLM, without_stopping, "stop at the first that fails"),
    (HOLM, in_sorted_order, "order of the sorted values"),
    (HOLM, lambda p_values, level: np.sort(p_values), "m chances of a false alarm"),
    (HOLM, lambda p_values, level: p_values > level, "sort; compare the smallest"),
]


@pytest.mark.parametrize(("check", "function"), RIGHT)
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [MARGIN, HOLM])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
