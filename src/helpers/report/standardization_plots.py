"""Figures of 12_standardization: gains of remedies, corruptions by severity, a mixed column, and where spread comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.data.units import MASS_UNIT, Analyte, UnitCheck
from helpers.evaluation.proportions import Interval
from helpers.report.figures import (
    MARKERS,
    PALETTE,
    REFERENCE,
    SERIES,
    check_models,
    finish,
    legend_below,
    new_figure,
    series_style,
)
from helpers.runtime import InputError

SHARE_STEPS = 40  # bins of a histogram on a logarithmic axis


def gain_plot(table: pd.DataFrame, title: str) -> Figure:
    """What each remedy gains behind each scanner, with paired 95 % intervals around the line of doing nothing.

    Args:
        table: of :func:`helpers.report.standardization_tables.remedy_table`.
        title: of the figure.
    """
    remedies, scanners = (list(dict.fromkeys(table.index.get_level_values(level))) for level in (0, 1))
    step = 0.7 / len(scanners)
    figure = new_figure(title, height=1.5 + 0.24 * len(scanners) * len(remedies))
    axes = figure.subplots()
    for number, scanner in enumerate(scanners):
        rows = table.xs(scanner, level=1)
        height = np.array([remedies.index(name) for name in rows.index]) + (number - (len(scanners) - 1) / 2) * step
        spread = np.abs(rows[["gain_low", "gain_high"]].to_numpy().T - rows["gain"].to_numpy())
        style = {"fmt": MARKERS[number], "color": SERIES[number], "capsize": 3, "markersize": 5, "linewidth": 1.6}
        axes.errorbar(rows["gain"], height, xerr=spread, label=scanner, **style)
    axes.axvline(0, color=REFERENCE, linestyle=":", linewidth=1.5)
    axes.set_yticks(np.arange(len(remedies)), [textwrap.fill(name, 22) for name in remedies])
    axes.set_ylim(len(remedies) - 0.5, -0.5)
    finish(axes, "AUROC gained over doing nothing (paired 95 % interval)", "")
    axes.grid(visible=False, axis="y")
    legend_below(figure)
    return figure


def severity_plot(table: pd.DataFrame, title: str) -> Figure:
    """AUROC against severity, one panel for each kind of corruption, with bands for the 95 % intervals.

    Args:
        table: of :func:`helpers.report.standardization_tables.corruption_table`.
        title: of the figure.
    """
    kinds, models = (list(dict.fromkeys(table.index.get_level_values(level))) for level in (0, 2))
    figure = new_figure(title, height=3.1)
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    figure.get_layout_engine().set(wspace=0.03)
    for axes, kind in zip(panels, kinds, strict=True):
        for number, model in enumerate(models):
            rows = table.loc[kind].xs(model, level=1)
            style, marker = series_style(number), MARKERS[number]
            label = model if axes is panels[0] else None
            axes.plot(rows.index, rows["value"], marker=marker, markersize=4, linewidth=1.7, label=label, **style)
            axes.fill_between(rows.index, rows["low"], rows["high"], color=style["color"], alpha=0.15, linewidth=0)
        axes.axhline(0.5, color=REFERENCE, linestyle=":", linewidth=1.2)
        axes.set_xticks([0, *dict.fromkeys(level for level in rows.index if level)])
        axes.set_title(kind, fontsize=9.5)
        finish(axes, "severity", "AUROC" if axes is panels[0] else "")
    legend_below(figure)
    return figure


def unit_plot(values: np.ndarray, found: UnitCheck, measured: Analyte, unit: str, title: str) -> Figure:
    """A column on a logarithmic axis, what is possible as stated and what in the other unit only, beside what a person can have.

    Args:
        values: (n,) above 0, NaN where missing.
        found: of :func:`helpers.data.units.check_unit`.
        measured: what the column holds.
        unit: that it is said to be in.
        title: of the figure.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        raise InputError("nothing to draw: the column holds no value")
    edges = np.geomspace(known.min() / 1.1, known.max() * 1.1, SHARE_STEPS + 1)
    figure = new_figure(title, height=3.3)
    axes = figure.subplots()
    drawn = {f"possible in {unit} only": found.stated, f"possible in {measured.other_unit(unit)} only": found.other}
    drawn |= {"possible in both": found.either, "possible in none": found.neither}
    for number, (label, chosen) in enumerate(drawn.items()):
        if chosen.any():
            axes.hist(values[chosen], edges, label=f"{label} ({chosen.sum()})", color=SERIES[number], alpha=0.85)
    ends = measured.convert(np.array([measured.lowest, measured.highest]), MASS_UNIT, unit)
    axes.axvspan(*ends, color=PALETTE["sky"], alpha=0.15, label="what a person can have")
    axes.set_xscale("log")
    axes.set_xlim(edges[0], max(edges[-1], ends[1]))
    finish(axes, f"{measured.name}, said to be in {unit}", "patients")
    legend_below(figure)
    return figure


