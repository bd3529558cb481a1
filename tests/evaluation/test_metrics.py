"""Counts and ratios against values worked out by hand."""

import math

import numpy as np
import pytest

from helpers.evaluation.metrics import (
    METRICS,
    ConfusionCounts,
    accuracy,
    binary_metrics,
    brier_score,
    choose_threshold,
    confusion_counts,
    decide,
    f1,
    group_scores,
    precision,
    recall,
    sensitivity,
    specificity,
)
from helpers.runtime import InputError

COUNTS = ConfusionCounts(true_positive=8, false_positive=3, true_negative=87, false_negative=2)


def test_confusion_counts_puts_every_sample_in_its_cell():
    counts = confusion_counts(np.array([1, 1, 1, 0, 0, 0, 0]), np.array([1, 0, 0, 1, 0, 0, 0]))
    assert counts == ConfusionCounts(true_positive=1, false_positive=1, true_negative=3, false_negative=2)
    assert counts.samples == 7


def test_definitions():
    assert accuracy(COUNTS) == pytest.approx(95 / 100)
    assert sensitivity(COUNTS) == pytest.approx(8 / 10)
    assert specificity(COUNTS) == pytest.approx(87 / 90)
    assert precision(COUNTS) == pytest.approx(8 / 11)


def test_definitions_are_not_the_confused_ones():
    """Recall is neither accuracy nor specificity, and F1 is the harmonic mean, not the arithmetic one."""
    assert recall(COUNTS) == sensitivity(COUNTS)
    assert recall(COUNTS) != pytest.approx(accuracy(COUNTS))
    assert recall(COUNTS) != pytest.approx(specificity(COUNTS))
    harmonic = 2 / (1 / precision(COUNTS) + 1 / recall(COUNTS))
    assert f1(COUNTS) == pytest.approx(harmonic)
    assert f1(COUNTS) == pytest.approx(16 / 21)
    assert f1(COUNTS) < (precision(COUNTS) + recall(COUNTS)) / 2


def test_ratios_without_denominator_are_nan():
    empty = ConfusionCounts(0, 0, 0, 0)
    for ratio in (accuracy, sensitivity, specificity, precision, f1):
        assert math.isnan(ratio(empty))


def test_f1_is_zero_and_not_nan_when_the_diseased_are_all_missed():
    counts = ConfusionCounts(true_positive=0, false_positive=0, true_negative=5, false_negative=3)
    assert f1(counts) == 0
    assert math.isnan(precision(counts))


def test_brier_by_hand():
    assert brier_score([1, 0, 1], [0.8, 0.3, 0.5]) == pytest.approx((0.04 + 0.09 + 0.25) / 3)


def test_binary_metrics_order_and_values():
    # Ranks: diseased 0.9 and 0.4, healthy 0.6 and 0.1: three of four pairs in order.
    values = binary_metrics([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], 0.5)
    assert tuple(values) == METRICS
    assert values["auroc"] == pytest.approx(3 / 4)
    assert values["auprc"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert values["accuracy"] == values["sensitivity"] == values["specificity"] == values["f1"] == 0.5


def test_binary_metrics_with_one_class_has_no_auroc():
    values = binary_metrics([1, 1], [0.9, 0.4], 0.5)
    assert math.isnan(values["auroc"]) and math.isnan(values["auprc"]) and math.isnan(values["specificity"])
    assert values["sensitivity"] == 0.5


def test_decide_compares_in_double_precision():
    scores = np.array([0.1, np.nextafter(np.float32(0.1), np.float32(1))], dtype=np.float32)
    middle = float(scores.astype(np.float64).mean())
    assert decide(scores, middle).tolist() == [False, True]


def test_youden_takes_the_midpoint_between_the_classes():
    assert choose_threshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9]) == pytest.approx(0.4)


def test_youden_tie_goes_to_the_widest_gap():
    # Thresholds 0.25 (one miss none, one false alarm) and 0.75 (one miss, no false alarm) have the same J = 0.5.
    targets, scores = [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.9]
    assert choose_threshold(targets, scores) == pytest.approx(0.6)


def test_f1_criterion_by_enumeration():
    generator = np.random.default_rng(3)
    targets = generator.integers(0, 2, 60)
    scores = np.round(generator.random(60) * 0.6 + 0.3 * targets, 2)
    best = max(f1(confusion_counts(targets, scores >= cut)) for cut in np.unique(scores))
    chosen = choose_threshold(targets, scores, "f1")
    assert f1(confusion_counts(targets, decide(scores, chosen))) == pytest.approx(best)


def test_sensitivity_criterion_is_the_highest_threshold_that_still_finds_enough():
    targets = np.array([1] * 20 + [0] * 20)
    scores = np.concatenate([np.arange(20) * 0.01 + 0.5, np.full(20, 0.1)])
    chosen = choose_threshold(targets, scores, "sensitivity", minimum=0.95)
    assert sensitivity(confusion_counts(targets, scores >= chosen)) == pytest.approx(0.95)
    assert chosen == pytest.approx(0.505)


def test_scores_that_are_neighboring_numbers_are_still_separated():
    low = 0.3
    high = np.nextafter(low, 1)
    assert decide(np.array([low, high]), choose_threshold([0, 1], [low, high])).tolist() == [False, True]


def test_group_scores_average_within_groups():
    table = group_scores([1, 1, 0, 0, 0], [0.8, 0.6, 0.1, 0.3, 0.2], np.array([7, 7, 4, 4, 4]))
    assert table["probability"].tolist() == pytest.approx([0.2, 0.7])
    assert table["target"].tolist() == [0, 1]
    assert table["samples"].tolist() == [3, 2]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: confusion_counts([0, 1], [1]), "decisions"),
        (lambda: confusion_counts([0, 2], [1, 1]), "0 and 1"),
        (lambda: confusion_counts([], []), "at least one"),
        (lambda: brier_score([0, 1], [0.2, np.nan]), "finite"),
        (lambda: brier_score([0, 1], [0.2, 1.2]), "between 0 and 1"),
        (lambda: binary_metrics([0, 1], [0.2], 0.5), "one per sample"),
        (lambda: choose_threshold([0, 0], [0.1, 0.2]), "both classes"),
        (lambda: choose_threshold([0, 1], [0.1, 0.2], "best"), "youden"),
        (lambda: choose_threshold([0, 1], [0.1, 0.2], "sensitivity"), "minimum"),
        (lambda: choose_threshold([0, 1], [0.1, 0.2], "f1", minimum=0.9), "minimum"),
        (lambda: choose_threshold([0, 1], [0.1, 0.2], "sensitivity", minimum=1.5), "at most 1"),
        (lambda: group_scores([0, 1], [0.1, 0.2], np.array([1, 1])), "both classes"),
        (lambda: group_scores([0, 1], [0.1, 0.2], np.array([1])), "one group per sample"),
    ],
)
def test_bad_input_is_one_clear_line(call, word):
    with pytest.raises(InputError, match=word) as error:
        call()
    assert "\n" not in str(error.value)


def test_constant_probability_is_decided_for_the_more_common_class():
    targets = np.array([0, 0, 0, 1])
    rare, common = np.full(4, 0.25), np.full(4, 0.75)
    assert not decide(rare, choose_threshold(targets, rare)).any()
    assert decide(common, choose_threshold(1 - targets, common)).all()
