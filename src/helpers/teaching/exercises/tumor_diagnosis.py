"""Checks of 06_tumor_diagnosis: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_leaking_groups(function: Callable) -> None:
    """Exercise 1: ``function(groups, split)`` returns the groups that stand on more than one side, sorted."""
    groups = np.array([3, 3, 1, 1, 2, 2, 5])
    split = np.array(["train", "test", "train", "train", "validation", "train", "test"])
    found = attempt(function, groups, split)
    clean = attempt(function, groups[2:4], split[2:4])
    solved = close(found, np.array([2, 3])) and close(clean, np.array([]))
    answer(
        solved,
        "groups 2 and 3 have samples on two sides, and a clean split gives an empty answer",
        "collect the sides of every group (np.unique(split[groups == group])); more than one side is a leak",
        found,
        clean,
    )


def check_weighted_cross_entropy(function: Callable) -> None:
    """Exercise 2: ``function(targets, probability, weights)`` is the class-weighted mean cross-entropy."""
    targets = np.array([1, 0, 0, 0])
    probability = np.array([0.5, 0.2, 0.1, 0.25])
    weights = {0: 2 / 3, 1: 2.0}
    # By hand: -(2 ln .5 + 2/3 (ln .8 + ln .9 + ln .75)) / 4
    expected = -(2 * np.log(0.5) + 2 / 3 * (np.log(0.8) + np.log(0.9) + np.log(0.75))) / 4
    found = attempt(function, targets, probability, weights)
    plain = -(np.log(0.5) + np.log(0.8) + np.log(0.9) + np.log(0.75)) / 4
    hint = "each sample's cross-entropy is multiplied by the weight of its own class before the mean is taken"
    if close(found, plain):
        hint = "this is the unweighted mean; " + hint
    praise = "the one positive now counts as much as the three negatives together"
    answer(close(found, expected), praise, hint, found)
