"""Closed outlines with harmonics, for nuclei and for glands."""

from __future__ import annotations

import numpy as np


def outline_radius(cosine: np.ndarray, sine: np.ndarray, amplitudes: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """Radius of outlines relative to their mean: 1 + sum over k = 2, 3, ... of amplitude_k cos(k angle + phase_k).

    The first harmonic is left out, because it would only move the center.
    Powers of a complex number of length 1 give the harmonics, many times faster than an arc tangent and cosines.

    Args:
        cosine, sine: (n, ...) of the angles at which the n outlines are wanted.
        amplitudes, phases: (n, harmonics).

    Returns:
        (n, ...) float32, at least 0.4 so that an outline never folds.
    """
    shape = (-1,) + (1,) * (cosine.ndim - 1)
    weights = (amplitudes * np.exp(1j * phases)).astype(np.complex64)
    direction = np.empty(cosine.shape, np.complex64)
    direction.real, direction.imag = cosine, sine
    # Horner's scheme, one multiplication for each harmonic; the last one makes up for starting at the second.
    total = weights[:, -1].reshape(shape) * direction
    for harmonic in reversed(range(weights.shape[1] - 1)):
        total += weights[:, harmonic].reshape(shape)
        total *= direction
    total *= direction
    return np.maximum(1 + total.real, 0.4)
