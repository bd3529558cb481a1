"""What a network on molecules has to beat: the mean, a random forest on fingerprints, boosting on descriptors.

Fingerprints with a random forest are MoleculeNet's own baseline (Wu et al. 2018, Chem Sci 9:513). Each property is learned
on its own, from the molecules on which it was measured.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.model_selection import KFold

from helpers.data.molecular_features import delaney_solubility
from helpers.data.molecular_inputs import MolecularInputs
from helpers.runtime import InputError

BASELINES = {
    "mean": "the mean of the known molecules",
    "formula": "Delaney's formula",
    "forest": "forest on fingerprints",
    "boosting": "boosting on descriptors",
}
BOOSTINGS = 5  # whose mean answers: each tries a third of the columns at each fork


def baseline_answers(
    known: MolecularInputs,
    targets: np.ndarray,
    asked: MolecularInputs,
    task: str,
    *,
    trees: int,
    rounds: int,
    seed: int,
    solubility: bool = False,
) -> dict[str, np.ndarray]:
    """Answers (m, properties) of all of :data:`BASELINES`, the formula only where solubility is asked for.

    Args:
        known: n molecules to learn from.
        targets: (n,) or (n, properties), NaN where not measured.
        asked: m molecules to answer for.
        task: ``regression``, ``binary`` or ``multilabel``.
        trees: of each random forest.
        rounds: trees of each boosting.
        seed: of forest and boosting.
        solubility: whether the targets are log10 of mol/L.
    """
    answers = {"mean": mean_answers(targets, len(asked))}
    if solubility:
        answers["formula"] = delaney_solubility(asked.smiles)[:, None]
    answers["forest"] = forest_answers(known.fingerprints, targets, asked.fingerprints, task, trees, seed)
    answers["boosting"] = boosting_answers(known.descriptors, targets, asked.descriptors, task, rounds, seed)
    return answers


def random_fold_answers(
    molecules: MolecularInputs, targets: np.ndarray, task: str, folds: int, *, trees: int, rounds: int, seed: int
) -> dict[str, np.ndarray]:
    """The trap: forest and boosting, cross-validated over random folds, so that nearly every molecule has relatives in training.

    It shows what a random split promises; never use it for an estimate. The folds are the same whatever the seed.

    Returns:
        Answers (n, properties) for all molecules, each by models that have not seen it.
    """
    mixed: dict[str, np.ndarray] = {}
    for some, others in KFold(folds, shuffle=True, random_state=0).split(molecules.fingerprints):
        known, asked = molecules.select(some), molecules.select(others)
        for key, said in baseline_answers(
            known, targets[some], asked, task, trees=trees, rounds=rounds, seed=seed
        ).items():
            mixed.setdefault(key, np.empty((len(molecules), said.shape[1])))[others] = said
    return {key: mixed[key] for key in ("forest", "boosting")}


def mean_answers(targets: np.ndarray, asked: int) -> np.ndarray:
    """The same answer for every molecule: the mean of what was measured, (asked, properties)."""
    return np.tile(np.nanmean(_columns(targets), axis=0), (asked, 1))


def forest_answers(
    rows: np.ndarray, targets: np.ndarray, asked: np.ndarray, task: str, trees: int, seed: int
) -> np.ndarray:
    """Answers of random forests (Breiman 2001, Machine Learning 45:5).

    Args:
        rows: (n, bits) fingerprints of the training molecules.
        targets: (n,) or (n, properties), NaN where not measured.
        asked: (m, bits) fingerprints to answer for.
        task: ``regression``, or probabilities for ``binary`` and ``multilabel``.
        trees: of each forest.
        seed: of the draws.

    Returns:
        (m, properties) float64.
    """
    if task == "regression":
        return _each(
            lambda: RandomForestRegressor(trees, max_features=1 / 3, random_state=seed), rows, targets, asked, task
        )
    return _each(lambda: RandomForestClassifier(trees, random_state=seed), rows, targets, asked, task)


def boosting_answers(
    rows: np.ndarray, targets: np.ndarray, asked: np.ndarray, task: str, rounds: int, seed: int
) -> np.ndarray:
    """Mean answers of five gradient boostings on histograms (Friedman 2001, Ann Stat 29:1189), as :func:`forest_answers`.

    Args:
        rows, asked: descriptors, NaN where not defined.
        rounds: trees of each boosting.
    """
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    settings = {"learning_rate": 0.05, "max_leaf_nodes": 10, "l2_regularization": 1.0, "max_features": 0.3}
    several = [
        _each(
            lambda number=number: kind(max_iter=rounds, random_state=seed * BOOSTINGS + number, **settings),
            rows,
            targets,
            asked,
            task,
        )
        for number in range(BOOSTINGS)
    ]
    return np.mean(several, axis=0)


def _each(build: Callable, rows: np.ndarray, targets: np.ndarray, asked: np.ndarray, task: str) -> np.ndarray:
    answers = []
    for column in _columns(targets).T:
        measured = ~np.isnan(column)
        if task == "regression":
            answers.append(build().fit(rows[measured], column[measured]).predict(asked))
            continue
        if len(np.unique(column[measured])) < 2:
            raise InputError("all measured molecules of a property have one class: a classifier needs both")
        model = build().fit(rows[measured], column[measured].astype(int))
        answers.append(model.predict_proba(asked)[:, 1])
    return np.stack(answers, axis=1).astype(np.float64)


def _columns(targets: np.ndarray) -> np.ndarray:
    return np.asarray(targets, dtype=np.float64).reshape(len(targets), -1)
