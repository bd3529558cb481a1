"""Figures, tables and sentences of 03_rnn: everything has room, shows what was given, and no sentence contradicts it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.phantoms.ecg import ecg_phantom
from helpers.evaluation.comparison import PairedComparison
from helpers.report import class_tables, rnn_plots, rnn_readings, writing
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
SECONDS = np.linspace(-0.5, 0.5, 30)
NAMES = ("normal", "supraventricular", "ventricular", "fusion", "unclassified")
COURSES = GENERATOR.dirichlet(np.ones(5), size=(3, 30))
TRACES = GENERATOR.normal(size=(3, 30))
FADES = {"simple": 0.8 ** np.arange(60), "gone": 0.1 ** np.arange(60)}
GATED = {"LSTM, gates open": 0.99 ** np.arange(60), "exploding": 1.1 ** np.arange(60)}
SENTENCE = "after removal of the drain effusion cannot be excluded"


@pytest.fixture(scope="module")
def beats():
    return ecg_phantom(200)


def figures(beats):
    rows = {name: np.flatnonzero(beats.targets == label)[:4] for label, name in enumerate(beats.class_names)}
    seconds = np.arange(beats.inputs.shape[1]) / 360 - 0.5
    states = {"normal": np.tanh(GENERATOR.normal(size=(30, 8))), "ventricular": np.zeros((30, 8))}
    forecasts = {"last value": np.array([71.0, 80]), "network": np.array([70.0, 81])}
    return {
        "beats": rnn_plots.beat_sheet(beats, rows, seconds),
        "states": rnn_plots.state_plot(dict(zip(states, TRACES, strict=False)), states, SECONDS, "States"),
        "fading": rnn_plots.fading_plot({"simple networks": FADES, "gated cells": GATED}, "Gradients"),
        "courses": rnn_plots.course_plot(TRACES, COURSES, np.array([0, 1, 4]), NAMES, SECONDS),
        "forecasts": rnn_plots.forecast_plot(
            70 + GENERATOR.normal(size=(2, 32)), np.array([70, 79]), forecasts, "Next"
        ),
        "words": rnn_plots.word_plot([SENTENCE] * 2, [np.linspace(0, 1, 9)] * 2, "possible", "Word by word"),
    }


@pytest.mark.parametrize("name", ["beats", "states", "fading", "courses", "forecasts", "words"])
def test_titles_labels_and_legends_lie_inside_the_figure(name, beats, assert_inside):
    assert_inside(figures(beats)[name])


@pytest.mark.parametrize(
    "call",
    [
        lambda: rnn_plots.beat_sheet(None, {}, SECONDS),
        lambda: rnn_plots.state_plot({"a": TRACES[0]}, {"b": np.zeros((30, 8))}, SECONDS),
        lambda: rnn_plots.fading_plot({}),
        lambda: rnn_plots.course_plot(TRACES, COURSES, np.array([0, 1, 4]), NAMES[:3], SECONDS),
        lambda: rnn_plots.course_plot(TRACES[:0], COURSES[:0], np.array([]), NAMES, SECONDS),
        lambda: rnn_plots.word_plot([SENTENCE], [np.zeros(3)], "possible"),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_panels_of_the_gradients_share_one_logarithmic_axis_and_the_lowest_is_still_drawn(beats):
    panels = figures(beats)["fading"].axes
    assert {axes.get_yscale() for axes in panels} == {"log"} and len({axes.get_ylim() for axes in panels}) == 1
    assert min(np.min(line.get_ydata()) for line in panels[0].lines) == rnn_plots.SMALLEST_SHARE
    assert [bool(axes.get_ylabel()) for axes in panels] == [True, False]


def test_words_stand_under_their_points(beats):
    axes = figures(beats)["words"].axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == SENTENCE.split()


def test_multiclass_scores_are_stored_and_shown(beats, tmp_path):
    part = beats.part("train")
    run = writing.Run("03_rnn", "Recurrent networks", "ecg-phantom", "quick", 0, str(tmp_path))
    run.add_dataset(beats)
    called = {"majority": np.zeros(len(part), dtype=int), "perfect": part.targets}
    table = class_tables.multiclass_scores(run, part, called)
    assert table.loc[("ventricular", "positive predictive value"), "majority"] == "never called"
    assert table.loc[("ventricular", "sensitivity"), "perfect"].startswith("1.000 (")
    stored = {metric["name"]: metric for metric in run.save()["metrics"]}
    assert table.loc[("ventricular", "sensitivity"), "majority"] == "0 by definition"
    assert table.loc[("normal", "sensitivity"), "majority"] == "1 by definition"
    assert table.loc[("all beats", "accuracy"), "majority"].startswith("0.")  # how common normal beats are is estimated
    exact = stored["sensitivity_majority_ventricular"]
    assert exact["value"] == 0 and exact["kind"] == "exact"
    assert stored["accuracy_perfect"]["groups"] == len(np.unique(part.groups))
    assert "positive_predictive_value_majority_ventricular" not in stored


def gap(low, high):
    return PairedComparison(0.1, 0.2, (low + high) / 2, low, high, 0.5, "test")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (rnn_readings.error_gap(gap(-0.2, -0.1), "A", "B"), "fewer errors"),
        (rnn_readings.error_gap(gap(0.1, 0.2), "A", "B"), "simpler model wins"),
        (rnn_readings.error_gap(gap(-0.1, 0.1), "A", "B"), "cannot be told apart"),
        (rnn_readings.error_gap(gap(np.nan, np.nan), "A", "B"), "do not tell"),
        (rnn_readings.word_models({"bag of words": 0.5, "network": 1.0}, gap(-0.2, -0.1)), "does it better"),
        (rnn_readings.word_models({"bag of words": 0.5, "network": 0.6}, gap(0.1, 0.2)), "phrases do better"),
        (rnn_readings.word_models({"bag of words": 0.5, "network": 0.9}, gap(-0.1, 0.1)), "cannot tell"),
        (rnn_readings.unfamiliar(1.0, 0.52), "hardly better than a coin"),
        (rnn_readings.unfamiliar(1.0, 0.75), "cost a good part"),
        (rnn_readings.unfamiliar(1.0, 0.97), "about as well"),
        (rnn_readings.fading(FADES), "simple: after 21 steps"),
        (rnn_readings.fading(GATED), "0.6 at the end)"),
        (rnn_readings.fading(GATED), "where it has grown"),
        (rnn_readings.as_built(1e-4, {"GRU": 1e-10, "LSTM": 1e-6}, 50), "does not hold"),
        (rnn_readings.as_built(1e-12, {"GRU": 1e-10, "LSTM": 1e-6}, 50), "holds before"),
        (rnn_readings.as_built(1e-8, {"GRU": 1e-10, "LSTM": 1e-6}, 50), "one of the cells"),
        (rnn_readings.open_gates(FADES | GATED, ["LSTM, gates open"], 50), "1 of 1"),
        (rnn_readings.open_gates(FADES | GATED, ["LSTM, gates open"], 50), "gates are learned"),
        (rnn_readings.open_gates(FADES | GATED, ["gone"], 50), "does not decide alone"),
        (rnn_readings.turning_word("no pneumothorax", np.array([0.7, 0.1])), "by the word 'pneumothorax'"),
        (rnn_readings.turning_word("no pneumothorax", np.array([0.2, 0.1])), "from the first word"),
    ],
)
def test_every_outcome_has_its_sentence(sentence, words):
    assert words in sentence


def test_losses_and_moments():
    history = pd.DataFrame({"loss": [1.0, 0.2], "validation_loss": [1.0, 0.4]})
    assert "better than strangers" in rnn_readings.losses(history, "patient")
    assert "as well as" in rnn_readings.losses(replace_last(history, 0.21), "patient")
    courses = np.zeros((3, 30, 5))
    courses[0, :, 0] = 1
    courses[1, :20, 0] = courses[1, 20:, 1] = 1
    courses[2, :, 3] = 1
    lines = rnn_readings.decided(courses, SECONDS, np.array([0, 1, 4]), NAMES).splitlines()
    assert lines[0].endswith("from the first step on") and "something else" in lines[2]
    assert lines[1] == f"supraventricular: settled {SECONDS[20]:.2f} s after the beat"


def replace_last(history, value):
    changed = history.copy()
    changed.loc[1, "validation_loss"] = value
    return changed


def test_a_class_that_does_not_occur_has_no_row(beats, tmp_path):
    few = beats.select(beats.targets < 2)
    run = writing.Run("03_rnn", "Recurrent networks", "ecg-phantom", "quick", 0, str(tmp_path))
    table = class_tables.multiclass_scores(run, replace(few, split=np.full(len(few), "test")), {"a": few.targets})
    assert set(table.index.get_level_values("beats")) == {"all beats", "normal", "supraventricular"}
