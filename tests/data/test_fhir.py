"""FHIR bundles: results by hand, the last one counts, and one clear line for what is wrong."""

import copy
import json

import numpy as np
import pytest

from helpers.data.fhir import Observation, observation_bundle, observation_table, passed_over, read_observations
from helpers.runtime import InputError

FIRST = Observation("Patient/17", "cholesterol", 5.2, "mmol/L", "2024-01-05")
SECOND = Observation("Patient/18", "glucose", 99.0, "mg/dL")
GOOD = observation_bundle([FIRST, SECOND])
COLUMNS = (("cholesterol", "mg/dL"), ("glucose", "mmol/L"))


def write(path, document):
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def changed(**fields):
    """The bundle with other fields in its first resource; None removes a field."""
    bundle = copy.deepcopy(GOOD)
    resource = bundle["entry"][0]["resource"]
    for name, value in fields.items():
        resource[name] = value
        if value is None:
            del resource[name]
    return bundle


def quantity(**fields):
    return {**GOOD["entry"][0]["resource"]["valueQuantity"], **fields}


def test_written_and_read_back(tmp_path):
    assert read_observations(write(tmp_path / "x.json", GOOD)) == [FIRST, SECOND]


def test_a_resource_as_the_standard_writes_it(tmp_path):
    """By hand, with what a hospital adds: several codings, a reference range, an identifier."""
    text = """{"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"fullUrl": "urn:uuid:1", "resource": {
        "resourceType": "Observation", "id": "f001", "status": "amended",
        "identifier": [{"system": "http://hospital.example", "value": "6323"}],
        "code": {"text": "Cholesterol", "coding": [{"system": "http://local.example", "code": "CHOL"},
            {"system": "http://loinc.org", "code": "2093-3", "display": "Cholesterol [Mass/volume] in Serum or Plasma"}]},
        "subject": {"reference": "Patient/f201", "display": "Somebody"}, "effectiveDateTime": "2013-04-02T09:30:10+01:00",
        "valueQuantity": {"value": 202, "unit": "mg/dl", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        "referenceRange": [{"high": {"value": 200}}]}}]}"""
    (one,) = read_observations(write(tmp_path / "x.json", text))
    assert one == Observation("Patient/f201", "cholesterol", 202.0, "mg/dL", "2013-04-02T09:30:10+01:00")


def test_a_table_in_one_unit_per_column(tmp_path):
    table = observation_table([FIRST, SECOND], COLUMNS, "results")
    assert table.feature_names == ("cholesterol (mg/dL)", "glucose (mmol/L)") and table.task == "unlabeled"
    np.testing.assert_allclose(table.inputs, [[201.058, np.nan], [np.nan, 5.4951]], rtol=1e-4)
    np.testing.assert_array_equal(table.groups, [0, 1])


def test_the_latest_result_counts():
    earlier = Observation("Patient/17", "cholesterol", 300.0, "mg/dL", "2023-12-31")
    corrected = Observation("Patient/17", "cholesterol", 210.0, "mg/dL", "2024-01-05")
    table = observation_table([FIRST, earlier, corrected], COLUMNS[:1], "results")
    np.testing.assert_allclose(table.inputs, [[210.0]])


def test_the_latest_is_an_instant_not_a_text():
    """23:00 in New York is later than 01:00 of the next day in Greenwich."""
    evening = Observation("Patient/17", "cholesterol", 210.0, "mg/dL", "2024-01-01T23:00:00-05:00")
    night = Observation("Patient/17", "cholesterol", 300.0, "mg/dL", "2024-01-02T01:00:00Z")
    for order in ([evening, night], [night, evening]):
        np.testing.assert_allclose(observation_table(order, COLUMNS[:1], "results").inputs, [[210.0]])
    month, day, year = (
        Observation("Patient/17", "cholesterol", value, "mg/dL", time)
        for value, time in ((1.0, "2024-02"), (2.0, "2024-01-31"), (3.0, "2024"))
    )
    assert observation_table([month, day, year], COLUMNS[:1], "results").inputs == 1.0


def test_without_a_time_nobody_knows_the_latest():
    undated = Observation("Patient/17", "cholesterol", 300.0, "mg/dL")
    with pytest.raises(InputError, match="several results of cholesterol of one patient"):
        observation_table([FIRST, undated], COLUMNS[:1], "results")
    other = Observation("Patient/99", "cholesterol", 300.0, "mg/dL")
    assert observation_table([FIRST, other], COLUMNS[:1], "results").inputs.shape == (2, 1)


