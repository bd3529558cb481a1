"""Figure and sentences of scaling laws: everything has room, the held-out size stands apart, every outcome is worded."""

import numpy as np
import pytest

from helpers.evaluation.power_law import check_extrapolation, fit_power_law, fit_power_law_with_floor
from helpers.report import scaling_law_readings as readings
from helpers.report import scaling_plots
from helpers.runtime import InputError

SIZES = 1000 * 2.0 ** np.arange(6)


def losses(scatter=0.003, exponent=0.2, last=1.0, floor=0.0):
    """(6, 3): the same pattern of deviations every time, the largest size multiplied by ``last``."""
    pattern = np.array([1, -1, 0, -1, 1, 0.5])[:, None] + np.array([-0.5, 0, 0.5])
    found = (floor + 0.9 * (SIZES / SIZES[0]) ** -exponent)[:, None] * np.exp(scatter * pattern)
    found[-1] *= last
    return found


def checks():
    return {
        "parameters": check_extrapolation(SIZES, losses()),
        "training images": check_extrapolation(SIZES, losses(last=1.3)),
        "operations": check_extrapolation(3e9 * SIZES, losses(scatter=0.1)),
    }


@pytest.mark.parametrize("names", [["parameters"], ["parameters", "training images", "operations"]])
def test_titles_labels_and_legends_lie_inside_the_figure(names, assert_inside):
    shown = {name: checks()[name] for name in names}
    assert_inside(scaling_plots.scaling_law_plot(shown, "loss (squared error)", readings.title(shown)))


def test_the_largest_size_is_drawn_apart_and_no_data_are_cut_off():
    found = checks()
    panels = scaling_plots.scaling_law_plot(found, "loss").axes
    assert [axes.get_title() for axes in panels] == [
        f"largest size: {word}" for word in ("inside", "outside", "inside")
    ]
    for axes, check in zip(panels, found.values(), strict=True):
        fitted, largest = axes.lines[-2], axes.lines[-1]
        assert fitted.get_xdata().tolist() == check.law.sizes.tolist() and largest.get_xdata() == [check.size]
        assert largest.get_markerfacecolor() == "white" and len(axes.lines[1].get_xdata()) == 18
        low, high = axes.get_ylim()
        assert (
            low
            < min(check.law.losses.min(), check.losses.min())
            < max(check.law.losses.max(), check.losses.max())
            < high
        )
    ticks = [label.get_text() for label in panels[0].get_xticklabels()]
    assert ticks == ["", "2,000", "", "8,000", "", "32k"]


def test_one_run_per_size_has_no_points_of_single_runs():
    check = check_extrapolation(SIZES, losses()[:, 0])
    figure = scaling_plots.scaling_law_plot({"parameters": check}, "loss")
    assert "one run" not in [text.get_text() for text in figure.legends[0].get_texts()]


def test_nothing_to_draw_is_refused():
    with pytest.raises(InputError, match="nothing to draw"):
        scaling_plots.scaling_law_plot({}, "loss")


@pytest.mark.parametrize(
    ("value", "words"), [(64, "64"), (9542, "9,542"), (12_345, "12.3k"), (28.9e6, "28.9M"), (3.1e12, "3.1T")]
)
def test_short_sizes(value, words):
    assert scaling_plots.short_size(value) == words


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        ({}, "More images, less loss: doubling the images multiplies the loss by 0.87"),
        ({"exponent": -0.2}, "More images, more loss: doubling the images multiplies the loss by 1.14"),
        ({"exponent": 0.0, "scatter": 0.1}, "No law over images is shown, the interval of the exponent includes 0"),
    ],
)
def test_laws_in_words(arguments, start):
    sentence = readings.law(fit_power_law(SIZES, losses(**arguments)), "images")
    assert sentence.startswith(start) and sentence.endswith("from 6 sizes with 3 runs each.")


def test_floors_in_words():
    found = readings.law(fit_power_law_with_floor(SIZES, losses(floor=2, exponent=0.5, scatter=1e-4)), "images")
    assert "the part of the loss above the floor by 0.7" in found and "A floor shows: no size gets below 2.0" in found
    without = readings.law(fit_power_law_with_floor(SIZES, losses()), "images")
    assert "A floor cannot be told from none" in without and "(95 % interval 0.000 to" in without


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "inside, and a loss that had stopped at 0.518, the last fitted size, would not have been."),
        ({"scatter": 0.1}, "inside. That is weak support: a loss that had stopped falling at"),
        ({"last": 1.3}, "outside, the loss is higher than promised. The law does not reach this far"),
        ({"last": 0.7}, "outside, the loss is lower than promised. The law does not reach this far"),
    ],
)
def test_extrapolations_in_words(arguments, words):
    sentence = readings.extrapolation(check_extrapolation(SIZES, losses(**arguments)), "images")
    assert words in sentence and sentence.startswith("From 5 sizes with 3 runs each the law promises 0.4")
    assert "at 32,000 images" in sentence


def test_small_losses_keep_three_digits():
    sentence = readings.extrapolation(check_extrapolation(SIZES, losses() / 100), "images")
    assert "promises 0.0045" in sentence and "0.00451 was measured" in sentence


def test_titles_say_what_could_have_failed():
    found = checks()
    assert readings.title(found) == (
        "The law, one step further: it fails over training images, it holds over parameters, it cannot be told from a standstill "
        "over operations"
    )
    assert readings.title({"parameters": found["parameters"]}) == "The law, one step further: it holds over parameters"


def test_tables_and_alternative_texts_hold_the_numbers():
    found = checks()
    laws = {name: fit_power_law(SIZES, losses()) for name in found}
    table = readings.law_table(laws, found)
    assert table["inside"].tolist() == ["yes", "no", "yes"] and table.loc["parameters", "sizes"] == 6
    assert table.loc["parameters", "exponent"] == laws["parameters"].exponent.text()
    text = readings.alternative(found, "squared error")
    assert f"to {found['training images'].observed:.3g} at 32,000" in text and "at 96T" in text
