"""Checks of 03_rnn: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_forget_bias(function: Callable) -> None:
    """Exercise 1: ``function(steps)`` is the bias at which half of a memory is left after so many steps."""
    steps = (1, 10, 100)
    gates = [0.5 ** (1 / number) for number in steps]
    expected = [float(np.log(gate / (1 - gate))) for gate in gates]
    found = [attempt(function, number) for number in steps]

    def all_close(values) -> bool:
        return all(close(one, value) for one, value in zip(found, values, strict=True))

    hint = "first the gate: it is multiplied with itself once per step, and the product is 1/2; then the bias behind it"
    if all_close(gates):
        hint = "this is the gate itself; the bias is what the sigmoid turns into it: take the logit, log(f / (1 - f))"
    elif all_close([-value for value in expected]):
        hint = "the sign is wrong: an open gate, near 1, needs a bias above 0"
    elif all_close([1 / (1 + np.exp(-gate)) for gate in gates]):
        hint = "the sigmoid goes from bias to gate; you need the way back, the logit"
    elif all_close([np.log(gate) for gate in gates]):
        hint = "the sigmoid's inverse is log(f / (1 - f)), not log(f) alone"
    elif all(isinstance(one, int | float | np.number) for one in found) and np.ptp(found) == 0:
        hint = "the same bias for every distance: the longer a memory is to last, the further open the gate must be"
    solved = all_close(expected)
    answer(solved, "for long memories the bias grows like the logarithm of the distance", hint, *found)


def check_gated_update(function: Callable) -> None:
    """Exercise 2: ``function(gate, old, candidate)`` is the new state of a GRU; arrays (samples, units)."""
    gate = np.array([[0.0, 1.0, 0.25], [0.5, 0.9, 1.0]])
    old = np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]])
    candidate = np.array([[-1.0, 0.5, 1.0], [0.25, -0.5, -1.0]])
    expected = gate * old + (1 - gate) * candidate
    found = attempt(function, gate, old, candidate)
    hint = "a weighted mean of the two: the gate's share of the old state and the rest of the candidate"
    if close(found, gate * candidate + (1 - gate) * old):
        hint = "the other way round: in the formula above an open gate, z = 1, keeps the old state"
    elif close(found, candidate):
        hint = "this forgets everything at every step, whatever the gate says: mix in the old state"
    elif close(found, old + (1 - gate) * candidate) or close(found, gate * old + candidate):
        hint = "both shares must add up to 1, or the state grows and grows"
    elif np.shape(found) != old.shape:
        hint = "the new state has the shape of the old one: multiply number by number (*)"
    answer(close(found, expected), "an open gate carries the old state on untouched, and its gradient too", hint, found)
