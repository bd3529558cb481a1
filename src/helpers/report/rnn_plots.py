"""Figures about recurrence: states over a heartbeat, fading gradients, answers that grow with what was read, forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data.dataset import Dataset
from helpers.report.cnn_plots import SIGNED
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

SMALLEST_SHARE = 1e-20  # of a gradient that is still drawn


def beat_sheet(part: Dataset, examples: Mapping[str, np.ndarray], seconds: np.ndarray) -> Figure:
    """Some beats of each class over one another, each with the interval before it; one panel per class.

    Args:
        part: heartbeats, with the truth ``rr_before``.
        examples: class to rows of the part.
        seconds: (samples,) against the beat.
    """
    check_models(examples)
    figure = new_figure(f"Beats of each class, each of another {part.source.group}", height=3.4)
    panels = figure.subplots(1, len(examples), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, rows) in zip(panels, examples.items(), strict=True):
        for number, row in enumerate(rows):
            style = series_style(number)
            axes.plot(seconds, part.inputs[row, :, 0], linewidth=1.3, **style)
            words = f"{part.truth['rr_before'][row]:.2f} s"
            axes.text(
                0.03, 0.97 - 0.075 * number, words, color=style["color"], transform=axes.transAxes, fontsize=8, va="top"
            )
        axes.set_title(name, fontsize=9.5)
        # Five classes leave no room for five labels.
        below = "time from the beat (s)" if axes is panels[len(panels) // 2] else ""
        finish(axes, below, "first lead (mV)" if axes is panels[0] else "")
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(low, high + 0.2 * (high - low))  # room for the intervals
    return figure


def state_plot(
    traces: Mapping[str, np.ndarray], states: Mapping[str, np.ndarray], seconds: np.ndarray, title: str = ""
) -> Figure:
    """Above what is read, below what is remembered: one column per beat, one row of colors per number of the state.

    Args:
        traces: name of a beat to (steps,) mV.
        states: the same names to (steps, units), from -1 to 1.
        seconds: (steps,) against the beat.
        title: of the figure.
    """
    check_models(traces)
    if list(traces) != list(states):
        raise InputError("give the states of every beat under the same names in the same order")
    figure = new_figure(title, height=4.4)
    grid = figure.subplots(2, len(traces), sharex=True, sharey="row", squeeze=False)
    half = (seconds[1] - seconds[0]) / 2
    for column, name in enumerate(traces):
        above, below = grid[:, column]
        above.plot(seconds, traces[name], color=PALETTE["black"], linewidth=1.3)
        above.set_title(name, fontsize=9.5)
        finish(above, "", "first lead (mV)" if not column else "")
        units = states[name].shape[1]
        extent = (seconds[0] - half, seconds[-1] + half, units + 0.5, 0.5)
        picture = below.imshow(
            states[name].T, cmap=SIGNED, vmin=-1, vmax=1, aspect="auto", interpolation="nearest", extent=extent
        )
        finish(below, "time from the beat (s)", "number of the state" if not column else "")
        below.grid(visible=False)
    figure.colorbar(picture, ax=grid[1].tolist(), label="value", shrink=0.9, pad=0.02)
    return figure


def fading_plot(panels: Mapping[str, Mapping[str, np.ndarray]], title: str = "") -> Figure:
    """Share of the gradient that is left, against the distance; one logarithmic axis for all panels.

    Args:
        panels: title of the panel to (name of the network to (steps,) size of the gradient at distance 0, 1, ..., as a
            share of that at distance 0). What is smaller than :data:`SMALLEST_SHARE` is drawn at the lower end.
        title: of the figure.
    """
    check_models(panels)
    figure = new_figure(title, height=4.6)
    number = 0
    places = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (name, curves) in zip(places, panels.items(), strict=True):
        axes.axhline(1, color=REFERENCE, linestyle=":", linewidth=1.2)
        for label, share in curves.items():
            axes.plot(np.maximum(share, SMALLEST_SHARE), linewidth=1.8, label=label, **series_style(number))
            number += 1
        axes.set_yscale("log")
        axes.set_ylim(SMALLEST_SHARE, None)
        axes.set_title(name, fontsize=9.5)
        finish(
            axes,
            "distance from the end (steps)",
            "gradient / gradient at the last step" if number <= len(curves) else "",
        )
    legend_below(figure)
    return figure


def course_plot(
    traces: np.ndarray, courses: np.ndarray, targets: np.ndarray, class_names: Sequence[str], seconds: np.ndarray
) -> Figure:
    """What a classifier would answer if the sequence ended at each step, under the trace it reads.

    Args:
        traces: (n, steps) mV, one column each.
        courses: (n, steps, classes) probabilities.
        targets: (n,) true classes, for the titles of the columns.
        class_names: of the classes, in their order.
        seconds: (steps,) against the beat.
    """
    if not len(traces) or courses.shape != (*traces.shape, len(class_names)):
        raise InputError("give at least one trace, and a probability of every class for each of its steps")
    figure = new_figure("What it would say, had it to answer now", height=4.6)
    grid = figure.subplots(2, len(traces), sharex=True, sharey="row", squeeze=False)
    for column, (trace, course, target) in enumerate(zip(traces, courses, targets, strict=True)):
        above, below = grid[:, column]
        above.plot(seconds, trace, color=PALETTE["black"], linewidth=1.3)
        above.set_title(f"truth: {class_names[target]}", fontsize=9.5)
        finish(above, "", "first lead (mV)" if not column else "")
        for number, class_name in enumerate(class_names):
            label = class_name if not column else None
            below.plot(seconds, course[:, number], linewidth=1.8, label=label, **series_style(number))
        below.set_ylim(-0.03, 1.03)
        finish(below, "read up to (s)", "probability" if not column else "")
    legend_below(figure)
    return figure


def forecast_plot(seen: np.ndarray, truth: np.ndarray, forecasts: Mapping[str, np.ndarray], title: str = "") -> Figure:
    """Series and what was forecast for the beat after each.

    Args:
        seen: (n, beats) heart rates, one panel each.
        truth: (n,) the rates that came.
        forecasts: name to (n,) rates.
        title: of the figure.
    """
    check_models(forecasts)
    figure = new_figure(title, height=3.5)
    panels = figure.subplots(1, len(seen), sharey=True, squeeze=False)[0]
    beats = np.arange(-seen.shape[1], 0)
    for place, (axes, series, came) in enumerate(zip(panels, seen, truth, strict=True)):
        axes.plot(beats, series, color=REFERENCE, linewidth=1.2, marker=".", markersize=4)
        axes.scatter(
            [0], [came], s=70, color=PALETTE["black"], marker="*", zorder=3, label=None if place else "what came"
        )
        for number, (name, values) in enumerate(forecasts.items()):
            label = None if place else name
            style = {"color": series_style(number)["color"], "marker": MARKERS[number]}
            axes.scatter([1.8 + 1.8 * number], [values[place]], s=30, label=label, **style)
        finish(axes, "beats from the next one", "heart rate (beats per minute)" if not place else "")
    legend_below(figure)
    return figure


def word_plot(sentences: Sequence[str], courses: Sequence[np.ndarray], meaning: str, title: str = "") -> Figure:
    """Probability after each word, one panel per sentence.

    Args:
        sentences: words separated by blanks.
        courses: (words,) probabilities, one for each sentence.
        meaning: what the probability is of, for the axis.
        title: of the figure.
    """
    words = [sentence.split() for sentence in sentences]
    if [len(one) for one in words] != [len(course) for course in courses]:
        raise InputError("give one probability for each word of each sentence")
    figure = new_figure(title, height=4.4)
    panels = figure.subplots(1, len(words), sharey=True, squeeze=False)[0]
    for axes, one, course in zip(panels, words, courses, strict=True):
        _stem(axes, one, course)
        finish(axes, "", f"probability: {meaning}" if axes is panels[0] else "")
        axes.set_xlabel("read up to this word", fontsize=10)
        axes.set_xticks(range(len(one)), one, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
    return figure


def _stem(axes: Axes, words: Sequence[str], course: np.ndarray) -> None:
    axes.axhline(0.5, color=REFERENCE, linestyle=":", linewidth=1.2)
    colors = [PALETTE["vermilion"] if value > 0.5 else PALETTE["blue"] for value in course]
    axes.plot(range(len(words)), course, color=REFERENCE, linewidth=1)
    axes.scatter(range(len(words)), course, s=34, color=colors, zorder=3)
    axes.set_ylim(-0.04, 1.04)
