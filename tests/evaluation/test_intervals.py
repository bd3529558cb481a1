"""The table of metrics with intervals."""

import subprocess
import sys

import numpy as np
import pytest

from helpers.evaluation.intervals import auroc_delong, metric_interval, metric_intervals, wilson
from helpers.evaluation.metrics import METRICS, binary_metrics
from helpers.runtime import InputError


@pytest.fixture
def scored():
    generator = np.random.default_rng(8)
    groups = np.repeat(np.arange(50), 4)
    targets = (groups < 20).astype(int)
    shared = generator.normal(size=50)[groups]
    rows = 1 / (1 + np.exp(-(generator.normal(size=(3, 200)) + shared + 3 * targets - 1.5)))
    return targets, rows, groups


def test_table_of_one_seed(scored):
    targets, rows, groups = scored
    table = metric_intervals(targets, rows[0], groups, 0.5, resamples=300)
    assert tuple(table.index) == METRICS
    assert list(table.columns) == ["value", "low", "high", "method", "seed_sd"]
    for name, value in binary_metrics(targets, rows[0], 0.5).items():
        assert table.loc[name, "value"] == pytest.approx(value)
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()
    assert table["seed_sd"].isna().all()


def test_table_of_three_seeds(scored):
    targets, rows, groups = scored
    cuts = np.array([0.4, 0.5, 0.6])
    table = metric_intervals(targets, rows, groups, cuts, resamples=300)
    each = [binary_metrics(targets, row, cut) for row, cut in zip(rows, cuts, strict=True)]
    for name in METRICS:
        values = [metrics[name] for metrics in each]
        assert table.loc[name, "value"] == pytest.approx(np.mean(values))
        assert table.loc[name, "seed_sd"] == pytest.approx(np.std(values, ddof=1))
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()


def test_three_equal_seeds_are_one_seed(scored):
    targets, rows, groups = scored
    one = metric_intervals(targets, rows[0], groups, 0.5, resamples=300)
    three = metric_intervals(targets, np.stack([rows[0]] * 3), groups, 0.5, resamples=300)
    np.testing.assert_allclose(three[["value", "low", "high"]], one[["value", "low", "high"]], rtol=1e-9)
    np.testing.assert_allclose(three["seed_sd"], 0, atol=1e-12)


def test_groups_widen_every_interval(scored):
    targets, rows, groups = scored
    grouped = metric_intervals(targets, rows[0], groups, 0.5, resamples=300)
    alone = metric_intervals(targets, rows[0], None, 0.5, resamples=300)
    assert ((grouped["high"] - grouped["low"]) > (alone["high"] - alone["low"])).all()


def test_perfect_model_has_no_interval_of_zero_width():
    targets = np.repeat([0, 1], 30)
    table = metric_intervals(targets, targets.astype(float), np.arange(60) // 2, 0.5, resamples=200)
    assert (table["high"] - table["low"] > 0.02).all()
    assert (table.drop("brier")["value"] == 1).all() and table.loc["brier", "value"] == 0


def test_no_alarms_leave_precision_undefined():
    table = metric_intervals(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4]), None, 0.9, resamples=200)
    assert np.isnan(table.loc["precision", "value"])
    assert (table.loc["precision", "low"], table.loc["precision", "high"]) == (0, 1)


def test_one_class_leaves_the_rest_standing():
    table = metric_intervals(np.ones(6, dtype=int), np.linspace(0.2, 0.9, 6), None, 0.5, resamples=200)
    assert table.loc[["auroc", "auprc", "specificity"], "value"].isna().all()
    assert table.loc["sensitivity", "value"] == pytest.approx(3 / 6)


def test_wrong_number_of_thresholds(scored):
    targets, rows, groups = scored
    with pytest.raises(InputError, match="one per seed"):
        metric_intervals(targets, rows, groups, [0.4, 0.5])
    with pytest.raises(InputError, match="unknown metric"):
        metric_interval("mcc", targets, rows, groups, 0.5)


def test_intervals_of_the_table_are_the_named_ones(scored):
    targets, rows, _ = scored
    table = metric_intervals(targets, rows[0], None, 0.5, resamples=200)
    found = int(((rows[0] >= 0.5) & (targets == 1)).sum())
    assert table.loc["sensitivity", "low"] == pytest.approx(wilson(found, 80).low)
    assert table.loc["auroc", "high"] == pytest.approx(auroc_delong(targets, rows[0]).high)


def test_evaluation_and_plots_import_without_tensorflow():
    modules = "intervals coverage comparison calibration recalibrators brier decisions baselines conformal".split()
    modules += "subgroups sample_size operating_points".split()
    code = "import sys; " + "; ".join(f"import helpers.evaluation.{name}" for name in modules)
    code += "; import helpers.report.plots; sys.exit(any(m in sys.modules for m in ('tensorflow', 'keras')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
