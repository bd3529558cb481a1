"""Figures about properties of molecules: the extremes drawn, models side by side, and when not to believe an answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.data.dataset import Dataset
from helpers.report import drug_readings, drug_tables
from helpers.report.figures import MARKERS, PALETTE, REFERENCE, finish, legend_below, new_figure, series_style
from helpers.report.generation_plots import COLUMNS, molecule_grid
from helpers.runtime import InputError


def extremes(dataset: Dataset) -> Figure:
    """Drawings of the molecules with the lowest measured values, then of those with the highest.

    In several properties it is the share of them that is active; among equals the first in the file are drawn.
    """
    values = np.nanmean(np.asarray(dataset.targets, dtype=float).reshape(len(dataset), -1), axis=1)
    order = np.argsort(values, kind="stable")
    highest = np.argsort(-values, kind="stable")[:COLUMNS]
    shown = [*order[:COLUMNS], *highest]
    if dataset.task == "binary":
        captions = [dataset.class_names[int(values[row])] for row in shown]
    else:
        captions = [
            f"{values[row]:.1f}" if dataset.task == "regression" else f"active in {values[row]:.0%}" for row in shown
        ]
    return molecule_grid(list(dataset.inputs[shown]), captions, drug_readings.extremes(dataset))


def score_plot(
    tables: Mapping[str, pd.DataFrame], dataset: Dataset, title: str = "", references: Mapping[str, float] | None = None
) -> Figure:
    """Scores with 95 % intervals, one line per model, one series per table.

    Args:
        tables: name of the series to a table of :func:`helpers.report.drug_tables.score_table`; the first one gives the order;
            models that are not in all of them are left out.
        dataset: decides what stands on the axis.
        title: of the figure.
        references: name to a value, drawn as lines that are no model of ours.
    """
    if not tables:
        raise InputError("no scores to draw: give at least one table")
    first = next(iter(tables.values()))
    models = [model for model in first.index if all(model in table.index for table in tables.values())][::-1]
    figure = new_figure(title, height=1.3 + 0.4 * len(models))
    axes = figure.subplots()
    for number, (name, table) in enumerate(tables.items()):
        rows = table.loc[models]
        places = np.arange(len(models)) + 0.16 * ((len(tables) - 1) / 2 - number)
        ends = np.clip([rows["value"] - rows["low"], rows["high"] - rows["value"]], 0, None)
        style = series_style(number)
        axes.errorbar(
            rows["value"],
            places,
            xerr=np.nan_to_num(ends),
            fmt=MARKERS[number],
            color=style["color"],
            capsize=3,
            label=name,
        )
    for number, (name, value) in enumerate((references or {}).items()):
        axes.axvline(value, color=REFERENCE, linestyle=("--", ":", "-.")[number % 3], linewidth=1.3, label=name)
    axes.set_yticks(range(len(models)), models)
    axes.set_ylim(-0.6, len(models) - 0.4)
    finish(axes, drug_tables.axis(dataset), "")
    if len(tables) > 1 or references:
        legend_below(figure)
    return figure


def doubt_plot(panels: Mapping[str, pd.DataFrame], dataset: Dataset, title: str = "") -> Figure:
    """Mean error in the lowest, middle and highest third of each warning signal, with 95 % intervals.

    Args:
        panels: name of the signal, with its unit, to a table of :func:`helpers.report.drug_tables.errors_by_third`.
        dataset: decides what an error is.
        title: of the figure.
    """
    if not panels:
        raise InputError("no warning signal to draw: give at least one")
    figure = new_figure(title, height=3.8)
    places = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, (name, table) in zip(places, panels.items(), strict=True):
        ends = np.clip([table["value"] - table["low"], table["high"] - table["value"]], 0, None)
        axes.errorbar(
            table["signal"], table["value"], yerr=np.nan_to_num(ends), marker="o", color=PALETTE["blue"], capsize=3
        )
        finish(axes, name, drug_tables.error_axis(dataset) if axes is places[0] else "")
    # After all have been drawn: the axis is shared, and its upper end would stay where the first panel has it.
    places[0].set_ylim(0, None)
    return figure
