"""Membership inference: losses of known law, exact shares, and the bound that privacy sets."""

import numpy as np
import pytest
from scipy.stats import beta, norm

from helpers.evaluation.attacks import cross_entropy, infer_membership, most_members_found
from helpers.runtime import InputError


def test_cross_entropy_of_each_example():
    losses = cross_entropy(np.array([1, 0, 1, 0]), np.array([0.8, 0.3, 0.0, 0.0]))
    np.testing.assert_allclose(losses, [-np.log(0.8), -np.log(0.7), -np.log(1e-7), 0.0], atol=1e-12)


def test_normal_losses_give_the_normal_curve():
    generator = np.random.default_rng(0)
    members, strangers = generator.normal(-1, 1, 20_000), generator.normal(0, 1, 20_000)
    attack = infer_membership(members, strangers)
    assert attack.auroc.low < norm.cdf(1 / np.sqrt(2)) < attack.auroc.high
    # Members one standard deviation lower: Phi(Phi^-1(.01) + 1); five standard errors, those of the threshold included.
    expected = norm.cdf(norm.ppf(0.01) + 1)
    slope = norm.pdf(norm.ppf(0.01) + 1) / norm.pdf(norm.ppf(0.01))
    error = np.sqrt((expected * (1 - expected) + slope**2 * 0.01 * 0.99) / 20_000)
    assert abs(attack.found.value - expected) < 5 * error
    assert attack.accused.value == 0.01
    assert (attack.members, attack.strangers) == (20_000, 20_000)


def test_no_leak_is_chance():
    losses = np.random.default_rng(1).exponential(size=4000)
    attack = infer_membership(losses[::2], losses[1::2])
    assert attack.auroc.low < 0.5 < attack.auroc.high
    assert attack.found.low < 0.01 < attack.found.high


def test_intervals_of_shares_are_clopper_pearson():
    strangers = np.arange(200.0) + 100
    members = np.concatenate([np.zeros(7), np.full(43, 500.0)])
    attack = infer_membership(members, strangers)
    assert attack.threshold == 102.0  # two of 200 lie below
    assert attack.found.value == 7 / 50
    assert attack.found.low == pytest.approx(beta.ppf(0.025, 7, 44))
    assert attack.found.high == pytest.approx(beta.ppf(0.975, 8, 43))
    assert attack.accused.value == 2 / 200
    nobody = infer_membership(np.full(50, 500.0), strangers)
    assert nobody.found.low == 0 and nobody.found.high == pytest.approx(1 - 0.025 ** (1 / 50))


def test_ties_never_accuse_more_than_allowed():
    attack = infer_membership(np.zeros(30), np.zeros(150))
    assert attack.accused.value == attack.found.value == 0
    assert attack.auroc.value == 0.5


def test_too_few_strangers_cannot_show_a_small_rate():
    with pytest.raises(InputError, match="99 strangers.*100 or more"):
        infer_membership(np.zeros(5), np.arange(99.0))
    assert infer_membership(np.zeros(5), np.arange(100.0)).accused.value == 0.01


def test_bound_of_privacy():
    assert most_members_found(0.0, 0.0, 0.01) == 0.01
    assert most_members_found(1.0, 1e-4, 0.01) == pytest.approx(np.e * 0.01 + 1e-4)
    assert most_members_found(1.0, 0.0, 0.9) == pytest.approx(1 - np.exp(-1) * 0.1)
    assert most_members_found(np.inf, 0.0, 0.01) == 1.0
    rates = np.linspace(0, 1, 101)
    bound = most_members_found(2.0, 1e-3, rates)
    assert (bound >= rates).all() and (bound <= 1).all() and (np.diff(bound) >= 0).all()


def test_best_attack_on_one_noisy_number_stays_below_the_bound():
    """The Gaussian mechanism at its exact delta (Balle & Wang 2018): the optimal test touches the bound and no more."""
    noise, epsilon = 1.5, 1.0
    delta = norm.cdf(0.5 / noise - epsilon * noise) - np.exp(epsilon) * norm.cdf(-0.5 / noise - epsilon * noise)
    rates = np.linspace(1e-4, 0.9999, 2000)
    power = norm.cdf(norm.ppf(rates) + 1 / noise)
    room = most_members_found(epsilon, delta, rates) - power
    assert room.min() > -1e-9 and room.min() < 1e-5


@pytest.mark.parametrize(
    ("members", "strangers", "rate", "message"),
    [
        (np.zeros(0), np.zeros(200), 0.01, "members have shape"),
        (np.zeros(5), np.array([np.nan] * 200), 0.01, "strangers are not finite"),
        (np.zeros(5), np.zeros(200), 0.0, "false positive rate 0.0"),
    ],
)
def test_senseless_losses_are_refused(members, strangers, rate, message):
    with pytest.raises(InputError, match=message):
        infer_membership(members, strangers, rate)


def test_senseless_promises_are_refused():
    with pytest.raises(InputError, match="epsilon -1"):
        most_members_found(-1.0, 0.0)
