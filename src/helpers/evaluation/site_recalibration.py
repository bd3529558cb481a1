"""A model at a hospital it was not made for: how its probabilities sit there, and what local patients can repair.

Two repairs of different appetite. Knowing only *how many* are ill here moves every probability to that share (Saerens et al.
2002); knowing *who* was ill among some local patients fits slope and intercept to them (Cox 1958; Steyerberg 2009, Clinical
Prediction Models, chapter 20). Both are fitted on other patients of the hospital than those they are judged on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.calibration import CLIP, recalibration
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.expected_cost import at_prevalence
from helpers.evaluation.recalibrators import fit_recalibrator
from helpers.evaluation.regression import absolute_error_difference
from helpers.evaluation.samples import checked_groups, checked_scores
from helpers.runtime import InputError


def moved_to_local_share(
    targets: np.ndarray, probability: np.ndarray, sites: np.ndarray, folds: int = 5, seed: int = 0
) -> np.ndarray:
    """Probabilities moved to the share of the ill at each site, (n,).

    The probabilities of a site come from a model of all other sites; the share they were made for is that of those. The local
    share is counted on the folds that a patient is not in.

    Args:
        targets: (n,) of 0 and 1, both at every site.
        probability: (n,) between 0 and 1.
        sites: (n,).
        folds: at most so many; fewer where the rarer class of a site is smaller.
        seed: of the folds.
    """

    targets, probability = checked_scores(targets, probability, probabilities=True)

    def move(site: np.ndarray, known: np.ndarray, asked: np.ndarray) -> np.ndarray:
        return at_prevalence(probability[asked], float(targets[~site].mean()), float(targets[known].mean()))

    return _cross_fitted(targets, probability, sites, folds, seed, move)


def recalibrated_at_site(
    targets: np.ndarray, probability: np.ndarray, sites: np.ndarray, folds: int = 5, seed: int = 0
) -> np.ndarray:
    """Probabilities with slope and intercept fitted to other patients of the same site, (n,); arguments as above."""

    targets, probability = checked_scores(targets, probability, probabilities=True)

    def repair(site: np.ndarray, known: np.ndarray, asked: np.ndarray) -> np.ndarray:
        return fit_recalibrator("logistic", targets[known], probability[known]).apply(probability[asked])

    return _cross_fitted(targets, probability, sites, folds, seed, repair)


def site_scores(targets: np.ndarray, probability: np.ndarray, sites: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """AUROC, slope and intercept of the calibration at each site, as :class:`~helpers.evaluation.proportions.Interval`.

    Args:
        names: of the sites, in the order of their numbers.

    Returns:
        Index: names. Columns patients, ill (share), auroc, slope, intercept (with the slope held at 1).
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    rows = {}
    for number, name in enumerate(names):
        here = np.asarray(sites) == number
        fitted = recalibration(targets[here], probability[here])
        rows[name] = {
            "patients": int(here.sum()),
            "ill": float(targets[here].mean()),
            "auroc": auroc_delong(targets[here], probability[here]),
            "slope": fitted.slope,
            "intercept": fitted.intercept,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def log_loss_differences(
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    sites: np.ndarray,
    names: Sequence[str],
    resamples: int = 1000,
) -> dict[str, PairedComparison]:
    """Log loss of the first probabilities minus that of the second on the same patients of each site; below 0: the first are better.

    A repair is judged by this, not by the intercept: folds that hold the same share of the ill set the level right whatever the
    probabilities are worth.

    Args:
        targets: (n,) of 0 and 1.
        first, second: (n,) probabilities.
        sites: (n,), numbers of ``names``.
        names: of the sites.
        resamples: of patients, drawn for both alike.

    Returns:
        Site to the paired difference; bounds are ``nan`` where the two are equal.
    """
    losses = [_log_losses(targets, probability) for probability in (first, second)]
    found = {}
    for number, name in enumerate(names):
        here = np.asarray(sites) == number
        pair = (loss[here] for loss in losses)  # a loss is its distance from 0
        found[name] = absolute_error_difference(np.zeros(int(here.sum())), *pair, resamples=resamples)
    return found


def _log_losses(targets: np.ndarray, probability: np.ndarray) -> np.ndarray:
    targets, probability = checked_scores(targets, probability, probabilities=True)
    return -np.log(np.clip(np.where(targets == 1, probability, 1 - probability), CLIP, 1))


def _cross_fitted(
    targets: np.ndarray,
    probability: np.ndarray,
    sites: np.ndarray,
    folds: int,
    seed: int,
    repair: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    number = checked_groups(sites, len(targets))
    if number.max() < 1:
        raise InputError("only one site: a model travels between at least two")
    repaired = np.zeros(len(targets))
    for site in range(number.max() + 1):
        here = number == site
        places, labels = np.flatnonzero(here), targets[here]
        rarer = min(int(labels.sum()), int(len(labels) - labels.sum()))
        if rarer < 2:
            raise InputError(
                f"a site has {rarer} patients of one class: too few to learn from some and judge on others"
            )
        for known, asked in StratifiedKFold(min(folds, rarer), shuffle=True, random_state=seed).split(places, labels):
            repaired[places[asked]] = repair(here, places[known], places[asked])
    return repaired
