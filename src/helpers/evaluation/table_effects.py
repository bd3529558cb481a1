"""What a model of a table has learned of each column: Shapley values, and the sign of a column's effect.

The Shapley value of a column is its fair share of the distance between the model's answer for a patient and its answer
for nobody in particular (Shapley 1953; Lundberg & Lee 2017, arXiv:1705.07874). Here "leaving a column out" means putting
in the values of background patients (the interventional form: Janzing et al. 2020, arXiv:1910.13413): the model is
explained, not the disease. The values for trees are exact (TreeSHAP: Lundberg et al. 2020, Nat Mach Intell 2:56).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import StratifiedGroupKFold

from helpers.evaluation.regression import correlation
from helpers.evaluation.samples import checked_groups, checked_targets
from helpers.runtime import InputError

FOLDS = 5
BACKGROUND = 100  # patients that stand for "nobody in particular"


@dataclass(frozen=True)
class HeldOutEffects:
    """What cross-validated models say about patients they have not seen.

    Attributes:
        values: (n, columns) with gaps filled.
        scores: (n,) log-odds of the disease.
        effects: (n, columns) Shapley values of the log-odds.
        fold: (n,) number of the fold, and so of the model.
    """

    values: np.ndarray
    scores: np.ndarray
    effects: np.ndarray
    fold: np.ndarray


def boosted_trees(inputs: np.ndarray, targets: np.ndarray, trees: int, seed: int = 0) -> GradientBoostingClassifier:
    """Gradient boosting with trees of depth 2 (Friedman 2001), on (n, columns) without gaps."""
    model = GradientBoostingClassifier(n_estimators=trees, max_depth=2, learning_rate=0.1, random_state=seed)
    model.fit(inputs, targets)
    # scikit-learn compares values in single precision with thresholds in double, shap rounds both: a value on the edge of
    # a split would fall to different sides. Thresholds in single precision make both agree.
    for tree in model.estimators_[:, 0]:
        tree.tree_.threshold[:] = tree.tree_.threshold.astype(np.float32)
    return model


def tree_shapley(model: GradientBoostingClassifier, inputs: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Shapley values (n, columns) of the model's log-odds, exact, against background patients (m, columns)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm misses a widget that nothing here shows
        import shap  # takes seconds to import, and only this needs it
    explainer = shap.TreeExplainer(model, background, feature_perturbation="interventional", model_output="raw")
    return np.asarray(explainer.shap_values(inputs))


def held_out_effects(
    inputs: np.ndarray, targets: np.ndarray, groups: np.ndarray, trees: int, seed: int = 0
) -> HeldOutEffects:
    """Answers and Shapley values for patients the model has not seen, by cross-validation over groups.

    Gaps are filled with the median of the training folds.

    Args:
        inputs: (n, columns), NaN where nothing was measured.
        targets: (n,) of 0 and 1.
        groups: (n,) patient of each row.
        trees: of each model.
        seed: of the folds and the models.
    """
    inputs, targets = np.asarray(inputs, dtype=np.float64), checked_targets(targets)
    group = checked_groups(groups, len(inputs))
    if min(len(np.unique(group[targets == label])) for label in (0, 1)) < FOLDS:
        raise InputError(f"each class needs at least {FOLDS} patients to be cross-validated")
    filled, scores, effects = np.empty_like(inputs), np.empty(len(inputs)), np.empty_like(inputs)
    fold = np.empty(len(inputs), dtype=np.int64)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (seen, hidden) in enumerate(folds.split(inputs, targets, group)):
        fold[hidden] = number
        imputer = SimpleImputer(strategy="median", keep_empty_features=True).fit(inputs[seen])
        known = imputer.transform(inputs[seen])
        filled[hidden] = imputer.transform(inputs[hidden])
        model = boosted_trees(known, targets[seen], trees, seed)
        scores[hidden] = model.decision_function(filled[hidden])
        effects[hidden] = tree_shapley(model, filled[hidden], known[:BACKGROUND])
    return HeldOutEffects(filled, scores, effects, fold)


def effect_signs(
    found: HeldOutEffects, names: tuple[str, ...], groups: np.ndarray, resamples: int, seed: int = 0
) -> pd.DataFrame:
    """Does a column's effect rise or fall with its value? Rank correlation of both, over patients, with its interval.

    The interval is about other patients, not about other models. So a sign counts as decided only where the interval
    leaves out 0 *and* the models of all folds agree.

    Args:
        found: of :func:`held_out_effects`.
        names: of the columns.
        groups: (n,) patient of each row.
        resamples: of whole groups.
        seed: of the drawing.

    Returns:
        Index: names, the strongest first; columns strength (mean size of the effect, log-odds), value, low, high (rank
        correlation; NaN where the column or its effect never varies), sign (+1, -1, or 0 where it is not decided), samples
        and groups.
    """
    rows = {}
    counts = {"samples": len(found.effects), "groups": len(np.unique(groups))}
    for place, name in enumerate(names):
        values, effects = found.values[:, place], found.effects[:, place]
        along = correlation(rankdata(values), rankdata(effects), groups, resamples, seed)
        sign = 1 if along.low > 0 else -1 if along.high < 0 else 0
        in_folds = [
            _rank_covariance(values[found.fold == number], effects[found.fold == number]) for number in range(FOLDS)
        ]
        sign = sign if all(sign * covariance > 0 for covariance in in_folds) else 0
        ends = {"value": along.value, "low": along.low, "high": along.high}
        rows[name] = {"strength": float(np.abs(effects).mean()), **ends, "sign": sign, **counts}
    return pd.DataFrame.from_dict(rows, orient="index").sort_values("strength", ascending=False, kind="stable")


def _rank_covariance(values: np.ndarray, effects: np.ndarray) -> float:
    """Has the sign of the rank correlation, and is 0 where one of them never varies."""
    return float(np.cov(rankdata(values), rankdata(effects))[0, 1])
