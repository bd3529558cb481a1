"""Who judges the judges? Their errors on molecules with known answers, and how strange to them is what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from rdkit.Chem import Descriptors

from helpers.data.dataset import Dataset
from helpers.data.molecular_features import distance_to_nearest, readable_molecules
from helpers.evaluation.proportions import Interval
from helpers.evaluation.regression import root_mean_squared_error

Judge = Callable[[Sequence[str]], np.ndarray]


def judge_errors(judges: Mapping[str, Judge], dataset: Dataset, resamples: int = 1000) -> dict[str, Interval]:
    """Root mean squared error of each judge on the test part, with intervals over scaffolds; the mean of training beside it.

    Args:
        judges: name to a function of (n,) SMILES that gives (n,) numbers; none has seen the test part.
        dataset: with one measured number per molecule.
        resamples: of whole scaffolds.

    Returns:
        Each judge in its order, then ``the mean of training``, which knows nothing about the molecule.
    """
    test, usual = dataset.part("test"), float(dataset.part("train").targets.mean())
    answers = {name: np.asarray(ask(test.inputs)) for name, ask in judges.items()}
    answers["the mean of training"] = np.full(len(test), usual)
    return {name: root_mean_squared_error(test.targets, said, test.groups, resamples) for name, said in answers.items()}


def strangeness(groups: Mapping[str, Sequence[str]], known: Sequence[str]) -> pd.DataFrame:
    """How far groups of molecules lie from those that a judge was trained on.

    Args:
        groups: name to SMILES.
        known: the training molecules of the judge.

    Returns:
        A row per group: ``molecules``, ``distance`` (median Tanimoto distance to the nearest known one, 0 to 1), ``weight``
        (mean molecular weight, g/mol).
    """
    rows = {
        name: {
            "molecules": len(some),
            "distance": float(np.median(distance_to_nearest(some, known))),
            "weight": float(np.mean([Descriptors.MolWt(molecule) for molecule in readable_molecules(some)])),
        }
        for name, some in groups.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").astype({"molecules": int})
