"""Checks of 08_heart_disease: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_record_sensitivity(function: Callable) -> None:
    """Exercise 1: ``function(targets, decisions, groups, label)``, sensitivity of each recording, then the mean."""
    # Recording 7 has eight beats of class 1, all found; recording 3 has two, none found; recording 5 has none.
    targets = np.array([1] * 8 + [0, 0] + [1, 1, 0] + [0, 2])
    decisions = np.array([1] * 8 + [0, 1] + [0, 2, 0] + [1, 2])
    groups = np.array([7] * 10 + [3] * 3 + [5] * 2)
    found = attempt(function, targets, decisions, groups, 1)
    other = attempt(function, targets, decisions, groups, 2)
    hint = "for each recording: of its beats of the class, the share that was called so; then the mean over recordings"
    if close(found, 0.8):
        hint = "this pools all beats: the recording with most of them decides; take each recording's share first"
    elif close(found, 1 / 3):
        hint = "a recording without a beat of the class has no sensitivity: leave it out instead of counting it as 0"
    elif close(found, np.mean([8 / 9, 0])) or close(found, np.mean([8 / 9, 0, 0])):
        hint = "this divides by the beats *called* so, which is the predictive value; divide by the beats that *are*"
    elif close(found, np.mean([9 / 10, 1 / 3, 1 / 2])):
        hint = "this is accuracy, recording by recording: look only at the beats that belong to the class"
    elif np.size(found) == 1 and np.isnan(_number(found)):
        hint = "nan: a recording without a beat of the class divides by 0; leave it out"
    praise = "one recording in two is not found at all, and the pooled 0.8 had hidden it"
    answer(close(found, 0.5) and close(other, 1.0), praise, hint, found, other)


def check_moved_probability(function: Callable) -> None:
    """Exercise 2: ``function(probability, share, prevalence)`` carries probabilities to another share of the ill."""
    probability = np.array([0.1, 0.5, 0.8])
    # By hand: odds 1/9, 1 and 4; from one half ill (odds 1) to four fifths ill (odds 4) they are multiplied by 4.
    expected = np.array([4 / 13, 4 / 5, 16 / 17])
    found = attempt(function, probability, 0.5, 0.8)
    same = attempt(function, probability, 0.3, 0.3)
    hint = "odds p / (1 - p), multiplied by (odds of the new share) / (odds of the old share), then back to o / (1 + o)"
    if close(found, probability / (1 - probability) * 4):
        hint = "these are odds: turn them back into a probability, o / (1 + o)"
    elif close(found, probability * 0.8 / 0.5):
        hint = "probabilities cannot be multiplied by the shares (0.8 would become 1.28): do it with the odds"
    elif close(found, _move(probability, 0.25)):
        hint = "the wrong way: where more people are ill, the same findings mean a higher probability"
    elif close(found, _move(probability, 0.8 / 0.5)):
        hint = "the factor is a ratio of the *odds* of the shares, not of the shares"
    elif close(found, probability):
        hint = "nothing has moved: where 8 in 10 are ill instead of 5, every probability must rise"
    solved = close(found, expected) and close(same, probability)
    answer(
        solved,
        "equal shares change nothing, and from one half to four fifths the odds grow fourfold",
        hint,
        found,
        same,
    )


def _move(probability: np.ndarray, factor: float) -> np.ndarray:
    odds = probability / (1 - probability) * factor
    return odds / (1 + odds)


def _number(value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
