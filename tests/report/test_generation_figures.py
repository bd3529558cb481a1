"""Figures and sentences about written molecules: everything has room, and no sentence contradicts what it was given."""

import numpy as np
import pandas as pd
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.molecule_generation import FAULTS
from helpers.evaluation.molecule_properties import PROPERTIES
from helpers.evaluation.proportions import Interval, wilson
from helpers.report import generation_plots, generation_readings, generation_steering, generation_tables
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
REPEATS = {1.0: Interval(0.001, 0.0, 0.01, "Poisson"), 0.7: Interval(0.05, 0.04, 0.07, "Poisson")}


def figures():
    written, other = GENERATOR.normal(size=(2, 50))
    return {
        "molecules": generation_plots.molecule_grid(MOLECULES, ["logP 1.19"] * 5, "Five molecules"),
        "temperatures": generation_plots.temperature_plot(
            TABLE, REPEATS, 0.7, (1000, 10_000), "What a temperature buys"
        ),
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


def test_temperatures_are_drawn_with_their_intervals_and_repeats_on_a_scale_of_their_own():
    left, right = generation_plots.temperature_plot(TABLE, REPEATS, 0.7, (1000, 10_000)).axes
    valid = left.containers[0]
    np.testing.assert_allclose(valid[0].get_xydata(), [[0.7, 0.97], [1.0, 0.85]])
    segment = valid[2][0].get_segments()[0]
    np.testing.assert_allclose(segment[:, 1], [TABLE[0.7]["valid"].low, TABLE[0.7]["valid"].high])
    repeats = right.containers[0]
    np.testing.assert_allclose(repeats[0].get_xydata(), [[0.7, 10 / 970], [1.0, 0]])
    segment = repeats[2][0].get_segments()[0]
    np.testing.assert_allclose(segment[:, 1], [1 - TABLE[0.7]["unique"].high, 1 - TABLE[0.7]["unique"].low])
    assert right.get_ylim()[0] == 0
    foretold = right.containers[1]
    assert foretold.get_label() == "expected among 10,000, at most"
    np.testing.assert_allclose(foretold[0].get_xydata(), [[0.7, 0.05], [1.0, 0.001]])
    np.testing.assert_allclose(foretold[2][0].get_segments()[0][:, 1], [0.04, 0.07])


@pytest.mark.parametrize(
    "call",
    [
        lambda: generation_plots.molecule_grid([], []),
        lambda: generation_plots.molecule_grid(MOLECULES, ["one"]),
        lambda: generation_plots.molecule_grid(["C("], ["open"]),
        lambda: generation_plots.temperature_plot(TABLE, REPEATS, 0.8, (1, 1)),
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


def test_an_anchor_is_above_below_or_not_told_apart_and_at_its_own_temperature():
    published = {"valid": 0.975, "unique": 0.999, "novel": 0.842}
    text = generation_readings.anchor(TABLE[0.7], published, 0.7, TABLE[1.0])
    assert "above: novel 0.990 (0.842)" in text and "below: unique 0.990 (0.999)" in text
    assert "not told apart: valid 0.970 (0.975)" in text and "not ranked" in text
    assert "At its temperature ours has, in the trial, valid 0.850" in text
    for temperature, hottest in ((1.0, TABLE[1.0]), (0.7, None)):
        assert "in the trial" not in generation_readings.anchor(TABLE[0.7], published, temperature, hottest)
    assert "No published figure" in generation_readings.anchor(TABLE[0.7], {}, 0.7, TABLE[1.0])


WANTED = {"valid": 0.97, "unique": 0.998, "novel": 0.9}


def test_what_the_trial_foretells_has_an_interval():
    text = generation_readings.foretold(REPEATS, 10_000)
    assert "among 10,000 texts" in text and "0.999 (0.990 to 1.000) at 1; 0.950 (0.930 to 0.960) at 0.7" in text


def test_a_missed_goal_for_uniqueness_is_read_beside_the_temperature():
    assert "No goal" in generation_readings.goals(TABLE[0.7], {}, TABLE, REPEATS, 0.7)
    text = generation_readings.goals(TABLE[0.7], WANTED, TABLE, REPEATS, 0.7)
    assert "valid reached (0.97), unique missed (0.998), novel reached (0.9)" in text
    assert "Repeats come with a low temperature" in text and "no temperature that was tried meets both" in text
    alike = generation_readings.goals(TABLE[0.7], WANTED, TABLE, REPEATS | {1.0: REPEATS[0.7]}, 0.7)
    assert "the trial cannot show" in alike
    colder = TABLE | {0.5: TABLE[0.7]}
    many, few = ({0.5: Interval(value, value / 2, 2 * value, "Poisson")} for value in (0.2, 0.01))
    assert "below it no fewer" in generation_readings.goals(TABLE[0.7], WANTED, colder, REPEATS | many, 0.7)
    assert "both" not in generation_readings.goals(TABLE[0.7], WANTED, colder, REPEATS | few, 0.7)
    # Where the count misses validity, too, or a hotter one was valid enough, nothing is said about both.
    low = generation_readings.goals(counted(900, 880, 870), WANTED, TABLE, REPEATS, 0.7)
    assert "valid missed" in low and "both" not in low
    hotter = generation_readings.goals(TABLE[0.7], WANTED, TABLE | {1.0: counted(980, 970, 960)}, REPEATS, 0.7)
    assert "both" not in hotter
    reached = generation_readings.goals(counted(980, 980, 970), WANTED, TABLE, REPEATS, 0.7)
    assert reached == "Goals: valid reached (0.97), unique reached (0.998), novel reached (0.9)."


def test_the_title_over_temperatures_runs_from_hot_to_cold():
    title = generation_readings.temperature_title(TABLE)
    assert title == "Temperature 1 to 0.7: valid 0.850 to 0.970, repeats 0.000 to 0.010"


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


@pytest.mark.parametrize(("gap", "phrase"), [(0.2, "stays nearer"), (0.0, "is not shown"), (-0.2, "strays")])
def test_nearness_is_read_beside_unseen_real_molecules(gap, phrase):
    found = Interval(gap, gap - 0.1, gap + 0.1, "bootstrap")
    assert phrase in generation_readings.memory(0.5 + gap, 0.5, found)


@pytest.mark.parametrize(
    ("gap", "temperature", "phrase"),
    [
        (0.2, 0.7, "more varied"),
        (0.0, 0.7, "is not shown"),
        (-0.2, 0.7, "a low temperature costs variety"),
        (-0.2, 1.0, "not all of the data's breadth"),
    ],
)
def test_diversity_has_a_conclusion(gap, temperature, phrase):
    found = PairedComparison(0.8 + gap, 0.8, gap, gap - 0.1, gap + 0.1, np.nan, "separate intervals")
    assert phrase in generation_readings.diversity(found, temperature)


def gain(value):
    return Interval(value, value - 0.1, value + 0.1, "Welch")


@pytest.mark.parametrize(
    ("own", "forest", "phrase"),
    [
        (1.5, 1.0, "The forest, which took no part, sees a gain, too: +1.00"),
        (1.5, 0.0, "sees none"),
        (0.05, 1.0, "not worked even there"),
    ],
)
def test_only_who_took_no_part_proves_a_gain(own, forest, phrase):
    gains = {"the formula": gain(own), "the forest": gain(forest), "the law": gain(0.3)}
    text = generation_steering.proof(gains, "the formula", "log solubility", 1.23)
    assert phrase in text and "the law +0.30 (+0.20 to +0.40)" in text
    assert text.endswith("The forest's own error on a single molecule of an unseen scaffold is 1.23.")


@pytest.mark.parametrize(
    ("forest", "phrase"),
    [
        (1.5, "knows more than a constant, but less than the formula"),
        (1.05, "knows more than a constant."),
        (2.0, "not clearly better than a constant"),
        (3.0, "worse than a constant"),
    ],
)
def test_the_judge_is_judged(forest, phrase):
    errors = {"the formula": gain(1.0), "the forest": gain(forest), "the mean of training": gain(2.1)}
    text = generation_steering.judges(errors, "the formula")
    assert phrase in text and f"the forest {forest:.2f}" in text and "the mean of training 2.10" in text


def test_strange_and_smaller_molecules_are_named():
    table = pd.DataFrame(
        {"molecules": 9, "distance": [0.7, 0.8, 0.6], "weight": [300.0, 280.0, 150.0]},
        ["not steered", "steered", "measured, unseen"],
    )
    text = generation_steering.asked_about(table)
    assert "further away than those" in text and "(-20): part of the gain may be size" in text
    text = generation_steering.asked_about(table.assign(distance=0.5, weight=[300.0, 310.0, 150.0]))
    assert "no further away" in text and "size does not explain the gain" in text


def test_the_price_of_steering():
    assert "none of the three" in generation_steering.price(TABLE[0.7], TABLE[0.7])
    assert "valid falls" in generation_steering.price(TABLE[0.7], TABLE[1.0])
    assert "valid rises" in generation_steering.price(TABLE[1.0], TABLE[0.7])
    assert "collapsed" in generation_steering.price(TABLE[1.0], counted(900, 300, 300))


@pytest.mark.parametrize(
    ("steered", "phrase"), [(300, "3.0 times as many"), (101, "no difference"), (20, "without any steering")]
)
def test_steering_is_read_beside_choosing(steered, phrase):
    found = {"not steered": wilson(100, 1000), "steered": wilson(steered, 1000)}
    assert phrase in generation_steering.yields(found, -3.0, 6000)
    assert "the 6,000 texts written while steering" in generation_steering.yields(found, -3.0, 6000)
    nothing = {"not steered": wilson(0, 50), "steered": wilson(40, 50)}
    assert "steering earns" in generation_steering.yields(nothing, 0.0, 10)


class Recorder:
    """Takes what a run would take."""

    def __init__(self):
        self.metrics, self.claims = {}, {}

    def add_interval(self, name, label, interval, groups, split="test", model="network"):
        self.metrics[name] = (interval, len(groups))

    def add_claim(self, name, sentence, holds, kind="finding"):
        self.claims[name] = bool(holds)


def drawings(name):
    return Dataset(
        name=name,
        inputs=np.array(MOLECULES, dtype=object),
        targets=np.arange(5.0),
        task="regression",
        groups=np.arange(5),
        groups_known=True,
        split=np.array(["train", "train", "test", "test", "test"]),
        source=Source("Few", "none", "nobody"),
    )


def test_goals_of_zinc_are_no_goals_of_other_molecules():
    run = Recorder()
    generation_tables.add_shares(run, drawings("molecule-phantom"), TABLE[0.7], 1000)
    assert set(run.metrics) == {"written_valid", "written_unique", "written_novel"} and not run.claims
    generation_tables.add_shares(run, drawings("zinc"), TABLE[0.7], 1000)
    assert run.claims == {"goal_valid": True, "goal_unique": False, "goal_novel": True}
    assert all(count == 1000 for _, count in run.metrics.values())


def test_gains_judges_and_yields_are_stored_with_what_stands_behind_them():
    run = Recorder()
    values = {"the forest": {"steered": np.array([2.0, 3.0, 4.0]), "not steered": np.array([0.0, 0.1])}}
    gains = generation_tables.add_gains(run, values)
    assert gains["the forest"].value == pytest.approx(2.95) and run.claims == {"steering_proved": True}
    assert run.metrics["steering_gain_forest"][1] == 5
    generation_tables.add_judges(run, {"the forest": lambda some: np.zeros(len(some))}, drawings("esol"))
    assert run.metrics["judge_rmse_forest"][0].value == pytest.approx(np.sqrt((4 + 9 + 16) / 3))
    assert run.metrics["judge_rmse_training"][0].value == pytest.approx(np.sqrt((1.5**2 + 2.5**2 + 3.5**2) / 3))
    found = generation_tables.add_yield(run, "not steered", 10, 160)
    assert found == wilson(10, 160) and run.metrics["yield_not_steered"] == (found, 160)
