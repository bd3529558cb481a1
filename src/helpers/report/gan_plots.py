"""Figures of 05_gan: densities and their best discriminator, a ring, slopes that vanish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from helpers.report.autoencoder_plots import picture_rows
from helpers.report.figures import MARKERS, PALETTE, REFERENCE, WIDTH, check_models, finish, legend_below, new_figure
from helpers.report.figures import series_style as style
from helpers.runtime import InputError

SHOWN = 6  # pictures in a row


def class_rows(class_names: Sequence[str], sets: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str) -> Figure:
    """The first pictures of every class, a row for each set, those of a class below each other.

    Args:
        class_names: in the order of the class numbers.
        sets: name to (n, height, width, 1) pictures and (n,) class numbers.
        title: of the figure.
    """
    rows = {
        f"{class_name}, {name}": pictures[classes == label][:SHOWN]
        for label, class_name in enumerate(class_names)
        for name, (pictures, classes) in sets.items()
    }
    return picture_rows(rows, title)


def discriminator_plot(places: np.ndarray, real: np.ndarray, generated: np.ndarray, best: np.ndarray) -> Figure:
    """Two densities on a line, and below them the best discriminator.

    Args:
        places, real, generated, best: (n,) place, both densities, and the probability of being real.
    """
    figure = new_figure("The best discriminator compares two densities, place by place", height=4.2)
    upper, lower = figure.subplots(2, 1, sharex=True)
    upper.plot(places, real, label="real", **style(0))
    upper.plot(places, generated, label="generated", **style(1))
    finish(upper, "", "density")
    lower.plot(places, best, color=PALETTE["green"], linewidth=2, label="best discriminator")
    lower.axhline(0.5, color=REFERENCE, linestyle=":", linewidth=1.5, label="cannot tell")
    lower.set_ylim(-0.03, 1.03)
    finish(lower, "place", "probability of real")
    legend_below(figure)
    return figure


def ring_plot(clouds: Mapping[str, np.ndarray], centers: np.ndarray, reached: Mapping[str, int]) -> Figure:
    """Clouds of points side by side, with the centers of the modes; each says how many modes it reaches.

    Args:
        clouds: name to (n, 2) points.
        centers: (modes, 2).
        reached: name to number of modes.
    """
    check_models(clouds)
    if set(reached) != set(clouds):
        raise InputError("give the number of modes reached for every cloud")
    figure = new_figure("Which kinds does a generator reach?", height=2.9)
    grid = figure.subplots(1, len(clouds), sharex=True, sharey=True, squeeze=False)[0]
    size = WIDTH / len(clouds)
    for axes, (name, points) in zip(grid, clouds.items(), strict=True):
        axes.scatter(*centers.T, s=130, facecolors="none", edgecolors=REFERENCE, linewidths=1)
        axes.scatter(*points.T, s=3, color=PALETTE["blue"], alpha=0.35, linewidths=0)
        axes.set_aspect("equal")
        axes.set_title(f"{name}: {reached[name]} of {len(centers)}", fontsize=8 if size < 2.5 else 9)
        finish(axes, "first coordinate", "second coordinate" if axes is grid[0] else "")
    return figure


def slope_plot(steps: Sequence[int], slopes: Mapping[str, Sequence[float]]) -> Figure:
    """Length of the generator's gradient while a discriminator learns alone, one line per loss.

    Args:
        steps: (n,) of the discriminator.
        slopes: name of the loss to (n,) lengths, above zero.
    """
    check_models(slopes)
    figure = new_figure("What the generator can still learn while the discriminator wins", height=3.3)
    axes = figure.subplots()
    for number, (name, lengths) in enumerate(slopes.items()):
        axes.plot(steps, lengths, marker=MARKERS[number], markersize=5, label=name, **style(number))
    axes.set_yscale("log")
    finish(axes, "steps of the discriminator alone", "length of the gradient")
    legend_below(figure)
    return figure
