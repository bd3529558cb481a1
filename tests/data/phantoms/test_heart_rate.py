"""Heart rates of generated patients: as long as asked for, in the patient's own range, and apart by patient."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.data.phantoms import heart_rate
from helpers.data.phantoms.ecg_patient import sample_patient
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def rates():
    return heart_rate.heart_rate_phantom(patients=12, windows=6, seen=20)


def test_shapes_units_and_parts(rates):
    assert rates.inputs.shape == (72, 20, 1) and rates.targets.shape == (72,) and rates.task == "regression"
    assert rates.inputs.min() > 30 and rates.inputs.max() < 200
    for part in ("train", "validation", "test"):
        assert len(np.unique(rates.part(part).groups)) >= 2
    sides = {(group, side) for group, side in zip(rates.groups, rates.split, strict=True)}
    assert len(sides) == 12


def test_windows_continue_one_another(rates):
    one = rates.select(rates.groups == 3)
    np.testing.assert_array_equal(one.inputs[1:, :10], one.inputs[:-1, 10:])
    np.testing.assert_allclose(one.targets[:-1], one.inputs[1:, 10, 0], rtol=1e-6)


def test_mean_rate_is_the_patients(rates):
    for number in range(12):
        expected = sample_patient(heart_rate.DATASET_SEED, number).heart_rate
        found = 60 / np.mean(60 / rates.inputs[rates.groups == number, :, 0])
        assert abs(found / expected - 1) < 0.06


def test_a_patient_without_variability_has_a_constant_rate(monkeypatch):
    def steady(seed, number):
        patient = sample_patient(seed, number)
        return replace(patient, rhythm=replace(patient.rhythm, deviation=0.0, irregularity=0.0))

    monkeypatch.setattr(heart_rate, "sample_patient", steady)
    rates = heart_rate.heart_rate_phantom(patients=10, windows=2, seen=8)
    np.testing.assert_allclose(rates.targets, rates.inputs[:, -1, 0], rtol=1e-5)


@pytest.mark.parametrize("sizes", [(9, 4, 8), (10, 0, 8), (10, 4, 7)])
def test_bad_input(sizes):
    with pytest.raises(InputError, match="at least 10 patients"):
        heart_rate.heart_rate_phantom(*sizes)
