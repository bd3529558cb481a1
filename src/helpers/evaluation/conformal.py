"""Prediction sets: which classes cannot be ruled out for this case (split conformal prediction).

A set holds every class whose probability is high enough. How high is read off calibration samples (validation), so that
the set of a new case holds the true class with probability 1 - alpha, whatever the model (Vovk, Gammerman & Shafer
2005; Sadinle, Lei & Wasserman 2019, JASA 114:223). With two classes a set says "sure" (one label), "unsure" (both) or
nothing (empty: too near one half for either).

The promise needs *exchangeable* samples. Two images of a patient are not: with groups, each group gets the same weight,
shared out among its samples (hierarchical conformal prediction: Lee, Barber & Willett 2023, arXiv:2306.06342; Dunn,
Wasserman & Ramdas 2023, JASA 118:2491). It then holds for a random sample of a new group. Choosing an epoch or a
temperature on the same validation samples makes them a little too easy, so the promise is checked on the test part.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from mapie.classification import SplitConformalClassifier
from sklearn.base import BaseEstimator, ClassifierMixin

from helpers.evaluation.proportions import LEVEL, cluster_proportion
from helpers.evaluation.samples import checked_groups
from helpers.runtime import InputError

ROUNDING = 1e-12  # 1 - p is rounded differently in calibration and use; a sample on the edge belongs to the set


@dataclass(frozen=True)
class ConformalPredictor:
    """A class belongs to the set when 1 - its probability is at most the quantile.

    Attributes:
        alpha: share of new cases whose set may miss the true class.
        conditional: one quantile per class, so that the promise holds within each class; else they are all equal.
        quantiles: (classes,); infinite where too few calibration groups are there to rule the class out at all.
        samples, groups: in the calibration.
    """

    alpha: float
    conditional: bool
    quantiles: tuple[float, ...]
    samples: int
    groups: int

    def sets(self, probability: np.ndarray) -> np.ndarray:
        """(n, classes) booleans for probabilities (n,) of class 1 or (n, classes)."""
        columns = checked_probability_columns(probability)
        if columns.shape[1] != len(self.quantiles):
            raise InputError(f"{columns.shape[1]} classes, but the sets were calibrated for {len(self.quantiles)}")
        return 1 - columns <= np.array(self.quantiles) + ROUNDING

    def to_dict(self) -> dict[str, Any]:
        """For ``model.json``: an infinite quantile becomes None, which JSON can hold."""
        quantiles = [value if np.isfinite(value) else None for value in self.quantiles]
        return {
            "alpha": self.alpha,
            "conditional": self.conditional,
            "quantiles": quantiles,
            "samples": self.samples,
            "groups": self.groups,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> ConformalPredictor:
        """The predictor that :meth:`to_dict` described."""
        quantiles = tuple(float("inf") if value is None else float(value) for value in content["quantiles"])
        return cls(content["alpha"], content["conditional"], quantiles, content["samples"], content["groups"])


def fit_conformal(
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    alpha: float = 0.1,
    conditional: bool = False,
) -> ConformalPredictor:
    """Read the quantiles off calibration samples (validation, never test).

    Args:
        targets: (n,) class numbers from 0.
        probability: (n,) of class 1, or (n, classes) that add up to 1.
        groups: (n,) group of each sample; None: each its own.
        alpha: share of misses allowed, above 0 and below 1.
        conditional: False: the promise holds over all cases together (marginal). True: within each class
            (Mondrian), which a rare class needs; each class then lives on its own calibration samples.

    Single samples are calibrated by MAPIE (the k-th smallest score with k = ceil((n + 1)(1 - alpha))), groups by
    :func:`hierarchical_quantile`, which gives the same for groups of one.
    """
    columns = checked_probability_columns(probability)
    targets = _checked_classes(targets, len(columns), columns.shape[1])
    group = checked_groups(groups, len(targets))
    if not 0 < alpha < 1:
        raise InputError(f"alpha is {alpha}: it lies above 0 and below 1, usually 0.1 (sets miss one case in ten)")
    classes = columns.shape[1]
    strata = [targets == label for label in range(classes)] if conditional else [np.ones(len(targets), dtype=bool)]
    quantiles = [_quantile(targets[inside], columns[inside], group[inside], alpha) for inside in strata]
    quantiles = quantiles if conditional else quantiles * classes
    return ConformalPredictor(alpha, conditional, tuple(quantiles), len(targets), len(np.unique(group)))


def hierarchical_quantile(scores: np.ndarray, groups: np.ndarray, alpha: float) -> float:
    """The smallest score below which the share 1 - alpha lies, when K groups and one more to come weigh alike.

    Each of the K groups has weight 1 / (K + 1), divided among its samples; the new group's weight lies at infinity,
    because nothing is known of it. With one sample per group this is the k-th smallest, k = ceil((K + 1)(1 - alpha)).

    Args:
        scores: (n,) one minus the probability of the true class.
        groups: (n,) group of each sample.
        alpha: share of misses allowed.
    """
    if not len(scores):
        return float("inf")
    group = checked_groups(groups, len(scores))
    sizes = np.bincount(group)
    order = np.argsort(scores, kind="stable")
    weight = np.cumsum(1 / sizes[group[order]])  # in groups, so that whole numbers stay whole numbers
    reached = np.flatnonzero(weight >= (len(sizes) + 1) * (1 - alpha) - 1e-9)
    return float(scores[order[reached[0]]]) if len(reached) else float("inf")


def coverage_of_sets(
    sets: np.ndarray, targets: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> pd.DataFrame:
    """How often the set holds the true class, over all samples and by class, and how large the sets are.

    Args:
        sets: (n, classes) booleans.
        targets: (n,) class numbers.
        groups: (n,) group of each sample, for the interval; every *sample* counts alike here.
        level: confidence level.

    Returns:
        Index ``all``, ``class 0``, ``class 1`` ... (only classes that occur); columns value, low, high (coverage),
        empty, single, several (shares of sets of that size), single_wrong (share of all: one label, and not the true
        one), samples, groups.
    """
    sets = np.asarray(sets, dtype=bool)
    targets = _checked_classes(targets, len(sets), sets.shape[1])
    group = checked_groups(groups, len(targets))
    hit = sets[np.arange(len(targets)), targets]
    size = sets.sum(axis=1)
    parts = {"all": np.ones(len(targets), dtype=bool)}
    parts |= {f"class {label}": targets == label for label in range(sets.shape[1]) if (targets == label).any()}
    rows = {}
    for name, inside in parts.items():
        covered = cluster_proportion(hit[inside], group[inside], level=level)
        rows[name] = {
            "value": covered.value,
            "low": covered.low,
            "high": covered.high,
            "empty": float(np.mean(size[inside] == 0)),
            "single": float(np.mean(size[inside] == 1)),
            "several": float(np.mean(size[inside] > 1)),
            "single_wrong": float(np.mean((size[inside] == 1) & ~hit[inside])),
            "samples": int(inside.sum()),
            "groups": len(np.unique(group[inside])),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def checked_probability_columns(probability: np.ndarray) -> np.ndarray:
    """(n, classes) float64 from (n,) of class 1 or (n, classes); between 0 and 1, rows adding up to 1, or InputError."""
    values = np.asarray(probability, dtype=np.float64)
    columns = np.column_stack([1 - values, values]) if values.ndim == 1 else values
    if columns.ndim != 2 or not len(columns) or columns.shape[1] < 2:
        raise InputError(f"probabilities have shape {values.shape}: give (n,) of class 1, or (n, classes)")
    if not np.isfinite(columns).all() or columns.min() < 0 or columns.max() > 1:
        raise InputError("some probabilities are not between 0 and 1")
    total = columns.sum(axis=1, keepdims=True)
    if np.abs(total - 1).max() > 1e-4:
        raise InputError("the probabilities of a case do not add up to 1: sets are for classes that exclude each other")
    return columns / total  # single precision leaves a rest


def _quantile(targets: np.ndarray, columns: np.ndarray, group: np.ndarray, alpha: float) -> float:
    samples = len(targets)
    scores = 1 - columns[np.arange(samples), targets]
    # MAPIE weighs samples alike, and refuses fewer than 1 / alpha of them although the k-th smallest may exist.
    if len(np.unique(group)) < samples or samples <= max(1 / alpha, 1 / (1 - alpha)) + 1e-9:
        return hierarchical_quantile(scores, group, alpha)
    classifier = SplitConformalClassifier(_Given(columns.shape[1]), confidence_level=1 - alpha)
    with warnings.catch_warnings():
        # Within one class MAPIE misses the others, which is what a quantile per class means.
        warnings.filterwarnings("ignore", message=".*less labels than your training dataset.*")
        classifier.conformalize(columns, targets)
        _, sets = classifier.predict_set(columns)
    inside = sets[np.arange(samples), targets, 0]
    return float(classifier.conformity_scores.ravel()[inside].max())


class _Given(ClassifierMixin, BaseEstimator):
    """A classifier whose input are the probabilities themselves: MAPIE asks for a model, and they are there already."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    @property
    def classes_(self) -> np.ndarray:
        return np.arange(self.classes)

    def fit(self, inputs: np.ndarray, targets: np.ndarray) -> _Given:
        return self

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        return np.argmax(inputs, axis=1)

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        return inputs

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _checked_classes(targets: np.ndarray, samples: int, classes: int) -> np.ndarray:
    values = np.asarray(targets)
    if values.shape != (samples,):
        raise InputError(f"targets of shape {values.shape} for {samples} samples: give one class number per sample")
    if not np.isin(values, np.arange(classes)).all():
        raise InputError(f"targets are class numbers 0 to {classes - 1}, found {np.unique(values)[:5].tolist()}")
    return values.astype(np.int64)
