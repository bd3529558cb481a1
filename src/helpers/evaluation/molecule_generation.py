"""How good is a machine that writes molecules? Validity, uniqueness, novelty, diversity, and why texts are no molecules.

The measures are those of MOSES (Polykovskiy et al. 2020, Front Pharmacol 11:565644) and GuacaMol (Brown et al. 2019, J Chem
Inf Model 59:1096). Each can be gamed alone: a machine that writes C, CC, CCC ... is valid, unique and new without end, so
they stand together, beside the properties of real molecules (:mod:`helpers.evaluation.molecule_properties`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator
from scipy.stats import chi2

from helpers.data.canonical_smiles import UNREADABLE
from helpers.data.molecular_features import readable_molecules
from helpers.data.smiles_tokens import TOKEN
from helpers.evaluation.comparison import PairedComparison, from_separate_intervals
from helpers.evaluation.proportions import LEVEL, Interval, normal_quantile, wilson
from helpers.runtime import InputError

DIVERSITY_BITS = 1024
RING = re.compile(r"\d|%\d\d")
FAULTS = ("empty", "branch left open", "ring left open", "other spelling", "valence", "aromatic ring")


def generation_shares(molecules: Sequence[str], known: Collection[str], level: float = LEVEL) -> dict[str, Interval]:
    """Validity, uniqueness, novelty and their product, each with Wilson's interval.

    Args:
        molecules: (n,) what was written, as :func:`helpers.data.canonical_smiles.canonical_smiles` or
            ``constitutions`` reads it; "" where it is no molecule.
        known: the training molecules, read in the same way.
        level: confidence level.

    Returns:
        ``valid`` of all; ``unique``: different ones, of the valid; ``novel``: not among the known, of the different;
        ``useful``: valid, not written before and not known, of all. Uniqueness falls with the number written, so it is
        compared at equal numbers only; its interval takes repeats to be rare and independent.

    Raises:
        InputError: nothing was written.
    """
    if not len(molecules):
        raise InputError("nothing was written: give at least one text")
    valid = [molecule for molecule in molecules if molecule != UNREADABLE]
    different = set(valid)
    new = len(different - set(known))
    return {
        "valid": wilson(len(valid), len(molecules), level),
        "unique": wilson(len(different), len(valid), level),
        "novel": wilson(new, len(different), level),
        "useful": wilson(new, len(molecules), level),
    }


def foretold_repeats(molecules: Sequence[str], number: int, level: float = LEVEL) -> Interval:
    """Share of repeats that is to be expected among ``number`` valid texts, from the pairs of equal ones among fewer.

    Two texts are the same with a probability that the share of equal pairs estimates without bias, and among ``number``
    texts each has on average ``(number - 1) / 2`` earlier ones to repeat. What repeats two of them counts twice, so this is a
    bound from above, and close to the expectation where repeats are rare. The interval takes the count of equal pairs for a
    Poisson variable (Garwood 1936, Biometrika 28:437) whose variance is as many times larger as molecules that are written
    three times and more make it: pairs that share a text vary together (Hoeffding 1948, Ann Math Stat 19:293).

    Args:
        molecules: of the trial, as for :func:`generation_shares`; at least two valid ones.
        number: of valid texts.
        level: confidence level.
    """
    counts = np.array(list(Counter(molecule for molecule in molecules if molecule != UNREADABLE).values()), dtype=float)
    valid = counts.sum()
    if valid < 2:
        raise InputError(f"{valid:.0f} valid text(s) have no pair: write more to foretell repeats")
    pairs = np.sum(counts * (counts - 1)) / 2
    triples = np.sum(counts * (counts - 1) * (counts - 2)) / 6
    dispersion = max(1.0, 1 + (6 * triples - 4 * pairs**2 / valid) / pairs) if pairs else 1.0
    low = dispersion / 2 * chi2.ppf(0.5 - level / 2, 2 * pairs / dispersion) if pairs else 0.0
    high = dispersion / 2 * chi2.ppf(0.5 + level / 2, 2 * pairs / dispersion + 2)
    share = (number - 1) / (valid * (valid - 1))
    value, low, high = (min(1.0, float(count * share)) for count in (pairs, low, high))
    return Interval(value, low, high, "Poisson, overdispersed", level)


def internal_diversity(smiles: Sequence[str], level: float = LEVEL) -> Interval:
    """One minus the mean Tanimoto similarity over all pairs of molecules (Benhenda 2017, arXiv:1708.08227).

    Fingerprints are Morgan's of radius 2 in 1,024 bits, as in MOSES; a molecule is not paired with itself. The mean over
    pairs is a U-statistic, and its interval is Hoeffding's (1948, Ann Math Stat 19:293): the standard error is twice that
    of the molecules' own mean distances.

    Args:
        smiles: at least two valid ones; time grows with the square of their number (2,000 take a second).
        level: confidence level.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=DIVERSITY_BITS)
    prints = list(generator.GetFingerprints(readable_molecules(smiles)))
    if len(prints) < 2:
        raise InputError(f"{len(prints)} molecule(s) have no pair: diversity needs at least two")
    similarity = np.array([sum(DataStructs.BulkTanimotoSimilarity(one, prints)) - 1 for one in prints])
    distances = 1 - similarity / (len(prints) - 1)
    half = normal_quantile(level) * 2 * distances.std(ddof=1) / np.sqrt(len(prints))
    value = float(distances.mean())
    return Interval(value, max(0.0, value - half), min(1.0, value + half), "U-statistic", level)


def diversity_gap(written: Sequence[str], real: Sequence[str]) -> PairedComparison:
    """Internal diversity of written molecules minus that of real ones, two independent samples (Newcombe 1998)."""
    return from_separate_intervals(internal_diversity(written), internal_diversity(real))


def faults(texts: Sequence[str]) -> dict[str, int]:
    """Why texts are no molecules: how many of each of :data:`FAULTS`, none left out; valid texts count nowhere.

    Spelling comes before chemistry: a branch or a ring that is opened and not closed, then an atom with more bonds than it
    can have, then a ring called aromatic that no arrangement of double bonds makes so.
    """
    counts = Counter(fault for text in texts if (fault := _fault(text)) is not None)
    return {fault: counts[fault] for fault in FAULTS}


def _fault(text: str) -> str | None:
    with rdBase.BlockLogs():
        drawn = Chem.MolFromSmiles(text, sanitize=False)
        if drawn is None:
            return _spelling_fault(text)
        problems = [problem.GetType() for problem in Chem.DetectChemistryProblems(drawn)]
    if not drawn.GetNumAtoms():
        return "empty"
    if any("Valence" in problem for problem in problems):
        return "valence"
    return "aromatic ring" if problems else None


def _spelling_fault(text: str) -> str:
    depth, lowest = 0, 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        lowest = min(lowest, depth)
    if depth or lowest:
        return "branch left open"
    closures = Counter(token for token in TOKEN.findall(text) if RING.fullmatch(token))
    return "ring left open" if any(count % 2 for count in closures.values()) else "other spelling"
