"""Are written molecules like real ones? Distributions of computable properties, and how far apart they lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem import QED, Crippen, Descriptors
from rdkit.Contrib.SA_Score import sascorer
from scipy.stats import ttest_ind, wasserstein_distance

from helpers.data.molecular_features import readable_molecules
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.runtime import InputError

# Column to what stands on an axis.
PROPERTIES = {
    "logp": "logP (octanol : water, computed)",
    "weight": "molecular weight (g/mol)",
    "qed": "drug-likeness QED (0 to 1)",
    "accessibility": "synthetic accessibility (1 easy, 10 hard)",
}


def molecule_properties(smiles: Sequence[str]) -> pd.DataFrame:
    """Properties of valid molecules, a row each, in the columns of :data:`PROPERTIES`; a thousand take two seconds.

    ``logp``: Wildman and Crippen (1999, J Chem Inf Comput Sci 39:868). ``weight``: average, in g/mol. ``qed``: Bickerton et
    al. (2012, Nat Chem 4:90). ``accessibility``: Ertl and Schuffenhauer (2009, J Cheminform 1:8).

    Raises:
        InputError: a SMILES is not valid.
    """
    rows = [
        (
            Crippen.MolLogP(molecule),
            Descriptors.MolWt(molecule),
            QED.qed(molecule),
            sascorer.calculateScore(molecule),
        )
        for molecule in readable_molecules(smiles)
    ]
    return pd.DataFrame(rows, columns=list(PROPERTIES), dtype=np.float64)


def property_distances(
    written: pd.DataFrame, real: pd.DataFrame, resamples: int = 200, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Wasserstein distance of each property between written and real molecules, beside what chance alone makes.

    The distance is the mean way, in the unit of the property, that one distribution has to be moved to become the other
    (MOSES measures the same). Two samples of one distribution lie some way apart too: ``chance`` is the distance that
    95 % of the random divisions of all these molecules into two such parts stay below (a permutation test).

    Args:
        written, real: of :func:`molecule_properties`, at least two rows each.
        resamples: random divisions.
        seed: of the divisions.
        level: share of the divisions below ``chance``.

    Returns:
        A row per property: ``distance``, ``chance``, ``relative`` (the distance in standard deviations of the real ones).
    """
    if min(len(written), len(real)) < 2 or list(written) != list(real):
        raise InputError("give the same properties of at least two written and two real molecules")
    generator = np.random.default_rng(seed)
    rows = {}
    for name in written:
        ours, theirs = written[name].to_numpy(), real[name].to_numpy()
        pooled = np.concatenate([ours, theirs])
        by_chance = []
        for _ in range(resamples):
            mixed = generator.permutation(pooled)
            by_chance.append(wasserstein_distance(mixed[: len(ours)], mixed[len(ours) :]))
        distance = float(wasserstein_distance(ours, theirs))
        spread = float(theirs.std()) or 1.0
        rows[name] = {
            "distance": distance,
            "chance": float(np.quantile(by_chance, level)),
            "relative": distance / spread,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def mean_gain(after: np.ndarray, before: np.ndarray, level: float = LEVEL) -> Interval:
    """Difference of the means of two independent samples, after minus before, with Welch's interval (1947, Biometrika 34:28).

    It says how sure the difference is for molecules written by *these two* networks and valued by *this* judge: neither the
    error of a judge nor another run of steering is in it.

    Args:
        after, before: values of molecules, at least two each.
        level: confidence level.
    """
    after, before = np.asarray(after, dtype=np.float64), np.asarray(before, dtype=np.float64)
    if min(len(after), len(before)) < 2:
        raise InputError(
            f"{len(after)} and {len(before)} values: the difference of two means needs at least two of each"
        )
    value = float(after.mean() - before.mean())
    if np.ptp(after) == np.ptp(before) == 0:
        return Interval(value, value, value, "no value differs from another", level)
    found = ttest_ind(after, before, equal_var=False).confidence_interval(level)
    return Interval(value, float(found.low), float(found.high), "Welch", level)


def median_gap(
    written: np.ndarray, real: np.ndarray, resamples: int = 1000, seed: int = 0, level: float = LEVEL
) -> Interval:
    """Median of one sample minus that of an independent one, with a bootstrap interval of percentiles.

    Args:
        written, real: numbers, at least two each.
        resamples: of both samples.
        seed: of the drawing.
        level: confidence level.
    """
    written, real = np.asarray(written, dtype=np.float64), np.asarray(real, dtype=np.float64)
    if min(len(written), len(real)) < 2:
        raise InputError(f"{len(written)} and {len(real)} values: the gap of two medians needs at least two of each")
    generator = np.random.default_rng(seed)
    drawn = [np.median(generator.choice(some, (resamples, len(some))), axis=1) for some in (written, real)]
    low, high = np.quantile(drawn[0] - drawn[1], [0.5 - level / 2, 0.5 + level / 2])
    value = float(np.median(written) - np.median(real))
    return Interval(value, float(low), float(high), "bootstrap, percentile", level)


def admissible(smiles: Sequence[str], weights: tuple[float, float]) -> np.ndarray:
    """Which molecules carry no charge and have a weight in a range, (n,) booleans.

    A judge that was trained on small uncharged molecules must not be asked about others; and whoever is rewarded for
    solubility writes ever smaller molecules unless their size is held. A plus and a minus on neighboring atoms are a way of
    drawing (nitro groups, N-oxides) and no charge; apart from each other (betaines) they are two.

    Args:
        smiles: valid.
        weights: smallest and largest molecular weight, g/mol.
    """
    low, high = weights
    return np.array(
        [
            low <= Descriptors.MolWt(molecule) <= high and not _charged(molecule)
            for molecule in readable_molecules(smiles)
        ],
        dtype=bool,
    )


def _charged(molecule: Chem.Mol) -> bool:
    """Whether a charge is left when those of opposite sign on bonded atoms have canceled each other."""
    charges = [atom.GetFormalCharge() for atom in molecule.GetAtoms()]
    for bond in molecule.GetBonds():
        first, second = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if charges[first] * charges[second] < 0:
            canceled = min(abs(charges[first]), abs(charges[second]))
            for place in (first, second):
                charges[place] -= canceled if charges[place] > 0 else -canceled
    return any(charges)
