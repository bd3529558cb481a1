"""Choose a model and judge it without letting the judgment choose: repeated nested cross-validation, and whole sites left out.

Outer folds judge, inner folds choose (Stone 1974, JRSS B 36:111; Varma and Simon 2006, BMC Bioinformatics 7:91): whatever is
tuned is tuned inside the training rows of each outer fold, so no row has a say in how it is judged. Repeating with other folds
shows how much of a result is the luck of the draw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold

from helpers.evaluation.calibration import Recalibration, recalibration
from helpers.evaluation.proportions import Interval
from helpers.evaluation.samples import checked_groups, checked_score_rows, checked_targets
from helpers.runtime import InputError

CLIP = 1e-6


class Classifier(Protocol):
    """What scikit-learn calls a classifier: clonable, with ``fit`` and ``predict_proba``."""

    def fit(self, inputs, targets): ...

    def predict_proba(self, inputs) -> np.ndarray: ...


@dataclass(frozen=True)
class HeldOut:
    """Probabilities of rows that their model has never seen.

    Attributes:
        probability: (repeats, n) float64.
        chosen: name of the candidate that the inner folds chose, one per outer fold.
    """

    probability: np.ndarray
    chosen: tuple[str, ...]

    def choices(self) -> dict[str, int]:
        """How often each candidate was chosen."""
        return dict(Counter(self.chosen).most_common())


def nested_predictions(
    candidates: Mapping[str, Classifier],
    inputs: np.ndarray,
    targets: np.ndarray,
    groups: np.ndarray | None = None,
    learned: np.ndarray | None = None,
    *,
    repeats: int = 1,
    folds: int = 5,
    inner_folds: int = 3,
    seed: int = 0,
) -> HeldOut:
    """Repeated nested cross-validation by groups, stratified by class.

    Args:
        candidates: name to unfitted classifier; preparation of the data belongs into it (a pipeline).
        inputs: (n, features).
        targets: (n,) of 0 and 1.
        groups: (n,) group of each row; None: each its own.
        learned: (n, ...) what classifiers are fitted on where that is more than the targets; None: the targets.
        repeats: times that all rows are dealt into outer folds anew.
        folds: outer folds.
        inner_folds: folds inside the training rows, by which a candidate is chosen.
        seed: of the folds.

    Raises:
        InputError: no candidates, or a class with fewer groups than folds.
    """
    targets, group, learned = _checked(candidates, inputs, targets, groups, learned, max(folds, inner_folds + 1))
    probability, chosen = np.zeros((repeats, len(targets))), []
    for repeat in range(repeats):
        outer = StratifiedGroupKFold(folds, shuffle=True, random_state=_fold_seed(seed, repeat))
        for fold, (known, asked) in enumerate(outer.split(inputs, targets, group)):
            rows = inputs[known], targets[known], group[known], learned[known]
            inner_seed = _fold_seed(seed, repeat, fold)
            name, model = choose_and_fit(candidates, *rows, inner_folds=inner_folds, seed=inner_seed)
            probability[repeat, asked] = model.predict_proba(inputs[asked])[:, 1]
            chosen.append(name)
    return HeldOut(probability, tuple(chosen))


def site_predictions(
    candidates: Mapping[str, Classifier],
    inputs: np.ndarray,
    targets: np.ndarray,
    sites: np.ndarray,
    learned: np.ndarray | None = None,
    *,
    inner_folds: int = 3,
    seed: int = 0,
) -> HeldOut:
    """Every site judged by a model that was chosen and fitted on all other sites; one repeat, sites in their order.

    Args:
        sites: (n,) at least two different ones.
        candidates, inputs, targets, learned, inner_folds, seed: as in :func:`nested_predictions`.
    """
    targets, group, learned = _checked(candidates, inputs, targets, None, learned, inner_folds)
    names = np.unique(sites)
    if len(names) < 2:
        raise InputError("only one site: leaving a site out needs at least two")
    probability, chosen = np.zeros((1, len(targets))), []
    for site in names:
        known, asked = sites != site, sites == site
        if len(np.unique(targets[known])) < 2:
            raise InputError(f"without site {site} only one class is left to learn from: add sites, or merge some")
        rows = inputs[known], targets[known], group[known], learned[known]
        name, model = choose_and_fit(candidates, *rows, inner_folds=inner_folds, seed=seed)
        probability[0, asked] = model.predict_proba(inputs[asked])[:, 1]
        chosen.append(name)
    return HeldOut(probability, tuple(chosen))


def local_predictions(
    candidates: Mapping[str, Classifier],
    inputs: np.ndarray,
    targets: np.ndarray,
    sites: np.ndarray,
    *,
    repeats: int = 1,
    folds: int = 5,
    inner_folds: int = 3,
    seed: int = 0,
) -> HeldOut:
    """Every site judged by models made *there*, by nested cross-validation: the control of :func:`site_predictions`.

    A model that ranks badly at another site has lost something on the way only if one made there does better.

    Args:
        sites: (n,) of each row.
        candidates, inputs, targets, repeats, folds, inner_folds, seed: as in :func:`nested_predictions`; there are fewer
            folds where the rarer class of a site has less than two rows for each of them.

    Raises:
        InputError: a class has fewer than four rows at a site.
    """
    probability, chosen = np.zeros((repeats, len(targets))), []
    for site in np.unique(sites):
        here = sites == site
        rarer = int(np.bincount(targets[here], minlength=2).min())
        if rarer < 4:
            raise InputError(f"site {site} has {rarer} rows of one class: a model made there cannot be judged")
        fewer = min(folds, rarer // 2)
        held = nested_predictions(
            candidates,
            inputs[here],
            targets[here],
            repeats=repeats,
            folds=fewer,
            inner_folds=min(inner_folds, fewer),
            seed=seed,
        )
        probability[:, here] = held.probability
        chosen.extend(held.chosen)
    return HeldOut(probability, tuple(chosen))


def mean_recalibration(targets: np.ndarray, probability: np.ndarray, groups: np.ndarray | None = None) -> Recalibration:
    """Calibration slope and intercept of a typical repeat: value and both ends are means over the repeats.

    All repeats have the same patients, so more of them do not narrow the interval. (A mean of the probabilities would be
    another, blended model with a slope of its own.)

    Args:
        targets: (n,) of 0 and 1.
        probability: (repeats, n).
        groups: (n,) group of each row; None: each its own.
    """
    targets, rows = checked_score_rows(targets, probability)
    fitted = [recalibration(targets, row, groups) for row in rows]

    def mean(measure: str) -> Interval:
        ends = [[getattr(getattr(one, measure), end) for one in fitted] for end in ("value", "low", "high")]
        return Interval(*(float(np.mean(values)) for values in ends), "logistic recalibration, mean of repeats")

    return Recalibration(slope=mean("slope"), intercept=mean("intercept"))


def choose_and_fit(
    candidates: Mapping[str, Classifier],
    inputs: np.ndarray,
    targets: np.ndarray,
    group: np.ndarray,
    learned: np.ndarray,
    *,
    inner_folds: int,
    seed: int,
) -> tuple[str, Classifier]:
    """Name of the candidate with the lowest log loss on inner folds, and that candidate fitted on all rows given."""
    names = list(candidates)
    if len(names) > 1:
        losses = dict.fromkeys(names, 0.0)
        inner = list(StratifiedGroupKFold(inner_folds, shuffle=True, random_state=seed).split(inputs, targets, group))
        for name in names:
            for known, asked in inner:
                model = clone(candidates[name]).fit(inputs[known], learned[known])
                losses[name] += _log_loss(targets[asked], model.predict_proba(inputs[asked])[:, 1])
        names = sorted(names, key=lambda name: losses[name])
    return names[0], clone(candidates[names[0]]).fit(inputs, learned)


def _fold_seed(*numbers: int) -> int:
    """A seed for each place in the repeats and folds; neighboring seeds of a run have no folds in common."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _log_loss(targets: np.ndarray, probability: np.ndarray) -> float:
    of_truth = np.where(targets == 1, probability, 1 - probability)
    return float(-np.log(np.clip(of_truth, CLIP, 1)).sum())


def _checked(candidates, inputs, targets, groups, learned, folds):
    targets = checked_targets(targets)
    group = checked_groups(groups, len(targets))
    learned = targets if learned is None else np.asarray(learned)
    if not candidates:
        raise InputError("no candidates: give at least one classifier by name")
    if len(inputs) != len(targets) or len(learned) != len(targets):
        raise InputError(
            f"{len(inputs)} rows, {len(targets)} targets, {len(learned)} answers: there must be equally many"
        )
    fewest = min(len(np.unique(group[targets == label])) for label in (0, 1))
    if fewest < folds:
        raise InputError(f"the rarer class has {fewest} groups: too few for {folds} folds")
    return targets, group, learned
