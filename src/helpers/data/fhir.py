"""Laboratory values of a FHIR bundle (R4, JSON): read, checked and put into a :class:`~helpers.data.dataset.Dataset`.

A FHIR Observation carries what a number in a spreadsheet has lost: what was measured (a LOINC code), in which unit (a UCUM code),
of whom and when, and whether the result still stands. All of it is used here, or the reading stops with one line that says which
entry is wrong. Specification: HL7 FHIR R4, Observation and Bundle.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.fhir_times import instant, time_of
from helpers.data.units import Analyte, analyte, analytes
from helpers.runtime import InputError

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
STANDS = ("final", "amended", "corrected")
LOINC_CODE = re.compile(r"\d{1,7}-\d")
DOES_NOT_STAND = ("registered", "preliminary", "cancelled", "entered-in-error", "unknown")


@dataclass(frozen=True)
class Observation:
    """One result.

    Attributes:
        subject: reference to the patient.
        analyte: name of what was measured.
        value: in ``unit``.
        unit: UCUM code.
        time: as written, ISO 8601 (of a period its end, else its start); empty where the bundle does not say.
    """

    subject: str
    analyte: str
    value: float
    unit: str
    time: str = ""


def read_observations(path: Path) -> list[Observation]:
    """All results of a bundle that stand and whose analyte is known, in the order of the file.

    Entries that are no Observation, results without a value that say why (``dataAbsentReason``), results that do not stand
    (preliminary, cancelled, entered in error), and analytes that :mod:`helpers.data.units` does not know are passed over:
    :func:`passed_over` counts them.

    Raises:
        InputError: no JSON, no bundle, or an entry that should count and cannot: the message names file and entry, numbered
            from 1, and repeats no identifier.
    """
    return [found for found in _entries(path) if isinstance(found, Observation)]


def passed_over(path: Path) -> dict[str, int]:
    """What :func:`read_observations` leaves out of a bundle: the reason (never an identifier) to the number of entries.

    Raises:
        InputError: as :func:`read_observations`.
    """
    return dict(Counter(found for found in _entries(path) if isinstance(found, str)))


def observation_table(observations: Sequence[Observation], columns: Sequence[tuple[str, str]], name: str) -> Dataset:
    """The last result of every patient for each analyte, in one unit per column.

    Args:
        observations: of :func:`read_observations`.
        columns: name of an analyte and the unit that its column shall have.
        name: of the dataset.

    Returns:
        ``inputs`` (patients, columns) float64, NaN where a patient has no result; patients in the order they first appear,
        ``groups`` their numbers. Of several results the latest by its time counts, of equal times the later in the file. Times
        are compared as instants; a date without a clock counts from its first moment, in UTC. The task is ``unlabeled``: a
        bundle of results says nothing about a diagnosis.

    Raises:
        InputError: no observations; a time that is none; several results of one patient for one analyte, one of them without
            a time, so that nobody knows which is the latest.
    """
    if not observations:
        raise InputError(f"{name}: no laboratory result to read: the bundle holds none that stands and is known here")
    places = {subject: row for row, subject in enumerate(dict.fromkeys(one.subject for one in observations))}
    values = np.full((len(places), len(columns)), np.nan)
    for column, (wanted, unit) in enumerate(columns):
        measured = analyte(wanted)
        chosen = [one for one in observations if one.analyte == wanted]
        several = {subject for subject, count in Counter(one.subject for one in chosen).items() if count > 1}
        if any(one.subject in several and not one.time for one in chosen):
            raise InputError(
                f"{name}: several results of {wanted} of one patient, not all with a time: which is the latest?"
            )
        # Sorting is stable, so of equal times the later in the file comes last.
        for one in sorted(chosen, key=lambda one: instant(name, one.time)):
            values[places[one.subject], column] = measured.convert(one.value, one.unit, unit)
    count = len(places)
    return Dataset(
        name=name,
        inputs=values,
        targets=np.zeros(count, dtype=np.int64),
        task="unlabeled",
        groups=np.arange(count),
        groups_known=True,
        split=np.full(count, "train"),
        source=Source("Results of a FHIR bundle", "not stated", "not stated", group="patient"),
        feature_names=tuple(f"{wanted} ({unit})" for wanted, unit in columns),
    )


def observation_bundle(observations: Sequence[Observation]) -> dict:
    """A bundle of type ``collection`` that :func:`read_observations` reads back as the same observations."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": _resource(one)} for one in observations],
    }


