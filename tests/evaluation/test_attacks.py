"""Membership inference: losses of known law, exact shares, and the bound that privacy sets."""

import numpy as np
import pytest
from scipy.stats import beta, norm

from helpers.evaluation import attacks
from helpers.evaluation.attacks import cross_entropy, infer_membership, most_members_found
from helpers.runtime import InputError


def test_cross_entropy_of_each_example():
    losses = cross_entropy(np.array([1, 0, 1, 0]), np.array([np.log(4), np.log(3 / 7), -800.0, 0.0]))
    np.testing.assert_allclose(losses, [-np.log(0.8), -np.log(0.7), 800.0, np.log(2)], atol=1e-12)


def test_losses_of_sure_answers_are_not_tied():
    """Logits of 20 to 40: probabilities that single precision, and beyond 37 double precision, rounds to 1."""
    losses = cross_entropy(np.ones(21), np.linspace(20, 40, 21))
    np.testing.assert_allclose(losses, np.exp(-np.linspace(20, 40, 21)), rtol=1e-8)


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


def patients_without_a_leak(seed, within):
    """Losses that patients decide and membership does not: 24 patients, members by a coin each, or 18 against 6."""
    generator = np.random.default_rng(seed)
    patient = np.repeat(np.arange(24), 35)
    losses = np.exp(generator.normal(size=24)[patient] + 0.5 * generator.normal(size=len(patient)))
    member = generator.random(len(patient)) < 0.5 if within else patient < 18
    return losses[member], losses[~member], (patient[member], patient[~member])


def test_intervals_of_patients_find_no_leak_where_there_is_none():
    """Other patients as strangers, images taken for independent: most intervals are wrong. Groups repair most of it."""
    naive, grouped = [], []
    for seed in range(100):
        members, strangers, groups = patients_without_a_leak(seed, within=False)
        one, other = infer_membership(members, strangers), infer_membership(members, strangers, groups=groups)
        naive.append(one.auroc.low <= 0.5 <= one.auroc.high)
        grouped.append(other.auroc.low <= 0.5 <= other.auroc.high)
    assert np.mean(naive) < 0.5 and np.mean(grouped) > 0.85


def test_coins_within_patients_leave_intervals_right_and_narrow():
    """The design of the notebook: 95 % intervals by patient hold one half in 90 to 100 of 100 worlds without a leak."""
    covered, widths = [], []
    for seed in range(100):
        members, strangers, groups = patients_without_a_leak(seed, within=True)
        attack = infer_membership(members, strangers, groups=groups)
        covered.append(attack.auroc.low <= 0.5 <= attack.auroc.high)
        widths.append(attack.auroc.width)
    other = infer_membership(*patients_without_a_leak(0, within=False)[:2], groups=patients_without_a_leak(0, False)[2])
    assert np.mean(covered) >= 0.9 and np.mean(widths) < other.auroc.width / 2


def test_found_members_of_few_patients_tell_less_than_as_many_of_many():
    strangers, of_strangers = np.arange(200.0) + 100, np.arange(200) % 10
    members = np.concatenate([np.zeros(20), np.full(80, 500.0)])
    few = infer_membership(members, strangers, groups=(np.repeat(np.arange(5), 20), of_strangers))
    alone = infer_membership(members, strangers)
    assert few.found.value == alone.found.value == 0.2
    # One patient of five is found, whole: twenty images are one.
    assert few.found.low < 0.05 and few.found.high > 0.6 and alone.found.low > 0.12


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


def test_confidence_is_the_log_odds_of_the_truth():
    found = attacks.confidence(np.array([1, 0, 1, 0]), np.array([0.8, 0.8, 0.5, 1.0]))
    np.testing.assert_allclose(found[:3], [np.log(4), -np.log(4), 0.0], atol=1e-12)
    assert np.isfinite(found[3]) and found[3] < -30
    odds = np.linspace(-30, 30, 13)
    assert attacks.confidence(np.ones(13), 1 / (1 + np.exp(-odds))) == pytest.approx(odds, rel=1e-2)


def test_every_model_gets_a_half_of_its_own():
    halves = attacks.random_halves(11, 40, np.random.default_rng(0))
    assert (halves.sum(axis=1) == 5).all()
    assert len(np.unique(halves, axis=0)) > 30
    assert halves.mean(axis=0).min() > 0 and halves.mean(axis=0).max() < 1


def shadow_world(models=64, examples=4000, shift=1.5, seed=0):
    """Every example has a difficulty of its own, wide beside what membership adds; unit variance around it."""
    generator = np.random.default_rng(seed)
    trained = attacks.random_halves(examples, models + 1, generator)
    difficulty = generator.normal(0, 10, examples)
    says = difficulty + shift * trained + generator.normal(size=trained.shape)
    return says[0], says[1:], trained[1:], trained[0]


@pytest.mark.parametrize("attack", [attacks.likelihood_ratio, attacks.surprising_confidence])
def test_shadow_models_reach_the_best_attack_where_a_threshold_cannot(attack):
    """Without the difficulty members lie 1.5 standard deviations higher: AUROC is the normal distribution at 1.5 / sqrt 2."""
    target, shadows, trained, member = shadow_world()
    score = attack(target, shadows, trained)
    found = attacks.infer_membership(-score[member], -score[~member]).auroc
    # Means of 32 shadow models are off by a thirty-second of the variance.
    assert found.value == pytest.approx(norm.cdf(1.5 / np.sqrt(2 * (1 + 1 / 32))), abs=0.02)
    plain = attacks.infer_membership(-target[member], -target[~member]).auroc
    assert plain.value < 0.56


def test_likelihood_ratio_and_surprise_by_hand():
    shadows = np.array([[3.0, 1.0], [5.0, 3.0], [0.0, 6.0], [2.0, 8.0]])
    trained = np.array([[True, False], [True, False], [False, True], [False, True]])
    target = np.array([4.0, 2.0])
    # Means with: 4, 7; without: 1, 2. Squares around them: 2 each, four in all over two degrees of freedom.
    deviation = np.sqrt(2.0)
    np.testing.assert_allclose(attacks.surprising_confidence(target, shadows, trained), [3 / deviation, 0.0])
    np.testing.assert_allclose(
        attacks.likelihood_ratio(target, shadows, trained), [(9 - 0) / 4, (0 - 25) / 4], atol=1e-12
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda target, shadows, trained: (target[:-1], shadows, trained), "shape"),
        (lambda target, shadows, trained: (target, shadows, trained[:-1]), "shape"),
        (lambda target, shadows, trained: (target, shadows, trained | True), "fewer than two"),
        (lambda target, shadows, trained: (target, shadows, trained & False), "fewer than two"),
        (lambda target, shadows, trained: (target * np.nan, shadows, trained), "not finite"),
        (lambda target, shadows, trained: (target, shadows * 0, trained), "say the same"),
    ],
)
def test_shadow_models_that_say_nothing_are_refused(change, message):
    target, shadows, trained, _ = shadow_world(models=12, examples=6)
    for attack in (attacks.likelihood_ratio, attacks.surprising_confidence):
        with pytest.raises(InputError, match=message):
            attack(*change(target, shadows, trained))


@pytest.mark.parametrize(("examples", "models"), [(1, 4), (10, 0)])
def test_halves_of_nothing_are_refused(examples, models):
    with pytest.raises(InputError, match="halves"):
        attacks.random_halves(examples, models, np.random.default_rng(0))
