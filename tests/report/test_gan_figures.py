"""Figures and sentences of 05_gan: everything has room, and no sentence contradicts its numbers."""

import numpy as np
import pytest

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.generated_samples import Memorization, ModeCoverage
from helpers.evaluation.proportions import Interval
from helpers.report import gan_plots, gan_readings
from helpers.runtime import InputError

PLACES = np.linspace(-3, 3, 50)
DENSITY = np.exp(-(PLACES**2))
CLOUDS = {name: np.random.default_rng(0).normal(size=(50, 2)) for name in ("real", "kind not told", "kind told")}
REACHED = {"real": 8, "kind not told": 3, "kind told": 8}
CENTERS = np.random.default_rng(1).normal(size=(8, 2))
SLOPES = {"saturating": [0.5, 0.001], "non-saturating": [0.5, 1.0]}
PICTURES, CLASSES = np.random.default_rng(2).uniform(size=(20, 8, 8, 1)), np.arange(20) % 2
FIGURES = {
    "densities": lambda: gan_plots.discriminator_plot(PLACES, DENSITY, DENSITY + 0.1, DENSITY / (2 * DENSITY + 0.1)),
    "ring": lambda: gan_plots.ring_plot(CLOUDS, CENTERS, REACHED),
    "classes": lambda: gan_plots.class_rows(
        ("healthy tissue", "cancer"), {"real": (PICTURES, CLASSES), "generated": (PICTURES, CLASSES)}, "Pictures"
    ),
    "slopes": lambda: gan_plots.slope_plot([0, 160], SLOPES),
}


@pytest.mark.parametrize("name", FIGURES)
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(FIGURES[name]())


def test_every_cloud_needs_its_count():
    with pytest.raises(InputError, match="every cloud"):
        gan_plots.ring_plot(CLOUDS, CENTERS, {"real": 8})


def interval(value, low, high):
    return Interval(value, low, high, "test")


def gap(difference, half=0.01):
    return PairedComparison(0.8, 0.8 - difference, difference, difference - half, difference + half, 0.5, "test")


def test_rows_of_a_class_hold_pictures_of_that_class_alone():
    flat = np.where(CLASSES, 1.0, 0.0)[:, None, None, None] * np.ones((20, 8, 8, 1))
    figure = gan_plots.class_rows(("dark", "light"), {"real": (flat, CLASSES)}, "Pictures")
    shown = [axes.images[0].get_array().mean() for axes in figure.axes]
    assert shown == [0.0] * 6 + [1.0] * 6


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (0.95, "sees through"),
        (0.81, "sees through"),
        (0.8, "somewhat ahead"),
        (0.61, "somewhat ahead"),
        (0.6, "also be even"),
        (0.45, "also be even"),
        (0.44, "somewhat behind"),
        (0.4, "somewhat behind"),
        (0.39, "less than by guessing"),
    ],
)
def test_game(end, word):
    assert word in gan_readings.game([0.99, end])


def cover(reached, near):
    return ModeCoverage(np.zeros(8, int), reached, interval(near, near - 0.02, near + 0.02))


@pytest.mark.parametrize(
    ("alone", "words", "absent"),
    [
        ((3, 0.99), "Kinds are missing from 'then alone'. Nearly every draw looks right", "at no kind,"),
        ((3, 0.5), "from 'then alone'. Many draws lie at no kind, unfinished or driven off: 'then alone'", "Nearly"),
        ((8, 0.5), "Many draws lie at no kind, unfinished or driven off: 'then alone'", "missing"),
        ((8, 0.99), "Nothing is missing in this run", "at no kind,"),
    ],
)
def test_collapse(alone, words, absent):
    sentence = gan_readings.collapse({"real": cover(8, 0.99), "then alone": cover(*alone)})
    assert words in sentence
    assert absent not in sentence.replace("Nothing is missing", "")


@pytest.mark.parametrize(
    ("before", "after", "near", "expected"),
    [(8, 4, 0.9, True), (8, 5, 0.9, False), (8, 1, 0.5, False), (4, 1, 0.9, False), (7, 3, 0.51, True)],
)
def test_collapsed_means_kinds_lost_and_not_kinds_that_were_never_there(before, after, near, expected):
    assert gan_readings.collapsed(cover(before, 0.9), cover(after, near)) is expected


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (3, "3 of 3 games (kinds before and after: 8 to 2, 8 to 2 and 8 to 2): what held"),
        (1, "need not"),
        (0, "too few"),
    ],
)
def test_games(lost, words):
    played = [(cover(8, 0.9), cover(2 if number < lost else 8, 0.95)) for number in range(3)]
    assert words in gan_readings.games(played) and f"in {lost} of 3 games" in gan_readings.games(played)


def test_winning_says_how_much_longer_and_does_not_when_it_is_not():
    assert "1,000 times" in gan_readings.winning([0, 160], SLOPES)
    equal = {"saturating": [0.5, 1.0], "non-saturating": [0.5, 1.0]}
    assert "has not won" in gan_readings.winning([0, 160], equal)


