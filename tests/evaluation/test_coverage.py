"""Simulated studies: their truths, and what holds its level there."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from helpers.evaluation.coverage import FORMULAS, Study, coverage, coverage_table, coverage_text, grid, main
from helpers.evaluation.metrics import binary_metrics
from helpers.runtime import InputError


def test_population_values_of_a_study():
    study = Study(auroc=0.9, groups=40000, samples=1, correlation=0.0)
    targets, scores, _ = study.draw(np.random.default_rng(0))
    probability = study.probability(scores)
    assert study.truth("auprc") == pytest.approx(average_precision_score(targets, scores), abs=0.006)
    assert study.truth("brier") == pytest.approx(brier_score_loss(targets, probability), abs=0.004)
    for name in ("accuracy", "sensitivity", "specificity", "precision", "f1", "auroc"):
        assert study.truth(name) == pytest.approx(binary_metrics(targets, probability, 0.5)[name], abs=0.012)
    rival = scores + 0.7 * np.random.default_rng(1).normal(size=40000)
    measured = roc_auc_score(targets, scores) - roc_auc_score(targets, rival)
    assert study.truth("auroc_difference") == pytest.approx(measured, abs=0.005)


def test_default_holds_its_level_where_the_percentile_bootstrap_does_not():
    study = Study(auroc=0.998, groups=150)
    ours = coverage("default", study, repetitions=150, seed=1)
    theirs = coverage("percentile bootstrap", study, repetitions=150, seed=1)
    assert ours["covered"] > 0.91
    assert theirs["covered"] < 0.82
    assert ours["covered"] + ours["too_high"] + ours["too_low"] == pytest.approx(1)


def test_forgetting_groups_is_too_narrow():
    study = Study(auroc=0.9, groups=40, samples=5, correlation=0.8)
    table = coverage_table(["default", "groups forgotten", "accuracy"], [study], repetitions=150).droplevel([0, 1, 2])
    assert table.loc["default", "covered"] > 0.88
    assert table.loc["accuracy", "covered"] > 0.88
    assert table.loc["groups forgotten", "covered"] < 0.80


@pytest.mark.notebooks
@pytest.mark.parametrize("study", grid(), ids=lambda study: f"{study.auroc}-{study.groups}x{study.samples}")
def test_the_default_holds_its_level_over_the_whole_grid(study):
    """.93 to .97, give or take three standard errors of 1,000 simulated studies."""
    assert 0.93 - 0.024 < coverage("default", study, repetitions=1000, seed=11)["covered"] < 0.97 + 0.016


@pytest.mark.parametrize(("groups", "samples"), [(22, 1), (22, 5), (150, 1)])
def test_brier_holds_its_level_for_a_nearly_perfect_model(groups, samples):
    """The group bootstrap covers .79 with 22 groups of one."""
    assert coverage("brier", Study(0.99, groups, samples), repetitions=300, seed=2)["covered"] > 0.92


def test_table_knows_its_own_uncertainty():
    table = coverage_table(FORMULAS, grid((0.9,), (22,)), repetitions=60)
    assert len(table) == 2 * len(FORMULAS)
    assert ((table["covered_low"] <= table["covered"]) & (table["covered"] <= table["covered_high"])).all()
    words = coverage_text(table)
    assert list(words.columns) == list(FORMULAS) and words.shape == (2, len(FORMULAS))
    assert words["default"].str.fullmatch(r"[01]\.\d{3} ± 0\.\d{3}").all()


def test_command_prints_the_grid(capsys, monkeypatch):
    monkeypatch.setattr("helpers.evaluation.coverage.grid", lambda: [Study(0.9, 22)])
    main(["--repetitions", "20", "default", "calibration_slope", "auroc_difference"])
    printed = capsys.readouterr().out
    assert "calibration_slope" in printed and "0.9" in printed
    with pytest.raises(SystemExit) as stopped:
        main(["exact"])
    assert stopped.value.code == 2


def test_bad_study():
    with pytest.raises(InputError):
        Study(auroc=1.0, groups=20)
    with pytest.raises(InputError):
        Study(auroc=0.9, groups=3)
    with pytest.raises(InputError, match="unknown method"):
        coverage("exact", Study(auroc=0.9, groups=20))
