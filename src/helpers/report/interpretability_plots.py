"""Figures about explanations: heat maps beside their images, how they are judged, and effects in a table."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data.known_effects import Expectation
from helpers.evaluation.table_effects import HeldOutEffects
from helpers.report.cnn_plots import SIGNED
from helpers.report.figures import (
    MARKERS,
    PALETTE,
    REFERENCE,
    WIDTH,
    check_models,
    finish,
    legend_below,
    new_figure,
    series_style,
)
from helpers.runtime import InputError

HEAT = "inferno"
EXPECTED = {1: "rise", -1: "fall"}
RULES = {"pointing": "share of images with the peak inside", "mass": "share of the map that lies inside"}


def explanation_sheet(
    images: np.ndarray, maps: Mapping[str, np.ndarray], masks: np.ndarray | None, title: str
) -> Figure:
    """One row per image: the image, then each method's map on its own scale; where known, the outline of what is to be found.

    Args:
        images: (n, height, width) or (n, height, width, 1), shown in gray.
        maps: name to (n or more, height, width), none negative; the first n are shown.
        masks: (n or more, height, width) bool, or None.
        title: of the figure.
    """
    check_models(maps)
    images = np.asarray(images).reshape(np.shape(images)[:3])
    everything = [*maps.values(), *([] if masks is None else [masks])]
    if any(len(some) < len(images) or np.shape(some)[1:] != images.shape[1:] for some in everything):
        raise InputError("give a map, and a mask, of the size of the image for each image")
    count, columns = len(images), len(maps) + 1
    cell = (WIDTH - 0.3) / columns
    figure = new_figure(title, height=cell * count + 0.75)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    grid = figure.subplots(count, columns, squeeze=False)
    for row, image in enumerate(images):
        grid[row, 0].imshow(image, cmap="gray", interpolation="nearest")
        grid[row, 0].set_ylabel(f"case {row + 1}", fontsize=8.5)
        for column, some in enumerate(maps.values(), start=1):
            limit = max(float(some[row].max()), 1e-12)
            grid[row, column].imshow(some[row], cmap=HEAT, vmin=0, vmax=limit, interpolation="nearest")
        for axes in grid[row]:
            _outline(axes, None if masks is None else masks[row])
    for axes, name in zip(grid[0], ("image", *maps), strict=True):
        axes.set_title(textwrap.fill(name, 12), fontsize=9, pad=3)
    return figure


def localization_plot(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Both rules side by side: each map as a point with its 95 % interval, and the chance level as a line.

    Args:
        tables: ``pointing`` and ``mass`` of :func:`helpers.report.explanation_tables.localization_table`.
        title: of the figure.
    """
    check_models(tables)
    count = max(len(table) for table in tables.values())
    figure = new_figure(title, height=1.5 + 0.3 * count)
    panels = figure.subplots(1, len(tables), squeeze=False, sharey=True)[0]
    for axes, (rule, table) in zip(panels, tables.items(), strict=True):
        place = np.arange(len(table))
        ends = np.abs(table[["low", "high"]].to_numpy().T - table["value"].to_numpy())
        known = np.isfinite(ends).all(axis=0)
        style = {"fmt": "o", "color": PALETTE["blue"], "capsize": 3, "markersize": 5}
        axes.errorbar(table["value"][known], place[known], xerr=ends[:, known], **style)
        if not known.all():  # a point without whiskers would look certain
            style |= {"markerfacecolor": "white", "label": "no interval: all images alike"}
            axes.errorbar(table["value"][~known], place[~known], **style)
        axes.axvline(table["chance"].mean(), color=REFERENCE, linestyle=":", linewidth=1.5, label="chance")
        axes.set_yticks(place, list(table.index))
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.set_xlim(-0.02, 1.02)
        finish(axes, RULES[rule], "")
    # Both panels have the same line; it is named once.
    for axes in panels[1:]:
        next(line for line in axes.get_lines() if line.get_label() == "chance").set_label("_chance")
    legend_below(figure)
    return figure


