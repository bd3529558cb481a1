"""Scaling laws: loss = floor + scale * size ** -exponent, fitted to a handful of sizes, and extrapolated.

Kaplan et al. (2020, arXiv:2001.08361) and Hoffmann et al. (2022, arXiv:2203.15556) fit such laws to hundreds of runs. With four to
six sizes only a straight line through log loss against log size can be carried; a floor needs a fifth size. What counts as one
observation is a *size*, not a run: the runs of one size share its architecture and often its data, so their spread understates how
far a size lies from the curve. Intervals therefore come from the deviations of the sizes' mean log losses, with Student's t on as
few degrees of freedom as sizes are left over. For the straight line they are exact for normal deviations of equal variance, whatever
part of it the runs of a size share; with a floor they are the usual linear approximation (Bates and Watts 1988, Nonlinear Regression
Analysis, section 2.3). More repeats calm each point; only more sizes give degrees of freedom. All sizes are usually measured on the
same held-out samples, so the intervals speak of other sizes and runs, not of other samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import t as student

from helpers.evaluation.proportions import LEVEL, Interval
from helpers.runtime import InputError

FEWEST = 3  # two numbers are fitted, and something must be left over to measure the scatter
FEWEST_WITH_FLOOR = 5  # three numbers are fitted; on one degree of freedom an interval of a bent curve says nothing
ROUNDING = 1e-7  # relative, of a float32: losses that seem to scatter less are not known better
STEEPEST = 10.0  # exponents are looked for up to this size


@dataclass(frozen=True)
class PowerLaw:
    """loss = floor + scale * size ** -exponent.

    Attributes:
        sizes: (k,) ascending.
        losses: (k, repeats) that were fitted; a size counts by the geometric mean of its repeats.
        exponent: with its t interval; 0 inside means that no law is shown.
        floor: what no size gets below; assumed to be 0 by :func:`fit_power_law`.
        scatter: standard deviation of a size's mean log loss about the curve (0.05: about 5 %).
        freedom: degrees of freedom behind every interval: sizes less numbers fitted.
        center: geometric mean of the sizes.
        fitted: (2,) or (3,) log of the part above the floor at ``center``, exponent, and the floor where it was fitted.
        covariance: of ``fitted``.
    """

    sizes: np.ndarray
    losses: np.ndarray
    exponent: Interval
    floor: Interval
    scatter: float
    freedom: int
    center: float
    fitted: np.ndarray
    covariance: np.ndarray

    @property
    def scale(self) -> float:
        """Loss above the floor at size 1."""
        return float(np.exp(self.fitted[0]) * self.center**self.exponent.value)

    @property
    def with_floor(self) -> bool:
        """Whether a floor was fitted."""
        return len(self.fitted) == 3

    @property
    def means(self) -> np.ndarray:
        """(k,) geometric mean of the losses of each size."""
        return np.exp(np.log(self.losses).mean(axis=1))

    def curve(self, sizes: np.ndarray) -> np.ndarray:
        """Losses (m,) that the law promises at sizes (m,)."""
        return np.exp(_log_loss(self.fitted, self._places(sizes)))

    def band(self, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends (m,) of the 95 % prediction interval of a *new* size's mean loss at sizes (m,).

        It holds the doubt about the curve and the scatter of the new size, which is measured with as many repeats.
        """
        slopes = _slopes(self.fitted, self._places(sizes))
        doubt = np.einsum("ij,jk,ik->i", slopes, self.covariance, slopes)
        # Beyond a factor of e^300 nothing is said anyway, and no number overflows.
        half = np.minimum(_quantile(self.freedom) * np.sqrt(self.scatter**2 + doubt), 300)
        return self.curve(sizes) * np.exp(-half), self.curve(sizes) * np.exp(half)

    def predict(self, size: float) -> Interval:
        """Mean loss of as many repeats at a size, with its 95 % prediction interval.

        Raises:
            InputError: the size is not above 0.
        """
        if not np.isfinite(size) or size <= 0:
            raise InputError(f"a loss cannot be predicted at size {size}: give a size above 0")
        low, high = self.band(np.array([size]))
        value = self.curve(np.array([size]))
        return Interval(float(value[0]), float(low[0]), float(high[0]), self.exponent.method)

    def factor(self, times: float = 2.0) -> Interval:
        """What ``times`` the size multiplies the loss (its part above the floor) by; 1 inside: no law is shown."""
        ends = sorted(float(times**-end) for end in (self.exponent.low, self.exponent.high))
        return Interval(float(times**-self.exponent.value), ends[0], ends[1], self.exponent.method)

    def _places(self, sizes: np.ndarray) -> np.ndarray:
        return np.log(np.asarray(sizes, dtype=np.float64) / self.center)


