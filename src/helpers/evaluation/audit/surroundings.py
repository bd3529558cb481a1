"""Marks, corners and borders: what the edge of an image knows about the class that its inside does not."""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.audit.findings import Finding, case_numbers, enumerated, not_applicable
from helpers.evaluation.audit.marks import Mark, band_counts, banded, find_marks, mark_scores
from helpers.evaluation.audit.predictability import (
    best_class,
    group_folds,
    labels_of,
    predict_from,
    reason_against,
)
from helpers.evaluation.audit.shortcuts import SEVERE_FROM, WARNING_FROM, is_images
from helpers.evaluation.baselines import histogram_features
from helpers.evaluation.comparison import delong_paired

MOST_IMAGES = 3000  # looked at for marks: more would not show smaller ones
SMALLEST_SIDE = 16  # pixels; below there is no border apart from the inside
MARKED = 0.6  # score from which a single image counts as marked
CLEARLY_BETTER = 0.05  # AUROC of the border above that of the inside


def check_marks(dataset: Dataset) -> list[Finding]:
    """The same pattern at the same place in many images of one class: learned on half of the groups, tested on the rest."""
    check = "marks burned into the images"
    if reason := _reason_against_pixels(dataset):
        return [not_applicable(check, reason)]
    rows = np.unique(np.linspace(0, len(dataset) - 1, min(MOST_IMAGES, len(dataset))).round().astype(int))
    looked_at = dataset.select(rows)
    if reason := reason_against(looked_at):
        return [not_applicable(check, reason)]
    labels, bands = labels_of(looked_at), banded(looked_at.inputs)
    halves = group_folds(labels, looked_at.groups, folds=2)
    classes = np.unique(labels)
    counts = {
        (half, label): band_counts(bands[(halves == half) & (labels == label)])
        for half in (0, 1)
        for label in classes.tolist()
    }

    def marks_of(label: int, parts: tuple[int, ...]) -> list[Mark]:
        rows_of = np.isin(halves, parts)
        positive = labels[rows_of] == label
        if positive.all() or not positive.any():
            return []
        inside = sum(counts[part, label] for part in parts)
        outside = sum(counts[part, other] for part in parts for other in classes.tolist() if other != label)
        return find_marks(bands[rows_of], positive, (inside, outside))

    def score(positive: np.ndarray) -> np.ndarray:
        label = int(labels[positive == 1][0])
        scores = np.zeros(len(labels))
        for half in (0, 1):
            held = halves == half
            scores[held] = mark_scores(bands[held], marks_of(label, (1 - half,)))
        return scores

    result = best_class(labels, looked_at.groups, score, dataset.task)
    words = result.words(dataset.class_names)
    if result.interval.low < WARNING_FROM:
        sentence = "No pattern repeats at the same place in the images of one class only."
        return [Finding(check, "passed", sentence, numbers=result.numbers())]
    marked = np.abs(result.scores) >= MARKED
    marks = marks_of(1 if result.label is None else result.label, (0, 1))
    places = enumerated(list(dict.fromkeys(mark.place() for mark in marks)))
    return [
        Finding(
            check,
            "severe",
            f"The same pattern stands at the same place ({places or 'see the cases'}) in images of one class and gives "
            f"the class away ({words}; {marked.sum():,} of {len(labels):,} images looked at are clearly marked).",
            "Look at the cases: letters, rulers, frames and black corners are not disease. Mask or crop them in all "
            "images alike, or the network will read the mark.",
            {**result.numbers(), "marked": int(marked.sum())},
            case_numbers(rows[marked]),
        )
    ]


