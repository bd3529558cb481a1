"""Maps of probabilities: closed forms, the order kept, nothing broken accepted."""

import subprocess
import sys

import numpy as np
import pytest

from helpers.runtime import InputError
from helpers.training.recalibration import recalibrated

PROBABILITY = np.array([0.0, 1e-30, 0.1, 0.5, 0.9, 1 - 1e-7, 1.0])


def odds(values):
    return values / (1 - values)


def test_a_temperature_takes_the_root_of_the_odds_and_a_logistic_map_scales_them():
    inside = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(odds(recalibrated(inside, "temperature", {"temperature": 2.0})), odds(inside) ** 0.5)
    found = recalibrated(inside, "logistic", {"slope": 1.0, "intercept": np.log(3)})
    np.testing.assert_allclose(odds(found), 3 * odds(inside))


def test_an_isotonic_map_is_a_broken_line_that_ends_level():
    line = {"probability": [0.2, 0.4, 0.8], "calibrated": [0.1, 0.5, 0.6]}
    found = recalibrated(np.array([0.0, 0.2, 0.3, 0.6, 1.0]), "isotonic", line)
    np.testing.assert_allclose(found, [0.1, 0.1, 0.3, 0.55, 0.6])


def test_nothing_is_changed_by_none_and_the_result_is_a_copy():
    found = recalibrated(PROBABILITY, "none", {})
    np.testing.assert_array_equal(found, PROBABILITY)
    assert found is not PROBABILITY


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("none", {}),
        ("temperature", {"temperature": 3.0}),
        ("logistic", {"slope": 0.3, "intercept": 2.0}),
        ("isotonic", {"probability": [0.2, 0.8], "calibrated": [0.3, 0.7]}),
    ],
)
def test_the_order_of_the_cases_stays_and_values_stay_probabilities(kind, parameters):
    found = recalibrated(PROBABILITY, kind, parameters)
    assert found.dtype == np.float64 and np.all((found >= 0) & (found <= 1))
    assert np.all(np.diff(found) >= 0)


def test_scores_that_single_precision_tells_apart_stay_apart():
    close = np.nextafter(np.float32(1), np.float32(0)), np.float32(1)
    first, second = recalibrated(np.array(close), "temperature", {"temperature": 2.0})
    assert first < second


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        ("magic", {}, "unknown recalibration 'magic': choose one of none"),
        ("temperature", {}, "lacks 'temperature'"),
        ("temperature", {"temperature": 0.0}, "above 0"),
        ("logistic", {"slope": -1.0, "intercept": 0.0}, "slope is below 0"),
        ("isotonic", {"probability": [], "calibrated": []}, "no corners"),
        ("isotonic", {"probability": [0.1, 0.2], "calibrated": [0.5, 0.4]}, "falls"),
    ],
)
def test_what_is_no_map_is_refused(kind, parameters, words):
    with pytest.raises(InputError, match=words):
        recalibrated(PROBABILITY, kind, parameters)


def test_tensorflow_is_not_needed():
    code = "import sys; import helpers.training.recalibration; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
