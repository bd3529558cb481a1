"""Molecules as rows of a table: fingerprints of their neighborhoods, and descriptors that chemists calculate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import Crippen, Descriptors, rdFingerprintGenerator, rdMolDescriptors

from helpers.runtime import InputError

RADIUS = 2
BITS = 2048
# Left out: numbers that explode with the size of a molecule, and those that depend on partial charges RDKit may fail on.
UNSUITABLE = ("Ipc", "AvgIpc", "SPS")
DESCRIPTORS = tuple(
    name for name, _ in Descriptors.descList if name not in UNSUITABLE and not name.startswith("BCUT2D")
)
# The few that chemists name first when they explain a property: grease, size, polarity, stiffness.
BASIC = (
    "MolLogP",
    "MolWt",
    "NumRotatableBonds",
    "TPSA",
    "NumHDonors",
    "NumHAcceptors",
    "NumAromaticRings",
    "RingCount",
    "FractionCSP3",
    "MolMR",
    "HeavyAtomCount",
    "NumAliphaticRings",
)
BASIC_COLUMNS = tuple(DESCRIPTORS.index(name) for name in BASIC)
# log10 solubility = these numbers times (1, logP, molecular weight, rotatable bonds, share of aromatic heavy atoms).
DELANEY = (0.16, -0.63, -0.0062, 0.066, -0.74)


def readable_molecules(smiles: Sequence[str]) -> list[Chem.Mol]:
    """RDKit's molecules of SMILES.

    Raises:
        InputError: one cannot be read.
    """
    with rdBase.BlockLogs():
        molecules = [Chem.MolFromSmiles(text) for text in smiles]
    unread = [place for place, molecule in enumerate(molecules) if molecule is None]
    if unread:
        raise InputError(
            f"RDKit cannot read the molecule at place {unread[0]} (and {len(unread) - 1} others): clean the SMILES"
        )
    return molecules


def morgan_fingerprints(smiles: Sequence[str], radius: int = RADIUS, bits: int = BITS) -> np.ndarray:
    """Which neighborhoods a molecule has, (n, bits) uint8 of 0 and 1 (Rogers and Hahn 2010, J Chem Inf Model 50:742).

    Every atom with what surrounds it up to ``radius`` bonds away is hashed to one of the bits; two neighborhoods may share
    a bit.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    return np.array(
        [generator.GetFingerprintAsNumPy(molecule) for molecule in readable_molecules(smiles)], dtype=np.uint8
    )


def descriptors(smiles: Sequence[str]) -> np.ndarray:
    """RDKit's descriptors (n, :data:`DESCRIPTORS`) float64: size, polarity, rings, counts of functional groups; NaN where one
    is not defined."""
    functions = dict(Descriptors.descList)
    with rdBase.BlockLogs():
        rows = [[functions[name](molecule) for name in DESCRIPTORS] for molecule in readable_molecules(smiles)]
    values = np.array(rows, dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def delaney_solubility(smiles: Sequence[str]) -> np.ndarray:
    """log10 solubility in mol/L by Delaney's closed formula (2004, J Chem Inf Comput Sci 44:1000), (n,).

    The paper's logP is Daylight's; here it is Wildman and Crippen's, as RDKit computes it, with the paper's coefficients.
    """
    intercept, per_logp, per_weight, per_rotatable, per_aromatic = DELANEY
    molecules = readable_molecules(smiles)
    columns = np.array(
        [
            (
                Crippen.MolLogP(molecule),
                Descriptors.MolWt(molecule),
                rdMolDescriptors.CalcNumRotatableBonds(molecule),
                sum(atom.GetIsAromatic() for atom in molecule.GetAtoms()) / max(molecule.GetNumHeavyAtoms(), 1),
            )
            for molecule in molecules
        ]
    )
    return intercept + columns @ np.array([per_logp, per_weight, per_rotatable, per_aromatic])


def distance_to_nearest(smiles: Sequence[str], known: Sequence[str]) -> np.ndarray:
    """Tanimoto distance of each molecule to the most similar known one, (n,): 0 has the same bits, 1 shares none.

    Args:
        smiles: n molecules.
        known: the molecules that a model was trained on.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
    asked = generator.GetFingerprints(readable_molecules(smiles))
    others = generator.GetFingerprints(readable_molecules(known))
    return np.array([1.0 - max(DataStructs.BulkTanimotoSimilarity(one, others)) for one in asked])
