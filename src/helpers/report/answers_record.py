"""The record of many runs, read, checked, and turned into sources of answers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from helpers.data import catalog
from helpers.report import results
from helpers.report.answers_sources import Finding, Measure, Source
from helpers.runtime import InputError

CASE_STUDY = ("06_tumor_diagnosis", "07_tumor_evaluation")
ROW_FIELDS = (
    "notebook",
    "dataset",
    "profile",
    "split",
    "unit_of_analysis",
    "model",
    "metric",
    "value",
    "low",
    "high",
    "n",
    "groups",
    "seeds",
    "checksum",
)
FINDING_FIELDS = ("notebook", "dataset", "name", "sentence", "held", "seeds")
ROW_TEXTS = ("notebook", "dataset", "profile", "split", "unit_of_analysis", "model", "metric")
FINDING_TEXTS = FINDING_FIELDS[:4]
# The record names the numbers of the tumor case study by metric, model and split; these are their names in its runs.
RECORDED = {
    ("07_tumor_evaluation", "test", "auroc"): "test_auroc",
    ("07_tumor_evaluation", "test", "specificity at sensitivity 0.95"): "specificity_at_95_sensitivity",
    ("06_tumor_diagnosis", "validation, random", "auroc"): "network_random_split",
    ("06_tumor_diagnosis", "validation, by group", "auroc"): "network_group_split",
}
DIFFERENCE = "auroc_difference"


def read_record(path: str | Path) -> dict:
    """Read a file of brought-together results, such as ``reports/results.json``.

    Raises:
        InputError: there is none, or it is something else; one line that says what.
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "no text"
        raise InputError(
            f"results: {path.name} cannot be read ({reason}): give the record, reports/results.json"
        ) from None
    except json.JSONDecodeError as error:
        raise InputError(f"results: {path.name} is not JSON ({error.msg}): `medlab record` writes it again") from None
    if isinstance(document, dict) and "metrics" in document:
        raise InputError(
            f"results: {path.name} holds one run: give the record, reports/results.json, or no file at all"
        )
    if not isinstance(document, dict) or document.get("schema_version") != results.SCHEMA_VERSION:
        raise InputError(
            f"results: {path.name} is no record of version {results.SCHEMA_VERSION}: `medlab record` writes one"
        )
    rows = document.get("rows")
    if not isinstance(rows, list) or not rows:
        raise InputError(f"results: {path.name} has no rows: `medlab record` writes it again")
    for number, row in enumerate(rows, 1):
        if problem := _row_problem(row):
            raise InputError(f"results: {path.name}: row {number}: {problem}: `medlab record` writes it again")
    if len(profiles := sorted({row["profile"] for row in rows})) > 1:
        raise InputError(f"results: {path.name} has rows of the profiles {' and '.join(profiles)}: a record holds one")
    findings = document.get("findings", [])
    if not isinstance(findings, list):
        raise InputError(f"results: {path.name}: findings is no list: `medlab record` writes it again")
    for number, finding in enumerate(findings, 1):
        if problem := _finding_problem(finding):
            raise InputError(f"results: {path.name}: finding {number}: {problem}: `medlab record` writes it again")
    return document


def _row_problem(row: object) -> str:
    """What keeps a row from being judged; empty if nothing does."""
    if problem := _fields_problem(row, ROW_FIELDS, ROW_TEXTS):
        return problem
    for name in ("value", "low", "high"):
        if row[name] is not None and (not _is_number(row[name]) or not math.isfinite(row[name])):
            return f"{name} is no number"
    known = [row[name] for name in ("low", "value", "high") if row[name] is not None]
    if known != sorted(known):
        return "low, value and high are not in this order"
    for name in ("n", "groups", "seeds"):
        if not _is_count(row[name]) or row[name] < 1:
            return f"{name} is no whole number above 0"
    return ""


def _finding_problem(finding: object) -> str:
    if problem := _fields_problem(finding, FINDING_FIELDS, FINDING_TEXTS):
        return problem
    held, seeds = finding["held"], finding["seeds"]
    if not _is_count(seeds) or seeds < 1:
        return "seeds is no whole number above 0"
    return "" if _is_count(held) and 0 <= held <= seeds else "held is no whole number from 0 to its seeds"


def _fields_problem(entry: object, names: Sequence[str], texts: Sequence[str]) -> str:
    if not isinstance(entry, dict):
        return "expected names and values"
    if missing := [name for name in names if name not in entry]:
        return f"{missing[0]} is missing"
    for name in texts:
        if not isinstance(entry[name], str):
            return f"{name} is no text"
    return "" if entry["dataset"] in catalog.names() else f"unknown dataset {entry['dataset']!r}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def sources_of_record(document: dict) -> list[Source]:
    """The record, a source for each notebook and dataset, in the order of the notebooks.

    Args:
        document: from :func:`read_record`, or as :func:`helpers.report.record.aggregate` makes it.
    """
    stated = document.get("findings")
    everything = (*document["rows"], *(stated or ()))
    sources = []
    for notebook, dataset in sorted({(entry["notebook"], entry["dataset"]) for entry in everything}):
        of_dataset = [row for row in document["rows"] if row["dataset"] == dataset]
        rows = [row for row in of_dataset if row["notebook"] == notebook]
        findings = [
            Finding(*(entry[key] for key in ("name", "sentence", "held", "seeds")))
            for entry in stated or ()
            if (entry["notebook"], entry["dataset"]) == (notebook, dataset)
        ]
        described = tuple(_described(row) for row in of_dataset[:1])
        profile = document["rows"][0]["profile"]
        known = None if stated is None else tuple(findings)
        sources.append(Source(notebook, dataset, profile, _measures(rows), known, described))
    return sources


def _measures(rows: Iterable[dict]) -> dict[str, Measure]:
    """Measures by the names that they have in the runs; of several differences the one to the strongest baseline."""
    found: dict[str, Measure] = {}
    differences = []
    for row in rows:
        measure = Measure(
            row.get("label", ""), *(row[key] for key in ("value", "low", "high", "n", "groups", "seeds", "split"))
        )
        if row["notebook"] not in CASE_STUDY:
            found[row["metric"]] = measure
        elif row["metric"] == DIFFERENCE:
            differences.append(Measure(f"AUROC, {row['model']}", *list(vars(measure).values())[1:]))
        elif row["model"] == "network" and row["unit_of_analysis"] == "image":
            name = RECORDED.get((row["notebook"], row["split"], row["metric"]))
            found |= {name: measure} if name else {}
    if differences:
        found[DIFFERENCE] = min(differences, key=lambda measure: measure.value)
    return found


def _described(row: dict) -> dict:
    """What the record knows of a dataset, in the form of results.json."""
    entry = catalog.describe(row["dataset"])
    said = ("title", "licence", "citation", "synthetic", "task", "group", "groups_known")
    return {"name": row["dataset"], "checksum": row["checksum"], "parts": {}} | {
        name: getattr(entry, name) for name in said
    }
