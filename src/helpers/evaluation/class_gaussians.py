"""The trivial generator: in principal components, one normal distribution for each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from helpers.runtime import InputError


@dataclass(frozen=True)
class ClassGaussians:
    """Principal components of pictures; for every class mean and covariance of the codes."""

    components: PCA
    means: tuple[np.ndarray, ...]
    covariances: tuple[np.ndarray, ...]

    @classmethod
    def fit(cls, pictures: np.ndarray, classes: np.ndarray, components: int) -> ClassGaussians:
        """Measure training pictures (n, height, width, 1).

        Args:
            classes: (n,) 0, 1, ..., each with at least two pictures.
            components: directions that are kept; fewer where there are fewer pictures or pixels.

        Raises:
            InputError: a class has fewer than two pictures.
        """
        flat = np.reshape(pictures, (len(pictures), -1)).astype(np.float64)
        if np.bincount(classes).min() < 2:
            raise InputError("a class has fewer than two pictures, so its spread cannot be measured: add pictures")
        pca = PCA(min(components, *flat.shape), svd_solver="covariance_eigh").fit(flat)
        codes = [pca.transform(flat[classes == label]) for label in range(int(np.max(classes)) + 1)]
        moments = [(some.mean(axis=0), np.atleast_2d(np.cov(some, rowvar=False))) for some in codes]
        return cls(pca, *(tuple(kind) for kind in zip(*moments, strict=True)))

    def draw(
        self, classes: np.ndarray, shape: tuple[int, ...], seed: int, limits: tuple[float, float] = (-1.0, 1.0)
    ) -> np.ndarray:
        """One picture for each class number.

        Args:
            classes: (n,) what to draw.
            shape: height, width, 1.
            seed: of the drawing.
            limits: least and largest gray value of a picture; what a normal distribution draws beyond is cut off there.

        Returns:
            (n, *shape) float32, within the limits.
        """
        generator = np.random.default_rng(seed)
        codes = np.empty((len(classes), len(self.means[0])))
        for label, (mean, covariance) in enumerate(zip(self.means, self.covariances, strict=True)):
            rows = np.asarray(classes) == label
            codes[rows] = generator.multivariate_normal(mean, covariance, int(rows.sum()), method="eigh")
        pictures = self.components.inverse_transform(codes).reshape(len(classes), *shape)
        return np.clip(pictures, *limits).astype(np.float32)
