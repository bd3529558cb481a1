"""Scores of strangeness that need no network: distances from normal pictures; the larger, the stranger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from helpers.runtime import InputError

NAMES = {
    "mahalanobis": "the Mahalanobis distance",
    "nearest neighbor": "the nearest neighbor",
    "brightness": "the difference of brightness",
}


@dataclass(frozen=True)
class NormalPictures:
    """What normal pictures are like: principal components, the codes of all of them, their brightness."""

    components: PCA
    neighbors: NearestNeighbors
    brightness: float

    @classmethod
    def fit(cls, pictures: np.ndarray, components: int) -> NormalPictures:
        """Learn from normal pictures (n, ...) alone.

        Args:
            pictures: at least two.
            components: directions in which distances are measured; fewer where there are fewer pictures or pixels.
        """
        flat = _flat(pictures)
        if len(flat) < 2 or components < 1:
            raise InputError(f"{len(flat)} normal pictures, {components} components: at least two and one are needed")
        pca = PCA(min(components, len(flat) - 1, flat.shape[1])).fit(flat)
        neighbors = NearestNeighbors(n_neighbors=1).fit(pca.transform(flat))
        return cls(pca, neighbors, float(flat.mean()))

    def scores(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """Three scores of pictures (n, ...), each (n,), under the keys of :data:`NAMES`.

        ``mahalanobis``: squared, in the space of the components (Mahalanobis 1936). ``nearest neighbor``:
        distance there to the most similar normal picture. ``brightness``: difference from the mean of normal pictures.
        """
        flat = _flat(pictures)
        codes = self.components.transform(flat)
        return {
            "mahalanobis": np.sum(codes**2 / self.components.explained_variance_, axis=1),
            "nearest neighbor": self.neighbors.kneighbors(codes)[0][:, 0],
            "brightness": np.abs(flat.mean(axis=1) - self.brightness),
        }


def _flat(pictures: np.ndarray) -> np.ndarray:
    pictures = np.asarray(pictures, dtype=np.float64)
    return pictures.reshape(len(pictures), -1)
