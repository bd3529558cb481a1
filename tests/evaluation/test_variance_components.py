"""Variance components against tables worked out by hand and simulated designs; power against the textbook and simulation."""

import numpy as np
import pytest
from scipy.stats import nct, norm, ttest_ind
from scipy.stats import t as student

from helpers.evaluation import variance_components
from helpers.evaluation.variance_components import (
    crossed_components,
    difference_found,
    mean_squares,
    power_of_seeds,
    seeds_needed,
)
from helpers.runtime import InputError


def test_a_table_by_hand():
    # Row effects -2 and 2, column effects -1, 0, 1, rest of one unit in one corner's pattern.
    rest = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]])
    table = 5 + np.array([[-2.0], [2.0]]) + np.array([-1.0, 0.0, 1.0]) + rest
    assert mean_squares(table) == pytest.approx((3 * 8 / 1, 2 * 2 / 2, 4 / 2))
    found = crossed_components(table)
    assert found.mean == pytest.approx(5)
    assert found.split.value == pytest.approx((24 - 2) / 3)
    assert found.seed.value == 0  # (2 - 2) / 2
    assert found.rest.value == pytest.approx(2)
    assert found.seed_on_one_split.value == pytest.approx(
        2 / 2 + 2 / 2
    )  # MS of columns / rows + MS of the rest (1 - 1 / rows)
    assert list(found.deviations()) == ["split", "seed_on_one_split", "seed", "rest"]
    assert found.deviations()["rest"].value == pytest.approx(np.sqrt(2))


def test_sums_of_squares_add_up():
    table = np.random.default_rng(0).normal(size=(5, 7))
    of_rows, of_columns, of_rest = mean_squares(table)
    assert 4 * of_rows + 6 * of_columns + 24 * of_rest == pytest.approx(34 * table.var() * 35 / 34)


@pytest.mark.parametrize(
    ("splits", "seeds", "truth"), [(6, 8, (1.0, 1.0, 1.0)), (5, 6, (4.0, 0.09, 1.0)), (8, 4, (0.01, 9.0, 1.0))]
)
def test_estimates_are_unbiased_and_intervals_cover(splits, seeds, truth):
    generator = np.random.default_rng(1)
    held, estimates, repetitions = np.zeros(4), np.zeros(4), 1500
    truth = (*truth, truth[1] + truth[2])  # seeds on one split
    for _ in range(repetitions):
        split, seed, rest = (np.sqrt(value) for value in truth[:3])
        table = generator.normal(0, split, (splits, 1)) + generator.normal(0, seed, (1, seeds))
        found = crossed_components(table + generator.normal(0, rest, (splits, seeds)))
        parts = found.split, found.seed, found.rest, found.seed_on_one_split
        held += [part.low <= value <= part.high for part, value in zip(parts, truth, strict=True)]
        estimates += [part.value for part in parts]
    assert (np.abs(held / repetitions - 0.95) < 0.025).all()
    # Zero in place of a negative estimate makes small components a little too large on average.
    assert estimates / repetitions == pytest.approx(truth, rel=0.08, abs=0.1)


def test_nothing_but_a_seed_effect():
    found = crossed_components(np.tile([1.0, 2.0, 3.0], (4, 1)))
    assert found.split.value == found.rest.value == found.rest.high == 0
    assert found.seed.value == pytest.approx(1)


def test_power_is_what_t_tests_find():
    generator = np.random.default_rng(2)
    for seeds, difference in ((3, 2.0), (10, 1.0), (20, 1.0)):
        first, second = generator.normal(0, 1, (4000, seeds)), generator.normal(difference, 1, (4000, seeds))
        found = np.mean(ttest_ind(first, second, axis=1).pvalue < 0.05)
        assert power_of_seeds(seeds, difference, 1.0) == pytest.approx(found, abs=0.025)


@pytest.mark.parametrize(("seeds", "difference"), [(21, 0.05), (2, 0.158), (5, 0.1), (2, 0.5)])
def test_power_of_large_differences_is_a_number(seeds, difference):
    """Where the library's noncentral t distribution is not a number; the answer by simulation."""
    found = power_of_seeds(seeds, difference, 0.0112)
    generator = np.random.default_rng(3)
    first, second = generator.normal(0, 1, (20000, seeds)), generator.normal(difference / 0.0112, 1, (20000, seeds))
    assert found <= 1 and found == pytest.approx(np.mean(ttest_ind(first, second, axis=1).pvalue < 0.05), abs=0.002)


def test_far_out_agrees_with_the_library_where_both_work():
    for seeds, difference in ((2, 3.0), (5, 2.0), (21, 1.2)):
        freedom, shift = 2 * (seeds - 1), difference / np.sqrt(2 / seeds)
        critical = student.ppf(0.975, freedom)
        assert variance_components._power_far_out(critical, freedom, shift) == pytest.approx(
            nct.sf(critical, freedom, shift), abs=1e-3
        )


@pytest.mark.parametrize("seeds", [2, 5, 17, 64])
def test_the_difference_that_is_found_is_found_so_often(seeds):
    difference = difference_found(seeds, 0.0112)
    assert power_of_seeds(seeds, difference, 0.0112) == pytest.approx(0.8, abs=1e-6)
    assert seeds_needed(difference * (1 + 1e-6), 0.0112) == seeds
    assert difference_found(seeds, 1.0) == pytest.approx(difference / 0.0112)


def test_without_a_difference_power_is_the_share_of_false_alarms():
    assert power_of_seeds(5, 0.0, 1.0) == pytest.approx(0.05, abs=1e-9)


def test_known_numbers_of_seeds():
    # Cohen (1988): a difference of one deviation needs 17 per group, half a deviation 64, at power .8.
    assert seeds_needed(1.0, 1.0) == 17
    assert seeds_needed(0.5, 1.0) == 64
    assert seeds_needed(10.0, 1.0) == 2
    assert power_of_seeds(64, 0.5, 1.0) >= 0.8 > power_of_seeds(63, 0.5, 1.0)
    many = 2 * (norm.ppf(0.975) + norm.ppf(0.8)) ** 2 / 0.02**2
    assert seeds_needed(0.02, 1.0) == pytest.approx(many, rel=1e-3)


@pytest.mark.parametrize("table", [np.ones(4), np.ones((1, 4)), np.array([[1.0, np.nan], [1.0, 2.0]])])
def test_refused_tables(table):
    with pytest.raises(InputError, match="two splits"):
        crossed_components(table)


def test_refused_questions():
    for arguments in ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0, 1.0)):
        with pytest.raises(InputError, match="above 0"):
            seeds_needed(*arguments)
    with pytest.raises(InputError, match="more than 100,000 seeds"):
        seeds_needed(1e-6, 1.0)
    for question in (lambda: power_of_seeds(1, 1.0, 1.0), lambda: difference_found(1, 1.0)):
        with pytest.raises(InputError, match="at least two seeds"):
            question()
    with pytest.raises(InputError, match="a power between"):
        difference_found(5, 1.0, power=0.05)
