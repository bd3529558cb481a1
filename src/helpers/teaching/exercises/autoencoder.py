"""Checks of 04_autoencoder: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_draw_code(function: Callable) -> None:
    """Exercise 1: ``function(mean, log_variance, noise)`` turns standard normal noise into a draw of the code."""
    mean, log_variance = np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[0.0, 2.0], [-2.0, 1.0]])
    noise = np.array([[0.5, -1.0], [2.0, 0.3]])
    found = attempt(function, mean, log_variance, noise)
    hint = "mean plus standard deviation times noise, number by number; the standard deviation is exp(log_variance / 2)"
    if close(found, mean + np.exp(log_variance) * noise):
        hint = "exp(log_variance) is the variance; noise is multiplied by the standard deviation, its square root"
    elif close(found, mean + log_variance * noise):
        hint = "the encoder gives the *logarithm* of the variance: take exp of half of it first"
    elif close(found, mean + noise):
        hint = "this draw has standard deviation 1 for every picture: scale the noise by exp(log_variance / 2)"
    elif close(found, np.exp(log_variance / 2) * noise):
        hint = "the scale is right; the draw lies around 0 instead of around the mean"
    elif close(found, mean):
        hint = "this is the mean itself, the same every time: a draw needs the noise"
    right = close(found, mean + np.exp(log_variance / 2) * noise)
    answer(right, "chance comes in from outside, so the gradient reaches both moments", hint, found)


def check_alarm_threshold(function: Callable) -> None:
    """Exercise 2: ``function(errors, share)`` is the error that only this share of normal pictures exceeds."""
    errors = np.random.default_rng(4).permutation(np.arange(1.0, 101.0))
    found = [attempt(function, errors, share) for share in (0.05, 0.2)]
    # Any value that leaves exactly 5 (and 20) of the 100 errors above it is right, however it interpolates.
    solved = _between(found[0], 95, 96) and _between(found[1], 80, 81)
    hint = (
        "sort the errors of normal pictures; the threshold leaves the given share of them above it (np.quantile helps)"
    )
    if _between(found[0], 5, 6.1) and _between(found[1], 20, 21.1):
        hint = "that many lie *below* it: an alarm is an error above the threshold, so take the quantile 1 - share"
    elif close(found[0], errors.max()) and close(found[1], errors.max()):
        hint = "above the largest error there is no false alarm, and hardly any alarm at all: allow the given share"
    elif close(found[0], 0.95) or close(found[0], 0.05):
        hint = "this is a share; the threshold is an error, in the units of the errors"
    elif close(found[0], np.mean(errors) + 2 * np.std(errors)) or close(found[0], np.mean(errors)):
        hint = "a mean (and two deviations) fits a bell curve; errors are skewed: count them instead"
    answer(solved, "normal pictures alone set the alarm; no cancer was needed", hint, *found)


def _between(value, low: float, high: float) -> bool:
    try:
        return low <= float(value) < high
    except (TypeError, ValueError):
        return False
