"""Figures of subgroups, prediction sets and sample sizes: what is drawn is what was given, and everything has room."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy.stats import norm

from helpers.evaluation import conformal, sample_size, subgroups
from helpers.report import plots
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
GROUPS = np.arange(400) // 2
TARGETS = (GROUPS % 2 == 0).astype(int)
SITE = np.array(["north", "south", "east"])[GROUPS % 3]
SCORES = GENERATOR.normal(size=400) + 2.2 * TARGETS - 1.1 - 1.5 * ((SITE == "east") & (TARGETS == 1))
PROBABILITY = norm.cdf(SCORES)
TABLE = subgroups.subgroup_table(
    "sensitivity",
    TARGETS,
    PROBABILITY,
    GROUPS,
    {
        "site": SITE,
        "brightness of the image": np.repeat(["dark", "bright"], 200),
        "kind": np.where(GROUPS < 8, "rare", "usual"),
    },
)
SETS = conformal.coverage_of_sets(
    conformal.fit_conformal(TARGETS, PROBABILITY, GROUPS, conditional=True).sets(PROBABILITY), TARGETS, GROUPS
)
NUMBERS = np.unique(np.geomspace(20, 20000, 40).astype(int))
CURVES = {
    "accuracy": pd.Series([sample_size.half_width(sample_size.proportion_at(n, 0.9)) for n in NUMBERS], NUMBERS),
    "AUROC": pd.Series([sample_size.half_width(sample_size.auroc_at(n, 0.95)) for n in NUMBERS], NUMBERS),
}
TODAY = {"accuracy": (200, 0.045), "AUROC": (200, 0.03)}
TITLE = "A title that is a sentence of some length, so that it has to be broken into two lines in every figure here"
FIGURES = {
    "subgroups": lambda: plots.subgroup_forest_plot(TABLE, "sensitivity", 0.76, title=TITLE),
    "sets": lambda: plots.prediction_set_plot(SETS, ("benign", "malignant"), title=TITLE),
    "sizes": lambda: plots.sample_size_plot(CURVES, TODAY, title=TITLE),
    "sizes, few": lambda: plots.sample_size_plot(CURVES, {"AUROC": (22, 0.13)}, title=TITLE),
}


@pytest.mark.parametrize("name", FIGURES)
def test_everything_lies_inside_the_figure_and_hides_no_data(name):
    figure = FIGURES[name]()
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    parts = [
        figure._suptitle,
        *figure.legends,
        axes.xaxis.label,
        axes.yaxis.label,
        *axes.texts,
        *axes.get_yticklabels(),
    ]
    for part in parts:
        if hasattr(part, "get_text") and not part.get_text():
            continue
        extent = part.get_window_extent()
        assert extent.x0 >= -1 and extent.y0 >= -1, part
        assert extent.x1 <= figure.bbox.x1 + 1 and extent.y1 <= figure.bbox.y1 + 1, part
    for legend in figure.legends:
        assert not legend.get_window_extent().overlaps(axes.get_window_extent())
    assert plots.png(FIGURES[name]()) == plots.png(FIGURES[name]())


@pytest.mark.parametrize("name", ["subgroups", "sizes", "sizes, few"])
def test_words_do_not_lie_on_each_other(name):
    figure = FIGURES[name]()
    FigureCanvasAgg(figure).draw()
    extents = [text.get_window_extent() for text in figure.axes[0].texts]
    for number, one in enumerate(extents):
        for other in [*extents[number + 1 :], figure.axes[0].yaxis.label.get_window_extent()]:
            assert not one.overlaps(other)


def test_subgroups_too_small_are_named_and_different_ones_marked():
    axes = FIGURES["subgroups"]().axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert f"too few ({TABLE.loc[('kind', 'rare'), 'counted']:.0f} groups)" in texts
    assert {"site", "kind", "east", "rare", "usual"} <= set(texts)
    row = TABLE.loc[("site", "east")]
    assert f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f}), {row['counted']:.0f} groups" in texts
    assert row["p_adjusted"] < 0.05
    assert "differs from the rest (adjusted p < 0.05)" in axes.get_legend_handles_labels()[1]


def test_bars_of_the_sets_add_up_to_all_cases():
    axes = FIGURES["sets"]().axes[0]
    widths = np.array([[bar.get_width() for bar in container] for container in axes.containers])
    np.testing.assert_allclose(widths.sum(axis=0), 1)
    assert widths[1].tolist() == pytest.approx(SETS["single_wrong"].tolist())
    assert "empty: too close to call" not in axes.get_legend_handles_labels()[1]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "all cases (400)",
        "benign (200)",
        "malignant (200)",
    ]


def test_sizes_write_the_number_that_reaches_the_line():
    axes = FIGURES["sizes"]().axes[0]
    texts, labels = [text.get_text() for text in axes.texts], axes.get_legend_handles_labels()[1]
    exact = [
        sample_size.groups_for_half_width(0.02, lambda n: sample_size.proportion_at(n, 0.9)),
        sample_size.groups_for_half_width(0.02, lambda n: sample_size.auroc_at(n, 0.95)),
    ]
    written = [float(re.search(r"about ([\d,]+) for ± 2", label)[1].replace(",", "")) for label in labels[:2]]
    assert written == pytest.approx(exact, rel=0.03)
    assert "today 200: ± 4.5" in texts and "today 200: ± 3.0" in texts


def test_bad_input():
    with pytest.raises(InputError):
        plots.subgroup_forest_plot(TABLE.iloc[:0], "sensitivity")
    with pytest.raises(InputError):
        plots.sample_size_plot({})
