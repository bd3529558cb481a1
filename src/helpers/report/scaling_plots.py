"""Figure of 13_foundation_models: loss against parameters, data and compute, a law fitted to all sizes but the largest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from helpers.evaluation.power_law import Extrapolation
from helpers.report.figures import PALETTE, check_models, finish, legend_below, new_figure

FITTED, HELD_OUT = PALETTE["blue"], PALETTE["vermilion"]
MOST_LABELS = 4  # of an axis of one narrow panel
PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def scaling_law_plot(checks: Mapping[str, Extrapolation], loss: str, title: str = "") -> Figure:
    """One panel per law, all with the same vertical axis: runs, the fitted line with its band, and the largest size.

    The band is the 95 % prediction interval of a new size's mean; where it is wider than the panel it is cut off.

    Args:
        checks: what grows (label of the horizontal axis) to its extrapolation; at most four.
        loss: label of the vertical axis, with its unit.
        title: of the figure.
    """
    check_models(checks)
    figure = new_figure(title, width=2.6 * max(len(checks), 2), height=3.5)
    panels = figure.subplots(1, len(checks), sharey=True, squeeze=False)[0]
    for axes, (name, check) in zip(panels, checks.items(), strict=True):
        _draw_law(axes, check, with_labels=axes is panels[0])
        finish(axes, name, loss if axes is panels[0] else "")
    _share_height(panels, list(checks.values()))
    legend_below(figure)
    return figure


def _draw_law(axes: Axes, check: Extrapolation, with_labels: bool) -> None:
    law = check.law
    places = np.geomspace(law.sizes[0], check.size, 60)
    low, high = law.band(places)
    label = {
        name: words if with_labels else None
        for name, words in {
            "runs": "one run",
            "means": "mean of a size, fitted",
            "line": "law, fitted without the largest size",
            "band": "95 % prediction interval of a size",
            "largest": "largest size, not fitted",
        }.items()
    }
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.fill_between(places, low, high, color=FITTED, alpha=0.15, linewidth=0, label=label["band"])
    axes.plot(places, law.curve(places), color=FITTED, linewidth=1.6, label=label["line"])
    every = np.append(np.repeat(law.sizes, law.losses.shape[1]), np.full(len(check.losses), check.size))
    if law.losses.shape[1] > 1:
        runs = np.append(law.losses.ravel(), check.losses)
        axes.plot(every, runs, ".", color="#8C8C8C", markersize=4, linestyle="none", label=label["runs"])
    axes.plot(law.sizes, law.means, "o", color=FITTED, markersize=5.5, label=label["means"])
    axes.plot(
        check.size,
        check.observed,
        "s",
        color=HELD_OUT,
        markerfacecolor="white",
        markeredgewidth=1.8,
        markersize=7,
        label=label["largest"],
    )
    axes.set_title(f"largest size: {'inside' if check.inside else 'outside'}", fontsize=9.5, pad=5)
    _label_sizes(axes, np.append(law.sizes, check.size))


def _label_sizes(axes: Axes, sizes: np.ndarray) -> None:
    """A tick at every size; at most four labels, counted from the largest."""
    step = -(-len(sizes) // MOST_LABELS)
    shown = [(len(sizes) - 1 - number) % step == 0 for number in range(len(sizes))]
    words = [short_size(size) if keep else "" for size, keep in zip(sizes, shown, strict=True)]
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.set_xticks(sizes, words)
    axes.xaxis.set_minor_locator(NullLocator())


def _share_height(panels: np.ndarray, checks: list[Extrapolation]) -> None:
    """Vertical limits from the losses and predictions, so that a band without an end hides nothing, and a few plain ticks."""
    seen = np.concatenate([[*check.law.losses.ravel(), *check.losses, check.predicted.value] for check in checks])
    lowest, highest = np.log(seen.min()), np.log(seen.max())
    room = 0.15 * max(highest - lowest, 0.1)
    panels[0].set_ylim(np.exp(lowest - room), np.exp(highest + room))
    # Ticks lie at equal distances on the axis, and are rounded to as few digits as do not shift them visibly.
    digits = 2 if highest - lowest > 0.3 else 3
    ticks = sorted({float(f"{place:.{digits}g}") for place in np.exp(np.linspace(lowest, highest, 5))})
    panels[0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    panels[0].yaxis.set_minor_locator(NullLocator())


def short_size(value: float) -> str:
    """Whole up to ten thousand, then three digits and a prefix: ``2,048``, ``28.9M``, ``3.1T``."""
    if value < 10_000:
        return f"{value:,.0f}"
    factor, prefix = next((factor, prefix) for factor, prefix in PREFIXES if value >= factor)
    return f"{value / factor:.3g}{prefix}"