def write_observations(observations: Sequence[Observation], path: Path) -> None:
    """:func:`observation_bundle` as a file; under a temporary name first, so that nothing half-written is ever found."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(observation_bundle(observations)), encoding="utf-8")
    partial.replace(path)


def _resource(one: Observation) -> dict:
    measured = analyte(one.analyte)
    measured.factor(one.unit)  # refuses a unit that this is not measured in
    code = {"system": LOINC, "code": measured.loinc[one.unit], "display": one.analyte}
    when = {"effectiveDateTime": one.time} if one.time else {}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [code]},
        "subject": {"reference": one.subject},
        **when,
        "valueQuantity": {"value": one.value, "unit": one.unit, "system": UCUM, "code": one.unit},
    }


def _entries(path: Path) -> list[Observation | str]:
    """What every entry of a bundle gives: a result, or why it is passed over."""
    try:
        document = json.loads(
            path.read_text(encoding="utf-8-sig")
        )  # Windows programs put a mark before the first brace
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path.name} is no JSON file: a FHIR bundle is JSON with resourceType Bundle") from error
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise InputError(f"{path.name} is JSON but no FHIR bundle: its resourceType is not Bundle")
    entries = document.get("entry", [])
    if not isinstance(entries, list):
        raise InputError(f"{path.name}: the bundle's entry is no list")
    return [_observation(f"{path.name}, entry {place}", entry) for place, entry in enumerate(entries, start=1)]


def _observation(place: str, entry: object) -> Observation | str:
    """One entry; why it is passed over, in words without an identifier."""
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise InputError(f"{place}: no resource with a resourceType")
    if resource["resourceType"] != "Observation":
        return "no Observation"
    status = resource.get("status")
    if status in DOES_NOT_STAND:
        return f"does not stand ({status})"
    if status not in STANDS:
        raise InputError(f"{place}: the Observation has no valid status: it is one of {', '.join(STANDS)}, …")
    measured = _analyte(place, resource.get("code"))
    if isinstance(measured, str):
        return measured
    known, code = measured
    if "valueQuantity" not in resource and resource.get("dataAbsentReason"):
        return f"{known.name} without a value, and says why"
    value, unit = _quantity(place, resource.get("valueQuantity"), known)
    if known.loinc[unit] != code:
        raise InputError(
            f"{place}: LOINC {code} is {known.name} in another kind of unit than {unit}: one of the two is wrong"
        )
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if not isinstance(reference, str) or not reference:
        raise InputError(f"{place}: the Observation names no patient (subject.reference)")
    return Observation(reference, known.name, value, unit, time_of(place, resource))


def _analyte(place: str, code: object) -> tuple[Analyte, str] | str:
    """The analyte and its LOINC code; which code it is, where it is not known here."""
    codings = code.get("coding") if isinstance(code, dict) else None
    if not isinstance(codings, list) or not all(isinstance(coding, dict) for coding in codings):
        raise InputError(f"{place}: the Observation does not say what was measured (code.coding)")
    wanted = [coding.get("code") for coding in codings if coding.get("system") == LOINC]
    wanted = [loinc for loinc in wanted if isinstance(loinc, str)]
    for known in analytes().values():
        for loinc in known.loinc.values():
            if loinc in wanted:
                return known, loinc
    proper = sorted(loinc for loinc in wanted if LOINC_CODE.fullmatch(loinc))
    return f"LOINC {proper[0]} is not known here" if proper else "measured by another code than LOINC"


def _quantity(place: str, quantity: object, known: Analyte) -> tuple[float, str]:
    if not isinstance(quantity, dict):
        raise InputError(f"{place}: {known.name} without a value (valueQuantity) and without a reason for it")
    value = quantity.get("value")
    try:
        number = math.nan if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
    except OverflowError:  # a whole number of hundreds of digits
        number = math.inf
    if not math.isfinite(number) or number < 0:
        raise InputError(f"{place}: the value of {known.name} is no number from 0 up (valueQuantity.value)")
    if quantity.get("comparator"):
        raise InputError(f"{place}: {known.name} is a bound (valueQuantity.comparator), not a value")
    unit = quantity.get("code")
    if quantity.get("system") != UCUM or not isinstance(unit, str) or unit not in known.loinc:
        raise InputError(f"{place}: {known.name} needs a UCUM unit, {' or '.join(known.loinc)} (valueQuantity.code)")
    return number, unit
