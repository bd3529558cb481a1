"""Take the person out of a DICOM header and leave the picture: after the Basic Profile of PS3.15, annex E, in a stated subset.

What is not known to be harmless goes: the list of what may stay is short, so a new element, a private one or a misspelled one is
removed without having to be foreseen. Whether it worked is asked by somebody else, :func:`identifying_elements`, who goes by the
list of what must go. Dates are moved by a number of days that is one patient's own, so that the time between two studies survives
(option 113107 of the standard). Names that are burned into the *pixels* are not seen by anybody here.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import hmac
from collections.abc import Iterator

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset as Header
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID

from helpers.data.confidentiality_profile import BASIC_PROFILE, DUMMY, EMPTY, MAY_STAY, REMOVE, REPLACE
from helpers.runtime import InputError

ROOT = "2.25."  # of identifiers made from a number of 128 bits (PS3.5 B.2)
PSEUDONYM = "SUBJECT-"
MOST_DAYS = 3650
SHORTEST_SECRET = 16  # characters; a short one can be guessed, and with it every pseudonym
UIDS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
# What the image modules demand to be there, if only empty (type 2).
EMPTIED = ("PatientBirthDate", "PatientSex", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID")
METHOD = "medlab: elements not known to be harmless removed"
CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
)


def deidentify(header: Header, secret: str) -> Header:
    """A copy of a header without the person; the pixels are untouched.

    The same patient gets the same pseudonym and shift of dates, the same UID the same new UID, in every file that is treated
    with the same secret. Who knows the secret can find out which pseudonym a known patient got: keep it, or throw it away.

    Args:
        header: as read by pydicom, with or without pixels.
        secret: at least 16 characters that nobody outside knows.

    Raises:
        InputError: the secret is short, or the header names no patient, so that nothing could be kept apart.
    """
    if len(secret) < SHORTEST_SECRET:
        raise InputError(f"the secret has {len(secret)} characters: take at least {SHORTEST_SECRET}, at random")
    patient = str(header.get("PatientID") or header.get("PatientName") or "")
    if not patient.strip():
        raise InputError("the header names no patient: neither PatientID nor PatientName says whose file this is")
    clean = _harmless(header)
    for keyword in UIDS:
        if header.get(keyword):
            setattr(clean, keyword, _new_uid(secret, str(header[keyword].value)))
    days = 1 + _number(secret, "days", patient) % MOST_DAYS
    for keyword in DATES:
        if header.get(keyword):
            setattr(clean, keyword, _moved(str(header[keyword].value), days))
    for keyword in EMPTIED:
        setattr(clean, keyword, "")
    clean.PatientID = clean.PatientName = f"{PSEUDONYM}{_number(secret, 'patient', patient):032x}"[:24]
    clean.PatientIdentityRemoved, clean.LongitudinalTemporalInformationModified = "YES", "MODIFIED"
    clean.DeidentificationMethod = METHOD
    clean.DeidentificationMethodCodeSequence = [_code(*code) for code in CODES]
    clean.file_meta = FileMetaDataset()
    clean.file_meta.TransferSyntaxUID = header.file_meta.TransferSyntaxUID
    return clean


def identifying_elements(header: Header) -> list[str]:
    """Everything in a header, nested or not, that the profile wants gone; empty where it is de-identified.

    Judged by the list of what must go, not by the list of what :func:`deidentify` lets stay.

    Returns:
        Keywords in the order of the header, ``private (gggg,eeee)`` for private elements; never a value.
    """
    moved = header.get("LongitudinalTemporalInformationModified") == "MODIFIED"
    found = [name for element in _all_elements(header) if (name := _complaint(element, moved))]
    if header.get("PatientIdentityRemoved") != "YES":
        found.append("PatientIdentityRemoved is not YES")
    return list(dict.fromkeys(found))


def what_happened(before: Header, after: Header) -> dict[str, list[str]]:
    """Keywords of the outer elements of a header by what became of them: removed, emptied, replaced, kept.

    Private elements, which have no keyword, are listed as ``private``.
    """
    fate: dict[str, list[str]] = {"removed": [], "emptied": [], "replaced": [], "kept": []}
    for element in before:
        name = "private" if element.tag.is_private else element.keyword
        if element.tag not in after:
            kind = "removed"
        elif after[element.tag].value == element.value:
            kind = "kept"
        else:
            kind = "replaced" if after[element.tag].value else "emptied"
        if name not in fate[kind]:
            fate[kind].append(name)
    return fate


def _harmless(header: Header) -> Header:
    """A copy with what may stay, also inside sequences that may."""
    kept = Header()
    for element in header:
        if element.tag.is_private or element.keyword not in MAY_STAY:
            continue
        if element.VR == "SQ":
            setattr(kept, element.keyword, [_harmless(item) for item in element.value])
        else:
            kept.add(copy.copy(element))
    return kept


def _complaint(element: DataElement, dates_moved: bool) -> str:
    if element.tag.is_private:
        return f"private ({element.tag.group:04x},{element.tag.element:04x})"
    action, value = BASIC_PROFILE.get(element.keyword), element.value
    if not value:
        return ""
    if action == REMOVE or action == REPLACE and not str(value).startswith(ROOT):
        return element.keyword
    if action in (EMPTY, DUMMY) and not str(value).startswith(PSEUDONYM):
        return element.keyword
    allowed = dates_moved and element.keyword in DATES
    return element.keyword if element.VR in ("DA", "DT", "TM") and not allowed else ""


def _all_elements(header: Header) -> Iterator[DataElement]:
    yield from getattr(header, "file_meta", None) or []
    yield from header.iterall()


def _new_uid(secret: str, uid: str) -> UID:
    return UID(f"{ROOT}{_number(secret, 'uid', uid)}")


def _moved(date: str, days: int) -> str:
    """A date of the form 20240131 so many days earlier; nothing for what is no date."""
    try:
        return (datetime.datetime.strptime(date, "%Y%m%d") - datetime.timedelta(days=days)).strftime("%Y%m%d")
    except ValueError:
        return ""


def _number(secret: str, purpose: str, text: str) -> int:
    """A number of 128 bits that nobody can foretell without the secret."""
    digest = hmac.new(secret.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:16], "big")


def _code(value: str, meaning: str) -> Header:
    item = Header()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
