"""Sentences that depend on numbers: every outcome is worded, so that no report contradicts its own table."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.intervals import Interval, auroc_delong
from helpers.evaluation.metrics import ConfusionCounts


def with_interval(value: float, low: float, high: float, digits: int = 3) -> str:
    """``0.912 (95 % interval 0.880 to 0.941)``."""
    if math.isnan(value):
        return "not defined"
    return f"{value:.{digits}f} (95 % interval {low:.{digits}f} to {high:.{digits}f})"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; nothing for no words."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def difference(value: float, low: float, high: float, first: str, second: str, measure: str) -> str:
    """Say what a paired difference ``first - second`` allows one to say; larger is better."""
    interval = f"{value:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}"
    if low > 0:
        return f"{first} has the higher {measure} than {second} ({interval})."
    if high < 0:
        return f"{first} has the lower {measure} than {second} ({interval}): the simpler model wins here."
    return f"{first} and {second} cannot be told apart by {measure} on these samples ({interval})."


def data_kind(dataset: Dataset) -> str:
    """Synthetic or real, and what that means for the numbers."""
    if dataset.source.synthetic:
        return (
            "These data are synthetic: the numbers below prove that the code works and show how the methods behave. "
            "They say nothing about patients."
        )
    return "These data are real. What the numbers allow one to say is discussed where they are read."


def grouping(dataset: Dataset) -> str:
    """What the split keeps together."""
    groups = len(set(dataset.groups.tolist()))
    if not dataset.groups_known:
        return (
            f"The source does not publish which {dataset.name} images belong to one patient, so every image counts as a "
            "group of its own. If patients gave several images, the intervals are too narrow and the scores too good."
        )
    return (
        f"{len(dataset):,} images come from {groups:,} groups ({dataset.source.group}s); a group lies on one side only."
    )


def sides(dataset: Dataset, on_several: int) -> str:
    """What the check of the split found, and whether it could find anything."""
    if not dataset.groups_known:
        return "No groups are published, so whether a group stands on two sides cannot be checked here."
    return f"{dataset.source.group}s on more than one side of the split: {on_several}"


def resizing(side: int, size: int) -> str:
    """What resizing from ``side`` to ``size`` pixels does."""
    if side == size:
        return f"The images have {side} pixels and the network takes {size}: nothing is resized, nothing is lost."
    return f"The images have {side} pixels and the network takes {size}."


def split_gap(by_random: dict[str, float], by_group: dict[str, float], groups_known: bool, group: str) -> str:
    """What the random split promises beyond the split by group.

    The interval of the difference combines the two intervals as if they were independent (Newcombe 1998, method 10):
    the two splits test on different images.

    Args:
        by_random, by_group: ``AUROC``, ``low`` and ``high`` under each split.
        groups_known: False when both splits are the same thing.
        group: the word for a group.
    """
    if not groups_known:
        return "no groups are published, so both splits draw single images and this comparison can find nothing."
    gap = by_random["AUROC"] - by_group["AUROC"]
    low = gap - math.hypot(by_random["AUROC"] - by_random["low"], by_group["high"] - by_group["AUROC"])
    high = gap + math.hypot(by_random["high"] - by_random["AUROC"], by_group["AUROC"] - by_group["low"])
    change = f"AUROC {gap:+.3f} against the split by {group}, 95 % interval {low:+.3f} to {high:+.3f}"
    if low > 0:
        return f"the random split promises more ({change}). The model is the same; its test images had relatives in training."
    return f"no difference can be shown here ({change}). A random split is not thereby safe: split by {group} all the same."


def training_course(history: pd.DataFrame) -> str:
    """Where training stopped getting better, and whether it then began to memorize."""
    best = history.loc[history["best"]].iloc[0]
    last = history.iloc[-1]
    sentence = (
        f"Validation loss is lowest in epoch {best['epoch']:.0f} of {last['epoch']:.0f}; those weights are kept. "
    )
    after = history.loc[history["epoch"] > best["epoch"], "validation_loss"].to_numpy()
    if not len(after):
        return sentence + "That is the last one, so more epochs might help."
    if after[-1] <= 1.1 * best["validation_loss"]:
        return sentence + "After it, validation loss ends about where it was."
    if len(after) > 2 and np.polyfit(np.arange(len(after)), after, 1)[0] > 0 and last["loss"] < best["loss"]:
        return (
            sentence
            + "After it, training loss keeps falling while validation loss rises: the network begins to memorize, or at least to be too sure."
        )
    return (
        sentence
        + "After it, validation loss is higher but does not rise steadily: that may be noise and is no proof of memorizing."
    )


def calibration(slope: Interval, intercept: Interval) -> str:
    """Read calibration slope and calibration in the large (the intercept), each with its interval."""
    if math.isnan(slope.value) or math.isnan(intercept.value):
        return "Slope and intercept of the calibration are not defined here."
    spread = f"slope {slope.value:.2f}, 95 % interval {slope.low:.2f} to {slope.high:.2f}"
    level = f"intercept {intercept.value:+.2f}, 95 % interval {intercept.low:+.2f} to {intercept.high:+.2f}"
    if slope.high < 1:
        first = f"The probabilities are spread too far apart ({spread})."
    elif slope.low > 1:
        first = f"The probabilities are too close together ({spread})."
    else:
        first = f"The spread of the probabilities is compatible with the outcomes ({spread})."
    if intercept.high < 0:
        return f"{first} On average they are too high: the disease is overestimated ({level})."
    if intercept.low > 0:
        return f"{first} On average they are too low: the disease is underestimated ({level})."
    return f"{first} Their average level is compatible with what came true ({level})."


def ceiling(dataset: Dataset) -> str:
    """The best AUROC that any model could reach, where the truth behind the images is known."""
    if "oracle" not in dataset.truth:
        return "Nobody knows the best reachable AUROC on these images."
    best = auroc_delong(dataset.targets, dataset.truth["oracle"], dataset.groups)
    return (
        f"Best reachable AUROC on these images, from the known truth: {with_interval(best.value, best.low, best.high)}."
    )


def net_benefit(gain: float, useful: int, thresholds: int, baseline: str, behind: int) -> str:
    """Read the decision curve at 0.2 and as a whole.

    Args:
        gain: net benefit of the network minus that of the better simple policy, per case.
        useful: at how many thresholds the network lies above both simple policies.
        thresholds: how many were drawn.
        baseline: name of the model beside the network.
        behind: at how many thresholds that one has the higher net benefit.
    """
    verdict = "more" if gain > 0 else "fewer"
    return (
        f"At 0.2 acting on the network is worth {abs(1000 * gain):.0f} {verdict} found cases per 1,000, after paying for the "
        f"false alarms, than the better simple policy. It lies above both simple policies at {useful} of {thresholds} "
        f"thresholds; the baseline ({baseline}) has the higher net benefit at {behind} of them."
    )


def mistakes(counts: ConfusionCounts, groups: np.ndarray, unit: str) -> str:
    """How many cases were called wrongly, and from how many groups they come.

    Args:
        counts: of all cases.
        groups: (n,) group of each mistake.
        unit: what a group is, in the plural.
    """
    wrong = counts.false_negative + counts.false_positive
    return (
        f"{wrong:,} of {counts.samples:,} wrong, from {len(np.unique(groups)):,} {unit}: {counts.false_negative} missed, "
        f"{counts.false_positive} false alarms"
    )


def accuracy_trap(accuracy: float, majority: float) -> str:
    """Accuracy beside what calling everybody by the commoner class gets."""
    if accuracy > majority + 0.01:
        return (
            f"Accuracy is {accuracy:.3f}; calling every case by the more common class already gets {majority:.3f}. Only the "
            "distance between the two is the model's."
        )
    return (
        f"Accuracy is {accuracy:.3f}, and calling every case by the more common class gets {majority:.3f}: by this measure "
        "alone the model is useless, which is why accuracy never stands alone."
    )
