"""Where answers come from: the runs that a row of the table of runs reads, or the record of many runs.

Both become the same thing, a :class:`Source` for each notebook and row: what was measured, on which data, and which
findings held.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.data import catalog
from helpers.report import batch, results
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
# The record names the numbers of the tumor case study by metric, model and split; these are their names in its runs.
RECORDED = {
    ("07_tumor_evaluation", "test", "auroc"): "test_auroc",
    ("07_tumor_evaluation", "test", "specificity at sensitivity 0.95"): "specificity_at_95_sensitivity",
    ("06_tumor_diagnosis", "validation, random", "auroc"): "network_random_split",
    ("06_tumor_diagnosis", "validation, by group", "auroc"): "network_group_split",
}
DIFFERENCE = "auroc_difference"


@dataclass(frozen=True)
class Measure:
    """A number with its 95 % interval; ``None`` stands for what is not defined."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    groups: int
    seeds: int
    split: str


@dataclass(frozen=True)
class Finding:
    """A sentence with a threshold that was written before the number was known: in how many of the seeds it held."""

    name: str
    sentence: str
    held: int
    seeds: int


@dataclass(frozen=True)
class Source:
    """What one notebook found on one row of the table of runs.

    Attributes:
        notebook, row, profile: which run, or runs with several seeds.
        measures: estimates by name.
        findings: None where the source does not tell.
        datasets: entries of results.json.
    """

    notebook: str
    row: str
    profile: str
    measures: Mapping[str, Measure]
    findings: tuple[Finding, ...] | None
    datasets: tuple[dict, ...]


def sources_of_runs(data: str, profile: str, seed: int, reader: str) -> tuple[list[Source], list[batch.Run]]:
    """The runs that a notebook reads, as far as they are there.

    Args:
        data: embedded or public: which rows of the table of runs.
        profile, seed: of the runs.
        reader: the notebook that reads; while the table of runs does not have it, it reads every row.

    Returns:
        The sources and the runs that are missing, both in the order of the notebooks.

    Raises:
        InputError: a results.json is damaged; the message names the run.
    """
    table = batch.make_plan(data=data).table
    rows = [row for row in table.rows if row.kind == data]
    for row in (row for row in rows if row.notebook == reader):
        rows = list(table.read_by(row))
    runs = [batch.Run(row, profile, seed) for row in sorted(rows, key=lambda row: row.notebook)]
    sources = [_source_of_run(run) for run in runs if _is_there(run)]
    return sources, [run for run in runs if not _is_there(run)]


def _is_there(run: batch.Run) -> bool:
    return (run.folder / "results.json").is_file()


def _source_of_run(run: batch.Run) -> Source:
    try:
        document = results.load(run.folder)
    except (InputError, UnicodeDecodeError) as error:
        raise InputError(f"the results of {run.name} cannot be used: {error}") from None
    keys = ("value", "low", "high", "n", "groups", "seeds", "split")
    estimates = [metric for metric in document["metrics"] if metric["kind"] == "estimate"]
    measures = {entry["name"]: Measure(entry["label"], *(entry[key] for key in keys)) for entry in estimates}
    findings = [claim for claim in document["claims"] if claim["kind"] == "finding"]
    found = tuple(Finding(claim["name"], claim["sentence"], int(claim["holds"]), 1) for claim in findings)
    place = (document[key] for key in ("notebook", "variant", "profile"))
    # How many samples stand behind a number is said with the number; the sizes of all parts stand in the run's report.
    datasets = tuple(entry | {"parts": {}} for entry in document["datasets"])
    return Source(*place, measures, found, datasets)


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
    for entry in document.get("findings", ()):
        if not isinstance(entry, dict) or not set(FINDING_FIELDS) <= set(entry):
            raise InputError(f"results: {path.name}: a finding lacks something: `medlab record` writes it again")
    return document


def _row_problem(row: object) -> str:
    if not isinstance(row, dict):
        return "expected names and values"
    if missing := [name for name in ROW_FIELDS if name not in row]:
        return f"{missing[0]} is missing"
    for name in ("value", "low", "high"):
        if isinstance(row[name], bool) or not isinstance(row[name], int | float | None):
            return f"{name} is no number"
    if row["dataset"] not in catalog.names():
        return f"unknown dataset {row['dataset']!r}"
    return ""


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
