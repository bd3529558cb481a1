"""Epsilon against the library by another road, against closed forms and against published values."""

import math
import subprocess
import sys

import numpy as np
import pytest
from dp_accounting.pld import privacy_loss_distribution
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp, ndtr

from helpers.runtime import InputError
from helpers.training.privacy_accounting import PrivacyStatement, epsilon, noise_multiplier_for

MNIST = 256 / 60_000


def renyi_epsilon(noise, rate, steps, delta):
    """Moments accountant at whole orders (Mironov, Talwar & Zhang 2019, arXiv:1908.10530, section 3.3), converted as
    in Mironov (2017, arXiv:1702.07476): an upper bound that needs no library."""
    found = []
    for order in range(2, 200):
        count = np.arange(order + 1)
        chosen = gammaln(order + 1) - gammaln(count + 1) - gammaln(order - count + 1)
        terms = chosen + (order - count) * np.log1p(-rate) + count * np.log(rate)
        divergence = logsumexp(terms + count * (count - 1) / (2 * noise**2)) / (order - 1)
        found.append(steps * divergence + np.log(1 / delta) / (order - 1))
    return min(found)


@pytest.mark.parametrize(
    ("noise", "rate", "steps", "delta"),
    [(1.1, MNIST, 3515, 1e-5), (1.44, 256 / 4708, 368, 1 / 4708), (4, 0.01, 1_000, 1e-6)],
)
def test_epsilon_is_what_composing_distributions_by_hand_gives(noise, rate, steps, delta):
    once = privacy_loss_distribution.from_gaussian_mechanism(
        noise, sampling_prob=rate, value_discretization_interval=1e-4
    )
    expected = once.self_compose(steps).get_epsilon_for_delta(delta)
    assert epsilon(noise, rate, steps, delta) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("noise", "steps", "delta"), [(6.0, 100, 1e-5), (1.0, 1, 1e-3), (20.0, 50, 1e-6)])
def test_without_sampling_epsilon_has_a_closed_form(noise, steps, delta):
    """Balle & Wang (2018, arXiv:1805.06530, theorem 8): the Gaussian mechanism with noise over the root of the steps."""
    ratio = math.sqrt(steps) / noise

    def excess(candidate):
        over = candidate / ratio
        return ndtr(ratio / 2 - over) - math.exp(candidate) * ndtr(-ratio / 2 - over) - delta

    exact = brentq(excess, 1e-6, 50)
    found = epsilon(noise, 1.0, steps, delta)
    assert exact - 1e-9 <= found <= exact * 1.001 + 1e-4


@pytest.mark.parametrize(("noise", "epochs", "published"), [(1.12, 60, 2.92), (0.6, 30, 9.74), (1.2, 10, 1.20)])
def test_published_values_of_the_moments_accountant_lie_above(noise, epochs, published):
    """MNIST, batches of 256, delta 1e-5: the table of TensorFlow Privacy's tutorial (January 2019)."""
    steps = epochs * 60_000 // 256
    assert renyi_epsilon(noise, MNIST, steps, 1e-5) == pytest.approx(published, rel=4e-3)
    assert epsilon(noise, MNIST, steps, 1e-5) < published  # tighter, as PLD accounting is


def test_more_noise_less_sampling_and_fewer_steps_are_more_private():
    base = epsilon(1.5, 0.02, 400, 1e-4)
    assert epsilon(1.6, 0.02, 400, 1e-4) < base
    assert epsilon(1.5, 0.018, 400, 1e-4) < base
    assert epsilon(1.5, 0.02, 360, 1e-4) < base
    assert epsilon(1.5, 0.02, 400, 1e-3) < base
    assert epsilon(0.0, 0.02, 400, 1e-4) == math.inf


@pytest.mark.parametrize(
    ("target", "rate", "steps"), [(2.0, 0.1, 40), (0.3, 0.1, 120), (1.0, 1.0, 20), (3.0, 0.004, 10_000)]
)
def test_noise_keeps_the_promise_and_hardly_more(target, rate, steps):
    noise = noise_multiplier_for(target, rate, steps, 2e-4)
    assert epsilon(noise, rate, steps, 2e-4) <= target
    assert epsilon(noise - 2e-3, rate, steps, 2e-4) > target


def test_statement_says_everything_that_a_claim_needs():
    statement = PrivacyStatement(2.0, 0.5, 4708, 512, 225, 1 / 4708, unit="one image")
    stated = dict(statement.table().itertuples(index=False))
    assert float(stated["epsilon"]) == pytest.approx(epsilon(2.0, 512 / 4708, 225, 1 / 4708), abs=1e-3)
    assert stated["unit of privacy"] == "one image"
    assert "add or remove" in stated["neighboring relation"]
    assert stated["sampling"].startswith("Poisson") and "0.10875" in stated["sampling"]
    assert "1 / 4,708" in stated["delta"]
    assert "preparation" in stated["not covered"]
    for item in ("mechanism", "composition", "accountant", "setting", "not covered", "assumed"):
        assert stated[item]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, 0.0, 10, 1e-5), "sampling rate 0.0"),
        ((1.0, 1.1, 10, 1e-5), "sampling rate 1.1"),
        ((1.0, 0.1, 0, 1e-5), "0 steps"),
        ((1.0, 0.1, 2.5, 1e-5), "2.5 steps"),
        ((1.0, 0.1, 10, 0.0), "delta 0.0"),
        ((1.0, 0.1, 10, 1.0), "delta 1.0"),
        ((-1.0, 0.1, 10, 1e-5), "noise multiplier -1.0"),
        ((float("nan"), 0.1, 10, 1e-5), "noise multiplier nan"),
    ],
)
def test_senseless_numbers_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        epsilon(*arguments)


@pytest.mark.parametrize("target", [0.0, -1.0, 101.0, math.inf, float("nan")])
def test_senseless_epsilons_are_refused(target):
    with pytest.raises(InputError, match="epsilon"):
        noise_multiplier_for(target, 0.1, 10, 1e-5)


@pytest.mark.notebooks
def test_accounting_needs_no_tensorflow():
    script = "import sys, helpers.training.privacy_accounting; sys.exit(int('tensorflow' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
