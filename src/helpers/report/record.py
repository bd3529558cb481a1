"""The record: numbers of many seeds brought together, as a file and as the table of the README.

The value is the mean over the seeds, and the spread between seeds stands apart. The scores of the tumor case study come
from stored predictions: their intervals resample groups with the seeds averaged. The measures of the other notebooks come
from their results, the ends of their intervals averaged over the seeds.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from helpers.report import results
from helpers.report.answers_plots import record_figure
from helpers.report.figures import png
from helpers.report.record_findings import findings_of
from helpers.report.record_measures import measure_rows
from helpers.report.record_rows import (
    COMMAND,
    EVALUATION,
    TRAINING,
    measured_rows,
    rows_without_copies,
    score_rows,
    split_rows,
)
from helpers.report.record_table import readme_table
from helpers.runtime import InputError, project_root

__all__ = ["BEGIN", "END", "EVALUATION", "TRAINING", "aggregate", "readme_table", "write_record"]

BEGIN, END = "<!-- record: begin -->", "<!-- record: end -->"


def aggregate(runs: Mapping[tuple[str, str], Iterable[int]], profile: str) -> dict:
    """Bring the runs of several seeds together.

    Args:
        runs: notebook and name of the dataset, to the seeds; all of these runs must be there. Those of
            ``06_tumor_diagnosis`` are read with those of ``07_tumor_evaluation``.
        profile: of the runs.

    Returns:
        A document with ``made`` (commit, lock, command), ``rows`` (the tumor case study comes first) and ``findings``.

    Raises:
        InputError: a run is missing, or its test cases differ between seeds.
    """
    rows, others, findings = [], [], []
    for (notebook, variant), seeds in runs.items():
        seeds = tuple(seeds)
        findings.extend(findings_of(notebook, variant, profile, seeds))
        if notebook == EVALUATION:
            rows.extend(score_rows(variant, profile, seeds))
            rows.extend(measured_rows(variant, profile, seeds))
            rows.extend(rows_without_copies(variant, profile, seeds))
            rows.extend(split_rows(variant, profile, seeds))
        elif notebook != TRAINING:
            others.extend(measure_rows(notebook, variant, profile, seeds))
    made = {"schema_version": results.SCHEMA_VERSION, "made": _made(profile)}
    return made | {"rows": rows + others, "findings": findings}


def _made(profile: str) -> dict:
    root = project_root()
    lock = hashlib.sha256((root / "requirements.lock").read_bytes()).hexdigest()
    answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    commit = answer.stdout.strip() if answer.returncode == 0 else "unknown"
    return {"commit": commit, "lock_sha256": lock, "command": COMMAND, "profile": profile}


def write_record(document: dict, root: Path) -> None:
    """Write ``reports/results.json`` and the figure, and put the table between the two markers of the README.

    Raises:
        InputError: the README lacks the markers.
    """
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise InputError(f"README.md lacks the markers {BEGIN} and {END}: put them where the table belongs")
    results.write_json(document, root / "reports" / "results.json")
    picture = root / "reports" / "figures" / "record.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    hidden = picture.with_name(".record.partial.png")
    hidden.write_bytes(png(record_figure(document)))
    hidden.replace(picture)
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    temporary = readme.with_name(".README.partial")
    temporary.write_text(f"{before}{BEGIN}\n{readme_table(document)}\n{END}{after}", encoding="utf-8")
    temporary.replace(readme)
