"""Is the model as good for everybody? A metric by subgroup, each subgroup against the rest, and what many tests do.

Twenty subgroups without any difference show one with p < .05: p values are adjusted (Holm 1979, Scand J Stat 6:65), and
a subgroup that is too small to say anything is shown as such, because leaving it out would hide that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr

from helpers.data.dataset import Dataset
from helpers.evaluation.intervals import Interval, metric_interval
from helpers.evaluation.proportions import LEVEL
from helpers.evaluation.samples import checked_groups, checked_scores
from helpers.runtime import InputError

# Their intervals are formulas, so that a p value can be read off them at every level.
SUBGROUP_METRICS = ("accuracy", "sensitivity", "specificity", "f1", "auroc")
NORMAL_QUANTILES = (1e-6, 6.0)  # between p = 1 and p = 2e-9, the smallest that is told apart
MINIMUM_GROUPS = 10
TOO_FEW = "too few"
BLOCK = 1024  # images looked at together


def subgroup_table(
    metric: str,
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None,
    subgroups: Mapping[str, np.ndarray],
    threshold: float = 0.5,
    minimum_groups: int = MINIMUM_GROUPS,
    level: float = LEVEL,
) -> pd.DataFrame:
    """One row per subgroup.

    The difference to the rest is value of the subgroup minus value of all other samples, with the interval of two
    independent estimates (Newcombe 1998, Stat Med 17:873; Zou & Donner 2008, Stat Med 27:1693), which is made of the
    two intervals and so has a width even when one of them is perfect. The p value is the smallest level at which that
    interval leaves out zero. A patient with images in the subgroup and in the rest is counted on both sides as if they
    were two, which makes the interval too wide when a patient's images are alike: cautious.

    Args:
        metric: one of :data:`SUBGROUP_METRICS`.
        targets: (n,) of 0 and 1.
        probability: (n,) scores.
        groups: (n,) group (patient) of each sample, or None.
        subgroups: name of a property (site, sex, brightness) to (n,) its labels; a missing label (None, nan, "") is a
            subgroup of its own, "unknown".
        threshold: of the decisions.
        minimum_groups: a subgroup or a rest with fewer groups *of those the metric counts* (for sensitivity the
            diseased ones, for AUROC of each class) is "too few".
        level: confidence level.

    Returns:
        Index (property, subgroup); columns value, low, high, samples, groups, counted (groups of the metric),
        difference, difference_low, difference_high, p_value, p_adjusted, note ("too few" or empty). With two subgroups
        the two differences are one test and count once.
    """
    if metric not in SUBGROUP_METRICS:
        raise InputError(f"metric {metric!r} is not compared by subgroup: choose one of {', '.join(SUBGROUP_METRICS)}")
    targets, probability = checked_scores(targets, probability)
    group = checked_groups(groups, len(targets))
    if not subgroups:
        raise InputError("no subgroups given: name at least one property with a label for each sample")

    def interval(inside: np.ndarray, confidence: float) -> Interval:
        return metric_interval(metric, targets[inside], probability[inside], group[inside], threshold, level=confidence)

    rows: list[dict[str, Any]] = []
    tests: list[list[int]] = []
    for name, labels in subgroups.items():
        words = _words(labels, len(targets), name)
        first = len(rows)
        for word in sorted(set(words)):
            inside = words == word
            counted = _counted(metric, targets, group, inside)
            row = {"property": name, "subgroup": word, "samples": int(inside.sum())}
            row |= {"groups": len(np.unique(group[inside])), "counted": counted}
            if counted >= minimum_groups:
                found = interval(inside, level)
                row |= {"value": found.value, "low": found.low, "high": found.high}
            if min(counted, _counted(metric, targets, group, ~inside)) >= minimum_groups:
                row |= _against_the_rest(interval, inside, level)
            row["note"] = "" if counted >= minimum_groups else TOO_FEW
            rows.append(row)
        tested = [number for number in range(first, len(rows)) if "p_value" in rows[number]]
        pair = len(rows) - first == 2
        tests += [tested] if pair and tested else [[number] for number in tested]
    adjusted = holm([rows[numbers[0]]["p_value"] for numbers in tests])
    for numbers, p_value in zip(tests, adjusted, strict=True):
        for number in numbers:
            rows[number]["p_adjusted"] = p_value
    measured = ["value", "low", "high", "difference", "difference_low", "difference_high", "p_value", "p_adjusted"]
    table = pd.DataFrame(rows).set_index(["property", "subgroup"])
    for column in measured:
        table[column] = table[column].astype(float) if column in table else np.nan
    columns = [*measured[:3], "samples", "groups", "counted", *measured[3:], "note"]
    table.attrs["tests"] = len(tests)
    return table[columns]


def known_properties(dataset: Dataset) -> dict[str, np.ndarray]:
    """Name of a property to (n,) labels: what the source says of its images, and how bright and contrasty they are.

    Sites are numbered and never named; the kind of disease is there where several kinds became one class.

    Args:
        dataset: of images.
    """
    properties: dict[str, np.ndarray] = {}
    if dataset.sites is not None and len(np.unique(dataset.sites)) > 1:
        properties["site"] = np.array([str(number + 1) for number in dataset.sites])
    if dataset.subtype_names:
        properties["kind"] = np.array(dataset.subtype_names)[dataset.truth["subtype"]]
    images = dataset.inputs
    return properties | {"brightness": brightness_tertiles(images), "contrast": contrast_tertiles(images)}


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjustment: the smallest p times m, the next times m - 1 ..., never falling; ``nan`` stays."""
    values = np.asarray(p_values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    adjusted = values.copy()
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return adjusted.tolist()


def brightness_tertiles(images: np.ndarray) -> np.ndarray:
    """(n,) words: a third of the images each, by mean gray value; for when nothing else is known of them.

    Args:
        images: (n, height, width, 1) or (n, height, width).
    """
    return _tertiles(_by_image(images, np.mean), ("1 dark", "2 middle", "3 bright"))


def contrast_tertiles(images: np.ndarray) -> np.ndarray:
    """(n,) words: a third of the images each, by the standard deviation of the gray values; images as above."""
    return _tertiles(_by_image(images, np.std), ("1 flat", "2 middle", "3 contrasty"))


def _against_the_rest(
    interval: Callable[[np.ndarray, float], Interval], inside: np.ndarray, level: float
) -> dict[str, float]:
    """Difference to the rest: value, interval, p value; empty where the metric is undefined on one side."""

    def bounds(confidence: float) -> tuple[float, float, float]:
        one, other = interval(inside, confidence), interval(~inside, confidence)
        value = one.value - other.value
        low = value - np.hypot(one.value - one.low, other.high - other.value)
        return value, float(low), float(value + np.hypot(one.high - one.value, other.value - other.low))

    value, low, high = bounds(level)
    if np.isnan(value):
        return {}

    def nearest(quantile: float) -> float:
        """The bound on the side of zero, seen from the difference: positive while zero is left out."""
        _, lowest, highest = bounds(2 * float(ndtr(quantile)) - 1)
        return lowest if value > 0 else -highest

    # The p value belongs to the widest interval that still leaves out zero; it is sought on the scale of the quantile.
    first, last = NORMAL_QUANTILES
    if value == 0 or nearest(first) <= 0:
        p_value = 1.0
    elif nearest(last) > 0:
        p_value = 2 * float(ndtr(-last))
    else:
        p_value = 2 * float(ndtr(-brentq(nearest, first, last, xtol=1e-7)))
    return {"difference": value, "difference_low": low, "difference_high": high, "p_value": p_value}


def _counted(metric: str, targets: np.ndarray, group: np.ndarray, inside: np.ndarray) -> int:
    """Groups that the metric rests on."""
    wanted = {"sensitivity": (1,), "specificity": (0,), "auroc": (0, 1), "f1": (1,)}.get(metric, ())
    if not wanted:
        return len(np.unique(group[inside]))
    return min(len(np.unique(group[inside & (targets == label)])) for label in wanted)


def _words(labels: np.ndarray, samples: int, name: str) -> np.ndarray:
    values = pd.Series(np.asarray(labels).tolist(), dtype="object")
    if np.asarray(labels).shape != (samples,):
        raise InputError(f"{name}: {np.shape(labels)} labels for {samples} samples: give one per sample")
    return values.where(values.notna() & (values.astype(str).str.strip() != ""), "unknown").astype(str).to_numpy()


def _by_image(images: np.ndarray, statistic: Callable[..., np.ndarray]) -> np.ndarray:
    """(n,) a statistic of each image, block by block, so that images on disk stay there."""
    if not hasattr(images, "shape"):
        images = np.asarray(images)
    if len(images.shape) not in (3, 4) or not len(images):
        raise InputError(f"images have shape {images.shape}: give (n, height, width, 1), at least one")
    blocks = (images[start : start + BLOCK] for start in range(0, len(images), BLOCK))
    return np.concatenate([statistic(block.reshape(len(block), -1).astype(np.float32), axis=1) for block in blocks])


def _tertiles(values: np.ndarray, words: tuple[str, str, str]) -> np.ndarray:
    """Equal values are never torn apart, so a third may be empty."""
    edges = np.quantile(values, [1 / 3, 2 / 3])
    return np.array(words)[np.searchsorted(edges, values, side="left")]
