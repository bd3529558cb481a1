"""The contract of a run: where it lies, what results.json holds, how it is checked.

A run is (notebook, variant, profile, seed). Its folder holds ``executed.ipynb``, ``report.html``, ``results.json``,
``predictions.npz`` and ``model/``. The schema stands beside this module in ``results.schema.json``.
"""

from __future__ import annotations

import json
import math
import os
import re
import zipfile
from pathlib import Path

import jsonschema
import numpy as np

from helpers import runtime
from helpers.data import catalog
from helpers.runtime import InputError

SCHEMA_VERSION = 1
SCHEMA_FILE = Path(__file__).with_name("results.schema.json")


def run_folder(notebook: str, variant: str, profile: str, seed: int) -> Path:
    """Folder that belongs to a run, whether it exists or not."""
    return runtime.reports_root() / "runs" / notebook / variant / f"{profile}-seed{seed}"


def read_schema() -> dict:
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def validate(document: dict) -> None:
    """Check a results document against the schema and against itself.

    Raises:
        InputError: one line naming the first thing that is wrong and where it stands.
    """
    errors = sorted(
        jsonschema.Draft202012Validator(read_schema()).iter_errors(document), key=lambda error: list(error.path)
    )
    if errors:
        place = ".".join(str(step) for step in errors[0].path) or "results.json"
        raise InputError(f"results.json: {place}: {errors[0].message}")
    for kind in ("metrics", "claims"):
        names = [entry["name"] for entry in document[kind]]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(f"results.json: {kind}: {', '.join(twice)} stands twice")
    for metric in document["metrics"]:
        if metric["kind"] == "estimate" and None not in (metric["value"], metric["low"], metric["high"]):
            if not metric["low"] <= metric["value"] <= metric["high"]:
                raise InputError(f"results.json: metrics: {metric['name']} lies outside its interval")
    headline = document.get("headline")
    if headline and headline not in {metric["name"] for metric in document["metrics"]}:
        raise InputError(f"results.json: headline {headline!r} is not among the metrics")


def load(folder: Path) -> dict:
    """Read and check the results.json of a run folder.

    Raises:
        InputError: there is none, or it breaks the contract.
    """
    path = Path(folder) / "results.json"
    if not path.is_file():
        raise InputError(f"no results.json in run {path.parent.name}: execute the notebook first")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(
            f"results.json of run {path.parent.name} is not JSON ({error.msg}): execute the notebook again"
        ) from None
    validate(document)
    return document


def origin(datasets: list[dict]) -> str:
    """``real``, ``synthetic``, or ``mixed`` where a run reads both; ``datasets`` as results.json describes them."""
    kinds = {"synthetic" if dataset["synthetic"] else "real" for dataset in datasets}
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "real"


def require_run(notebook: str, dataset: str, profile: str, seed: int, folder: str = "") -> Path:
    """Folder of a finished run that another notebook reads.

    Args:
        notebook: the notebook that made the run.
        dataset, profile, seed: its parameters.
        folder: where it lies; empty for the place that belongs to the parameters.

    Raises:
        InputError: the run is missing; the message holds the command that makes it.
    """
    variant = catalog.variant_name(dataset)
    place = Path(folder) if folder else run_folder(notebook, variant, profile, seed)
    if not (place / "results.json").is_file():
        shown = dataset if variant == dataset else "YOUR_FOLDER"
        command = f"medlab execute {notebook} -p dataset {shown} -p profile {profile} -p seed {seed}"
        raise InputError(
            f"the run of {notebook} ({variant}, {profile}, seed {seed}) is not there yet: first run `{command}`"
        )
    document = load(place)
    wanted = {"notebook": notebook, "variant": variant, "profile": profile, "seed": seed}
    other = [f"{name} {document[name]}" for name, value in wanted.items() if document[name] != value]
    if other:
        raise InputError(
            f"the run given as that of {notebook} ({variant}, {profile}, seed {seed}) has {', '.join(other)}"
        )
    return place


def write_json(document: dict, path: Path) -> None:
    """Write JSON under a temporary name, then rename, so that no reader ever sees half a file."""
    temporary = path.with_name(f".{path.name}.partial-{os.getpid()}")
    temporary.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    temporary.replace(path)


def number(value) -> float | None:
    """A JSON number; what cannot be computed (NaN) becomes null."""
    value = float(value)
    return value if math.isfinite(value) else None


def audited_cases(folder: Path, check: str) -> np.ndarray:
    """Row numbers that the audit of a run names under a check; none where it found nothing.

    Args:
        folder: of the run that made the audit.
        check: name of the check, as in ``audit.json``.

    Raises:
        InputError: the run kept no audit.
    """
    path = Path(folder) / "audit.json"
    try:
        findings = json.loads(path.read_text(encoding="utf-8"))["findings"]
        cases = [case for finding in findings if finding["check"] == check for case in finding["cases"]]
    except (OSError, json.JSONDecodeError, KeyError, TypeError):
        raise InputError(f"no readable audit.json in run {path.parent.name}: execute the notebook again") from None
    return np.array(sorted(cases), dtype=np.int64)


def load_predictions(folder: Path) -> dict[str, np.ndarray]:
    """Arrays of ``predictions.npz`` of a run folder.

    Raises:
        InputError: the file is missing or unreadable.
    """
    path = Path(folder) / "predictions.npz"
    if not path.is_file():
        raise InputError(f"no predictions.npz in run {path.parent.name}: execute the notebook that writes it first")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = re.sub(r"\s+", " ", str(error))
        raise InputError(
            f"predictions.npz of run {path.parent.name} cannot be read ({reason}): execute the notebook again"
        ) from None
