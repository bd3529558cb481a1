"""Figures of 01_concepts: a trace, gaps in a table, neighboring gray steps, sizes, costs of decisions, people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from helpers.data.phantoms.ecg import EcgRecord
from helpers.evaluation.expected_cost import People
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

BEAT_COLORS = {"N": PALETTE["blue"], "A": PALETTE["green"], "V": PALETTE["vermilion"]}
BEAT_NAMES = {"N": "normal beat", "A": "atrial premature beat", "V": "ventricular premature beat"}
PEOPLE_COLORS = {
    "ill and found": PALETTE["blue"],
    "ill and missed": PALETTE["vermilion"],
    "healthy, but alarmed": PALETTE["orange"],
    "healthy and left alone": "#D9D9D9",
}
COLUMNS = 25  # people per row


def trace_plot(record: EcgRecord, seconds: float) -> Figure:
    """The first seconds of the first lead, with a mark above every beat that says what kind it is."""
    shown = int(seconds * record.frequency)
    if not 0 < shown <= len(record.signal):
        raise InputError(f"{seconds} s cannot be shown: the record has {len(record.signal) / record.frequency:g} s")
    trace = record.signal[:shown, 0]
    figure = new_figure("An electrocardiogram: one voltage, many times a second", height=2.7)
    axes = figure.subplots()
    axes.plot(np.arange(shown) / record.frequency, trace, color=PALETTE["black"], linewidth=0.9)
    height = trace.max() + 0.12 * np.ptp(trace)
    for number, (symbol, name) in enumerate(BEAT_NAMES.items()):
        places = record.positions[(record.symbols == symbol) & (record.positions < shown)]
        if len(places):
            style = {"color": BEAT_COLORS[symbol], "marker": MARKERS[number], "label": name}
            axes.plot(places / record.frequency, np.full(len(places), height), linestyle="none", markersize=6, **style)
    finish(axes, "time (s)", f"lead {record.leads[0]} (mV)")
    legend_below(figure)
    return figure


def missing_plot(measured: np.ndarray, coded: np.ndarray, quantity: str) -> Figure:
    """A column of a table as it was measured, and with 0 in place of what is missing; each with its mean.

    Args:
        measured: (n,) all values, as they would be without gaps.
        coded: (n,) the same with zeros.
        quantity: name and unit, for the axis.
    """
    figure = new_figure("What a zero does that means 'not measured'", height=3.2)
    axes = figure.subplots()
    edges = np.linspace(min(0, coded.min()), max(measured.max(), coded.max()), 41)
    for number, (name, values) in enumerate((("complete", measured), ("missing coded as 0", coded))):
        style = series_style(number)
        axes.stairs(np.histogram(values, edges)[0], edges, label=name, linewidth=1.7, **style)
        axes.axvline(values.mean(), linewidth=1.2, label=f"mean, {name}: {values.mean():.1f}", **style)
    finish(axes, quantity, "patients")
    legend_below(figure)
    return figure


def cooccurrence_plot(images: np.ndarray, matrices: np.ndarray, names: list[str]) -> Figure:
    """Images above, below each its matrix of neighboring gray steps; strong colors are common pairs.

    Args:
        images: (n, height, width) uint8.
        matrices: (n, levels, levels), each summing to 1.
        names: n titles.
    """
    if not len(images) == len(matrices) == len(names):
        raise InputError(f"{len(images)} images, {len(matrices)} matrices, {len(names)} names: give one of each")
    cell = WIDTH / max(len(images), 3)
    figure = new_figure("Images, and how often two gray steps are neighbors", height=2 * cell + 0.9)
    above, below = figure.subplots(2, len(images), squeeze=False)
    highest = float(np.max(matrices))
    for number, (image, matrix) in enumerate(zip(images, matrices, strict=True)):
        above[number].imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        above[number].set_title(names[number], fontsize=9, pad=3)
        above[number].set_axis_off()
        below[number].imshow(matrix, cmap="viridis", norm=PowerNorm(0.5, 0, highest), origin="lower")
        finish(below[number], "gray step", "gray step of the neighbor" if not number else "")
        below[number].grid(visible=False)
    return figure


def size_plot(table: pd.DataFrame) -> Figure:
    """Parameters and multiply-adds of networks on one logarithmic axis, from the smallest to the largest.

    Args:
        table: index: name; columns ``parameters``, ``multiply_adds`` (NaN where not known), ``ours`` (bool).
    """
    if not len(table) or not (table["parameters"] > 0).all():
        raise InputError("give at least one network; each has parameters")
    table = table.sort_values("parameters", ascending=False, kind="stable")
    figure = new_figure("From this repository to the largest", height=0.9 + 0.27 * len(table))
    axes = figure.subplots()
    place = np.arange(len(table))
    for number, (column, words) in enumerate(
        (("parameters", "parameters"), ("multiply_adds", "multiply-adds for one image, heartbeat or token"))
    ):
        for ours, whose, color in ((True, "here", PALETTE["vermilion"]), (False, "published", PALETTE["blue"])):
            rows = (table["ours"] == ours).to_numpy()
            if not rows.any():
                continue
            face = color if column == "parameters" else "white"
            axes.plot(
                table[column].to_numpy(dtype=float)[rows],
                place[rows],
                linestyle="none",
                marker=MARKERS[number],
                markersize=(5.5, 9)[number],  # one fits into the other
                color=color,
                markerfacecolor=face,
                zorder=3 - number,
                label=f"{words}, {whose}",
            )
    axes.set_xscale("log")
    axes.set_yticks(place, table.index, fontsize=9)
    axes.set_ylim(len(table) - 0.5, -0.5)
    finish(axes, "number", "")
    legend_below(figure)
    return figure


def scaling_plot(panels: Mapping[str, pd.DataFrame], texture_error: float) -> Figure:
    """Error with its interval, against what was scaled; one panel for each, one vertical axis for all.

    Args:
        panels: name of the horizontal axis to a table with index size (above 0) and columns ``value``, ``low``, ``high``.
        texture_error: of the hand-made features, drawn as a line; another stands at the error of a coin.
    """
    check_models(panels)
    references = {"texture features": texture_error, "coin": 0.5}
    figure = new_figure("More parameters, more training data: what becomes of the error", height=3.5)
    for axes, (name, table) in zip(
        figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels.items(), strict=True
    ):
        first = name == next(iter(panels))
        spread = np.stack([table["value"] - table["low"], table["high"] - table["value"]]).clip(0)
        axes.errorbar(
            table.index,
            table["value"],
            spread,
            color=PALETTE["vermilion"],
            marker="o",
            capsize=4,
            linewidth=1.6,
            label="network" if first else None,
        )
        for number, (reference, value) in enumerate(references.items()):
            style = {"color": REFERENCE, "linestyle": (":", "--")[number]}
            axes.axhline(value, linewidth=1.4, label=reference if first else None, **style)
        axes.set_xscale("log")
        axes.set_xticks(list(table.index), [f"{size:,.0f}" for size in table.index])
        axes.minorticks_off()
        finish(axes, name, "error (1 - AUROC)" if first else "")
        axes.set_ylim(bottom=0)
    legend_below(figure)
    return figure


def cost_plot(curves: pd.DataFrame, marked: Mapping[str, float]) -> Figure:
    """Cost of acting from each threshold on, against deciding without a network; a mark where the prices say one should.

    Costs above twice those without a network are cut off.

    Args:
        curves: index: threshold; one column per price, cost as a share of the cheaper of acting on all and on nobody.
        marked: column to its threshold.
    """
    if list(curves.columns) != list(marked):
        raise InputError("give one marked threshold for every curve, under the same names in the same order")
    figure = new_figure("What it costs to act from a threshold on", height=3.6)
    axes = figure.subplots()
    thresholds = curves.index.to_numpy(dtype=float)
    for number, name in enumerate(curves.columns):
        style = series_style(number)
        axes.plot(thresholds, curves[name], label=name, **style)
        height = float(np.interp(marked[name], thresholds, curves[name]))
        axes.plot(
            marked[name], height, marker=MARKERS[number], markersize=9, color=style["color"], markeredgecolor="white"
        )
    axes.axhline(1, color=REFERENCE, linestyle=":", linewidth=1.5, label="without the network: all or nobody")
    finish(axes, "threshold on the network's probability", "cost / cost without the network")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 2)
    legend_below(figure)
    return figure


def people_plot(groups: Mapping[str, People]) -> Figure:
    """One dot per person, colored by what is true and what was decided: from the top the ill, then the alarmed healthy.

    Args:
        groups: title of each panel to its people; at most three.
    """
    check_models(groups)
    figure = new_figure("1,000 people, one dot each" if _thousand(groups) else "People, one dot each", height=4.7)
    panels = figure.subplots(1, len(groups), squeeze=False)[0]
    for axes, (title, people) in zip(panels, groups.items(), strict=True):
        kinds = np.repeat(np.arange(4), [people.found, people.missed, people.alarmed, people.cleared])
        place = np.arange(len(kinds))
        axes.scatter(
            place % COLUMNS,
            place // COLUMNS,
            c=kinds,
            cmap=ListedColormap(list(PEOPLE_COLORS.values())),
            s=5,
            vmin=0,
            vmax=3,
        )
        axes.invert_yaxis()
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_title(title, fontsize=9, pad=4)
    handles = [Patch(color=color, label=name) for name, color in PEOPLE_COLORS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    return figure


def _thousand(groups: Mapping[str, People]) -> bool:
    return all(people.number == 1000 for people in groups.values())
