"""Checks of 15_answers: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt

# value, low, high of a difference (new minus old, larger is better), and the margin: what an interval allows one to say.
CASES = (
    ((0.010, -0.012, 0.032), 0.02, "not worse"),
    ((-0.005, -0.015, 0.005), 0.02, "not worse"),
    ((-0.050, -0.070, -0.030), 0.02, "worse"),
    ((0.010, -0.040, 0.060), 0.02, "cannot be told"),
    ((-0.015, -0.030, 0.000), 0.02, "cannot be told"),
    ((-0.030, -0.050, -0.010), 0.02, "cannot be told"),  # a loss, but perhaps one that is allowed
    ((-0.030, -0.045, -0.015), 0.05, "not worse"),
)
P_VALUES = np.array([0.030, 0.001, 0.040, 0.012, 0.049])
# Sorted: .001 < .05/5, .012 < .05/4 = .0125, .030 > .05/3 = .0167: here Holm stops.
SURVIVE = [False, True, False, True, False]
# .020 > .05/3, so nothing stands, although .024 < .05/2 and .045 < .05.
STOPPED = np.array([0.045, 0.020, 0.024])


def check_read_margin(function: Callable) -> None:
    """Exercise 1: ``function(value, low, high, margin)`` says worse, not worse, or that it cannot be told."""
    found = [_words(attempt(function, *numbers, margin)) for numbers, margin, _ in CASES]
    expected = [words for _, _, words in CASES]
    hint = "a loss of margin is -margin: compare both ends with it, and give three answers"
    if found == ["not worse", "not worse", "worse", "not worse", "not worse", "worse", "not worse"]:
        hint = "that is the value alone: with it go all values in the interval, and some of them lie below -margin"
    elif found[:2] == ["cannot be told", "cannot be told"]:
        hint = "0 asks whether the new one is *better*; a loss smaller than the margin is allowed: compare with -margin"
    elif found == ["not worse", "not worse", "worse", "worse", "worse", "worse", "not worse"]:
        hint = (
            "an interval that reaches below -margin does not prove a loss: part of it lies above. Ask whether all does"
        )
    elif found == ["not worse", "not worse", *["cannot be told"] * 4, "not worse"]:
        hint = "if even the high end lies below -margin, the new one is worse: that is an answer too"
    elif found == [*expected[:5], "worse", expected[6]]:
        hint = "-0.050 to -0.010 shows a loss, but not one of the margin: for *worse* the high end lies below -margin"
    elif found[:6] == expected[:6]:
        hint = "the margin is not always 0.02: with 0.05 a loss of up to 0.045 is allowed, so use `margin`"
    solved = found == expected
    answer(solved, "three answers: not worse, worse, and 'cannot be told', which is no proof of equality", hint, *found)


def check_surviving(function: Callable) -> None:
    """Exercise 2: ``function(p_values, level)`` is True for the claims that stand after Holm's correction."""
    found = [attempt(function, np.array(values), 0.05) for values in (P_VALUES, STOPPED, np.array([0.2, 0.01]))]
    flags = [_flags(value) for value in found]
    hint = "sort; compare the smallest with level / m, the next with level / (m - 1), ...; stop at the first that fails"
    if flags[0] == [True] * 5:
        hint = "each is compared with the whole level: among m claims that lets m chances of a false alarm through"
    elif flags[0] == [False, True, False, False, False]:
        hint = "this is Bonferroni, level / m for all: right but too strict, after the first m - 1 claims are left"
    elif flags[0] == [True, True, False, False, False]:
        hint = "the flags stand in the order of the sorted values: put them back in the order that was given"
    elif flags[0] == [False, True, False, True, True]:
        hint = "stop at the first that fails: a later one must not pass on its own"
    solved = flags == [SURVIVE, [False] * 3, [False, True]]
    praise = "a false alarm anywhere among all claims now has a chance of at most the level"
    answer(solved, praise, hint, *found)


def _words(value):
    return " ".join(value.lower().split()) if isinstance(value, str) else value


def _flags(value) -> list[bool] | None:
    try:
        return np.asarray(value).astype(bool).tolist() if np.asarray(value).ndim == 1 else None
    except (TypeError, ValueError):
        return None
