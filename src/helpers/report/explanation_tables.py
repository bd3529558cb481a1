"""Judge several heat maps by one rule: every number goes into the results with its interval, and into a table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.localization import (
    Score,
    curve_area,
    mask_share,
    mass_inside,
    mean_over_groups,
    paired_means,
    pointing_hits,
    rank_correlations,
    replacement_curves,
    widened,
)
from helpers.evaluation.proportions import Interval, cluster_proportion
from helpers.report.writing import Run

SPLIT = "validation"


def condition_aurocs(run: Run, model: str, scores: Mapping[str, np.ndarray], part: Dataset) -> pd.DataFrame:
    """AUROC of one model on the same cases under several conditions.

    Args:
        run: gets estimates ``auroc_<model>_<condition>``.
        model: name of the model.
        scores: condition to (n,) scores.
        part: one part of a binary dataset, n cases.

    Returns:
        Index: conditions; columns of :class:`helpers.evaluation.proportions.Interval`, the value first.
    """
    rows = {}
    for condition, score in scores.items():
        found = auroc_delong(part.targets, score, part.groups)
        label = f"AUROC, {model}, {condition}"
        run.add_interval(f"auroc_{model}_{_slug(condition)}", label, found, part.groups, part.split[0], model)
        rows[condition] = vars(found)
    return pd.DataFrame.from_dict(rows, orient="index")


def localization_table(
    run: Run,
    key: str,
    maps: Mapping[str, np.ndarray],
    masks: np.ndarray,
    groups: np.ndarray,
    tolerance: int,
) -> dict[str, pd.DataFrame]:
    """Pointing game and mass inside the mask, one row per map.

    Args:
        run: gets estimates ``<key>_pointing_<map>``, ``<key>_mass_<map>`` and the exact chance levels of both.
        key: what the masks are of, ``mark`` or ``lesion``.
        maps: name to (n, height, width), none negative.
        masks: (n, height, width) bool.
        groups: (n,) group of each image.
        tolerance: of the pointing game, px.

    Returns:
        ``pointing`` and ``mass``: index: names; columns value, low, high, chance; above and below: low and high end of the
        paired difference to chance, which varies from image to image.
    """
    chances = {"pointing": mask_share(widened(masks, tolerance)), "mass": mask_share(masks)}
    rows: dict[str, dict[str, dict[str, float]]] = {"pointing": {}, "mass": {}}
    for name, some in maps.items():
        hits, mass = pointing_hits(some, masks, tolerance), mass_inside(some, masks)
        pairs = {"pointing": (hits, cluster_proportion(hits, groups)), "mass": (mass, mean_over_groups(mass, groups))}
        for rule, (values, found) in pairs.items():
            label = f"{'Pointing game' if rule == 'pointing' else 'Mass inside'}, {key}, {name}"
            run.add_interval(f"{key}_{rule}_{_slug(name)}", label, found, groups, SPLIT, name)
            gap = paired_means(values, chances[rule], groups)
            chance = {"chance": float(chances[rule].mean()), "above": gap.low, "below": gap.high}
            rows[rule][name] = {**_ends(found), **chance}
    for rule, chance in chances.items():
        run.add_exact(f"{key}_{rule}_chance", f"Chance level of the {rule} rule, {key}", float(chance.mean()))
    return {rule: pd.DataFrame.from_dict(found, orient="index") for rule, found in rows.items()}


def faithfulness_table(
    run: Run,
    score: Score,
    images: np.ndarray,
    maps: Mapping[str, np.ndarray],
    groups: np.ndarray,
    steps: int,
    seed: int,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Areas under the deletion and the insertion curve, one row per map, and beside a random order of the pixels.

    Args:
        run: gets estimates ``deletion_<map>`` and ``insertion_<map>``.
        score: prepared images to (n,) probabilities.
        images: (n, height, width, channels), around 0.
        maps: name to (n, height, width); a random order is added.
        groups: (n,) group of each image.
        steps: of the curves.
        seed: of the random order.

    Returns:
        The table: deletion, insertion (mean areas), yield (insertion minus deletion, less that of the random order) with low
        and high. And the mean curves, name to (2, steps + 1): deletion, insertion.
    """
    some = next(iter(maps.values()))
    everything = {**maps, "random order": np.random.default_rng(seed).random(some.shape)}
    curves = {name: replacement_curves(score, images, order, steps) for name, order in everything.items()}
    areas = {name: [curve_area(one) for one in pair] for name, pair in curves.items()}
    by_chance = areas["random order"][1] - areas["random order"][0]
    rows = {}
    for name, (deletion, insertion) in areas.items():
        for kind, values in (("deletion", deletion), ("insertion", insertion)):
            label = f"Area under the {kind} curve, {name}"
            run.add_interval(f"{kind}_{_slug(name)}", label, mean_over_groups(values, groups), groups, SPLIT, name)
        gap = paired_means(insertion - deletion, by_chance, groups)
        rows[name] = {"deletion": deletion.mean(), "insertion": insertion.mean()}
        rows[name] |= {"yield": gap.difference, "low": gap.low, "high": gap.high}
    return pd.DataFrame.from_dict(rows, orient="index"), {
        name: np.stack([one.mean(axis=0) for one in pair]) for name, pair in curves.items()
    }


def scrambling_table(
    run: Run,
    trained: Mapping[str, np.ndarray],
    stages: Mapping[str, Mapping[str, np.ndarray]],
    groups: np.ndarray,
) -> tuple[pd.DataFrame, dict[str, Interval]]:
    """Rank correlation of each method's maps with those of a more and more scrambled network.

    Args:
        run: gets estimates ``scrambled_<map>`` for the last stage.
        trained: name to (n or more, height, width) of the trained network; the first n are compared.
        stages: name of the stage to the maps of that network, from little to everything.
        groups: (n,) group of each image.

    Returns:
        Mean correlation: index: stages; columns: names. And for the last stage the mean with its interval.
    """
    found = {
        stage: {name: rank_correlations(trained[name][: len(some)], some) for name, some in maps.items()}
        for stage, maps in stages.items()
    }
    last = {name: mean_over_groups(values, groups) for name, values in list(found.values())[-1].items()}
    for name, interval in last.items():
        label = f"Rank correlation with the maps of a wholly scrambled network, {name}"
        run.add_interval(f"scrambled_{_slug(name)}", label, interval, groups, SPLIT, name)
    table = {stage: {name: values.mean() for name, values in maps.items()} for stage, maps in found.items()}
    return pd.DataFrame.from_dict(table, orient="index"), last


def _ends(found: Interval) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}


def _slug(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")
