"""Checks of 11_interpretability: each prints one line and never raises."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_integrated_gradients(function: Callable) -> None:
    """Exercise 1: ``function(gradient, image, baseline, steps)`` are integrated gradients by the midpoint rule."""

    def gradient(image: np.ndarray) -> np.ndarray:
        return 3 * image**2  # of the sum of the cubes

    image, baseline = np.array([[2.0, -1.0], [0.5, 3.0]]), np.full((2, 2), 1.0)
    middles = (np.arange(4) + 0.5) / 4
    slopes = [gradient(baseline + share * (image - baseline)) for share in middles]
    expected = (image - baseline) * np.mean(slopes, axis=0)
    found = attempt(function, gradient, image, baseline, 4)
    hint = "walk from the baseline to the image, average the gradients on the way, multiply by image - baseline"
    if close(found, (image - baseline) * gradient(image)) or close(found, image * gradient(image)):
        hint = "this is the gradient at the image alone; where the score is flat there, everything on the way is missed"
    elif close(found, np.mean(slopes, axis=0)):
        hint = "this is the mean gradient; multiply it by image - baseline, or nothing adds up"
    elif close(found, image * np.mean(slopes, axis=0)):
        hint = "multiply by the way that was walked, image - baseline, not by the image"
    elif close(found, image * np.mean([gradient(share * image) for share in middles], axis=0)):
        hint = "this walks from 0; start from the baseline: baseline + share * (image - baseline)"
    elif close(found, 4 * expected):
        hint = "this is the sum over the steps; take their mean"
    elif close(
        found, (image - baseline) * np.mean([gradient(baseline + k / 4 * (image - baseline)) for k in range(4)], 0)
    ):
        hint = "these are the beginnings of the four pieces; take their middles, (k + 1/2) / steps"
    elif close(
        found, (image - baseline) * np.mean([gradient(baseline + k / 4 * (image - baseline)) for k in range(1, 5)], 0)
    ):
        hint = "these are the ends of the four pieces; take their middles, (k + 1/2) / steps"
    elif close(
        found,
        (image - baseline) * np.mean([gradient(baseline + s * (image - baseline)) for s in np.linspace(0, 1, 4)], 0),
    ):
        hint = "linspace puts steps on both ends; take the middles of the four pieces, (k + 1/2) / steps"
    elif np.ndim(found) == 0 and isinstance(found, float | np.floating):
        hint = "this is one number for the whole image; take the mean over the steps only (axis=0)"
    answer(
        close(found, expected),
        "with more steps the sum comes as near to S(x) - S(b) as you like",
        hint,
        found,
    )


def check_shapley_values(function: Callable) -> None:
    """Exercise 2: ``function(value, players)`` are the Shapley values; ``value`` takes a set of players."""

    def value(members) -> float:
        """Player 0 alone is worth 1, 1 and 2 only together 6, and all three 12."""
        members = frozenset(members)
        return 1.0 * (0 in members) + 6.0 * ({1, 2} <= members) + 5.0 * (len(members) == 3)

    whole, nobody = value({0, 1, 2}), value(())
    # By the six orders: 0 gets 1 in four of them and 6 when it comes last; 1 and 2 share the rest evenly.
    expected = np.array([1 + 5 / 3, 3 + 5 / 3, 3 + 5 / 3])
    found = attempt(function, value, 3)
    alone = np.array([value({player}) - nobody for player in range(3)])
    last = np.array([whole - value({0, 1, 2} - {player}) for player in range(3)])
    orders = list(itertools.permutations(range(3)))
    with_all_before = [[value(order[: order.index(player) + 1]) for player in range(3)] for order in orders]
    # The mean over all sets instead of all orders: Banzhaf's value.
    banzhaf = np.array([1 + 5 / 4, 3 + 5 / 4, 3 + 5 / 4])
    hint = "average what a player adds to those before it, over all orders in which the players can come"
    if close(found, alone):
        hint = "this is what each player is worth alone; 1 and 2 are worth nothing alone and much together"
    elif close(found, last):
        hint = (
            "this is what a player adds when it comes last, leaving out the orders in which it comes first or second: "
            "average over all of them"
        )
    elif close(found, np.mean(with_all_before, axis=0)):
        hint = "subtract what was there before the player came: value(before) is not its own"
    elif close(found, banzhaf):
        hint = (
            "these weigh all sets alike, and do not add up to the whole; a set of k stands for k! (n - k - 1)! orders"
        )
    elif close(found, 6 * expected):
        hint = "this is the sum over the orders; divide by their number"
    elif close(found, np.full(3, whole / 3)):
        hint = "shares are fair, not equal: a player gets what it adds"
    answer(close(found, expected), "the shares add up to what all three are worth together", hint, found)
