"""Figures, tables and sentences of 13_foundation_models: everything has room, and no sentence contradicts its numbers."""

import numpy as np
import pandas as pd
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.evaluation import power_law
from helpers.evaluation.comparison import PairedComparison
from helpers.report import foundation_plots, foundation_tables
from helpers.report import foundation_readings as readings
from helpers.report.figures import MARKERS
from helpers.report.foundation_roads import ROADS, percent
from helpers.report.writing import Run

SHARES = (0.01, 0.05, 0.1, 1.0)


def gap(low, high, first=0.9):
    middle = (low + high) / 2
    return PairedComparison(first, first - middle, middle, low, high, 0.5, "any")


def part(count=80):
    return Dataset(
        name="some-images",
        inputs=np.zeros((count, 4, 4, 1), np.uint8),
        targets=np.arange(count) % 2,
        task="binary",
        groups=np.arange(count) // 4,
        groups_known=True,
        split=np.full(count, "test"),
        class_names=("healthy", "tumor"),
        source=Source("Some images", "MIT", "Nobody", synthetic=True, group="patient"),
    )


def scores(roads=tuple(ROADS)):
    """Scores that get better with labels; the pre-trained roads are better than the others."""
    generator, found = np.random.default_rng(0), {}
    for place, road in enumerate(roads):
        for share in SHARES:
            drawings = 1 if share == 1 else 3
            signal = 1 + np.log10(100 * share) + (1.5 if road.endswith(("probe", "finetuned")) else 0)
            noise = generator.normal(0, 2, (drawings, 80))
            found[road, share] = signal * (np.arange(80) % 2) + noise + place
    return found


@pytest.fixture
def run(tmp_path):
    return Run("13_foundation_models", "Foundation models", "tissue-phantom", "quick", 0, str(tmp_path))


@pytest.fixture
def table(run):
    return foundation_tables.score_roads(run, part(), scores())


def test_titles_labels_and_legends_lie_inside_the_figures(table, assert_inside):
    generator = np.random.default_rng(0)
    maps = generator.dirichlet(np.ones(64), size=(2, 64))
    gains = {
        "transformer": {share: gap(-0.1, 0.2) for share in SHARES},
        "CNN": {share: gap(0.1, 0.2) for share in SHARES},
    }
    rows = {name: generator.normal(size=(9, 16, 16, 1)) for name in ("image", "visible", "transformer", "CNN")}
    for figure in (
        foundation_plots.label_curve_plot(table, readings.curve_title(gains["transformer"])),
        foundation_plots.gain_plot(gains, readings.gain_title(gains)),
        foundation_plots.attention_plot(
            generator.normal(size=(64, 64, 1)), maps, [36, 9, 53], 8, readings.attention_title(maps)
        ),
        foundation_plots.reconstruction_plot(rows, readings.reconstruction_title(1.0, 0.7, 0.6)),
    ):
        assert_inside(figure)


def test_no_mark_of_a_curve_hides_another(table):
    figure = foundation_plots.label_curve_plot(table, "Any")
    for axes in figure.axes:
        places = np.concatenate([line.get_xdata() for line in axes.lines if line.get_marker() in MARKERS])
        assert len(np.unique(places.round(6))) == len(places)


def test_attention_map_stands_where_its_patch_is():
    """All attention to patch 5 of a 4 x 4 grid lies in row 1, column 1."""
    maps = np.zeros((1, 16, 16))
    maps[..., 5] = 1
    figure = foundation_plots.attention_plot(np.zeros((16, 16, 1)), maps, [2], 4, "Any")
    drawn = figure.axes[1].images[0]
    assert np.argwhere(np.asarray(drawn.get_array()) == 1).tolist() == [[1, 1]]
    assert drawn.get_extent() == [-0.5, 15.5, 15.5, -0.5]


def test_scores_and_gains_go_into_the_results(run, table):
    found = foundation_tables.both_gains(run, part(), scores())
    metrics = {metric["name"]: metric for metric in run._document["metrics"]}
    assert {"auroc_scratch_1", "auroc_cnn_finetuned_100", "gain_finetuned_5", "gain_cnn_finetuned_10"} < set(metrics)
    assert metrics["auroc_scratch_5"]["seeds"] == 3 and metrics["auroc_scratch_5"]["groups"] == 20
    assert metrics["gain_finetuned_5"]["seeds"] == 3 and metrics["gain_finetuned_5"]["seed_sd"] > 0
    assert metrics["gain_finetuned_5"]["value"] == pytest.approx(
        table.loc[("finetuned", 0.05), "value"] - table.loc[("scratch", 0.05), "value"]
    )
    sentences = list(foundation_tables.gain_sentences(part(), scores(), found))
    assert len(sentences) == 8 and "of 3 drawings" in sentences[0] and "drawings" not in sentences[3]
    wide = foundation_tables.wide_table(table)
    assert list(wide.columns) == ["1 % labeled", "5 % labeled", "10 % labeled", "100 % labeled"]
    assert list(wide.index) == list(ROADS.values())


