"""Tables of 12_standardization: every number goes into the results with its interval, and into a table for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.corruptions import CORRUPTIONS, corrupt
from helpers.data.dataset import Dataset
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.calibration import recalibration
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.proportions import Interval
from helpers.evaluation.variance_components import crossed_components
from helpers.report.heart_tables import slug
from helpers.report.writing import Run

AS_IT_COMES = "as it comes"
# What must be written down so that a number can be made again: words, where it stands in results.json, what for.
DEMANDS = (
    ("data: name and checksum", "datasets.0.checksum", "the same bytes"),
    ("samples and groups of each part", "datasets.0.parts", "the same split"),
    ("profile", "profile", "the same sizes"),
    ("seed", "seed", "the same start, shuffling and noise"),
    ("threads", "environment.threads", "the same order of additions"),
    ("versions: Python, TensorFlow, Keras, NumPy", "environment.tensorflow", "the same arithmetic"),
    ("operating system and kind of processor", "environment.platform", "the same machine code"),
    ("exact processor and its extensions", "environment.processor", "the same vector instructions"),
)
BESIDE = (
    ("hash of notebook, helpers and lock file", "the same code and libraries"),
    ("commit, and whether files differ from it", "where to find the code"),
    ("parameters as passed", "the same command"),
)


def scanner_table(run: Run, scores: Mapping[str, Mapping[str, np.ndarray]], judge: Dataset, split: str) -> pd.DataFrame:
    """AUROC of several models behind every scanner, on the same tissue.

    Args:
        run: gets estimates ``auroc_<model>_<scanner>``; ``drop_<model>_<scanner>`` to the first scanner and, for the first model,
            ``ahead_<other>_<scanner>`` of each other model, both paired.
        scores: model to scanner to (n,) scores; the first scanner is the one that was trained on.
        judge: n tiles, whichever scanner.
        split: what these tiles are called.

    Returns:
        Index (model, scanner); columns value, low, high; drop, drop_low, drop_high (first scanner minus this one); ahead,
        ahead_low, ahead_high (first model minus this one).
    """
    first, rows = next(iter(scores.values())), {}
    for model, by_scanner in scores.items():
        home = next(iter(by_scanner))
        for scanner, score in by_scanner.items():
            found = auroc_delong(judge.targets, score, judge.groups)
            gap = delong_paired(judge.targets, by_scanner[home], score, judge.groups)
            ahead = delong_paired(judge.targets, first[scanner], score, judge.groups)
            name, add = f"{slug(model)}_{slug(scanner)}", {"groups": judge.groups, "split": split, "model": model}
            run.add_interval(f"auroc_{name}", f"AUROC, {model}, {scanner}", found, **add)
            if scanner != home:
                run.add_interval(f"drop_{name}", f"AUROC, {model}, {home} minus {scanner}", gap, **add)
            if by_scanner is not first:
                run.add_interval(f"ahead_{name}", f"AUROC, network minus {model}, {scanner}", ahead, **add)
            rows[model, scanner] = {"value": found.value, "low": found.low, "high": found.high}
            for word, pair in (("drop", gap), ("ahead", ahead)):
                rows[model, scanner] |= {word: pair.difference, f"{word}_low": pair.low, f"{word}_high": pair.high}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["model", "scanner"])


def remedy_table(run: Run, scores: Mapping[str, Mapping[str, np.ndarray]], judge: Dataset, split: str) -> pd.DataFrame:
    """What each remedy gains behind each scanner over doing nothing, on the same tissue.

    Args:
        run: gets estimates ``auroc_<remedy>_<scanner>`` and ``gain_<remedy>_<scanner>``, paired.
        scores: scanner to remedy to (n,) scores; each scanner has :data:`AS_IT_COMES`.
        judge: n tiles.
        split: what these tiles are called.

    Returns:
        Index (remedy, scanner); columns value, low, high (AUROC), gain, gain_low, gain_high.
    """
    rows = {}
    for scanner, remedies in scores.items():
        for remedy, score in remedies.items():
            if remedy == AS_IT_COMES:
                continue
            found = auroc_delong(judge.targets, score, judge.groups)
            gap = delong_paired(judge.targets, score, remedies[AS_IT_COMES], judge.groups)
            name, add = f"{slug(remedy)}_{slug(scanner)}", {"groups": judge.groups, "split": split, "model": remedy}
            run.add_interval(f"auroc_{name}", f"AUROC, {remedy}, {scanner}", found, **add)
            run.add_interval(f"gain_{name}", f"AUROC gained, {remedy}, {scanner}", gap, **add)
            ends = {"gain": gap.difference, "gain_low": gap.low, "gain_high": gap.high}
            rows[remedy, scanner] = {"value": found.value, "low": found.low, "high": found.high, **ends}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["remedy", "scanner"])


def corruption_table(
    run: Run,
    models: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    part: Dataset,
    severities: Sequence[int],
    seed: int,
) -> tuple[pd.DataFrame, dict[str, PairedComparison]]:
    """Corrupt pictures in every way and ask the models about them.

    Args:
        run: gets the estimates ``corrupted_<kind>_<severity>_<model>`` and, for the highest severity,
            ``lost_<kind>_<model>`` (AUROC before minus after, paired).
        models: name to a function from pictures (n, height, width, 1) uint8 to (n,) scores; the first is the plain one, the
            second the one that should be protected.
        part: one part of a dataset of images.
        severities: rising.
        seed: of the noise.

    Returns:
        A table with index (kind, severity, model), severity 0 included, and columns value, low, high, lost, lost_low,
        lost_high; and for each kind at the highest severity (and for ``none``) the AUROC of the second model minus that of the
        first, paired.
    """
    plain, shielded = models
    clean = {model: ask(part.inputs) for model, ask in models.items()}
    rows, ahead = {}, {"none": delong_paired(part.targets, clean[shielded], clean[plain], part.groups)}
    for kind in CORRUPTIONS:
        for severity in (0, *severities):
            pictures = corrupt(part.inputs, kind, severity, seed)
            scores = {model: ask(pictures) for model, ask in models.items()} if severity else clean
            for model, score in scores.items():
                found = auroc_delong(part.targets, score, part.groups)
                gap = delong_paired(part.targets, clean[model], score, part.groups)
                add = {"groups": part.groups, "split": part.split[0], "model": model}
                if severity:
                    name, label = f"corrupted_{kind}_{severity}_{slug(model)}", f"AUROC, {kind} {severity}, {model}"
                    run.add_interval(name, label, found, **add)
                if severity == severities[-1]:
                    run.add_interval(
                        f"lost_{kind}_{slug(model)}", f"AUROC lost to {kind} {severity}, {model}", gap, **add
                    )
                ends = {"lost": gap.difference, "lost_low": gap.low, "lost_high": gap.high}
                rows[kind, severity, model] = {"value": found.value, "low": found.low, "high": found.high, **ends}
        ahead[kind] = delong_paired(part.targets, scores[shielded], scores[plain], part.groups)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["kind", "severity", "model"]), ahead


def reading_table(run: Run, scores: Mapping[str, np.ndarray], judge: Dataset, split: str) -> pd.DataFrame:
    """AUROC of one network on the same files, read in several ways; the first way is the right one.

    Args:
        run: gets estimates ``read_<way>`` and, for the wrong ways, ``read_drop_<way>``, paired.
        scores: way of reading to (n,) scores.
        judge: n tiles.
        split: what these tiles are called.

    Returns:
        Index: ways; columns value, low, high, drop, drop_low, drop_high.
    """
    right, rows = next(iter(scores.values())), {}
    for way, score in scores.items():
        found = auroc_delong(judge.targets, score, judge.groups)
        gap = delong_paired(judge.targets, right, score, judge.groups)
        run.add_interval(f"read_{slug(way)}", f"AUROC, files read: {way}", found, judge.groups, split)
        if score is not right:
            run.add_interval(f"read_drop_{slug(way)}", f"AUROC lost, files read: {way}", gap, judge.groups, split)
        ends = {"drop": gap.difference, "drop_low": gap.low, "drop_high": gap.high}
        rows[way] = {"value": found.value, "low": found.low, "high": found.high, **ends}
    return pd.DataFrame.from_dict(rows, orient="index")


def mixup_table(run: Run, probability: Mapping[str, np.ndarray], patients: Dataset, split: str) -> pd.DataFrame:
    """Ranking and level of one model under several states of a column.

    Args:
        run: gets estimates ``unit_auroc_<state>``, ``unit_intercept_<state>``; and ``unit_auroc_drop_<state>``, paired, for all
            but the first state.
        probability: state to (n,) probabilities; the first state is the right one.
        patients: n patients that the model has not seen.
        split: what they are called.

    Returns:
        Index: states; columns auroc, low, high, drop, drop_low, drop_high, level, level_low, level_high (calibration intercept),
        mean (probability) and ill (share).
    """
    right, rows = next(iter(probability.values())), {}
    for state, chance in probability.items():
        found = auroc_delong(patients.targets, chance, patients.groups)
        gap = delong_paired(patients.targets, right, chance, patients.groups)
        level = recalibration(patients.targets, chance, patients.groups).intercept
        add = {"groups": patients.groups, "split": split, "model": "logistic regression"}
        run.add_interval(f"unit_auroc_{slug(state)}", f"AUROC, cholesterol {state}", found, **add)
        run.add_interval(f"unit_intercept_{slug(state)}", f"Calibration intercept, cholesterol {state}", level, **add)
        if chance is not right:
            run.add_interval(f"unit_auroc_drop_{slug(state)}", f"AUROC lost, cholesterol {state}", gap, **add)
        rows[state] = {
            "auroc": found.value,
            "low": found.low,
            "high": found.high,
            "drop": gap.difference,
            "drop_low": gap.low,
            "drop_high": gap.high,
            "level": level.value,
            "level_low": level.low,
            "level_high": level.high,
            "mean": float(np.mean(chance)),
            "ill": float(np.mean(patients.targets)),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def spread_parts(run: Run, scores: np.ndarray, changed: Mapping[str, np.ndarray]) -> dict[str, Interval | float]:
    """Standard deviations of AUROC by cause: those of a crossed design, and what the arithmetic changes.

    Args:
        run: gets estimates ``spread_split``, ``spread_seed``, ``spread_rest`` and exact ``moved_<change>``.
        scores: (splits, seeds).
        changed: kind of arithmetic to (splits,) scores of the first seed under it.

    Returns:
        Cause to standard deviation: intervals for split, seed and both together, root mean squares for the changes.
    """
    names = {"split": "split", "seed": "seed", "rest": "seed and split together"}
    counts = {"n": scores.size, "groups": len(scores), "split": "cross-validation", "model": "small network"}
    parts: dict[str, Interval | float] = {}
    for key, found in crossed_components(scores).deviations().items():
        parts[names[key]] = found
        ends = {"low": found.low, "high": found.high, "method": found.method}
        run.add_estimate(f"spread_{key}", f"Standard deviation of AUROC, {names[key]}", found.value, **ends, **counts)
    for name, others in changed.items():
        parts[name] = float(np.sqrt(np.mean((others - scores[:, 0]) ** 2)))
        run.add_exact(f"moved_{slug(name)}", f"Root mean square change of AUROC, {name}", parts[name])
    return parts


def manifest_table(document: Mapping) -> pd.DataFrame:
    """What a result must bring along, and whether this run's documents do.

    Args:
        document: of ``results.json``.

    Returns:
        Index: what; columns ``so that it is``, ``stands in`` (the document, or ``nowhere``).
    """
    rows = {
        what: {"so that it is": purpose, "stands in": "results.json" if _holds(document, place) else "nowhere"}
        for what, place, purpose in DEMANDS
    }
    rows |= {what: {"so that it is": purpose, "stands in": "manifest.json"} for what, purpose in BESIDE}
    return pd.DataFrame.from_dict(rows, orient="index")


def _holds(document: object, place: str) -> bool:
    for step in place.split("."):
        if isinstance(document, list):
            document = document[int(step)] if int(step) < len(document) else None
        else:
            document = document.get(step) if isinstance(document, Mapping) else None
    return document not in (None, "", {}, [])
