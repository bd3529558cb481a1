"""The tabular network behind scikit-learn's interface: it learns, starts afresh, and ignores what is not known."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.tabular import TabularNetwork, known_answers_loss

GENERATOR = np.random.default_rng(4)
INPUTS = GENERATOR.normal(size=(200, 5))
TARGETS = ((INPUTS[:, 0] * INPUTS[:, 1] > 0) ^ (GENERATOR.random(200) < 0.05)).astype(int)
SIZES = {"units": 16, "shrinkage": 1e-4, "steps": 200, "learning_rate": 3e-2}


@pytest.fixture(autouse=True)
def configured():
    runtime.configure(0)


def test_it_learns_what_no_line_can_tell_apart():
    table = np.random.default_rng(8).uniform(-1, 1, (300, 2))
    answers = (table[:, 0] * table[:, 1] > 0).astype(int)
    given = TabularNetwork(**SIZES).fit(table[:200], answers[:200]).predict_proba(table[200:])
    assert given.shape == (100, 2)
    np.testing.assert_allclose(given.sum(axis=1), 1)
    assert roc_auc_score(answers[200:], given[:, 1]) > 0.95


def test_every_fit_starts_afresh_and_clones_do_not_disturb_each_other():
    first = TabularNetwork(**SIZES).fit(INPUTS, TARGETS)
    given = first.predict_proba(INPUTS)
    other = clone(first).fit(INPUTS[:100], 1 - TARGETS[:100])
    np.testing.assert_array_equal(first.predict_proba(INPUTS), given)
    assert np.abs(other.predict_proba(INPUTS) - given).max() > 0.1
    np.testing.assert_array_equal(clone(first).fit(INPUTS, TARGETS).predict_proba(INPUTS), given)
    another = TabularNetwork(**SIZES, seed=1).fit(INPUTS, TARGETS)
    assert np.abs(another.predict_proba(INPUTS) - given).max() > 1e-4


def test_training_leaves_the_random_numbers_of_others_alone():
    drawn = []
    for fit_first in (True, False):
        np.random.seed(3)
        tf.random.set_seed(3)
        if fit_first:
            TabularNetwork(units=5, steps=3, seed=9).fit(INPUTS, TARGETS)
        drawn.append((np.random.random(), float(tf.random.uniform(()))))
    assert drawn[0] == drawn[1]


def test_what_is_not_known_does_not_count():
    truth = tf.constant([[1.0, np.nan], [0.0, 1.0]])
    probability = tf.constant([[0.5, 0.9], [0.25, 0.5]])
    loss = known_answers_loss(truth, probability).numpy()
    expected = [np.log(2) / 2, (-np.log(0.75) + np.log(2)) / 2]
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_an_unknown_answer_pulls_at_nothing():
    truth, probability = tf.constant([[1.0, np.nan], [0.0, 1.0]]), tf.constant([[0.5, 0.9], [0.25, 0.5]])
    with tf.GradientTape() as tape:
        tape.watch(probability)
        loss = known_answers_loss(truth, probability)
    # (p - y) / (p (1 - p)) for each of two answers, and exactly 0 for the one that nobody knows.
    expected = [[-2 / 2, 0], [1 / 0.75 / 2, -2 / 2]]
    np.testing.assert_allclose(tape.gradient(loss, probability).numpy(), expected, rtol=1e-5)


def test_a_second_answer_is_learned_from_where_it_is_known():
    alone = np.column_stack([TARGETS, np.full(200, np.nan)])
    with_help = np.column_stack([TARGETS, INPUTS[:, 2] > 0]).astype(float)
    given = {
        name: TabularNetwork(**SIZES).fit(INPUTS, answers).predict_proba(INPUTS)[:, 1]
        for name, answers in (("alone", alone), ("helped", with_help))
    }
    assert roc_auc_score(TARGETS, given["alone"]) > 0.9
    assert np.abs(given["alone"] - given["helped"]).max() > 0.01


def test_bad_input():
    for table, targets in ((np.array([[np.nan], [1]]), [0, 1]), (np.ones((2, 1)), [0, np.nan])):
        with pytest.raises(InputError, match="prepare the table first"):
            TabularNetwork().fit(table, targets)
