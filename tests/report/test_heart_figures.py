"""Figures, tables and sentences of the table road of 08: everything has room, and no sentence contradicts its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.phantoms.hospitals import heart_phantom
from helpers.evaluation.calibration import Recalibration
from helpers.evaluation.comparison import PairedComparison, from_separate_intervals
from helpers.evaluation.decisions import decision_curve
from helpers.evaluation.missing_measurements import missing_shares
from helpers.evaluation.nested_validation import HeldOut
from helpers.evaluation.proportions import Interval, wilson
from helpers.evaluation.site_recalibration import site_scores
from helpers.report import heart_plots, heart_readings, heart_tables, writing
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def patients():
    return heart_phantom()


@pytest.fixture
def run(tmp_path, patients):
    made = writing.Run("08_heart_disease", "Heart disease", "heart-phantom", "quick", 0, str(tmp_path))
    made.add_dataset(patients)
    return made


def interval(value, half=0.05):
    return Interval(value, value - half, value + half, "test")


def gap(low, high):
    return PairedComparison(0.9, 0.88, (low + high) / 2, low, high, 0.5, "test")


CHANGES = {
    "moved": {"A": gap(-0.1, 0.1), "B": gap(-0.1, 0.1), "C": gap(0.1, 0.3)},
    "recalibrated": {"A": gap(-0.3, -0.1), "B": gap(0.1, 0.3), "C": gap(-0.1, 0.1)},
}


def figures(patients):
    names, oracle = patients.site_names, patients.truth["oracle"]
    table = site_scores(patients.targets, oracle, patients.sites, names)
    states = {"as it comes": table, "moved to the local share": table, "recalibrated": table}
    curves = {}
    for site, name in enumerate(names):
        here = patients.sites == site
        curve = decision_curve(patients.targets[here], oracle[here])
        curves[name] = {"as it comes": curve, "recalibrated": curve}
    models = {model: list(table["auroc"]) for model in ("logistic regression", "boosting", "network")}
    return {
        "missing": heart_plots.missing_plot(missing_shares(patients), "What each hospital did not measure"),
        "travel": heart_plots.travel_plot(models, names, "Each hospital, judged by models of the other three"),
        "calibration": heart_plots.calibration_travel_plot(states, heart_readings.levels_title(CHANGES)),
        "treatment": heart_plots.treatment_plot(curves, 0.2, list(table["ill"]), "What it is worth"),
    }


@pytest.mark.parametrize("name", ["missing", "travel", "calibration", "treatment"])
def test_titles_labels_and_legends_lie_inside_the_figure(name, patients, assert_inside):
    assert_inside(figures(patients)[name])


def test_harm_and_wide_intervals_stay_inside_the_axes():
    thresholds = np.array([0.1, 0.9])
    curve = pd.DataFrame({"threshold": thresholds, "model": [0.3, -0.8], "treat_all": [0.4, -4.0]})
    harmful = heart_plots.treatment_plot({"A": {"as it comes": curve}}, 0.2, [0.5])
    assert harmful.axes[0].get_ylim()[0] < -0.8
    wide = heart_plots.travel_plot({"network": [Interval(0.6, 0.2, 0.9, "test")]}, ["A"])
    assert wide.axes[0].get_xlim()[0] < 0.2


def test_what_is_drawn_is_what_was_given(patients):
    drawn = figures(patients)
    shown = [text.get_text() for text in drawn["missing"].axes[0].texts]
    assert len(shown) == 52 and shown.count("100 %") >= 1
    panels = drawn["treatment"].axes
    assert panels[2].get_title() == "hospital C: 91 % ill"
    assert all(0.2 in line.get_xdata() for line in (axes.lines[-1] for axes in panels))


@pytest.mark.parametrize(
    "call",
    [
        lambda: heart_plots.missing_plot(pd.DataFrame()),
        lambda: heart_plots.travel_plot({}, ("a",)),
        lambda: heart_plots.travel_plot({"model": [interval(0.8)]}, ("a", "b")),
        lambda: heart_plots.calibration_travel_plot({}),
        lambda: heart_plots.treatment_plot({}, 0.2, []),
        lambda: heart_plots.treatment_plot({"A": {"as it comes": None}, "B": {"as it comes": None}}, 0.2, [0.5]),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_scores_are_stored_and_shown(run, patients):
    home = patients.select(patients.sites == 0)
    held = {"the network": HeldOut(np.stack([home.truth["oracle"]] * 2), ("small", "large", "small"))}
    words = heart_tables.home_scores(run, home, held)
    assert words.loc["the network", "mostly chosen inside"] == "small (2 of 3)"
    table = heart_tables.travel_scores(run, patients, "the network", patients.truth["oracle"])
    oracle = patients.truth["oracle"]
    states = {"as it comes": np.full(len(patients), 0.5), "recalibrated": oracle}
    repaired, changes = heart_tables.repair_scores(run, patients, states, 200)
    assert list(repaired) == list(states) and list(changes) == ["recalibrated"]
    assert all(change.high < 0 for change in changes["recalibrated"].values()), "the truth beats a coin"
    local, losses = heart_tables.travel_losses(run, patients, np.stack([oracle] * 2), 1 - oracle)
    assert all(loss.low > 0 for loss in losses.values())
    heart_tables.loss_changes(run, patients, "marks", oracle, states["as it comes"], 200)
    assert heart_tables.site_words(table).loc["hospital C", "ill"] == "91%"
    numbers, shown = heart_tables.policy_table(run, patients, patients.truth["oracle"], 0.2, 200)
    assert numbers.loc["hospital C", "policy"] == "treat all" and list(shown.index) == list(patients.site_names)
    stored = {metric["name"]: metric for metric in run.save()["metrics"]}
    assert stored["home_auroc_the_network"]["split"] == "cross-validation"
    assert stored["home_auroc_the_network"]["groups"] == 300
    assert stored["travel_auroc_the_network_hospital_d"]["value"] == table.loc["hospital D", "auroc"].value
    assert {"as_it_comes_slope_hospital_a", "as_it_comes_intercept_hospital_b"} <= set(stored)
    assert stored["local_auroc_hospital_b"]["value"] == local["hospital B"].value
    assert stored["travel_loss_hospital_c"]["value"] == losses["hospital C"].difference
    assert stored["travel_loss_hospital_c"]["groups"] == (patients.sites == 2).sum()
    assert stored["repair_recalibrated_logloss_hospital_d"]["value"] == changes["recalibrated"]["hospital D"].difference
    assert stored["marks_logloss_hospital_a"]["high"] < 0
    assert stored["policy_gain_hospital_b"]["value"] == pytest.approx(numbers.loc["hospital B", "gain"])


def gaps(**hospitals):
    """Hospital to (healthy without the measurement, healthy, ill without, ill)."""
    rows = {}
    for name, (healthy, all_healthy, ill, all_ill) in hospitals.items():
        gap = from_separate_intervals(wilson(ill, all_ill), wilson(healthy, all_healthy))
        shares = {"healthy": healthy / all_healthy, "ill": ill / all_ill}
        counts = {"healthy_patients": all_healthy, "ill_patients": all_ill}
        rows[name] = shares | counts | {"gap": gap.difference, "low": gap.low, "high": gap.high}
    return pd.DataFrame.from_dict(rows, orient="index")


AGAINST, FOR, SILENT, FEW = (50, 100, 10, 100), (10, 100, 50, 100), (100, 1000, 100, 1000), (0, 8, 17, 115)
HOME = Interval(0.9, 0.86, 0.94, "test")


def level(*values):
    table = pd.DataFrame({"intercept": [interval(value) for value in values]}, index=list("ABC")[: len(values)])
    table["slope"] = [interval(1.0, half) for half in (0.2, 1.5, 0.2)][: len(values)]
    return table.assign(patients=[100, 123, 100][: len(values)], ill=[0.5, 115 / 123, 0.5][: len(values)])


def repaired(before, moved, recalibrated):
    states = ("as it comes", "moved", "recalibrated")
    return {name: level(*values) for name, values in zip(states, (before, moved, recalibrated), strict=True)}


def fitted(slope, half):
    return Recalibration(interval(slope, half), interval(0.0))


WRONG = repaired((0.5, -0.5, 0.0), (0.0, 0.3, 0.4), (0.0, 0.0, 0.0))
GAINS = pd.DataFrame({"low": [0.01, -0.1, -0.3, np.nan], "high": [0.1, 0.1, -0.2, np.nan]}, index=list("ABCD"))


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (heart_readings.missing_by_disease(gaps(A=AGAINST, B=SILENT), "slope"), "in A against disease (10% of the ill"),
        (heart_readings.missing_by_disease(gaps(A=AGAINST, B=SILENT), "slope"), "in B it says little or nothing"),
        (heart_readings.missing_by_disease(gaps(A=AGAINST, B=FOR), "slope"), "one way here and the other way there"),
        (heart_readings.missing_by_disease(gaps(A=AGAINST, B=FEW), "slope"), "in B it cannot be told (8 healthy)"),
        (heart_readings.missing_by_disease(gaps(A=AGAINST, B=FEW), "slope"), "no property of a heart"),
        (heart_readings.missing_by_disease(gaps(A=SILENT, B=FEW), "slope"), "Nowhere is a missing slope shown"),
        (heart_readings.missing_by_disease(gaps(A=SILENT), "slope"), "shown to tell the diagnosis."),
        (heart_readings.calibration_verdict(fitted(1.0, 0.04), 0.95, 1.05, 9000), ", inside the 0.95 to 1.05"),
        (heart_readings.calibration_verdict(fitted(1.2, 0.04), 0.95, 1.05, 9000), ", beyond the 0.95 to 1.05"),
        (heart_readings.calibration_verdict(fitted(0.8, 0.04), 0.95, 1.05, 9000), ", beyond the 0.95 to 1.05"),
        (heart_readings.calibration_verdict(fitted(1.0, 0.2), 0.95, 1.05, 303), "lies inside the 0.95 to 1.05"),
        (heart_readings.calibration_verdict(fitted(1.1, 0.2), 0.95, 1.05, 303), "and 303 patients cannot tell"),
        (heart_readings.calibration_title(fitted(1.1, 0.2), 0.95, 1.05, 303), "The network: slope 1.10 (0.90 to 1.30)"),
        (heart_readings.travel({"A": HOME}, {"A": HOME}, {"A": gap(0.01, 0.03)}), ", a loss on the way."),
        (
            heart_readings.travel({"A": HOME}, {"A": HOME}, {"A": gap(-0.03, -0.01)}),
            "ranks better than one made there of fewer patients",
        ),
        (
            heart_readings.travel({"A": HOME, "B": interval(0.6)}, {"B": HOME}, {"B": gap(-0.1, 0.1)}),
            "no loss on the way is shown.",
        ),
        (
            heart_readings.travel({"A": HOME, "B": interval(0.6)}, {"B": interval(0.7)}, {"B": gap(-0.1, 0.1)}),
            "these patients are hard",
        ),
        (heart_readings.travel_title({"A": gap(0.01, 0.03), "B": gap(-0.1, 0.1)}), "made there: A"),
        (heart_readings.travel_title({"A": gap(-0.1, 0.1)}), "At no hospital"),
        (
            heart_readings.levels_title(CHANGES),
            "Recalibrated: log loss shown to be lower at 1 of 3 hospitals, higher at 1",
        ),
        (heart_readings.repairs(WRONG, CHANGES), "as it comes: level shown to be wrong in A and B"),
        (heart_readings.repairs(WRONG, CHANGES), "holds 0 again in A and has lost it in C; log loss shown to be lower"),
        (heart_readings.repairs(WRONG, CHANGES), "holds 0 again in A and B and has lost it nowhere (by construction"),
        (heart_readings.repairs(WRONG, CHANGES), "lower in A, higher in B (A -0.200 (-0.300 to -0.100)"),
        (heart_readings.repairs(WRONG, CHANGES), "No slope can be learned in B: with 8 patients of the rarer class"),
        (heart_readings.gains(GAINS, 0.2), "in A the model is shown to be worth more"),
        (heart_readings.gains(GAINS, 0.2), "in C it is shown to be worth less"),
        (heart_readings.gains(GAINS, 0.2), "in D it decides the same for everybody"),
        (heart_readings.gains(GAINS.iloc[1:2], 0.2), "nowhere the model is shown"),
        (heart_readings.gains_title(GAINS), "at 1 of 4 hospitals"),
        (heart_readings.marks({"A": gap(-0.3, -0.1), "B": gap(-0.1, 0.1)}), "help in A and are not shown to harm"),
        (heart_readings.marks({"A": gap(0.1, 0.3), "B": gap(-0.1, 0.1)}), "harm in A and are not shown to help"),
        (heart_readings.marks({"A": gap(-0.3, -0.1), "B": gap(0.1, 0.3)}), "help in A and harm in B"),
        (heart_readings.marks({"A": gap(-0.1, 0.1)}), "A +0.000 (-0.100 to +0.100). Nowhere is help or harm shown"),
        (heart_readings.marks({"A": gap(np.nan, np.nan)}), "Nowhere is help or harm"),
    ],
)
def test_every_outcome_has_its_sentence(sentence, words):
    assert words in sentence


def test_the_ceiling_is_told_only_where_it_is_known(patients):
    home = patients.select(patients.sites == 0)
    assert "Best reachable AUROC" in heart_readings.ceiling(home)
    truth = {name: values for name, values in home.truth.items() if name != "oracle"}
    assert "Nobody knows" in heart_readings.ceiling(replace(home, truth=truth))
