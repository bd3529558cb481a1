"""Figures and sentences of 02_cnn: everything has room, shows what was given, and no sentence contradicts its numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.counting import nucleus_counts
from helpers.data.phantoms.tissue import tissue_phantom
from helpers.evaluation.regression import absolute_error_difference, mean_absolute_error
from helpers.report import cnn_plots, cnn_readings, score_tables, writing
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.normal(size=(2, 16, 16))
KERNELS = {"edge": GENERATOR.normal(size=(3, 3)), "spot": GENERATOR.normal(size=(9, 9))}
ANSWERS = {name: GENERATOR.normal(size=(2, 14, 14)) for name in KERNELS}
TRUTH = GENERATOR.normal(60, 8, 80)
PREDICTED = {"coarse pixels": np.full(80, 60.0), "spot counter": TRUTH + 5, "network": 30 + TRUTH / 2}
FIELD = np.zeros((20, 20))
FIELD[6:12, 5:11] = GENERATOR.uniform(0.5, 1, (6, 6))
HISTORY = pd.DataFrame({"epoch": [1, 2, 3], "loss": [0.9, 0.5, 0.3], "validation_loss": [9.0, 0.6, 0.5]})

FIGURES = {
    "kernels": lambda: cnn_plots.kernel_sheet(IMAGES, ANSWERS, KERNELS),
    "shift": lambda: cnn_plots.shift_plot(change(0.6, 0.5)),
    "loss": lambda: cnn_plots.loss_plot(
        {"cross-entropy": HISTORY, "squared error": HISTORY}, {"cross-entropy": 0.7, "squared error": 1.0}
    ),
    "counts": lambda: cnn_plots.predicted_against_true_plot(TRUTH, PREDICTED, "number of nuclei"),
    "filters": lambda: cnn_plots.filter_sheet(GENERATOR.normal(size=(3, 3, 1, 10))),
    "field": lambda: cnn_plots.receptive_field_plot(FIELD, [FIELD, FIELD], [6, 6]),
}


def change(without, with_twos):
    return pd.DataFrame({"max": [without, with_twos, 0.1], "average": [without, with_twos, 0.1]}, index=[1, 2, 16])


@pytest.mark.parametrize("name", FIGURES)
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(FIGURES[name]())


@pytest.mark.parametrize(
    "call",
    [
        lambda: cnn_plots.kernel_sheet(IMAGES, ANSWERS, {"edge": KERNELS["edge"]}),
        lambda: cnn_plots.shift_plot(change(0.6, 0.5).drop(index=1)),
        lambda: cnn_plots.filter_sheet(np.zeros((3, 3, 3, 4))),
        lambda: cnn_plots.receptive_field_plot(FIELD, [FIELD], [6, 6]),
        lambda: cnn_plots.predicted_against_true_plot(TRUTH, {}, "number"),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()


def test_signed_pictures_have_zero_in_the_middle():
    pictures = [axes.images[0] for axes in FIGURES["kernels"]().axes if axes.images]
    signed = [picture.get_clim() for picture in pictures if picture.get_cmap().name == "signed"]
    assert len(signed) == 6 and all(low == -high for low, high in signed)


def test_panels_name_their_error_and_share_their_axes():
    panels = FIGURES["counts"]().axes
    assert panels[1].get_title().endswith("5.00")
    assert len({(*axes.get_xlim(), *axes.get_ylim()) for axes in panels}) == 1


def test_receptive_field_square_holds_the_influence():
    axes = FIGURES["field"]().axes[1]
    (square,) = axes.patches
    # Pixels 5 to 10 and 6 to 11 cover 4.5 to 10.5 and 5.5 to 11.5.
    assert (square.get_x(), square.get_y(), square.get_width()) == (4.5, 5.5, 6)


@pytest.mark.parametrize(
    ("after", "word"), [(0.2, "less than half"), (0.5, "far from indifferent"), (0.7, "does not help")]
)
def test_shift(after, word):
    assert word in cnn_readings.shift(change(0.6, after))


@pytest.mark.parametrize(("offset", "word"), [(-4, "larger error"), (4, "smaller error"), (0, "cannot be told apart")])
def test_error_gap(offset, word):
    noise = GENERATOR.normal(size=(2, 200))
    first, second = 10 + noise[0], 10 + offset + noise[1]
    gap = absolute_error_difference(np.zeros(200), first, second)
    assert word in cnn_readings.error_gap(gap, "The network", "spots", "nuclei")


def test_error_gap_without_interval_claims_nothing():
    gap = absolute_error_difference(np.zeros(6), np.ones(6), np.ones(6))
    assert "do not tell" in cnn_readings.error_gap(gap, "The network", "spots", "nuclei")


@pytest.mark.parametrize(("factor", "word"), [(0.5, "keep to the middle"), (1.0, "as far as"), (1.5, "further")])
def test_spread(factor, word):
    assert word in cnn_readings.spread(TRUTH, factor * TRUTH, "nuclei")


@pytest.mark.parametrize(("ratio", "word"), [(1.05, "they add up"), (3.9, "how densely"), (2.0, "do not add up")])
def test_quarters(ratio, word):
    assert word in cnn_readings.quarters(ratio)


def test_resemblance():
    table = pd.DataFrame({"edge": [-0.95, 0.1, 0.2], "blur": [0.1, 0.85, 0.3]})
    sentence = cnn_readings.resemblance(table)
    assert "2 of 3" in sentence and "1 like edge" in sentence and "1 like blur" in sentence
    assert "None of the 3" in cnn_readings.resemblance(table / 2)


def test_receptive_field():
    even, sharp = np.zeros((20, 20)), np.zeros((20, 20))
    even[4:17, 4:17] = 1
    sharp[4:17, 4:17] = 0.01
    sharp[9:12, 9:12] = 1
    assert "exactly" in cnn_readings.receptive_field([13], [13], even)
    assert "about evenly" in cnn_readings.receptive_field([13], [13], even)
    assert "stay within" in cnn_readings.receptive_field([11], [13], sharp)
    assert "mostly at the middle" in cnn_readings.receptive_field([11], [13], sharp)


@pytest.mark.parametrize(("last", "word"), [(0.3, "about as well"), (0.45, "somewhat better"), (0.9, "far better")])
def test_by_heart(last, word):
    assert word in cnn_readings.by_heart({"cross-entropy": HISTORY.assign(validation_loss=last)})


def test_kept():
    maps = np.zeros((1, 4, 4, 1))
    maps[0, 0, 0] = 4
    sentence = cnn_readings.kept(
        maps, np.array([4.0, 0, 0, 0]).reshape(1, 2, 2, 1), np.array([1.0, 0, 0, 0]).reshape(1, 2, 2, 1)
    )
    assert "mean 0.250 and largest value 4.00" in sentence
    assert "lower the peak to 1.00" in sentence and "raise the mean to 1.000" in sentence


def test_scores_go_into_the_results_with_their_intervals(tmp_path):
    tissue = tissue_phantom(100)
    run = writing.Run("02_cnn", "Test", "tissue-phantom", "quick", 0, str(tmp_path))
    run.add_dataset(tissue)
    part = nucleus_counts(tissue).part("validation")
    predictions = {"mean": np.full(len(part), 60.0), "spot counter": part.targets + GENERATOR.normal(size=len(part))}
    table = score_tables.regression_scores(run, part, predictions, "nuclei", 100)
    scores = {"network": tissue.part("validation").truth["lesion_fraction"]}
    score_tables.classification_scores(run, tissue.part("validation"), scores)
    metrics = {metric["name"]: metric for metric in run.save()["metrics"]}
    assert table.loc["mean", "correlation"] == "not defined"
    found = metrics["absolute_error_spot_counter"]
    expected = mean_absolute_error(part.targets, predictions["spot counter"], part.groups, 100)
    assert (found["value"], found["low"], found["groups"]) == (expected.value, expected.low, len(set(part.groups)))
    assert found["unit"] == "nuclei" and found["split"] == "validation" and found["model"] == "spot counter"
    assert metrics["auroc_network"]["value"] == 1.0  # only cancer has a lesion
    assert "correlation_mean" not in metrics and metrics["correlation_spot_counter"]["value"] > 0.9


def test_two_questions():
    tissue = tissue_phantom(20)
    assert "same images" in cnn_readings.two_questions(tissue, tissue)
    other = replace(tissue, name="pneumoniamnist", class_names=("normal", "pneumonia"))
    sentence = cnn_readings.two_questions(other, tissue)
    assert "pneumonia" in sentence and "tissue-phantom" in sentence