def replacement_plot(curves: Mapping[str, np.ndarray]) -> Figure:
    """Deletion and insertion curves: the probability of the disease while pixels go, or come back, in each map's order.

    Args:
        curves: name to (2, steps + 1), deletion and insertion.
    """
    check_models(curves)
    figure = new_figure("The network's answer while pixels go, or come back", height=3.7)
    left, right = figure.subplots(1, 2, sharey=True)
    for number, (name, pair) in enumerate(curves.items()):
        share = 100 * np.linspace(0, 1, pair.shape[1])
        for axes, curve in zip((left, right), pair, strict=True):
            label = name if axes is left else None
            axes.plot(share, curve, label=label, linewidth=1.8, **series_style(number))
    left.set_ylim(0, 1)
    left.set_title("deletion", fontsize=9.5)
    right.set_title("insertion", fontsize=9.5)
    finish(left, "pixels removed, strongest first (%)", "mean probability of the disease")
    finish(right, "pixels brought back, strongest first (%)", "")
    legend_below(figure)
    return figure


def scrambling_plot(table: pd.DataFrame) -> Figure:
    """How like the trained network's maps those of a scrambled network stay.

    Args:
        table: index: stages from little to everything scrambled; columns: maps; values: mean rank correlation.
    """
    figure = new_figure("Do the maps change when the network forgets?", height=3.8)
    axes = figure.subplots()
    place = np.arange(len(table) + 1)
    for number, name in enumerate(table.columns):
        values = [1.0, *table[name]]
        axes.plot(place, values, marker=MARKERS[number], markersize=5, label=name, **series_style(number))
    axes.axhline(0, color=REFERENCE, linestyle=":", linewidth=1.5, label="no resemblance")
    axes.set_xticks(place, ["trained", *table.index])
    axes.set_ylim(-0.55, 1.05)
    finish(axes, "what was scrambled, from the output back", "rank correlation with trained")
    legend_below(figure)
    return figure


def effect_plot(
    found: HeldOutEffects, names: Sequence[str], signs: pd.DataFrame, expected: Mapping[str, Expectation]
) -> Figure:
    """Shapley values of the strongest columns, colored by the column's own value; at the right what medicine expects.

    Args:
        found: of :func:`helpers.evaluation.table_effects.held_out_effects`.
        names: (columns,) of the columns.
        signs: of :func:`helpers.evaluation.table_effects.effect_signs`: the rows that are drawn, from top to bottom.
        expected: of :func:`helpers.data.known_effects.known_effects`.
    """
    if not len(signs):
        raise InputError("nothing to draw: give at least one column")
    figure = new_figure("What each column adds to the answer, patient by patient", height=1.7 + 0.38 * len(signs))
    axes = figure.subplots()
    generator = np.random.default_rng(0)
    for place, name in enumerate(signs.index):
        column = list(names).index(name)
        different, order = np.unique(found.values[:, column], return_inverse=True)
        color = order / max(len(different) - 1, 1)
        height = place + generator.uniform(-0.28, 0.28, len(color))
        points = axes.scatter(found.effects[:, column], height, c=color, cmap=SIGNED, vmin=0, vmax=1, s=9, linewidths=0)
        words = EXPECTED[expected[name].sign] if name in expected else "(not judged)"
        axes.text(1.02, place, words, transform=axes.get_yaxis_transform(), va="center", fontsize=8.5)
    axes.set_facecolor("#C8C8C8")  # so that white, the middle value, is seen
    axes.axvline(0, color="black", linewidth=1)
    axes.set_yticks(np.arange(len(signs)), [textwrap.fill(name, 24) for name in signs.index])
    axes.set_ylim(len(signs) - 0.5, -0.5)
    axes.text(1.02, 1.01, "risk should", transform=axes.transAxes, va="bottom", fontsize=9, weight="bold")
    finish(axes, "Shapley value (log-odds of the disease)", "")
    axes.grid(visible=False)
    bar = figure.colorbar(points, ax=axes, location="bottom", shrink=0.5, aspect=30, pad=0.02)
    bar.set_ticks([0, 1], labels=["lowest", "highest"])
    bar.set_label("value of the column", fontsize=9)
    return figure


def _outline(axes: Axes, mask: np.ndarray | None) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if mask is not None and mask.any() and not mask.all():
        axes.contour(mask.astype(float), levels=[0.5], colors=[PALETTE["sky"]], linewidths=1.2)
