"""Checks of 14_devices: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_quantize(function: Callable) -> None:
    """Exercise 1: ``function(values, scale, zero_point)``, numbers to 8-bit codes between -128 and 127."""
    # By hand, in quarters and with 3 for zero; the last two lie beyond what 8 bits can tell.
    values = np.array([0.0, 0.25, -0.2, 1.1, 50.0, -50.0])
    expected = np.array([3, 4, 2, 7, 127, -128])
    found = attempt(function, values.copy(), 0.25, 3)
    halves = attempt(function, np.array([0.6, -0.6]), 0.5, 0)
    hint = "divide by the scale, round, add the zero point, then keep the result between -128 and 127"
    if close(found, np.clip(np.trunc(values / 0.25) + 3, -128, 127)) or close(
        found, np.clip(np.floor(values / 0.25) + 3, -128, 127)
    ):
        hint = "this cuts off instead of rounding: -0.2 in quarters is nearest to -1, so its code is 2"
    elif close(found, np.round(values / 0.25) + 3):
        hint = "50.0 gets a code beyond 127: keep the codes between -128 and 127"
    elif close(found, (np.round(values / 0.25) + 3).astype(np.int64).astype(np.int8)):
        hint = "50.0 has wrapped around to another number: clip *before* turning the codes into 8-bit numbers"
    elif close(found, np.clip(np.round(values / 0.25) - 3, -128, 127)):
        hint = "the zero point is added on the way to codes and taken away on the way back"
    elif close(found, np.clip(np.round(values / 0.25), -128, 127)):
        hint = "the zero point is missing: 0.0 has the code 3 here"
    elif close(found, np.clip(np.round(values * 0.25) + 3, -128, 127)):
        hint = "divide by the scale: a code says how many steps of that size a number is away from zero"
    praise = "what lies beyond the scale is clipped, which is why the representative set has to represent"
    answer(close(found, expected) and close(halves, [1, -1]), praise, hint, found, halves)


def check_count_alarms(function: Callable) -> None:
    """Exercise 2: ``function(seconds, called, hold)``, how many alarms a list of called beats makes."""
    seconds = np.array([0.0, 1.0, 4.0, 9.0, 12.0, 18.0, 30.0, 40.0, 41.0])
    called = np.array([0, 1, 1, 0, 1, 1, 0, 1, 1], dtype=bool)
    # Called at 1, 4, 12, 18, 40, 41: the alarm of 1 ends at 11, that of 12 at 22, that of 40 at 50.
    found = attempt(function, seconds.copy(), called.copy(), 10.0)
    brief = attempt(function, seconds.copy(), called.copy(), 0.5)
    silent = attempt(function, seconds.copy(), np.zeros(9, dtype=bool), 10.0)
    # 30 lies exactly on the end of the alarm that 20 began, and 0 is a time like any other: alarms of 0, 20 and 38.
    edges = attempt(function, np.array([0.0, 20.0, 25.0, 30.0, 38.0, 41.0]), np.ones(6, dtype=bool), 10.0)
    across = attempt(function, np.array([5.0, 12.0]), np.ones(2, dtype=bool), 10.0)
    hint = "the first call starts an alarm; calls up to `hold` seconds after its *start* belong to it; the next one starts anew"
    if close(found, 6):
        hint = "these are all calls: those within `hold` seconds of the start of an alarm belong to it"
    elif close(found, 2):
        hint = "the hold runs from the *start* of an alarm: 12 lies 11 s after 1, although only 8 s after the call before it"
    elif close(found, 9):
        hint = "this counts beats: look only at those that were called"
    elif close(silent, 1) and close(found, 3):
        hint = "without any call there is no alarm"
    elif close(across, 2):
        hint = (
            "an alarm runs from its first call, not by the clock: 5 and 12 lie within 10 s, though not in the same ten"
        )
    elif close(edges, 4):
        hint = "*up to* `hold` seconds after the start: a call exactly 10 s after it still belongs to the alarm"
    elif close(edges, 2):
        hint = "a call at 0 s is missed: before the first call no alarm is running, so its end lies before every time"
    praise = "six calls, three alarms: what a nurse hears"
    right = close(found, 3) and close(brief, 6) and close(silent, 0) and close(edges, 3) and close(across, 1)
    answer(right, praise, hint, found, brief, silent, edges, across)
