"""Figures and sentences about written molecules: everything has room, and no sentence contradicts what it was given."""

import numpy as np
import pandas as pd
import pytest

from helpers.evaluation.molecule_generation import FAULTS
from helpers.evaluation.molecule_properties import PROPERTIES
from helpers.evaluation.proportions import Interval, wilson
from helpers.report import generation_plots, generation_readings
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
MOLECULES = ["CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CCO", "c1ccccc1", "CC(C)Cc1ccc(cc1)C(C)C(=O)O"]
REAL = pd.DataFrame(GENERATOR.normal(size=(60, 4)), columns=list(PROPERTIES))
ROUNDS = pd.DataFrame(
    {"round": [1, 2, 3], "valid": 0.9, "unique": [1.0, 0.99, 0.9], "novel": 1.0, "score": [-4.0, -3.5, -3.0]}
)


def counted(valid, unique, novel, number=1000):
    return {"valid": wilson(valid, number), "unique": wilson(unique, valid), "novel": wilson(novel, unique)}


TABLE = {1.0: counted(850, 850, 848), 0.7: counted(970, 960, 950)}


def figures():
    written, other = GENERATOR.normal(size=(2, 50))
    return {
        "molecules": generation_plots.molecule_grid(MOLECULES, ["logP 1.19"] * 5, "Five molecules"),
        "temperatures": generation_plots.temperature_plot(TABLE, 0.7, "What a temperature buys"),
        "properties": generation_plots.property_plot({"real": REAL, "written": REAL + 1}, "Beside real ones"),
        "steering": generation_plots.steering_plot(ROUNDS, "log solubility (mol/L)", "Round by round"),
        "judges": generation_plots.judgment_plot(
            {judge: {"not steered": written, "steered": other} for judge in ("steering model", "judge")},
            "log S",
            "Judges",
        ),
    }


@pytest.mark.parametrize("name", ["molecules", "temperatures", "properties", "steering", "judges"])
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(figures()[name])


def test_every_molecule_is_drawn_over_its_own_caption():
    captions = [f"molecule {number}" for number in range(5)]
    figure = generation_plots.molecule_grid(MOLECULES, captions)
    drawn = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in drawn] == captions and len(figure.axes) == 8
    ink = [float((axes.images[0].get_array()[..., :3] < 0.9).mean()) for axes in drawn]
    assert min(ink) > 0.005 and len(set(ink)) == 5


def test_temperatures_are_drawn_with_their_intervals():
    axes = generation_plots.temperature_plot(TABLE, 0.7).axes[0]
    valid = axes.containers[0]
    np.testing.assert_allclose(valid[0].get_xydata(), [[0.7, 0.97], [1.0, 0.85]])
    segment = valid[2][0].get_segments()[0]
    np.testing.assert_allclose(segment[:, 1], [TABLE[0.7]["valid"].low, TABLE[0.7]["valid"].high])


