"""What goes on record from the notebooks other than the tumor case study: measures of their runs, brought together.

``record_measures.toml`` says which. A run states each with its interval; here the seeds are averaged.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from helpers.report import results
from helpers.runtime import InputError

AVERAGED = ", ends averaged over seeds"


@dataclass(frozen=True)
class Measures:
    """What goes on record from one notebook.

    Attributes:
        title: of the table in the README.
        names: metrics of ``results.json``, or ``dataset.metric`` for one that counts on some data only; a run need not
            have all of them.
        beside: published figures or aims, by metric or by ``dataset.metric``.
    """

    title: str
    names: tuple[str, ...]
    beside: dict[str, str]


def read_measures() -> dict[str, Measures]:
    """The table of this package: notebook to what goes on record from it."""
    text = resources.files("helpers.report").joinpath("record_measures.toml").read_text(encoding="utf-8")
    return {
        notebook: Measures(entry["title"], tuple(entry["measures"]), entry.get("beside", {}))
        for notebook, entry in tomllib.loads(text).items()
    }


def load_runs(notebook: str, variant: str, profile: str, seeds: Sequence[int]) -> list[dict]:
    """``results.json`` of every seed.

    Raises:
        InputError: a run is missing.
    """
    for seed in seeds:
        if not (results.run_folder(notebook, variant, profile, seed) / "results.json").is_file():
            raise InputError(
                f"the record lacks the run of {notebook} ({variant}, {profile}, seed {seed}): `make record` makes what is "
                "missing"
            )
    return [results.load(results.run_folder(notebook, variant, profile, seed)) for seed in seeds]


def averaged_row(documents: Sequence[dict], name: str) -> dict | None:
    """One metric of several seeds as a row of the record; None where a run lacks it or could not tell it.

    The samples held out are the same for every seed, so averaging the ends averages intervals of one sample.

    Args:
        documents: ``results.json`` of every seed of one run.
        name: of the metric.
    """
    found = [next((entry for entry in document["metrics"] if entry["name"] == name), None) for document in documents]
    if any(entry is None or entry["value"] is None for entry in found):
        return None
    values = np.array([entry["value"] for entry in found])
    first = documents[0]
    return {
        "dataset": first["variant"],
        "notebook": first["notebook"],
        "profile": first["profile"],
        "split": found[0]["split"],
        "unit_of_analysis": "image",
        "n": found[0]["n"],
        "groups": found[0]["groups"],
        "seeds": len(documents),
        "checksum": first["datasets"][0]["checksum"],
        "model": found[0]["model"],
        "metric": name,
        "value": float(values.mean()),
        "low": _mean([entry["low"] for entry in found]),
        "high": _mean([entry["high"] for entry in found]),
        "seed_sd": float(values.std(ddof=1)) if len(values) > 1 else None,
        "method": found[0]["method"] + AVERAGED,
    }


def _mean(ends: list[float | None]) -> float | None:
    return None if None in ends else results.number(np.mean(ends))


def measure_rows(notebook: str, variant: str, profile: str, seeds: Sequence[int]) -> list[dict]:
    """The rows of one notebook on one dataset, in the order of the table; each has a ``label`` beside its metric.

    Raises:
        InputError: a run is missing, or none of the measures is in it.
    """
    documents = load_runs(notebook, variant, profile, seeds)
    rows = []
    for entry in read_measures()[notebook].names:
        dataset, _, name = entry.rpartition(".")
        row = averaged_row(documents, name) if dataset in ("", variant) else None
        if row is not None:
            label = next(metric["label"] for metric in documents[0]["metrics"] if metric["name"] == name)
            rows.append(row | {"unit_of_analysis": "sample", "label": label})
    if not rows:
        raise InputError(f"{notebook} on {variant}: no metric of record_measures.toml is in its results")
    return rows
