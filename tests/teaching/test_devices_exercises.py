"""Checks of 14_devices: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.teaching.exercises import devices


def right_codes(values, scale, zero_point):
    return np.minimum(np.maximum(np.rint(values / scale) + zero_point, -128), 127)


def wrapped(values, scale, zero_point):
    return (np.round(values / scale) + zero_point).astype(np.int64).astype(np.int8)


def right_count(seconds, called, hold):
    starts = []
    for time in np.asarray(seconds)[called]:
        if not starts or time > starts[-1] + hold:
            starts.append(time)
    return len(starts)


def by_gaps(seconds, called, hold):
    times = seconds[called]
    return int(np.sum(np.diff(times) > hold) + 1) if len(times) else 0


def by_ends(begin, belongs):
    def count(seconds, called, hold):
        alarms, end = 0, begin
        for time in seconds[called]:
            if not belongs(time, end):
                alarms, end = alarms + 1, time + hold
        return alarms

    return count


CODES, COUNT = devices.check_quantize, devices.check_count_alarms
WRONG = [
    (CODES, lambda v, s, z: np.clip(np.trunc(v / s) + z, -128, 127), "cuts off instead of rounding"),
    (CODES, lambda v, s, z: np.clip(np.floor(v / s) + z, -128, 127), "cuts off instead of rounding"),
    (CODES, lambda v, s, z: np.round(v / s) + z, "keep the codes between"),
    (CODES, wrapped, "wrapped around"),
    (CODES, lambda v, s, z: np.clip(np.round(v / s) - z, -128, 127), "added on the way to codes"),
    (CODES, lambda v, s, z: np.clip(np.round(v / s), -128, 127), "zero point is missing"),
    (CODES, lambda v, s, z: np.clip(np.round(v * s) + z, -128, 127), "divide by the scale: a code"),
    (CODES, lambda v, s, z: np.round(v), "divide by the scale, round"),
    (COUNT, lambda t, c, h: np.sum(c), "these are all calls"),
    (COUNT, by_gaps, "from the *start* of an alarm"),
    (COUNT, lambda t, c, h: len(t), "this counts beats"),
    (COUNT, lambda t, c, h: max(1, right_count(t, c, h)), "without any call"),
    (COUNT, lambda t, c, h: len(np.unique(t[c] // h)), "not by the clock"),
    (COUNT, by_ends(-np.inf, lambda time, end: time < end), "exactly 10 s after it still belongs"),
    (COUNT, by_ends(0.0, lambda time, end: time <= end), "a call at 0 s is missed"),
    (COUNT, lambda t, c, h: 5, "the next one starts anew"),
]


@pytest.mark.parametrize(("check", "function"), [(CODES, right_codes), (COUNT, right_count)])
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [CODES, COUNT])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