def check_borders(dataset: Dataset) -> list[Finding]:
    """Corners and borders against the inside: tissue reaches the edge, but the edge must not know more.

    The inside speaks through areas of the same shapes one step further in, or through its gray-level histogram,
    whichever tells more.
    """
    check = "corners and borders as a shortcut"
    if reason := _reason_against_pixels(dataset) or reason_against(dataset):
        return [not_applicable(check, reason)]
    edge, inside = region_features(dataset.inputs)
    border = predict_from(edge, dataset)
    words = border.words(dataset.class_names)
    if border.interval.low < WARNING_FROM:
        sentence = f"Corners and borders alone do not tell the class ({words})."
        return [Finding(check, "passed", sentence, numbers=border.numbers())]
    positive = (np.asarray(dataset.targets) == (1 if border.label is None else border.label)).astype(np.int64)
    candidates = [
        predict_from(features, dataset, label=border.label) for features in (inside, _inner_histogram(dataset))
    ]
    interior = max(candidates, key=lambda result: result.interval.value)
    paired = delong_paired(positive, border.scores, interior.scores, dataset.groups)
    numbers = {
        **border.numbers(),
        "inside": paired.second,
        "difference": paired.difference,
        "difference_low": paired.low,
    }
    better = paired.low > 0 and paired.difference >= CLEARLY_BETTER
    if not better:
        sentence = (
            f"Corners and borders tell the class ({words}), but what lies inside tells it as "
            f"well (AUROC {paired.second:.2f}): most likely content that reaches the edge."
        )
        advice = "Look at a few corners of each class side by side before you trust this."
        return [Finding(check, "note", sentence, advice, numbers)]
    return [
        Finding(
            check,
            "severe" if border.interval.low >= SEVERE_FROM else "warning",
            f"Corners and borders tell the class better ({words}) than what lies inside (AUROC {paired.second:.2f}).",
            "Look at the edges of each class for marks, frames, blur, shading or collimation; crop or mask them in all "
            "images alike.",
            numbers,
        )
    ]


def _inner_histogram(dataset: Dataset) -> np.ndarray:
    rows, columns = (slice(side // 6, side - side // 6) for side in dataset.inputs.shape[1:3])
    return histogram_features(np.ascontiguousarray(dataset.inputs[:, rows, columns]))


def region_features(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Statistics of 4 corners and 4 edges, and of 4 squares and 4 strips of the same sizes inside.

    Args:
        images: (n, height, width, 1) uint8, sides of at least :data:`SMALLEST_SIDE`.

    Returns:
        Two arrays (n, 8 * 5): for each region the mean relative to the whole image, the standard deviation, the shares
        of black and of white pixels, and the mean difference of horizontal neighbors.
    """
    height, width = images.shape[1:3]
    thick = [max(2, side // 16) for side in (height, width)]
    corner = [max(4, side // 6) for side in (height, width)]
    top, left = slice(0, corner[0]), slice(0, corner[1])
    bottom, right = slice(height - corner[0], height), slice(width - corner[1], width)
    along = slice(corner[1], width - corner[1])
    down = slice(corner[0], height - corner[0])
    edge = [(row, column) for row in (top, bottom) for column in (left, right)]
    edge += [(slice(0, thick[0]), along), (slice(height - thick[0], height), along)]
    edge += [(down, slice(0, thick[1])), (down, slice(width - thick[1], width))]
    # The same shapes one corner further inside, so that they lie as far apart as possible without touching the edge.
    inner_top, inner_left = slice(corner[0], 2 * corner[0]), slice(corner[1], 2 * corner[1])
    inner_bottom, inner_right = (
        slice(side - 2 * width_of, side - width_of) for side, width_of in zip((height, width), corner, strict=True)
    )
    squares = [(row, column) for row in (inner_top, inner_bottom) for column in (inner_left, inner_right)]
    strips = [(slice(corner[0], corner[0] + thick[0]), along)]
    strips += [(slice(height - corner[0] - thick[0], height - corner[0]), along)]
    strips += [(down, slice(corner[1], corner[1] + thick[1]))]
    strips += [(down, slice(width - corner[1] - thick[1], width - corner[1]))]
    level = images.mean(axis=(1, 2, 3))
    return _statistics(images, edge, level), _statistics(images, squares + strips, level)


def _statistics(images: np.ndarray, regions: list[tuple[slice, slice]], level: np.ndarray) -> np.ndarray:
    columns = []
    for row, column in regions:
        pixels = images[:, row, column, 0]
        values = pixels.astype(np.float32)
        columns.append(values.mean(axis=(1, 2)) - level)
        columns.append(values.std(axis=(1, 2)))
        columns.append((pixels <= 1).mean(axis=(1, 2)))
        columns.append((pixels >= 254).mean(axis=(1, 2)))
        columns.append(np.abs(np.diff(values, axis=2)).mean(axis=(1, 2)))
    return np.column_stack(columns)


def _reason_against_pixels(dataset: Dataset) -> str:
    if not is_images(dataset):
        return "these are no images"
    if min(dataset.inputs.shape[1:3]) < SMALLEST_SIDE:
        return f"the images are smaller than {SMALLEST_SIDE} pixels"
    return reason_against(dataset)
