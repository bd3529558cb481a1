"""Sentences that depend on numbers: every outcome is worded, so that no report contradicts its own table."""

from __future__ import annotations

import math

import pandas as pd

from helpers.data.dataset import Dataset


def with_interval(value: float, low: float, high: float, digits: int = 3) -> str:
    """``0.912 (95 % interval 0.880 to 0.941)``."""
    if math.isnan(value):
        return "not defined"
    return f"{value:.{digits}f} (95 % interval {low:.{digits}f} to {high:.{digits}f})"


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


def split_gap(by_random: dict[str, float], by_group: dict[str, float], groups_known: bool, group: str) -> str:
    """What the random split promises beyond the split by group.

    Args:
        by_random, by_group: ``AUROC`` and ``low``, the lower end of its interval, under each split.
        groups_known: False when both splits are the same thing.
        group: the word for a group.
    """
    if not groups_known:
        return "No groups are published, so both splits draw single images and this comparison can find nothing."
    gap = by_random["AUROC"] - by_group["AUROC"]
    if by_random["low"] > by_group["AUROC"]:
        return (
            f"The random split promises {gap:.3f} more AUROC than the split by {group}. The model did not become better; "
            f"it met images of a {group} that it had already seen."
        )
    return (
        f"The random split promises {gap:+.3f} AUROC against the split by {group}, within what chance allows. The rule "
        "stays: a split by group costs nothing, and whether a random one would have leaked is only known afterwards."
    )


def training_course(history: pd.DataFrame) -> str:
    """Where training stopped getting better, and whether it then began to memorize."""
    best = history.loc[history["best"]].iloc[0]
    last = history.iloc[-1]
    sentence = (
        f"Validation loss is lowest in epoch {best['epoch']:.0f} of {last['epoch']:.0f}; those weights are kept. "
    )
    if last["epoch"] == best["epoch"]:
        return sentence + "It was still falling at the end, so more epochs might help."
    if last["validation_loss"] > 1.1 * best["validation_loss"] and last["loss"] < best["loss"]:
        return sentence + "After it the training loss keeps falling while validation rises: the network memorizes."
    return sentence + "After it validation stays about where it is."


def calibration(slope: float, low: float, high: float) -> str:
    """Read a calibration slope with its interval."""
    interval = f"slope {slope:.2f}, 95 % interval {low:.2f} to {high:.2f}"
    if math.isnan(slope):
        return "The calibration slope is not defined here."
    if high < 1:
        return f"The probabilities are too extreme ({interval}): high ones come true less often, low ones more often, than they say."
    if low > 1:
        return f"The probabilities are too timid ({interval}): they lie closer to the middle than the outcomes do."
    return f"The slope is compatible with 1 ({interval}): neither clearly too extreme nor too timid."


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
