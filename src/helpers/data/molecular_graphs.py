"""Molecules as graphs: a row of numbers per atom, and which atoms are bound to which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem, rdBase

from helpers.runtime import InputError

ELEMENTS = ("C", "N", "O", "F", "P", "S", "Cl", "Br", "I")  # one more column for every other element
MOST_NEIGHBORS = 4
MOST_HYDROGENS = 3
HYBRIDIZATIONS = (Chem.HybridizationType.SP, Chem.HybridizationType.SP2, Chem.HybridizationType.SP3)
BONDS = (Chem.BondType.SINGLE, Chem.BondType.DOUBLE, Chem.BondType.TRIPLE, Chem.BondType.AROMATIC)
RING_SIZES = (3, 4, 5, 6, 7)
FEATURE_NAMES = (
    *ELEMENTS,
    "another element",
    *(f"{count} neighbors" for count in range(MOST_NEIGHBORS + 1)),
    *(f"{count} hydrogens" for count in range(MOST_HYDROGENS + 1)),
    *("sp", "sp2", "sp3"),
    *("single bonds", "double bonds", "triple bonds", "aromatic bonds"),
    *(f"in a ring of {size}" for size in RING_SIZES),
    "positive charge",
    "negative charge",
)


@dataclass(frozen=True)
class Graphs:
    """Graphs of n molecules, padded to the same number of atoms.

    Attributes:
        atoms: (n, atoms, features) float32, see :data:`FEATURE_NAMES`; rows of zeros behind the last atom.
        bonds: (n, atoms, atoms) uint8, 1 where two atoms are bound to each other; symmetric, its diagonal is 0.
        present: (n, atoms) float32, 1 for an atom and 0 for padding.
    """

    atoms: np.ndarray
    bonds: np.ndarray
    present: np.ndarray

    def __len__(self) -> int:
        return len(self.atoms)

    def select(self, rows: np.ndarray) -> Graphs:
        """The graphs at ``rows`` (a boolean mask or indices)."""
        return Graphs(self.atoms[rows], self.bonds[rows], self.present[rows])

    def renumbered(self, seed: int) -> Graphs:
        """The same molecules with all places in another order, padding included: no property may depend on it."""
        order = np.random.default_rng(seed).permutation(self.atoms.shape[1])
        return Graphs(self.atoms[:, order], self.bonds[:, order][:, :, order], self.present[:, order])

    def inputs(self) -> dict[str, np.ndarray]:
        """What the networks of :mod:`helpers.models.graph` take, by the names of their inputs."""
        return {"atoms": self.atoms, "bonds": self.bonds, "present": self.present}


def molecular_graphs(smiles: Sequence[str], atoms: int | None = None) -> Graphs:
    """Graphs of readable molecules, hydrogens left out but counted at their atom.

    Args:
        smiles: of at least one molecule.
        atoms: places for atoms; None for as many as the largest of these molecules has.

    Raises:
        InputError: RDKit cannot read a SMILES, or a molecule has more atoms than places.
    """
    with rdBase.BlockLogs():
        molecules = [Chem.MolFromSmiles(text) for text in smiles]
    if not molecules or any(molecule is None for molecule in molecules):
        raise InputError("a graph needs molecules that RDKit can read: clean the SMILES first")
    largest = max(molecule.GetNumAtoms() for molecule in molecules)
    places = largest if atoms is None else atoms
    if largest > places:
        raise InputError(f"a molecule has {largest} atoms, but there are {places} places: give at least {largest}")
    features = np.zeros((len(molecules), places, len(FEATURE_NAMES)), dtype=np.float32)
    bonds = np.zeros((len(molecules), places, places), dtype=np.uint8)
    present = np.zeros((len(molecules), places), dtype=np.float32)
    for row, molecule in enumerate(molecules):
        count = molecule.GetNumAtoms()
        features[row, :count] = [_atom_features(atom) for atom in molecule.GetAtoms()]
        bonds[row, :count, :count] = Chem.GetAdjacencyMatrix(molecule)
        present[row, :count] = 1.0
    return Graphs(features, bonds, present)


def _atom_features(atom: Chem.Atom) -> list[float]:
    kinds = [bond.GetBondType() for bond in atom.GetBonds()]
    symbol, charge = atom.GetSymbol(), atom.GetFormalCharge()
    neighbors, hydrogens = min(atom.GetDegree(), MOST_NEIGHBORS), min(atom.GetTotalNumHs(), MOST_HYDROGENS)
    return [
        *(float(symbol == element) for element in ELEMENTS),
        float(symbol not in ELEMENTS),
        *(float(neighbors == count) for count in range(MOST_NEIGHBORS + 1)),
        *(float(hydrogens == count) for count in range(MOST_HYDROGENS + 1)),
        *(float(atom.GetHybridization() == kind) for kind in HYBRIDIZATIONS),
        *(float(kinds.count(kind)) for kind in BONDS),
        *(float(atom.IsInRingSize(size)) for size in RING_SIZES),
        float(charge > 0),
        float(charge < 0),
    ]
