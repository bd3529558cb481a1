"""How class and morphology are related: the only place of the tissue phantom where the label enters.

Every tile has one *focus*, a region of epithelium. Five factors describe it; in a tile of cancer the focus is the
lesion, in a normal tile it is more or less reactive epithelium. The factors are jointly Gaussian with the same
covariance in both classes and different means, and everything that is drawn or painted afterwards depends on the
class through them alone. So the log-likelihood ratio of the factors is the best score that anybody can compute from
the picture (Neyman-Pearson), and its AUROC is known in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

FACTORS = ("size", "irregularity", "crowding", "chromatin", "disorder")

# Shift of each factor's mean from normal to cancer, in standard deviations. Disorder (lost glands) and crowding say
# less than the nuclei themselves: inflamed normal epithelium is crowded and tangentially cut glands look solid.
SEPARATION = np.array([2.0, 1.9, 1.5, 1.8, 1.7])

# Large nuclei tend to be irregular and coarse too. A common correlation makes the factors partly redundant, as in real
# tumors, so that a network can read the class from whichever it sees best.
CORRELATION = 0.45

# Share of the variance that all tiles of one patient have in common.
PATIENT_SHARE = 0.15

# Standardized factors are limited to this range before they become pixels: a nucleus has to stay paintable.
RANGE = (-2.5, 5.0)


@dataclass(frozen=True)
class Morphology:
    """The factors of a region of epithelium in units.

    Attributes:
        size: median diameter of a nucleus (of the disk with the same area), px.
        irregularity: pleomorphism, root mean square deviation of an outline from its ellipse, share of the radius; the
            spread of sizes (anisokaryosis) grows with it.
        crowding: diameter of a nucleus divided by the smallest distance to the next center; above 1 nuclei overlap.
        chromatin: coarseness, 0 (even) to 1 (coarse clumps, cleared between them, with a prominent nucleolus).
        disorder: 0 (glands with an open lumen and a polarized ring of nuclei) to 1 (solid sheets, no polarity).
    """

    size: float
    irregularity: float
    crowding: float
    chromatin: float
    disorder: float


def covariance() -> np.ndarray:
    """Covariance of the standardized factors within a class, (5, 5)."""
    return (1 - CORRELATION) * np.eye(len(FACTORS)) + CORRELATION


def draw_effect(generator: np.random.Generator) -> np.ndarray:
    """One draw from the within-class distribution around a mean of zero, (5,)."""
    common = generator.standard_normal()
    own = generator.standard_normal(len(FACTORS))
    return np.sqrt(CORRELATION) * common + np.sqrt(1 - CORRELATION) * own


def standardized_factors(malignant: bool, patient_effect: np.ndarray, tile_effect: np.ndarray) -> np.ndarray:
    """Standardized factors (5,) of a tile's focus: 0 is the mean of normal tiles, the unit is one standard deviation."""
    within = np.sqrt(PATIENT_SHARE) * patient_effect + np.sqrt(1 - PATIENT_SHARE) * tile_effect
    return SEPARATION * malignant + within


def morphology(standardized: np.ndarray) -> Morphology:
    """Standardized factors (5,) as sizes and shares; each is a monotonic function of its factor."""
    size, irregularity, crowding, chromatin, disorder = np.clip(standardized, *RANGE)
    return Morphology(
        size=float(4.9 * np.exp(0.15 * size)),
        irregularity=float(0.05 * np.exp(0.36 * irregularity)),
        crowding=float(0.84 * np.exp(0.07 * crowding)),
        chromatin=float(ndtr(0.75 * (chromatin - 1.1))),
        disorder=float(ndtr(0.85 * (disorder - 1.2))),
    )


NORMAL = morphology(np.zeros(len(FACTORS)))  # epithelium outside of the focus, in both classes


def log_likelihood_ratio(standardized: np.ndarray) -> np.ndarray:
    """The oracle: log p(factors | cancer) - log p(factors | normal).

    For two Gaussians with one covariance C and means 0 and d this is linear: ``d' C^-1 (factors - d/2)``.

    Args:
        standardized: (..., 5) standardized factors.

    Returns:
        (...,) scores; positive speaks for cancer.
    """
    weights = np.linalg.solve(covariance(), SEPARATION)
    return (np.asarray(standardized) - SEPARATION / 2) @ weights


def oracle_auroc() -> float:
    """AUROC of the oracle in an endless population: Phi(D / sqrt 2), D the Mahalanobis distance of the two means."""
    distance = np.sqrt(SEPARATION @ np.linalg.solve(covariance(), SEPARATION))
    return float(ndtr(distance / np.sqrt(2)))


def grade(standardized: np.ndarray) -> int:
    """Grade 1 to 3 of a lesion (well, moderately, poorly differentiated) from the mean of its standardized factors."""
    return 1 + int(np.digitize(np.mean(standardized), (1.35, 2.2)))