@dataclass(frozen=True)
class Extrapolation:
    """A law fitted to all but the largest size, held against the largest.

    Attributes:
        law: of the smaller sizes.
        size: the largest.
        losses: (repeats,) at the largest size.
        predicted: by the law, with its prediction interval.
        observed: geometric mean of ``losses``.
    """

    law: PowerLaw
    size: float
    losses: np.ndarray
    predicted: Interval
    observed: float

    @property
    def inside(self) -> bool:
        """Whether the observed loss lies inside the prediction interval."""
        return self.predicted.low <= self.observed <= self.predicted.high

    @property
    def standstill_inside(self) -> bool:
        """Whether a loss that had stopped falling at the last fitted size would lie inside too: then the check tells little."""
        return bool(self.predicted.low <= self.law.means[-1] <= self.predicted.high)


def fit_power_law(sizes: np.ndarray, losses: np.ndarray) -> PowerLaw:
    """Straight line through log loss against log size, by least squares; the floor is assumed to be 0.

    Args:
        sizes: (k,) above 0 and different, at least three: parameters, samples, operations.
        losses: (k,) or (k, repeats) above 0; lower is better.

    Raises:
        InputError: fewer than three sizes, sizes that are not different, or a size or loss that is not above 0.
    """
    sizes, losses = _checked(sizes, losses, FEWEST)
    logs, center = np.log(losses).mean(axis=1), _center(sizes)
    places = np.log(sizes / center)
    exponent = -float(places @ (logs - logs.mean()) / (places @ places))
    return _law(sizes, losses, center, np.array([logs.mean(), exponent]))


def fit_power_law_with_floor(sizes: np.ndarray, losses: np.ndarray) -> PowerLaw:
    """As :func:`fit_power_law` with at least five sizes, and a floor between 0 and the smallest loss fitted too.

    Deviations are relative to the loss, as for the straight line. A floor that cannot be told from 0 comes with an interval that
    says so, and an exponent that is poorly known: that is the price.
    """
    sizes, losses = _checked(sizes, losses, FEWEST_WITH_FLOOR)
    logs, center = np.log(losses).mean(axis=1), _center(sizes)
    places, lowest = np.log(sizes / center), float(np.exp(logs.min()))
    answers = []
    for share in (0.02, 0.5, 0.9):  # of the smallest loss: the sum of squares can have several valleys
        exponent, level = -np.polyfit(places, np.log(np.exp(logs) - share * lowest), 1) * (1, -1)
        answers.append(
            least_squares(
                lambda fitted: _log_loss(fitted, places) - logs,
                [level, np.clip(exponent, -STEEPEST / 2, STEEPEST / 2), share * lowest],
                jac=lambda fitted: _slopes(fitted, places),
                bounds=([-np.inf, -STEEPEST, 0], [np.inf, STEEPEST, lowest]),
                x_scale=[1, 1, lowest],
            )
        )
    return _law(sizes, losses, center, min(answers, key=lambda answer: answer.cost).x)


