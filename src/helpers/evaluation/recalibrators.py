"""Repair of probabilities, and which repair: nothing, temperature, logistic, isotonic, chosen on validation.

A temperature repairs the *spread* only. Training with weighted classes shifts the *level* as well, which needs the
intercept of logistic recalibration (Cox 1958; Platt 1999). Isotonic regression (Zadrozny & Elkan 2002) repairs any
shape that keeps the order, and needs many samples to do it well. Which of them pays is decided by cross-validation over
groups, with a preference for the simpler: the rule of one standard error (Breiman et al. 1984, section 3.4.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import StratifiedGroupKFold

from helpers.evaluation.calibration import CLIP, fit_temperature
from helpers.evaluation.samples import checked_groups, checked_scores
from helpers.runtime import InputError
from helpers.training.recalibration import KINDS, recalibrated

FOLDS = 5


@dataclass(frozen=True)
class Recalibrator:
    """A map from probability to probability that never turns the order around.

    Attributes:
        kind: one of :data:`helpers.training.recalibration.KINDS`, from simple to flexible.
        parameters: of :func:`helpers.training.recalibration.recalibrated`, which applies them here and in a bundle.
        losses: rows kind, loss (mean log loss of validation samples left out), worse (loss minus that of the best),
            standard_error (of that difference, over groups), chosen; empty for a repair that was not chosen among
            several.
        reason: a word on how the choice was made, for the report.
    """

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    losses: tuple[dict[str, Any], ...] = ()
    reason: str = ""

    def apply(self, probability: np.ndarray) -> np.ndarray:
        """Recalibrated probabilities, float64, same shape."""
        return recalibrated(probability, self.kind, self.parameters)

    def table(self) -> pd.DataFrame:
        """The compared losses, index kind."""
        columns = ["kind", "loss", "worse", "standard_error", "chosen"]
        return pd.DataFrame(list(self.losses), columns=columns).set_index("kind")

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for ``model.json``."""
        return {
            "kind": self.kind,
            "parameters": self.parameters,
            "losses": [dict(row) for row in self.losses],
            "reason": self.reason,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Recalibrator:
        """The recalibrator that :meth:`to_dict` described."""
        if content.get("kind") not in KINDS:
            raise InputError(f"unknown recalibration {content.get('kind')!r}: choose one of {', '.join(KINDS)}")
        losses = tuple(dict(row) for row in content.get("losses", ()))
        return cls(content["kind"], dict(content.get("parameters", {})), losses, content.get("reason", ""))


def fit_recalibrator(kind: str, targets: np.ndarray, probability: np.ndarray) -> Recalibrator:
    """Fit one repair on validation samples.

    Args:
        kind: none, temperature, logistic or isotonic.
        targets: (n,) of 0 and 1, both present.
        probability: (n,) between 0 and 1.

    Logistic recalibration has Platt's targets, (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2), so that perfectly separated
    samples do not push the slope to infinity; isotonic values stay inside these two for the same reason.
    """
    if kind not in KINDS:
        raise InputError(f"unknown recalibration {kind!r}: choose one of {', '.join(KINDS)}")
    targets, probability = checked_scores(targets, probability, probabilities=True)
    positives, negatives = int(targets.sum()), int(len(targets) - targets.sum())
    if not positives or not negatives:
        raise InputError("recalibration needs both classes in the validation samples; only one is there")
    if kind == "none":
        return Recalibrator("none")
    if kind == "temperature":
        return Recalibrator("temperature", {"temperature": fit_temperature(targets, probability)})
    lowest, highest = 1 / (negatives + 2), (positives + 1) / (positives + 2)
    if kind == "logistic":
        scores = logit(np.clip(probability, CLIP, 1 - CLIP))
        slope, intercept = _fit_logistic(scores, np.where(targets == 1, highest, lowest))
        return Recalibrator("logistic", {"slope": slope, "intercept": intercept})
    curve = IsotonicRegression(y_min=lowest, y_max=highest, out_of_bounds="clip").fit(probability, targets)
    corners = {"probability": curve.X_thresholds_.tolist(), "calibrated": curve.y_thresholds_.tolist()}
    return Recalibrator("isotonic", corners)


def choose_recalibration(
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    seed: int = 0,
    kinds: tuple[str, ...] = KINDS,
) -> Recalibrator:
    """The simplest repair that is not clearly worse than the best one, fitted on all validation samples.

    Every kind is fitted on four fifths of the groups and judged by log loss on the fifth left out. The loss of each is
    compared with the smallest, group by group; the first of ``kinds`` whose excess is within one standard error of that
    paired difference is taken.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        groups: (n,) group of each sample; None: each its own.
        seed: of the folds.
        kinds: from simple to flexible.

    With fewer than ten groups of a class there is nothing to choose by: nothing is changed, and ``reason`` says so.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    group = checked_groups(groups, len(targets))
    if not kinds or any(kind not in KINDS for kind in kinds):
        raise InputError(f"unknown kinds of recalibration {kinds}: choose from {', '.join(KINDS)}")
    smaller = min(len(np.unique(group[targets == label])) for label in (0, 1))
    if smaller < 2 * FOLDS:
        reason = f"only {smaller} groups of the smaller class: too few to choose a recalibration, so nothing is changed"
        return Recalibrator("none", reason=reason)
    loss = _held_out_losses(targets, probability, group, seed, kinds)
    means = {kind: float(values.mean()) for kind, values in loss.items()}
    best = min(means, key=means.get)
    errors = {kind: _error_of_mean(values - loss[best], group) for kind, values in loss.items()}
    chosen = next(kind for kind in kinds if means[kind] - means[best] <= errors[kind] + 1e-12)
    rows = tuple(
        {
            "kind": kind,
            "loss": means[kind],
            "worse": means[kind] - means[best],
            "standard_error": errors[kind],
            "chosen": kind == chosen,
        }
        for kind in kinds
    )
    reason = "smallest log loss on samples left out"
    if chosen != best:
        reason = f"simplest within one standard error of the best ({best})"
    fitted = fit_recalibrator(chosen, targets, probability)
    return Recalibrator(chosen, fitted.parameters, rows, reason)


def _held_out_losses(
    targets: np.ndarray, probability: np.ndarray, group: np.ndarray, seed: int, kinds: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """(n,) log loss of every sample under each kind, fitted without the fold the sample is in."""
    losses = {kind: np.zeros(len(targets)) for kind in kinds}
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for fitted_on, left_out in folds.split(probability, targets, group):
        for kind in kinds:
            repair = fit_recalibrator(kind, targets[fitted_on], probability[fitted_on])
            repaired = np.clip(repair.apply(probability[left_out]), CLIP, 1 - CLIP)
            true_class = np.where(targets[left_out] == 1, repaired, 1 - repaired)
            losses[kind][left_out] = -np.log(true_class)
    return losses


def _error_of_mean(values: np.ndarray, group: np.ndarray) -> float:
    """Standard error of a mean over samples that come in groups."""
    sums = np.bincount(group, values - values.mean())
    return float(np.sqrt(len(sums) / (len(sums) - 1) * np.sum(sums**2)) / len(values))


def _fit_logistic(scores: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        linear = parameters[0] * scores + parameters[1]
        residual = expit(linear) - wanted
        value = float(np.mean(np.logaddexp(0, linear) - wanted * linear))
        return value, np.array([np.mean(residual * scores), np.mean(residual)])

    # A negative slope would turn the order of the cases around: then the best allowed is a constant.
    found = minimize(loss, x0=np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
    return float(found.x[0]), float(found.x[1])
