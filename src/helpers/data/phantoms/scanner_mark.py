"""A planted shortcut: a mark that a scanner burns into an image, with what it takes to plant it and to cover it.

Shortcuts of this kind are real: networks for X-rays read the hospital's token in the corner (Zech et al. 2018, PLoS
Medicine 15:e1002683), networks for skin the surgeon's ink (Winkler et al. 2019, JAMA Dermatology 155:1135). Planted on
purpose, its place is known, so a heat map that claims to find it can be held to it.
"""

from __future__ import annotations

import numpy as np

from helpers.runtime import InputError

SHARE = 7  # the side of the image holds the mark so many times
PLACE_SEED = 7  # of the places; a constant, so that an image has its mark at the same place in every run


def mark_side(size: int) -> int:
    """Side of the mark in pixels for an image of ``size`` pixels: odd, about a seventh, at least 5."""
    return max(5, size // SHARE // 2 * 2 + 1)


def mark_masks(count: int, size: int) -> np.ndarray:
    """Where each of ``count`` images has, or would have, its mark: (count, size, size) bool.

    Anywhere in the image, because a scan is cropped anywhere: a heat map cannot find it by always pointing at one corner.
    """
    side = mark_side(size)
    if size < side or count < 1:
        raise InputError(f"{count} images of {size} px: a mark needs at least one image of {side} px")
    corners = np.random.default_rng(PLACE_SEED).integers(0, size - side + 1, (count, 2))
    rows = np.arange(size) - corners[:, :1]
    columns = np.arange(size) - corners[:, 1:]
    inside = [(places >= 0) & (places < side) for places in (rows, columns)]
    return inside[0][:, :, None] & inside[1][:, None, :]


def plant_marks(images: np.ndarray, marked: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Images with a registration mark, a black cross on white, in those that are marked; a copy.

    Args:
        images: (n, size, size, 1) uint8.
        marked: (n,) bool.
        masks: (n, size, size) of :func:`mark_masks`.
    """
    _check(images, masks)
    planted = images.copy()
    side = mark_side(images.shape[1])
    cross = np.full((side, side), 255, dtype=np.uint8)
    cross[side // 2, 1:-1] = cross[1:-1, side // 2] = 0
    for number in np.flatnonzero(marked):
        planted[number, masks[number], 0] = cross.ravel()
    return planted


def cover_marks(images: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Images whose masked pixels are replaced by the median gray of the rest; a copy.

    *Every* image is covered, also one that never had a mark: a patch on the marked ones alone would be the next mark.

    Args:
        images: (n, size, size, 1) uint8.
        masks: (n, size, size) bool; where nothing else is left, nothing is changed.
    """
    _check(images, masks)
    covered = images.copy()
    for image, mask in zip(covered[..., 0], masks, strict=True):
        if not mask.all():
            image[mask] = np.median(image[~mask])
    return covered


def _check(images: np.ndarray, masks: np.ndarray) -> None:
    if images.ndim != 4 or images.shape[3] != 1 or images.dtype != np.uint8 or masks.shape != images.shape[:3]:
        raise InputError(
            f"images of shape {images.shape} {images.dtype}, masks of {masks.shape}: give (n, size, size, 1) of uint8 and "
            "one mask for each"
        )
