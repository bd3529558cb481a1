"""The heart phantom: structural equations that point the right way, an oracle that is calibrated, gaps as described."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from helpers.data import catalog
from helpers.data.heart_columns import CATEGORIES, COLUMNS, KEYS, NUMBERS, require_heart_table
from helpers.data.phantoms import heart_patients, hospitals
from helpers.evaluation.calibration import recalibration
from helpers.runtime import InputError


def column(values, key):
    return values[:, KEYS.index(key)]


@pytest.fixture(scope="module")
def many():
    """Twenty thousand complete patients of one hospital, and their severity."""
    hospital = heart_patients.Hospital("large", 20_000, age=54, male=0.7, level=0.0)
    return hospital, *heart_patients.draw_patients(np.random.default_rng(3), hospital)


def test_it_is_what_the_entry_says():
    entry, dataset = catalog.describe("heart-phantom"), require_heart_table(catalog.load("heart-phantom"))
    assert (dataset.name, dataset.class_names) == (entry.name, entry.class_names)
    assert dataset.source.synthetic and np.bincount(dataset.sites).tolist() == [300, 300, 120, 200]
    again = hospitals.heart_phantom()
    np.testing.assert_array_equal(dataset.inputs, again.inputs)


def test_every_value_is_one_that_the_code_book_has(many):
    _, values, severity = many
    for place in CATEGORIES:
        assert set(np.unique(values[:, place])) == set(COLUMNS[place].codes)
    for place in NUMBERS:
        assert COLUMNS[place].lowest <= values[:, place].min() and values[:, place].max() <= COLUMNS[place].highest
    assert set(np.unique(severity)) == {0, 1, 2, 3, 4}


def test_causes_and_effects_point_the_way_of_the_textbooks(many):
    _, values, severity = many
    ill = severity > 0
    for cause in ("age", "sex", "chol", "trestbps"):
        assert column(values, cause)[ill].mean() > column(values, cause)[~ill].mean()
    assert column(values, "thalach")[ill].mean() < column(values, "thalach")[~ill].mean() - 8
    by_severity = [column(values, "oldpeak")[severity == level].mean() for level in range(5)]
    assert by_severity == sorted(by_severity)


def test_the_oracle_is_calibrated_and_nothing_ranks_better(many):
    hospital, values, severity = many
    oracle, ill = heart_patients.oracle_probability(hospital, values), (severity > 0).astype(int)
    fitted = recalibration(ill, oracle)
    assert fitted.slope.low < 1 < fitted.slope.high and fitted.slope.width < 0.1
    assert fitted.intercept.low < 0 < fitted.intercept.high
    assert roc_auc_score(ill, oracle) > max(roc_auc_score(ill, values[:, place]) for place in NUMBERS) + 0.1
    # A score that leaves one true finding out of account must rank worse.
    scan = np.log(heart_patients.THALLIUM[1:].mean(axis=0) / heart_patients.THALLIUM[0])
    place = np.searchsorted(heart_patients.THALLIUM_CODES, column(values, "thal"))
    assert roc_auc_score(ill, logit(oracle) - scan[place]) < roc_auc_score(ill, oracle) - 0.005


def test_what_is_missing_follows_the_habits_of_each_hospital():
    dataset = hospitals.heart_phantom()
    gaps = {key: np.isnan(column(dataset.inputs, key)) for key in KEYS}
    a, b, c, d = (dataset.sites == site for site in range(4))
    assert gaps["chol"][c].all() and not gaps["chol"][a].any()
    assert all(gap[a].mean() < 0.05 for gap in gaps.values())
    level = column(dataset.inputs, "oldpeak")
    assert gaps["slope"][b & (level == 0)].all() and gaps["slope"][b & (level > 0)].mean() < 0.15
    assert (gaps["thalach"][d] == gaps["exang"][d]).all() and 0.1 < gaps["thalach"][d].mean() < 0.4
    assert dataset.truth["graded"].tolist() == (~b).tolist()


def test_a_smaller_phantom_is_a_part_of_the_whole():
    whole, small = hospitals.heart_phantom(), hospitals.heart_phantom(460)
    assert len(small) == 460
    for site in range(4):
        inside = small.inputs[small.sites == site]
        np.testing.assert_array_equal(inside, whole.inputs[whole.sites == site][: len(inside)])
    with pytest.raises(InputError, match="at least 400"):
        hospitals.heart_phantom(399)
