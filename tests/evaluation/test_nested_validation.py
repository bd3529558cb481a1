"""Nested cross-validation: nobody is judged by a model that knows him, and tuning cannot find what is not there."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from helpers.evaluation.calibration import recalibration
from helpers.evaluation.nested_validation import (
    local_predictions,
    mean_recalibration,
    nested_predictions,
    site_predictions,
)
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(5)
INPUTS = GENERATOR.normal(size=(160, 3))
TARGETS = (INPUTS[:, 0] + 0.7 * GENERATOR.normal(size=160) > 0).astype(int)
SITES = np.repeat([0, 1, 2, 3], 40)
PLAIN = {"plain": LogisticRegression()}


class Memory(ClassifierMixin, BaseEstimator):
    """Says 0 for rows that it was fitted on and 1 for all others."""

    def fit(self, inputs, targets):
        self.seen_ = {tuple(row) for row in inputs}
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, inputs):
        strange = np.array([float(tuple(row) not in self.seen_) for row in inputs])
        return np.column_stack([1 - strange, strange])


def test_every_row_is_judged_once_per_repeat_by_a_model_that_never_saw_it():
    held = nested_predictions({"memory": Memory()}, INPUTS, TARGETS, repeats=3, folds=4)
    assert held.probability.shape == (3, 160) and (held.probability == 1).all()
    assert held.choices() == {"memory": 12}
    assert (site_predictions({"memory": Memory()}, INPUTS, TARGETS, SITES).probability == 1).all()


def test_groups_stay_together():
    twins = np.repeat(np.arange(80), 2)
    copied = INPUTS[::2].repeat(2, axis=0)
    labels = GENERATOR.integers(0, 2, 80).repeat(2)
    nearest = {"nearest": KNeighborsClassifier(1)}
    apart = nested_predictions(nearest, copied, labels, groups=None, folds=5).probability[0]
    together = nested_predictions(nearest, copied, labels, twins, folds=5).probability[0]
    assert roc_auc_score(labels, apart) > 0.8, "a twin in training gives the label away"
    assert abs(roc_auc_score(labels, together) - 0.5) < 0.15


def test_the_better_candidate_is_chosen_inside_and_repeats_differ():
    candidates = {"deep tree": DecisionTreeClassifier(random_state=0), "plain": LogisticRegression()}
    held = nested_predictions(candidates, INPUTS, TARGETS, repeats=2, folds=4)
    assert held.choices() == {"plain": 8}
    assert not np.array_equal(*held.probability)
    again = nested_predictions(candidates, INPUTS, TARGETS, repeats=2, folds=4)
    np.testing.assert_array_equal(held.probability, again.probability)


def test_neighboring_seeds_share_no_folds():
    first, second = (nested_predictions(PLAIN, INPUTS, TARGETS, repeats=3, folds=4, seed=seed) for seed in (0, 1))
    for one in first.probability:
        assert not any(np.array_equal(one, other) for other in second.probability)


def test_sites_that_leave_one_class_are_refused():
    labels = np.where(SITES == 0, TARGETS, 0)
    with pytest.raises(InputError, match="without site 0 only one class"):
        site_predictions(PLAIN, INPUTS, labels, SITES)


def test_choosing_among_many_useless_models_finds_nothing_in_noise():
    noise = np.random.default_rng(11)
    scores = []
    for _ in range(9):
        inputs, labels = noise.normal(size=(90, 6)), noise.permutation(np.repeat([0, 1], 45))
        candidates = {f"{count} neighbors": KNeighborsClassifier(count) for count in (1, 5, 15)}
        scores.append(roc_auc_score(labels, nested_predictions(candidates, inputs, labels).probability[0]))
    # Each has a standard error of about 0.06, their mean one of 0.02: three of them.
    assert abs(np.mean(scores) - 0.5) < 0.06


def test_a_site_left_out_has_no_say():
    changed = TARGETS.copy()
    changed[SITES == 2] = 1 - changed[SITES == 2]
    first, second = (site_predictions(PLAIN, INPUTS, labels, SITES).probability[0] for labels in (TARGETS, changed))
    np.testing.assert_array_equal(first[SITES == 2], second[SITES == 2])
    assert not np.allclose(first[SITES == 1], second[SITES == 1])


def test_the_control_is_made_at_the_site_it_is_judged_at():
    assert (local_predictions({"memory": Memory()}, INPUTS, TARGETS, SITES, repeats=2).probability == 1).all()
    turned = np.where(SITES == 2, 1 - TARGETS, TARGETS)  # at site 2 the finding means the opposite
    local = local_predictions(PLAIN, INPUTS, turned, SITES, folds=4).probability[0]
    travelled = site_predictions(PLAIN, INPUTS, turned, SITES).probability[0]
    there = SITES == 2
    assert roc_auc_score(turned[there], local[there]) > 0.7 and roc_auc_score(turned[there], travelled[there]) < 0.3
    other = local_predictions(PLAIN, INPUTS, TARGETS, SITES, folds=4).probability[0]
    np.testing.assert_array_equal(local[~there], other[~there])


def test_a_site_with_few_of_a_class_gets_fewer_folds():
    labels = np.where(SITES == 0, 0, TARGETS)
    labels[:6] = 1  # six of the rarer class: three folds
    held = local_predictions({"memory": Memory()}, INPUTS, labels, SITES, folds=5)
    assert held.choices() == {"memory": 3 + 5 + 5 + 5} and (held.probability == 1).all()
    labels[3:6] = 0
    with pytest.raises(InputError, match="site 0 has 3 rows of one class"):
        local_predictions(PLAIN, INPUTS, labels, SITES)


def test_models_may_learn_more_than_the_targets():
    class Second(LogisticRegression):
        def fit(self, inputs, answers):
            return super().fit(inputs, answers[:, 1])

    opposite = np.column_stack([TARGETS, 1 - TARGETS])
    held = nested_predictions({"second": Second()}, INPUTS, TARGETS, learned=opposite)
    assert roc_auc_score(TARGETS, held.probability[0]) < 0.3


def test_mean_recalibration_is_that_of_a_typical_repeat():
    held = nested_predictions(PLAIN, INPUTS, TARGETS, repeats=3)
    slopes = [recalibration(TARGETS, row).slope for row in held.probability]
    mean = mean_recalibration(TARGETS, held.probability).slope
    assert mean.value == pytest.approx(np.mean([one.value for one in slopes]))
    assert mean.width == pytest.approx(np.mean([one.width for one in slopes]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nested_predictions({}, INPUTS, TARGETS), "no candidates"),
        (lambda: nested_predictions(PLAIN, INPUTS[:9], TARGETS), "9 rows, 160 targets"),
        (lambda: nested_predictions(PLAIN, INPUTS[:8], np.array([1, 1] + [0] * 6)), "too few for 5 folds"),
        (lambda: site_predictions(PLAIN, INPUTS, TARGETS, np.zeros(160)), "only one site"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(InputError, match=words):
        call()
