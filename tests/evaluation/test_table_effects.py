"""Shapley values against a sum over all sets, and signs against columns whose effect is known."""

import itertools
import math

import numpy as np
import pytest

from helpers.evaluation import table_effects
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
INPUTS = GENERATOR.normal(size=(300, 4)).round(1)
ODDS = 2 * INPUTS[:, 0] - 1.5 * INPUTS[:, 1]
TARGETS = (GENERATOR.random(300) < 1 / (1 + np.exp(-ODDS))).astype(int)
NAMES = ("up", "down", "nothing", "constant")


def over_all_sets(model, patient, background):
    """The formula with weights k! (n - k - 1)! / n!."""
    count = len(patient)

    def worth(columns):
        rows = background.copy()
        rows[:, list(columns)] = patient[list(columns)]
        return model.decision_function(rows).mean()

    shares = np.zeros(count)
    for player in range(count):
        others = [other for other in range(count) if other != player]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for before in itertools.combinations(others, size):
                shares[player] += weight * (worth((*before, player)) - worth(before))
    return shares


def test_tree_shapley_is_the_sum_over_all_sets():
    model = table_effects.boosted_trees(INPUTS, TARGETS, trees=20)
    background = INPUTS[:30]
    found = table_effects.tree_shapley(model, INPUTS[100:104], background)
    expected = [over_all_sets(model, patient, background) for patient in INPUTS[100:104]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_values_on_the_edge_of_a_split_do_not_break_additivity():
    """Thresholds lie midway between neighboring values: with values left out of training, others fall onto them."""
    inputs = INPUTS.copy()
    seen = ~np.isin(inputs[:, 0], (0.1, 0.3, -0.5))
    model = table_effects.boosted_trees(inputs[seen], TARGETS[seen], trees=60)
    found = table_effects.tree_shapley(model, inputs[~seen], inputs[seen][:50])
    expected = model.decision_function(inputs[~seen]) - model.decision_function(inputs[seen][:50]).mean()
    np.testing.assert_allclose(found.sum(axis=1), expected, atol=1e-6)


@pytest.fixture(scope="module")
def found():
    inputs = np.column_stack([INPUTS[:, :3], np.full(300, 2.0)])
    inputs[::7, 0] = np.nan
    return table_effects.held_out_effects(inputs, TARGETS, np.arange(300), trees=30)


def test_held_out_effects_fill_gaps_and_order_the_patients(found):
    assert found.values.shape == found.effects.shape == (300, 4)
    assert np.isfinite(found.values).all() and sorted(np.unique(found.fold)) == [0, 1, 2, 3, 4]
    assert found.scores[TARGETS == 1].mean() > found.scores[TARGETS == 0].mean() + 1
    assert np.abs(found.effects[:, 3]).max() == 0  # a constant column adds nothing


def test_nobody_is_explained_by_a_model_that_saw_them():
    """Labels at random: out of fold, scores know nothing of them; a model that had seen the patients would."""
    targets = GENERATOR.integers(0, 2, 300)
    groups = np.repeat(np.arange(100), 3)
    answer = table_effects.held_out_effects(INPUTS, targets, groups, trees=100)
    assert all(len(np.unique(answer.fold[groups == group])) == 1 for group in range(100))
    assert abs(np.corrcoef(answer.scores, targets)[0, 1]) < 0.2


def test_signs(found):
    signs = table_effects.effect_signs(found, NAMES, np.arange(300), resamples=200)
    assert list(signs.index[:2]) == ["up", "down"]
    assert (signs.loc["up", "sign"], signs.loc["down", "sign"], signs.loc["constant", "sign"]) == (1, -1, 0)
    assert signs.loc["up", "low"] > 0.5 and signs.loc["down", "high"] < -0.5
    assert np.isnan(signs.loc["constant", "value"])
    assert (signs["samples"] == 300).all() and (signs["groups"] == 300).all()


def test_a_sign_on_which_the_models_disagree_is_not_decided():
    values = np.tile(np.linspace(-1, 1, 50), 5)[:, None]
    fold = np.repeat(np.arange(5), 50)
    effects = np.where(fold[:, None] == 0, -values, values)
    answer = table_effects.HeldOutEffects(values, np.zeros(250), effects, fold)
    signs = table_effects.effect_signs(answer, ("split",), np.arange(250), resamples=200)
    assert signs.loc["split", "low"] > 0 and signs.loc["split", "sign"] == 0


def test_too_few_patients():
    with pytest.raises(InputError, match="at least 5 patients"):
        table_effects.held_out_effects(INPUTS[:20], np.r_[np.ones(3, int), np.zeros(17, int)], np.arange(20), trees=5)
