"""The record: numbers of many seeds brought together, as a file and as the table of the README.

Every number comes from stored predictions: the value is the mean over the seeds, the interval resamples groups with the
seeds averaged, and the spread between seeds stands apart.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from helpers.data import catalog
from helpers.evaluation.comparison import paired_group_bootstrap
from helpers.evaluation.intervals import metric_intervals, weighted_auroc
from helpers.evaluation.metrics import group_scores
from helpers.report import results
from helpers.report.figures import png
from helpers.report.record_plot import record_plot
from helpers.runtime import InputError, project_root

BEGIN, END = "<!-- record: begin -->", "<!-- record: end -->"
EVALUATION = "07_tumor_evaluation"
TRAINING = "06_tumor_diagnosis"
COMMAND = "make record"
RESAMPLES = 2000
RANDOM, BY_GROUP = ", random", ", by group"  # how the two ways of splitting stand in the record


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
        rows.extend(_scores(variant, profile, seeds))
        rows.extend(_split_comparison(variant, profile, seeds))
    return {"schema_version": results.SCHEMA_VERSION, "made": _made(profile, seeds), "rows": rows}


def _scores(variant: str, profile: str, seeds: tuple[int, ...]) -> list[dict]:
    stored = [results.load_predictions(results.require_run(EVALUATION, variant, profile, seed)) for seed in seeds]
    documents = [results.load(results.run_folder(EVALUATION, variant, profile, seed)) for seed in seeds]
    targets, groups = stored[0]["test_targets"], stored[0]["test_groups"]
    if any(not np.array_equal(run["test_targets"], targets) for run in stored):
        raise InputError(f"{variant}: the seeds were tested on different cases; run `{COMMAND}` again")
    models = stored[0]["models"].tolist()
    probabilities = {name: np.stack([run[f"test__{name}"] for run in stored]) for name in models}
    base = {
        "dataset": variant,
        "notebook": EVALUATION,
        "profile": profile,
        "split": "test",
        "unit_of_analysis": "image",
        "n": len(targets),
        "groups": len(np.unique(groups)),
        "seeds": len(seeds),
        "checksum": documents[0]["datasets"][0]["checksum"],
    }
    rows = []
    for name in models:
        position = models.index(name)
        thresholds = np.array([run["thresholds"][position] for run in stored])
        table = metric_intervals(targets, probabilities[name], groups, thresholds, resamples=RESAMPLES)
        rows.extend(_rows(base, name, table))
    rows.extend(_differences(base, targets, groups, probabilities))
    if _groups_have_one_label(targets, groups):
        rows.extend(_group_level(base, targets, groups, probabilities, models))
    return rows


def _group_level(base: dict, targets, groups, probabilities: dict, models: list[str]) -> list[dict]:
    """AUROC of whole groups (all copies of a tile, all images of a patient): the mean probability of their images."""
    rows = []
    for name in models:
        tables = [group_scores(targets, scores, groups) for scores in probabilities[name]]
        stacked = np.stack([table["probability"].to_numpy() for table in tables])
        table = metric_intervals(tables[0]["target"].to_numpy(), stacked, None, 0.5, resamples=RESAMPLES).loc[["auroc"]]
        here = base | {"unit_of_analysis": "group", "n": len(tables[0]), "groups": len(tables[0])}
        rows.extend(_rows(here, name, table))
    return rows


def _rows(base: dict, model: str, table) -> list[dict]:
    return [
        base
        | {
            "model": model,
            "metric": metric,
            **{key: results.number(row[key]) for key in ("value", "low", "high", "seed_sd")},
            "method": row["method"],
        }
        for metric, row in table.iterrows()
    ]


def _differences(base: dict, targets: np.ndarray, groups: np.ndarray, probabilities: dict) -> list[dict]:
    """The network against each baseline, paired, seeds averaged; nothing is picked by its test result."""
    rows = []
    for rival in (name for name in probabilities if name not in ("network", "majority")):
        gap = paired_group_bootstrap(
            weighted_auroc, targets, probabilities["network"], probabilities[rival], groups, resamples=RESAMPLES, seed=0
        )
        numbers = {"value": gap.difference, "low": gap.low, "high": gap.high}
        rows.append(
            base
            | {"model": f"network minus {rival}", "metric": "auroc_difference", "seed_sd": None, "method": gap.method}
            | {key: results.number(value) for key, value in numbers.items()}
        )
    return rows


def _groups_have_one_label(targets: np.ndarray, groups: np.ndarray) -> bool:
    if len(np.unique(groups)) == len(groups):
        return False
    return all(len(np.unique(targets[groups == group])) == 1 for group in np.unique(groups))


def _split_comparison(variant: str, profile: str, seeds: tuple[int, ...]) -> list[dict]:
    """What 06 measured on validation under a random split and under a split by group, averaged over seeds."""
    documents = [results.load(results.require_run(TRAINING, variant, profile, seed)) for seed in seeds]
    if not documents[0]["datasets"][0]["groups_known"]:
        return []
    rows = []
    for metric in documents[0]["metrics"]:
        if not metric["name"].endswith(("_random_split", "_group_split")):
            continue
        found = [
            next(entry for entry in document["metrics"] if entry["name"] == metric["name"]) for document in documents
        ]
        values = np.array([entry["value"] for entry in found])
        # The groups held out are the same for every seed, so averaging the ends averages intervals of one sample.
        rows.append(
            {
                "dataset": variant,
                "notebook": TRAINING,
                "profile": profile,
                "split": metric["split"] + (RANDOM if metric["name"].endswith("random_split") else BY_GROUP),
                "unit_of_analysis": "image",
                "n": metric["n"],
                "groups": metric["groups"],
                "seeds": len(seeds),
                "checksum": documents[0]["datasets"][0]["checksum"],
                "model": metric["model"],
                "metric": "auroc",
                "value": float(values.mean()),
                "low": float(np.mean([entry["low"] for entry in found])),
                "high": float(np.mean([entry["high"] for entry in found])),
                "seed_sd": float(values.std(ddof=1)) if len(values) > 1 else None,
                "method": metric["method"] + ", ends averaged over seeds",
            }
        )
    return rows


def _made(profile: str, seeds: tuple[int, ...]) -> dict:
    root = project_root()
    lock = hashlib.sha256((root / "requirements.lock").read_bytes()).hexdigest()
    answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    commit = answer.stdout.strip() if answer.returncode == 0 else "unknown"
    return {"commit": commit, "lock_sha256": lock, "command": COMMAND, "profile": profile, "seeds": list(seeds)}


def readme_table(document: dict) -> str:
    """The record as a Markdown table, with published figures and baselines beside the network."""
    lines = [
        "| data (test images / groups) | model | AUROC | accuracy | sensitivity | specificity |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for variant in dict.fromkeys(row["dataset"] for row in document["rows"]):
        rows = [row for row in document["rows"] if row["dataset"] == variant and row["split"] == "test"]
        images = [row for row in rows if row["unit_of_analysis"] == "image" and row["metric"] != "auroc_difference"]
        first = f"**{variant}** ({images[0]['n']:,} / {images[0]['groups']:,})"
        for model in dict.fromkeys(row["model"] for row in images):
            cells = {row["metric"]: _cell(row) for row in images if row["model"] == model}
            shown = [cells[metric] for metric in ("auroc", "accuracy", "sensitivity", "specificity")]
            name = f"**{model}**, {images[0]['seeds']} seeds" if model == "network" else model
            lines.append(f"| {first} | {name} | {' | '.join(shown)} |")
            first = ""
        for row in rows:
            if row["unit_of_analysis"] == "group" and row["model"] == "network":
                lines.append(f"| | network, whole groups | {_cell(row)} | | | |")
        for figure in catalog.describe(variant).benchmarks:
            cells = [f"{figure[key]:.3f}" if key in figure else "" for key in ("auroc", "accuracy")]
            lines.append(f"| | *published:* {figure['model']} | {cells[0]} | {cells[1]} | | |")
    return "\n".join(lines + _split_lines(document))


def _split_lines(document: dict) -> list[str]:
    rows = [row for row in document["rows"] if row["split"].endswith((RANDOM, BY_GROUP))]
    if not rows:
        return []
    lines = [
        "",
        "| the same images, split in two ways (AUROC, no test images) | random | by group |",
        "| --- | --- | --- |",
    ]
    for variant, model in dict.fromkeys((row["dataset"], row["model"]) for row in rows):
        pair = [row for row in rows if (row["dataset"], row["model"]) == (variant, model)]
        cells = [_cell(next(row for row in pair if row["split"].endswith(side))) for side in (RANDOM, BY_GROUP)]
        lines.append(f"| {variant}, {model} | {' | '.join(cells)} |")
    return lines


def _cell(row: dict) -> str:
    if row["value"] is None:
        return ""
    return f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


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
