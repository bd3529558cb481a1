"""Random fields for phantoms: smooth ones for shapes and directions, a stock of grain for texture.

A picture of 64 px has to be made in about two milliseconds, so nothing is filtered per picture: smooth fields are
small matrices of coefficients between two cached bases, and texture is looked up in a stock that is filtered once.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

STOCK_SIZE = 256  # px; periodic, so that a look-up never leaves it


@lru_cache(maxsize=32)
def _basis(size: int, wavelength: float) -> np.ndarray:
    """Gaussian bumps along one axis, (size, bumps); rows of unit length give fields of unit variance everywhere."""
    step = wavelength / 2
    centers = np.arange(-wavelength, size + wavelength + step, step)
    bumps = np.exp(-0.5 * ((np.arange(size)[:, None] - centers) / (0.7 * step)) ** 2)
    return (bumps / np.linalg.norm(bumps, axis=1, keepdims=True)).astype(np.float32)


def smooth_field(generator: np.random.Generator, size: int, wavelength: float) -> np.ndarray:
    """Gaussian random field of mean 0 and variance 1, (size, size) float32.

    Args:
        generator: source of the coefficients.
        size: side of the field, px.
        wavelength: about the distance from one hill to the next, px.
    """
    basis = _basis(size, float(wavelength))
    coefficients = generator.standard_normal((basis.shape[1], basis.shape[1]), dtype=np.float32)
    return basis @ coefficients @ basis.T


@lru_cache(maxsize=8)
def grain_stock(coarseness: float) -> np.ndarray:
    """Periodic noise of mean 0 and variance 1, (256, 256) float32; always the same one.

    Args:
        coarseness: standard deviation of the Gaussian that smooths it, px.
    """
    white = np.random.default_rng([20, 64, round(100 * coarseness)]).standard_normal((STOCK_SIZE, STOCK_SIZE))
    smoothed = gaussian_filter(white, coarseness, mode="wrap")
    return ((smoothed - smoothed.mean()) / smoothed.std()).astype(np.float32)


def grain(offset: tuple[int, int], size: int, coarseness: float) -> np.ndarray:
    """A (size, size) window of the stock of grain that starts at ``offset`` (row, column), px."""
    rows = (offset[0] + np.arange(size)) % STOCK_SIZE
    columns = (offset[1] + np.arange(size)) % STOCK_SIZE
    return grain_stock(coarseness)[np.ix_(rows, columns)]


def fibers(along: np.ndarray, across: np.ndarray, width: float, length: float, offset: tuple[int, int]) -> np.ndarray:
    """Anisotropic noise in a warped coordinate system: streaks that follow the lines of constant ``across``.

    Args:
        along: (size, size) coordinate along the fibers, px.
        across: (size, size) coordinate across them, px; where it bends, the fibers bend.
        width: distance from fiber to fiber, px.
        length: distance over which a fiber keeps its brightness, px.
        offset: where in the stock the look-up starts.

    Returns:
        (size, size) float32 of mean about 0 and variance about 1.
    """
    # Grain with a deviation of 1 px repeats itself after about 3.5 px: that many px of stock per width and length.
    coordinates = np.empty((2, *along.shape), np.float32)
    coordinates[0] = along * (3.5 / length) + float(offset[0])
    coordinates[1] = across * (3.5 / width) + float(offset[1])
    return map_coordinates(grain_stock(1.0), coordinates, order=1, mode="grid-wrap", output=np.float32)
