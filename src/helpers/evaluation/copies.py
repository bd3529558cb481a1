"""Find images that are copies of each other: the same pixels, or turned by any angle, flipped, resized, re-encoded.

Copies on both sides of a split make a test set easy; copies that nobody knows of make intervals too narrow. A list of
checksums finds only the same pixels; what augmentation left behind is found here in three steps, each on the features
of :mod:`helpers.evaluation.copy_features`: nearest neighbors by what no angle and no flip changes; for these the best
angle, flip and zoom (circular correlation over the angle by Fourier transform); a threshold taken from how similar
strangers of the same data set are at their best angle, flip and zoom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from helpers.evaluation.copy_features import ZOOMS, CopyFeatures, central_squares, contrast, copy_features
from helpers.runtime import InputError

NEIGHBORS = 8
FLAT = 1.0  # gray levels (standard deviation); below it an image is its rounding errors
SMALLEST = 12  # pixels per side; smaller images hold too few waves to tell a copy from a stranger
STRANGERS = 4000  # random pairs that show how similar strangers are
# A pair is a copy when it is this many spreads more similar than the median stranger (on the scale of Fisher's z, the
# spread from the median to the 84th percentile). The most similar strangers of all pairs reach 9.6 among 5,827 X-rays
# (pneumoniamnist), 6.7 among 2,000 phantom tiles, 9.7 among 370 tiles of lc25000-lung (the even ones).
SPREADS = 11.0
# The threshold stays between these. In lc25000-lung strangers reach .43 at most. Above .9 planted copies would be lost:
# of ultrasound images of 28 pixels (breastmnist), 67 % of those resized to 70 % and back reach it, 91 % of those stored
# as JPEG of quality 60, more than 97 % of those turned, flipped, cropped, brightened.
LOWEST, HIGHEST = 0.5, 0.9
# Two images that show little agree by chance: a correlation of f free coefficients has a spread of 1/√f, and a pair
# must reach this many of them (4.9 is the most that strangers reach among the even tiles of lc25000-lung). Gradients,
# vignettes and soft blobs, with f below 25, would need more than 1 and are copies from TWINS on: of 40 of each made
# among 1,000 phantom tiles, strangers reach .91, .77, .94, changed copies .73 to .98, .63 to .95, .99.
CHANCE, TWINS = 5.0, 0.97
COARSE, FINE = 128, 256  # angles per turn: to leave out what is no copy, and to measure the rest
PIECE = 512  # images, or eight times as many pairs, at once


@dataclass(frozen=True)
class Copies:
    """Pairs of images that are copies of each other.

    Attributes:
        pairs: (m, 2) int64 rows of the images, first < second, in ascending order.
        exact: (m,) bool, equal pixel for pixel.
        similarity: (m,) 0 to 1, correlation of the decorrelated central discs at the best angle, flip and zoom.
        threshold: similarity above which a pair that is not exact was called a copy; more was demanded of images that
            show little.
    """

    pairs: np.ndarray
    exact: np.ndarray
    similarity: np.ndarray
    threshold: float

    def families(self, samples: int) -> np.ndarray:
        """Copies of copies are copies: (samples,) int64, the number of the family that each image belongs to."""
        links = coo_array((np.ones(len(self.pairs), dtype=bool), tuple(self.pairs.T)), shape=(samples, samples))
        return connected_components(links, directed=False)[1].astype(np.int64)


def find_copies(images: np.ndarray, neighbors: int = NEIGHBORS) -> Copies:
    """Find exact and near copies among images.

    Exact copies are each paired with the first of their kind only, and near copies are sought among the first ones,
    for each image among its ``neighbors`` nearest: all of a large family is found through :meth:`Copies.families`, not
    in the list of pairs.

    Near copies are images turned by any angle about the center, flipped, magnified up to √2 about the center (what a
    crop after a rotation does), of another brightness or contrast, resized, or re-encoded. An image that is flat in its
    central disc (constant, empty, or with a standard deviation below one gray level) has no near copies: two of them
    are a pair only when they are exactly equal. The same holds for images under 12 pixels.

    Limits. Only the central disc is compared: what differs in the corners alone is called a copy; a copy that was
    shifted by more than 2 percent of its side, cropped elsewhere, or magnified further is missed. So is a turned copy
    of an image that shows only a gradient, and more than half of the X-rays of 28 pixels that were turned, cropped
    *and* compressed. Frames of one film, or two images of one patient in one position, may be called copies, and
    strangers that are all but equal (similarity above .9, as of drawings of one shape) are: look at the pairs. Time
    grows with the square of the number of images (2 s on one core for 5,000, 11 s for 15,000), memory does not (.8 GB
    for 15,000).

    Args:
        images: (n, height, width, 1) uint8.
        neighbors: nearest images that are compared closely with each image, at least 1.

    Raises:
        InputError: another shape or type, or no neighbors.
    """
    images = _checked(images)
    if neighbors < 1:
        raise InputError(f"neighbors is {neighbors}: compare every image with at least 1 other")
    first = _first_equal(images)
    repeated = np.flatnonzero(first != np.arange(len(images)))
    exact = np.stack([first[repeated], repeated], axis=1)
    near, similarity, threshold = _near_copies(images, np.unique(first), neighbors)
    pairs = np.concatenate([exact, near]).astype(np.int64)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return Copies(
        pairs=pairs[order],
        exact=np.repeat([True, False], [len(exact), len(near)])[order],
        similarity=np.concatenate([np.ones(len(exact)), similarity])[order],
        threshold=threshold,
    )


def _checked(images: np.ndarray) -> np.ndarray:
    """(n, height, width) uint8, or InputError."""
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[3] != 1 or images.dtype != np.uint8 or 0 in images.shape[1:]:
        raise InputError(
            f"images are {images.dtype} of shape {images.shape}: copies are sought among gray images, uint8 of shape "
            "(n, height, width, 1)"
        )
    return images[..., 0]


def _first_equal(images: np.ndarray) -> np.ndarray:
    """(n,) the first image that equals each image, pixel for pixel."""
    rows = np.ascontiguousarray(images).reshape(len(images), images.shape[1] * images.shape[2])
    as_bytes = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, which = np.unique(as_bytes, return_index=True, return_inverse=True)
    return first[which]


def _near_copies(images: np.ndarray, distinct: np.ndarray, neighbors: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Pairs (rows of ``images``), their similarity and its threshold, among the images numbered ``distinct``."""
    nothing = np.empty((0, 2), dtype=np.int64), np.empty(0), HIGHEST
    if min(images.shape[1:]) < SMALLEST:
        return nothing
    squares = central_squares(images[distinct])
    textured = np.flatnonzero(contrast(squares) >= FLAT)
    if len(textured) < 2:
        return nothing
    features = copy_features(squares[textured])
    threshold = _threshold(features)
    candidates = _nearest(features, min(neighbors, len(textured) - 1))
    pairs, similarity = _similar(features, candidates, threshold)
    return distinct[textured[pairs]], similarity, threshold


