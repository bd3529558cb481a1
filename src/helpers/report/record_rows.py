"""The rows of the record: one number of one model on one dataset, with its interval, brought together over the seeds."""

from __future__ import annotations

import numpy as np

from helpers.data import catalog
from helpers.evaluation.audit.copied import ACROSS as COPIES_ACROSS
from helpers.evaluation.comparison import paired_group_bootstrap
from helpers.evaluation.intervals import metric_intervals, weighted_auroc
from helpers.evaluation.metrics import group_scores
from helpers.report import results
from helpers.report.record_measures import averaged_row, load_runs
from helpers.report.record_table import BY_GROUP, RANDOM
from helpers.runtime import InputError

EVALUATION = "07_tumor_evaluation"
TRAINING = "06_tumor_diagnosis"
COMMAND = "make record"
RESAMPLES = 2000
WITHOUT_COPIES = "test without copies"
# Single numbers of 07's runs that go on record: name there -> metric here. Their ends are averaged over the seeds.
MEASURED = {
    "calibration_slope": "calibration_slope",
    "calibration_intercept": "calibration_intercept",
    "conformal_all_all": "coverage of 90 % sets",
    "conformal_class_class_1": "coverage of 90 % sets by class, diseased",
    "specificity_at_95_sensitivity": "specificity at sensitivity 0.95",
}


def score_rows(variant: str, profile: str, seeds: tuple[int, ...]) -> list[dict]:
    """Every score of every model on the test part, the paired differences, and whole groups."""
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


def split_rows(variant: str, profile: str, seeds: tuple[int, ...]) -> list[dict]:
    """What 06 measured on validation under a random split and under a split by group, averaged over seeds."""
    documents = load_runs(TRAINING, variant, profile, seeds)
    if not documents[0]["datasets"][0]["groups_known"]:
        return []
    rows = []
    for ending, way in (("_random_split", RANDOM), ("_group_split", BY_GROUP)):
        for name in (metric["name"] for metric in documents[0]["metrics"] if metric["name"].endswith(ending)):
            row = averaged_row(documents, name)
            rows.append(row | {"metric": "auroc", "split": row["split"] + way})
    return rows


def measured_rows(variant: str, profile: str, seeds: tuple[int, ...]) -> list[dict]:
    """Numbers that stand in the results of 07, averaged over the seeds."""
    documents = load_runs(EVALUATION, variant, profile, seeds)
    rows = {metric: averaged_row(documents, name) for name, metric in MEASURED.items()}
    return [row | {"metric": metric} for metric, row in rows.items() if row is not None]


def rows_without_copies(variant: str, profile: str, seeds: tuple[int, ...]) -> list[dict]:
    """AUROC of the test images that have no copy in another part; no row where the audit found none."""
    stored = [results.load_predictions(results.run_folder(EVALUATION, variant, profile, seed)) for seed in seeds]
    training = results.run_folder(TRAINING, variant, profile, seeds[0])
    copied = results.audited_cases(training, COPIES_ACROSS)
    test_rows = np.flatnonzero(catalog.load(variant).split == "test") if len(copied) else np.arange(0)
    alone = ~np.isin(test_rows, copied)
    if alone.all() or not alone.any():
        return []
    targets, groups = stored[0]["test_targets"], stored[0]["test_groups"]
    if len(targets) != len(alone):
        raise InputError(f"{variant}: the runs were not tested on the whole test part; run `{COMMAND}` again")
    rows = []
    for model in ("network", "histogram", "pixels"):
        scores = np.stack([run[f"test__{model}"] for run in stored])[:, alone]
        table = metric_intervals(targets[alone], scores, groups[alone], 0.5, resamples=RESAMPLES).loc[["auroc"]]
        base = {
            "dataset": variant,
            "notebook": EVALUATION,
            "profile": profile,
            "split": WITHOUT_COPIES,
            "unit_of_analysis": "image",
            "n": int(alone.sum()),
            "groups": len(np.unique(groups[alone])),
            "seeds": len(seeds),
            "checksum": results.load(training)["datasets"][0]["checksum"],
        }
        rows.extend(_rows(base, model, table))
    return rows
