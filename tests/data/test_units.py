"""Units: factors as published, there and back, and which values can be what they are said to be."""

import numpy as np
import pytest

from helpers.data.units import analyte, analytes, check_unit
from helpers.runtime import InputError

# AMA Manual of Style, table of conversions from conventional to SI units.
PUBLISHED = {
    "cholesterol": 0.0259,
    "HDL cholesterol": 0.0259,
    "triglycerides": 0.0113,
    "glucose": 0.0555,
    "fasting glucose": 0.0555,
    "creatinine": 88.4,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_factors_from_molar_masses_are_the_published_ones(name):
    measured = analyte(name)
    assert measured.factor(measured.mole_unit) == pytest.approx(PUBLISHED[name], rel=0.003)
    assert measured.factor("mg/dL") == 1


def test_known_pairs_of_values():
    assert analyte("cholesterol").convert(200.0, "mg/dL", "mmol/L") == pytest.approx(5.17, abs=0.01)
    assert analyte("glucose").convert(7.0, "mmol/L", "mg/dL") == pytest.approx(126, abs=0.5)  # the limit of diabetes
    assert analyte("creatinine").convert(1.0, "mg/dL", "umol/L") == pytest.approx(88.4, abs=0.1)


@pytest.mark.parametrize("name", PUBLISHED)
def test_there_and_back(name):
    measured = analyte(name)
    values = np.array([[1.5, 20.0], [np.nan, 300.0]])
    there = measured.convert(values, "mg/dL", measured.mole_unit)
    np.testing.assert_allclose(measured.convert(there, measured.mole_unit, "mg/dL"), values, rtol=1e-12)
    assert measured.other_unit("mg/dL") == measured.mole_unit and measured.other_unit(measured.mole_unit) == "mg/dL"


def test_every_analyte_can_be_told_apart_by_code_and_has_a_source():
    codes = [code for known in analytes().values() for code in known.loinc.values()]
    assert len(set(codes)) == len(codes) == 2 * len(analytes())
    for known in analytes().values():
        assert known.references and known.lowest < known.highest
        for one in known.references:
            assert one.source and one.whom and not (one.low is None and one.high is None)
            assert all(known.lowest <= end <= known.highest for end in (one.low, one.high) if end is not None)


def test_a_reference_range_is_for_somebody():
    """1.3 mg/dL of creatinine is a man's normal and a woman's kidney disease; sugar is judged by when it was taken."""
    ends = {one.whom: (one.low, one.high) for one in analyte("creatinine").references}
    assert ends["women"][1] < 1.3 < ends["men"][1]
    (fasting,), (anytime,) = (analyte(name).references for name in ("fasting glucose", "glucose"))
    assert (fasting.low, fasting.high, anytime.high) == (None, 100, 200)


def test_a_mixed_column_is_sorted():
    found = check_unit(np.array([210.0, 5.4, np.nan, 20000.0, 0.3]), analyte("cholesterol"), "mg/dL")
    np.testing.assert_array_equal(found.stated, [True, False, False, False, False])
    np.testing.assert_array_equal(found.other, [False, True, False, False, False])
    np.testing.assert_array_equal(found.neither, [False, False, False, True, True])
    assert not found.either.any()


def test_where_both_are_possible_the_check_says_so():
    """25 may be the mg/dL of a coma or the mmol/L of another one; and so may be all that the healthy have in mg/dL."""
    everyday = np.array([10.0, 70.0, 99.0, 111.0, 112.0])
    np.testing.assert_array_equal(check_unit(everyday, analyte("glucose"), "mg/dL").either, [True] * 4 + [False])
    found = check_unit(np.array([25.0, 5.0, 300.0]), analyte("glucose"), "mmol/L")
    np.testing.assert_array_equal(found.either, [True, False, False])
    np.testing.assert_array_equal(found.stated, [False, True, False])
    np.testing.assert_array_equal(found.other, [False, False, True])


def test_the_other_way_round():
    found = check_unit(np.array([5.4, 210.0]), analyte("cholesterol"), "mmol/L")
    np.testing.assert_array_equal(found.other, [False, True])


def test_refused():
    with pytest.raises(InputError, match="known are cholesterol"):
        analyte("phlogiston")
    with pytest.raises(InputError, match="mg/dL or umol/L"):
        analyte("creatinine").convert(1.0, "mmol/L", "mg/dL")
    with pytest.raises(InputError, match="mg/dL or mmol/L"):
        check_unit(np.array([1.0]), analyte("glucose"), "g/L")
