"""What a binary classifier gets right and wrong: counts, the ratios made of them, and the choice of a threshold.

Targets are 1 for the disease and 0 otherwise. A sample is called diseased when its probability is **at least** the
threshold. A ratio whose denominator is zero is undefined and comes back as ``nan``, never as a silent 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from helpers.evaluation.samples import checked_groups, checked_scores, checked_targets
from helpers.runtime import InputError

METRICS = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auroc", "auprc", "brier")
CRITERIA = ("youden", "f1", "sensitivity", "specificity")


@dataclass(frozen=True)
class ConfusionCounts:
    """The four cells of the confusion matrix; positive means diseased."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    @property
    def samples(self) -> int:
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative


def confusion_counts(targets: np.ndarray, decisions: np.ndarray) -> ConfusionCounts:
    """Count the four cells.

    Args:
        targets: (n,) of 0 and 1.
        decisions: (n,) of 0 and 1, or booleans.
    """
    diseased = checked_targets(targets) == 1
    called = checked_targets(decisions, "decisions") == 1
    if diseased.shape != called.shape:
        raise InputError(f"{len(diseased)} targets but {len(called)} decisions: give one decision per sample")
    return ConfusionCounts(
        true_positive=int(np.sum(diseased & called)),
        false_positive=int(np.sum(~diseased & called)),
        true_negative=int(np.sum(~diseased & ~called)),
        false_negative=int(np.sum(diseased & ~called)),
    )


def accuracy(counts: ConfusionCounts) -> float:
    """Share of all samples that were called correctly: (TP + TN) / n."""
    return _ratio(counts.true_positive + counts.true_negative, counts.samples)


def sensitivity(counts: ConfusionCounts) -> float:
    """Share of the diseased that were found: TP / (TP + FN). Recall is another name for it."""
    return _ratio(counts.true_positive, counts.true_positive + counts.false_negative)


recall = sensitivity


def specificity(counts: ConfusionCounts) -> float:
    """Share of the healthy that were left alone: TN / (TN + FP)."""
    return _ratio(counts.true_negative, counts.true_negative + counts.false_positive)


def precision(counts: ConfusionCounts) -> float:
    """Share of the alarms that were right: TP / (TP + FP). Positive predictive value is another name for it."""
    return _ratio(counts.true_positive, counts.true_positive + counts.false_positive)


def f1(counts: ConfusionCounts) -> float:
    """Harmonic mean of precision and recall: 2 / (1 / precision + 1 / recall) = 2 TP / (2 TP + FP + FN)."""
    return _ratio(2 * counts.true_positive, 2 * counts.true_positive + counts.false_positive + counts.false_negative)


def brier_score(targets: np.ndarray, probability: np.ndarray) -> float:
    """Mean squared distance between probability and outcome (Brier 1950); 0 is perfect, always 0.5 gives 0.25."""
    targets, probability = checked_scores(targets, probability, probabilities=True)
    return float(np.mean((probability - targets) ** 2))


def decide(probability: np.ndarray, threshold: float) -> np.ndarray:
    """Boolean decisions: True where the probability is at least the threshold.

    Compared in double precision: NumPy would otherwise round the threshold to the precision of the probabilities, and
    a threshold between two single-precision scores could fall onto one of them.
    """
    return np.asarray(probability, dtype=np.float64) >= np.float64(threshold)


def binary_metrics(targets: np.ndarray, probability: np.ndarray, threshold: float) -> dict[str, float]:
    """All of :data:`METRICS`, in that order; AUROC and AUPRC are ``nan`` when a class is missing."""
    targets, probability = checked_scores(targets, probability, probabilities=True)
    counts = confusion_counts(targets, decide(probability, threshold))
    both_classes = 0 < targets.sum() < len(targets)
    return {
        "accuracy": accuracy(counts),
        "sensitivity": sensitivity(counts),
        "specificity": specificity(counts),
        "precision": precision(counts),
        "f1": f1(counts),
        "auroc": float(roc_auc_score(targets, probability)) if both_classes else float("nan"),
        "auprc": float(average_precision_score(targets, probability)) if both_classes else float("nan"),
        "brier": brier_score(targets, probability),
    }