def _threshold(features: CopyFeatures) -> float:
    """Similarity that strangers do not reach, from random pairs: few of them are copies, whatever the data set."""
    count = features.invariants.shape[1]
    if count * (count - 1) // 2 <= STRANGERS:
        pairs = np.stack(np.triu_indices(count, 1), axis=1)
    else:
        generator = np.random.default_rng(0)
        first = generator.integers(count, size=STRANGERS)
        pairs = np.stack([first, (first + generator.integers(1, count, size=STRANGERS)) % count], axis=1)
    similarity = _correlation(features, pairs, _relative_zoom(features, pairs), FINE)
    median, upper = np.quantile(np.arctanh(np.clip(similarity, 0, 1 - 1e-6)), [0.5, 0.84])
    return float(np.clip(np.tanh(median + SPREADS * (upper - median)), LOWEST, HIGHEST))


def _nearest(features: CopyFeatures, neighbors: int) -> np.ndarray:
    """(m, 2) pairs, first < second, of each image and its nearest by the invariants, at any zoom of the other one."""
    plain = features.invariants[0]
    count = len(plain)
    found = []
    for start in range(0, count, PIECE):
        rows = np.arange(start, min(start + PIECE, count))
        closeness = plain[rows] @ plain.T
        for zoomed in features.invariants[1:]:
            np.maximum(closeness, plain[rows] @ zoomed.T, out=closeness)
        closeness[np.arange(len(rows)), rows] = -np.inf
        least = np.partition(closeness, count - neighbors, axis=1)[:, count - neighbors]
        chosen = closeness >= least[:, None]
        # Images that differ only outside the disc are all equally near: without a limit every pair would be compared.
        crowded = chosen.sum(axis=1) > neighbors
        chosen[crowded] &= np.cumsum(chosen[crowded], axis=1) <= neighbors
        row, column = np.nonzero(chosen)
        found.append(np.stack([rows[row], column], axis=1))
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _similar(features: CopyFeatures, pairs: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Those of the pairs that are similar enough, and their similarity."""
    least_freedom = features.freedom[pairs].min(axis=1)
    demanded = np.maximum(threshold, np.minimum(CHANCE / np.sqrt(least_freedom), TWINS))
    zoom = _relative_zoom(features, pairs)
    # A coarse angle and zoom cost a copy up to half of its similarity; most candidates do not have that much.
    promising = _correlation(features, pairs, zoom, COARSE) > threshold / 2
    pairs, zoom, demanded = pairs[promising], zoom[promising], demanded[promising]
    furthest = len(ZOOMS) - 1
    tried = [np.clip(zoom + step, -furthest, furthest) for step in (-1, 0, 1)]
    similarity = np.max([_correlation(features, pairs, each, FINE) for each in tried], axis=0)
    alike = similarity > demanded
    return pairs[alike], np.clip(similarity[alike], 0, 1).astype(np.float64)


def _relative_zoom(features: CopyFeatures, pairs: np.ndarray) -> np.ndarray:
    """(m,) levels of zoom by which the second image (or the first, negative) must be magnified to meet the other."""
    levels = features.invariants
    zooms = np.arange(1 - len(ZOOMS), len(ZOOMS))
    best = np.empty(len(pairs), dtype=np.int64)
    for piece in _pieces(len(pairs)):
        first, second = pairs[piece].T
        closeness = [
            np.einsum("nd,nd->n", levels[max(-zoom, 0), first], levels[max(zoom, 0), second]) for zoom in zooms
        ]
        best[piece] = zooms[np.argmax(closeness, axis=0)]
    return best


def _correlation(features: CopyFeatures, pairs: np.ndarray, zoom: np.ndarray, angles: int) -> np.ndarray:
    """(m,) largest correlation of each pair over angles, with and without a flip, at a relative zoom."""
    starts = np.flatnonzero(np.diff(features.orders, prepend=-1))
    orders = features.orders[starts]
    largest = np.empty(len(pairs), dtype=np.float32)
    for piece in _pieces(len(pairs)):
        first = features.coefficients[np.maximum(-zoom[piece], 0), pairs[piece, 0]].conj()
        second = features.coefficients[np.maximum(zoom[piece], 0), pairs[piece, 1]]
        peaks = []
        for seen in (second, second.conj()):
            spectrum = np.zeros((len(first), angles // 2 + 1), dtype=np.complex64)
            spectrum[:, orders] = np.add.reduceat(first * seen, starts, axis=1)
            spectrum[:, 1:] /= 2  # the inverse transform adds the negative orders
            peaks.append(fft.irfft(spectrum, angles, axis=1).max(axis=1) * angles)
        largest[piece] = np.maximum(*peaks)
    return largest


def _pieces(count: int) -> list[slice]:
    return [slice(start, start + 8 * PIECE) for start in range(0, count, 8 * PIECE)]
