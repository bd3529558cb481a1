"""Checks of 11_interpretability: right answers pass, typical wrong ones get the hint that helps."""

import itertools
import math

import numpy as np
import pytest

from helpers.teaching.exercises import interpretability


def slopes(gradient, image, baseline, shares):
    return np.mean([gradient(baseline + share * (image - baseline)) for share in shares], axis=0)


def middles(steps):
    return [(number + 0.5) / steps for number in range(steps)]


def right_gradients(gradient, image, baseline, steps):
    return (image - baseline) * slopes(gradient, image, baseline, middles(steps))


def right_shares(value, players):
    """By sets and weights, where the exercise goes by orders."""
    shares = np.zeros(players)
    for player in range(players):
        others = set(range(players)) - {player}
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for before in itertools.combinations(others, size):
                shares[player] += weight * (value({*before, player}) - value(set(before)))
    return shares


def banzhaf(value, players):
    shares = np.zeros(players)
    for player in range(players):
        others = set(range(players)) - {player}
        gains = [
            value({*before, player}) - value(set(before))
            for size in range(players)
            for before in itertools.combinations(others, size)
        ]
        shares[player] = np.mean(gains)
    return shares


def last(value, players):
    everybody = set(range(players))
    return [value(everybody) - value(everybody - {player}) for player in range(players)]


def with_everybody_before(value, players):
    orders = list(itertools.permutations(range(players)))
    return np.mean([[value(set(order[: order.index(player) + 1])) for player in range(players)] for order in orders], 0)


INTEGRATED, SHAPLEY = interpretability.check_integrated_gradients, interpretability.check_shapley_values
WRONG = [
    (INTEGRATED, lambda g, x, b, m: (x - b) * g(x), "gradient at the image alone"),
    (INTEGRATED, lambda g, x, b, m: slopes(g, x, b, middles(m)), "multiply it by image - baseline"),
    (INTEGRATED, lambda g, x, b, m: x * slopes(g, x, b, middles(m)), "not by the image"),
    (INTEGRATED, lambda g, x, b, m: right_gradients(g, x, 0 * b, m), "start from the baseline"),
    (INTEGRATED, lambda g, x, b, m: m * right_gradients(g, x, b, m), "take their mean"),
    (INTEGRATED, lambda g, x, b, m: (x - b) * slopes(g, x, b, np.arange(m) / m), "beginnings of the four pieces"),
    (INTEGRATED, lambda g, x, b, m: (x - b) * slopes(g, x, b, np.arange(1, m + 1) / m), "ends of the four pieces"),
    (
        INTEGRATED,
        lambda g, x, b, m: (x - b) * slopes(g, x, b, np.linspace(0, 1, m)),
        "linspace puts steps on both ends",
    ),
    (INTEGRATED, lambda g, x, b, m: float(right_gradients(g, x, b, m).mean()), "over the steps only"),
    (INTEGRATED, lambda g, x, b, m: -right_gradients(g, x, b, m), "average the gradients on the way"),
    (SHAPLEY, lambda value, players: [value({player}) for player in range(players)], "worth alone"),
    (SHAPLEY, last, "when it comes last"),
    (SHAPLEY, with_everybody_before, "subtract what was there before"),
    (SHAPLEY, banzhaf, "weigh all sets alike"),
    (SHAPLEY, lambda value, players: 6 * right_shares(value, players), "divide by their number"),
    (SHAPLEY, lambda value, players: np.full(players, value(set(range(players))) / players), "fair, not equal"),
    (SHAPLEY, lambda value, players: right_shares(value, players)[::-1], "over all orders"),
]


@pytest.mark.parametrize(("check", "function"), [(INTEGRATED, right_gradients), (SHAPLEY, right_shares)])
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [INTEGRATED, SHAPLEY])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
