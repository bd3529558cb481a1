"""Is a heat map true? Maps against masks, against the model itself, and against a model that has forgotten everything.

Maps are (n, height, width), masks booleans of the same shape. Nothing here knows where a map comes from: edges of the
image or random numbers are judged by the same rules as an explanation, and are what it has to beat.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import binary_dilation, sobel
from scipy.stats import rankdata
from scipy.stats import t as student

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.contributions import satterthwaite, sum_variance
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.evaluation.samples import checked_groups
from helpers.runtime import InputError

Score = Callable[[np.ndarray], np.ndarray]  # images (n, height, width, channels) -> (n,)


def spread(chosen: np.ndarray, number: int) -> np.ndarray:
    """Rows evenly spread over those chosen (n,) bool, at most ``number``: neighbors are often of one patient."""
    rows = np.flatnonzero(chosen)
    if not len(rows) or number < 1:
        raise InputError(f"{number} of {len(rows)} images: at least one is needed to be looked at")
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(number, len(rows))).astype(int))]


def pointing_hits(maps: np.ndarray, masks: np.ndarray, tolerance: int = 0) -> np.ndarray:
    """Pointing game (Zhang et al. 2018, arXiv:1608.00507): is the largest value of the map inside the mask? (n,)

    1 or 0; where several places share the largest value, the share of them that lies inside, so that an empty map gets
    what pointing blindly would.

    Args:
        maps: (n, height, width).
        masks: (n, height, width) bool.
        tolerance: pixels around the mask that count as inside; the chance level is that of the widened mask.
    """
    maps, masks = _checked(maps, masks)
    masks = widened(masks, tolerance)
    peaks = maps == maps.max(axis=(1, 2), keepdims=True)
    return (peaks & masks).sum(axis=(1, 2)) / peaks.sum(axis=(1, 2))


def widened(masks: np.ndarray, tolerance: int) -> np.ndarray:
    """Masks with ``tolerance`` pixels around them; empty ones stay empty."""
    if tolerance < 0:
        raise InputError(f"tolerance is {tolerance} px: it is 0 or more")
    if not tolerance:
        return masks
    return np.stack([binary_dilation(mask, np.ones((3, 3)), iterations=tolerance) for mask in masks])


def mass_inside(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Share of a map's sum that lies inside the mask, (n,); chance is :func:`mask_share`.

    An empty map counts as even: it gets the mask's share.

    Raises:
        InputError: a map has negative values, which have no share.
    """
    maps, masks = _checked(maps, masks)
    if maps.min() < 0:
        raise InputError("shares need maps without negative values: keep what speaks for the class, or the size")
    total = maps.sum(axis=(1, 2))
    inside = (maps * masks).sum(axis=(1, 2))
    return np.where(total > 0, inside / np.where(total > 0, total, 1), mask_share(masks))


def mask_share(masks: np.ndarray) -> np.ndarray:
    """Share of the image that the mask covers, (n,): how often a blind pointer hits, how much even light falls inside."""
    return np.asarray(masks, dtype=bool).mean(axis=(1, 2))


def maps_without_network(images: np.ndarray) -> dict[str, np.ndarray]:
    """What anybody would point at who knows no network: (n, height, width) each, none negative.

    ``edges``: strength of the edges (Sobel). ``dark pixels``: how far a pixel lies below the brightest of its image.

    Args:
        images: (n, height, width, 1).
    """
    images = np.asarray(images, dtype=np.float64)[..., 0]
    edges = np.hypot(sobel(images, axis=1), sobel(images, axis=2))
    return {"edges": edges, "dark pixels": images.max(axis=(1, 2), keepdims=True) - images}


def of_somebody_else(groups: np.ndarray) -> np.ndarray:
    """For each row a row of another group, every row once: (n,) numbers.

    A method's map of somebody else has the texture of its maps and is about the wrong image: what the right one has to
    beat.

    Args:
        groups: (n,) group of each row.

    Raises:
        InputError: one group holds more than half of the rows.
    """
    group = checked_groups(groups, len(groups))
    order, largest = np.argsort(group, kind="stable"), int(np.bincount(group).max())
    if 2 * largest > len(group):
        raise InputError(f"{largest} of {len(group)} images are of one group: somebody else's map needs more of others")
    other = np.empty_like(order)
    other[order] = np.roll(order, largest)
    return other


