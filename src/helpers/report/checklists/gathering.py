"""Gather the documents of an evaluation from its run folder and from that of the training run that it read."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from helpers.data import catalog
from helpers.report import notebooks, results
from helpers.report.checklists.evidence import Evidence
from helpers.runtime import InputError

EVALUATION, TRAINING = "07_tumor_evaluation", "06_tumor_diagnosis"
TRAINING_PARAMETER = "tumor_run"  # by which an evaluation may be given the folder of its training run
WEIGHTS_FILE = "model.weights.h5"  # inside model.keras


def training_beside(folder: Path) -> Path | None:
    """Where the training run of an evaluation lies among the same runs, whether it exists or not."""
    document, run = results.load(folder), Path(folder).absolute()
    if len(run.parents) < 3:
        return None
    return run.parents[2] / TRAINING / document["variant"] / f"{document['profile']}-seed{document['seed']}"


def gather(folder: Path, training: Path | None = None) -> Evidence:
    """Read what an evaluation run and the training run that it read left behind.

    Args:
        folder: run folder of an evaluation.
        training: run folder of the training run; None for the one of the same variant, profile and seed beside it.
            Where it does not exist, what it would have said is missing.

    Raises:
        InputError: a file is damaged, or the training run was made anew since the evaluation read it.
    """
    folder = Path(folder)
    document = results.load(folder)
    beside = training_beside(folder)
    training = Path(training) if training else beside
    trained = results.load(training) if training and (training / "results.json").is_file() else {}
    card = _read_card(training / "model" / "model.json") if trained else {}
    _require_same_model(folder, card)
    places = {"evaluation_report": "report.html", "results": "results.json"}
    if trained and beside and training.resolve() == beside.resolve():
        place = f"../../../{TRAINING}/{'/'.join(beside.parts[-2:])}"
        places |= {"training_report": f"{place}/report.html", "bundle": f"{place}/model/model.json"}
    name = document["variant"]
    return Evidence(
        {
            "evaluation": document,
            "training": trained,
            "card": card,
            "catalog": asdict(catalog.describe(name)) if name in catalog.names() else {},
            "executed": {
                "evaluation": _read_executed(folder),
                "training": _read_executed(training) if trained else {},
            },
            "places": places,
        }
    )


def _read_card(path: Path) -> dict:
    """model.json of a bundle, with the checksum of its weights; empty where there is no bundle."""
    if not path.is_file():
        return {}
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(
            "model.json of the bundle is not JSON: execute the notebook that trains the model again"
        ) from None
    if not isinstance(card, dict):
        raise InputError("model.json of the bundle is no table: execute the notebook that trains the model again")
    if path.with_name("model.keras").is_file():
        card["weights_sha256"] = _weights_checksum(path.with_name("model.keras"))
    return card


def _weights_checksum(path: Path) -> str:
    """SHA-256 of the weights inside a model file; the file itself also holds the minute in which it was saved."""
    try:
        with zipfile.ZipFile(path) as archive:
            return hashlib.sha256(archive.read(WEIGHTS_FILE)).hexdigest()
    except (OSError, KeyError, zipfile.BadZipFile):
        raise InputError(
            "model.keras of the bundle cannot be read: execute the notebook that trains the model again"
        ) from None


def _require_same_model(folder: Path, card: Mapping) -> None:
    """An evaluation and a model that was trained again since must not stand on one page."""
    if not card or not (folder / "predictions.npz").is_file():
        return
    stored = results.load_predictions(folder)
    if "models" not in stored or "thresholds" not in stored:
        return
    thresholds = dict(zip(stored["models"].tolist(), stored["thresholds"].tolist(), strict=False))
    if "network" in thresholds and thresholds["network"] != card.get("threshold"):
        raise InputError(f"the model was trained again since it was evaluated: execute {EVALUATION} again")


def _read_executed(folder: Path) -> dict:
    """Code cells, prose and records of an executed notebook; empty where there is none."""
    path = folder / "executed.ipynb"
    if not path.is_file():
        return {}
    notebook = notebooks.read(path)
    recorded = notebook.metadata.get("medlab", {})
    found = {
        "cells": [cell.id for cell in notebook.cells if cell.cell_type == "code"],
        "prose": "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"),
    }
    return found | {name: dict(recorded[name]) for name in ("sizes", "fingerprint") if name in recorded}
