"""De-identified files: no word of the person in their bytes, the same person still the same, the picture untouched."""

import datetime

import numpy as np
import pydicom
import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from helpers.data.confidentiality_profile import MAY_STAY, basic_profile
from helpers.data.deidentification import deidentify, identifying_elements, what_happened
from helpers.data.dicom import read_dicom
from helpers.data.dicom_writing import gray_header, save_header
from helpers.data.phantoms.broken_files import doubtful_scans
from helpers.data.phantoms.dicom_patients import add_patient
from helpers.runtime import InputError

SECRET = "a secret that nobody knows"
GRAY = np.random.default_rng(0).integers(0, 256, (6, 8), dtype=np.uint8)


def study(number=3, days=0, **encoding):
    header = gray_header(GRAY, name=f"{number} {days}", **encoding)
    return header, add_patient(header, number, days)


def day(header):
    return datetime.datetime.strptime(header.StudyDate, "%Y%m%d")


def test_no_word_of_the_person_is_left_in_the_file(tmp_path):
    header, words = study(bits=12, intercept=-1024.0, photometric="MONOCHROME1")
    save_header(header, tmp_path / "before.dcm")
    save_header(deidentify(header, SECRET), tmp_path / "after.dcm")
    before, after = ((tmp_path / f"{name}.dcm").read_bytes() for name in ("before", "after"))
    assert all(word.encode() in before for word in words)
    assert not [word for word in words if word.encode() in after]
    assert header.SOPInstanceUID.encode() not in after and b"Simulation" not in after
    np.testing.assert_array_equal(np.rint(read_dicom(tmp_path / "after.dcm").frames[0]), GRAY)


def test_the_list_of_what_must_go_agrees():
    header, _ = study()
    found = identifying_elements(header)
    assert {"PatientName", "RequestAttributesSequence", "RequestedProcedureDescription", "StudyTime"} <= set(found)
    assert "private (0099,1001)" in found and found[-1] == "PatientIdentityRemoved is not YES"
    assert "BurnedInAnnotation is not NO" not in found
    clean = deidentify(header, SECRET)
    assert identifying_elements(clean) == []
    # The judge is not the same list turned round: it sees each of these come back.
    for keyword, value in {
        "PatientAge": "063Y",
        "StudyTime": "081500",
        "SOPInstanceUID": "1.2.3",
        "PatientSex": "F",
    }.items():
        spoiled = deidentify(header, SECRET)
        setattr(spoiled, keyword, value)
        assert identifying_elements(spoiled) == [keyword]


def test_the_same_person_is_the_same_and_others_are_others():
    first, second, other = (deidentify(study(*who)[0], SECRET) for who in ((3, 0), (3, 40), (4, 0)))
    assert first.PatientID == second.PatientID != other.PatientID
    assert first.StudyInstanceUID != second.StudyInstanceUID
    assert (day(second) - day(first)).days == 40
    moved = [(day(study(*who)[0]) - day(clean)).days for who, clean in (((3, 0), first), ((4, 0), other))]
    assert moved[0] != moved[1] and all(1 <= days <= 3650 for days in moved)
    stranger = deidentify(study()[0], "another secret of somebody")
    assert stranger.PatientID != first.PatientID and stranger.SOPInstanceUID != first.SOPInstanceUID


def test_uids_stay_uids_and_belong_together():
    header, _ = study()
    header.FrameOfReferenceUID = header.StudyInstanceUID
    clean = deidentify(header, SECRET)
    assert clean.FrameOfReferenceUID == clean.StudyInstanceUID != clean.SeriesInstanceUID
    for uid in (clean.StudyInstanceUID, clean.SOPInstanceUID):
        assert uid.is_valid and uid.startswith("2.25.") and len(uid) <= 64


def test_what_is_inside_a_sequence_that_may_stay_is_cleaned():
    header, _ = study()
    frame, window = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth, window.WindowCenterWidthExplanation = 128, 256, "for Dr. Somebody"
    frame.FrameVOILUTSequence = [window]
    header.SharedFunctionalGroupsSequence = [frame]
    kept = deidentify(header, SECRET).SharedFunctionalGroupsSequence[0].FrameVOILUTSequence[0]
    assert kept.WindowWidth == 256 and "WindowCenterWidthExplanation" not in kept
    assert header.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence[0].WindowCenterWidthExplanation  # the original


def test_an_element_that_nobody_foresaw_is_removed():
    header, _ = study()
    header.ModalitiesInStudy = "CT"
    assert "ModalitiesInStudy" not in basic_profile() and "ModalitiesInStudy" not in MAY_STAY
    assert "ModalitiesInStudy" not in deidentify(header, SECRET)


@pytest.mark.parametrize("value", ["in spring", "00010101"])
def test_a_date_that_is_none_is_emptied(value):
    header, _ = study()
    header["StudyDate"]._value = value
    assert deidentify(header, SECRET).StudyDate == ""


def test_a_header_without_a_transfer_syntax_is_still_cleaned():
    header, _ = study()
    del header.file_meta
    clean = deidentify(header, SECRET)
    assert identifying_elements(clean) == [] and "TransferSyntaxUID" not in clean.file_meta


