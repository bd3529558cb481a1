"""The federation of ``medlab federated``: hospitals with the heart table train one network, and what comes out is compared.

Each hospital keeps 30 % of its patients for a test of its own. The same federation in one process, where all patients are at
hand, is the twin: it must come to the same weights.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.data import catalog, heart_table, hospital_tables
from helpers.evaluation.intervals import Interval, auroc_delong
from helpers.runtime import InputError

if TYPE_CHECKING:
    import keras

    from helpers.training.federated import Federation
    from helpers.training.federated_client import Member
    from helpers.training.federated_server import Outcome

MODEL_FILE, FACTS_FILE = "model.keras", "federation.json"
TOLERANCE = 1e-5  # of a weight; float32 knows about 1e-7 of it


@dataclass(frozen=True)
class Result:
    """What a federation came to, wherever it ran.

    Attributes:
        weights: arrays of the shared network.
        scores: hospital to ``auroc``, ``low``, ``high`` on the patients that it kept for testing, and their number ``tested``.
        samples: hospital to the number of patients that it trained on.
    """

    weights: Sequence[np.ndarray]
    scores: Mapping[str, Mapping[str, float]]
    samples: Mapping[str, int]

    @classmethod
    def of(cls, outcome: Outcome) -> Result:
        """What the server of a federation has in hand at the end."""
        return cls(outcome.weights, outcome.scores, outcome.samples)


def settings(rounds: int) -> Federation:
    """Two local epochs of steps of 32 patients, fixed beforehand."""
    from helpers.training.federated import Federation

    return Federation(rounds, local_epochs=2, batch_size=32, learning_rate=0.1)


def network(seed: int) -> keras.Model:
    """The small network of ``08_heart_disease``, which all hospitals build alike."""
    from helpers.models.tabular import tabular_network

    return tabular_network(hospital_tables.FEATURES, seed=seed)


def hospital_in_dataset(name: str, hospital: str) -> tuple[np.ndarray, np.ndarray]:
    """Measurements (n, 13) and diagnoses (n,) of one hospital's patients in a heart table of the catalog.

    Raises:
        InputError: no such dataset or hospital, or it is not here.
    """
    patients = hospital_tables.patients_of(catalog.load(name), hospital)
    return patients.inputs, patients.targets


def hospital_names(name: str) -> tuple[str, ...]:
    """The hospitals of a heart table of the catalog, in their order."""
    return catalog.load(name).site_names


def hospital_in_file(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Measurements (n, 13) and diagnoses (n,) from a hospital's own file, which has the format of the UCI table."""
    table = heart_table.read_table(path)
    return table[:, :-1], (table[:, -1] > 0).astype(np.int64)


def member(name: str, inputs: np.ndarray, targets: np.ndarray) -> Member:
    """A hospital as it takes part.

    Args:
        name: by which the server knows it.
        inputs: (n, 13) measurements of all its patients, NaN where nothing was measured.
        targets: (n,) of 0 and 1.

    Raises:
        InputError: too few patients of a class.
    """
    from helpers.training.federated_client import Member

    tested = hospital_tables.for_testing(targets)
    own, kept = inputs[~tested], inputs[tested]

    def evaluate(model: keras.Model, total: np.ndarray) -> dict[str, float]:
        probability = model.predict_on_batch(hospital_tables.prepare(kept, total))[:, 0]
        found = auroc_delong(targets[tested], probability)
        return {"auroc": found.value, "low": found.low, "high": found.high, "tested": float(tested.sum())}

    return Member(
        name=name,
        targets=targets[~tested].astype("float32"),
        sums=hospital_tables.column_sums(own),
        prepare=lambda total: hospital_tables.prepare(own, total),
        evaluate=evaluate,
    )


