"""Figures about autoencoders: components, what comes back, errors against the size of the code, units, a walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.cnn_plots import SIGNED
from helpers.report.figures import (
    CLASS_COLORS,
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

LABEL_WIDTH = 1.15  # inches left of the pictures
CLIPPED = (0.5, 99.5)  # percentiles between which gray values are shown


def picture_rows(
    rows: Mapping[str, np.ndarray], title: str, signed: bool = False, columns: Sequence[str] = ()
) -> Figure:
    """Rows of pictures, each named at its left; all share one gray scale, so that rows can be compared.

    Args:
        rows: name to (n, height, width) or (n, height, width, 1), the same n.
        title: of the figure.
        signed: colors around zero (blue negative, red positive), each picture on its own scale, in place of gray.
        columns: texts above the first row, one per picture, or none.
    """
    check_models(rows)
    pictures = {name: np.asarray(some, dtype=float) for name, some in rows.items()}
    pictures = {name: some[..., 0] if some.ndim == 4 else some for name, some in pictures.items()}
    counts = {len(some) for name, some in pictures.items()}
    if len(counts) != 1 or any(some.ndim != 3 for some in pictures.values()) or 0 in counts:
        raise InputError("give the same number of pictures (n, height, width), at least one, in every row")
    count = counts.pop()
    if columns and len(columns) != count:
        raise InputError(f"{len(columns)} texts for {count} columns: give one for each")
    cell = min(0.85, (WIDTH - LABEL_WIDTH) / count)
    height = (cell + 0.06) * len(pictures) + 0.4 + (0.2 if columns else 0)
    figure = new_figure(title, width=max(LABEL_WIDTH + cell * count, 4.2), height=height)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0, hspace=0)
    grid = figure.subplots(len(pictures), count, squeeze=False)
    lowest, highest = np.percentile(np.concatenate([some.ravel() for some in pictures.values()]), CLIPPED)
    for line, (name, some) in zip(grid, pictures.items(), strict=True):
        for axes, picture in zip(line, some, strict=True):
            if signed:
                limit = max(float(np.abs(picture).max()), 1e-12)
                axes.imshow(picture, cmap=SIGNED, vmin=-limit, vmax=limit, interpolation="nearest")
            else:
                axes.imshow(picture, cmap="gray", vmin=lowest, vmax=highest, interpolation="nearest")
            _bare(axes)
        line[0].set_ylabel(name, fontsize=9, rotation=0, ha="right", va="center", labelpad=6)
    for axes, text in zip(grid[0], columns, strict=False):
        axes.set_title(text, fontsize=8.5, pad=3)
    return figure


def too_good_plot(table: pd.DataFrame, opponent: tuple[str, float]) -> Figure:
    """Errors of both classes and the AUROC of the error, against the size of the code.

    Args:
        table: index: numbers kept; columns ``normal``, ``disease`` (mean squared errors), ``auroc``, ``low``, ``high``.
        opponent: name and AUROC of the baseline.
    """
    figure = new_figure("Errors of both classes, and how well the error tells them apart", height=3.6)
    left, right = figure.subplots(1, 2)
    for number, (column, label) in enumerate((("normal", "normal pictures"), ("disease", "disease, never seen"))):
        style = series_style(number) | {"color": CLASS_COLORS[number]}
        left.plot(table.index, table[column], marker=MARKERS[number], markersize=5, label=label, **style)
    left.set_yscale("log")
    finish(left, "numbers kept of a picture", "mean squared error")
    ends = np.abs(table[["low", "high"]].to_numpy().T - table["auroc"].to_numpy())
    right.errorbar(
        table.index, table["auroc"], ends, color=PALETTE["green"], marker="D", markersize=5, capsize=3, linestyle="-."
    )
    right.axhline(0.5, color=REFERENCE, linestyle=":", linewidth=1.5, label="guessing")
    right.axhline(opponent[1], color=PALETTE["purple"], linestyle="--", linewidth=1.5, label=opponent[0])
    finish(right, "numbers kept of a picture", "AUROC of the error")
    for axes in (left, right):
        _code_axis(axes, table.index)
    legend_below(figure)
    return figure


def unit_plot(units: pd.DataFrame) -> Figure:
    """Nats that each unit of a code carries, the largest first; units that say nothing are hollow.

    Args:
        units: of :func:`helpers.evaluation.latent_codes.unit_statistics`.
    """
    ordered = units.sort_values("divergence", ascending=False, kind="stable")
    figure = new_figure("Divergence from the prior, unit by unit", height=3.0)
    axes = figure.subplots()
    places = np.arange(1, len(ordered) + 1)
    for used, label in ((True, "active"), (False, "collapsed")):
        chosen = ordered["active"].to_numpy() == used
        if chosen.any():
            face = PALETTE["blue"] if used else "white"
            heights = ordered["divergence"].to_numpy()[chosen]
            axes.bar(places[chosen], heights, color=face, edgecolor=PALETTE["blue"], label=label)
    axes.xaxis.get_major_locator().set_params(integer=True)
    finish(axes, "unit, by what it carries", "divergence (nats)")
    legend_below(figure)
    return figure


def walk_plot(
    pictures: np.ndarray, positions: Sequence[float], along: np.ndarray, factor: np.ndarray, quantity: str
) -> Figure:
    """Decoded pictures along one axis of the code; below, the known factor of held-out pictures against that axis.

    Args:
        pictures: (steps, height, width) or (steps, height, width, 1).
        positions: (steps,) coordinate of each on the axis.
        along, factor: (n,) coordinate and factor of the held-out pictures.
        quantity: name and unit of the factor.
    """
    pictures = np.asarray(pictures).reshape(len(positions), *np.shape(pictures)[1:3])
    figure = new_figure("A walk along one axis of the code", height=4.6)
    grid = figure.add_gridspec(2, len(positions), height_ratios=(1, 2.6))
    lowest, highest = np.percentile(pictures, CLIPPED)
    for number, (picture, position) in enumerate(zip(pictures, positions, strict=True)):
        axes = figure.add_subplot(grid[0, number])
        axes.imshow(picture, cmap="gray", vmin=lowest, vmax=highest, interpolation="nearest")
        axes.set_title(f"{position:+.1f}", fontsize=9, pad=3)
        _bare(axes)
    axes = figure.add_subplot(grid[1, :])
    axes.scatter(along, factor, s=10, color=PALETTE["blue"], alpha=0.35, linewidths=0)
    slope, offset = np.polyfit(along, factor, 1)
    ends = np.percentile(along, [1, 99])
    axes.plot(ends, offset + slope * ends, color=PALETTE["vermilion"], linewidth=2)
    finish(axes, "coordinate on the axis (standard deviations of the prior)", quantity)
    return figure


def _code_axis(axes: Axes, sizes: Sequence[int]) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(sizes), [f"{size}" for size in sizes])
    axes.minorticks_off()


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