@pytest.mark.parametrize(
    ("fields", "time"),
    [
        ({"effectiveDateTime": None, "effectiveInstant": "2024-03-01T08:00:00.123Z"}, "2024-03-01T08:00:00.123Z"),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2024-03-01", "end": "2024-03-02"}}, "2024-03-02"),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2024-03-01"}}, "2024-03-01"),
        ({"effectiveDateTime": None, "effectiveTiming": {"event": ["2024-03-01"]}}, ""),
        ({"effectiveDateTime": "2024"}, "2024"),
    ],
)
def test_every_kind_of_time_that_the_standard_allows(tmp_path, fields, time):
    assert read_observations(write(tmp_path / "x.json", changed(**fields)))[0].time == time


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "x.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert read_observations(tmp_path / "x.json") == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        (changed(status="entered-in-error"), "does not stand (entered-in-error)"),
        (changed(status="preliminary"), "does not stand (preliminary)"),
        (changed(resourceType="Patient"), "no Observation"),
        (
            changed(valueQuantity=None, dataAbsentReason={"text": "sample hemolyzed"}),
            "cholesterol without a value, and says why",
        ),
        # heart rate
        (
            changed(code={"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}),
            "LOINC 8867-4 is not known here",
        ),
        (changed(code={"coding": [{"system": "http://loinc.org", "code": "Jane Doe"}]}), "measured by another code"),
        (changed(code={"coding": [{"system": "http://loinc.org", "code": {}}]}), "measured by another code"),
        (changed(code={"coding": [{"system": "http://local.example", "code": "2093-3"}]}), "measured by another code"),
    ],
)
def test_passed_over(tmp_path, bundle, reason):
    path = write(tmp_path / "x.json", bundle)
    assert read_observations(path) == [SECOND]
    ((said, count),) = passed_over(path).items()
    assert said.startswith(reason) and count == 1


def test_fasting_sugar_is_an_analyte_of_its_own(tmp_path):
    fasting = Observation("Patient/17", "fasting glucose", 5.5, "mmol/L")
    path = write(tmp_path / "x.json", observation_bundle([fasting]))
    assert read_observations(path) == [fasting] and passed_over(path) == {}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "x.json is no JSON file"),
        ("<Bundle/>", "x.json is no JSON file"),
        ("[" * 100_000, "x.json is no JSON file"),
        ("[]", "no FHIR bundle"),
        ('{"resourceType": "Observation"}', "no FHIR bundle"),
        ({"resourceType": "Bundle", "entry": {}}, "entry is no list"),
        ({"resourceType": "Bundle", "entry": [7]}, "entry 1: no resource"),
        ({"resourceType": "Bundle", "entry": [{"resource": {}}]}, "entry 1: no resource"),
        (changed(status="done"), "entry 1: the Observation has no valid status"),
        (changed(code=None), "entry 1: the Observation does not say what was measured"),
        (changed(code={"coding": ["2093-3"]}), "entry 1: the Observation does not say what was measured"),
        (changed(valueQuantity=None), "entry 1: cholesterol without a value"),
        (changed(valueQuantity=quantity(value="5,2")), "entry 1: the value of cholesterol is no number"),
        (changed(valueQuantity=quantity(value=True)), "entry 1: the value of cholesterol is no number"),
        (changed(valueQuantity=quantity(value=-1)), "entry 1: the value of cholesterol is no number"),
        (changed(valueQuantity=quantity(comparator="<")), "entry 1: cholesterol is a bound"),
        (changed(valueQuantity=quantity(code="mg")), "entry 1: cholesterol needs a UCUM unit, mg/dL or mmol/L"),
        (changed(valueQuantity=quantity(system="http://units.example")), "entry 1: cholesterol needs a UCUM unit"),
        (
            changed(valueQuantity=quantity(code="mg/dL")),
            "entry 1: LOINC 14647-2 is cholesterol in another kind of unit",
        ),
        (changed(valueQuantity=quantity(value=10**400)), "entry 1: the value of cholesterol is no number"),
        (changed(valueQuantity=quantity(code=["mg/dL"])), "entry 1: cholesterol needs a UCUM unit"),
        (changed(effectiveDateTime={"a": 1}), "entry 1: the time of the Observation is no text"),
        (changed(effectiveDateTime="yesterday"), "entry 1: the time of the Observation is no date"),
        (changed(effectiveDateTime="2024-01-31T09:30:00"), "entry 1: the time of the Observation is no date"),
        (changed(effectivePeriod="2024", effectiveDateTime=None), "entry 1: effectivePeriod is no period"),
        (changed(subject=None), "entry 1: the Observation names no patient"),
        (changed(subject="Patient/17"), "entry 1: the Observation names no patient"),
    ],
)
def test_one_clear_line(tmp_path, document, words):
    with pytest.raises(InputError, match=words) as caught:
        read_observations(write(tmp_path / "x.json", document))
    assert "\n" not in str(caught.value) and "Patient/17" not in str(caught.value)


def test_a_file_of_bytes_or_none(tmp_path):
    (tmp_path / "x.json").write_bytes(b"\x89PNG\xff\xfe")
    for name in ("x.json", "missing.json"):
        with pytest.raises(InputError, match="no JSON file"):
            read_observations(tmp_path / name)


def test_nothing_to_put_into_a_table():
    with pytest.raises(InputError, match="results: no laboratory result"):
        observation_table([], COLUMNS, "results")


def test_a_unit_that_is_not_of_the_analyte_is_not_written():
    with pytest.raises(InputError, match="mg/dL or umol/L"):
        observation_bundle([Observation("Patient/1", "creatinine", 1.0, "mmol/L")])
