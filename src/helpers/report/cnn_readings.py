"""Sentences of 02_cnn that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.comparison import PairedComparison

ALIKE = 0.8  # cosine from which on two kernels of nine numbers are called alike


def two_questions(data: Dataset, counted: Dataset) -> str:
    """Which data answer which question."""
    classes = f"{data.class_names[0]} or {data.class_names[1]}"
    if data.name == counted.name:
        return f"Both questions are asked of the same images: {classes}, and how many nuclei."
    made = "These tiles are synthetic: no count says anything about patients. " if counted.source.synthetic else ""
    return (
        f"Nobody counted anything in {data.name}: it is asked only whether an image is {classes}. Nuclei are counted in "
        f"{counted.name}, where their number is known. {made}What follows is about {data.name}."
    )


def kept(maps: np.ndarray, largest: np.ndarray, mean: np.ndarray) -> str:
    """What pooling keeps and loses: mean and largest value of a map, averaged over the maps (n, height, width, channels)."""

    def peak(values: np.ndarray) -> float:
        return float(values.max(axis=(1, 2)).mean())

    return (
        f"A map has mean {maps.mean():.3f} and largest value {peak(maps):.2f}. Averages keep the mean and lower the peak to "
        f"{peak(mean):.2f}; maxima keep the peak and raise the mean to {largest.mean():.3f}."
    )


def by_heart(histories: Mapping[str, pd.DataFrame]) -> str:
    """Where the last training and validation losses stand to each other, for every network."""
    parts = []
    for name, history in histories.items():
        last = history.iloc[-1]
        ratio = last["validation_loss"] / last["loss"]
        if ratio > 2:
            verdict = "it knows its own images far better than strangers'"
        elif ratio > 1.2:
            verdict = "it knows its own images somewhat better than strangers'"
        else:
            verdict = "strangers' images are known about as well as its own"
        parts.append(f"{name}: training {last['loss']:.3f}, validation {last['validation_loss']:.3f}, {verdict}")
    return "In the last epoch " + "; ".join(parts) + "."


def shift(change: pd.DataFrame) -> str:
    """What the shift test found.

    Args:
        change: as for :func:`helpers.report.cnn_plots.shift_plot`.
    """
    without, smallest = change.loc[1].mean(), change.index[1]
    after = change.loc[smallest]
    first = (
        f"Moving the image by one pixel changes the map by {without:.0%} of its standard deviation. Blocks of {smallest} "
        f"pixels leave {after['max']:.0%} with maxima and {after['average']:.0%} with averages"
    )
    if after.max() < 0.5 * without:
        return f"{first}: less than half, already with the smallest blocks."
    if after.max() < without:
        return f"{first}: less, but one such layer is far from indifferent to a shift. Only several of them, or large blocks, are."
    return f"{first}: here pooling once does not help against a shift at all."


def error_gap(gap: PairedComparison, first: str, second: str, unit: str) -> str:
    """What a paired difference ``first - second`` of mean absolute errors allows one to say; smaller is better."""
    if np.isnan(gap.low):
        return (
            f"{first} and {second} differ by {gap.difference:+.2f} {unit}; how sure that is, these groups do not tell."
        )
    interval = f"{gap.difference:+.2f} {unit}, 95 % interval {gap.low:+.2f} to {gap.high:+.2f}"
    if gap.high < 0:
        return f"{first} makes the smaller error than {second} ({interval})."
    if gap.low > 0:
        return f"{first} makes the larger error than {second} ({interval}): the simpler model wins here."
    return f"{first} and {second} cannot be told apart by their errors on these samples ({interval})."


def spread(truth: np.ndarray, predicted: np.ndarray, unit: str) -> str:
    """Whether predictions spread as far as the truth does, or keep to the middle."""
    ratio = np.std(predicted) / np.std(truth)
    numbers = f"standard deviation {np.std(predicted):.1f} {unit} predicted, {np.std(truth):.1f} true"
    if ratio < 0.95:
        return (
            f"Predictions keep to the middle ({numbers}): where there are few, too many are predicted, where there are many, too "
            "few. Under squared error the best guess is the mean of what is possible, and means vary less than the truth."
        )
    if ratio > 1.05:
        return f"Predictions spread further than the truth ({numbers}): some of their variation is error."
    return f"Predictions spread about as far as the truth ({numbers})."


def quarters(ratio: float) -> str:
    """Whether the counts of four quarters add up to the count of the whole; ``ratio`` is their sum over the truth."""
    start = f"The four quarters together are given {ratio:.2f} times the nuclei that are there"
    if abs(ratio - 1) <= 0.1:
        return f"{start}: they add up."
    lesson = (
        "Its features are averages and largest values; the area never entered. On images of one size, density and count are "
        "the same up to a factor, and no loss can tell which of them was learned. Other sizes need a head that adds up over "
        "places, as the spot counter does, or a density that is multiplied by the area."
    )
    if abs(ratio - 4) <= 1:
        return f"{start}: every quarter is given about the count of a whole tile. The network has learned how densely nuclei lie. {lesson}"
    return f"{start}: they do not add up. {lesson}"


def resemblance(table: pd.DataFrame) -> str:
    """How many learned kernels look like a known one.

    Args:
        table: cosines, one row per learned kernel, one column per known one; the sign does not matter.
    """
    closest = table.abs().max(axis=1)
    like = int((closest >= ALIKE).sum())
    if not like:
        return (
            f"None of the {len(table)} kernels is much like one of the known ones (cosine {closest.max():.2f} at most)."
        )
    names = table.abs().idxmax(axis=1)[closest >= ALIKE].value_counts()
    found = ", ".join(f"{count} like {name}" for name, count in names.items())
    rest = len(table) - like
    return f"{like} of {len(table)} kernels are nearly a known one, up to their sign ({found}); {rest} are mixtures."


def receptive_field(measured: Sequence[int], formula: Sequence[int], influence: np.ndarray) -> str:
    """What the gradient says about the receptive field.

    Args:
        measured, formula: side per block, px.
        influence: (height, width) of the last block; a unit that weighed all pixels of its field alike would have a
            quarter of it in the middle quarter of the field's area.
    """
    rows, columns = np.nonzero(influence)
    quarter = formula[-1] // 4
    middle = [int(values.min() + values.max()) // 2 for values in (rows, columns)]
    inner = influence[middle[0] - quarter : middle[0] + quarter + 1, middle[1] - quarter : middle[1] + quarter + 1]
    central = float(inner.sum() / influence.sum())
    agree = list(measured) == list(formula)
    first = (
        "The measured fields fill those of the formula exactly"
        if agree
        else f"The measured fields ({', '.join(map(str, measured))} px) stay within those of the formula"
    )
    if central > 0.3:
        return f"{first}. The middle quarter of the last one's area has {central:.0%} of the influence: a unit looks mostly at the middle."
    return (
        f"{first}. The middle quarter of the last one's area has {central:.0%} of the influence: it looks about evenly."
    )
