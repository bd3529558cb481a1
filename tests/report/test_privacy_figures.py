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
from helpers.report import attack_readings, privacy_plots, privacy_readings, privacy_tables, writing
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
    networks = ("no privacy", "memorizing", "clipping only", "epsilon 10", "epsilon 3", "epsilon 1")
    scores = {name: GENERATOR.random(len(patients)) for name in (*networks, "logistic regression")}
    attacks = {name: infer_membership(*LOSSES["sensible"]) for name in networks}
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
    ("difference", "half", "words"),
    [
        (0.0, 0.005, "costs less"),
        (-0.02, 0.005, "has a price"),
        (-0.05, 0.005, "costs more than 0.02"),
        (-0.02, 0.03, "costs more or less"),
    ],
)
def test_every_price_is_worded(difference, half, words):
    prices = {"whole": gap(difference, half), "noise": gap(-0.01, 0.02), "recipe": gap(-0.04)}
    said = privacy_readings.price(prices, 0.02)
    assert words in said and "different from zero: the recipe." in said
    assert "neither differs" in privacy_readings.price(prices | {"recipe": gap(0.0)}, 0.02)


def attack_at(low, high):
    return replace(infer_membership(*LOSSES["sensible"]), auroc=Interval((low + high) / 2, low, high, "DeLong"))


@pytest.mark.parametrize(
    ("held", "controls", "difference", "words"),
    [
        ((0.45, 0.55), (0.46, 0.54), -0.1, "no effect of the noise"),
        ((0.45, 0.55), (0.6, 0.7), -0.1, "Without noise the attack works"),
        ((0.52, 0.6), (0.6, 0.7), -0.1, "still tells members"),
        ((0.45, 0.55), (0.46, 0.54), 0.0, "is not shown"),
    ],
)
def test_chance_is_not_credited_to_the_noise_where_it_was_there_before(held, controls, difference, words):
    leaks = {"epsilon 3": attack_at(*held)} | {name: attack_at(*controls) for name in ("sensible", "clipping only")}
    assert words in attack_readings.chance(leaks, gap(difference))


