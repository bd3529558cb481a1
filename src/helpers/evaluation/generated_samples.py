"""How good are generated samples? Precision and recall, known modes that are hit, and training samples that were copied.

None of the three replaces another: one good sample repeated has full precision, noise over everything has full recall,
and the training set itself has both. Distances are Euclidean, in whatever space the caller brings the samples: points as
they are, pictures as features of a frozen network (pixels call two pictures different that are only shifted).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.proportions import Interval, wilson
from helpers.runtime import InputError

NEIGHBORS = 3  # as in Kynkäänniemi et al.; more make the balls larger and both numbers higher
RARE = 0.01
PIECE = 512  # rows of distances at once, so that memory stays small


@dataclass(frozen=True)
class ModeCoverage:
    """Which of the known modes a generator reaches.

    Attributes:
        counts: (m,) samples within the radius of each mode; a sample counts for its nearest mode alone.
        modes: share of the modes with at least one sample.
        near: share of the samples that lie at a mode.
    """

    counts: np.ndarray
    modes: float
    near: Interval


@dataclass(frozen=True)
class Memorization:
    """Are generated samples nearer to the training set than samples nobody trained on?

    Attributes:
        generated: (n,) distance of each generated sample to its nearest training sample.
        held_out: (m,) the same of held-out samples, which cannot be copies.
        copied: (n,) bool, nearer than all but a rare held-out sample.
        nearer: probability that a generated sample is nearer to the training set than a held-out one; 0.5 without
            copying. Above it also when samples are merely typical: an average of all is near to many.
        from_training: share of generated samples whose nearest real sample is one of training rather than held out. A
            typical sample is near to both alike.
        expected: ``from_training`` without copying: the share of the training samples among both.
    """

    generated: np.ndarray
    held_out: np.ndarray
    copied: np.ndarray
    nearer: Interval
    from_training: Interval
    expected: float


def precision_and_recall(real: np.ndarray, generated: np.ndarray, neighbors: int = NEIGHBORS) -> dict[str, Interval]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv:1904.06991).

    Each set is taken to fill the balls that reach from each of its samples to the k-th nearest other one.

    Args:
        real: (n, ...) features of real samples.
        generated: (m, ...) features of generated ones; about as many, because more samples fill smaller balls.
        neighbors: k.

    Returns:
        ``precision``: share of generated samples inside what the real ones fill; ``recall``: share of real samples inside
        what the generated ones fill. Wilson's intervals, as if samples were independent and the other set's balls fixed.

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
        "precision": _share_inside(generated, real, neighbors),
        "recall": _share_inside(real, generated, neighbors),
    }


def mode_coverage(samples: np.ndarray, centers: np.ndarray, radius: float) -> ModeCoverage:
    """Count samples at modes that are known, as with a mixture of Gaussians (Srivastava et al. 2017, arXiv:1705.07761).

    Args:
        samples: (n, d).
        centers: (m, d) of the modes.
        radius: how far a sample may lie from a center and still count; three standard deviations are usual.

    Raises:
        InputError: no samples, no modes, other dimensions, or a radius that is not positive.
    """
    samples, centers = _features(samples, centers)
    if not radius > 0:
        raise InputError(f"a radius of {radius}: it is positive, for instance three standard deviations of a mode")
    distances = cdist(samples, centers)
    nearest = distances.argmin(axis=1)
    inside = distances[np.arange(len(samples)), nearest] <= radius
    counts = np.bincount(nearest[inside], minlength=len(centers))
    return ModeCoverage(counts, float(np.mean(counts > 0)), wilson(int(inside.sum()), len(samples)))


def memorization(generated: np.ndarray, training: np.ndarray, held_out: np.ndarray, rare: float = RARE) -> Memorization:
    """Compare distances to the training set, of generated against held-out samples (Meehan et al. 2020, arXiv:2004.05675).

    Copies of training samples in the held-out set (see :func:`helpers.evaluation.copies.find_copies`) hide copying: leave
    them out first. Intervals take the samples to be independent; where they are (normal ones in 8 dimensions, 900 real and
    100 or 900 generated, 60 simulations) 92 to 97 percent of them hold the truth.

    Args:
        generated: (n, ...) features.
        training: (t, ...) of the samples the generator learned from.
        held_out: (m, ...) of samples from the same source; at least two.
        rare: share of held-out samples that may be as near to training as what is called a copy.

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
    drawn = np.repeat([1, 0], [len(generated), len(held_out)])
    from_training = int(np.sum(of_generated < _nearest(generated, held_out)))
    return Memorization(
        generated=of_generated,
        held_out=of_held_out,
        copied=of_generated < np.quantile(of_held_out, rare),
        nearer=auroc_delong(drawn, -np.concatenate([of_generated, of_held_out])),
        from_training=wilson(from_training, len(generated)),
        expected=len(training) / (len(training) + len(held_out)),
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


def _share_inside(samples: np.ndarray, filled: np.ndarray, neighbors: int) -> Interval:
    # Not from squares and products: their rounding errors would put a copy outside a ball of radius zero. The distance
    # of a sample to itself is the smallest of its row, so the k-th other one stands at place k.
    radius = np.concatenate(
        [np.partition(cdist(piece, filled), neighbors, axis=1)[:, neighbors] for piece in _pieces(filled)]
    )
    inside = sum(int((cdist(piece, filled) <= radius).any(axis=1).sum()) for piece in _pieces(samples))
    return wilson(inside, len(samples))


def _nearest(samples: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.concatenate([cdist(piece, others).min(axis=1) for piece in _pieces(samples)])


def _pieces(samples: np.ndarray) -> list[np.ndarray]:
    return [samples[start : start + PIECE] for start in range(0, len(samples), PIECE)]