def choose_threshold(
    targets: np.ndarray, probability: np.ndarray, criterion: str = "youden", minimum: float | None = None
) -> float:
    """The threshold that serves a criterion best on these samples: validation samples, never test samples.

    Candidates are the midpoints between neighboring distinct scores, and the lowest score (everybody is called
    diseased). Ties go to the midpoint of the widest gap, where new scores are least likely to cross it; equally wide
    gaps go to the lower threshold, which misses fewer diseased. A constant score leaves nothing to choose: 0.5, so that
    a model that only knows how common the disease is calls everybody by the more common class.

    Args:
        targets: (n,) of 0 and 1, both present.
        probability: (n,) scores.
        criterion: ``youden`` maximizes sensitivity + specificity - 1 (Youden 1950), ``f1`` maximizes F1,
            ``sensitivity`` takes the highest threshold whose sensitivity is at least ``minimum``, ``specificity`` the
            lowest whose specificity is (just above the highest score when nothing lower does).
        minimum: the wanted sensitivity or specificity, above 0 and at most 1; only with these two.
    """
    targets, probability = checked_scores(targets, probability)
    if criterion not in CRITERIA:
        raise InputError(f"unknown criterion {criterion!r}: choose one of {', '.join(CRITERIA)}")
    if (criterion in ("sensitivity", "specificity")) != (minimum is not None):
        raise InputError("give minimum with the criteria 'sensitivity' and 'specificity', and only there")
    if minimum is not None and not 0 < minimum <= 1:
        raise InputError(f"minimum {criterion} is {minimum}: it lies above 0 and is at most 1")
    positives, negatives = int(targets.sum()), int(len(targets) - targets.sum())
    if not positives or not negatives:
        raise InputError("a threshold needs both classes in the validation samples; only one is there")

    scores, position = np.unique(probability, return_inverse=True)
    if len(scores) == 1:
        return 0.5
    found = np.cumsum(np.bincount(position, weights=targets)[::-1])[::-1]  # diseased with at least this score
    alarms = np.cumsum(np.bincount(position, weights=1 - targets)[::-1])[::-1]  # healthy with at least this score
    middle = (scores[1:] + scores[:-1]) / 2
    # Between two neighboring floating-point numbers there is no midpoint: the upper one separates them just as well.
    middle = np.where(middle > scores[:-1], middle, scores[1:])
    candidates = np.concatenate([scores[:1], middle])
    gaps = np.concatenate([[0.0], np.diff(scores)])

    if criterion == "sensitivity":
        # A share of counts: the tolerance keeps 0.95 of 20 diseased equal to 19 of 20.
        return float(candidates[np.flatnonzero(found / positives >= minimum - 1e-12)[-1]])
    if criterion == "specificity":
        spared = np.flatnonzero(1 - alarms / negatives >= minimum - 1e-12)
        return float(candidates[spared[0]]) if len(spared) else float(np.nextafter(scores[-1], np.inf))
    if criterion == "youden":
        value = found / positives - alarms / negatives
    else:
        value = 2 * found / (found + alarms + positives)
    best = np.flatnonzero(value >= value.max() - 1e-12)
    widest = best[gaps[best] >= gaps[best].max() - 1e-12]
    return float(candidates[widest[0]])


def group_scores(targets: np.ndarray, probability: np.ndarray, groups: np.ndarray) -> pd.DataFrame:
    """One row per group (tile, patient): the mean probability of its samples, and its label.

    Args:
        targets: (n,) of 0 and 1; the samples of a group share one label.
        probability: (n,) probabilities.
        groups: (n,) group of each sample.

    Returns:
        Index ``group``; columns ``target``, ``probability``, ``samples``.
    """
    targets, probability = checked_scores(targets, probability)
    groups = checked_groups(groups, len(targets))
    frame = pd.DataFrame({"group": groups, "target": targets, "probability": probability})
    table = frame.groupby("group").agg(
        target=("target", "first"),
        labels=("target", "nunique"),
        probability=("probability", "mean"),
        samples=("target", "size"),
    )
    mixed = int((table["labels"] > 1).sum())
    if mixed:
        raise InputError(f"{mixed} groups hold samples of both classes: evaluate those per sample, not per group")
    return table.drop(columns="labels")


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
