"""Scaling laws against the straight line of a textbook, laws planted in simulated runs, and bad tables."""

import numpy as np
import pytest
from scipy.stats import linregress
from scipy.stats import t as student

from helpers.evaluation.power_law import (
    check_extrapolation,
    fit_power_law,
    fit_power_law_with_floor,
)
from helpers.runtime import InputError

SIZES = 1000 * 2.0 ** np.arange(6)


def planted(generator, count=5, repeats=3, shared=0.02, scatter=0.03, exponent=0.2, floor=0.0):
    """Losses of a law whose sizes deviate as a whole, and whose runs deviate too."""
    clean = floor + 2 * SIZES[:count] ** -exponent
    deviations = shared * generator.normal(size=(count, 1)) + scatter * generator.normal(size=(count, repeats))
    return SIZES[:count], clean[:, None] * np.exp(deviations)


def test_the_line_of_a_textbook():
    sizes, losses = planted(np.random.default_rng(0), repeats=1)
    law, known = fit_power_law(sizes, losses[:, 0]), linregress(np.log(sizes), np.log(losses[:, 0]))
    half = student.ppf(0.975, 3) * known.stderr
    assert (law.exponent.value, law.scale) == pytest.approx((-known.slope, np.exp(known.intercept)))
    assert (law.exponent.low, law.exponent.high) == pytest.approx((-known.slope - half, -known.slope + half))
    assert law.freedom == 3 and not law.with_floor and law.floor.high == 0


def test_a_prediction_interval_by_hand():
    # Logs of sizes -1, 0, 1 and of losses 1, 0, 1: the line is flat at 2/3, residuals 1/3, -2/3, 1/3, one degree of freedom.
    law = fit_power_law(np.exp([-1.0, 0.0, 1.0]), np.exp([1.0, 0.0, 1.0]))
    assert law.exponent.value == pytest.approx(0, abs=1e-12) and law.scatter == pytest.approx(np.sqrt(6 / 9))
    half = 12.7062047 * np.sqrt(6 / 9) * np.sqrt(1 + 1 / 3 + 4 / 2)
    found = law.predict(np.exp(2))
    assert np.log([found.low, found.value, found.high]) == pytest.approx([2 / 3 - half, 2 / 3, 2 / 3 + half], rel=1e-6)


def test_repeats_count_by_their_geometric_mean_and_order_does_not_matter():
    sizes, losses = planted(np.random.default_rng(1))
    law, means = fit_power_law(sizes, losses), np.exp(np.log(losses).mean(axis=1))
    backward = fit_power_law(sizes[::-1], means[::-1])
    assert backward.exponent.low == pytest.approx(law.exponent.low) and backward.means == pytest.approx(law.means)


def test_doubling_multiplies_the_loss():
    law = fit_power_law(SIZES, 3 * SIZES**-0.1 * np.exp([0.001, -0.001, 0, 0, -0.001, 0.001]))
    doubled = law.factor()
    assert doubled.value == pytest.approx(law.curve(SIZES[1:2])[0] / law.curve(SIZES[:1])[0])
    assert doubled.low < 2**-0.1 < doubled.high < 1 and law.factor(4).low == pytest.approx(doubled.low**2)


def test_intervals_cover_what_the_runs_of_a_size_share_too():
    generator, repetitions = np.random.default_rng(2), 1000
    held = np.zeros(2)
    for _ in range(repetitions):
        sizes, losses = planted(generator)
        exponent, next_size = fit_power_law(sizes, losses).exponent, check_extrapolation(sizes, losses)
        held += [exponent.low <= 0.2 <= exponent.high, next_size.inside]
    # Three standard errors of a share of .95 in 1,000 are .021.
    assert (np.abs(held / repetitions - 0.95) < 0.021).all()


