"""Figures and sentences of 05_gan: everything has room, and no sentence contradicts its numbers."""

import numpy as np
import pytest

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.generated_samples import Memorization
from helpers.evaluation.proportions import Interval
from helpers.report import gan_plots, gan_readings
from helpers.runtime import InputError

PLACES = np.linspace(-3, 3, 50)
DENSITY = np.exp(-(PLACES**2))
CLOUDS = {name: np.random.default_rng(0).normal(size=(50, 2)) for name in ("real", "kind not told", "kind told")}
REACHED = {"real": 8, "kind not told": 3, "kind told": 8}
CENTERS = np.random.default_rng(1).normal(size=(8, 2))
SLOPES = {"saturating": [0.5, 0.001], "non-saturating": [0.5, 1.0]}
FIGURES = {
    "densities": lambda: gan_plots.discriminator_plot(PLACES, DENSITY, DENSITY + 0.1, DENSITY / (2 * DENSITY + 0.1)),
    "ring": lambda: gan_plots.ring_plot(CLOUDS, CENTERS, REACHED),
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


@pytest.mark.parametrize(("end", "word"), [(0.95, "sees through"), (0.55, "no proof"), (0.2, "less than by guessing")])
def test_game(end, word):
    assert word in gan_readings.game([0.99, end])


@pytest.mark.parametrize(
    ("reached", "near", "words"),
    [
        (REACHED, 0.99, "Collapsed: 'kind not told'. Nearly every draw looks right"),
        (REACHED, 0.5, "Not collapsed but unfinished: 'kind not told'"),
        (dict.fromkeys(REACHED, 8), 0.99, "Nothing has collapsed"),
    ],
)
def test_collapse(reached, near, words):
    assert words in gan_readings.collapse(reached, 8, dict.fromkeys(reached, near))


def test_winning_says_how_much_longer_and_does_not_when_it_is_not():
    assert "1,000 times" in gan_readings.winning([0, 160], SLOPES)
    equal = {"saturating": [0.5, 1.0], "non-saturating": [0.5, 1.0]}
    assert "has not won" in gan_readings.winning([0, 160], equal)


@pytest.mark.parametrize(("value", "word"), [(0.1, "better than"), (-0.1, "does not win"), (0.0, "cannot be told")])
def test_usefulness(value, word):
    sentence = gan_readings.usefulness(interval(0.9, 0.88, 0.93), gap(value))
    assert word in sentence and "0.900" in sentence


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.6, 0.8, "merely typical"), (0.2, 0.4, "nothing copied"), (0.4, 0.6, "no sign")]
)
def test_copying(low, high, word):
    def found(nearer, flagged):
        share = interval(0.5, 0.4, 0.6)
        return Memorization(np.ones(10), np.ones(10), np.arange(10) < flagged, nearer, share, 0.5)

    middle = (low + high) / 2
    sentence = gan_readings.copying(found(interval(middle, low, high), 2), found(interval(1.0, 0.99, 1.0), 10))
    assert word in sentence and "20.0% are flagged" in sentence and "100% of its pictures" in sentence


@pytest.mark.parametrize(
    ("comes", "there", "difference", "words"),
    [
        (0.7, 0.9, 0.1, ("50% comes back", "translation helps")),
        (0.7, 0.9, -0.1, ("-50%", "translation hurts")),
        (0.9, 0.9, 0.0, ("nothing to restore", "no effect")),
    ],
)
def test_restored(comes, there, difference, words):
    auroc = {"as it comes": comes, "translated": comes + difference, "trained there": there}
    sentence = gan_readings.restored(auroc, gap(difference))
    assert all(word in sentence for word in words)
