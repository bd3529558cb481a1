"""Figures, tables and sentences of 01_concepts: everything has room, and no sentence contradicts its numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.phantoms.dicom_file import dicom_bytes
from helpers.data.phantoms.ecg import simulate_record
from helpers.data.phantoms.tissue import tissue_phantom
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.expected_cost import People
from helpers.report import concepts_plots, concepts_readings, writing
from helpers.report.scaling_scores import Scaling, scaling_scores
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
VALUES = GENERATOR.normal(14, 3, 400)
RECORD = simulate_record(12, 1, 5.0)
SIZES = pd.DataFrame(
    {
        "parameters": [3e3, 6e7, 1.75e11],
        "multiply_adds": [9e4, np.nan, 1.75e11],
        "ours": [True, False, False],
        "for": [np.nan, "photographs", "text"],
        "source": [np.nan, "A 2012", "B 2020"],
    },
    index=["small", "middle", "large"],
)
ERRORS = pd.DataFrame({"value": [0.3, 0.2], "low": [0.2, 0.1], "high": [0.4, 0.3]}, index=[15, 60])
COSTS = pd.DataFrame({"one": [1.0, 0.5, 1.0], "nine": [0.9, 3.0, 5.0]}, index=[0.01, 0.5, 0.99])
DECIDED = PairedComparison(0.9, 0.8, 0.1, 0.05, 0.15, 0.001, "paired")
OPEN = PairedComparison(0.85, 0.83, 0.02, -0.03, 0.07, 0.4, "paired")
LOST = PairedComparison(0.7, 0.8, -0.1, -0.15, -0.05, 0.001, "paired")

FIGURES = {
    "trace": lambda: concepts_plots.trace_plot(RECORD, 4),
    "missing": lambda: concepts_plots.missing_plot(VALUES, np.where(VALUES > 15, 0, VALUES), "mean radius"),
    "neighbors": lambda: concepts_plots.cooccurrence_plot(
        np.zeros((2, 16, 16), np.uint8), GENERATOR.dirichlet(np.ones(16), (2, 1)).reshape(2, 4, 4), ["benign", "cancer"]
    ),
    "sizes": lambda: concepts_plots.size_plot(SIZES),
    "scaling": lambda: concepts_plots.scaling_plot({"parameters": ERRORS, "training patients": ERRORS}, 0.17),
    "costs": lambda: concepts_plots.cost_plot(COSTS, {"one": 0.5, "nine": 0.1}),
    "people": lambda: concepts_plots.people_plot({"2 % ill\ncutoff 0.1": People(18, 2, 196, 784)}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(FIGURES[name]())


@pytest.mark.parametrize(
    "call",
    [
        lambda: concepts_plots.trace_plot(RECORD, 6),
        lambda: concepts_plots.cooccurrence_plot(np.zeros((2, 4, 4), np.uint8), np.ones((1, 4, 4)), ["a", "b"]),
        lambda: concepts_plots.size_plot(SIZES.assign(parameters=0)),
        lambda: concepts_plots.scaling_plot({}, 0.2),
        lambda: concepts_plots.cost_plot(COSTS, {"nine": 0.1, "one": 0.5}),
        lambda: concepts_plots.people_plot({}),
        lambda: scaling_scores(None, None, {60: np.zeros(3)}, "patients"),
    ],
)
def test_bad_input_gets_one_clear_line(call):
    with pytest.raises(InputError):
        call()


def test_every_person_and_every_beat_is_drawn():
    figure = FIGURES["people"]()
    kinds = figure.axes[0].collections[0].get_array().astype(int)
    assert np.bincount(kinds).tolist() == [18, 2, 196, 784]
    marks = [line for line in FIGURES["trace"]().axes[0].lines if line.get_linestyle() == "None"]
    assert sum(len(line.get_xdata()) for line in marks) == (RECORD.positions < 4 * RECORD.frequency).sum()


def test_header_names_the_phantom_and_holds_no_pixels():
    table = concepts_readings.header_table(dicom_bytes(np.zeros((6, 8), np.uint8)))
    assert table.loc["(0010,0010)", "value"] == "PHANTOM^0"
    assert table.set_index("name").loc[["Rows", "Columns"], "value"].tolist() == ["6", "8"]
    assert "(7fe0,0010)" not in table.index


def test_gaps_by_chance_are_noise_and_others_are_not():
    chance = np.where(GENERATOR.random(400) < 0.2, np.nan, VALUES)
    words = concepts_readings.missing(VALUES, chance, np.where(VALUES > 15, np.nan, VALUES))
    first, second = words.split("; ")
    assert "within the noise" in first and "beyond the noise" in second


def test_contest_has_three_outcomes():
    assert "learned features win" in concepts_readings.contest(DECIDED, 20, "patient")
    assert "somebody thought of win" in concepts_readings.contest(LOST, 20, "patient")
    assert "Nobody wins: on 20 patients" in concepts_readings.contest(OPEN, 20, "patient")


@pytest.mark.parametrize(
    ("whole", "last", "words"),
    [
        (DECIDED, OPEN, ["0.200 to 0.100", "it falls (-0.100, 95 % interval -0.150 to -0.050)", "is open"]),
        (OPEN, DECIDED, ["this run cannot tell", "still helps (-0.100"]),
        (LOST, LOST, ["it rises (+0.100", "makes it worse"]),
    ],
)
def test_scaling_is_said_as_error_not_as_auroc(whole, last, words):
    text = concepts_readings.scaling(Scaling(ERRORS, whole, last, "patients"))
    assert text.startswith("From 15 to 60 patients") and all(each in text for each in words)


def test_scaling_scores_measure_and_keep_every_size(tmp_path):
    part = tissue_phantom(100).part("validation")
    noise = GENERATOR.normal(size=(3, len(part)))
    answers = {60: part.targets + noise, 15: GENERATOR.random(len(part)), 30: part.targets + 2 * noise[0]}
    run = writing.Run("01_concepts", "Concepts", "tissue-phantom", "quick", 0, str(tmp_path))
    found = scaling_scores(run, part, answers, "training patients")
    assert found.sizes == [15, 30, 60]
    assert found.whole.first == found.last.first == pytest.approx(1 - found.errors.loc[60, "value"])
    assert found.whole.second == pytest.approx(1 - found.errors.loc[15, "value"])
    run.add_limit("Nothing about patients.")
    names = [metric["name"] for metric in run.save()["metrics"]]
    assert names == [f"auroc_{size}_training_patients" for size in (15, 30, 60)] + ["auroc_gain_training_patients"]


def test_costs_have_three_outcomes():
    less, more = replace(DECIDED, difference=-0.1, low=-0.2, high=-0.05), DECIDED
    assert concepts_readings.cheaper(less, "The one", "the other").startswith("The one costs less than the other")
    assert "costs more" in concepts_readings.cheaper(more, "The one", "the other")
    assert "do not tell" in concepts_readings.cheaper(OPEN, "The one", "the other")


def test_alarms_are_counted_in_people():
    text = concepts_readings.alarm(People(18, 2, 196, 784), "2 % ill")
    assert "214 of 1,000 people are alarmed and 18 of them are ill" in text and "8% of the alarms" in text
    assert "nobody is alarmed, and 20 ill" in concepts_readings.alarm(People(0, 20, 0, 980), "2 % ill")


def test_sizes_are_short_sorted_and_cited():
    table = concepts_readings.size_table(SIZES.iloc[::-1])
    assert table.index.tolist() == ["small", "middle", "large"]
    assert table["multiply-adds"].tolist() == ["90 thousand", "", "175 billion"]
    assert table["source"].tolist() == ["counted here", "A 2012", "B 2020"]
    assert "large has 58,333,333 times as many" in concepts_readings.sizes(SIZES)
    assert concepts_readings.short_number(999) == "999"
