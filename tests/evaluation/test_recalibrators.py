"""Recalibration: closed forms, what is chosen when the truth is known, and files."""

import json

import numpy as np
import pytest
from scipy.special import expit, logit

from helpers.evaluation.recalibrators import KINDS, Recalibrator, choose_recalibration, fit_recalibrator
from helpers.runtime import InputError


def study(seed, change=lambda score: score, groups=200, samples=2, prevalence=0.0):
    """Truly calibrated logits, changed before they are shown: (targets, shown probability, groups)."""
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), samples)
    score = prevalence + 1.6 * generator.normal(size=groups)[group] + 0.8 * generator.normal(size=len(group))
    targets = (generator.random(len(group)) < expit(score)).astype(int)
    return targets, expit(change(score)), group


def choices(change, repetitions=10, **options):
    found = [choose_recalibration(*study(seed, change, **options)).kind for seed in range(repetitions)]
    return {kind: found.count(kind) for kind in KINDS}


def test_calibrated_probabilities_are_left_alone():
    assert choices(lambda score: score)["none"] >= 8


def test_overconfidence_calls_for_a_temperature():
    assert choices(lambda score: 3 * score)["temperature"] >= 8


def test_class_weights_call_for_an_intercept():
    """Weighting a rare class to equal importance adds a constant to the logit, which a temperature cannot undo."""
    found = choices(lambda score: score + 2, prevalence=-2.0)
    assert found["logistic"] >= 8 and found["none"] == 0


def test_a_bent_curve_calls_for_isotonic():
    def bent(score):
        return np.where(score > 0, 6 + 0.2 * score, 0.2 * score)

    assert choices(bent, repetitions=3, groups=1200)["isotonic"] >= 2


def test_logistic_undoes_the_shift():
    targets, shown, group = study(0, lambda score: 2 * score + 1, groups=20000)
    repair = fit_recalibrator("logistic", targets, shown)
    assert repair.parameters["slope"] == pytest.approx(0.5, abs=0.02)
    assert repair.parameters["intercept"] == pytest.approx(-0.5, abs=0.04)
    np.testing.assert_allclose(repair.apply([0.5, expit(1)]), [expit(-0.5), 0.5], atol=0.01)


def test_logistic_has_its_closed_form():
    """Two values make it saturated: each becomes the share of the diseased there, with Platt's targets."""
    targets, said = np.repeat([1, 0, 1, 0], [30, 70, 70, 30]), np.repeat([0.1, 0.9], 100)
    repair = fit_recalibrator("logistic", targets, said)
    high, low = 101 / 102, 1 / 102
    expected = [0.3 * high + 0.7 * low, 0.7 * high + 0.3 * low]
    np.testing.assert_allclose(repair.apply([0.1, 0.9]), expected, atol=1e-4)


def test_isotonic_pools_what_is_out_of_order():
    # Shares by value: 0 of 2, 1 of 1, 0 of 1, 1 of 1: the middle two are pooled to one half.
    repair = fit_recalibrator("isotonic", [0, 0, 1, 0, 1], [0.1, 0.1, 0.4, 0.5, 0.9])
    np.testing.assert_allclose(repair.apply([0.1, 0.4, 0.5, 0.9]), [1 / 5, 0.5, 0.5, 3 / 4])
    np.testing.assert_allclose(repair.apply([0.0, 1.0]), [1 / 5, 3 / 4])


@pytest.mark.parametrize("kind", KINDS)
def test_every_repair_keeps_the_order_and_survives_json(kind):
    targets, shown, _ = study(3, lambda score: 2 * score + 1)
    repair = fit_recalibrator(kind, targets, shown)
    again = Recalibrator.from_dict(json.loads(json.dumps(repair.to_dict())))
    grid = np.linspace(0, 1, 201)
    assert (np.diff(repair.apply(grid)) >= -1e-12).all()
    assert repair.apply(grid).min() >= 0 and repair.apply(grid).max() <= 1
    np.testing.assert_array_equal(again.apply(grid), repair.apply(grid))


def test_nothing_means_nothing():
    np.testing.assert_array_equal(Recalibrator("none").apply([0.0, 0.3, 1.0]), [0.0, 0.3, 1.0])


def test_table_of_losses():
    choice = choose_recalibration(*study(1, lambda score: 3 * score))
    table = choice.table()
    assert tuple(table.index) == KINDS
    assert table["worse"].min() == 0 and table["chosen"].sum() == 1
    assert table.loc[choice.kind, "worse"] <= table.loc[choice.kind, "standard_error"]
    assert Recalibrator.from_dict(json.loads(json.dumps(choice.to_dict()))) == choice


def test_the_same_seed_chooses_the_same_and_groups_are_kept_whole():
    targets, shown, group = study(2)
    assert choose_recalibration(targets, shown, group, seed=4) == choose_recalibration(targets, shown, group, seed=4)
    copied = choose_recalibration(*(np.repeat(part, 3) for part in (targets, shown, group)))
    plain = choose_recalibration(targets, shown, group)
    # Copies within a group add no certainty: the standard errors stay what they were.
    np.testing.assert_allclose(copied.table()["standard_error"], plain.table()["standard_error"], rtol=0.35)


def test_separated_and_few_samples():
    targets = np.repeat([0, 1], 40)
    choice = choose_recalibration(targets, np.linspace(0.1, 0.9, 80))
    assert np.isfinite(choice.apply([0.0, 0.5, 1.0])).all()
    few = choose_recalibration([0, 1, 1, 0], [0.2, 0.7, 0.6, 0.4])
    assert few.kind == "none" and "too few" in few.reason and few.table().empty


def test_a_reversed_ranking_is_not_turned_around():
    targets = np.repeat([0, 1], 50)
    repair = fit_recalibrator("logistic", targets, np.linspace(0.9, 0.1, 100))
    assert repair.parameters["slope"] == 0
    assert repair.apply([0.2]) == pytest.approx([0.5])


def test_bad_input():
    with pytest.raises(InputError, match="both classes"):
        fit_recalibrator("logistic", [1, 1], [0.2, 0.4])
    with pytest.raises(InputError, match="unknown recalibration"):
        fit_recalibrator("beta", [0, 1], [0.2, 0.4])
    with pytest.raises(InputError, match="unknown recalibration"):
        Recalibrator.from_dict({"kind": "beta"})
    with pytest.raises(InputError, match="unknown kinds"):
        choose_recalibration([0, 1], [0.2, 0.4], kinds=("beta",))


def test_logit_scale_of_a_temperature():
    repair = Recalibrator("temperature", {"temperature": 2.0})
    assert logit(repair.apply([0.9]))[0] == pytest.approx(logit(0.9) / 2)
