"""Figures of what a reviewer asks next: subgroups, prediction sets, the number of patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from helpers.report.figures import (
    MARKERS,
    PALETTE,
    REFERENCE,
    check_models,
    finish,
    legend_below,
    new_figure,
    series_style,
)
from helpers.runtime import InputError

SET_PARTS = {
    "sure, and right": (PALETTE["blue"], "white"),
    "sure, and wrong": (PALETTE["vermilion"], "white"),
    "unsure: several classes": (PALETTE["orange"], "black"),
    "empty: too close to call": ("#BBBBBB", "black"),
}
NARROW = 0.045  # of the width of a bar; a part below it has no room for its number


def subgroup_forest_plot(
    table: pd.DataFrame, measure: str, overall: float | None = None, adjusted: float = 0.05, title: str = ""
) -> Figure:
    """A metric by subgroup: point, 95 % interval, number of groups it rests on; those too small are named as such.

    Args:
        table: from :func:`helpers.evaluation.subgroups.subgroup_table`.
        measure: what is shown, for the axis ("sensitivity").
        overall: value of all samples, drawn as a line.
        adjusted: subgroups whose adjusted p value is below this differ from the rest and get another mark.
        title: of the figure.
    """
    if not len(table):
        raise InputError("nothing to draw: the table has no subgroup")
    properties = table.index.get_level_values(0)
    # One line of head per property, so that the words of the subgroups can stay short.
    heights, height = [], 0.0
    for number, name in enumerate(properties):
        height += 1.0 + (1.0 if number == 0 or properties[number - 1] != name else 0.0)
        heights.append(height)
    figure = new_figure(title, width=7.4, height=1.2 + 0.27 * (height + 1))
    axes = figure.subplots()
    if overall is not None:
        axes.axvline(overall, color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)), label=f"all samples: {overall:.3f}")
    right = axes.get_yaxis_transform()
    labels = {}
    for place, ((name, word), row) in zip(heights, table.iterrows(), strict=True):
        if name not in labels:
            labels[name] = place - 1
            axes.text(-0.02, place - 1, name, transform=right, ha="right", va="center", fontsize=9.5, weight="bold")
        axes.text(-0.02, place, word, transform=right, ha="right", va="center", fontsize=9)
        size = f"{row['counted']:.0f} groups"
        if row["note"] or np.isnan(row["value"]):
            axes.text(1.03, place, f"too few ({size})", transform=right, va="center", fontsize=8.5, color=REFERENCE)
            continue
        differs = row["p_adjusted"] < adjusted
        axes.errorbar(
            row["value"],
            place,
            xerr=np.clip([[row["value"] - row["low"]], [row["high"] - row["value"]]], 0, None),
            fmt=MARKERS[1] if differs else MARKERS[0],
            color=PALETTE["vermilion"] if differs else PALETTE["blue"],
            capsize=3,
            markersize=5.5,
            linewidth=1.6,
            label=_once(axes, f"differs from the rest (adjusted p < {adjusted:g})" if differs else "subgroup"),
        )
        text = f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f}), {size}"
        axes.text(1.03, place, text, transform=right, va="center", fontsize=8.5)
    axes.set_yticks([])
    axes.set_ylim(height + 0.7, 0.2)
    axes.set_xlim(-0.02, 1.02)
    finish(axes, f"{measure} with 95 % interval", "")
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    legend_below(figure)
    return figure


def prediction_set_plot(
    table: pd.DataFrame, class_names: Sequence[str] = ("healthy", "diseased"), promised: float = 0.9, title: str = ""
) -> Figure:
    """How often the prediction sets are sure, unsure or empty, over all cases and by true class.

    Args:
        table: from :func:`helpers.evaluation.conformal.coverage_of_sets`.
        class_names: of class 0, class 1 ...
        promised: 1 - alpha, named beside the measured coverage.
        title: of the figure.
    """
    names = ["all cases"]
    for label in table.index[1:]:
        names.append(str(class_names[int(str(label).removeprefix("class "))]))
    parts = np.stack(
        [table["single"] - table["single_wrong"], table["single_wrong"], table["several"], table["empty"]], axis=1
    ).clip(0)
    figure = new_figure(title, width=7.4, height=1.5 + 0.55 * len(table))
    axes = figure.subplots()
    left = np.zeros(len(table))
    for part, (label, (color, ink)) in zip(parts.T, SET_PARTS.items(), strict=True):
        if not part.any():
            continue
        axes.barh(np.arange(len(table)), part, left=left, height=0.62, color=color, edgecolor="white", label=label)
        for place, (start, share) in enumerate(zip(left, part, strict=True)):
            if share >= NARROW:
                axes.text(start + share / 2, place, f"{share:.0%}", ha="center", va="center", color=ink, fontsize=9)
        left = left + part
    for place, (_, row) in enumerate(table.iterrows()):
        text = f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
        axes.text(1.02, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=9)
    head = f"true class in the set\n(promised {promised:g})"
    axes.text(1.02, -0.75, head, transform=axes.get_yaxis_transform(), va="center", fontsize=9, color=REFERENCE)
    axes.set_yticks(
        np.arange(len(table)), [f"{name} ({row:.0f})" for name, row in zip(names, table["samples"], strict=True)]
    )
    axes.set_ylim(len(table) - 0.5, -1.1)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    finish(axes, "share of the cases", "")
    axes.grid(visible=False)
    legend_below(figure)
    return figure


def sample_size_plot(
    curves: Mapping[str, pd.Series],
    today: Mapping[str, tuple[float, float]] | None = None,
    wanted: float = 0.02,
    unit: str = "patients",
    title: str = "",
) -> Figure:
    """Half width of the 95 % interval against the number of groups, where one stands today, and where one wants to be.

    Args:
        curves: name to half widths (0.02: two points) indexed by the number of groups, falling.
        today: name to (groups, half width) measured; a mark in the color of the curve of that name.
        wanted: half width to reach, drawn as a line; where a curve reaches it, the legend has the number.
        unit: what a group is, for the axis.
        title: of the figure.
    """
    check_models(curves)
    figure = new_figure(title)
    axes = figure.subplots()
    for number, (name, curve) in enumerate(curves.items()):
        style = series_style(number)
        label = name
        if curve.min() <= wanted < curve.max():
            # Half widths go about with 1 / √n, a straight line on two logarithmic scales.
            needed = np.exp(np.interp(-np.log(wanted), -np.log(curve), np.log(curve.index.to_numpy(dtype=float))))
            axes.plot(needed, 100 * wanted, marker="|", markersize=12, markeredgewidth=2, color=style["color"])
            label = f"{name}: about {float(f'{needed:.2g}'):,.0f} for ± {100 * wanted:g}"
        axes.plot(curve.index, 100 * curve.to_numpy(), linewidth=2, label=label, **style)
        # The words of odd curves stand below, so that two curves close together do not write over each other.
        side = -1 if number % 2 else 1
        common = {"textcoords": "offset points", "fontsize": 9, "color": style["color"], "va": "center"}
        if today and name in today:
            groups, half = today[name]
            marker = MARKERS[number % len(MARKERS)]
            axes.plot(groups, 100 * half, marker, markersize=9, color=style["color"], markeredgecolor="black", zorder=4)
            place = {"xytext": (10 * side, 8 * side), "ha": "left" if side > 0 else "right"}
            axes.annotate(f"today {groups:,.0f}: ± {100 * half:.1f}", (groups, 100 * half), **place, **common)
    axes.axhline(100 * wanted, color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)), label=f"± {100 * wanted:g} points")
    axes.set_xscale("log")
    # Words to the left of a mark need their room.
    smallest = min(float(curve.index[0]) for curve in curves.values())
    axes.set_xlim(left=min([smallest, *(groups / 7 for groups, _ in (today or {}).values())]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda groups, _: f"{groups:,.0f}"))
    axes.set_ylim(bottom=0)
    finish(
        axes,
        f"{unit} in the test set (each step ten times as many)",
        "half width of the 95 % interval\n(points of 100)",
    )
    legend_below(figure)
    return figure


def _once(axes: object, label: str) -> str | None:
    """The label, unless the legend has it already."""
    return None if label in axes.get_legend_handles_labels()[1] else label
