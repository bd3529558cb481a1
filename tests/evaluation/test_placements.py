"""AUROC's variance against a double loop over pairs, and what happens at the boundary."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from helpers.evaluation.auroc_intervals import auroc_delong, auroc_logit, auroc_newcombe
from helpers.evaluation.placements import placements
from helpers.runtime import InputError


@pytest.fixture
def scored():
    generator = np.random.default_rng(1)
    targets = generator.permutation(np.repeat([0, 1], [34, 26]))
    scores = np.round(generator.normal(size=60) + 1.2 * targets, 1)  # rounded: ties between the classes
    return targets, scores


def brute_force(targets, scores, groups):
    """Obuchowski (1997), formulas as printed, with loops."""
    diseased, healthy = np.flatnonzero(targets == 1), np.flatnonzero(targets == 0)

    def psi(first, second):
        return 1.0 if first > second else 0.5 if first == second else 0.0

    of_diseased = {i: np.mean([psi(scores[i], scores[j]) for j in healthy]) for i in diseased}
    of_healthy = {j: np.mean([psi(scores[i], scores[j]) for i in diseased]) for j in healthy}
    auroc = np.mean(list(of_diseased.values()))
    names = np.unique(groups)
    sums = {
        name: (
            sum(of_diseased[i] - auroc for i in diseased if groups[i] == name),
            sum(of_healthy[j] - auroc for j in healthy if groups[j] == name),
        )
        for name in names
    }
    with_diseased = len({groups[i] for i in diseased})
    with_healthy = len({groups[j] for j in healthy})
    both = len(names)
    positives, negatives = len(diseased), len(healthy)
    s10 = with_diseased / ((with_diseased - 1) * positives) * sum(first**2 for first, _ in sums.values())
    s01 = with_healthy / ((with_healthy - 1) * negatives) * sum(second**2 for _, second in sums.values())
    s11 = both / (both - 1) * sum(first * second for first, second in sums.values())
    return auroc, s10 / positives + s01 / negatives + 2 * s11 / (positives * negatives)


def test_delong_variance_equals_the_loop(scored):
    targets, scores = scored
    auroc, variance = brute_force(targets, scores, np.arange(60))
    parts = placements(targets, scores)
    assert parts.auroc == pytest.approx(auroc)
    assert parts.auroc == pytest.approx(roc_auc_score(targets, scores))
    assert parts.variance == pytest.approx(variance)


def test_clustered_variance_equals_the_loop_also_with_both_classes_in_a_group(scored):
    targets, scores = scored
    groups = np.arange(60) // 3
    _, variance = brute_force(targets, scores, groups)
    assert placements(targets, scores, groups).variance == pytest.approx(variance)


def test_normal_quantile_gives_the_textbook_interval(scored):
    targets, scores = scored
    auroc, variance = brute_force(targets, scores, np.arange(60))
    interval = auroc_logit(targets, scores, quantile="normal")
    half = 1.959964 * math.sqrt(variance) / (auroc * (1 - auroc))
    center = math.log(auroc / (1 - auroc))
    assert interval.low == pytest.approx(1 / (1 + math.exp(half - center)), abs=1e-6)
    assert interval.high == pytest.approx(1 / (1 + math.exp(-half - center)), abs=1e-6)


def test_student_quantile_is_wider_and_approaches_the_normal_one(scored):
    targets, scores = scored
    assert auroc_logit(targets, scores).width > auroc_logit(targets, scores, quantile="normal").width
    generator = np.random.default_rng(2)
    many = np.repeat([0, 1], 2000)
    ranked = generator.normal(size=4000) + many
    student, normal = auroc_logit(many, ranked), auroc_logit(many, ranked, quantile="normal")
    assert student.width == pytest.approx(normal.width, rel=0.01)


def test_degrees_of_freedom_never_exceed_those_of_normal_contributions(scored):
    parts = placements(*scored)
    assert 1 <= parts.freedom <= 60 - 2 + 1e-9


def test_one_sample_per_group_equals_no_groups(scored):
    targets, scores = scored
    alone, grouped = auroc_delong(targets, scores), auroc_delong(targets, scores, np.arange(60)[::-1] * 7)
    assert (alone.low, alone.high) == pytest.approx((grouped.low, grouped.high), abs=1e-14)


@pytest.mark.parametrize("copies", [2, 20])
def test_copies_of_a_sample_in_its_group_change_nothing(scored, copies):
    targets, scores = scored
    plain = auroc_delong(targets, scores, np.arange(60))
    copied = np.repeat(targets, copies), np.repeat(scores, copies), np.repeat(np.arange(60), copies)
    assert auroc_delong(*copied).low == pytest.approx(plain.low, abs=1e-12)
    assert auroc_delong(*copied).high == pytest.approx(plain.high, abs=1e-12)
    assert auroc_delong(copied[0], copied[1]).width < 0.8 * plain.width


def test_perfect_separation_has_a_width_that_depends_on_groups_not_samples():
    targets = np.repeat([0, 1], 55)
    groups = np.arange(110) // 5
    scores = targets + np.linspace(0, 0.5, 110)
    few, many = auroc_delong(targets, scores, groups), auroc_delong(targets, scores)
    assert few.value == many.value == 1 and few.high == 1
    assert few.low < many.low < 1
    assert few.low == pytest.approx(auroc_newcombe(1, 11, 11).low)


def test_perfectly_wrong_mirrors_perfect():
    targets = np.repeat([0, 1], 10)
    wrong, right = auroc_delong(targets, -targets), auroc_delong(targets, targets)
    assert wrong.low == 0
    assert wrong.high == pytest.approx(1 - right.low, abs=1e-6)


@pytest.mark.parametrize("auroc", [0.0, 0.3, 0.5, 0.92, 1.0])
def test_newcombe_bounds_solve_their_equation(auroc):
    diseased, healthy = 14, 31
    number = (diseased + healthy) / 2 - 1
    interval = auroc_newcombe(auroc, diseased, healthy)
    for bound in {interval.low, interval.high} - {0.0, 1.0}:
        spread = 1 + number * (1 - bound) / (2 - bound) + number * bound / (1 + bound)
        variance = bound * (1 - bound) * spread / (diseased * healthy)
        assert abs(bound - auroc) == pytest.approx(1.959964 * math.sqrt(variance), abs=1e-6)
    assert interval.low <= auroc <= interval.high and interval.width > 0.1


def test_constant_scores_have_a_width():
    interval = auroc_delong(np.repeat([0, 1], 20), np.full(40, 0.3))
    assert interval.value == 0.5 and interval.low < 0.4 and interval.high > 0.6


def test_one_group_in_a_class_knows_almost_nothing():
    targets = np.array([1] * 5 + [0] * 20)
    groups = np.array([0] * 5 + list(range(1, 21)))
    scores = np.arange(25)[::-1] * 1.0
    interval = auroc_delong(targets, scores, groups)
    assert interval.value == 1 and interval.low < 0.5


def test_missing_class_is_undefined():
    interval = auroc_delong(np.ones(4, dtype=int), np.arange(4))
    assert math.isnan(interval.value) and (interval.low, interval.high) == (0, 1)


def test_seeds_average_the_auroc_and_narrow_the_interval(scored):
    targets, scores = scored
    generator = np.random.default_rng(9)
    rows = scores + generator.normal(size=(3, 60))
    interval = auroc_delong(targets, rows)
    assert interval.value == pytest.approx(np.mean([roc_auc_score(targets, row) for row in rows]))
    assert interval.width < np.mean([auroc_delong(targets, row).width for row in rows])


def test_bad_input(scored):
    targets, scores = scored
    with pytest.raises(InputError, match="finite"):
        auroc_delong(targets, np.where(scores > 1, np.nan, scores))
    with pytest.raises(InputError, match="shape"):
        auroc_delong(targets, scores[:-1])
    with pytest.raises(InputError, match="both classes"):
        placements(np.ones(3, dtype=int), np.arange(3))
    with pytest.raises(InputError, match="quantile"):
        auroc_logit(targets, scores, quantile="exact")