def replacement_curves(
    score: Score, images: np.ndarray, maps: np.ndarray, steps: int, fill: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Deletion and insertion (Petsiuk, Das & Saenko 2018, arXiv:1806.07421): does the model need what the map marks?

    Deletion replaces the pixels of the image by ``fill``, the strongest of the map first; insertion starts from an even
    image and brings them back in the same order. A true map lets the first curve fall fast and the second rise fast.

    Args:
        score: prepared images to (n,).
        images: (n, height, width, channels).
        maps: (n, height, width).
        steps: equal shares of the pixels, at least 2.
        fill: value of a removed pixel.
        seed: of the order among pixels of equal value; much of a map may be 0.

    Returns:
        Deletion and insertion, each (n, steps + 1): the score after 0, 1 / steps ... all of the pixels.
    """
    maps, _ = _checked(maps, np.ones(np.shape(maps), dtype=bool))
    if images.shape[:3] != maps.shape or steps < 2:
        raise InputError(f"maps of shape {maps.shape} for images of {images.shape}, {steps} steps: take 2 or more")
    flat = maps.reshape(len(maps), -1)
    strongest_first = np.lexsort((np.random.default_rng(seed).random(flat.shape), -flat), axis=1)
    rank = strongest_first.argsort(axis=1).reshape(maps.shape)
    deletion, insertion = np.empty((2, len(images), steps + 1))
    for number in range(steps + 1):
        taken = (rank < round(maps[0].size * number / steps))[..., None]
        deletion[:, number] = score(np.where(taken, images.dtype.type(fill), images))
        insertion[:, number] = score(np.where(taken, images, images.dtype.type(fill)))
    return deletion, insertion


def curve_area(curves: np.ndarray) -> np.ndarray:
    """Area under curves (n, steps + 1) over the share of pixels from 0 to 1, by trapezoids, (n,)."""
    return np.trapezoid(curves, np.linspace(0, 1, curves.shape[1]), axis=1)


def rank_correlations(maps: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Spearman's correlation of two maps of the same image, (n,); 0 where one of them is constant and ranks nothing.

    For the randomization check (Adebayo et al. 2018, arXiv:1810.03292): a map of the trained and one of a scrambled
    network. What stays near 1 was never about what the network had learned.
    """
    maps, _ = _checked(maps, np.ones(np.shape(maps), dtype=bool))
    others, _ = _checked(others, np.ones(np.shape(maps), dtype=bool))
    ranks = [rankdata(some.reshape(len(some), -1), axis=1) for some in (maps, others)]
    ranks = [some - some.mean(axis=1, keepdims=True) for some in ranks]
    product = (ranks[0] * ranks[1]).sum(axis=1)
    size = np.sqrt((ranks[0] ** 2).sum(axis=1) * (ranks[1] ** 2).sum(axis=1))
    return np.where(size > 0, product / np.where(size > 0, size, 1), 0.0)


def mean_over_groups(values: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL) -> Interval:
    """Mean of (n,) values, with a t interval from what each group adds to it.

    Degrees of freedom by Satterthwaite, because a few groups may decide everything. With one group, or values that do
    not vary at all, nothing is known of other groups: the bounds are ``nan``.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise InputError(f"values of shape {values.shape}, all finite: give one number per sample, at least one")
    mean = float(values.mean())
    added = np.bincount(checked_groups(groups, len(values)), values - mean) / len(values)
    variance = sum_variance(added) if len(added) > 1 else 0.0
    if not variance > 1e-24:
        return Interval(mean, np.nan, np.nan, "not defined: the groups do not differ", level)
    half = float(student.ppf(0.5 + level / 2, satterthwaite(added)) * np.sqrt(variance))
    return Interval(mean, mean - half, mean + half, "groups, t", level)


def paired_means(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> PairedComparison:
    """Mean of the first values minus mean of the second on the same samples; arguments as :func:`mean_over_groups`."""
    gap = mean_over_groups(np.asarray(first, dtype=np.float64) - second, groups, level)
    means = float(np.mean(first)), float(np.mean(second))
    return PairedComparison(*means, gap.value, gap.low, gap.high, np.nan, gap.method, level)


def _checked(maps: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    maps, masks = np.asarray(maps, dtype=np.float64), np.asarray(masks)
    if maps.ndim != 3 or not maps.size or maps.shape != masks.shape or masks.dtype != bool:
        raise InputError(
            f"maps of shape {maps.shape}, masks of {masks.shape} {masks.dtype}: give (n, height, width) of both, masks bool"
        )
    if not np.isfinite(maps).all():
        raise InputError("some values of the maps are not finite: look at the network, it may have diverged")
    return maps, masks
