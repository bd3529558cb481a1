"""Everything that models read of molecules, computed once: graphs, descriptors, fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.data.molecular_features import descriptors, morgan_fingerprints
from helpers.data.molecular_graphs import Graphs, molecular_graphs


@dataclass(frozen=True)
class MolecularInputs:
    """Three views of the same n molecules.

    Attributes:
        smiles: (n,) as they were given.
        graphs: atoms and bonds.
        descriptors: (n, columns) float64, see :data:`helpers.data.molecular_features.DESCRIPTORS`.
        fingerprints: (n, bits) uint8 of 0 and 1.
    """

    smiles: np.ndarray
    graphs: Graphs
    descriptors: np.ndarray
    fingerprints: np.ndarray

    @classmethod
    def of(cls, smiles: Sequence[str]) -> MolecularInputs:
        """All three views; a thousand molecules take four to ten seconds, nearly all of it for descriptors.

        Raises:
            InputError: RDKit cannot read one of them.
        """
        texts = np.asarray(smiles, dtype=object)
        return cls(texts, molecular_graphs(smiles), descriptors(smiles), morgan_fingerprints(smiles))

    def __len__(self) -> int:
        return len(self.graphs)

    def select(self, rows: np.ndarray) -> MolecularInputs:
        """The molecules at ``rows`` (a boolean mask or indices)."""
        return MolecularInputs(
            self.smiles[rows], self.graphs.select(rows), self.descriptors[rows], self.fingerprints[rows]
        )