def test_the_list_of_what_must_go_covers_what_hospitals_fill_in():
    """Elements of table E.1-1 that a check by a short list once let pass, and kinds that need no list."""
    values = {
        "SpecimenIdentifier": "S21-1234 SMITH",
        "ContainerIdentifier": "S21-1234",
        "PersonName": "SMITH",
        "PerformedStationName": "ROOM3",
        "ScheduledPerformingPhysicianName": "DR X",
        "RequestedProcedureID": "R1",
        "ReasonForTheRequestedProcedure": "asked by Mrs Smith",
        "PatientTelecomInformation": "a@b",
        "ClinicalTrialSubjectID": "7",
        "IrradiationEventUID": "1.2.3.4",
        "DeviceUID": "1.2.3",
        "SpecimenUID": ["1.2.9", "2.25.1"],
        "DoseReferenceUID": "1.2.10",
    }
    clean = deidentify(study()[0], SECRET)
    clean.CodingSchemeUID = "1.2.840.10008.2.16.4"  # of the standard, the same for everybody
    assert identifying_elements(clean) == []
    for keyword, value in values.items():
        spoiled = deidentify(study()[0], SECRET)
        setattr(spoiled, keyword, value)
        assert identifying_elements(spoiled) == [keyword]
    clean.add_new(0x50003000, "OW", b"curve.")
    clean.add_new(0x60003000, "OW", b"SMITH!")  # drawn into an overlay
    clean.add_new(0x0008FF02, "LO", "SMITH")
    assert identifying_elements(clean) == ["unknown (0008,ff02)", "unknown (5000,3000)", "unknown (6000,3000)"]


def test_text_in_the_pixels_is_not_passed_over():
    header, _ = study()
    header.BurnedInAnnotation = "YES"
    for looked in (False, True):
        with pytest.raises(InputError, match="clean them first"):
            deidentify(header, SECRET, pixels_checked=looked)
    del header.BurnedInAnnotation
    with pytest.raises(InputError, match="does not say whether text is burned"):
        deidentify(header, SECRET)
    clean = deidentify(header, SECRET, pixels_checked=True)
    assert (
        clean.BurnedInAnnotation == "NO" and clean.PatientIdentityRemoved == "YES" and not identifying_elements(clean)
    )
    clean.BurnedInAnnotation = "YES"
    assert identifying_elements(clean) == ["BurnedInAnnotation is not NO"]
    del header.PixelData
    assert "BurnedInAnnotation" not in deidentify(header, SECRET)


@pytest.mark.parametrize(
    ("wrong", "words"), [("text in the pixels", "clean them first"), ("nobody has looked", "look at them, then")]
)
def test_doubtful_scans_are_refused(tmp_path, wrong, words):
    scan = doubtful_scans(tmp_path)[wrong]
    with pytest.raises(InputError, match=words):
        deidentify(pydicom.dcmread(scan), SECRET)


def test_an_identifier_belongs_to_who_issued_it():
    def pseudonym(identifier, issuer):
        header, _ = study()
        header.PatientID, header.IssuerOfPatientID = identifier, issuer
        return deidentify(header, SECRET).PatientID

    assert pseudonym("12345", "one") == pseudonym("12345 ", "one ") != pseudonym("12345", "another")


def test_what_happened_names_no_value():
    header, words = study()
    fate = what_happened(header, deidentify(header, SECRET))
    assert "PatientAddress" in fate["removed"] and "private" in fate["removed"]
    assert fate["emptied"] == [
        "StudyTime",
        "AccessionNumber",
        "ReferringPhysicianName",
        "PatientBirthDate",
        "PatientSex",
        "StudyID",
    ]
    assert {"PatientID", "StudyDate", "StudyInstanceUID"} <= set(fate["replaced"])
    assert {"Manufacturer", "PixelData", "Rows"} <= set(fate["kept"])
    assert sum(map(len, fate.values())) <= len(header)
    assert not any(word in str(fate) for word in words)


def test_lists_hold_keywords_of_the_standard_and_do_not_contradict_each_other():
    assert all(tag_for_keyword(keyword) for keyword in (*basic_profile(), *MAY_STAY))
    assert not set(basic_profile()) & MAY_STAY
    assert set(basic_profile().values()) == {"X", "Z", "D", "U"} and len(basic_profile()) > 600
    # Both order numbers are Z in table E.1-1, the name of who made the content is Z/D.
    for keyword in (
        "FillerOrderNumberImagingServiceRequest",
        "PlacerOrderNumberImagingServiceRequest",
        "ContentCreatorName",
    ):
        assert basic_profile()[keyword] == "Z"


def test_refused():
    header, _ = study()
    with pytest.raises(InputError, match="at least 16"):
        deidentify(header, "short")
    header.PatientID = header.PatientName = ""
    with pytest.raises(InputError, match="names no patient"):
        deidentify(header, SECRET)


def test_a_file_read_from_disk_is_treated_like_one_in_memory(tmp_path):
    header, _ = study()
    save_header(header, tmp_path / "x.dcm")
    assert deidentify(pydicom.dcmread(tmp_path / "x.dcm"), SECRET) == deidentify(header, SECRET)
