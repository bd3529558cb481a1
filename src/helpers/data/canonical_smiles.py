"""One SMILES for each molecule, whoever wrote it and however: RDKit's canonical one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rdkit import Chem, rdBase

UNREADABLE = ""


def canonical_smiles(texts: Sequence[str]) -> np.ndarray:
    """Canonical SMILES (n,) of texts that may be nonsense; "" where RDKit can make no molecule of one.

    RDKit reads the text and then checks valences and aromatic rings; a text that passes both is *valid* in the sense of
    MOSES (Polykovskiy et al. 2020, Front Pharmacol 11:565644). Stereo centers are kept.
    """
    return np.array([_canonical(text, stereo=True) for text in texts], dtype=object)


def constitutions(texts: Sequence[str]) -> np.ndarray:
    """As :func:`canonical_smiles`, with stereo centers left out: which atoms are bound to which, (n,).

    Two stereoisomers have one constitution, so nothing counts as new that is only a mirror image.
    """
    return np.array([_canonical(text, stereo=False) for text in texts], dtype=object)


def _canonical(text: str, stereo: bool) -> str:
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(text)
    if molecule is None or not molecule.GetNumAtoms():
        return UNREADABLE
    return Chem.MolToSmiles(molecule, isomericSmiles=stereo)
