"""Codes for missing values, by hand: what is one, and what only looks like it."""

import numpy as np
import pytest

from helpers.evaluation.audit.missing import missing_codes

GENERATOR = np.random.default_rng(5)
PRESSURE = np.round(GENERATOR.normal(130, 15, 200))


def codes(values):
    return [(code.value, len(code.rows), code.far) for code in missing_codes(np.asarray(values, float))]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.append(PRESSURE, [0, 0, 0]), [(0, 3, True)]),
        (np.append(PRESSURE, [-9] * 4), [(-9, 4, True)]),
        (np.append(PRESSURE, [999, 9999, 9999]), [(999, 1, True), (9999, 2, True)]),
        (np.tile([1, 2, 3, 9], 20), [(9, 20, True)]),
        (np.append(np.linspace(0, 6, 100), [-1] * 3), [(-1, 3, False)]),
        (np.append(np.arange(20, 110).repeat(2), [99] * 30), [(99, 32, False)]),
    ],
    ids=["zero", "minus nine", "two codes", "nine in categories", "only negative", "tower"],
)
def test_codes_are_found(values, expected):
    assert codes(values) == expected


@pytest.mark.parametrize(
    "values",
    [
        PRESSURE,
        np.append(np.zeros(100), np.linspace(0.1, 6, 100)),  # a depression of the ECG is often 0
        np.append(np.zeros(100), np.arange(1, 51)),  # pack years
        np.tile([0, 50, 75, 100], 30),  # doses
        np.tile([0, 1], 60),
        np.tile([-1, 0, 1], 40),
        np.arange(0, 10).repeat(8),  # a score up to 9
        GENERATOR.normal(0, 1, 200),
        np.append(np.arange(18, 99), [99, 99]),  # two old people
        np.full(50, 9.0),
        np.full(50, np.nan),
        [0, 100, 120],
    ],
)
def test_what_only_looks_like_a_code(values):
    assert codes(values) == []


def test_rows_and_range():
    (code,) = missing_codes(np.insert(PRESSURE, [3, 50], 0))
    np.testing.assert_array_equal(code.rows, [3, 51])
    assert (code.low, code.high) == (PRESSURE.min(), PRESSURE.max())


def test_missing_values_are_no_codes_and_do_not_disturb():
    values = np.append(PRESSURE, [np.nan] * 20 + [0.0])
    assert codes(values) == [(0, 1, True)]
