"""Molecules put together from known parts, with a solubility that follows from the structure by a known rule, plus noise.

The rule is the general solubility equation (Ran and Yalkowsky 2001, J Chem Inf Comput Sci 41:354): what is greasy and what
forms firm crystals dissolves badly. Its two terms are computed here, the second from an invented table, so the best
reachable error is the known standard deviation of the noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit import Chem, rdBase
from rdkit.Chem import Crippen, rdMolDescriptors

from helpers.data.catalog.entries import describe
from helpers.data.dataset import Dataset
from helpers.data.phantoms.molecule_fragments import CHAIN_LENGTHS, LINKERS, RINGS, SUBSTITUENTS
from helpers.data.scaffolds import scaffold_smiles, scaffold_split
from helpers.runtime import InputError

VERSION = "molecule-phantom-1"  # to be raised with every change of a molecule or a target
DATASET_SEED = 47  # of molecules and noise; a constant of the dataset, never a run's seed
DEFAULT_MOLECULES = 1200
MOST_MOLECULES = 20_000
NOISE = 0.5  # log units: repeated measurements of one compound differ by about as much
RING_SHARES = (0.15, 0.35, 0.5)  # molecules with no ring, one ring, two rings that are joined
UNEVENNESS = 0.8  # the part at place k is drawn in proportion to 1 / (k + 1) ** UNEVENNESS

# Bonds between two atoms that chemists would not put on a shelf: N-O, N-N, N-halogen outside of rings.
UNSTABLE = Chem.MolFromSmarts("[#7]-;!@[#7,#8,F,Cl,Br]")
# Degrees that a group adds to the melting point; the numbers are invented, the directions are not.
CRYSTAL_BASE = 30.0
CRYSTAL_TERMS = (
    (22.0, Chem.MolFromSmarts("[#7,#8;!H0]")),  # hydrogen bonds hold a crystal together
    (18.0, Chem.MolFromSmarts("[c,n]:1:[*]:[*]:[*]:[*]:[*]1")),  # flat rings stack; an estimate for one of six atoms
    (35.0, Chem.MolFromSmarts("[CX3](=O)[NX3;H1,H2]")),  # amides pair up
    (35.0, Chem.MolFromSmarts("S(=O)(=O)[NX3;H1,H2]")),
    (25.0, Chem.MolFromSmarts("c:1:c:c2:[*]:[*]:[*]:c2:c:c1")),  # fused rings pack well
    (-15.0, Chem.MolFromSmarts("[CX4;H2]-!@[CX4;H2]")),  # chains that bend do not
    (-20.0, Chem.MolFromSmarts("[CX4]([CH3])([CH3])")),  # bulky ends keep neighbors away
)
ACID = Chem.MolFromSmarts("[CX3](=O)[OX2H1]")
BASIC_AMINE = Chem.MolFromSmarts("[NX3;!$(N-C=O);!$(N-S=O);!$(N-[c,n]);!$(N-C=[#6,#7])]-[CX4]")
SALT_DEGREES = 90.0  # a molecule with an acid and an amine forms a salt with its neighbors
ROOM_TEMPERATURE = 25.0


def molecule_phantom(maximum: int | None = None) -> Dataset:
    """A dataset of generated molecules; the first ones are the same whatever ``maximum`` is.

    Args:
        maximum: how many molecules, at least 60 so that scaffolds can be divided; None for 1,200.

    Returns:
        ``inputs`` (n,) canonical SMILES, all different; ``targets`` (n,) log10 solubility in mol/L, noise included;
        ``truth["noiseless"]`` the same without noise; ``groups`` scaffolds; ``split`` by scaffold as DeepChem's.

    Raises:
        InputError: too few or too many molecules are asked for.
    """
    count = DEFAULT_MOLECULES if maximum is None else maximum
    if not 60 <= count <= MOST_MOLECULES:
        raise InputError(f"molecule-phantom: {count} molecules asked for; it makes 60 to {MOST_MOLECULES:,}")
    smiles = assemble(count, DATASET_SEED)
    noiseless = log_solubility(smiles)
    noise = NOISE * np.random.default_rng((DATASET_SEED, 1)).normal(size=count)
    scaffolds = scaffold_smiles(smiles)
    entry = describe("molecule-phantom")
    return Dataset(
        name=entry.name,
        inputs=smiles,
        targets=noiseless + noise,
        task=entry.task,
        groups=pd.factorize(scaffolds)[0].astype(np.int64),
        groups_known=True,
        split=scaffold_split(scaffolds),
        source=entry.source(VERSION),
        target_names=entry.target_names,
        truth={"noiseless": noiseless},
    )


def assemble(count: int, seed: int) -> np.ndarray:
    """``count`` different molecules, (count,) canonical SMILES; fewer parts are common than rare, as among drugs."""
    generator = np.random.default_rng(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        with rdBase.BlockLogs():
            molecule = Chem.MolFromSmiles(_parts(generator))
        if molecule is None or molecule.HasSubstructMatch(UNSTABLE):
            continue
        found[Chem.MolToSmiles(molecule)] = None
    return np.array(list(found), dtype=object)


def log_solubility(smiles: Sequence[str]) -> np.ndarray:
    """The phantom's law without noise, (n,) log10 of mol/L, for any readable molecules: 0.5 - logP - 0.01 (MP - 25).

    logP is Wildman and Crippen's (1999, J Chem Inf Comput Sci 39:868), MP an invented melting point in degrees Celsius; what
    melts below room temperature pays nothing for its crystal.
    """
    molecules = [Chem.MolFromSmiles(text) for text in smiles]
    greasy = np.array([Crippen.MolLogP(molecule) for molecule in molecules])
    crystal = np.array([max(_melting_point(molecule), ROOM_TEMPERATURE) for molecule in molecules])
    return 0.5 - greasy - 0.01 * (crystal - ROOM_TEMPERATURE)


def _melting_point(molecule: Chem.Mol) -> float:
    degrees = CRYSTAL_BASE + 10.0 * rdMolDescriptors.CalcNumRings(molecule)
    degrees += sum(term * len(molecule.GetSubstructMatches(group)) for term, group in CRYSTAL_TERMS)
    if molecule.HasSubstructMatch(ACID) and molecule.HasSubstructMatch(BASIC_AMINE):
        degrees += SALT_DEGREES
    return degrees


def _parts(generator: np.random.Generator) -> str:
    """SMILES of the parts of one molecule, separated by dots; their open bonds join them."""
    rings = generator.choice(len(RING_SHARES), p=RING_SHARES)
    if rings == 0:
        length = generator.choice(CHAIN_LENGTHS)
        return ".".join(["C%91" + "C" * (length - 2) + "C%92", _hanging(generator, 91), _hanging(generator, 92)])
    first = _draw(generator, RINGS)
    if rings == 1:
        return ".".join([first, *(_hanging(generator, place) for place in (91, 92) if f"%{place}" in first)])
    second = _draw(generator, RINGS).replace("%91", "%93").replace("%92", "%94")
    if "%92" not in first:
        first = first.replace("%91", "%92")
    hanging = [_hanging(generator, place) for place in (91, 94) if f"%{place}" in first + second]
    return ".".join([first, _draw(generator, LINKERS), second, *hanging])


def _hanging(generator: np.random.Generator, place: int) -> str:
    return _draw(generator, SUBSTITUENTS).replace("%9N", f"%{place}")


def _draw(generator: np.random.Generator, parts: tuple[str, ...]) -> str:
    weights = 1.0 / np.arange(1, len(parts) + 1) ** UNEVENNESS
    return parts[generator.choice(len(parts), p=weights / weights.sum())]
