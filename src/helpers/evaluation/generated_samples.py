"""How good are generated samples? Precision and recall, known modes that are hit, and training samples that were copied.

None of the three replaces another: one good sample repeated has full precision, noise over everything has full recall,
and the training set itself has both. Distances are Euclidean, in whatever space the caller brings the samples. Whether
pictures are alike is asked of features of a frozen network, since pixels call two pictures different that are only
shifted. Whether one is a *copy* is asked of pixels: a network that was trained on the same pictures holds them apart from
new ones, and lets a copy with a little noise pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.proportions import Interval, cluster_proportion, wilson
from helpers.evaluation.samples import checked_groups
from helpers.runtime import InputError

DUE = 0.25  # share of an equal part of the samples with which a mode counts as reached
NEIGHBORS = 3  # as in Kynkäänniemi et al.; more make the balls larger and both numbers higher
RARE = 0.01
PIECE = 512  # rows of distances at once, so that memory stays small


@dataclass(frozen=True)
class ModeCoverage:
    """Which of the known modes a generator reaches.

    Attributes:
        counts: (m,) samples within the radius of each mode; a sample counts for one mode alone.
        reached: number of modes that get at least a quarter of an equal part of the samples.
        near: share of the samples that lie at their mode.
    """

    counts: np.ndarray
    reached: int
    near: Interval


@dataclass(frozen=True)
class Memorization:
    """Are generated samples nearer to the training set than samples nobody trained on?

    Attributes:
        generated: (n,) distance of each generated sample to its nearest training sample.
        held_out: (m,) the same of held-out samples, which cannot be copies.
        copied: (n,) bool, nearer than all but a rare held-out sample.
        flagged: the share of ``copied``.
        nearer: probability that a generated sample is nearer to the training set than a held-out one; 0.5 without
            copying. Above it also when samples are merely typical: an average of all is near to many.
    """

    generated: np.ndarray
    held_out: np.ndarray
    copied: np.ndarray
    flagged: Interval
    nearer: Interval


def precision_and_recall(
    real: np.ndarray, generated: np.ndarray, neighbors: int = NEIGHBORS, real_groups: np.ndarray | None = None
) -> dict[str, Interval]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv:1904.06991).

    Each set is taken to fill the balls that reach from each of its samples to the k-th nearest other one.

    Args:
        real: (n, ...) features of real samples.
        generated: (m, ...) features of generated ones; about as many, because more samples fill smaller balls.
        neighbors: k.
        real_groups: (n,) group of each real sample (patient); None: each is its own. Every generated one is its own.

    Returns:
        ``precision``: share of generated samples inside what the real ones fill; ``recall``: share of real samples inside
        what the generated ones fill. Wilson's intervals, for recall with the design effect of the groups; the other set's
        balls are taken as fixed.

    Raises:
        InputError: a set without ``neighbors`` others for each sample, or features that do not match.
    """
    real, generated = _features(real, generated)
    if neighbors < 1 or min(len(real), len(generated)) <= neighbors:
        raise InputError(
            f"{len(real)} real and {len(generated)} generated samples, {neighbors} neighbors: at least one neighbor, and "
            "more samples than neighbors in both sets"
        )
    return {
        "precision": cluster_proportion(_inside(generated, real, neighbors)),
        "recall": cluster_proportion(_inside(real, generated, neighbors), real_groups),
    }


def mode_coverage(
    samples: np.ndarray, centers: np.ndarray, radius: float, asked: np.ndarray | None = None
) -> ModeCoverage:
    """Count samples at modes that are known, as with a mixture of Gaussians (Srivastava et al. 2017, arXiv:1705.07761).

    Args:
        samples: (n, d).
        centers: (m, d) of the modes.
        radius: how far a sample may lie from a center and still count; three standard deviations are usual.
        asked: (n,) number of the mode that each sample should show; None: the nearest one.

    Raises:
        InputError: no samples, no modes, other dimensions, or a radius that is not positive.
    """
    samples, centers = _features(samples, centers)
    if not radius > 0:
        raise InputError(f"a radius of {radius}: it is positive, for instance three standard deviations of a mode")
    distances = cdist(samples, centers)
    own = distances.argmin(axis=1) if asked is None else np.asarray(asked)
    inside = distances[np.arange(len(samples)), own] <= radius
    counts = np.bincount(own[inside], minlength=len(centers))
    reached = int(np.sum(counts >= DUE * len(samples) / len(centers)))
    return ModeCoverage(counts, reached, wilson(int(inside.sum()), len(samples)))


