"""Rates of several classes, by hand on a small table; differences of errors against counts."""

import numpy as np
import pytest

from helpers.evaluation import multiclass
from helpers.evaluation.baselines_text import phrase_model
from helpers.runtime import InputError

NAMES = ("normal", "early", "wide", "never seen")
TARGETS = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2])
CALLED = np.array([0, 0, 0, 1, 1, 0, 2, 2, 2, 0])


def test_rates_by_hand():
    table = multiclass.class_rates(TARGETS, CALLED, NAMES)
    assert [name for name, _ in table.index[::2]] == ["normal", "early", "wide"]
    values = table["value"].astype(float)
    assert values["normal", "sensitivity"] == pytest.approx(3 / 4)
    assert values["normal", "positive predictive value"] == pytest.approx(3 / 5)
    assert values["early", "sensitivity"] == pytest.approx(1 / 2)
    assert values["wide", "positive predictive value"] == 1
    assert table.loc[("normal", "positive predictive value"), "samples"] == 5
    assert (table["low"] < table["value"]).all() and (table["high"] <= 1).all()


def test_what_was_never_called_has_no_predictive_value():
    table = multiclass.class_rates(TARGETS, np.zeros(10, dtype=int), NAMES)
    row = table.loc[("wide", "positive predictive value")]
    assert np.isnan(row["value"]) and (row["low"], row["high"], row["samples"]) == (0, 1, 0)


def test_groups_widen_the_interval():
    targets, called = np.tile(TARGETS, 20), np.tile(CALLED, 20)
    right = targets == called
    order = np.argsort(right, kind="stable")  # whole groups right or wrong
    groups = np.repeat(np.arange(20), 10)
    alone = multiclass.multiclass_accuracy(targets[order], called[order])
    together = multiclass.multiclass_accuracy(targets[order], called[order], groups)
    assert alone.value == together.value == right.mean()
    assert together.width > 2 * alone.width


def test_difference_of_errors():
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 3, 600)
    groups = np.repeat(np.arange(60), 10)
    good, bad = (np.where(generator.random(600) < share, (targets + 1) % 3, targets) for share in (0.1, 0.4))
    gap = multiclass.error_difference(targets, good, bad, groups)
    assert gap.difference == pytest.approx(np.mean(good != targets) - np.mean(bad != targets))
    assert gap.low < gap.difference < gap.high < 0
    same = multiclass.error_difference(targets, good, good, groups)
    assert same.difference == 0 and np.isnan(same.low)


@pytest.mark.parametrize("called", [np.zeros(9, dtype=int), np.full(10, 4), np.zeros((10, 1), dtype=int)])
def test_bad_input(called):
    with pytest.raises(InputError):
        multiclass.class_rates(TARGETS, called, NAMES)


def test_a_bag_of_words_cannot_tell_twins_apart_and_phrases_can():
    texts = ["no effusion , pneumothorax", "no pneumothorax , effusion"] * 3
    answers = [1, 0] * 3
    bag, phrases = (phrase_model(words).fit(texts, answers) for words in (1, 2))
    assert np.ptp(bag.predict_proba(texts)[:, 1]) == 0
    np.testing.assert_array_equal(phrases.predict(texts), answers)
    with pytest.raises(InputError, match="at least one"):
        phrase_model(0)
