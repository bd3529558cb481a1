"""Sums that add up to the pooled table: mean, deviation and columns are those of all patients together."""

import numpy as np
import pytest

from helpers.data import catalog, hospital_tables
from helpers.data.heart_columns import CATEGORIES, COLUMNS, NUMBERS
from helpers.runtime import InputError

PATIENTS = catalog.load("heart-phantom")
HOSPITALS = [hospital_tables.patients_of(PATIENTS, name) for name in PATIENTS.site_names]


def table(rows=20):
    """Everything measured, all numbers different."""
    values = np.tile([float(column.codes and next(iter(column.codes)) or 0) for column in COLUMNS], (rows, 1))
    values[:, NUMBERS] = np.arange(rows)[:, None] + 100.0
    return values


def test_every_patient_is_in_one_hospital():
    assert [len(hospital) for hospital in HOSPITALS] == [300, 300, 120, 200]
    np.testing.assert_array_equal(np.sort(np.concatenate([one.groups for one in HOSPITALS])), PATIENTS.groups)


def test_unknown_hospital():
    with pytest.raises(InputError, match="no hospital 'Cleveland': there are hospital A, hospital B"):
        hospital_tables.patients_of(PATIENTS, "Cleveland")


def test_sums_of_hospitals_give_mean_and_deviation_of_the_pooled_table():
    total = np.sum([hospital_tables.column_sums(one.inputs) for one in HOSPITALS], axis=0)
    mean, deviation = hospital_tables.mean_and_deviation(total)
    measured = np.isfinite(PATIENTS.inputs[:, NUMBERS])
    # hospitals B and D each tell less than they have where they measured nearly nothing; these columns they tell in full
    full = [place for place in range(len(NUMBERS)) if total[0, place] == measured[:, place].sum()]
    assert len(full) >= 5
    pooled = PATIENTS.inputs[:, NUMBERS][:, full]
    np.testing.assert_allclose(mean[full], np.nanmean(pooled, axis=0), rtol=1e-12)
    np.testing.assert_allclose(deviation[full], np.nanstd(pooled, axis=0), rtol=1e-9)
    scaled = np.concatenate([hospital_tables.prepare(one.inputs, total) for one in HOSPITALS])[:, full]
    expected = np.nan_to_num((pooled - np.nanmean(pooled, axis=0)) / np.nanstd(pooled, axis=0))
    order = np.concatenate([one.groups for one in HOSPITALS])
    np.testing.assert_allclose(scaled, expected[order], atol=1e-5)


def test_what_hardly_anybody_had_measured_is_told_as_not_measured():
    few, enough = table(), table()
    few[4:, NUMBERS[1]] = np.nan
    enough[5:, NUMBERS[1]] = np.nan
    np.testing.assert_array_equal(hospital_tables.column_sums(few)[:, 1], [0, 0, 0])
    np.testing.assert_array_equal(
        hospital_tables.column_sums(enough)[:, 1], [5, 510, sum((100.0 + k) ** 2 for k in range(5))]
    )
    assert (hospital_tables.column_sums(few)[0, [0, 2, 3]] == 20).all()


@pytest.mark.parametrize("value", [np.nan, 0.0, 0.1, 250.3])
def test_a_column_that_says_nothing_becomes_zero(value):
    inputs = table()
    inputs[:, NUMBERS[2]] = value
    prepared = hospital_tables.prepare(inputs, hospital_tables.column_sums(inputs))
    np.testing.assert_array_equal(prepared[:, 2], 0)
    assert np.isfinite(prepared).all() and prepared.dtype == np.float32
    np.testing.assert_allclose(prepared[:, 1].std(), 1, rtol=1e-5)


def test_each_code_has_a_column_and_a_missing_one_has_none():
    inputs = table()
    inputs[0, CATEGORIES[0]] = np.nan
    prepared = hospital_tables.prepare(inputs, hospital_tables.column_sums(inputs))
    assert prepared.shape == (20, hospital_tables.FEATURES)
    codes = prepared[:, len(NUMBERS) :]
    assert set(np.unique(codes)) == {0.0, 1.0}
    np.testing.assert_array_equal(codes.sum(axis=1), [len(CATEGORIES) - 1, *[len(CATEGORIES)] * 19])


def test_patients_kept_for_testing_are_always_the_same_third_of_both_classes():
    for hospital in HOSPITALS:
        kept = hospital_tables.for_testing(hospital.targets)
        np.testing.assert_array_equal(kept, hospital_tables.for_testing(hospital.targets))
        for label in (0, 1):
            of_class = hospital.targets == label
            assert abs(kept[of_class].sum() - 0.3 * of_class.sum()) <= 1


@pytest.mark.parametrize("targets", [[1, 1, 1, 1], [0, 0, 0, 1]])
def test_one_class_cannot_be_tested(targets):
    with pytest.raises(InputError, match="at least two of each"):
        hospital_tables.for_testing(np.array(targets))