def crossed_plot(scores: np.ndarray, title: str) -> Figure:
    """Every run of a crossed design: one row of points per split, a point per seed, the mean of the split as a line.

    Args:
        scores: (splits, seeds) AUROC.
        title: of the figure.
    """
    figure = new_figure(title, height=1.7 + 0.2 * len(scores))
    axes = figure.subplots()
    order = np.argsort(scores.mean(axis=1))
    for place, row in enumerate(scores[order]):
        marks = axes.plot(row, np.full(len(row), place), "o", color=PALETTE["blue"], alpha=0.55, markersize=5)
        middle = axes.plot([row.mean()] * 2, [place - 0.38, place + 0.38], color=PALETTE["vermilion"], linewidth=2)
    marks[0].set_label("one seed")
    middle[0].set_label("mean of the split")
    axes.set_yticks(np.arange(len(scores)), [f"{number + 1}" for number in order])
    finish(axes, "AUROC", "split (sorted)")
    legend_below(figure)
    return figure


def spread_plot(parts: Mapping[str, Interval | float], title: str) -> Figure:
    """Standard deviations of a score by cause, on a logarithmic axis; a change that moved nothing is said to have moved none.

    Args:
        parts: cause to its standard deviation, with an interval where there is one.
        title: of the figure.
    """
    check_models(parts)
    values = {name: part.value if isinstance(part, Interval) else float(part) for name, part in parts.items()}
    seen = [value for value in values.values() if value > 0]
    least = 10.0 ** np.floor(np.log10(min(seen, default=1e-3)) - 0.5)
    figure = new_figure(title, height=1.4 + 0.36 * len(parts))
    axes = figure.subplots()
    for place, (name, part) in enumerate(parts.items()):
        if not isinstance(part, Interval) and part <= 0:
            axes.text(least * 1.2, place, "none at all", va="center", fontsize=9, color=REFERENCE)
            continue
        if isinstance(part, Interval):
            low = max(part.low, least)
            axes.plot([low, part.high], [place, place], color=PALETTE["blue"], linewidth=2)
            if part.low < least:  # zero lies infinitely far to the left
                axes.plot(1.12 * least, place, "<", color=PALETTE["blue"], markersize=6)
        if values[name] > 0:  # an estimate cut off at zero has a bar that reaches there, and no place on this axis
            axes.plot(values[name], place, "o", color=PALETTE["blue"], markersize=6)
    axes.set_xscale("log")
    highest = max([part.high if isinstance(part, Interval) else part for part in parts.values()] + [10 * least])
    axes.set_xlim(least, 1.6 * highest)
    axes.set_yticks(np.arange(len(parts)), list(parts))
    axes.set_ylim(len(parts) - 0.5, -0.5)
    finish(axes, "deviation or change of AUROC (95 %; arrow: reaches 0)", "")
    return figure


def seeds_plot(table: pd.DataFrame, spent: int, title: str) -> Figure:
    """Seeds that each recipe needs against the difference to be found, with a band for how well the deviation is known.

    Args:
        table: of :func:`helpers.report.repeatability_tables.seed_table`.
        spent: seeds of the usual study, as a reference line.
        title: of the figure.
    """
    figure = new_figure(title, height=3.3)
    axes = figure.subplots()
    style, differences = series_style(0), list(table.index)
    axes.plot(
        differences, table["needed"], marker="o", markersize=5, linewidth=1.8, label="needed for power 0.8", **style
    )
    axes.fill_between(differences, table["low"], table["high"], color=style["color"], alpha=0.15, linewidth=0)
    axes.axhline(spent, color=REFERENCE, linestyle=":", linewidth=1.5, label=f"{spent} seeds, as many studies run")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(differences, [f"{value:g}" for value in differences])
    axes.set_xticks([], minor=True)
    finish(axes, "difference of AUROC between two recipes", "seeds of each recipe (95 %)")
    legend_below(figure)
    return figure