@pytest.mark.parametrize(
    ("value", "word"), [(0.1, "network's teach better"), (-0.1, "does not win"), (0.0, "cannot be told")]
)
def test_usefulness(value, word):
    sentence = gan_readings.usefulness(interval(0.9, 0.88, 0.93), interval(0.95, 0.9, 0.99), gap(value))
    assert word in sentence and "0.900" in sentence and "0.950" in sentence
    assert "are not shown" in sentence and "too easy" not in sentence


def test_the_aim_is_judged_by_the_lower_end_for_both():
    reached, almost = interval(0.99, 0.97, 1.01), interval(0.99, 0.969, 1.01)
    assert "97% are shown" in gan_readings.usefulness(reached, almost, gap(0))
    assert "too easy to need a GAN" in gan_readings.usefulness(almost, reached, gap(0))
    assert "reaches the aim too" in gan_readings.worth(almost, reached, rows())
    assert "not shown" in gan_readings.worth(reached, almost, rows())


SAME, UP, DOWN = (0.8, 0.78, 0.82), (0.9, 0.88, 0.92), (0.7, 0.68, 0.72)


@pytest.mark.parametrize(
    ("precision", "recall", "words"),
    [
        (UP, DOWN, "typical rather than varied"),
        (SAME, DOWN, "Kinds of real pictures are missing"),
        (DOWN, DOWN, "Kinds of real pictures are missing"),
        (DOWN, SAME, "where no real picture does"),
        (DOWN, UP, "where no real picture does"),
        (SAME, SAME, "nothing is missing"),
        (UP, UP, "nothing is missing"),
    ],
)
def test_quality(precision, recall, words):
    real = {"precision": interval(*SAME), "recall": interval(*SAME)}
    ours = {"precision": interval(*precision), "recall": interval(*recall)}
    sentence = gan_readings.quality({"ours": ours, "real": real, "plain": ours}, "ours", "real", "plain")
    assert words in sentence
    side = {UP: "higher", DOWN: "lower", SAME: "not clearly different"}
    assert f"Beside real the generator has {side[precision]} precision" in sentence
    assert f"and {side[recall]} recall" in sentence
    assert "Beside plain the generator has not clearly different precision" in sentence


def memorized(flagged, nearer=0.5):
    share = interval(flagged, max(0, flagged - 0.02), min(1, flagged + 0.02))
    place = interval(nearer, max(0, nearer - 0.03), min(1, nearer + 0.03))
    return Memorization(np.ones(10), np.ones(10), np.zeros(10, bool), share, place)


def rows(**changes):
    usual = {"generator": memorized(0.01), "trivial": memorized(0.0), "honest new ones": memorized(0.01)}
    usual |= {"near copies": memorized(1.0, 1.0), "shifted copies": memorized(0.02)}
    return usual | {name.replace("_", " "): found for name, found in changes.items()}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "not clearly more than of honest ones: no sign of copying. They lie about as near"),
        ({"generator": memorized(0.2)}, "some are copies or nearly so"),
        ({"honest_new_ones": memorized(0.2)}, "fewer than of honest ones: no sign"),
        ({"generator": memorized(0.01, 0.7)}, "do not; with no more of them flagged than by chance"),
        ({"generator": memorized(0.2, 0.7)}, "do not: one more reason to look at the pairs"),
        ({"generator": memorized(0.01, 0.7), "trivial": memorized(0.0, 0.7)}, "smooth pictures are near to many"),
        ({"generator": memorized(0.01, 0.3)}, "farther from training than honest new ones."),
        ({}, "noise 100% are flagged, the alarm works"),
        ({"near_copies": memorized(0.6)}, "so the alarm misses copies"),
        ({}, "shifted by one pixel, 2% of the copies are: a blind spot"),
        ({"shifted_copies": memorized(0.8)}, "here it sees most"),
    ],
)
def test_copying(changes, words):
    assert words in gan_readings.copying(rows(**changes))


AUROC = {"on scanner A": 0.9, "on scanner B": 0.7, "translated": 0.8}


@pytest.mark.parametrize(
    ("lost", "difference", "words"),
    [
        (0.2, 0.1, ("of that 50% comes back", "translation helps")),
        (0.2, -0.1, ("of that -50% comes back", "translation hurts")),
        (0.2, 0.0, ("How much of that comes back is not known", "no effect of translation")),
        (0.005, 0.1, ("the loss itself cannot be shown", "translation helps")),
        (-0.2, 0.0, ("the loss itself cannot be shown", "no effect of translation")),
    ],
)
def test_restored(lost, difference, words):
    sentence = gan_readings.restored(AUROC, gap(lost), gap(difference))
    assert all(word in sentence for word in words)
    assert ("% comes back" in sentence) is (lost > 0.01 and difference != 0)


@pytest.mark.parametrize(
    ("discriminator", "network", "words"),
    [
        (0.1, 0.1, ("it helps", "worth its effort")),
        (-0.1, -0.1, ("it *hurts*", "the filter is *better*")),
        (0.0, 0.0, ("nothing that could be measured", "the simpler one would do")),
    ],
)
def test_opponent(discriminator, network, words):
    assert all(word in gan_readings.opponent(gap(discriminator), gap(network)) for word in words)
