"""Judge several heat maps by one rule: every number goes into the results with its interval, and into a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    of_somebody_else,
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
    rivals: Sequence[str],
) -> dict[str, pd.DataFrame]:
    """Pointing game and mass inside the mask, one row per map.

    Args:
        run: gets estimates ``<key>_pointing_<map>``, ``<key>_mass_<map>`` and the exact chance levels of both.
        key: what the masks are of, ``mark`` or ``lesion``.
        maps: name to (n, height, width), none negative.
        masks: (n, height, width) bool.
        groups: (n,) group of each image.
        tolerance: of the pointing game, px.
        rivals: names among the maps that ask no network.

    Returns:
        ``pointing`` and ``mass``: index: names; columns value, low, high, chance; above and below: low and high end of the
        paired difference to chance, which varies from image to image; ahead and behind: the same to the best rival.
    """
    chances = {"pointing": mask_share(widened(masks, tolerance)), "mass": mask_share(masks)}
    rows: dict[str, dict[str, dict[str, float]]] = {"pointing": {}, "mass": {}}
    judged = {
        "pointing": {name: pointing_hits(some, masks, tolerance) for name, some in maps.items()},
        "mass": {name: mass_inside(some, masks) for name, some in maps.items()},
    }
    for rule, by_name in judged.items():
        rival = by_name[max(rivals, key=lambda name: by_name[name].mean())]
        for name, values in by_name.items():
            found = (cluster_proportion if rule == "pointing" else mean_over_groups)(values, groups)
            label = f"{'Pointing game' if rule == 'pointing' else 'Mass inside'}, {key}, {name}"
            run.add_interval(f"{key}_{rule}_{_slug(name)}", label, found, groups, SPLIT, name)
            gap = paired_means(values, chances[rule], groups)
            chance = {"chance": float(chances[rule].mean()), "above": gap.low, "below": gap.high}
            lead = paired_means(values, rival, groups)
            rows[rule][name] = {**_ends(found), **chance, "ahead": lead.low, "behind": lead.high}
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
    """Areas under the deletion and the insertion curve, one row per map; beside a random order, and somebody else's map.

    Args:
        run: gets estimates ``deletion_<map>``, ``insertion_<map>``, ``yield_<map>`` and ``yield_own_<map>``.
        score: prepared images to (n,) probabilities.
        images: (n, height, width, channels), around 0.
        maps: name to (n, height, width); a random order is added.
        groups: (n,) group of each image.
        steps: of the curves.
        seed: of the random order.

    Returns:
        The table: deletion, insertion (mean areas); yield (insertion minus deletion, less that of the random order) with low
        and high; own (yield of the right map less that of the same method's map of another patient) with own_low and
        own_high. And the mean curves, name to (2, steps + 1): deletion, insertion.
    """
    some, other = next(iter(maps.values())), of_somebody_else(groups)
    everything = {**maps, "random order": np.random.default_rng(seed).random(some.shape)}
    curves = {name: replacement_curves(score, images, order, steps, seed=seed) for name, order in everything.items()}
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
        if name in maps:
            run.add_interval(f"yield_{_slug(name)}", f"Yield beyond a random order, {name}", gap, groups, SPLIT, name)
            wrong = [curve_area(one) for one in replacement_curves(score, images, maps[name][other], steps, seed=seed)]
            own = paired_means(insertion - deletion, wrong[1] - wrong[0], groups)
            label = f"Yield beyond another patient's map, {name}"
            run.add_interval(f"yield_own_{_slug(name)}", label, own, groups, SPLIT, name)
            rows[name] |= {"own": own.difference, "own_low": own.low, "own_high": own.high}
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
