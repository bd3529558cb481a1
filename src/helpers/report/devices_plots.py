"""Figures of 14_devices: what a smaller file costs and who is told something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from helpers.report.figures import (
    CLASS_COLORS,
    MARKERS,
    PALETTE,
    REFERENCE,
    SERIES,
    finish,
    legend_below,
    new_figure,
)
from helpers.runtime import InputError

KILOBYTE = 1000


def on_front(costs: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Which candidates no other one beats: none is at most as costly and at least as good, and better in one of both.

    Args:
        costs, values: (n,), smaller and larger is better.
    """
    costs, values = np.asarray(costs, dtype=np.float64), np.asarray(values, dtype=np.float64)
    cheaper = costs[None, :] <= costs[:, None]
    better = values[None, :] >= values[:, None]
    strictly = (costs[None, :] < costs[:, None]) | (values[None, :] > values[:, None])
    return ~(cheaper & better & strictly).any(axis=1)


def pareto_plot(numbers: pd.DataFrame, speed: str, title: str = "") -> Figure:
    """AUROC against size of the file, time of one answer and memory; the line joins what nothing else beats.

    Args:
        numbers: one row per candidate: file and memory (bytes; nan: not drawn in that panel), auroc with _low and _high,
            agreement, and the column ``speed``.
        speed: column with how many times faster than the reference a candidate is.
        title: of the figure.
    """
    if numbers.empty:
        raise InputError("nothing to draw: give the numbers of at least one candidate")
    panels = {
        "file (kB)": numbers["file"] / KILOBYTE,
        "time of one answer\n(float file = 1)": 1 / numbers[speed],
        "activations (kB)": numbers["memory"] / KILOBYTE,
    }
    figure = new_figure(title, width=7.6, height=3.6)
    for axes, (label, costs) in zip(figure.subplots(1, 3, sharey=True), panels.items(), strict=True):
        known = costs.notna().to_numpy()
        place = costs.to_numpy()[known]
        value = numbers["auroc"].to_numpy()[known]
        front = np.flatnonzero(on_front(place, value))
        order = front[np.argsort(place[front], kind="stable")]
        axes.plot(place[order], value[order], color=REFERENCE, linewidth=1.3, linestyle=":", drawstyle="steps-post")
        for number, (name, row) in enumerate(numbers.iterrows()):
            if not known[number]:
                continue
            ends = np.clip([[row["auroc"] - row["auroc_low"]], [row["auroc_high"] - row["auroc"]]], 0, None)
            words = f"{name}: agreement {row['agreement']:.3f}" if axes is figure.axes[1] else None
            axes.errorbar(
                costs.iloc[number],
                row["auroc"],
                yerr=ends,
                fmt=MARKERS[number % len(MARKERS)],
                color=SERIES[number % len(SERIES)],
                capsize=2.5,
                markersize=6,
                linewidth=1.2,
                label=words,
            )
        axes.set_xscale("log")
        _plain_powers(axes, place)
        finish(axes, label, "AUROC, test, 95 % interval" if axes is figure.axes[0] else "")
    legend_below(figure)
    return figure


def agreement_plot(
    targets: np.ndarray,
    original: np.ndarray,
    copies: Mapping[str, np.ndarray],
    threshold: float,
    class_names: Sequence[str],
    title: str = "",
) -> Figure:
    """Probability of every case on the device against the original's; shaded: where the two decide differently.

    Args:
        targets: (n,) of 0 and 1.
        original: (n,) probabilities.
        copies: name to (n,) probabilities, one panel each.
        threshold: of all.
        class_names: of target 0 and 1.
        title: of the figure.
    """
    figure = new_figure(title, width=7.2, height=3.9)
    panels = figure.subplots(1, len(copies), sharey=True, squeeze=False)[0]
    for axes, (name, copy) in zip(panels, copies.items(), strict=True):
        for low, high in (((0, threshold), (threshold, 1)), ((threshold, 1), (0, threshold))):
            axes.fill_between(low, *high, color=PALETTE["orange"], alpha=0.22, linewidth=0)
        axes.plot([0, 1], [0, 1], color=REFERENCE, linewidth=1, linestyle=":")
        for label in (0, 1):
            inside = np.asarray(targets) == label
            words = class_names[label] if axes is panels[0] else None
            style = {"s": 16, "alpha": 0.75, "marker": MARKERS[label], "color": CLASS_COLORS[label], "linewidths": 0}
            axes.scatter(np.asarray(original)[inside], np.asarray(copy)[inside], label=words, **style)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_title(name, fontsize=10)
        finish(axes, "probability, original", "probability on the device" if axes is panels[0] else "")
    legend_below(figure)
    return figure


def _plain_powers(axes, values: np.ndarray) -> None:
    """A logarithmic axis with a few plain numbers, also where it spans less than a power of ten."""
    low, high = values.min() / 1.35, values.max() * 1.35
    axes.set_xlim(low, high)
    ticks = np.unique([float(f"{tick:.1g}") for tick in np.geomspace(values.min(), values.max(), 4)])
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.minorticks_off()
    axes.yaxis.set_major_locator(MaxNLocator(6))
