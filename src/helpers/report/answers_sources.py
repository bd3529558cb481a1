"""Where answers come from: a :class:`Source` for each notebook and row of the table of runs.

It holds what was measured, on which data, and which findings held. The runs are read here; a record of many runs, which
becomes the same thing, in :mod:`helpers.report.answers_record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.report import batch, results
from helpers.runtime import InputError


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
