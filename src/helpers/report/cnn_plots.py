"""Figures about convolution: kernels and their answers, what pooling does to a shift, counts, a network's first filters.

Colors of signed values are the same everywhere: vermilion is positive, blue negative, white zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

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

SIGNED = LinearSegmentedColormap.from_list("signed", [PALETTE["blue"], "white", PALETTE["vermilion"]])


def kernel_sheet(images: np.ndarray, responses: Mapping[str, np.ndarray], kernels: Mapping[str, np.ndarray]) -> Figure:
    """Kernels in the first row; below, one row per image with what each kernel answers.

    Every picture of a kernel or an answer has its own scale, symmetric around zero.

    Args:
        images: (n, height, width), shown in gray.
        responses: name to (n, height, width) answers, in the order of the columns.
        kernels: name to (height, width), the same names.
    """
    if list(responses) != list(kernels) or any(len(maps) != len(images) for maps in responses.values()):
        raise InputError("give one map per image for every kernel, under the same names in the same order")
    rows, columns = len(images) + 1, len(kernels) + 1
    cell = WIDTH / columns
    figure = new_figure("Kernels (above) and what each of them answers", height=(cell + 0.12) * rows + 0.35)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for row, image in enumerate(images, start=1):
        grid[row, 0].imshow(image, cmap="gray", interpolation="nearest")
    grid[1, 0].set_title("image", fontsize=9, pad=3)
    for column, name in enumerate(kernels, start=1):
        _signed(grid[0, column], kernels[name])
        grid[0, column].set_title(f"{name}, {' x '.join(map(str, kernels[name].shape))}", fontsize=9, pad=3)
        for row, answer in enumerate(responses[name], start=1):
            _signed(grid[row, column], answer)
    return figure


def shift_plot(change: pd.DataFrame) -> Figure:
    """How much a map changes when the image moves by one pixel, against the side of the pooled blocks.

    Args:
        change: index: side of the blocks in pixels, 1 for no pooling; columns: kind of pooling; values: root mean square
            change as a share of the map's own standard deviation.
    """
    if 1 not in change.index:
        raise InputError("the map without pooling (side 1) is what the others are measured against: it is missing")
    figure = new_figure("How much the map changes when the image moves by one pixel")
    axes = figure.subplots()
    axes.axhline(change.loc[1].mean(), color=REFERENCE, linestyle=":", linewidth=1.5, label="without pooling")
    for number, name in enumerate(change.columns):
        axes.plot(change.index, change[name], marker=MARKERS[number], markersize=5, label=name, **series_style(number))
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(change.index), [f"{side}" for side in change.index])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    finish(axes, "side of a pooled block (px)", "change / standard deviation of the map")
    legend_below(figure)
    return figure


def loss_plot(histories: Mapping[str, pd.DataFrame], trivial: Mapping[str, float]) -> Figure:
    """Learning curves side by side, each with the loss of a model that gives everybody the same answer.

    Losses above two and a half times that one are cut off.

    Args:
        histories: name of the loss to a table with the columns epoch, loss and validation_loss.
        trivial: name of the loss to the validation loss of the constant answer.
    """
    check_models(histories)
    figure = new_figure("Learning curves of the two heads", height=3.7)
    panels = figure.subplots(1, len(histories), squeeze=False)[0]
    for place, (axes, (name, history)) in enumerate(zip(panels, histories.items(), strict=True)):
        for number, (column, label) in enumerate((("loss", "training"), ("validation_loss", "validation"))):
            label = None if place else label
            axes.plot(
                history["epoch"],
                history[column],
                marker=MARKERS[number],
                markersize=4,
                label=label,
                **series_style(number),
            )
        label = None if place else "the same answer for everybody"
        axes.axhline(trivial[name], color=REFERENCE, linestyle=":", linewidth=1.5, label=label)
        # The first epochs may be wild; what matters happens around and below the constant answer.
        axes.set_ylim(0, 2.5 * trivial[name])
        axes.xaxis.get_major_locator().set_params(integer=True)
        finish(axes, "epoch", name)
    legend_below(figure)
    return figure


def predicted_against_true_plot(truth: np.ndarray, predictions: Mapping[str, np.ndarray], quantity: str) -> Figure:
    """One panel per model: predicted against true number, with the diagonal on which both agree.

    Args:
        truth: (n,) numbers.
        predictions: name of the model to (n,) numbers.
        quantity: what is predicted, for the axes.
    """
    check_models(predictions)
    truth = np.asarray(truth, dtype=np.float64)
    everything = np.concatenate([truth, *predictions.values()])
    margin = 0.05 * np.ptp(everything) + 1e-9
    ends = everything.min() - margin, everything.max() + margin
    figure = new_figure("Predicted against true", height=1.1 + WIDTH / max(len(predictions), 2))
    panels = figure.subplots(1, len(predictions), squeeze=False, sharex=True, sharey=True)[0]
    for axes, (name, predicted) in zip(panels, predictions.items(), strict=True):
        axes.plot(ends, ends, color=REFERENCE, linestyle=":", linewidth=1.5)
        axes.scatter(truth, predicted, s=12, color=PALETTE["blue"], alpha=0.45, linewidths=0)
        error = np.abs(np.asarray(predicted) - truth).mean()
        axes.set_title(f"{name}\nmean absolute error {error:.2f}", fontsize=9.5)
        axes.set_aspect("equal")
        axes.set_xlim(ends)
        axes.set_ylim(ends)
        finish(axes, f"true {quantity}", f"predicted {quantity}" if axes is panels[0] else "")
    return figure


def filter_sheet(kernels: np.ndarray) -> Figure:
    """First-layer kernels of a network, each on a scale of its own, symmetric around zero.

    Args:
        kernels: (height, width, 1, maps), as Keras stores them.
    """
    if kernels.ndim != 4 or kernels.shape[2] != 1:
        raise InputError(
            f"kernels have shape {kernels.shape}: a first layer on gray images has (height, width, 1, maps)"
        )
    maps = kernels.shape[3]
    columns = min(8, maps)
    rows = -(-maps // columns)
    figure = new_figure("First kernels, after training", width=0.85 * columns, height=0.95 * rows + 0.45)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    for number, axes in enumerate(figure.subplots(rows, columns, squeeze=False).ravel()):
        axes.set_axis_off()
        if number < maps:
            _signed(axes, kernels[:, :, 0, number])
            axes.set_title(f"{number + 1}", fontsize=8.5, pad=2)
    return figure


def receptive_field_plot(image: np.ndarray, influence: Sequence[np.ndarray], sides: Sequence[int]) -> Figure:
    """Where the center of each block's maps looks: measured influence, and the square that the formula allows.

    Args:
        image: (height, width), shown in gray at the left.
        influence: one (height, width) of sizes of the gradient per block.
        sides: side of the receptive field by the formula, px, one per block.
    """
    if len(influence) != len(sides):
        raise InputError(f"{len(influence)} pictures for {len(sides)} receptive fields: give one for each")
    cell = WIDTH / (len(sides) + 1)
    figure = new_figure("What one place in the maps of each block can see", height=cell + 0.6)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    panels = figure.subplots(1, len(sides) + 1)
    panels[0].imshow(image, cmap="gray", interpolation="nearest")
    panels[0].set_title("image", fontsize=9, pad=3)
    for block, (axes, strength, side) in enumerate(zip(panels[1:], influence, sides, strict=True), start=1):
        axes.imshow(np.sqrt(strength / max(strength.max(), 1e-30)), cmap="Greys", interpolation="nearest")
        rows, columns = np.nonzero(strength)
        # The square is put where the influence lies: padding and strides move it off the middle of the image.
        middle = (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2
        corner = [value - side / 2 for value in middle]
        axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=PALETTE["vermilion"], linewidth=1.5))
        axes.set_title(f"block {block}: {side} px", fontsize=9, pad=3)
    for axes in panels:
        axes.set_xticks([])
        axes.set_yticks([])
    return figure


def _signed(axes: Axes, values: np.ndarray) -> None:
    limit = max(float(np.abs(values).max()), 1e-12)
    axes.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit, interpolation="nearest")
