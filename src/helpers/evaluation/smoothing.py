"""The filters of the textbooks against noise, and the choice among them: what a denoising network has to beat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import ndimage

from helpers.runtime import InputError

GAUSSIAN_WIDTHS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0)  # standard deviations, px
MEDIAN_SIDES = (3, 5)  # px


def candidates() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Name to filter of pictures (n, height, width, 1); nothing is mixed across pictures."""
    named = {
        f"Gaussian, {width} px": partial(ndimage.gaussian_filter, sigma=(0, width, width, 0))
        for width in GAUSSIAN_WIDTHS
    }
    return named | {
        f"median, {side} px": partial(ndimage.median_filter, size=(1, side, side, 1)) for side in MEDIAN_SIDES
    }


def best_filter(noisy: np.ndarray, clean: np.ndarray) -> tuple[str, Callable[[np.ndarray], np.ndarray]]:
    """The candidate with the smallest mean squared error on these pictures.

    Args:
        noisy, clean: (n, height, width, 1) of the validation part.

    Returns:
        Its name and the filter itself.

    Raises:
        InputError: shapes differ or there is no picture.
    """
    if noisy.shape != clean.shape or noisy.ndim != 4 or not len(noisy):
        raise InputError(f"noisy pictures {noisy.shape}, clean ones {clean.shape}: give pairs (n, height, width, 1)")
    filters = candidates()
    errors = {name: float(np.mean((apply(noisy) - clean) ** 2)) for name, apply in filters.items()}
    name = min(errors, key=errors.get)
    return name, filters[name]
