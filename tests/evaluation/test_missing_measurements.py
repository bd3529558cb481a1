"""What was not measured, where, and in whom."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.data.phantoms.hospitals import heart_phantom
from helpers.evaluation.missing_measurements import missing_by_diagnosis, missing_shares
from helpers.runtime import InputError


def test_shares_by_hospital_and_by_diagnosis():
    dataset = heart_phantom()
    shares = missing_shares(dataset)
    assert shares.shape == (13, 4)
    assert shares.loc["cholesterol (mg/dl)", "hospital C"] == 1 and shares.loc["age (years)"].max() == 0
    measurement = "slope of ST on exertion"
    table = missing_by_diagnosis(dataset, measurement)
    here = dataset.sites == 1
    gaps = np.isnan(dataset.inputs[here, dataset.feature_names.index(measurement)])
    ill = dataset.targets[here] == 1
    assert table.loc["hospital B", "ill"] == gaps[ill].mean()
    assert table.loc["hospital B", ["healthy", "ill"]].tolist() == pytest.approx([gaps[~ill].mean(), gaps[ill].mean()])
    assert table.loc["hospital B", ["healthy_patients", "ill_patients"]].tolist() == [(~ill).sum(), ill.sum()]


def test_eight_healthy_patients_without_a_gap_prove_nothing():
    """Switzerland: 0 of 8 healthy and 17 of 115 ill lack the slope; Fisher's exact test gives p = 0.60."""
    phantom = heart_phantom()
    place = phantom.feature_names.index("slope of ST on exertion")
    healthy, ill = (np.flatnonzero(phantom.targets == label) for label in (0, 1))
    dataset = phantom.select(np.concatenate([healthy[:8], ill[:115]]))
    inputs = dataset.inputs.copy()
    inputs[:, place] = 1
    inputs[np.flatnonzero(dataset.targets == 1)[:17], place] = np.nan
    one = replace(dataset, inputs=inputs, sites=np.zeros(123, dtype=int), site_names=("Switzerland",))
    row = missing_by_diagnosis(one, "slope of ST on exertion").loc["Switzerland"]
    assert row["gap"] == pytest.approx(17 / 115)
    # Newcombe's method 10 by hand: Wilson's 95 % intervals are 0 to 0.3244 for 0 / 8 and 0.0944 to 0.2240 for 17 / 115.
    assert row["low"] == pytest.approx(0.1478 - np.hypot(0.1478 - 0.0944, 0.3244), abs=5e-4)
    assert row["high"] == pytest.approx(0.2240, abs=5e-4)


def test_bad_input():
    with pytest.raises(InputError, match="no measurement 'height'"):
        missing_by_diagnosis(heart_phantom(), "height")
    with pytest.raises(InputError, match="several hospitals"):
        missing_shares(replace(heart_phantom(), sites=None))
