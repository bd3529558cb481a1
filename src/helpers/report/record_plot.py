"""The figure of the README: every AUROC of the record with its interval, beside published figures."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data import catalog
from helpers.report.figures import MARKERS, REFERENCE, SERIES, finish, legend_below, new_figure

MODELS = ("network", "pixels", "histogram")  # the network first, then what must be beaten
LABELS = {"network": "network", "pixels": "baseline: coarse pixels", "histogram": "baseline: gray values"}


def record_plot(document: dict) -> Figure:
    """AUROC on the test part for every dataset of the record.

    Args:
        document: from :func:`helpers.report.record.aggregate`.
    """
    rows = [row for row in document["rows"] if (row["metric"], row["split"]) == ("auroc", "test")]
    rows = [row for row in rows if row["unit_of_analysis"] == "image"]
    datasets = list(dict.fromkeys(row["dataset"] for row in rows))
    seeds = rows[0]["seeds"]
    title = f"AUROC on held-out real data: mean of {seeds} seeds, 95 % intervals"
    figure = new_figure(title, height=1.2 + 0.85 * len(datasets))
    axes = figure.subplots()
    for number, model in enumerate(MODELS):
        chosen = {row["dataset"]: row for row in rows if row["model"] == model}
        _draw_model(axes, [chosen[name] for name in datasets], number, LABELS[model])
    _draw_published(axes, datasets)
    names = [f"{name}\n{_size(next(row for row in rows if row['dataset'] == name))}" for name in datasets]
    axes.set_yticks(np.arange(len(datasets)), names)
    axes.set_ylim(len(datasets) - 0.5, -0.5)
    lowest = min(row["low"] for row in rows if row["model"] in MODELS)
    axes.set_xlim(max(0.0, np.floor(lowest * 20) / 20), 1.005)
    finish(axes, "AUROC (0.5 is guessing, 1 is perfect)", "")
    axes.grid(visible=False, axis="y")
    legend_below(figure)
    return figure


def _draw_model(axes: Axes, rows: list[dict], number: int, label: str) -> None:
    place = np.arange(len(rows)) + (number - (len(MODELS) - 1) / 2) * 0.2
    value = np.array([row["value"] for row in rows])
    ends = np.array([[row["value"] - row["low"], row["high"] - row["value"]] for row in rows]).T
    axes.errorbar(
        value,
        place,
        xerr=ends.clip(min=0),
        fmt=MARKERS[number],
        color=SERIES[number],
        capsize=3,
        markersize=6,
        linewidth=1.8,
        label=label,
    )


def _draw_published(axes: Axes, datasets: list[str]) -> None:
    """A tick for each published figure; they come without intervals."""
    points = [
        (figure["auroc"], place)
        for place, name in enumerate(datasets)
        for figure in catalog.describe(name).benchmarks
        if "auroc" in figure
    ]
    if points:
        values, places = zip(*points, strict=True)
        height = np.array(places) - 0.33
        axes.plot(values, height, "|", color=REFERENCE, markersize=9, markeredgewidth=1.6, label="published models")


def _size(row: dict) -> str:
    return f"{row['n']:,} test images" + (f", {row['groups']} groups" if row["groups"] < row["n"] else "")