@pytest.mark.parametrize(
    "call",
    [
        lambda: generation_plots.molecule_grid([], []),
        lambda: generation_plots.molecule_grid(MOLECULES, ["one"]),
        lambda: generation_plots.molecule_grid(["C("], ["open"]),
        lambda: generation_plots.temperature_plot(TABLE, 0.8),
        lambda: generation_plots.property_plot({}),
        lambda: generation_plots.property_plot({"all alike": REAL * 0}),
        lambda: generation_plots.steering_plot(ROUNDS[:0], "score"),
        lambda: generation_plots.judgment_plot({}, "score"),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_perplexity_is_read_beside_knowing_nothing():
    assert "has not helped" not in generation_readings.perplexity(2.1, 9.0, 47)
    assert "has not helped" in generation_readings.perplexity(9.5, 9.0, 47)


def test_shares_stand_with_number_and_interval():
    text = generation_readings.shares(TABLE[0.7], 1000)
    assert text.startswith("Of 1,000 written: valid 0.970 (0.957 to 0.979)")


def test_an_anchor_is_above_below_or_not_told_apart():
    text = generation_readings.anchor(TABLE[0.7], {"valid": 0.975, "unique": 0.999, "novel": 0.842}, "CharRNN")
    assert "above: novel 0.990 (0.842)" in text and "below: unique 0.990 (0.999)" in text
    assert "not told apart: valid 0.970 (0.975)" in text and "not ranked" in text


def test_a_temperature_that_costs_nothing_is_not_said_to_cost():
    assert "valid +0.120, unique -0.010" in generation_readings.temperatures(TABLE, 0.7, 0.97)
    assert "paid for" in generation_readings.temperatures(TABLE, 0.7, 0.97)
    assert "the highest at which at least 0.97" in generation_readings.temperatures(TABLE, 0.7, 0.97)
    assert "Nowhere are 0.98 valid" in generation_readings.temperatures(TABLE, 0.7, 0.98)
    better = {1.0: counted(850, 800, 700), 0.7: counted(970, 960, 950)}
    assert "paid for" not in generation_readings.temperatures(better, 0.7, 0.97)
    assert "nothing changes" in generation_readings.temperatures({1.0: TABLE[1.0]}, 1.0, 0.5)


@pytest.mark.parametrize(
    ("found", "phrase"),
    [
        ({"ring left open": 5, "valence": 2}, "of spelling"),
        ({"ring left open": 1, "aromatic ring": 2}, "of chemistry"),
        ({"branch left open": 1, "valence": 1}, "equally many"),
        ({}, "Every one of 100"),
    ],
)
def test_the_kind_of_most_faults(found, phrase):
    assert phrase in generation_readings.faults(dict.fromkeys(FAULTS, 0) | found, 100)


def test_properties_beyond_chance_are_named():
    table = pd.DataFrame({"distance": [0.5, 0.01], "chance": [0.1, 0.1], "relative": [0.4, 0.01]}, ["logp", "qed"])
    text = generation_readings.properties(table)
    assert "logP" in text and "QED" not in text and text.startswith("More than chance")
    table.loc["logp", "relative"] = 0.1
    assert generation_readings.properties(table).startswith("Small")
    assert "No property" in generation_readings.properties(table[1:])


@pytest.mark.parametrize(("written", "phrase"), [(0.7, "stays near"), (0.5, "keeps about"), (0.3, "strays")])
def test_nearness_is_read_beside_unseen_real_molecules(written, phrase):
    assert phrase in generation_readings.memory(np.array([written]), np.array([0.5]))


def gain(value):
    return Interval(value, value - 0.1, value + 0.1, "Welch")


@pytest.mark.parametrize(
    ("others", "phrase"),
    [
        ((1.0, 0.5), "took no part in steering sees a gain, too"),
        ((1.0, 0.0), "only forest sees"),
        ((0.0, -1.0), "No judge that took no part"),
    ],
)
def test_only_independent_judges_prove_a_gain(others, phrase):
    gains = {"ridge": gain(1.5), "forest": gain(others[0]), "formula": gain(others[1])}
    assert phrase in generation_readings.proof(gains, "ridge", "log solubility")
    assert "not worked even there" in generation_readings.proof(
        gains | {"ridge": gain(0.05)}, "ridge", "log solubility"
    )


def test_the_price_of_steering():
    assert "none of the three" in generation_readings.price(TABLE[0.7], TABLE[0.7])
    assert "valid falls" in generation_readings.price(TABLE[0.7], TABLE[1.0])
    assert "valid rises" in generation_readings.price(TABLE[1.0], TABLE[0.7])
    assert "collapsed" in generation_readings.price(TABLE[1.0], counted(900, 300, 300))


@pytest.mark.parametrize(
    ("steered", "phrase"), [(300, "3.0 times as many"), (101, "no difference"), (20, "without any steering")]
)
def test_steering_is_read_beside_choosing(steered, phrase):
    found = {"not steered": wilson(100, 1000), "steered": wilson(steered, 1000)}
    assert phrase in generation_readings.yields(found, -3.0)
    assert "steering earns" in generation_readings.yields(
        {"not steered": wilson(0, 50), "steered": wilson(40, 50)}, 0.0
    )
