"""The CUSUM: published run lengths, the scores by hand, and false alarms as often as derived."""

import numpy as np
import pytest
from scipy.stats import kstest, norm
from scipy.stats import t as student

from helpers.evaluation import drift
from helpers.runtime import InputError


@pytest.mark.parametrize(
    ("limit", "shift", "published"),
    [(4.0, 0.0, 168), (5.0, 0.0, 465), (4.0, 1.0, 8.38), (5.0, 1.0, 10.4), (5.0, 2.0, 4.01)],
)
def test_run_lengths_are_the_published_ones(limit, shift, published, monkeypatch):
    """Montgomery, Introduction to Statistical Quality Control, table of the tabular CUSUM with k = 1/2."""
    monkeypatch.setattr(drift, "FARTHEST", 50.0)  # the table knows no clipping
    assert drift.run_length(limit, shift=shift) == pytest.approx(published, rel=0.005)


def test_false_alarms_come_as_often_as_derived():
    limit = drift.limit_for(100.0)
    assert drift.run_length(limit) == pytest.approx(100, rel=1e-3)
    scores = np.random.default_rng(0).normal(size=200_000)
    _, found = drift.cusum(scores, limit)
    # 2,000 alarms: a standard error of 2 %.
    assert len(scores) / len(found) == pytest.approx(100, rel=0.06)


def test_short_recordings_alarm_less_often_than_the_run_length_says():
    """Recordings of 20 values against simulation; the run length alone promises 20 / 100."""
    limit, generator = drift.limit_for(100.0), np.random.default_rng(0)
    scores = generator.normal(size=(4000, 20))
    scores[:, : drift.LEARN] = np.nan  # as self_starting_scores leaves them
    counts = [len(drift.cusum(row, limit)[1]) for row in scores]
    expected = drift.expected_alarms(20, limit)
    assert expected == pytest.approx(np.mean(counts), abs=3 * np.std(counts) / np.sqrt(len(counts)))
    assert expected < 0.8 * 20 / 100
    # In the long run each further value brings what the run length says; while learning there is nothing.
    assert drift.expected_alarms(401, limit) - drift.expected_alarms(400, limit) == pytest.approx(1 / 100, rel=1e-3)
    assert drift.expected_alarms(3, limit) == drift.expected_alarms(0, limit) == 0


def test_scores_start_by_themselves():
    values = np.array([3.0, 5.0, 4.0, 9.0, 4.0])
    found = drift.self_starting_scores(values)
    assert np.isnan(found[:3]).all()
    ratio = np.sqrt(3 / 4) * (9 - 4) / 1.0
    assert found[3] == pytest.approx(norm.ppf(student.cdf(ratio, 2)))
    past = values[:4]
    ratio = np.sqrt(4 / 5) * (4 - past.mean()) / past.std(ddof=1)
    assert found[4] == pytest.approx(norm.ppf(student.cdf(ratio, 3)))


def test_scores_of_normal_values_are_standard_normal_and_independent():
    generator = np.random.default_rng(2)
    scores = np.stack([drift.self_starting_scores(generator.normal(7, 0.3, 12)) for _ in range(600)])[:, 3:]
    assert kstest(scores[:, 0], "norm").pvalue > 0.001  # the first one, from three values
    assert kstest(scores[:, -1], "norm").pvalue > 0.001
    assert abs(np.corrcoef(scores[:, 0], scores[:, 1])[0, 1]) < 0.1


def test_constant_values_make_no_alarm_and_a_jump_does():
    scores = drift.self_starting_scores(np.repeat([2.0, 3.0], [20, 20]))
    assert np.isfinite(scores[3:]).all()
    assert not scores[3:20].any()
    assert drift.cusum(scores, 4.0)[1][0] in range(20, 24)


def test_sums_by_hand():
    sums, found = drift.cusum(np.array([np.nan, 1.0, 2.0, -1.0, 9.0, -9.0]), limit=4.0)
    # Scores count 3 at most in either direction.
    np.testing.assert_allclose(sums[:, 0], [0, 0.5, 2.0, 0.5, 3.0, 0.0])
    np.testing.assert_allclose(sums[:, 1], [0, 0, 0, 0.5, 0.0, 2.5])
    assert not len(found)
    sums, found = drift.cusum(np.full(5, 3.0), limit=4.0)
    assert sums[:, 0].tolist() == [2.5, 5.0, 2.5, 5.0, 2.5] and found.tolist() == [1, 3]


def test_blocks_are_medians_and_the_rest_waits():
    assert drift.block_medians(np.array([1.0, 9, 2, 5, 5, 6, 100]), 3).tolist() == [2, 5]
    assert len(drift.block_medians(np.arange(3.0), 8)) == 0


def test_numbers_out_of_range_are_refused():
    for wrong, message in (
        (lambda: drift.limit_for(3.0), "between 10 and a million"),
        (lambda: drift.cusum(np.zeros(3), 0.0), "above 0"),
        (lambda: drift.self_starting_scores(np.zeros(3), learn=1), "at least 2"),
        (lambda: drift.block_medians(np.zeros(3), 0), "at least 1"),
    ):
        with pytest.raises(InputError, match=message):
            wrong()
