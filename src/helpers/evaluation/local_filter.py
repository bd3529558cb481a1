"""The trivial translator: each pixel a weighted sum of its neighborhood and of its own square, by least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.runtime import InputError

PIECE = 64  # pictures at once: their neighborhoods are many times as large as they are


@dataclass(frozen=True)
class LocalFilter:
    """One filter for all places: it can sharpen, blur and bend the tone curve, and knows nothing of what is shown.

    Attributes:
        reach: pixels to each side; 2 for a neighborhood of 5 x 5.
        weights: ((2 reach + 1)² + 2,) of the neighbors row by row, of the pixel's square and of one.
    """

    reach: int
    weights: np.ndarray

    @classmethod
    def fit(cls, originals: np.ndarray, wanted: np.ndarray, reach: int = 2) -> LocalFilter:
        """Least squares over all pixels.

        Args:
            originals, wanted: (n, height, width, 1) pictures and their true translations, in one scale.
            reach: pixels to each side.

        Raises:
            InputError: the pictures do not match, there are none, or the neighborhood is larger than they are.
        """
        if originals.shape != wanted.shape or not len(originals) or min(originals.shape[1:3]) <= 2 * reach:
            raise InputError(
                f"pictures of shape {originals.shape} and {wanted.shape}, {reach} pixels to each side: as many of one as of "
                "the other, of one size, and larger than the neighborhood"
            )
        normal, right = 0.0, 0.0
        for start in range(0, len(originals), PIECE):
            columns = _columns(originals[start : start + PIECE], reach).reshape(-1, (2 * reach + 1) ** 2 + 2)
            normal = normal + columns.T @ columns
            right = right + columns.T @ wanted[start : start + PIECE].astype(np.float64).ravel()
        return cls(reach, np.linalg.lstsq(normal, right, rcond=None)[0])

    def translate(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures (n, height, width, 1) as float64; the border repeats outward."""
        pieces = [pictures[start : start + PIECE] for start in range(0, len(pictures), PIECE)]
        return np.concatenate([_columns(piece, self.reach) @ self.weights for piece in pieces])[..., None]


def _columns(pictures: np.ndarray, reach: int) -> np.ndarray:
    """(n, height, width, weights): what the filter sees at each place."""
    values = np.asarray(pictures, dtype=np.float64)[..., 0]
    padded = np.pad(values, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    side = 2 * reach + 1
    neighbors = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    extra = np.stack([values**2, np.ones_like(values)], axis=-1)
    return np.concatenate([neighbors.reshape(*values.shape, side * side), extra], axis=-1)
