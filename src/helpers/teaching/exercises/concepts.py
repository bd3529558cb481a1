"""Checks of 01_concepts: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_separable_parameters(function: Callable) -> None:
    """Exercise 1: ``function(side, channels, maps)`` counts a depthwise separable convolution with one bias per map."""
    found = attempt(function, 3, 16, 32)  # 9 * 16 + 16 * 32 + 32
    other = attempt(function, 5, 1, 4)  # 25 + 4 + 4
    hint = "one kernel for each channel, then one weight for each pair of channel and map, then one bias for each map"
    if close(found, (9 * 16 + 1) * 32):
        hint = (
            "this is the ordinary convolution: here a kernel of the first step sees one channel and makes one map of it"
        )
    elif close(found, 9 * 16 + 16 * 32):
        hint = "every map of the second step has a bias as well"
    elif close(found, 9 * 16 + 32):
        hint = "the second step mixes: it has a weight for each pair of channel and map, not only for each map"
    elif close(found, 9 + 16 * 32 + 32):
        hint = "the first step has a kernel of its own for each channel, not one for all of them"
    elif close(found, 9 * 16 + 16 + 16 * 32 + 32):
        hint = "the first step has no bias of its own here; one bias for each map of the second step is enough"
    solved = close(found, 688) and close(other, 33)
    answer(solved, "688 weights instead of 4,640 for the same shapes", hint, found, other)


def check_probability_elsewhere(function: Callable) -> None:
    """Exercise 2: ``function(probability, share_here, share_there)`` moves a probability to another prevalence."""
    even = attempt(function, 0.5, 0.5, 0.1)  # odds 1 become odds 1 / 9
    high = attempt(function, 0.9, 0.5, 0.1)  # odds 9 become odds 1
    uneven = attempt(function, 0.2, 0.2, 0.5)  # what was average stays average
    same = attempt(function, 0.7, 0.3, 0.3)
    hint = "odds = p / (1 - p); multiply by the odds of the new share, divide by those of the old; back with odds / (1 + odds)"
    if close(high, 0.9 * 0.1 / 0.5):
        hint = "shares do not multiply probabilities, they multiply odds: go over p / (1 - p)"
    elif close(high, 0.9) and close(even, 0.5):
        hint = "the network's answer already holds the share it was trained with; take that out and put the new one in"
    elif close(high, 81 / 82):
        hint = "the wrong way round: where the disease is rarer the probability must fall"
    elif close(high, 1.0) and close(even, 1 / 9):
        hint = "these are odds; turn them back into a probability with odds / (1 + odds)"
    elif close(high, 0.5) and not close(uneven, 0.5):
        hint = "right where half of the training cases are ill; in general divide by the odds of *that* share"
    solved = close(even, 0.1) and close(high, 0.5) and close(uneven, 0.5) and close(same, 0.7)
    answer(solved, "0.9 where half are ill is 0.5 where one in ten is", hint, even, high, uneven, same)
