"""Is a patient better off when the model decides? Net benefit and the decision curve (Vickers & Elkin 2006).

The threshold says how many false alarms one found disease is worth: who treats from a probability of 0.1 on accepts
nine unnecessary treatments for one necessary one, odds of 0.1 / 0.9.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evaluation.metrics import decide
from helpers.evaluation.samples import checked_scores
from helpers.runtime import InputError


def net_benefit(targets: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """Net benefit = TP / n - FP / n * t / (1 - t): true positives less false ones at their exchange rate.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        threshold: t, the probability of disease from which on one would treat; above 0 and below 1.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    check_threshold(threshold)
    treated = decide(probability, threshold)
    true_positives = np.sum(treated & (targets == 1))
    false_positives = np.sum(treated & (targets == 0))
    samples = len(targets)
    return float(true_positives / samples - false_positives / samples * threshold / (1 - threshold))


def net_benefit_treat_all(prevalence: float, threshold: float) -> float:
    """Net benefit of treating everybody: prevalence - (1 - prevalence) * t / (1 - t). Treating nobody has 0."""
    check_threshold(threshold)
    return float(prevalence - (1 - prevalence) * threshold / (1 - threshold))


def decision_curve(
    targets: np.ndarray, probability: np.ndarray, thresholds: np.ndarray | None = None, prevalence: float | None = None
) -> pd.DataFrame:
    """Net benefit over a range of thresholds, beside the two policies that need no model.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        thresholds: each above 0 and below 1; None: 0.01 to 0.99 in steps of 0.01.
        prevalence: of the clinic where the model would be used; None: that of the samples. A data set balanced by its
            makers has far more disease than a clinic, and net benefit depends on it. The model's decisions are taken
            as they are; only sensitivity and specificity are carried over to the other prevalence.

    Returns:
        Columns threshold, model, treat_all, treat_none, all in true positives per patient.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    thresholds = np.arange(1, 100) / 100 if thresholds is None else np.asarray(thresholds, dtype=np.float64)
    observed = float(targets.mean())
    if prevalence is not None and not 0 < prevalence < 1:
        raise InputError(f"prevalence is {prevalence}: it lies between 0 and 1")
    if prevalence is not None and not 0 < observed < 1:
        raise InputError("another prevalence needs samples of both classes; only one is there")
    share = observed if prevalence is None else prevalence
    rows = []
    for threshold in thresholds:
        if prevalence is None:
            value = net_benefit(targets, probability, threshold)
        else:
            check_threshold(threshold)
            treated = decide(probability, threshold)
            found, alarms = treated[targets == 1].mean(), treated[targets == 0].mean()
            value = float(found * share - alarms * (1 - share) * threshold / (1 - threshold))
        treat_all = net_benefit_treat_all(share, threshold)
        rows.append({"threshold": float(threshold), "model": value, "treat_all": treat_all, "treat_none": 0.0})
    return pd.DataFrame(rows)


def check_threshold(threshold: float) -> None:
    """A treatment threshold lies strictly between 0 and 1, or InputError."""
    if not 0 < threshold < 1:
        raise InputError(f"treatment threshold is {threshold}: it lies above 0 and below 1")
