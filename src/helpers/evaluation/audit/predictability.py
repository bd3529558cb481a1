"""How well do some features tell the classes apart? A tiny model, cross-validated by group, and its AUROC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from helpers.data.dataset import Dataset
from helpers.evaluation.intervals import auroc_delong
from helpers.evaluation.proportions import LEVEL, Interval

FOLDS = 5
LEAST_GROUPS = 10  # of each class; with fewer no cross-validated AUROC is worth its name
MOST_CLASSES = 20  # one against the rest for each; beyond, single classes have too few groups anyway


@dataclass(frozen=True)
class Predictability:
    """AUROC of a tiny model on held-out groups.

    Attributes:
        interval: of the class that is told best; its level is corrected for the number of classes tried.
        label: that class, or None for a binary task.
        scores: (n,) held-out scores of that class; ``nan`` where a sample was not used.
    """

    interval: Interval
    label: int | None
    scores: np.ndarray

    def words(self, class_names: tuple[str, ...]) -> str:
        """``AUROC 0.91, 95 % interval 0.87 to 0.94``, and for several classes which one."""
        level = f"{100 * self.interval.level:.3g} %"
        text = f"AUROC {self.interval.value:.2f}, {level} interval {self.interval.low:.2f} to {self.interval.high:.2f}"
        if self.label is None:
            return text
        name = class_names[self.label] if self.label < len(class_names) else f"number {self.label}"
        return f"class {name} against the rest: {text}"

    def numbers(self) -> dict[str, float]:
        return {"auroc": self.interval.value, "low": self.interval.low, "high": self.interval.high}


def labels_of(dataset: Dataset) -> np.ndarray | None:
    """(n,) class of each sample, or None where a sample has no single class."""
    return np.asarray(dataset.targets) if dataset.task in ("binary", "multiclass") else None


def reason_against(dataset: Dataset) -> str:
    """Why nothing can be cross-validated by group on this dataset; empty when it can."""
    labels = labels_of(dataset)
    if labels is None:
        return f"the task is {dataset.task}, without one class per sample"
    held = class_groups(labels, dataset.groups)
    if len(held) < 2:
        return "there is only one class"
    if sorted(held.values())[-2] < LEAST_GROUPS:
        return f"fewer than two classes come from {LEAST_GROUPS} {dataset.source.group}s or more"
    return ""


def class_groups(labels: np.ndarray, groups: np.ndarray) -> dict[int, int]:
    """How many groups hold each class."""
    return {int(label): len(np.unique(groups[labels == label])) for label in np.unique(labels)}


def predict_from(
    features: np.ndarray, dataset: Dataset, model: str = "linear", label: int | None = None
) -> Predictability:
    """Cross-validate a tiny model.

    Args:
        features: (n, features), finite.
        dataset: gives classes and groups; :func:`reason_against` must be empty.
        model: ``linear`` (logistic regression) or ``tree`` (depth 3: sizes and formats do not grow with the risk).
        label: the class to tell from the rest; None for the one that is told best.
    """
    labels = np.asarray(dataset.targets)
    folds = group_folds(labels, dataset.groups)

    def score(positive: np.ndarray) -> np.ndarray:
        return _held_out_scores(features, positive, folds, model)

    return best_class(labels, dataset.groups, score, dataset.task, label)


def best_class(
    labels: np.ndarray,
    groups: np.ndarray,
    score: Callable[[np.ndarray], np.ndarray],
    task: str,
    label: int | None = None,
) -> Predictability:
    """The class that ``score`` (from (n,) of 0 and 1 to (n,) scores) tells best from the rest, or ``label``."""
    held = class_groups(labels, groups)
    chosen = [name for name, count in held.items() if count >= LEAST_GROUPS][:MOST_CLASSES]
    if task == "binary" or label is not None:
        chosen = [1 if label is None else label]
    level = 1 - (1 - LEVEL) / len(chosen)
    tried = []
    for name in chosen:
        positive = (labels == name).astype(np.int64)
        scores = score(positive)
        interval = auroc_delong(positive, scores, groups, level)
        tried.append(Predictability(interval, None if task == "binary" else name, scores))
    return max(tried, key=lambda result: result.interval.low)


def group_folds(labels: np.ndarray, groups: np.ndarray, folds: int = FOLDS) -> np.ndarray:
    """(n,) fold of each sample: whole groups, stratified by the most frequent class of a group."""
    names, group = np.unique(groups, return_inverse=True)
    classes, label = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(names), len(classes)), dtype=np.int64)
    np.add.at(counts, (group, label), 1)
    usual = counts.argmax(axis=1)
    # A class that few groups are mostly of cannot be stratified by; scikit-learn would warn.
    rare = np.flatnonzero(np.bincount(usual, minlength=len(classes)) < folds)
    usual[np.isin(usual, rare)] = -1
    if 0 < np.sum(usual == -1) < folds:
        usual[usual == -1] = np.bincount(usual[usual >= 0]).argmax() if (usual >= 0).any() else 0
    fold_of_group = np.zeros(len(names), dtype=np.int64)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=0)
    for fold, (_, held) in enumerate(splitter.split(counts, usual)):
        fold_of_group[held] = fold
    return fold_of_group[group]


def _held_out_scores(features: np.ndarray, positive: np.ndarray, folds: np.ndarray, model: str) -> np.ndarray:
    scores = np.zeros(len(features))
    for fold in np.unique(folds):
        held = folds == fold
        if len(np.unique(positive[~held])) < 2:
            scores[held] = positive[~held].mean()
            continue
        fitted = _model(model, int(np.sum(~held))).fit(features[~held], positive[~held])
        scores[held] = fitted.predict_proba(features[held])[:, 1]
    return scores


def _model(name: str, samples: int):
    if name == "tree":
        leaf = max(3, samples // 50)
        return DecisionTreeClassifier(max_depth=3, min_samples_leaf=leaf, class_weight="balanced", random_state=0)
    classifier = LogisticRegression(C=0.1, class_weight="balanced", max_iter=300)
    return make_pipeline(StandardScaler(), classifier)