def check_extrapolation(
    sizes: np.ndarray, losses: np.ndarray, fit: Callable[[np.ndarray, np.ndarray], PowerLaw] = fit_power_law
) -> Extrapolation:
    """Fit all but the largest size, predict the largest, and say whether it came out so.

    Args:
        sizes, losses: as for ``fit``, with one size more.
        fit: :func:`fit_power_law` or :func:`fit_power_law_with_floor`.
    """
    needed = (FEWEST_WITH_FLOOR if fit is fit_power_law_with_floor else FEWEST) + 1
    sizes, losses = _checked(sizes, losses, needed)
    law, size, observed = fit(sizes[:-1], losses[:-1]), float(sizes[-1]), float(np.exp(np.log(losses[-1]).mean()))
    return Extrapolation(law, size, losses[-1], law.predict(size), observed)


def _law(sizes: np.ndarray, losses: np.ndarray, center: float, fitted: np.ndarray) -> PowerLaw:
    places, logs = np.log(sizes / center), np.log(losses).mean(axis=1)
    freedom = len(sizes) - len(fitted)
    rest = logs - _log_loss(fitted, places)
    scatter = max(float(np.sqrt(rest @ rest / freedom)), ROUNDING)
    # A direction that the sizes do not tell anything about gets a variance beyond any use, not zero.
    _, lengths, directions = np.linalg.svd(_slopes(fitted, places), full_matrices=False)
    directions = directions / np.maximum(lengths, 1e-12 * lengths[0])[:, None]
    covariance = scatter**2 * directions.T @ directions
    method = f"t, {freedom} degree{'s' if freedom > 1 else ''} of freedom"
    half = _quantile(freedom) * np.sqrt(np.diag(covariance))
    exponent = Interval(float(fitted[1]), float(fitted[1] - half[1]), float(fitted[1] + half[1]), method)
    floor = Interval(0.0, 0.0, 0.0, "assumed")
    if len(fitted) == 3:
        floor = Interval(float(fitted[2]), max(0.0, float(fitted[2] - half[2])), float(fitted[2] + half[2]), method)
    return PowerLaw(sizes, losses, exponent, floor, scatter, freedom, center, fitted, covariance)


def _log_loss(fitted: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Log of the loss at places: logs of size / center."""
    level, exponent, *floor = fitted
    straight = level - exponent * places
    return np.logaddexp(straight, np.log(max(floor[0], 1e-300))) if floor else straight


def _slopes(fitted: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(m, 2 or 3) derivatives of the log loss by what is fitted."""
    above = np.exp(fitted[0] - fitted[1] * places - _log_loss(fitted, places))  # share of the loss above the floor
    columns = [above, -above * places]
    if len(fitted) == 3:
        columns.append(np.exp(-_log_loss(fitted, places)))
    return np.column_stack(columns)


def _center(sizes: np.ndarray) -> float:
    return float(np.exp(np.log(sizes).mean()))


def _quantile(freedom: int) -> float:
    return float(student.ppf(0.5 + LEVEL / 2, freedom))


def _checked(sizes: np.ndarray, losses: np.ndarray, fewest: int) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (k,) ascending and losses (k, repeats) in their order, or InputError."""
    sizes, losses = np.asarray(sizes, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    if sizes.ndim != 1 or losses.ndim not in (1, 2) or len(losses) != len(sizes) or not losses.size:
        raise InputError(
            f"sizes of shape {sizes.shape} and losses of shape {losses.shape}: give (k,) and (k,) or (k, repeats)"
        )
    if len(sizes) < fewest:
        raise InputError(f"{len(sizes)} size(s): this fit takes at least {fewest}, so that scatter is left to measure")
    for name, values in (("size", sizes), ("loss", losses)):
        if not (np.isfinite(values) & (values > 0)).all():
            raise InputError(f"a {name} is not a number above 0 and has no logarithm: leave such runs out, and say so")
    order = np.argsort(sizes, kind="stable")
    if (np.diff(sizes[order]) <= 0).any():
        raise InputError("a size occurs twice: give its runs as repeats, losses of shape (k, repeats)")
    return sizes[order], losses[order].reshape(len(sizes), -1)