def test_a_planted_floor_is_found_and_a_missing_one_is_not_claimed():
    small = {"count": 6, "shared": 0.001, "scatter": 0.001}
    found = fit_power_law_with_floor(*planted(np.random.default_rng(3), exponent=0.4, floor=0.2, **small))
    assert found.floor.low > 0.1 and found.floor.low <= 0.2 <= found.floor.high and found.freedom == 3
    assert found.exponent.low <= 0.4 <= found.exponent.high
    straight = fit_power_law_with_floor(*planted(np.random.default_rng(3), exponent=0.4, **small))
    assert straight.floor.low == 0
    assert straight.exponent.width > fit_power_law(straight.sizes, straight.losses).exponent.width


@pytest.mark.parametrize("floor", [0.0, 0.2])
def test_intervals_with_a_floor_do_not_cover_less_than_they_say(floor):
    generator, repetitions = np.random.default_rng(4), 100
    held = 0
    for _ in range(repetitions):
        sizes, losses = planted(generator, 6, exponent=0.4, floor=floor)
        held += check_extrapolation(sizes, losses, fit_power_law_with_floor).inside
    assert held / repetitions >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / repetitions)


def test_a_law_that_ends_is_caught_outside():
    losses = 2 * SIZES**-0.2 * np.exp(0.003 * np.array([1, -1, 0, -1, 1, 0]))
    kept = check_extrapolation(SIZES, losses)
    assert kept.inside and not kept.standstill_inside and kept.size == 32_000
    losses[-1] = losses[-2]
    ended = check_extrapolation(SIZES, losses)
    assert not ended.inside and ended.observed > ended.predicted.high
    assert ended.predicted == kept.predicted  # the largest size has no part in it


def test_few_sizes_that_scatter_would_allow_a_standstill():
    losses = 2 * SIZES[:4] ** -0.2 * np.exp([0.03, -0.03, 0.03, 0])
    found = check_extrapolation(SIZES[:4], losses)
    assert found.inside and found.standstill_inside and found.law.freedom == 1


def test_losses_that_stand_still_show_no_law_and_no_interval_is_empty():
    law = fit_power_law(SIZES, np.full((6, 2), 0.5))
    assert law.exponent.low < 0 < law.exponent.high
    found = law.predict(1e6)
    assert found.low < 0.5 < found.high


def test_an_absurd_extrapolation_stays_a_number():
    found = fit_power_law(SIZES[:3], np.array([1e-3, 1e3, 1e-3])).predict(1e30)
    assert np.isfinite([found.value, found.low, found.high]).all()


@pytest.mark.parametrize(
    ("sizes", "losses", "words"),
    [
        ([1, 2], [1, 1], "2 size.s.: this fit takes at least 3"),
        ([1, 2, 3], [1, 0, 1], "a loss is not a number above 0"),
        ([1, 2, 3], [1, np.nan, 1], "a loss is not a number above 0"),
        ([1, 2, -3], [1, 1, 1], "a size is not a number above 0"),
        ([1, 2, 2], [1, 1, 1], "a size occurs twice: give its runs as repeats"),
        ([1, 2, 3], [1, 1], "give .k,. and .k,. or .k, repeats."),
        ([1, 2, 3], np.ones((3, 0)), "give .k,. and .k,. or .k, repeats."),
    ],
)
def test_refused_tables(sizes, losses, words):
    with pytest.raises(InputError, match=words) as raised:
        fit_power_law(np.array(sizes), np.array(losses))
    assert "\n" not in str(raised.value)


def test_refused_questions():
    sizes, losses = planted(np.random.default_rng(5), 4)
    with pytest.raises(InputError, match="at least 5"):
        fit_power_law_with_floor(sizes, losses)
    with pytest.raises(InputError, match="at least 4"):
        check_extrapolation(sizes[:3], losses[:3])
    sizes, losses = planted(np.random.default_rng(5), 5)
    with pytest.raises(InputError, match="at least 6"):
        check_extrapolation(sizes, losses, fit_power_law_with_floor)
    with pytest.raises(InputError, match="size above 0"):
        fit_power_law(sizes, losses).predict(0)
