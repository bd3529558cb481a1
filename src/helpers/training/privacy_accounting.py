"""How much privacy a private training gives: epsilon for a noise, noise for an epsilon, and the whole claim in words.

The accounting is Google's ``dp-accounting``: privacy loss distributions (PLD; Koskela et al. 2020, arXiv:1906.03049;
Doroshenko et al. 2022, arXiv:2207.04380) of the Poisson-sampled Gaussian mechanism, rounded so that epsilon is never
too small. Neighboring data sets differ by one example that is there or not. Imports no TensorFlow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import dp_accounting
import pandas as pd
from dp_accounting.pld import PLDAccountant

from helpers.runtime import InputError

NOISE_TOLERANCE = 1e-3
COARSE_GRID = 1e-3  # of privacy losses, while noise is searched; the library's own is 1e-4
SHARE_HANDED_OUT = 0.9
MOST_EPSILON = 100.0


def epsilon(noise_multiplier: float, sampling_rate: float, steps: int, delta: float) -> float:
    """Epsilon of ``steps`` private steps; infinite without noise.

    Args:
        noise_multiplier: standard deviation of the noise over the clip norm.
        sampling_rate: probability that an example is in a batch.
        steps: how many.
        delta: probability that epsilon may fail with; at most one over the number of examples, and smaller is better:
            whoever publishes one random example in clear has kept (0, 1/n).
    """
    _check(sampling_rate, steps, delta)
    if not noise_multiplier >= 0:
        raise InputError(f"noise multiplier {noise_multiplier}: it is not below 0")
    if noise_multiplier == 0:
        return math.inf
    accountant = PLDAccountant()
    accountant.compose(_event(noise_multiplier, sampling_rate, steps))
    return float(accountant.get_epsilon(delta))


def noise_multiplier_for(target_epsilon: float, sampling_rate: float, steps: int, delta: float) -> float:
    """The least noise, to 1e-3, whose :func:`epsilon` is at most ``target_epsilon``; other arguments as there.

    Raises:
        InputError: so large an epsilon that hardly any noise is left.
    """
    _check(sampling_rate, steps, delta)
    if not 0 < target_epsilon < math.inf:
        raise InputError(f"epsilon {target_epsilon}: it is above 0 and finite, usually between 0.1 and 10")
    if target_epsilon > MOST_EPSILON:
        raise InputError(
            f"epsilon {target_epsilon:g} asks for hardly any noise: ask for a smaller one, usually 0.1 to 10"
        )

    def search(allowed: float) -> float:
        return float(
            dp_accounting.calibrate_dp_mechanism(
                lambda: PLDAccountant(value_discretization_interval=COARSE_GRID),
                lambda noise: _event(noise, sampling_rate, steps),
                allowed,
                delta,
                dp_accounting.LowerEndpointAndGuess(0.0, 1.0),
                tol=NOISE_TOLERANCE,
            )
        )

    # A coarse grid takes a tenth of the time and, rounded upward too, asks for a little more noise than needed. What it
    # leaves unused is handed out in a second search, and kept only if the fine grid agrees.
    enough = search(target_epsilon)
    unused = target_epsilon - epsilon(enough, sampling_rate, steps, delta)
    closer = search(target_epsilon + SHARE_HANDED_OUT * unused)
    return closer if epsilon(closer, sampling_rate, steps, delta) <= target_epsilon else enough


@dataclass(frozen=True)
class PrivacyStatement:
    """Everything that a claim of differential privacy has to state (Ponomareva et al. 2023, arXiv:2303.00654).

    Attributes:
        noise_multiplier, clip_norm: of the mechanism.
        examples: of the training part.
        expected_batch_size, steps: of the training.
        delta: of the claim.
        unit: what is protected, in words.
    """

    noise_multiplier: float
    clip_norm: float
    examples: int
    expected_batch_size: float
    steps: int
    delta: float
    unit: str = "one training example"

    @property
    def sampling_rate(self) -> float:
        """Probability that an example is in a batch."""
        return self.expected_batch_size / self.examples

    @cached_property
    def epsilon(self) -> float:
        """Of the whole training."""
        return epsilon(self.noise_multiplier, self.sampling_rate, self.steps, self.delta)

    def table(self) -> pd.DataFrame:
        """The claim, one row per item; columns item and stated."""
        rows = {
            "epsilon": f"{self.epsilon:.3f}",
            "delta": f"{self.delta:.3g} (1 / {1 / self.delta:,.0f})",
            "unit of privacy": self.unit,
            "neighboring relation": "add or remove one unit",
            "mechanism": f"DP-SGD: gradients clipped to {self.clip_norm:g}, Gaussian noise {self.noise_multiplier:.4f} "
            "times as large",
            "sampling": f"Poisson, each example with probability {self.sampling_rate:.5f} "
            f"({self.expected_batch_size:g} of {self.examples:,} expected)",
            "composition": f"{self.steps:,} steps, all counted",
            "accountant": f"privacy loss distributions, dp-accounting {version('dp-accounting')}, rounded upward",
            "setting": "central: who trains sees the data; the weights of every step are covered",
            "not covered": "settings chosen on the same data, what preparation measured on it (a mean, a scale), "
            "validation examples and what is measured on them, the number of training examples",
            "assumed": "the seed stays secret; noise is pseudo-random and in floating point",
        }
        return pd.DataFrame({"item": rows.keys(), "stated": rows.values()})


def _event(noise_multiplier: float, sampling_rate: float, steps: int) -> dp_accounting.DpEvent:
    step = dp_accounting.PoissonSampledDpEvent(sampling_rate, dp_accounting.GaussianDpEvent(noise_multiplier))
    return dp_accounting.SelfComposedDpEvent(step, int(steps))


def _check(sampling_rate: float, steps: int, delta: float) -> None:
    if not 0 < sampling_rate <= 1:
        raise InputError(f"sampling rate {sampling_rate}: it is above 0 and at most 1")
    if steps < 1 or steps != int(steps):
        raise InputError(f"{steps} steps: a training has a whole number of them, at least one")
    if not 0 < delta < 1:
        raise InputError(f"delta {delta}: it is above 0 and below 1, at most one over the number of examples")
