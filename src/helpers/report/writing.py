"""What a notebook writes while it runs: metrics, claims, arrays, pictures, in the form that results.json asks for."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import runtime
from helpers.data import catalog
from helpers.data.dataset import PARTS, Dataset
from helpers.evaluation.audit.findings import Audit
from helpers.report.limits import limits_of
from helpers.report.results import SCHEMA_VERSION, number, run_folder, validate, write_json


def describe_dataset(dataset: Dataset) -> dict:
    """Name, source and sizes of a dataset, as they stand in results.json."""
    parts = {}
    for name in PARTS:
        inside = dataset.split == name
        if inside.any():
            parts[name] = {"samples": int(inside.sum()), "groups": int(len(np.unique(dataset.groups[inside])))}
            if dataset.task == "binary":
                parts[name]["positive"] = int(dataset.targets[inside].sum())
    source = dataset.source
    return {
        "name": dataset.name,
        "title": source.title,
        "licence": source.licence,
        "citation": source.citation,
        "checksum": source.checksum,
        "synthetic": source.synthetic,
        "task": dataset.task,
        "group": source.group,
        "groups_known": dataset.groups_known,
        "parts": parts,
    }


class Run:
    """What a notebook writes while it runs: metrics, claims, arrays, figures; :meth:`save` closes it.

    Args:
        notebook: file name without suffix, for example ``06_tumor_diagnosis``.
        title: title of the notebook.
        dataset: name from the catalog or a folder; decides the variant.
        profile: quick or full.
        seed: seed of the run.
        output: folder to write to; empty for the one that belongs to the run.
        variant: of a run that opens no dataset itself; empty for that of the dataset.
    """

    def __init__(
        self, notebook: str, title: str, dataset: str, profile: str, seed: int, output: str = "", variant: str = ""
    ) -> None:
        self.variant = variant or catalog.variant_name(dataset)
        self.folder = Path(output) if output else run_folder(notebook, self.variant, profile, seed)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._document = {
            "schema_version": SCHEMA_VERSION,
            "notebook": notebook,
            "title": title,
            "variant": self.variant,
            "profile": profile,
            "seed": seed,
            "environment": runtime.describe_environment(),
            "datasets": [],
            "metrics": [],
            "claims": [],
            "limits": [],
        }

    def add_dataset(self, dataset: Dataset) -> None:
        """State what was used: source, checksum, samples and groups per part; and what such data cannot show."""
        self._document["datasets"].append(describe_dataset(dataset))
        for sentence in limits_of(dataset):
            self.add_limit(sentence)

    def add_described(self, datasets: Iterable[dict]) -> None:
        """State the data behind numbers of other runs, as their results.json describes them; each dataset stands once."""
        known = {(entry["name"], entry["checksum"]) for entry in self._document["datasets"]}
        for entry in datasets:
            if (entry["name"], entry["checksum"]) not in known:
                known.add((entry["name"], entry["checksum"]))
                self._document["datasets"].append(entry)

    def add_estimate(
        self,
        name: str,
        label: str,
        value: float,
        low: float,
        high: float,
        *,
        method: str,
        n: int,
        groups: int,
        split: str = "test",
        model: str = "network",
        seeds: int = 1,
        seed_sd: float = math.nan,
        unit: str = "",
    ) -> None:
        """A performance estimate on held-out data, always with its 95 % interval."""
        self._document["metrics"].append(
            {
                "name": name,
                "label": label,
                "kind": "estimate",
                "value": number(value),
                "low": number(low),
                "high": number(high),
                "method": method,
                "n": int(n),
                "groups": int(groups),
                "seeds": int(seeds),
                "seed_sd": number(seed_sd),
                "split": split,
                "unit": unit,
                "model": model,
            }
        )

    def add_interval(
        self, name: str, label: str, interval, groups: np.ndarray, split: str = "test", model: str = "network"
    ) -> None:
        """An estimate that comes as an interval object.

        Args:
            interval: has value (or difference), low, high and method.
            groups: (n,) group of every sample behind it.
        """
        value = interval.difference if hasattr(interval, "difference") else interval.value
        ends = {"low": interval.low, "high": interval.high, "method": interval.method}
        counts = {"n": len(groups), "groups": len(np.unique(groups))}
        self.add_estimate(name, label, value, **ends, **counts, split=split, model=model)

    def add_scores(
        self, part: str, labels: Mapping[str, str], table: pd.DataFrame, groups: np.ndarray, model: str = "network"
    ) -> None:
        """Every metric of one model on one part: ``<part>_<metric>``, and for another model ``…_<model>``.

        Args:
            part: of the split, or ``external``.
            labels: metric to the words for it.
            table: of :func:`helpers.evaluation.intervals.metric_intervals`.
            groups: (n,) group of every sample behind it.
            model: network or a baseline.
        """
        for metric, row in table.iterrows():
            name = f"{part}_{metric}" if model == "network" else f"{part}_{metric}_{model}"
            self.add_interval(name, f"{labels[metric]}, {part}", row, groups, part, model)

    def add_subsets(
        self, name: str, label: str, table: pd.DataFrame, method: str, split: str = "test", model: str = "network"
    ) -> None:
        """One measure over several subsets of the samples (classes, subgroups): ``<name>_<subset>``.

        Args:
            name: of the measure.
            label: the words for it; those of the subset are added.
            table: one row per subset; columns value, low, high, samples, groups. What is not known is null.
            method: of the intervals.
            split: part of the samples.
            model: network or a baseline.
        """
        for subset, row in table.iterrows():
            words = " ".join(map(str, subset)) if isinstance(subset, tuple) else str(subset)
            slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
            ends = {"low": row["low"], "high": row["high"], "method": method}
            counts = {"n": row["samples"], "groups": row["groups"]}
            self.add_estimate(
                self._free_name(f"{name}_{slug}"),
                f"{label}, {words}",
                row["value"],
                **ends,
                **counts,
                split=split,
                model=model,
            )

    def _free_name(self, name: str) -> str:
        """The name, numbered where another metric has it: names in other scripts leave no letters behind."""
        taken = {metric["name"] for metric in self._document["metrics"]}
        numbered = (f"{name}_{number}" for number in itertools.count(2))
        return name if name not in taken else next(other for other in numbered if other not in taken)

    def add_exact(self, name: str, label: str, value: float, unit: str = "") -> None:
        """A number without sampling error: a count of parameters, the largest difference of two computations."""
        entry = {"name": name, "label": label, "kind": "exact", "value": number(value), "unit": unit}
        self._document["metrics"].append(entry)

    def add_timing(self, name: str, label: str, value: float, unit: str = "s") -> None:
        """A duration; timings are outside the rule that two runs agree bit for bit."""
        entry = {"name": name, "label": label, "kind": "timing", "value": number(value), "unit": unit}
        self._document["metrics"].append(entry)

    def add_claim(self, name: str, sentence: str, holds: bool, kind: str = "finding") -> None:
        """A sentence that was written before the number was known.

        Args:
            kind: ``identity`` (an equality or a contract: must hold in every run) or ``finding`` (reported either way).
        """
        self._document["claims"].append({"name": name, "sentence": sentence, "kind": kind, "holds": bool(holds)})

    def add_limit(self, sentence: str) -> None:
        """Something that this run does not show; said once, however often it is added."""
        if sentence not in self._document["limits"]:
            self._document["limits"].append(sentence)

    @property
    def limits(self) -> tuple[str, ...]:
        """What was said so far that this run does not show."""
        return tuple(self._document["limits"])

    def set_headline(self, metric: str) -> None:
        """Name of the metric that the card of this run shows."""
        self._document["headline"] = metric

    def save_thumbnail(self, figure) -> None:
        """Keep a small picture of a figure for the index."""
        figure.savefig(self.folder / "thumbnail.png", dpi=55, metadata={"Software": None})
        self._document["thumbnail"] = "thumbnail.png"

    def save_predictions(self, **arrays: np.ndarray) -> None:
        """Store arrays in ``predictions.npz``: ``<part>_<what>``, for example ``test_groups``, ``test_network``."""
        temporary = self.folder / ".predictions.partial.npz"
        np.savez_compressed(temporary, **arrays)
        temporary.replace(self.folder / "predictions.npz")

    def save_audit(self, audit: Audit) -> None:
        """Keep an audit of the data as ``audit.json``; its counts and whether it is clean stand in results.json."""
        write_json(audit.to_dict(), self.folder / "audit.json")
        for severity in ("severe", "warning"):
            name = f"audit_{severity}"
            self.add_exact(name, f"Findings of the audit: {severity}", len(audit.by_severity(severity)))
        self.add_claim("audit_clean", "The audit of the data finds nothing severe.", not audit.severe)

    def save(self) -> dict:
        """Check the document and write results.json.

        Raises:
            InputError: the document breaks the contract.
        """
        validate(self._document)
        write_json(self._document, self.folder / "results.json")
        return self._document
