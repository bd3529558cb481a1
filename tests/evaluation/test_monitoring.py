"""A monitoring program: people by hand, and intervals that carry what so few tested people leave open."""

import numpy as np
import pytest
from scipy.stats import beta

from helpers.evaluation import monitoring
from helpers.evaluation.alarms import Monitored
from helpers.runtime import InputError

ILL = np.repeat([1, 0], [10, 20])
FLAGGED = np.repeat([1, 0, 1, 0], [8, 2, 2, 18])  # sensitivity 0.8, specificity 0.9
PRICES = monitoring.Prices(monitor=10.0, work_up=100.0)


def test_a_program_by_hand():
    table = monitoring.program_table(ILL, FLAGGED, [0.1], PRICES)[0.1]["value"]
    assert table["found"] == pytest.approx(80) and table["missed"] == pytest.approx(20)
    assert table["flagged_healthy"] == pytest.approx(90)
    assert table["true_share"] == pytest.approx(80 / 170)
    assert table["cost"] == pytest.approx(10_000 + 17_000) and table["cost_per_found"] == pytest.approx(27_000 / 80)


def test_intervals_are_jeffreys_where_one_share_decides():
    table = monitoring.program_table(ILL, FLAGGED, [0.1], PRICES)[0.1]
    low, high = 100 * beta.ppf([0.025, 0.975], 8.5, 2.5)
    assert table.loc["found", "low"] == pytest.approx(low, abs=0.6)
    assert table.loc["found", "high"] == pytest.approx(high, abs=0.6)
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()


def test_the_rarer_the_ill_the_less_a_flag_means():
    tables = monitoring.program_table(ILL, FLAGGED, [0.02, 0.1, 0.5], PRICES)
    shares = [table.loc["true_share", "value"] for table in tables.values()]
    costs = [table.loc["cost_per_found", "value"] for table in tables.values()]
    assert shares == sorted(shares) and costs == sorted(costs, reverse=True)


def test_a_perfect_test_of_few_people_is_not_certain():
    table = monitoring.program_table(ILL, ILL, [0.02], PRICES)[0.02]
    assert table.loc["true_share", "value"] == 1 and table.loc["true_share", "low"] < 0.5
    assert table.loc["missed", "value"] == 0 < table.loc["missed", "high"]


def test_nobody_found_and_nobody_flagged():
    table = monitoring.program_table(ILL, np.zeros(30), [0.1], PRICES)[0.1]
    assert np.isnan(table.loc["true_share", "value"]) and np.isinf(table.loc["cost_per_found", "value"])


def test_the_same_draws_give_the_same_table():
    first, second = (monitoring.program_table(ILL, FLAGGED, [0.1], PRICES)[0.1] for _ in range(2))
    assert first.equals(second)


def test_burden_of_each_person():
    one = Monitored(np.arange(10.0), np.array([0.9, 0.9] + [0.1] * 8), np.array([1] + [0] * 9), 1.0)
    ill, flagged = monitoring.by_burden([one, one], 0.5, 0.15)
    assert ill.tolist() == [0, 0] and flagged.tolist() == [1, 1]


def test_people_of_one_kind_and_impossible_shares_are_refused():
    with pytest.raises(InputError, match="both ill and healthy"):
        monitoring.program_table(np.ones(5), np.ones(5), [0.1], PRICES)
    with pytest.raises(InputError, match="prevalence"):
        monitoring.program_table(ILL, FLAGGED, [1.0], PRICES)
