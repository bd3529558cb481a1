"""Every seed on every split: cells are what they say, splits do not depend on seeds, groups stay together."""

import numpy as np
import pytest

from helpers.evaluation.crossed_design import crossed_aurocs
from helpers.runtime import InputError


def cohort(patients=30, tiles=8, signal=1.0):
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(patients), tiles)
    targets = generator.integers(0, 2, len(groups))
    features = generator.normal(size=(len(groups), 4)) + 1000
    features[:, 0] += signal * targets
    return features, targets, groups


SIZES = {"splits": 3, "epochs": 10}


def test_cells_do_not_depend_on_their_neighbors():
    table = crossed_aurocs(*cohort(), seeds=[7, 8], **SIZES)
    assert table.shape == (3, 2) and ((table > 0.6) & (table < 0.95)).all()
    np.testing.assert_array_equal(table[:, 1:], crossed_aurocs(*cohort(), seeds=[8], **SIZES))
    np.testing.assert_array_equal(table[:2], crossed_aurocs(*cohort(), seeds=[7, 8], splits=2, epochs=10))


def test_a_patient_is_never_on_both_sides():
    """A column that names the patient teaches nothing about others: where labels follow patients, it would shine otherwise."""
    _, _, groups = cohort(60)
    generator = np.random.default_rng(1)
    targets = generator.integers(0, 2, 60)[groups]
    names = generator.normal(size=(60, 6))[groups]
    table = crossed_aurocs(names, targets, groups, splits=12, seeds=[0], epochs=30)
    assert abs(table.mean() - 0.5) < 0.12


def test_without_signal_every_score_is_luck():
    table = crossed_aurocs(*cohort(60, signal=0.0), seeds=[0, 1], splits=8, epochs=5)
    assert abs(table.mean() - 0.5) < 0.05


def test_arithmetic_reaches_the_network():
    plain, double = (
        crossed_aurocs(*cohort(), seeds=[0], precision=precision, **SIZES) for precision in ("float32", "float64")
    )
    np.testing.assert_allclose(plain, double, atol=0.01)
    with pytest.raises(InputError, match="float16"):
        crossed_aurocs(*cohort(), seeds=[0], precision="float16", **SIZES)


def test_a_constant_column_is_no_obstacle():
    features, targets, groups = cohort()
    features[:, 3] = 5.0
    assert np.isfinite(crossed_aurocs(features, targets, groups, seeds=[0], **SIZES)).all()


def test_one_class_on_one_side():
    features, targets, groups = cohort()
    with pytest.raises(InputError, match="one class only"):
        crossed_aurocs(features, (groups == 0).astype(int), groups, seeds=[0], **SIZES)
