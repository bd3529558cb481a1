"""Figures and sentences of the ECG road of 08_heart_disease: everything has room, and no sentence contradicts its numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data import catalog
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.evaluation.record_scores import record_table
from helpers.report import heartbeat_plots, heartbeat_tables, writing
from helpers.report import heartbeat_readings as readings
from helpers.runtime import InputError

NAMES = ("normal", "supraventricular", "ventricular", "fusion")
SECONDS = np.linspace(-0.5, 0.5, 30)


def interval(value, half=0.05):
    return Interval(value, value - half, value + half, "any")


def measures(accuracy, kappa, index, half=0.02):
    return {"accuracy": interval(accuracy, half), "kappa": interval(kappa, half), "jk index": interval(index, half)}


def gap(low, high):
    return PairedComparison(0.8, 0.8 - (low + high) / 2, (low + high) / 2, low, high, 0.5, "any")


def records(errors):
    errors = np.array(errors)
    return pd.DataFrame(
        {"beats": 1000, "errors": errors, "accuracy": 1 - errors / 1000}, index=100 + np.arange(len(errors))
    )


def pooled(value, others, share):
    rows = [
        {"value": one, "low": 0.0, "high": 1.0, "method": "any", "samples": 40, "groups": 4, "largest_share": share}
        for one in (value, others)
    ]
    return pd.DataFrame(rows, index=["all records", "without the largest"])


def figures():
    generator = np.random.default_rng(0)
    traces = dict(zip(NAMES, generator.normal(size=(4, 30)), strict=True))
    found = {"boosted trees": measures(0.9, 0.6, 0.7), "network, split by beat": measures(0.99, 0.98, 0.99, 0.005)}
    published = {"SVM ensemble (2019)": {"accuracy": 0.945, "jk index": 0.773}}
    counts = np.array([[40000, 200, 30, 1], [300, 1200, 12, 0], [4, 5, 3000, 9], [300, 0, 60, 20]])
    return {
        "rhythm": heartbeat_plots.rhythm_plot(
            np.arange(40) * 0.8, 0.7 + 0.1 * generator.random(40), np.arange(40) % 4, NAMES, "Forty beats"
        ),
        "usual beat": heartbeat_plots.usual_beat_plot(
            traces, generator.normal(size=(4, 30)), SECONDS, "record", "Usual"
        ),
        "classes": heartbeat_plots.class_matrix_plot(counts, NAMES, "What was called what"),
        "records": heartbeat_plots.record_plot(records(range(0, 440, 20)), "record", "Whose beats are missed"),
        "measures": heartbeat_plots.measure_plot(found, published, "Two models and a published one"),
    }


@pytest.mark.parametrize("name", ["rhythm", "usual beat", "classes", "records", "measures"])
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(figures()[name])


def test_figures_show_what_was_given():
    drawn = figures()
    texts = [text.get_text() for text in drawn["classes"].axes[0].texts]
    assert texts[5] == "1,200\n79.4 %" and len(texts) == 16
    bars = [bar.get_height() for bar in drawn["records"].axes[0].patches]
    assert bars == sorted(bars, reverse=True) and bars[0] == 420
    assert [tick.get_text() for tick in drawn["records"].axes[0].get_xticklabels()][:2] == ["1", "2"]
    colors = [bar.get_facecolor() for bar in drawn["records"].axes[0].patches]
    assert colors[0] == colors[2] != colors[3] == colors[-1]
    vertical = [line.get_xdata()[0] for line in drawn["measures"].axes[0].lines if len(set(line.get_xdata())) == 1]
    assert 0.945 in vertical
    assert len(drawn["measures"].axes) == 3 and len(drawn["rhythm"].axes[0].collections) == 4


def test_figures_without_data_are_refused():
    for draw in (
        lambda: heartbeat_plots.measure_plot({}),
        lambda: heartbeat_plots.record_plot(records([]), "record"),
        lambda: heartbeat_plots.class_matrix_plot(np.zeros((2, 3)), NAMES),
        lambda: heartbeat_plots.usual_beat_plot({}, np.zeros((0, 30)), SECONDS, "record"),
    ):
        with pytest.raises(InputError):
            draw()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.01, 0.05, "higher jk index"), (-0.05, -0.01, "simpler model wins"), (-0.02, 0.02, "cannot be told apart")],
)
def test_a_paired_comparison_is_read_by_its_interval(low, high, words):
    sentence = readings.comparison(gap(low, high), "The network", "boosted trees")
    assert words in sentence and f"{low:+.3f} to {high:+.3f}" in sentence


def test_an_undefined_comparison_promises_nothing():
    unknown = PairedComparison(0.8, 0.7, 0.1, *(float("nan"),) * 3, "not defined")
    assert "do not tell" in readings.comparison(unknown, "The network", "boosted trees")


def test_accuracy_beside_kappa():
    assert "normal" in readings.agreement(measures(0.95, 0.7, 0.75), 22, "record")
    assert "nearly as high" in readings.agreement(measures(0.97, 0.93, 0.95), 20, "patient")
    assert "not defined" in readings.agreement(measures(0.97, 0.93, float("nan")), 20, "patient")


@pytest.mark.parametrize(
    ("value", "others", "words"),
    [(0.9, 0.6, "flatters"), (0.5, 0.8, "harder"), (0.8, 0.79, "does not change"), (0.8, np.nan, "Nobody else")],
)
def test_what_one_person_does_to_a_pooled_share(value, others, words):
    sentence = readings.one_person(pooled(value, others, 0.75), "supraventricular", "record")
    assert words in sentence and "75% come from one" in sentence


def test_errors_are_concentrated_or_spread():
    few = records([300, 200, 100] + [5] * 19)
    assert "fails on somebody" in readings.concentration(few, "record")
    assert "3 records with most errors, of 22, hold 86%" in readings.concentration_title(few, "record")
    even = records([10] * 22)
    assert "spread" in readings.concentration(even, "record") and "22 have at most" in readings.concentration(
        even, "record"
    )
    assert "No beat" in readings.concentration(records([0] * 4), "patient")
    assert "hold 0% of all errors" in readings.concentration_title(records([0] * 4), "patient")


@pytest.mark.parametrize(
    ("low", "high", "words", "ending"),
    [
        (0.05, 0.2, "promises what no new patient gets", "by record"),
        (-0.2, -0.05, "it harms", "no difference shown"),
        (-0.1, 0.2, "has to be by record all the same", "no difference shown"),
        (np.nan, np.nan, "these data do not tell", "no difference shown"),
    ],
)
def test_the_trap_is_judged_by_the_paired_difference(low, high, words, ending):
    trap = gap(low, high)
    sentence = readings.split_trap(trap, interval(0.98), interval(0.72), "record")
    assert words in sentence and "0.980 (0.930 to 1.030) by beat" in sentence and "would prove nothing" in sentence
    assert readings.trap_title(trap, "record").endswith(ending)


COUNTS = np.array([[900, 10, 5, 0], [20, 60, 0, 0], [2, 0, 98, 0], [30, 0, 5, 5]])


def test_what_becomes_of_fusion_beats():
    sentence = readings.fusion(COUNTS, NAMES)
    assert "Of 40 fusion beats 5 (12%) are found; 30 are called normal" in sentence and "3.5% of all beats" in sentence
    found = COUNTS.copy()
    found[3] = [2, 0, 3, 35]
    assert "35 (88%) are found. They" in readings.fusion(found, NAMES)
    assert "no fusion beats" in readings.fusion(COUNTS[:3, :3], NAMES[:3])
    assert readings.matrix_title(COUNTS, NAMES) == "Both together: worst at fusion beats, 5 of 40 found"
    absent = COUNTS.copy()
    absent[3] = 0
    assert "supraventricular beats, 60 of 80" in readings.matrix_title(absent, NAMES)


def test_normal_beats_are_not_all_of_one_kind():
    beats = catalog.load("ecg-phantom", maximum=200)
    assert "start in the sinus node" in readings.normal_kinds(beats)
    normal = np.flatnonzero(beats.targets == 0)
    symbols = np.full(len(beats), "V")
    symbols[normal] = "N"
    symbols[normal[:4]] = ["L", "R", "R", "e"]
    marked = replace(beats, truth=beats.truth | {"symbol": symbols})
    assert f"Of {len(normal)} normal beats 3 (" in readings.normal_kinds(marked)
    assert "1 are escape beats" in readings.normal_kinds(marked)


def test_scores_of_beats_are_stored_and_recordings_are_numbered(tmp_path):
    beats = catalog.load("ecg-phantom", maximum=200)
    run = writing.Run("08_heart_disease", "Heart disease", "ecg-phantom", "quick", 0, str(tmp_path))
    run.add_dataset(beats)
    wrong = np.where(np.arange(len(beats)) % 7 == 0, 0, beats.targets)
    called = {"majority": np.zeros(len(beats), dtype=int), "trees, by beat": wrong}
    found = heartbeat_tables.heartbeat_agreement(run, beats, called, 200, "cross-validation")
    early = heartbeat_tables.early_beats(run, beats, "trees", wrong)
    stored = {metric["name"]: metric for metric in run.save()["metrics"]}
    assert stored["ecg_kappa_majority"]["kind"] == stored["ecg_jk_index_majority"]["kind"] == "exact"
    assert stored["ecg_accuracy_majority"]["kind"] == "estimate"
    trees = stored["ecg_jk_index_trees_by_beat"]
    assert trees["value"] == found["trees, by beat"]["jk index"].value and trees["split"] == "cross-validation"
    table = record_table(beats.targets, wrong, beats.groups, beats.class_names)
    words = heartbeat_tables.record_words(table, beats.class_names, "patient")
    assert words.index.tolist() == list(range(1, len(table) + 1)) and words.index.name == "patient"
    assert words["errors"].sum() == (wrong != beats.targets).sum() and words["false alarms"].sum() == 0
    assert words["supraventricular found"].sum() == ((wrong == 1) & (beats.targets == 1)).sum()
    lines = readings.whose_beats(table, early, COUNTS, beats.class_names + ("fusion",), "patient").splitlines()
    assert len(lines) == 3 and lines[2].startswith("Of 40 fusion beats")


def test_published_values_are_placed_against_intervals():
    found = measures(0.95, 0.7, 0.75, half=0.03)
    inside = readings.against_published(found, {"accuracy": 0.945, "jk index": 0.773}, "SVM ensemble (2019)")
    assert inside.count("within") == 2 and "not shown either way" in inside
    outside = readings.against_published(found, {"accuracy": 0.90, "jk index": 0.8}, "Another")
    assert "below our interval 0.920 to 0.980" in outside and "above" in outside and "either way" not in outside


@pytest.mark.parametrize(
    ("strict", "words"), [(0.7, "recognition"), (0.8, "one record more or less"), (0.75, "little")]
)
def test_the_person_on_both_sides(strict, words):
    assert words in readings.one_person_on_both_sides(measures(0.9, 0.7, 0.75), measures(0.9, 0.7, strict))
