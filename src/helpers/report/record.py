"""The record: numbers of many seeds brought together, as a file and as the table of the README.

Every number comes from stored predictions: the value is the mean over the seeds, the interval resamples groups with the
seeds averaged, and the spread between seeds stands apart.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

from helpers.report import results
from helpers.report.figures import png
from helpers.report.record_plot import record_plot
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


def aggregate(variants: Iterable[str], profile: str, seeds: Iterable[int]) -> dict:
    """Bring the runs of several seeds together.

    Args:
        variants: names of datasets, each evaluated by ``07_tumor_evaluation``.
        profile: of the runs.
        seeds: of the runs; all of them must be there.

    Returns:
        A document with ``made`` (commit, lock, command) and ``rows``.

    Raises:
        InputError: a run is missing, or its test cases differ between seeds.
    """
    seeds = tuple(seeds)
    rows = []
    for variant in variants:
        rows.extend(score_rows(variant, profile, seeds))
        rows.extend(measured_rows(variant, profile, seeds))
        rows.extend(rows_without_copies(variant, profile, seeds))
        rows.extend(split_rows(variant, profile, seeds))
    return {"schema_version": results.SCHEMA_VERSION, "made": _made(profile, seeds), "rows": rows}


def _made(profile: str, seeds: tuple[int, ...]) -> dict:
    root = project_root()
    lock = hashlib.sha256((root / "requirements.lock").read_bytes()).hexdigest()
    answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    commit = answer.stdout.strip() if answer.returncode == 0 else "unknown"
    return {"commit": commit, "lock_sha256": lock, "command": COMMAND, "profile": profile, "seeds": list(seeds)}


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
    hidden.write_bytes(png(record_plot(document)))
    hidden.replace(picture)
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    temporary = readme.with_name(".README.partial")
    temporary.write_text(f"{before}{BEGIN}\n{readme_table(document)}\n{END}{after}", encoding="utf-8")
    temporary.replace(readme)
