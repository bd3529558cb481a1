"""Broken files answer in one line that says what is wrong, names nobody and is no traceback."""

import pytest

from helpers.data.dicom import modality_values, read_dicom
from helpers.data.fhir import read_observations
from helpers.data.phantoms.broken_files import broken_bundles, broken_scans
from helpers.data.unreadable import UnreadableError
from helpers.runtime import InputError

BUNDLES = {
    "no JSON": "bundle1.json is no JSON file",
    "no bundle": "no FHIR bundle",
    "a number with a comma": "entry 2: the value of cholesterol is no number",
    "unit against code": "entry 3: LOINC 2093-3 is cholesterol in another kind of unit than mmol/L",
    "nobody's result": "entry 1: the Observation names no patient",
}
SCANS = {
    "no pixels": "DICOM without pixels",
    "encrypted": "its pixels are encrypted",
    "color": "is a color image",
    "cut off": "corrupt or truncated",
    "no DICOM": "no DICOM file, or encrypted",
}


def one_line(error, words):
    said = str(error.value)
    assert words in said and "\n" not in said
    assert not any(secret in said for secret in ("PERSON", "MRN", "Nowhere", "Patient/"))


@pytest.mark.parametrize("wrong", BUNDLES)
def test_bundles(tmp_path, wrong):
    with pytest.raises(InputError) as error:
        read_observations(broken_bundles(tmp_path)[wrong])
    one_line(error, BUNDLES[wrong])


@pytest.mark.parametrize("wrong", SCANS)
def test_scans(tmp_path, wrong):
    with pytest.raises(UnreadableError) as error:
        modality_values(broken_scans(tmp_path)[wrong])
    one_line(error, SCANS[wrong])


def test_color_has_gray_values_where_no_unit_is_asked_for(tmp_path):
    assert read_dicom(broken_scans(tmp_path)["color"]).meaning == "color turned to gray"


def test_nothing_is_missing_from_the_lists(tmp_path):
    assert set(broken_bundles(tmp_path)) == set(BUNDLES) and set(broken_scans(tmp_path)) == set(SCANS)
