"""Tables of 12_standardization: the door to all of them, and those about scanners and files.

Every number goes into the results with its interval, and into a table for people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.corruptions import CORRUPTIONS, corrupt
from helpers.data.dataset import Dataset
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.report.heart_tables import slug
from helpers.report.laboratory_tables import mixup_table, reference_table
from helpers.report.repeatability_tables import ONE_BIT, found_with, manifest_table, seed_table, spread_parts
from helpers.report.writing import Run

__all__ = [
    "AS_IT_COMES",
    "ONE_BIT",
    "corruption_table",
    "found_with",
    "manifest_table",
    "mixup_table",
    "reading_table",
    "reference_table",
    "remedy_table",
    "scanner_table",
    "seed_table",
    "slug",
    "spread_parts",
]

AS_IT_COMES = "as it comes"


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