def memorization(
    generated: np.ndarray,
    training: np.ndarray,
    held_out: np.ndarray,
    rare: float = RARE,
    generated_groups: np.ndarray | None = None,
    held_out_groups: np.ndarray | None = None,
) -> Memorization:
    """Compare distances to the training set, of generated against held-out samples (Meehan et al. 2020, arXiv:2004.05675).

    Copies of training samples in the held-out set (see :func:`helpers.evaluation.copies.find_copies`) hide copying: leave
    them out first. Real samples that the generator never saw, in place of generated ones, say how many are flagged by
    chance. Intervals take the training set and the threshold as fixed.

    Args:
        generated: (n, ...) pixels, or features.
        training: (t, ...) of the samples the generator learned from.
        held_out: (m, ...) of samples from the same source; at least two.
        rare: share of held-out samples that may be as near to training as what is called a copy.
        generated_groups, held_out_groups: (n,) and (m,) group of each sample (patient); None: each is its own. No group
            is on both sides, whatever its number.

    Raises:
        InputError: an empty set, features that do not match, or a share outside 0 to 1.
    """
    generated, training, held_out = _features(generated, training, held_out)
    if not 0 < rare < 1 or min(len(generated), len(held_out)) < 2:
        raise InputError(
            f"{len(generated)} generated and {len(held_out)} held-out samples, a rare share of {rare}: at least two of both, "
            "and a share between 0 and 1"
        )
    of_generated, of_held_out = _nearest(generated, training), _nearest(held_out, training)
    copied = of_generated < np.quantile(of_held_out, rare)
    drawn = np.repeat([1, 0], [len(generated), len(held_out)])
    ours, theirs = checked_groups(generated_groups, len(generated)), checked_groups(held_out_groups, len(held_out))
    groups = np.concatenate([ours, theirs + ours.max() + 1])
    return Memorization(
        generated=of_generated,
        held_out=of_held_out,
        copied=copied,
        flagged=cluster_proportion(copied, generated_groups),
        nearer=auroc_delong(drawn, -np.concatenate([of_generated, of_held_out]), groups),
    )


def _features(*sets: np.ndarray) -> list[np.ndarray]:
    """Each set as (n, d) float64, or InputError."""
    sets = [np.asarray(samples, dtype=np.float64) for samples in sets]
    if (
        any(samples.ndim < 2 or not samples.size for samples in sets)
        or len({samples.shape[1:] for samples in sets}) > 1
    ):
        shapes = ", ".join(str(samples.shape) for samples in sets)
        raise InputError(f"sets of shape {shapes}: each is (samples, ...), none is empty, all samples have one shape")
    if not all(np.isfinite(samples).all() for samples in sets):
        raise InputError("some features are not finite: the network that made them, or the generator, has diverged")
    return [samples.reshape(len(samples), -1) for samples in sets]


def _inside(samples: np.ndarray, filled: np.ndarray, neighbors: int) -> np.ndarray:
    """(n,) bool: whether each sample lies in one of the balls around the others."""
    # Not from squares and products: their rounding errors would put a copy outside a ball of radius zero. The distance
    # of a sample to itself is the smallest of its row, so the k-th other one stands at place k.
    radius = np.concatenate(
        [np.partition(cdist(piece, filled), neighbors, axis=1)[:, neighbors] for piece in _pieces(filled)]
    )
    return np.concatenate([(cdist(piece, filled) <= radius).any(axis=1) for piece in _pieces(samples)])


def _nearest(samples: np.ndarray, others: np.ndarray) -> np.ndarray:
    # Which one is nearest follows from products, ten times as fast; how near it is does not, so that a copy is at 0.
    squares = np.sum(others**2, axis=1)
    found = np.concatenate([np.argmin(squares - 2 * piece @ others.T, axis=1) for piece in _pieces(samples)])
    return np.linalg.norm(samples - others[found], axis=1)


def _pieces(samples: np.ndarray) -> list[np.ndarray]:
    return [samples[start : start + PIECE] for start in range(0, len(samples), PIECE)]
