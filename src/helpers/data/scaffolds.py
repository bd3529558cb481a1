"""Scaffolds of molecules (rings and what joins them; Bemis and Murcko 1996, J Med Chem 39:2887) and the split by them.

A chemist asks about molecules unlike those already made. Members of one series share a scaffold, so a split that keeps
scaffolds whole asks that question and a random one does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem.Scaffolds.MurckoScaffold import MurckoScaffoldSmiles

from helpers.data.dataset import PARTS

SHARES = (0.8, 0.1, 0.1)


def scaffold_smiles(smiles: Sequence[str]) -> np.ndarray:
    """Bemis-Murcko scaffold of each readable molecule without stereo centers, (n,) SMILES; "" where there is no ring."""
    with rdBase.BlockLogs():
        molecules = [Chem.MolFromSmiles(text) for text in smiles]
        scaffolds = [MurckoScaffoldSmiles(mol=molecule, includeChirality=False) for molecule in molecules]
    return np.array(scaffolds, dtype=object)


def scaffold_split(scaffolds: np.ndarray, shares: tuple[float, float, float] = SHARES) -> np.ndarray:
    """DeepChem's scaffold split (Wu et al. 2018, Chem Sci 9:513): deterministic, whole scaffolds, the largest first.

    Scaffolds go to training while they fit, then to validation, and what fits in neither to the test part: rare scaffolds
    end there. Of equally frequent ones that which appears later in the file goes first, as in DeepChem.

    Args:
        scaffolds: (n,) scaffold of each molecule, repeated molecules included.
        shares: of train, validation and test.

    Returns:
        (n,) of ``train``, ``validation``, ``test``.
    """
    members: dict[str, list[int]] = {}
    for row, scaffold in enumerate(scaffolds):
        members.setdefault(scaffold, []).append(row)
    largest_first = sorted(members.values(), key=lambda rows: (len(rows), rows[0]), reverse=True)
    train_most, validation_most = shares[0] * len(scaffolds), (shares[0] + shares[1]) * len(scaffolds)
    split = np.full(len(scaffolds), PARTS[2], dtype="<U10")
    in_train = in_validation = 0
    for rows in largest_first:
        if in_train + len(rows) <= train_most:
            split[rows] = PARTS[0]
            in_train += len(rows)
        elif in_train + in_validation + len(rows) <= validation_most:
            split[rows] = PARTS[1]
            in_validation += len(rows)
    return split


def split_hash(split: np.ndarray) -> str:
    """SHA-256 of the row numbers of each part: two splits with one hash are one split."""
    lines = [f"{part} {' '.join(map(str, np.flatnonzero(split == part)))}" for part in PARTS]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
