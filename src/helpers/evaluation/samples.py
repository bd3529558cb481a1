"""What targets, scores and groups have to look like before anything is computed from them."""

from __future__ import annotations

import numpy as np

from helpers.runtime import InputError


def checked_targets(targets: np.ndarray, name: str = "targets") -> np.ndarray:
    """(n,) int64 of 0 and 1, at least one of them, or InputError."""
    values = np.asarray(targets)
    if values.ndim != 1 or not len(values):
        raise InputError(f"{name} have shape {values.shape}: give one 0 or 1 per sample, at least one sample")
    if not np.isin(values, (0, 1)).all():
        raise InputError(f"{name} are 0 and 1 (1 is the disease), found {np.unique(values)[:5].tolist()}")
    return values.astype(np.int64)


def checked_scores(
    targets: np.ndarray, probability: np.ndarray, probabilities: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Targets as (n,) int64 and scores as (n,) float64, or InputError; ``probabilities`` also asks for 0 to 1."""
    targets = checked_targets(targets)
    values = np.asarray(probability, dtype=np.float64)
    if values.shape != targets.shape:
        raise InputError(f"probabilities of shape {values.shape} for {len(targets)} targets: give one per sample")
    if not np.isfinite(values).all():
        raise InputError("some probabilities are not finite: look at the training, it may have diverged")
    if probabilities and (values.min() < 0 or values.max() > 1):
        raise InputError(f"probabilities run from {values.min():g} to {values.max():g}: they lie between 0 and 1")
    return targets, values


def checked_groups(groups: np.ndarray | None, samples: int) -> np.ndarray:
    """(n,) group numbers; without groups each sample is its own."""
    if groups is None:
        return np.arange(samples)
    groups = np.asarray(groups)
    if groups.shape != (samples,):
        raise InputError(f"groups have shape {groups.shape} for {samples} samples: give one group per sample")
    return np.unique(groups, return_inverse=True)[1]


def checked_score_rows(targets: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets as (n,) int64 and scores as (seeds, n) float64, or InputError."""
    targets = checked_targets(targets)
    rows = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if rows.ndim != 2 or rows.shape[1] != len(targets):
        raise InputError(f"scores of shape {np.shape(scores)} for {len(targets)} targets: give (n,) or (seeds, n)")
    if not np.isfinite(rows).all():
        raise InputError("some scores are not finite: look at the training, it may have diverged")
    return targets, rows
