"""Figures, tables and sentences of 04_autoencoder: everything has room, and no sentence contradicts its numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.phantoms.tissue import tissue_phantom
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.intervals import Interval
from helpers.report import autoencoder_plots, autoencoder_readings, error_tables, writing
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
PICTURES = GENERATOR.normal(size=(6, 12, 12, 1))
UNITS = pd.DataFrame({"divergence": [0.2, 1.5, 0.0], "active": [True, True, False]})
SIZES = pd.DataFrame(
    {
        "normal": [0.4, 0.08, 0.002],
        "disease": [0.6, 0.15, 0.003],
        "auroc": [0.69, 0.78, 0.7],
        "low": [0.6, 0.7, 0.6],
        "high": [0.75, 0.84, 0.78],
    },
    index=[2, 16, 1152],
)

FIGURES = {
    "rows": lambda: autoencoder_plots.picture_rows({"original": PICTURES, "network, 16": PICTURES}, "Drawn again"),
    "signed": lambda: autoencoder_plots.picture_rows({"PCA": PICTURES[:1]}, "A basis", signed=True),
    "columns": lambda: autoencoder_plots.picture_rows({"a": PICTURES}, "Named", columns=list("abcdef")),
    "too good": lambda: autoencoder_plots.too_good_plot(SIZES, ("the Mahalanobis distance", 0.75)),
    "units": lambda: autoencoder_plots.unit_plot(UNITS),
    "walk": lambda: autoencoder_plots.walk_plot(
        PICTURES, np.linspace(-2, 2, 6), GENERATOR.normal(size=50), GENERATOR.normal(size=50), "diameter (px)"
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(FIGURES[name]())


@pytest.mark.parametrize(
    "call",
    [
        lambda: autoencoder_plots.picture_rows({}, "nothing"),
        lambda: autoencoder_plots.picture_rows({"a": PICTURES, "b": PICTURES[:2]}, "unequal"),
        lambda: autoencoder_plots.picture_rows({"a": PICTURES}, "named", columns=["only one"]),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_rows_share_one_gray_scale_and_signed_ones_have_zero_in_the_middle():
    gray = {axes.images[0].get_clim() for axes in FIGURES["rows"]().axes}
    assert len(gray) == 1
    low, high = FIGURES["signed"]().axes[0].images[0].get_clim()
    assert low == -high


def test_collapsed_units_are_hollow_and_last():
    bars = FIGURES["units"]().axes[0].patches
    heights = [bar.get_height() for bar in bars]
    assert heights == [1.5, 0.2, 0.0]
    assert bars[-1].get_facecolor()[:3] == (1, 1, 1) != bars[0].get_facecolor()[:3]


def gap(difference, half=0.01, first=0.3):
    return PairedComparison(first, first - difference, difference, difference - half, difference + half, 0.5, "test")


def test_compression_names_the_winner_at_every_size():
    sentence = autoencoder_readings.compression({2: gap(-0.1), 3: gap(-0.05), 16: gap(0.02), 32: gap(0.0)}, 0.6)
    assert "the network wins with 2 and 3" in sentence and "PCA wins with 16" in sentence
    assert "cannot be told apart with 32" in sentence and "50% with 2" in sentence and "without training" in sentence
    everywhere = autoencoder_readings.compression({2: gap(-0.1)}, 0.6)
    assert "PCA" not in everywhere and "pays at every size" in everywhere
    assert "pays" not in autoencoder_readings.compression({2: gap(0.0)}, 0.6)


@pytest.mark.parametrize(("value", "word"), [(-0.1, "smaller error"), (0.1, "larger error"), (0.0, "told apart")])
def test_smaller_error(value, word):
    assert word in autoencoder_readings.smaller_error(gap(value), "The network", "the filter")


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.6, 0.8, "ranks cancer above"), (0.2, 0.4, "*smaller*"), (0.4, 0.6, "cannot tell")]
)
def test_detection(low, high, word):
    found = Interval((low + high) / 2, low, high, "test", 0.95)
    assert word in autoencoder_readings.detection(found, "The error", "cancer")


@pytest.mark.parametrize(
    ("value", "word"), [(-0.1, "detects worse ("), (0.1, "surprise"), (0.0, "cannot be told here")]
)
def test_too_good(value, word):
    assert word in autoencoder_readings.too_good(SIZES, gap(value), 1152, 16)


@pytest.mark.parametrize(
    ("active", "word"),
    [
        ([True] * 3, "nothing has collapsed"),
        ([False] * 3, "every picture gets the same"),
        ([True, False, True], "2 of 3"),
    ],
)
def test_units(active, word):
    sentence = autoencoder_readings.units(UNITS.assign(active=active), {1.0: 9, 4.0: 2, 16.0: 0})
    assert word in sentence
    assert "3 at a pixel variance of 1, 2 at a pixel variance of 4, none at a pixel variance of 16" in sentence


@pytest.mark.parametrize(("share", "word"), [(0.6, "smoother"), (1.0, "nothing yet"), (1.4, "vary more")])
def test_samples(share, word):
    assert word in autoencoder_readings.samples(share)


@pytest.mark.parametrize(
    ("value", "low", "high", "word"),
    [(0.8, 0.7, 0.9, "measures diameter"), (-0.4, -0.5, -0.3, "no measurement"), (0.2, 0.05, 0.4, "cannot be shown")],
)
def test_walk(value, low, high, word):
    assert word in autoencoder_readings.walk("diameter", 0.5, Interval(value, low, high, "test", 0.95))


@pytest.mark.parametrize(("angle", "word"), [(1e-5, "they are the same"), (3.0, "stopped early")])
def test_subspace(angle, word):
    assert word in autoencoder_readings.subspace(angle, 2 * angle, 100)


def test_pictures_says_what_is_known():
    tissue = tissue_phantom(20)
    nuclei = replace(tissue, truth={"diameter": tissue.truth["size"]})
    assert "one nucleus" in autoencoder_readings.pictures(nuclei)
    whole = replace(tissue, truth={"brightness": tissue.truth["size"]})
    assert "whole image" in autoencoder_readings.pictures(whole) and "brightness" in autoencoder_readings.pictures(
        whole
    )
    assert autoencoder_readings.quantity("diameter") == "diameter (px)"
    assert autoencoder_readings.quantity("chromatin") == "chromatin"


def test_tables_put_every_error_into_the_results(tmp_path):
    run = writing.Run("04_autoencoder", "Test", "tissue-phantom", "quick", 0, str(tmp_path))
    run.add_dataset(tissue_phantom(20))
    groups, targets = np.repeat(np.arange(20), 5), np.tile([0, 1], 50)
    trivial = GENERATOR.uniform(0.9, 1.1, 100)
    errors = {2: (trivial - 0.5, trivial - 0.3), 16: (trivial - 0.6, trivial - 0.8)}
    table, gaps = error_tables.compression_table(run, "test", groups, errors, trivial, 100)
    sizes = error_tables.bottleneck_table(run, "test", targets, groups, {2: trivial + targets, 99: trivial})
    document = run.save()
    metrics = {metric["name"]: metric for metric in document["metrics"]}
    assert metrics["error_network_2"]["value"] == pytest.approx(trivial.mean() - 0.5)
    assert metrics["error_network_2"]["low"] < metrics["error_network_2"]["value"] < metrics["error_network_2"]["high"]
    assert metrics["error_difference_16"]["value"] == pytest.approx(0.2)
    assert table.index.tolist() == [2, 16] and gaps[2].difference == pytest.approx(-0.2)
    assert sizes.loc[2, "auroc"] == 1.0 and sizes.loc[2, "disease"] - sizes.loc[2, "normal"] == pytest.approx(
        1, abs=0.1
    )
    assert {"auroc_2_numbers", "auroc_99_numbers"} <= set(metrics)
