"""Images as a program around a network hands them over: one size, each standardized by itself."""

from __future__ import annotations

import numpy as np

from helpers.data.preparation import resize
from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError

MIRRORED = {"": (), "horizontal": ((2,),), "both": ((2,), (1,), (1, 2))}  # axes that are turned around
BATCH = 1024


def standardize_each(images: np.ndarray | StoredImages, size: int) -> np.ndarray:
    """Every image resized and brought to mean 0 and standard deviation 1 by itself, as the layer of 06 does it.

    Args:
        images: (n, height, width, 1) uint8.
        size: pixels on a side.

    Returns:
        (n, size, size, 1) float32; an image without any contrast becomes 0.
    """
    resized = resize(images, size)
    prepared = np.empty((len(resized), size, size, 1), dtype=np.float32)
    for start in range(0, len(resized), BATCH):
        piece = np.asarray(resized[start : start + BATCH], dtype=np.float32)
        piece = piece - piece.mean(axis=(1, 2), keepdims=True)
        prepared[start : start + BATCH] = piece / np.maximum(piece.std(axis=(1, 2), keepdims=True), 1e-3)
    return prepared


def mirrored(images: np.ndarray, flip: str) -> np.ndarray:
    """The images, followed by their mirror images that mean the same.

    Args:
        images: (n, height, width, 1).
        flip: as of :func:`helpers.models.cnn.augmentation_layers`: empty, ``horizontal`` or ``both``.

    Returns:
        (n * copies, height, width, 1): one, two or four copies, one after the other.
    """
    if flip not in MIRRORED:
        raise InputError(f"unknown flip {flip!r}: it is empty, 'horizontal' or 'both'")
    return np.concatenate([images, *(np.flip(images, axis=axes) for axes in MIRRORED[flip])])
