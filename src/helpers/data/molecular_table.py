"""From descriptors and fingerprints to a table that a network can read: filled, scaled, cut off, learned on training only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.runtime import InputError

FURTHEST = 4.0  # standard deviations: a molecule twice as large as any known one must not drown everything else


@dataclass(frozen=True)
class MolecularTable:
    """How to prepare rows; what is in it was learned from the molecules that it was fitted on.

    Attributes:
        columns: descriptors that vary among them.
        center, scale: (columns,) median and standard deviation.
        bits: the fingerprint bits that were set most often among them.
    """

    columns: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    bits: np.ndarray

    @classmethod
    def fit(cls, descriptors: np.ndarray, fingerprints: np.ndarray, bits: int) -> MolecularTable:
        """Learn from training molecules.

        Args:
            descriptors: (n, columns), NaN where not defined.
            fingerprints: (n, all bits) of 0 and 1.
            bits: how many of them to keep; 0 for none.

        Raises:
            InputError: no descriptor varies.
        """
        center = np.nanmedian(descriptors, axis=0)
        center = np.where(np.isfinite(center), center, 0.0)
        filled = np.where(np.isfinite(descriptors), descriptors, center)
        scale = filled.std(axis=0)
        columns = np.flatnonzero(scale > 1e-9)
        if not len(columns):
            raise InputError("no descriptor varies among these molecules: give at least two different ones")
        commonest = np.argsort(-fingerprints.sum(axis=0, dtype=np.int64), kind="stable")[:bits]
        return cls(columns, center[columns], scale[columns], np.sort(commonest))

    def rows(self, descriptors: np.ndarray, fingerprints: np.ndarray) -> np.ndarray:
        """The prepared table (n, columns + bits) float32."""
        values = (descriptors[:, self.columns] - self.center) / self.scale
        values = np.clip(np.nan_to_num(values), -FURTHEST, FURTHEST)
        return np.concatenate([values, fingerprints[:, self.bits]], axis=1).astype(np.float32)
