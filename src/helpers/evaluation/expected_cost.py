"""What decisions cost: from the price of the two errors to a threshold, and to what it means for 1,000 people.

The threshold is that of Pauker and Kassirer (1980, N Engl J Med 302:1109), the move to another prevalence that of
Saerens, Latinne and Decaestecker (2002, Neural Computation 14:21), counts of people instead of probabilities those of
Gigerenzer and Hoffrage (1995, Psychological Review 102:684).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.evaluation.metrics import decide
from helpers.evaluation.resampling import Statistic
from helpers.runtime import InputError


def treatment_threshold(missed_per_alarm: float) -> float:
    """Probability of disease from which on acting is cheaper than waiting: 1 / (1 + ratio).

    Args:
        missed_per_alarm: how many times as costly a missed case is as a false alarm, above 0.
    """
    _check_ratio(missed_per_alarm)
    return 1 / (1 + missed_per_alarm)


def at_prevalence(probability: np.ndarray | float, share: float, prevalence: float) -> np.ndarray | float:
    """A calibrated probability carried to where another share of the cases is ill.

    Holds where only the share changes: the ill look like the ill there, the healthy like the healthy.

    Args:
        probability: 0 to 1, made where ``share`` of the cases were ill.
        share, prevalence: above 0 and below 1.
    """
    for value in (share, prevalence):
        _check_share(value)
    probability = np.asarray(probability, dtype=np.float64)
    ill = probability * prevalence / share
    healthy = (1 - probability) * (1 - prevalence) / (1 - share)
    moved = ill / (ill + healthy)
    return moved if moved.ndim else float(moved)


def expected_cost(threshold: float, missed_per_alarm: float, prevalence: float) -> Statistic:
    """The statistic "mean cost per person, in false alarms", for the functions of :mod:`helpers.evaluation.resampling`.

    Args:
        threshold: on the scores, from which on one acts.
        missed_per_alarm: cost of a missed case, in false alarms.
        prevalence: share of the ill among the people decided about; sensitivity and specificity are taken over.
    """
    _check_ratio(missed_per_alarm)
    _check_share(prevalence)

    def statistic(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
        called = decide(scores, threshold)
        ill, healthy = (targets == 1).astype(np.float64), (targets == 0).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            missed = weights @ (ill * ~called) / (weights @ ill)
            alarmed = weights @ (healthy * called) / (weights @ healthy)
        return prevalence * missed_per_alarm * missed + (1 - prevalence) * alarmed

    return statistic


@dataclass(frozen=True)
class People:
    """Whole people behind a sensitivity, a specificity and a prevalence."""

    found: int
    missed: int
    alarmed: int
    cleared: int

    @classmethod
    def expect(cls, sensitivity: float, specificity: float, prevalence: float, number: int = 1000) -> People:
        """So many people, rounded: first the ill, then the found among them, then the alarmed among the healthy."""
        _check_share(prevalence)
        if not (0 <= sensitivity <= 1 and 0 <= specificity <= 1):
            raise InputError(f"sensitivity {sensitivity} and specificity {specificity}: both lie between 0 and 1")
        ill = round(number * prevalence)
        found = round(ill * sensitivity)
        alarmed = round((number - ill) * (1 - specificity))
        return cls(found, ill - found, alarmed, number - ill - alarmed)

    @property
    def number(self) -> int:
        """All of them."""
        return self.found + self.missed + self.alarmed + self.cleared

    @property
    def true_share(self) -> float:
        """Share of the alarms that are true; nan without an alarm."""
        alarms = self.found + self.alarmed
        return self.found / alarms if alarms else float("nan")


def _check_ratio(missed_per_alarm: float) -> None:
    if not (0 < missed_per_alarm < np.inf):
        raise InputError(f"a missed case costs {missed_per_alarm} false alarms: give a number above 0")


def _check_share(share: float) -> None:
    if not 0 < share < 1:
        raise InputError(f"share of the ill is {share}: it lies above 0 and below 1")