def test_a_patient_of_many_images_is_promised_nothing(patients):
    """Forty images at epsilon 3 and delta 1/n: 40 e^117 / n is far above 1; two images at epsilon 0.1 are covered."""
    many = replace(patients, groups=np.arange(len(patients)) // 40)
    assert "epsilon 120" in attack_readings.protected_unit(many, 3.0, 1e-3)
    assert "nothing is promised" in attack_readings.protected_unit(many, 3.0, 1e-3)
    two = attack_readings.protected_unit(replace(patients, groups=np.arange(len(patients)) // 2), 0.1, 1e-3)
    assert "epsilon 0.2" in two and f"{2 * np.exp(0.1) * 1e-3:.2g}" in two
    alone = replace(patients, groups=np.arange(len(patients)))
    assert "gave one image" in attack_readings.protected_unit(alone, 3.0, 1e-3)
    assert "not published" in attack_readings.protected_unit(replace(alone, groups_known=False), 3.0, 1e-3)


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
        assert words in attack_readings.leak("network", infer_membership(members, strangers))


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
    member = np.arange(400) % 2 == 0
    said = attack_readings.stronger_attack(losses, np.arange(400), member)
    assert words in said and "Of 200 members" in said
    assert words in attack_readings.shadow_gain(losses, np.arange(400), member)


@pytest.mark.parametrize(
    ("threshold", "shadows", "words"),
    [(10, 90, "LiRA online finds more"), (90, 10, "the threshold finds more"), (20, 24, "stays open")],
)
def test_the_left_end_is_judged_by_whom_only_one_of_the_attacks_finds(threshold, shadows, words):
    """Each attack finds members of its own: binomial test of 10 against 90, of 20 against 24."""
    strangers, hidden = np.linspace(1, 2, 200), np.full(200, 1.5)
    losses = {"threshold": (hidden.copy(), strangers), "LiRA online": (hidden.copy(), strangers)}
    losses["threshold"][0][:threshold] = 0
    losses["LiRA online"][0][-shadows:] = 0
    said = attack_readings.stronger_attack(losses, np.arange(400), np.arange(400) < 200)
    assert words in said and f"{shadows} members are found by LiRA online only and {threshold} by" in said


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
    members, strangers = (patients.select(np.arange(start, start + 300)) for start in (0, 300))
    privacy_tables.attack_scores(run, "epsilon 0.5", members, strangers, LOSSES["memorizing"])
    losses = {"epsilon 3": LOSSES["sensible"], "memorizing": LOSSES["memorizing"]}
    assert privacy_tables.noise_against_attack(run, members, strangers, losses).high < 0
    test = patients.split == "test"
    judged = {"no privacy": oracle[test], "clipping only": worse[test], "epsilon 3": worse[test][::-1]}
    prices = privacy_tables.price_of_privacy(run, patients.part("test"), judged, 0.02)
    whole, parts = prices["whole"].difference, (prices["noise"].difference, prices["recipe"].difference)
    assert whole == pytest.approx(sum(parts), abs=1e-12)
    pairs = [("clipping only", "no privacy")]
    differences = privacy_tables.image_differences(run, patients.part("test"), judged, pairs)
    assert differences[pairs[0]].difference == prices["recipe"].difference
    run.add_limit("Nothing about patients.")
    run.save()
    document = json.loads((tmp_path / "results.json").read_text())
    names = {metric["name"] for metric in document["metrics"]}
    assert {
        "hospital_auroc_pooled",
        "hospital_difference_federated_pooled",
        "attack_found_epsilon_0_5",
        "attack_difference_epsilon_3",
        "price_epsilon_3",
        "price_noise_epsilon_3",
        "price_recipe",
    } <= names


def test_a_margin_below_guessing_is_not_called_a_success():
    near, far = Interval(0.58, 0.5, 0.64, "DeLong"), Interval(0.75, 0.7, 0.8, "DeLong")
    gaps = {("federated", "pooled"): gap(0.0)}
    assert "the margin says little" in privacy_readings.federations(gaps, 0.02, near)
    assert "hardly better than guessing" not in privacy_readings.federations(gaps, 0.02, far)


@pytest.mark.parametrize(
    ("held", "words"), [(0.5, "closer together"), (1.5, "farther away"), (1.01, "next to nothing")]
)
def test_what_the_pull_does_is_read_off_the_drift(held, words):
    courses = {"federated": COURSE, "proximal": COURSE.assign(drift=COURSE["drift"] * held)}
    assert words in privacy_readings.pull(courses)


def test_noise_is_not_taken_for_a_picture_and_a_blank_is_not_either():
    said = privacy_readings.recovered(1e-5, {"one image": 1.0, "eight images": 0.8, "noise": -0.03})
    assert "made out from one image and eight images, and not from noise" in said
    assert "None of these hides it" in privacy_readings.recovered(1e-5, {"one image": 1.0})


def test_networks_are_held_against_the_logistic_regression(patients):
    oracle = patients.truth["oracle"]
    scores = {"logistic regression": oracle, "good": oracle, "bad": GENERATOR.random(len(patients))}
    lines = privacy_readings.against_baseline(patients, scores, ["good", "bad"]).splitlines()
    assert "cannot be told apart" in lines[0] and "the simpler model wins" in lines[1]


def test_the_server_sees_a_row_per_hospital(patients):
    counts = np.bincount(patients.sites)
    table = privacy_tables.seen_by_server(
        patients, counts, np.ones((4, 3)) / 3, np.arange(12, dtype=np.uint64).reshape(4, 3)
    )
    assert table["patients"].sum() == len(patients) and list(table.index) == list(patients.site_names)
    assert table["message"].tolist() == [0, 3, 6, 9] and table["first weight"].iloc[0] == 0.3333


def test_tables_without_hospitals_are_refused(patients):
    assert privacy_tables.require_hospitals(patients) is patients
    for other in (
        replace(patients, sites=None),
        replace(patients, sites=patients.sites * 0),
        catalog.load("wisconsin"),
    ):
        with pytest.raises(InputError, match="hospitals|heart"):
            privacy_tables.require_hospitals(other)