def test_drawings_are_counted():
    good, bad = np.arange(80) % 2 + 0.0, 1 - np.arange(80) % 2 + 0.0
    found = {("finetuned", 0.1): np.stack([good, bad, good]), ("scratch", 0.1): np.stack([bad, good, bad])}
    assert foundation_tables.drawings_in_favor(part(), found, "finetuned", "scratch", 0.1) == (2, 3)


def test_cost_by_hand(run, table):
    seconds = {(road, 0.05): 2.0 for road in ROADS}
    table.loc[("finetuned", 0.05), "value"] = 0.9
    table.loc[("histogram", 0.05), "value"] = 0.4
    parameters = dict.fromkeys(ROADS, 250_000)
    costs = foundation_tables.cost_table(run, seconds, {"transformer": 30.0, "cnn": 10.0}, parameters, table, 0.05)
    tuned = costs.loc[ROADS["finetuned"]]
    assert tuned["CPU-s per point, one task"] == pytest.approx(32 / 40)
    assert tuned["CPU-s per point, mean of ten tasks"] == pytest.approx(5 / 40)
    assert tuned["weights and optimizer (MB)"] == 4 and costs.loc[ROADS["probe"], "weights and optimizer (MB)"] == 1
    assert costs.loc[ROADS["scratch"], "once (CPU-s)"] == 0
    assert np.isnan(costs.loc[ROADS["histogram"], "CPU-s per point, one task"])  # worse than guessing has no price


def test_laws_are_stored(run):
    sizes = np.array([1e3, 2e3, 4e3, 8e3])
    points = dict.fromkeys(("parameters", "images", "operations"), (sizes, 3 * sizes ** (-0.2)))
    laws = {name: power_law.fit_power_law(*point) for name, point in points.items()}
    checks = {name: power_law.check_extrapolation(*point) for name, point in points.items()}
    foundation_tables.store_laws(run, laws, checks, part())
    metrics = {metric["name"]: metric for metric in run._document["metrics"]}
    assert metrics["scaling_exponent_data"]["value"] == pytest.approx(0.2)
    assert metrics["extrapolation_error_compute"]["value"] == pytest.approx(0, abs=1e-6)
    assert len(readings.scaling(laws, checks, 1.0)) == 6
    assert readings.scaling_title(laws, checks, 1.0).startswith("The law, one step further")


def test_losses_that_never_left_gray_follow_no_law():
    sizes = np.array([1e3, 2e3, 4e3, 8e3])
    points = {"parameters": (sizes, np.array([1.0, 0.999, 1.001, 1.0])), "images": (sizes, 3 * sizes ** (-0.2))}
    laws = {name: power_law.fit_power_law(*point) for name, point in points.items()}
    checks = {name: power_law.check_extrapolation(*point) for name, point in points.items()}
    sentences = readings.scaling(laws, checks, 1.0)
    assert sentences[0].startswith("Over parameters no network got beyond gray") and len(sentences) == 3
    assert not any("parameters" in sentence for sentence in sentences[1:])
    flat = {"parameters": laws["parameters"]}
    assert readings.scaling_title(flat, {"parameters": checks["parameters"]}, 1.0).startswith(
        "No network got beyond gray"
    )


def test_percent():
    assert [percent(share) for share in (0.01, 0.05, 1 / 3, 1.0)] == ["1", "5", "33", "100"]


@pytest.mark.parametrize(
    ("found", "words"),
    [(gap(0.01, 0.1), "helped"), (gap(-0.1, -0.01), "did harm"), (gap(-0.1, 0.1), "do not settle")],
)
def test_gain(found, words):
    mixed = readings.gain(found, 0.05, "the CNN", (2, 3))
    assert words in mixed and ("on average, not in every one" in mixed) == (found.low * found.high > 0)
    agreed = readings.gain(found, 0.05, "the CNN", (3, 3) if found.low > 0 else (0, 3))
    assert words in agreed and "on average" not in agreed


