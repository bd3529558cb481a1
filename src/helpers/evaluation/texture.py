"""Texture measured by hand-made features: what was done before networks learned their own.

The gray-level co-occurrence matrix and its measures are those of Haralick, Shanmugam and Dinstein (1973, IEEE
Transactions on Systems, Man and Cybernetics 3:610).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from helpers.evaluation.baselines import checked_images
from helpers.runtime import InputError

LEVELS = 16
WIDEST = 2.5  # standard deviations around an image's mean that the levels span
DISTANCES = (1, 2, 3, 4, 6, 8, 12)  # px
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))  # rows down, columns right; the opposite of each is counted as well
MEASURES = ("contrast", "homogeneity", "energy", "entropy", "correlation")


def gray_steps(images: np.ndarray, levels: int = LEVELS) -> np.ndarray:
    """Gray values in few steps, image by image, so that a darker stain or a longer exposure changes nothing.

    Args:
        images: (n, height, width, 1) uint8.
        levels: equal steps between mean - 2.5 and mean + 2.5 standard deviations of each image; what lies beyond goes to
            the first or the last. A constant image lies in the middle step.

    Returns:
        (n, height, width) integers from 0 to ``levels`` - 1.
    """
    if levels < 2:
        raise InputError(f"{levels} gray level(s): texture needs at least 2")
    values = checked_images(images)[..., 0].astype(np.float64)
    center = values.mean(axis=(1, 2), keepdims=True)
    spread = values.std(axis=(1, 2), keepdims=True)
    scaled = (values - center) / np.where(spread > 0, spread, 1.0)
    steps = np.floor((scaled + WIDEST) / (2 * WIDEST) * levels)
    return np.clip(steps, 0, levels - 1).astype(np.int64)


def cooccurrence(steps: np.ndarray, offset: tuple[int, int], levels: int = LEVELS) -> np.ndarray:
    """Share of the pairs of pixels, so far apart, that have gray steps i and j.

    Args:
        steps: (n, height, width) integers from 0 to ``levels`` - 1.
        offset: rows down (0 or more) and columns right from the first pixel to the second.
        levels: number of gray steps.

    Returns:
        (n, levels, levels), symmetric (each pair is counted in both directions); every matrix sums to 1.

    Raises:
        InputError: the offset reaches beyond the image.
    """
    down, right = offset
    _, height, width = steps.shape
    if not 0 <= down < height or not abs(right) < width:
        raise InputError(f"offset {offset} reaches beyond images of {height} x {width} pixels: take a smaller one")
    left, other_left = max(0, -right), max(0, right)
    columns = width - abs(right)
    first = steps[:, : height - down, left : left + columns]
    second = steps[:, down:, other_left : other_left + columns]
    pair = first * levels + second
    counts = np.stack([np.bincount(one.ravel(), minlength=levels**2) for one in pair]).reshape(-1, levels, levels)
    both = counts + counts.transpose(0, 2, 1)
    return both / both.sum(axis=(1, 2), keepdims=True)


def texture_measures(matrices: np.ndarray) -> np.ndarray:
    """(n, 5) :data:`MEASURES` of co-occurrence matrices (n, levels, levels); the correlation of a constant image is 1."""
    level = np.arange(matrices.shape[1])
    apart = level[:, None] - level[None, :]
    contrast = (matrices * apart**2).sum(axis=(1, 2))
    homogeneity = (matrices / (1 + apart**2)).sum(axis=(1, 2))
    energy = (matrices**2).sum(axis=(1, 2))
    entropy = -(matrices * np.log2(np.where(matrices > 0, matrices, 1.0))).sum(axis=(1, 2))
    margin = matrices.sum(axis=2)
    mean = margin @ level
    variance = margin @ level**2 - mean**2
    covariance = np.einsum("nij,i,j->n", matrices, level, level) - mean**2
    correlation = np.where(variance > 1e-12, covariance / np.where(variance > 1e-12, variance, 1.0), 1.0)
    return np.stack([contrast, homogeneity, energy, entropy, correlation], axis=1)


def texture_features(images: np.ndarray, distances: Sequence[int] = DISTANCES) -> np.ndarray:
    """(n, 5 * distances): measures of the co-occurrence matrix at each distance, averaged over four directions.

    Averaging over directions makes them indifferent to turns by 90 degrees and to mirrors.

    Args:
        images: (n, height, width, 1) uint8.
        distances: pixels, along rows and columns; along diagonals so many rows and columns.
    """
    steps = gray_steps(images)
    features = []
    for distance in distances:
        # Averaged as matrices, so that one direction with few pairs does not speak louder than the others.
        matrix = np.mean(
            [cooccurrence(steps, (down * distance, right * distance)) for down, right in DIRECTIONS], axis=0
        )
        features.append(texture_measures(matrix))
    return np.concatenate(features, axis=1)


def feature_names(distances: Sequence[int] = DISTANCES) -> tuple[str, ...]:
    """Names of the columns of :func:`texture_features`."""
    return tuple(f"{measure} at {distance} px" for distance in distances for measure in MEASURES)


def texture_baseline(strength: float = 100.0) -> Pipeline:
    """Logistic regression on :func:`texture_features`; fit it on images (n, height, width, 1) uint8 and targets.

    Args:
        strength: inverse of the penalty on weights, scikit-learn's ``C``; the distances and 100 were chosen by
            cross-validation over patients, inside the training part of the tissue phantom.
    """
    classifier = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000)
    return make_pipeline(FunctionTransformer(texture_features), StandardScaler(), classifier)
