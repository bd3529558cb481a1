"""Burned-in marks: the same pattern at the same place in many images of one class.

Tissue differs from image to image, a mark (a letter, a ruler, a frame, a black corner) repeats itself. For each place
and each narrow band of gray levels, the share of images of a class that fall into the band is compared with the share of
the other classes. Four things tell a mark from content that differs between the classes, such as air in healthy lungs:

- the difference is a *spike*: a mark has one gray level, tissue has many, and the bands beside it differ as well;
- it *stands out* from what the band does elsewhere in the image;
- it is *whole*: images have all of it or nothing;
- it *ends abruptly* in every marked image at the same place, where the outline of tissue or of a dark background is
  another one in every image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

BAND = 4  # gray levels; two neighboring bands are looked at together, so that a lossy mark stays in one piece
BANDS = 256 // BAND
GRID = 96  # places per side that are looked at; larger images are sampled, not averaged, so that marks stay pure
LEAST_DIFFERENCE = 0.15  # of the shares in the two classes
NOISE = 6.0  # standard deviations of the difference over the places of an image
LEAST_AREA = 3  # places: single ones are chance
SPIKE = 0.4  # of the difference: the most that the bands to both sides may differ by
SHARP = 0.35  # of the places around the area: the most that may look like it in images that have the mark
SHARP_EVERYWHERE = 0.5  # the same, for nine of ten places around the area
MATCHED = 0.8  # of the area that an image has to share
LEAST_MARKED = 0.1  # difference of the shares of images that have all of it
RING = 2  # places around an area
MOST_AREAS = 100  # looked at closely, the largest first
PIECE = 256


@dataclass(frozen=True)
class Mark:
    """One mark.

    Attributes:
        area: (rows, columns) bool on the grid of :func:`banded`.
        band: the gray levels of the mark are bands ``band`` and ``band + 1``.
        positive: whether the positive class has it.
    """

    area: np.ndarray
    band: int
    positive: bool

    def place(self) -> str:
        """Where in the image: ``top left``, ``center``, ``all around``."""
        sides = (self.area[0], self.area[-1], self.area[:, 0], self.area[:, -1])
        if all(side.mean() > 0.5 for side in sides):
            return "all around"
        row, column = (
            float(np.mean(axis)) / size for axis, size in zip(np.nonzero(self.area), self.area.shape, strict=True)
        )
        vertical = "top" if row < 1 / 3 else "bottom" if row > 2 / 3 else ""
        horizontal = "left" if column < 1 / 3 else "right" if column > 2 / 3 else ""
        return f"{vertical} {horizontal}".strip() or "center"


def banded(images: np.ndarray) -> np.ndarray:
    """(n, height, width, 1) uint8 -> (n, rows, columns) uint8: the band of gray levels at each place of the grid."""
    step = -(-max(images.shape[1:3]) // GRID)
    return np.ascontiguousarray(images[:, ::step, ::step, 0]) // BAND


def band_counts(bands: np.ndarray) -> np.ndarray:
    """(places, bands) how many images have each band at each place."""
    places = bands[0].size
    counts = np.zeros(places * BANDS, dtype=np.int64)
    offsets = np.arange(places, dtype=np.int32) * BANDS
    for start in range(0, len(bands), PIECE):
        piece = bands[start : start + PIECE].reshape(-1, places)
        counts += np.bincount((piece + offsets).ravel(), minlength=places * BANDS)
    return counts.reshape(places, BANDS)


def find_marks(bands: np.ndarray, positive: np.ndarray, counts: tuple[np.ndarray, np.ndarray]) -> list[Mark]:
    """Marks that one of two classes has.

    Args:
        bands: (n, rows, columns) of :func:`banded`.
        positive: (n,) bool; both classes are there.
        counts: :func:`band_counts` of the positive images and of the others.
    """
    numbers = np.array([positive.sum(), (~positive).sum()], dtype=np.float64)
    shares = [(count[:, :-1] + count[:, 1:]) / number for count, number in zip(counts, numbers, strict=True)]
    difference = shares[0] - shares[1]
    # What differs at every place is brightness, not a mark.
    difference = difference - np.median(difference, axis=0)
    spread = 1.4826 * np.median(np.abs(difference), axis=0)
    usual = np.median((shares[0] + shares[1]) / 2, axis=0)
    chance = np.sqrt(usual * (1 - usual) * np.sum(1 / numbers))
    threshold = np.maximum(LEAST_DIFFERENCE, NOISE * np.maximum(spread, chance))
    marks = []
    for sign in (1, -1):
        signed = sign * difference
        outstanding = (signed > threshold) & (_beside(signed) <= SPIKE * signed)
        having, lacking = (bands[positive], bands[~positive])[::sign]
        for area, band in _areas(outstanding, bands.shape[1:]):
            if _is_mark(having, lacking, area, band):
                marks.append(Mark(area, band, sign > 0))
    return marks


def mark_scores(bands: np.ndarray, marks: list[Mark]) -> np.ndarray:
    """(n,) from -1 (a mark of the others) to 1 (a mark of the positive class), less what the rest of the image has."""
    best = {True: np.zeros(len(bands)), False: np.zeros(len(bands))}
    for mark in marks:
        matching = _in_band(bands, mark.band)
        match = matching[:, mark.area].mean(axis=1) - matching[:, ~mark.area].mean(axis=1)
        best[mark.positive] = np.maximum(best[mark.positive], match)
    return best[True] - best[False]


def _beside(difference: np.ndarray) -> np.ndarray:
    """(places, bands) the larger difference of the windows next to each, which share no gray level with it."""
    padded = np.pad(difference, ((0, 0), (3, 3)))
    return np.maximum(padded[:, :-6], padded[:, 6:])


def _areas(outstanding: np.ndarray, shape: tuple[int, int]) -> list[tuple[np.ndarray, int]]:
    """Connected areas, the largest first, and their band."""
    found = []
    for band in np.flatnonzero(outstanding.any(axis=0)):
        labeled, _ = ndimage.label(outstanding[:, band].reshape(shape), structure=np.ones((3, 3)))
        for number, size in enumerate(np.bincount(labeled.ravel())[1:], start=1):
            if LEAST_AREA <= size <= labeled.size / 2:
                found.append((int(size), labeled == number, int(band)))
    found.sort(key=lambda entry: -entry[0])
    return [(area, band) for _, area, band in found[:MOST_AREAS]]


def _is_mark(having: np.ndarray, lacking: np.ndarray, area: np.ndarray, band: int) -> bool:
    """Whether many images of one class share the whole area, and what surrounds it is clearly different in them."""
    marked, others = (_near_band(part[:, area], band).mean(axis=1) >= MATCHED for part in (having, lacking))
    ring = ndimage.binary_dilation(area, np.ones((3, 3)), iterations=RING) & ~area
    if marked.mean() - others.mean() < LEAST_MARKED or not ring.any():
        return False
    alike = _near_band(having[marked][:, ring], band).mean(axis=0)
    # The rim of a dark background is unlike it on one side only: hence all around, not just on average.
    return float(alike.mean()) <= SHARP and float(np.quantile(alike, 0.9)) <= SHARP_EVERYWHERE


def _in_band(bands: np.ndarray, band: int) -> np.ndarray:
    return (bands == band) | (bands == band + 1)


def _near_band(bands: np.ndarray, band: int) -> np.ndarray:
    """Two more bands to both sides: what a lossy format makes of a mark, and where a soft outline still looks like it."""
    return (bands + 2 >= band) & (bands <= band + 3)