def commands(
    name: str, hospitals: Sequence[str], address: str, rounds: int, seed: int, patience: float, folder: Path
) -> dict[str, list[str]]:
    """Command of the server, and of each hospital's client, for processes on this machine."""
    medlab = [sys.executable, "-m", "helpers.cli", "federated"]
    common = ["--address", address, "--patience", str(patience)]
    named = [word for hospital in hospitals for word in ("--site", hospital)]
    server = [*named, "--rounds", str(rounds), "--seed", str(seed), "--output", str(Path(folder).absolute())]
    clients = {one: [*medlab, "client", *common, "--site", one, "--dataset", name] for one in hospitals}
    return {"server": [*medlab, "server", *common, *server], **clients}


def in_one_process(name: str, rounds: int, seed: int) -> Result:
    """The twin: the same hospitals, the same federation, without a network."""
    from helpers.training.federated import train_federated

    members = [member(hospital, *hospital_in_dataset(name, hospital)) for hospital in hospital_names(name)]
    total = np.sum(np.stack([one.sums for one in members]), axis=0)
    model = network(seed)
    sites = {one.name: (one.prepare(total), one.targets) for one in members}
    train_federated(model, sites, settings(rounds), seed=seed)
    scores = {one.name: one.evaluate(model, total) for one in members}
    return Result(model.get_weights(), scores, {one.name: len(one.targets) for one in members})


def save(folder: Path, outcome: Outcome, rounds: int, seed: int) -> Path:
    """Write the shared network and what is known of the federation; a temporary name first, then renamed.

    ``federation.json`` holds mean and deviation of the numbers, which own patients have to be scaled with.
    """
    require_replaceable(folder)
    model = network(seed)
    model.set_weights(outcome.weights)
    mean, deviation = hospital_tables.mean_and_deviation(outcome.total)
    facts = {
        "rounds": rounds,
        "seed": seed,
        "samples": dict(outcome.samples),
        "mean": mean.tolist(),
        "deviation": [value if np.isfinite(value) else None for value in deviation.tolist()],
        "losses": outcome.losses,
        "scores": {name: dict(scores) for name, scores in outcome.scores.items()},
        "bytes_per_round": outcome.bytes_per_round,
        "seconds": outcome.seconds,
    }
    folder = Path(folder)
    temporary = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        model.save(temporary / MODEL_FILE)
        (temporary / FACTS_FILE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def require_replaceable(folder: Path) -> None:
    """Refuse a folder that holds something else than an older federation.

    Raises:
        InputError: see above.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()) and not (folder / FACTS_FILE).is_file():
        raise InputError(f"{folder.name} exists and holds something else than a federation: choose another folder")


def load(folder: Path) -> tuple[Result, dict[str, Any]]:
    """What :func:`save` wrote."""
    import keras

    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    model = keras.saving.load_model(folder / MODEL_FILE, compile=False, safe_mode=True)
    return Result(model.get_weights(), facts["scores"], facts["samples"]), facts


def largest_difference(one: Result, other: Result) -> float:
    """Between the weights of two networks of the same architecture."""
    return max(float(np.abs(ours - theirs).max()) for ours, theirs in zip(one.weights, other.weights, strict=True))


def score_lines(result: Result) -> list[str]:
    """A table for a terminal: hospitals, patients, and AUROC of the shared network with its interval."""
    rows = [["hospital", "trained", "tested", "AUROC (95 % interval)"]]
    for name, scores in result.scores.items():
        shown = Interval(scores["auroc"], scores["low"], scores["high"], "DeLong").text()
        rows.append([name, str(result.samples[name]), f"{scores['tested']:.0f}", shown])
    return _aligned(rows)


def comparison_lines(shared: Result, twin: Result) -> list[str]:
    """A table for a terminal: AUROC at each hospital of the network that came over the network, and of its twin."""
    rows = [["AUROC", "over the network", "in one process"]]
    for name, scores in shared.scores.items():
        rows.append([name, f"{scores['auroc']:.6f}", f"{twin.scores[name]['auroc']:.6f}"])
    return _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
