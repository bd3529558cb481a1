"""Take the person out of a DICOM header and leave the picture: after the Basic Profile of PS3.15, annex E.

What is not known to be harmless goes: the list of what may stay is short, so a new element, a private one or a misspelled one is
removed without having to be foreseen. Whether it worked is asked by somebody else, :func:`identifying_elements`, who goes by the
list of what must go. Dates are moved by a number of days that is one patient's own, so that the time between two studies survives
(option 113107 of the standard). Names that are burned into the *pixels* are not seen by anybody here: the header must say that
there are none, or the caller must have looked, because PatientIdentityRemoved speaks of header and pixels (PS3.3 C.12.1).
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
from pydicom.multival import MultiValue
from pydicom.uid import UID, UID_dictionary

from helpers.data.confidentiality_profile import DUMMY, EMPTY, MAY_STAY, REMOVE, REPLACE, basic_profile
from helpers.runtime import InputError

ROOT = "2.25."  # of identifiers made from a number of 128 bits (PS3.5 B.2)
PSEUDONYM = "SUBJECT-"
MOST_DAYS = 3650
SHORTEST_SECRET = 16  # characters; a short one can be guessed, and with it every pseudonym
UIDS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
# Numbers of kinds of files, methods and programs, not of a patient's objects.
UIDS_OF_KINDS = (
    "SOPClassUID",
    "MediaStorageSOPClassUID",
    "ReferencedSOPClassUID",
    "TransferSyntaxUID",
    "ImplementationClassUID",
)
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
# What the image modules demand to be there, if only empty (type 2).
EMPTIED = ("PatientBirthDate", "PatientSex", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID")
METHOD = "medlab: elements not known to be harmless removed"
CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
)


def deidentify(header: Header, secret: str, *, pixels_checked: bool = False) -> Header:
    """A copy of a header without the person; the pixels are untouched.

    The same patient (an ID and who issued it) gets the same pseudonym and shift of dates, the same UID the same new UID, in every
    file that is treated with the same secret. Who knows the secret can find out which pseudonym a known patient got: keep it, or
    throw it away.

    Args:
        header: as read by pydicom, with or without pixels.
        secret: at least 16 characters that nobody outside knows.
        pixels_checked: somebody has looked at the pictures and found no text; needed where the header does not say so.

    Raises:
        InputError: the secret is short; the header names no patient, so that nothing could be kept apart; text is burned into the
            pixels, or the header does not say and nobody has looked.
    """
    if len(secret) < SHORTEST_SECRET:
        raise InputError(f"the secret has {len(secret)} characters: take at least {SHORTEST_SECRET}, at random")
    patient = _patient(header)
    if not patient:
        raise InputError("the header names no patient: neither PatientID nor PatientName says whose file this is")
    _require_no_text_in_pixels(header, pixels_checked)
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
    if _has_pixels(header):
        clean.BurnedInAnnotation = "NO"
    clean.DeidentificationMethod = METHOD
    clean.DeidentificationMethodCodeSequence = [_code(*code) for code in CODES]
    clean.file_meta = FileMetaDataset()
    syntax = (getattr(header, "file_meta", None) or {}).get("TransferSyntaxUID")
    if syntax:
        clean.file_meta.TransferSyntaxUID = syntax
    return clean


def identifying_elements(header: Header) -> list[str]:
    """Everything in a header, nested or not, that the profile wants gone; empty where it is de-identified.

    Judged by the list of what must go, not by the list of what :func:`deidentify` lets stay.

    Returns:
        Keywords in the order of the header, ``private (gggg,eeee)`` for private elements and ``unknown (gggg,eeee)`` for those
        that have no name; last, what the header fails to state. Never a value.
    """
    moved = header.get("LongitudinalTemporalInformationModified") == "MODIFIED"
    found = [name for element in _all_elements(header) if (name := _complaint(element, moved))]
    if header.get("PatientIdentityRemoved") != "YES":
        found.append("PatientIdentityRemoved is not YES")
    if _has_pixels(header) and header.get("BurnedInAnnotation") != "NO":
        found.append("BurnedInAnnotation is not NO")
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
    place = f"({element.tag.group:04x},{element.tag.element:04x})"
    if element.tag.is_private:
        return f"private {place}"
    if not element.keyword:  # too new, misspelled, or a curve or an overlay, in whose groups nothing has one name
        return f"unknown {place}"
    action, value = basic_profile().get(element.keyword), element.value
    if element.VR == "UI":
        return element.keyword if _foreign_uids(element) else ""
    if not value and value != 0 or dates_moved and element.keyword in DATES:
        return ""
    if action in (REMOVE, REPLACE):
        return element.keyword
    if (action in (EMPTY, DUMMY) or element.VR == "PN") and not str(value).startswith(PSEUDONYM):
        return element.keyword
    return element.keyword if element.VR in ("DA", "DT", "TM") else ""


def _foreign_uids(element: DataElement) -> list[str]:
    """UIDs of an element that were not made here and that are not those of the standard, the same for everybody."""
    if element.keyword in UIDS_OF_KINDS:
        return []
    several = element.value if isinstance(element.value, (list, MultiValue)) else [element.value or ""]
    return [uid for uid in map(str, several) if uid and not uid.startswith(ROOT) and uid not in UID_dictionary]


def _all_elements(header: Header) -> Iterator[DataElement]:
    yield from getattr(header, "file_meta", None) or []
    yield from header.iterall()


def _new_uid(secret: str, uid: str) -> UID:
    return UID(f"{ROOT}{_number(secret, 'uid', uid)}")


def _moved(date: str, days: int) -> str:
    """A date of the form 20240131 so many days earlier; nothing for what is no date."""
    try:
        return (datetime.datetime.strptime(date, "%Y%m%d") - datetime.timedelta(days=days)).strftime("%Y%m%d")
    except (ValueError, OverflowError):  # no date, or one so early that the calendar ends before it
        return ""


def _patient(header: Header) -> str:
    """Whose file this is: an ID and who issued it, else the name; empty where the header does not say."""
    identifier = str(header.get("PatientID") or "").strip()
    issuer = str(header.get("IssuerOfPatientID") or "").strip()
    return f"{issuer}\0{identifier}" if identifier else str(header.get("PatientName") or "").strip()


def _has_pixels(header: Header) -> bool:
    return any(keyword in header for keyword in PIXELS)


def _require_no_text_in_pixels(header: Header, checked: bool) -> None:
    said = str(header.get("BurnedInAnnotation") or "").strip().upper()
    if said == "YES":
        raise InputError("text is burned into the pixels (BurnedInAnnotation is YES): clean them first")
    if _has_pixels(header) and said != "NO" and not checked:
        raise InputError(
            "the header does not say whether text is burned into the pixels (BurnedInAnnotation): look at them, then pass "
            "pixels_checked=True"
        )


def _number(secret: str, purpose: str, text: str) -> int:
    """A number of 128 bits that nobody can foretell without the secret."""
    digest = hmac.new(secret.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:16], "big")


def _code(value: str, meaning: str) -> Header:
    item = Header()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
