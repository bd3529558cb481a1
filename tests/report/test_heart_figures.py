"""Figures, tables and sentences of the table road of 08: everything has room, and no sentence contradicts its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.phantoms.hospitals import heart_phantom
from helpers.evaluation.calibration import Recalibration
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.decisions import decision_curve
from helpers.evaluation.missing_measurements import missing_shares
from helpers.evaluation.nested_validation import HeldOut
from helpers.evaluation.proportions import Interval
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
        "calibration": heart_plots.calibration_travel_plot(states, heart_readings.levels_title(states)),
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
    heart_tables.repair_scores(run, patients, "as it comes", patients.truth["oracle"])
    assert heart_tables.site_words(table).loc["hospital C", "ill"] == "91%"
    numbers, shown = heart_tables.policy_table(run, patients, patients.truth["oracle"], 0.2, 200)
    assert numbers.loc["hospital C", "policy"] == "treat all" and list(shown.index) == list(patients.site_names)
    stored = {metric["name"]: metric for metric in run.save()["metrics"]}
    assert stored["home_auroc_the_network"]["split"] == "cross-validation"
    assert stored["home_auroc_the_network"]["groups"] == 300
    assert stored["travel_auroc_the_network_hospital_d"]["value"] == table.loc["hospital D", "auroc"].value
    assert {"as_it_comes_slope_hospital_a", "as_it_comes_intercept_hospital_b"} <= set(stored)
    assert stored["policy_gain_hospital_b"]["value"] == pytest.approx(numbers.loc["hospital B", "gain"])


def gap(low, high):
    return PairedComparison(0.9, 0.88, (low + high) / 2, low, high, 0.5, "test")


def gaps(healthy, ill):
    return pd.DataFrame({"healthy": healthy, "ill": ill}, index=["A", "B"])


def levels(*values):
    states = ("as it comes", "recalibrated")
    return {name: pd.DataFrame({"intercept": [interval(value)]}) for name, value in zip(states, values, strict=True)}


GAINS = pd.DataFrame({"low": [0.01, -0.1, -0.3, np.nan], "high": [0.1, 0.1, -0.2, np.nan]}, index=list("ABCD"))


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (heart_readings.missing_by_disease(gaps([0.5, 0.1], [0.1, 0.1]), "slope"), "in A against disease"),
        (heart_readings.missing_by_disease(gaps([0.5, 0.1], [0.1, 0.5]), "slope"), "one way here and the other way"),
        (heart_readings.missing_by_disease(gaps([0.5, 0.1], [0.5, 0.1]), "slope"), "Nowhere"),
        (heart_readings.home_title(gap(0.01, 0.02)), "ranks better"),
        (heart_readings.home_title(gap(-0.02, -0.01)), "ranks worse"),
        (heart_readings.home_title(gap(-0.01, 0.01)), "does not beat logistic regression"),
        (heart_readings.calibration_verdict(Recalibration(interval(1.0), interval(0.0)), 0.95, 1.05), ", inside the"),
        (heart_readings.calibration_verdict(Recalibration(interval(1.2), interval(0.0)), 0.95, 1.05), ", outside the"),
        (heart_readings.travel(0.9, {"B": interval(0.7), "C": interval(0.5)}), "At 1 of 2 hospitals"),
        (heart_readings.travel(0.9, {"B": interval(0.7), "C": interval(0.9)}), "At B the interval lies wholly below"),
        (heart_readings.travel(0.9, {"B": interval(0.9)}), "cannot be shown"),
        (heart_readings.travel_title(0.9, {"B": interval(0.9)}), "No loss"),
        (heart_readings.travel_title(0.9, {"B": interval(0.7), "C": interval(0.9)}), "At 1 of 2 other hospitals"),
        (heart_readings.levels(levels(1.2, 0.1)), "Local patients repair"),
        (heart_readings.levels(levels(0.2, 0.1)), "right from the start"),
        (heart_readings.levels(levels(1.2, 0.8)), "not right everywhere"),
        (heart_readings.levels_title(levels(1.2, 0.01)), "as it comes at 1 of 1 hospitals, recalibrated at 0"),
        (heart_readings.gains(GAINS, 0.2), "in A the model is shown to be worth more"),
        (heart_readings.gains(GAINS, 0.2), "in C it is shown to be worth less"),
        (heart_readings.gains(GAINS, 0.2), "in D it decides the same for everybody"),
        (heart_readings.gains(GAINS.iloc[1:2], 0.2), "nowhere the model is shown"),
        (heart_readings.gains_title(GAINS), "at 1 of 4 hospitals"),
        (heart_readings.marks(-0.1, {"A": -0.1, "B": -0.2}), "help in A and B and harm nowhere"),
        (heart_readings.marks(0.1, {"A": 0.1, "B": 0.2}), "harm in A and B and help nowhere"),
        (heart_readings.marks(0.1, {"A": -0.1, "B": 0.2}), "help in A and harm in B"),
        (heart_readings.marks(0.0, {"A": -0.001, "B": 0.002}), "Nowhere does it matter"),
    ],
)
def test_every_outcome_has_its_sentence(sentence, words):
    assert words in sentence


def test_the_ceiling_is_told_only_where_it_is_known(patients):
    home = patients.select(patients.sites == 0)
    assert "Best reachable AUROC" in heart_readings.ceiling(home)
    truth = {name: values for name, values in home.truth.items() if name != "oracle"}
    assert "Nobody knows" in heart_readings.ceiling(replace(home, truth=truth))
