"""Agreement measures against tables computed by hand; intervals over records at their limits and in simulation."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from helpers.evaluation import heartbeat_scores as scores
from helpers.evaluation import record_scores
from helpers.runtime import InputError

# 10 normal beats (8 found, 2 called S), 4 S (3 found, 1 called N), 4 V (all found), 2 F (called V).
TABLE = np.array([[8, 2, 0, 0], [1, 3, 0, 0], [0, 0, 4, 0], [0, 0, 2, 0]])


def beats_of(table):
    """Targets and decisions whose table of counts this is."""
    rows, columns = np.indices(table.shape)
    return np.repeat(rows.ravel(), table.ravel()), np.repeat(columns.ravel(), table.ravel())


def many_records(records, beats, generator):
    """Beats whose share of errors differs from record to record."""
    targets = generator.choice(4, (records, beats), p=[0.7, 0.12, 0.15, 0.03])
    share = generator.beta(2, 12, (records, 1))
    wrong = generator.random((records, beats)) < share
    decisions = np.where(wrong, (targets + 1 + generator.integers(0, 3, targets.shape)) % 4, targets)
    return targets.ravel(), decisions.ravel(), np.repeat(np.arange(records), beats)


def test_measures_by_hand():
    targets, decisions = beats_of(TABLE)
    counts = scores.record_counts(targets, decisions, np.zeros(20, dtype=int), 4)
    np.testing.assert_array_equal(counts, [TABLE])
    assert scores.accuracy(counts)[0] == pytest.approx(15 / 20)
    # Margins: 10, 4, 4, 2 true and 9, 5, 6, 0 called: by chance (90 + 20 + 24) / 400.
    chance = 134 / 400
    assert scores.cohen_kappa(counts)[0] == pytest.approx((0.75 - chance) / (1 - chance))
    assert scores.j_index(counts)[0] == pytest.approx(3 / 4 + 3 / 5 + 1 + 4 / 6)
    expected = 0.5 * (0.75 - chance) / (1 - chance) + 0.125 * (3 / 4 + 3 / 5 + 1 + 4 / 6)
    assert scores.jk_index(counts)[0] == pytest.approx(expected)


def test_kappa_is_that_of_scikit_learn():
    targets, decisions, groups = many_records(5, 60, np.random.default_rng(3))
    counts = scores.record_counts(targets, decisions, groups, 4).sum(axis=0)
    assert scores.cohen_kappa(counts) == pytest.approx(cohen_kappa_score(targets, decisions))


def test_perfect_decisions_have_index_one_and_an_interval():
    targets = np.tile([0, 0, 1, 2], 6)
    found = scores.agreement_intervals(targets, targets, np.repeat(np.arange(6), 4), 3)
    for name, best in (("accuracy", 1), ("kappa", 1), ("j index", 4), ("jk index", 1)):
        assert found[name].value == pytest.approx(best) and found[name].high == pytest.approx(best)
        assert found[name].low < 0.95 * best
    assert found["kappa"].method == "Wilson, groups"


def test_a_class_that_is_never_called_earns_nothing():
    targets = np.array([0, 0, 1, 2, 2, 0])
    decisions = np.array([0, 0, 0, 2, 2, 0])
    counts = scores.record_counts(targets, decisions, None, 3).sum(axis=0)
    assert scores.j_index(counts) == pytest.approx(0 + 0 + 1 + 1)
    constant = scores.record_counts(targets, np.zeros(6, dtype=int), None, 3).sum(axis=0)
    assert scores.j_index(constant) == 0 and scores.cohen_kappa(constant) == pytest.approx(0)


def test_what_a_constant_rule_has_by_definition_is_no_estimate():
    targets, _, groups = many_records(10, 40, np.random.default_rng(2))
    normal = scores.agreement_intervals(targets, np.zeros_like(targets), groups, 4)
    for name in ("kappa", "j index", "jk index"):
        assert (normal[name].low, normal[name].value, normal[name].high) == (0, 0, 0)
        assert normal[name].method == scores.BY_DEFINITION
    assert normal["accuracy"].low < normal["accuracy"].value < normal["accuracy"].high  # how common N is was estimated
    early = scores.agreement_intervals(targets, np.ones_like(targets), groups, 4)
    assert early["kappa"].method == scores.BY_DEFINITION
    # It finds every S, and the share of S among all beats is an estimate.
    assert early["j index"].value == pytest.approx(1 + (targets == 1).mean()) and early["j index"].width > 0


def test_without_a_class_the_index_is_not_defined():
    targets = np.array([0, 0, 2, 2, 0, 0])
    found = scores.agreement_intervals(targets, targets, np.arange(6), 3)
    assert np.isnan(found["jk index"].value) and (found["jk index"].low, found["jk index"].high) == (-0.5, 1.0)
    assert found["kappa"].value == 1
    assert np.isnan(scores.cohen_kappa(np.array([[5.0, 0], [0, 0]])))


def test_intervals_depend_on_records_and_on_nothing_else():
    targets, decisions, groups = many_records(20, 50, np.random.default_rng(0))
    found = scores.agreement_intervals(targets, decisions, groups, 4)
    order = np.random.default_rng(1).permutation(len(targets))
    again = scores.agreement_intervals(targets[order], decisions[order], groups[order], 4)
    alone = scores.agreement_intervals(targets, decisions, None, 4)
    for name in found:
        assert (found[name].low, found[name].high) == pytest.approx((again[name].low, again[name].high))
        assert found[name].low < found[name].value < found[name].high
    assert found["kappa"].width > 1.5 * alone["kappa"].width  # records differ, so beats are not independent


def test_intervals_of_kappa_hold_what_they_promise():
    generator = np.random.default_rng(5)
    targets, decisions, _ = many_records(20000, 40, generator)
    truth = scores.cohen_kappa(scores.record_counts(targets, decisions, None, 4).sum(axis=0))
    inside = 0
    for _ in range(200):
        found = scores.agreement_intervals(*many_records(22, 40, generator), 4, resamples=200)["kappa"]
        inside += found.low <= truth <= found.high
    assert 0.90 <= inside / 200 <= 0.99


def test_the_paired_difference_is_zero_for_one_model_and_signed_for_two():
    targets, decisions, groups = many_records(20, 50, np.random.default_rng(0))
    same = scores.jk_difference(targets, decisions, decisions, groups, 4)
    assert same.difference == 0 and np.isnan(same.low)
    gap = scores.jk_difference(targets, targets, decisions, groups, 4)
    back = scores.jk_difference(targets, decisions, targets, groups, 4)
    assert gap.first == 1 and gap.low > 0 and gap.p_value < 0.01
    assert (back.low, back.high) == pytest.approx((-gap.high, -gap.low))


def test_records_are_listed_with_most_errors_first():
    targets = np.array([0, 0, 1, 2, 0, 1, 1, 2])
    decisions = np.array([0, 0, 1, 2, 1, 1, 0, 2])
    groups = np.array([7, 7, 7, 7, 9, 9, 9, 9])
    table = record_scores.record_table(targets, decisions, groups, ("normal", "early", "wide"))
    assert table.index.tolist() == [9, 7] and table["errors"].tolist() == [2, 0]
    row = table.loc[9]
    assert row[["early", "early found", "early false", "wide", "wide found", "wide false"]].tolist() == [
        2,
        1,
        1,
        1,
        1,
        0,
    ]
    assert row["accuracy"] == 0.5


def test_sensitivity_without_the_record_that_holds_most():
    targets = np.array([1] * 8 + [0, 1, 1, 0, 1, 1])
    decisions = np.array([1] * 8 + [0, 0, 1, 0, 0, 1])
    groups = np.array([3] * 9 + [4] * 3 + [5] * 2)
    table = record_scores.sensitivity_without_largest(targets, decisions, groups, 1)
    assert table["value"].tolist() == pytest.approx([10 / 12, 2 / 4])
    assert table["samples"].tolist() == [12, 4] and table["groups"].tolist() == [3, 2]
    assert table["largest_share"].tolist() == pytest.approx([8 / 12] * 2)
    only = record_scores.sensitivity_without_largest(targets[:9], decisions[:9], groups[:9], 1)
    assert np.isnan(only.loc["without the largest", "value"])
    with pytest.raises(InputError, match="class 3"):
        record_scores.sensitivity_without_largest(targets, decisions, groups, 3)


@pytest.mark.parametrize(
    ("targets", "decisions", "classes", "words"),
    [
        ([0, 1], [0, 4], 4, "0 to 3"),
        ([0, 1], [0], 4, "shape"),
        ([0, 1], [0, 1], 2, "supraventricular"),
    ],
)
def test_wrong_input_is_one_line(targets, decisions, classes, words):
    with pytest.raises(InputError, match=words):
        scores.record_counts(np.array(targets), np.array(decisions), None, classes)


def test_too_few_resamples_are_refused():
    with pytest.raises(InputError, match="at least 100"):
        scores.agreement_intervals(np.array([0, 1, 2]), np.array([0, 1, 2]), None, 3, resamples=10)
