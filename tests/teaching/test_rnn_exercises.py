"""Checks of 03_rnn: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.teaching.exercises import rnn


def gate(steps):
    return 0.5 ** (1 / steps)


def right_bias(steps):
    return -np.log(2 ** (1 / steps) - 1)


def right_update(gate, old, candidate):
    return candidate + gate * (old - candidate)


BIAS, UPDATE = rnn.check_forget_bias, rnn.check_gated_update
WRONG = [
    (BIAS, gate, "this is the gate itself"),
    (BIAS, lambda steps: -right_bias(steps), "sign is wrong"),
    (BIAS, lambda steps: 1 / (1 + np.exp(-gate(steps))), "way back"),
    (BIAS, lambda steps: np.log(gate(steps)), "not log(f) alone"),
    (BIAS, lambda steps: 1.0, "same bias for every distance"),
    (BIAS, lambda steps: 0.5 / steps, "product is 1/2"),
    (UPDATE, lambda gate, old, candidate: gate * candidate + (1 - gate) * old, "the other way round"),
    (UPDATE, lambda gate, old, candidate: candidate, "forgets everything"),
    (UPDATE, lambda gate, old, candidate: gate * old + candidate, "add up to 1"),
    (UPDATE, lambda gate, old, candidate: gate @ old.T, "number by number"),
    (UPDATE, lambda gate, old, candidate: old, "weighted mean"),
]


@pytest.mark.parametrize(("check", "function"), [(BIAS, right_bias), (UPDATE, right_update)])
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [BIAS, UPDATE])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
