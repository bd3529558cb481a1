"""Fictitious people for DICOM headers, as full of identity as a hospital's: what de-identification is shown and tested on."""

from __future__ import annotations

import datetime

from pydicom.dataset import Dataset as Header
from pydicom.uid import generate_uid

FIRST_STUDY = datetime.date(2021, 3, 1)
PRIVATE_GROUP, PRIVATE_CREATOR = 0x0099, "MEDLAB PHANTOM"


def add_patient(header: Header, number: int, days: int = 0) -> list[str]:
    """Fill in a fictitious patient, hospital, study and scanner; nobody of that name exists.

    Args:
        header: changed in place.
        number: of the patient; the same number is the same person.
        days: from the patient's first study to this one.

    Returns:
        Every word of the header that points to the person: what must not be found in the file afterwards.
    """
    date = (FIRST_STUDY + datetime.timedelta(days=17 * number + days)).strftime("%Y%m%d")
    identity = {
        "PatientName": f"PHANTOM^PERSON{number:03d}",
        "PatientID": f"MRN-{70000 + number}",
        "PatientBirthDate": f"19{40 + number % 50}0312",
        "PatientAddress": f"{number} Simulation Street",
        "OtherPatientIDs": f"INS-{31000 + number}",
        "AccessionNumber": f"ACC{8800 + number}-{days}",
        "ReferringPhysicianName": "SYNTHETIC^REFERRER",
        "OperatorsName": "GENERATED^OPERATOR",
        "InstitutionName": "Nowhere General",
        "StationName": f"ROOM{number % 4}",
        "DeviceSerialNumber": f"SN-{5500 + number % 4}",
        "StudyDescription": f"control of person{number:03d}",
        "ImageComments": "asked for by the synthetic referrer",
    }
    for keyword, value in identity.items():
        setattr(header, keyword, value)
    header.PatientSex, header.PatientAge = "F", "063Y"
    header.Manufacturer, header.ManufacturerModelName = "medlab", "tissue phantom"
    header.BurnedInAnnotation = "NO"  # pixels of a phantom hold tissue and nothing else
    header.StudyDate = header.SeriesDate = header.AcquisitionDate = header.ContentDate = date
    header.StudyTime, header.StudyID = "081500", f"{number}"
    header.StudyInstanceUID = generate_uid(entropy_srcs=["study", f"{number}", f"{days}"])
    header.SeriesInstanceUID = generate_uid(entropy_srcs=["series", f"{number}", f"{days}"])
    block = header.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
    block.add_new(0x01, "LO", f"owner MRN-{70000 + number}")
    request = Header()
    request.RequestedProcedureDescription = f"biopsy of person{number:03d}"
    header.RequestAttributesSequence = [request]
    return [*identity.values(), date, header.StudyInstanceUID, header.SeriesInstanceUID, f"person{number:03d}"]
