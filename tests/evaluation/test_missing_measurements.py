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
    assert table.loc["hospital B"].tolist() == pytest.approx([gaps[~ill].mean(), gaps[ill].mean()])


def test_bad_input():
    with pytest.raises(InputError, match="no measurement 'height'"):
        missing_by_diagnosis(heart_phantom(), "height")
    with pytest.raises(InputError, match="several hospitals"):
        missing_shares(replace(heart_phantom(), sites=None))
