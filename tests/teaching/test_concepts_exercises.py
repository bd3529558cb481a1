"""Checks of 01_concepts: right answers pass, typical wrong ones get the hint that helps."""

import pytest

from helpers.teaching.exercises import concepts

SIZE, MOVE = concepts.check_separable_parameters, concepts.check_probability_elsewhere


def odds(probability):
    return probability / (1 - probability)


def right_size(side, channels, maps):
    return side**2 * channels + channels * maps + maps


def right_move(probability, here, there):
    moved = odds(probability) * odds(there) / odds(here)
    return moved / (1 + moved)


def backwards(probability, here, there):
    return right_move(probability, there, here)


def without_division(probability, here, there):
    moved = odds(probability) * odds(there)
    return moved / (1 + moved)


WRONG = [
    (SIZE, lambda side, channels, maps: (side**2 * channels + 1) * maps, "ordinary convolution"),
    (SIZE, lambda side, channels, maps: side**2 * channels + channels * maps, "has a bias as well"),
    (SIZE, lambda side, channels, maps: side**2 * channels + maps, "each pair of channel and map, not only"),
    (SIZE, lambda side, channels, maps: side**2 + channels * maps + maps, "a kernel of its own for each channel"),
    (SIZE, lambda side, channels, maps: right_size(side, channels, maps) + channels, "no bias of its own"),
    (SIZE, lambda *_: 42, "one kernel for each channel"),
    (MOVE, lambda probability, here, there: probability * there / here, "they multiply odds"),
    (MOVE, lambda probability, here, there: probability, "already holds the share"),
    (MOVE, backwards, "wrong way round"),
    (MOVE, lambda probability, here, there: odds(probability) * odds(there) / odds(here), "these are odds"),
    (MOVE, without_division, "divide by the odds of *that* share"),
    (MOVE, lambda *_: 0.123, "odds = p / (1 - p)"),
]


@pytest.mark.parametrize(("check", "function"), [(SIZE, right_size), (MOVE, right_move)])
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [SIZE, MOVE])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
