"""Images without content: constant, or nearly so."""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.audit.findings import Finding, case_numbers, counted, not_applicable
from helpers.evaluation.audit.shortcuts import is_images

ALMOST_ALL = 0.995  # of the pixels within two gray levels of one value: nothing to see
SEVERE_SHARE = 0.05  # of the images of one class


def check_empty_images(dataset: Dataset) -> list[Finding]:
    """Constant images still carry a label: a network learns it from emptiness."""
    check = "constant or empty images"
    if not is_images(dataset):
        return [not_applicable(check, "these are no images")]
    empty = empty_images(dataset.inputs)
    if not empty.any():
        return [Finding(check, "passed", f"None of {counted(len(dataset), 'image')} is constant or empty.")]
    shares = [float(empty.mean())]
    if dataset.task in ("binary", "multiclass"):
        shares += [float(empty[dataset.targets == label].mean()) for label in np.unique(dataset.targets)]
    return [
        Finding(
            check,
            "severe" if max(shares) >= SEVERE_SHARE else "warning",
            f"{counted(int(empty.sum()), 'image')} of {len(dataset):,} {'is' if empty.sum() == 1 else 'are'} constant "
            f"or empty, up to {max(shares):.1%} of a class.",
            "Look at the cases and at how they were read; remove them, or read them again.",
            {"empty": int(empty.sum()), "largest_share": max(shares)},
            case_numbers(np.flatnonzero(empty)),
        )
    ]


def empty_images(images: np.ndarray) -> np.ndarray:
    """(n,) whether nearly all pixels of an image have the same gray level.

    Args:
        images: (n, height, width, 1) uint8.
    """
    empty = np.zeros(len(images), dtype=bool)
    # Few images are nearly constant: a coarse sample of their pixels tells most of them from the rest.
    flat = images.reshape(len(images), -1)
    sample = flat[:, :: max(1, flat.shape[1] // 256)]
    low, high = np.quantile(sample, [0.05, 0.95], axis=1, method="nearest")
    for row in np.flatnonzero(high.astype(int) - low.astype(int) <= 4):
        counts = np.bincount(flat[row], minlength=256)
        within = np.convolve(counts, np.ones(5), mode="same")
        empty[row] = within.max() >= ALMOST_ALL * flat.shape[1]
    return empty
