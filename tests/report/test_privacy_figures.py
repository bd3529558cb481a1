"""Figures, tables and sentences of 10_privacy: everything has room, and no sentence contradicts its number."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data import catalog
from helpers.evaluation.attacks import infer_membership, most_members_found, random_halves
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report import privacy_plots, privacy_readings, privacy_tables, writing
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
LOSSES = {
    "sensible": GENERATOR.exponential(0.5, (2, 300)),
    "memorizing": GENERATOR.exponential([[0.001], [1]], (2, 300)),
}
COURSE = pd.DataFrame({"round": [1, 2, 3], "auroc": [0.6, 0.7, 0.8], "drift": [0.3, 0.2, 0.1]})


@pytest.fixture(scope="module")
def patients():
    return catalog.load("heart-phantom")


def gap(difference, half=0.005):
    return PairedComparison(
        0.8 + difference, 0.8, difference, difference - half, difference + half, 0.5, "DeLong, paired"
    )


def figures(patients):
    scores = {name: GENERATOR.random(len(patients)) for name in ("no privacy", "epsilon 10", "epsilon 3", "epsilon 1")}
    attacks = {name: Interval(0.55, 0.5, 0.6, "DeLong") for name in scores}
    return {
        "losses": privacy_plots.loss_histogram(LOSSES, {"sensible": 0.02, "memorizing": 0.0}, "Losses"),
        "attack": privacy_plots.attack_plot(LOSSES, {10.0: 1e-3, 3.0: 1e-3, 1.0: 1e-3}, "Attack and ceiling"),
        "images": privacy_plots.some_images(catalog.load("tissue-phantom", maximum=20), "Some"),
        "recovered": privacy_plots.recovered_images({"here": np.zeros(16), "there": np.full(16, 300)}, 4, "Read"),
        "price": privacy_plots.price_plot(patients, scores, attacks, 0.02, "Diagnosis and attack"),
        "differences": privacy_plots.difference_plot({("federated", "pooled"): gap(0.0)}, 0.02, "Differences"),
        "rounds": privacy_plots.rounds_plot({"federated": COURSE, "proximal": COURSE}, "Rounds"),
    }


@pytest.mark.parametrize("name", ["losses", "attack", "images", "recovered", "price", "differences", "rounds"])
def test_titles_labels_and_legends_lie_inside_the_figure(name, patients, assert_inside):
    assert_inside(figures(patients)[name])


def test_ceilings_are_drawn_where_they_are_and_losses_of_zero_are_shown(patients):
    drawn = figures(patients)
    ceiling = next(line for line in drawn["attack"].axes[0].lines if line.get_label().endswith("epsilon 1"))
    np.testing.assert_allclose(ceiling.get_ydata(), most_members_found(1.0, 1e-3, ceiling.get_xdata()))
    (visible, _), (_, hidden) = (axes.get_xlim() for axes in drawn["losses"].axes)
    assert visible <= privacy_plots.SMALLEST_LOSS and hidden >= LOSSES["memorizing"].max()


@pytest.mark.parametrize(
    "call",
    [
        lambda: privacy_plots.loss_histogram({}, {}, ""),
        lambda: privacy_plots.attack_plot({}, {}, ""),
        lambda: privacy_plots.recovered_images({}, 4, ""),
        lambda: privacy_plots.price_plot(None, {}, {}, 0.02, ""),
        lambda: privacy_plots.difference_plot({}, 0.02, ""),
        lambda: privacy_plots.rounds_plot({}, ""),
    ],
)
def test_nothing_to_draw(call):
    with pytest.raises(InputError):
        call()


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (0.01, "is better than"),
        (-0.001, "not worse"),
        (-0.018, "whether by 0.02 or more stays open"),
        (-0.03, "more than 0.02"),
    ],
)
def test_every_outcome_of_a_margin_is_worded(difference, words):
    assert words in privacy_readings.non_inferior(gap(difference), 0.02, "federated", "pooled")
    assert words in privacy_readings.federations({("federated", "pooled"): gap(difference)}, 0.02)


def test_an_interval_on_both_sides_of_zero_and_margin_leaves_it_open():
    assert "It stays open" in privacy_readings.non_inferior(gap(-0.01, 0.03), 0.02, "federated", "pooled")


@pytest.mark.parametrize(
    ("difference", "words"), [(0.0, "costs less"), (-0.02, "has a price"), (-0.05, "costs more than 0.02")]
)
def test_every_price_is_worded(difference, words):
    assert words in privacy_readings.price(gap(difference), 3.0, 0.02)


def test_a_price_that_may_be_none_stays_open():
    assert "costs more or less" in privacy_readings.price(gap(-0.02, 0.03), 3.0, 0.02)


def test_every_leak_is_worded():
    strangers = GENERATOR.uniform(1, 2, 400)
    same = GENERATOR.uniform(1, 2, 400)
    few = np.concatenate([GENERATOR.uniform(0, 0.5, 40), GENERATOR.uniform(1.1, 2, 360)])
    cases = {
        "better than guessing": same,
        "single images can be named": GENERATOR.uniform(0, 0.5, 400),
        "does not show": GENERATOR.uniform(1, 1.7, 400).clip(1.02),
        "looks like guessing": few,
    }
    for words, members in cases.items():
        assert words in privacy_readings.leak("network", infer_membership(members, strangers))


@pytest.mark.parametrize(
    ("threshold", "shadows", "words"),
    [
        (0.3, 3.0, "better than the threshold"),
        (3.0, 0.3, "worse than the threshold"),
        (1.0, 1.0, "cannot be told apart"),
    ],
)
def test_every_outcome_of_the_stronger_attack_is_worded(threshold, shadows, words):
    generator = np.random.default_rng(1)
    shared = generator.normal(size=(2, 200))  # what makes an image easy for any attack
    losses = {
        name: tuple(shared + generator.normal([[-shift], [0]], 0.1, (2, 200)))
        for name, shift in (("threshold", threshold), ("LiRA online", shadows))
    }
    said = privacy_readings.stronger_attack(losses)
    assert words in said and "Of 200 members" in said


def test_attacks_with_and_without_shadow_models_are_stored(patients, tmp_path):
    run = writing.Run("10_privacy", "Privacy", "tissue-phantom", "quick", 0, str(tmp_path))
    generator = np.random.default_rng(0)
    halves = random_halves(len(patients), 33, generator)
    confidence = generator.normal(0, 3, len(patients)) + 0.6 * halves + generator.normal(0, 0.4, halves.shape)
    probability = 1 / (1 + np.exp(-np.where(patients.targets == 1, confidence, -confidence)))
    losses = privacy_tables.shadow_attacks(run, patients, probability, halves)
    assert [len(values) for values in losses["threshold"]] == [460, 460]
    run.add_limit("Nothing about patients.")
    document = run.save()
    values = {metric["name"]: metric["value"] for metric in document["metrics"]}
    assert values["shadow_auroc_lira_online"] > 0.8 > 0.6 > values["shadow_auroc_threshold"]
    assert values["shadow_gain"] == pytest.approx(values["shadow_auroc_lira_online"] - values["shadow_auroc_threshold"])
    assert document["claims"][0]["holds"]


def test_knowing_the_hospital_is_named(patients):
    hospital, nothing = np.array([0.5, 0.3, 0.9, 0.7])[patients.sites], np.zeros(len(patients))
    assert "That part comes from pairs" in privacy_readings.hospital_bonus(patients, {"a": hospital})
    assert "Some of the models" in privacy_readings.hospital_bonus(patients, {"a": hospital, "b": nothing})
    one = replace(patients, sites=patients.sites * 0)
    assert "next to nothing" in privacy_readings.hospital_bonus(one, {"a": nothing})


def test_hospitals_are_counted_compared_and_stored(patients, tmp_path):
    run = writing.Run("10_privacy", "Privacy", "tissue-phantom", "quick", 0, str(tmp_path))
    oracle, worse = patients.truth["oracle"], patients.truth["oracle"] + GENERATOR.normal(0, 3, len(patients))
    overview = privacy_tables.hospital_overview(patients)
    assert overview["patients"].sum() == len(patients) and list(overview.index) == list(patients.site_names)
    scores = {"federated": oracle, "pooled": worse}
    table = privacy_tables.hospital_scores(run, patients, scores)
    assert list(table.index) == ["federated", "pooled"]
    gaps = privacy_tables.hospital_differences(run, patients, scores, [("federated", "pooled")])
    assert gaps["federated", "pooled"].low > 0
    privacy_tables.attack_scores(run, "epsilon 0.5", patients, patients, LOSSES["memorizing"])
    privacy_tables.price_of_privacy(
        run, patients.part("test"), *(score[patients.split == "test"] for score in (oracle, worse)), 0.02
    )
    run.add_limit("Nothing about patients.")
    run.save()
    document = json.loads((tmp_path / "results.json").read_text())
    names = {metric["name"] for metric in document["metrics"]}
    assert {
        "hospital_auroc_pooled",
        "hospital_difference_federated_pooled",
        "attack_found_epsilon_0_5",
        "price_epsilon_3",
    } <= names


def test_tables_without_hospitals_are_refused(patients):
    assert privacy_tables.require_hospitals(patients) is patients
    for other in (
        replace(patients, sites=None),
        replace(patients, sites=patients.sites * 0),
        catalog.load("wisconsin"),
    ):
        with pytest.raises(InputError, match="hospitals|heart"):
            privacy_tables.require_hospitals(other)
