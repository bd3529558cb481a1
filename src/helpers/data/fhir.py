"""Laboratory values of a FHIR bundle (R4, JSON): read, checked and put into a :class:`~helpers.data.dataset.Dataset`.

A FHIR Observation carries what a number in a spreadsheet has lost: what was measured (a LOINC code), in which unit (a UCUM code),
of whom and when, and whether the result still stands. All of it is used here, or the reading stops with one line that says which
entry is wrong. Specification: HL7 FHIR R4, Observation and Bundle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.units import Analyte, analyte, analytes
from helpers.runtime import InputError

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
STANDS = ("final", "amended", "corrected")
DOES_NOT_STAND = ("registered", "preliminary", "cancelled", "entered-in-error", "unknown")


@dataclass(frozen=True)
class Observation:
    """One result.

    Attributes:
        subject: reference to the patient.
        analyte: name of what was measured.
        value: in ``unit``.
        unit: UCUM code.
        time: as written, ISO 8601; empty where the bundle does not say.
    """

    subject: str
    analyte: str
    value: float
    unit: str
    time: str = ""


def read_observations(path: Path) -> list[Observation]:
    """All results of a bundle that stand and whose analyte is known, in the order of the file.

    Entries that are no Observation, results without a value that say why (``dataAbsentReason``), results that do not stand
    (preliminary, cancelled, entered in error), and analytes that :mod:`helpers.data.units` does not know are passed over.

    Raises:
        InputError: no JSON, no bundle, or an entry that should count and cannot: the message names file and entry, numbered
            from 1, and repeats no identifier.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path.name} is no JSON file: a FHIR bundle is JSON with resourceType Bundle") from error
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise InputError(f"{path.name} is JSON but no FHIR bundle: its resourceType is not Bundle")
    entries = document.get("entry", [])
    if not isinstance(entries, list):
        raise InputError(f"{path.name}: the bundle's entry is no list")
    found = [_observation(f"{path.name}, entry {place}", entry) for place, entry in enumerate(entries, start=1)]
    return [observation for observation in found if observation is not None]


def observation_table(observations: Sequence[Observation], columns: Sequence[tuple[str, str]], name: str) -> Dataset:
    """The last result of every patient for each analyte, in one unit per column.

    Args:
        observations: of :func:`read_observations`.
        columns: name of an analyte and the unit that its column shall have.
        name: of the dataset.

    Returns:
        ``inputs`` (patients, columns) float64, NaN where a patient has no result; patients in the order they first appear,
        ``groups`` their numbers. Of several results the latest by its time counts, of equal times the later in the file. The
        task is ``unlabeled``: a bundle of results says nothing about a diagnosis.

    Raises:
        InputError: no observations.
    """
    if not observations:
        raise InputError(f"{name}: no laboratory result to read: the bundle holds none that stands and is known here")
    places = {subject: row for row, subject in enumerate(dict.fromkeys(one.subject for one in observations))}
    values = np.full((len(places), len(columns)), np.nan)
    for column, (wanted, unit) in enumerate(columns):
        measured = analyte(wanted)
        # Sorting is stable, so of equal times the later in the file comes last.
        for one in sorted((one for one in observations if one.analyte == wanted), key=lambda one: one.time):
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


def _observation(place: str, entry: object) -> Observation | None:
    """One entry; None where it is passed over."""
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise InputError(f"{place}: no resource with a resourceType")
    if resource["resourceType"] != "Observation":
        return None
    status = resource.get("status")
    if status in DOES_NOT_STAND:
        return None
    if status not in STANDS:
        raise InputError(f"{place}: the Observation has no valid status: it is one of {', '.join(STANDS)}, …")
    measured = _analyte(place, resource.get("code"))
    if measured is None or ("valueQuantity" not in resource and resource.get("dataAbsentReason")):
        return None
    known, code = measured
    value, unit = _quantity(place, resource.get("valueQuantity"), known)
    if known.loinc[unit] != code:
        raise InputError(
            f"{place}: LOINC {code} is {known.name} in another kind of unit than {unit}: one of the two is wrong"
        )
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if not isinstance(reference, str) or not reference:
        raise InputError(f"{place}: the Observation names no patient (subject.reference)")
    return Observation(reference, known.name, value, unit, str(resource.get("effectiveDateTime") or ""))


def _analyte(place: str, code: object) -> tuple[Analyte, str] | None:
    """The analyte and its LOINC code; None for one that is not known here."""
    codings = code.get("coding") if isinstance(code, dict) else None
    if not isinstance(codings, list) or not all(isinstance(coding, dict) for coding in codings):
        raise InputError(f"{place}: the Observation does not say what was measured (code.coding)")
    wanted = {coding.get("code") for coding in codings if coding.get("system") == LOINC}
    for known in analytes().values():
        for loinc in known.loinc.values():
            if loinc in wanted:
                return known, loinc
    return None


def _quantity(place: str, quantity: object, known: Analyte) -> tuple[float, str]:
    if not isinstance(quantity, dict):
        raise InputError(f"{place}: {known.name} without a value (valueQuantity) and without a reason for it")
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise InputError(f"{place}: the value of {known.name} is no number from 0 up (valueQuantity.value)")
    if quantity.get("comparator"):
        raise InputError(f"{place}: {known.name} is a bound (valueQuantity.comparator), not a value")
    unit = quantity.get("code")
    if quantity.get("system") != UCUM or unit not in known.loinc:
        raise InputError(f"{place}: {known.name} needs a UCUM unit, {' or '.join(known.loinc)} (valueQuantity.code)")
    return float(value), unit
