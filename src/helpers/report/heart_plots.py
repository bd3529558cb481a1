"""Figures of the table road of 08_heart_disease: what hospitals measure, how a model travels, and what it is worth there."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evaluation.proportions import Interval
from helpers.report.figures import (
    MARKERS,
    REFERENCE,
    SERIES,
    check_models,
    finish,
    legend_below,
    new_figure,
    series_style,
)
from helpers.runtime import InputError


def missing_plot(shares: pd.DataFrame, title: str = "") -> Figure:
    """How much of each measurement each hospital lacks: dark is missing.

    Args:
        shares: one row per measurement, one column per hospital; share of patients without it, 0 to 1.
        title: of the figure.
    """
    if shares.empty:
        raise InputError("nothing to draw: give at least one hospital and one measurement")
    figure = new_figure(title, height=1.3 + 0.29 * len(shares))
    hospitals = [textwrap.fill(str(name), 12) for name in shares.columns]
    axes = figure.subplots()
    axes.imshow(shares, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(shares.shape):
        share = shares.iat[row, column]
        ink = "white" if share > 0.55 else "black"
        axes.text(column, row, f"{100 * share:.0f} %", ha="center", va="center", fontsize=8.5, color=ink)
    axes.set_xticks(range(shares.shape[1]), hospitals, fontsize=9.5)
    axes.set_yticks(range(len(shares)), shares.index, fontsize=9)
    axes.set_xlabel("share of the patients without it", fontsize=10)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def travel_plot(scores: Mapping[str, Sequence[Interval]], hospitals: Sequence[str], title: str = "") -> Figure:
    """AUROC of several models at every hospital: left out of their training, and as a control made there.

    Args:
        scores: name of the model to one interval per hospital; the name says where it was made.
        hospitals: their names.
        title: of the figure.
    """
    check_models(scores)
    if any(len(intervals) != len(hospitals) for intervals in scores.values()):
        raise InputError("give one interval for each hospital and model")
    figure = new_figure(title, height=1.5 + len(hospitals) * max(0.4, 0.2 * len(scores)))
    axes = figure.subplots()
    for number, (name, intervals) in enumerate(scores.items()):
        _points(axes, intervals, number, len(scores), name)
    axes.axvline(0.5, color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)), label="guessing")
    axes.set_yticks(range(len(hospitals)), hospitals, fontsize=9.5)
    axes.set_ylim(len(hospitals) - 0.5, -0.5)
    known = [one.low for intervals in scores.values() for one in intervals if np.isfinite(one.low)]
    axes.set_xlim(min(0.4, min(known, default=0.4) - 0.02), 1.01)
    finish(axes, "AUROC with 95 % interval", "")
    axes.grid(visible=False, axis="y")
    legend_below(figure)
    return figure


def calibration_travel_plot(states: Mapping[str, pd.DataFrame], title: str = "") -> Figure:
    """Intercept and slope of the calibration at every hospital, before and after repairs.

    Args:
        states: name of the repair to the table of :func:`helpers.evaluation.site_recalibration.site_scores`.
        title: of the figure.
    """
    check_models(states)
    hospitals = list(next(iter(states.values())).index)
    figure = new_figure(title, height=1.6 + len(hospitals) * max(0.45, 0.2 * len(states)))
    labels = {
        "intercept": (0, "intercept (0: the level is right;\nabove: disease underestimated)"),
        "slope": (1, "slope (1: the spread is right;\nbelow: too extreme)"),
    }
    for axes, (measure, (ideal, label)) in zip(figure.subplots(1, 2, sharey=True), labels.items(), strict=True):
        axes.axvline(ideal, color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)))
        for number, (name, table) in enumerate(states.items()):
            _points(axes, list(table[measure]), number, len(states), name if measure == "intercept" else None)
        finish(axes, label, "")
        axes.grid(visible=False, axis="y")
        axes.set_yticks(range(len(hospitals)), hospitals, fontsize=9.5)
        axes.set_ylim(len(hospitals) - 0.5, -0.5)
    legend_below(figure)
    return figure


def treatment_plot(
    curves: Mapping[str, Mapping[str, pd.DataFrame]], threshold: float, shares: Sequence[float], title: str = ""
) -> Figure:
    """Decision curves hospital by hospital: what acting on a probability is worth there.

    Args:
        curves: hospital to (name of the probabilities to the table of
            :func:`helpers.evaluation.decisions.decision_curve`).
        threshold: of the policy, marked in each panel.
        shares: of the ill at each hospital, for the titles of the panels.
        title: of the figure.
    """
    check_models(curves)
    if len(shares) != len(curves):
        raise InputError(f"{len(curves)} hospitals and {len(shares)} shares of the ill: give one each")
    columns = 2
    rows = -(-len(curves) // columns)
    figure = new_figure(title, height=0.9 + 2.35 * rows)
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    for axes in panels[len(curves) :]:
        axes.set_visible(False)
    for place, (hospital, share) in enumerate(zip(curves, shares, strict=True)):
        axes, models = panels[place], curves[hospital]
        first = next(iter(models.values()))
        label = None if place else "treat all"
        axes.plot(first["threshold"], first["treat_all"], color=REFERENCE, linestyle=(0, (2, 2)), label=label)
        axes.axhline(0, color=REFERENCE, linewidth=1, label=None if place else "treat none")
        for number, (name, curve) in enumerate(models.items()):
            label = None if place else name
            axes.plot(curve["threshold"], curve["model"], linewidth=1.8, label=label, **series_style(number))
        axes.axvline(threshold, color="black", linestyle=":", linewidth=1.2, label=None if place else "policy")
        lowest = min(0.0, *(curve["model"].min() for curve in models.values()))  # harm is shown; treat all may leave
        axes.set_ylim(min(-0.25 * share, 1.1 * lowest), 1.08 * share)
        axes.set_xlim(0, 1)
        axes.set_title(f"{hospital}: {100 * share:.0f} % ill", fontsize=9.5)
        below = place >= len(curves) - columns
        finish(axes, "treatment threshold (probability)" if below else "", "" if place % columns else "net benefit")
    legend_below(figure)
    return figure


def _points(axes: Axes, intervals: Sequence[Interval], number: int, models: int, name: str | None) -> None:
    """One model's intervals, a little above or below those of the others. What is not defined is left out."""
    place = np.arange(len(intervals)) + (number - (models - 1) / 2) * 0.8 / max(models, 2)
    value, low, high = (np.array([getattr(one, end) for one in intervals]) for end in ("value", "low", "high"))
    known = np.isfinite(value) & np.isfinite(low) & np.isfinite(high)
    axes.errorbar(
        value[known],
        place[known],
        xerr=np.array([value - low, high - value]).clip(min=0)[:, known],
        fmt=MARKERS[number % len(MARKERS)],
        color=SERIES[number % len(SERIES)],
        capsize=3,
        markersize=5,
        linewidth=1.6,
        label=name,
    )
