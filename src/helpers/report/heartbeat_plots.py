"""Figures of the ECG road of 08_heart_disease: rhythm, the usual beat, who is called what, and whose beats are missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.evaluation.proportions import Interval
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

# One color and one mark per class, in the order normal, supraventricular, ventricular, fusion.
CLASS_STYLES = tuple(zip(("blue", "orange", "vermilion", "purple"), MARKERS, strict=False))


def rhythm_plot(
    seconds: np.ndarray, intervals: np.ndarray, targets: np.ndarray, class_names: Sequence[str], title: str = ""
) -> Figure:
    """The interval before each beat over time, each beat in the color of its class.

    Args:
        seconds: (n,) time of the beats.
        intervals: (n,) seconds since the beat before.
        targets: (n,) classes.
        class_names: in the order of the numbers.
        title: of the figure.
    """
    figure = new_figure(title, height=3.2)
    axes = figure.subplots()
    axes.plot(seconds, intervals, color="#B5B5B5", linewidth=1, zorder=1)
    for label in np.unique(targets):
        color, marker = CLASS_STYLES[label]
        inside = targets == label
        axes.scatter(
            seconds[inside], intervals[inside], s=30, color=PALETTE[color], marker=marker, label=class_names[label]
        )
    finish(axes, "time (s)", "interval before the beat (s)")
    legend_below(figure)
    return figure


def usual_beat_plot(
    traces: Mapping[str, np.ndarray], usual: np.ndarray, seconds: np.ndarray, group: str, title: str = ""
) -> Figure:
    """Beats over the usual one of their record, one panel each; what lies between them is filled.

    Args:
        traces: name of a beat to (steps,) in units of the usual beat.
        usual: (beats, steps): the usual beat beside each of them.
        seconds: (steps,) against the beat.
        group: the word for a group.
        title: of the figure.
    """
    check_models(traces)
    figure = new_figure(title, height=3.6)
    panels = figure.subplots(1, len(traces), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, trace), median in zip(panels, traces.items(), usual, strict=True):
        first = axes is panels[0]
        axes.fill_between(seconds, median, trace, color=PALETTE["orange"], alpha=0.35, linewidth=0)
        label = f"usual beat of the {group}" if first else None
        axes.plot(seconds, median, color=REFERENCE, linewidth=1.4, linestyle="--", label=label)
        axes.plot(seconds, trace, color=PALETTE["blue"], linewidth=1.6, label="this beat" if first else None)
        axes.set_title(name, fontsize=9.5)
        finish(axes, "time from the beat (s)" if axes is panels[len(panels) // 2] else "", "")
    panels[0].set_ylabel("first lead (usual heights)", fontsize=10)
    legend_below(figure)
    return figure


def class_matrix_plot(counts: np.ndarray, class_names: Sequence[str], title: str = "") -> Figure:
    """How often each class was called each class; the color is the share of the row, the true class.

    Args:
        counts: (classes, classes), rows true, columns called.
        class_names: in the order of the numbers.
        title: of the figure.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(class_names),) * 2:
        raise InputError(f"a table of {counts.shape} for {len(class_names)} classes: give one row and column per class")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = new_figure(title, width=5.8, height=1.4 + 0.72 * len(counts))
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(counts.shape):
        ink = "white" if shares[row, column] > 0.55 else "black"
        text = f"{counts[row, column]:,.0f}\n{100 * shares[row, column]:.1f} %"
        axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=9.5)
    axes.set_xticks(range(len(counts)), class_names, fontsize=9)
    axes.set_yticks(range(len(counts)), class_names, fontsize=9)
    axes.tick_params(length=0)
    axes.set_xlabel("called (beats, and share of the row)", fontsize=10)
    axes.set_ylabel("truth", fontsize=10)
    axes.spines[:].set_visible(False)
    return figure


def record_plot(table: pd.DataFrame, group: str, title: str = "", most: int = 3) -> Figure:
    """Beats of each record that were called wrong, the record with most of them first.

    Args:
        table: from :func:`helpers.evaluation.record_scores.record_table`.
        group: the word for a group.
        title: of the figure.
        most: so many of the first bars stand out.
    """
    if table.empty:
        raise InputError("nothing to draw: give the table of at least one record")
    errors = table["errors"].sort_values(ascending=False, kind="stable").to_numpy()
    figure = new_figure(title, width=7.0, height=3.2)
    axes = figure.subplots()
    colors = [PALETTE["vermilion"]] * most + [PALETTE["blue"]] * len(errors)
    axes.bar(range(len(errors)), errors, color=colors[: len(errors)], width=0.7)
    label = f"if all had equally many: {errors.mean():,.1f}"
    axes.axhline(errors.mean(), color=REFERENCE, linestyle=":", linewidth=1.5, label=label)
    axes.set_xticks(range(len(errors)), range(1, len(errors) + 1))  # reports name no group
    finish(axes, f"{group}s, most errors first", "beats called wrong")
    axes.tick_params(axis="x", labelsize=8)
    axes.locator_params(axis="y", integer=True)
    axes.grid(visible=False, axis="x")
    legend_below(figure)
    return figure


def measure_plot(
    found: Mapping[str, Mapping[str, Interval]],
    published: Mapping[str, Mapping[str, float]] | None = None,
    title: str = "",
) -> Figure:
    """Several measures, one panel each, of several models with their intervals; published values are lines.

    Args:
        found: name of the model to (measure to its interval).
        published: words for a publication to (measure to its value); those not measured here are not drawn.
        title: of the figure.
    """
    check_models(found)
    measures = list(next(iter(found.values())))
    figure = new_figure(title, width=7.4, height=1.5 + 0.36 * len(found))
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, measure in zip(panels, measures, strict=True):
        for place, intervals in enumerate(found.values()):
            one = intervals[measure]
            ends = np.clip([[one.value - one.low], [one.high - one.value]], 0, None)
            color = series_style(place)["color"]
            axes.errorbar(one.value, place, xerr=ends, fmt=MARKERS[place], color=color, capsize=3, markersize=5.5)
        for number, (words, values) in enumerate((published or {}).items()):
            if measure in values:
                style = {"color": REFERENCE, "linestyle": (":", "--", "-.")[number % 3], "linewidth": 1.5}
                axes.axvline(values[measure], label=words if axes is panels[0] else None, **style)
        finish(axes, f"{measure}, 95 % interval", "")
        axes.locator_params(axis="x", nbins=5)
    panels[0].set_yticks(range(len(found)), list(found), fontsize=9.5)
    panels[0].set_ylim(len(found) - 0.5, -0.5)
    if published:
        legend_below(figure)
    return figure