def test_titles_follow_the_intervals():
    up, down, open_ = gap(0.01, 0.1), gap(-0.1, -0.01), gap(-0.1, 0.1)
    assert readings.curve_title({0.05: up, 1.0: open_}) == "Pre-training helped the transformer at 5 % of the labels"
    assert "helped the transformer at 5 % of the labels, harmed at 100 %" in readings.curve_title({0.05: up, 1.0: down})
    assert readings.curve_title({0.05: down}).startswith("Pre-training harmed")
    assert readings.curve_title({0.05: open_}).startswith("No share")
    assert readings.gain_title({"a": {1.0: up}, "b": {1.0: down}}).endswith("1 of 2 intervals above 0, 1 below")


def test_reconstruction_names_the_better_one():
    assert "given, the CNN" in readings.reconstruction(1.0, 0.7, 0.6)
    assert "given, the transformer knows more" in readings.reconstruction(1.0, 0.5, 0.6)
    assert "Neither" in readings.reconstruction(1.0, 0.99, 1.1)
    for rival in (0.9, 1.1):
        assert "this run shows the method, not its worth" in readings.reconstruction(1.0, 1.01, rival)
    assert "the method" not in readings.reconstruction(1.0, 0.8, 0.99)
    assert "the transformer has not got beyond gray" in readings.reconstruction(1.0, 1.01, 0.9)
    assert "the CNN has not got beyond gray" in readings.reconstruction(1.0, 0.8, 0.99)
    assert readings.reconstruction_title(1.0, 1.2, 0.6) == (
        "Of what was hidden, the transformer has not got beyond gray and the CNN explains 40% of the variance"
    )


def test_attention_in_words():
    equal = np.full((2, 4, 4), 0.25)
    assert "1.0 times in block 1 and 1.0 times in block 2" in readings.attention(equal)
    assert readings.attention_title(equal).endswith("of 4: 2 in block 1 and 2 in block 2")
    assert readings.attention_title(np.eye(4)[None]).endswith("1 in block 1")


def test_baselines(table):
    table["value"] = 0.8
    table.loc[("histogram", 0.05), "value"] = 0.99
    assert "No network is ahead" in readings.against_baselines(table, 0.05)
    table.loc[("cnn_finetuned", 0.05), "value"] = 0.995
    assert "A network leads" in readings.against_baselines(table, 0.05)


@pytest.mark.parametrize(
    ("found", "words"),
    [(gap(0.01, 0.1), "Moving all weights pays"), (gap(-0.1, -0.01), "do not pay"), (gap(-0.1, 0.1), "do not settle")],
)
def test_probe(found, words):
    assert words in readings.probe(found, 0.05)


@pytest.mark.parametrize(
    ("gaps", "words"),
    [
        ((gap(0.1, 0.2), gap(0.1, 0.2)), "is of use here"),
        ((gap(0.1, 0.2), gap(-0.1, 0.2)), "of use at some shares of the labels."),
        ((gap(0.1, 0.2), gap(-0.2, -0.1)), "does harm at others"),
        ((gap(-0.2, -0.1), gap(-0.1, 0.2)), "It did harm"),
        ((gap(-0.2, 0.1), gap(-0.1, 0.2)), "do not settle"),
    ],
)
def test_transfer(gaps, words):
    assert words in readings.transfer(dict(zip((0.1, 1.0), gaps, strict=True)), part(), "scanner C")


def test_cost_names_the_cheapest():
    columns = ["CPU-s per point, one task", "CPU-s per point, mean of ten tasks"]
    table = pd.DataFrame([[1.0, 2.0], [3.0, 1.0]], index=["alone", "shared"], columns=columns)
    assert "alone for one task, shared when ten" in readings.cost(table)
    assert "for one task as for ten: alone" in readings.cost(table.iloc[:1])
    assert readings.cost(table * np.nan).startswith("No road is above guessing")


def test_labeled():
    words = readings.labeled({0.1: (2, 20, 3), 1.0: (24, 240, 1)}, "patient")
    assert words == (
        "Labeled: 10 %: 2 of 24 patients, 20 images, 3 drawings; 100 %: 24 of 24 patients, 240 images, one drawing."
    )
    small = readings.labeled({0.01: (2, 20, 3), 0.1: (2, 20, 3), 1.0: (10, 99, 1)}, "patient")
    assert "At 1 and 10 % more are labeled than that" in small
