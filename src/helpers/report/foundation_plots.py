"""Figures of 13_foundation_models: what a patch looks at, AUROC against the share of labels, and what was gained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.evaluation.comparison import PairedComparison
from helpers.report.autoencoder_plots import picture_rows
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
from helpers.report.foundation_roads import BASELINES, ROADS, percent

STEP = 0.11  # between the marks of neighboring roads, as a share of the distance of two labels


def reconstruction_plot(rows: Mapping[str, np.ndarray], title: str, count: int = 6) -> Figure:
    """Some of many images, evenly chosen, as they are and as networks fill them in.

    Args:
        rows: name of a row to (n, size, size, 1).
        title: of the figure.
        count: images shown.
    """
    check_models(rows)
    images = len(next(iter(rows.values())))
    shown = np.unique(np.linspace(0, images - 1, count).astype(int))
    return picture_rows({name: some[shown] for name, some in rows.items()}, title)


def attention_plot(image: np.ndarray, maps: np.ndarray, asking: Sequence[int], patch: int, title: str) -> Figure:
    """An image whose asking patches are framed, and for each of them where its attention goes.

    Args:
        image: (size, size, 1).
        maps: (blocks, tokens, tokens) attention; rows sum to 1.
        asking: numbers of the patches, row by row from 0.
        patch: pixels on a side.
        title: of the figure.
    """
    picture, side = np.asarray(image)[..., 0], image.shape[0] // patch
    edge = side * patch - 0.5
    figure = new_figure(title, width=1.9 * (len(asking) + 0.4), height=1.75 * (len(maps) + 1) + 0.5)
    panels = figure.subplots(len(maps) + 1, len(asking), squeeze=False)
    highest = float(maps[:, asking].max())
    for column, place in enumerate(asking):
        panels[0, column].imshow(picture, cmap="gray", interpolation="nearest")
        panels[0, column].set_title(f"patch {place} asks", fontsize=9.5)
        for line, block in enumerate(maps, start=1):
            shares = block[place].reshape(side, side)
            drawn = panels[line, column].imshow(
                shares, cmap="viridis", vmin=0, vmax=highest, extent=(-0.5, edge, edge, -0.5)
            )
        for axes in panels[:, column]:
            corner = (place % side) * patch - 0.5, (place // side) * patch - 0.5
            axes.add_patch(Rectangle(corner, patch, patch, fill=False, edgecolor=PALETTE["vermilion"], linewidth=1.8))
            axes.set_xticks([])
            axes.set_yticks([])
    for line, name in enumerate(["image", *(f"block {number}" for number in range(1, len(maps) + 1))]):
        panels[line, 0].set_ylabel(name, fontsize=9.5)
    figure.colorbar(drawn, ax=panels[1:].ravel().tolist(), label="share of the attention", shrink=0.8)
    return figure


def label_curve_plot(table: pd.DataFrame, title: str) -> Figure:
    """AUROC against the share of labeled groups: the transformer at the left, the CNN at the right, baselines in both.

    Args:
        table: of :func:`helpers.report.foundation_tables.score_roads`.
        title: of the figure.
    """
    figure = new_figure(title, width=7.4, height=3.9)
    left, right = figure.subplots(1, 2, sharey=True)
    networks = {
        "vision transformer": ("scratch", "probe", "finetuned"),
        "CNN": ("cnn_scratch", "cnn_probe", "cnn_finetuned"),
    }
    shares = sorted(table.index.unique("share"))
    for axes, (name, roads) in zip((left, right), networks.items(), strict=True):
        shown = [road for road in (*roads, *BASELINES) if road in table.index.unique("road")]
        for number, road in enumerate(shown):
            label = ROADS[road].partition(", ")[2] or ROADS[road]
            _curve(axes, table.loc[road], shares, number, len(shown), label if axes is left else None)
        axes.axhline(0.5, color=REFERENCE, linewidth=1, linestyle=":")
        axes.set_title(name, fontsize=10)
        _share_axis(axes, shares)
        finish(axes, "groups whose images are labeled", "AUROC, test" if axes is left else "")
    legend_below(figure)
    return figure


def gain_plot(gains: Mapping[str, Mapping[float, PairedComparison]], title: str) -> Figure:
    """Paired differences of AUROC, pre-trained minus from scratch, with 95 % intervals.

    Args:
        gains: what was compared to share to difference.
        title: of the figure.
    """
    check_models(gains)
    figure = new_figure(title, width=6.8, height=3.4)
    axes = figure.subplots()
    shares = sorted({share for each in gains.values() for share in each})
    for number, (name, each) in enumerate(gains.items()):
        frame = pd.DataFrame(
            {share: {"value": gap.difference, "low": gap.low, "high": gap.high} for share, gap in each.items()}
        ).T
        _curve(axes, frame, shares, number, len(gains), name)
    axes.axhline(0, color=REFERENCE, linewidth=1, linestyle=":")
    _share_axis(axes, shares)
    finish(axes, "groups whose images are labeled", "AUROC gained")
    legend_below(figure)
    return figure


def _share_axis(axes: Axes, shares: Sequence[float]) -> None:
    axes.set_xticks(range(len(shares)), [f"{percent(share)} %" for share in shares])
    axes.set_xlim(-0.5, len(shares) - 0.5)


def _curve(
    axes: Axes, frame: pd.DataFrame, shares: Sequence[float], number: int, count: int, label: str | None
) -> None:
    """One road: points with intervals at its shares, moved aside so that no mark hides another, and a line."""
    frame = frame.sort_index()
    places = np.array([shares.index(share) for share in frame.index]) + (number - (count - 1) / 2) * STEP
    reach = np.array([frame["value"] - frame["low"], frame["high"] - frame["value"]]).clip(min=0)
    style = series_style(number)
    axes.errorbar(places, frame["value"], yerr=reach, fmt="none", ecolor=style["color"], capsize=2.5, linewidth=1.2)
    axes.plot(places, frame["value"], marker=MARKERS[number], markersize=5, linewidth=1.3, label=label, **style)
