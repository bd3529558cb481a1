"""Figures about written molecules: drawings, the price of a temperature, properties beside real ones, and steering."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import matplotlib.image
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D
from scipy.stats import gaussian_kde

from helpers.evaluation.molecule_properties import PROPERTIES
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

COLUMNS = 4  # of drawn molecules; five would leave no room for what stands under them
DRAWING = (360, 250)  # pixels of one drawing
SHARE_NAMES = {"valid": "valid", "unique": "unique, of the valid", "novel": "novel, of the different"}


def molecule_grid(smiles: Sequence[str], captions: Sequence[str], title: str = "") -> Figure:
    """Drawn molecules in rows of :data:`COLUMNS`, with a line under each.

    Args:
        smiles: valid.
        captions: one short line for each (a property, a similarity).
        title: of the figure.

    Raises:
        InputError: no molecule, an unreadable one, or another number of captions.
    """
    if not len(smiles) or len(smiles) != len(captions):
        raise InputError(f"{len(smiles)} molecules and {len(captions)} captions: give one caption for each molecule")
    rows = -(-len(smiles) // COLUMNS)
    figure = new_figure(title, height=0.4 + 1.4 * rows)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for axes, one, caption in zip(panels, smiles, captions, strict=False):
        axes.imshow(_drawing(one), interpolation="antialiased")
        axes.set_title(caption, fontsize=8.5, y=-0.2, color=PALETTE["black"])
    return figure


def temperature_plot(
    shares: Mapping[float, Mapping[str, Interval]],
    foretold: Mapping[float, Interval],
    chosen: float,
    counts: tuple[int, int],
    title: str = "",
) -> Figure:
    """Validity and novelty against the temperature of writing, and, on a scale of their own, repeats; 95 % intervals.

    Args:
        shares: temperature to what :func:`helpers.evaluation.molecule_generation.generation_shares` gives.
        foretold: temperature to :func:`helpers.evaluation.molecule_generation.foretold_repeats` in the final count.
        chosen: the temperature that is used from here on.
        counts: texts of the trial, and of the final count.
        title: of the figure.
    """
    if chosen not in shares:
        raise InputError(f"temperature {chosen:g} was chosen but is not among those drawn: give its shares, too")
    figure = new_figure(title, height=3.7)
    left, right = figure.subplots(1, 2)
    temperatures = sorted(shares)
    trial, final = counts

    def draw(axes, number, label, values, ends):
        style = series_style(number) | {"marker": MARKERS[number], "markersize": 5, "capsize": 3}
        axes.errorbar(temperatures, values, np.clip(ends, 0, None), label=label, **style)

    for number, key in enumerate(("valid", "novel")):
        found = [shares[temperature][key] for temperature in temperatures]
        ends = [[one.value - one.low for one in found], [one.high - one.value for one in found]]
        draw(left, number, SHARE_NAMES[key], [one.value for one in found], ends)
    found = [shares[temperature]["unique"] for temperature in temperatures]
    ends = [[one.high - one.value for one in found], [one.value - one.low for one in found]]
    draw(right, 2, f"repeats among {trial:,} texts", [1 - one.value for one in found], ends)
    found = [foretold[temperature] for temperature in temperatures]
    ends = [[one.value - one.low for one in found], [one.high - one.value for one in found]]
    draw(right, 3, f"expected among {final:,}, at most", [one.value for one in found], ends)
    right.set_ylim(0, None)
    for axes in (left, right):
        label = f"chosen: {chosen:g}" if axes is left else None
        axes.axvline(chosen, color=REFERENCE, linestyle=":", linewidth=1.5, label=label)
    finish(left, "temperature", "share")
    finish(right, "temperature", "share of repeats, of the valid")
    legend_below(figure)
    return figure


def property_plot(groups: Mapping[str, pd.DataFrame], title: str = "") -> Figure:
    """Densities of computed properties, one panel each, one line per group of molecules.

    Args:
        groups: name to a table of :func:`helpers.evaluation.molecule_properties.molecule_properties`; real ones first.
        title: of the figure.
    """
    check_models(groups)
    columns = list(next(iter(groups.values())))
    figure = new_figure(title, height=4.6)
    panels = figure.subplots(-(-len(columns) // 2), 2, squeeze=False).ravel()
    for place, (axes, column) in enumerate(zip(panels, columns, strict=False)):
        pooled = np.concatenate([table[column].to_numpy() for table in groups.values()])
        grid = np.linspace(*np.quantile(pooled, [0.001, 0.999]), 200)
        for number, (name, table) in enumerate(groups.items()):
            values = table[column].to_numpy()
            if np.ptp(values) == 0:
                raise InputError(f"all molecules of {name!r} have the same {column}: there is no density to draw")
            axes.plot(grid, gaussian_kde(values)(grid), label=None if place else name, **series_style(number))
        axes.set_yticks([])
        axes.set_ylim(0, None)
        finish(axes, PROPERTIES.get(column, column), "density" if not place % 2 else "")
    for axes in panels[len(columns) :]:
        axes.set_axis_off()
    legend_below(figure)
    return figure


def steering_plot(rounds: pd.DataFrame, quantity: str, title: str = "") -> Figure:
    """What is written round by round: the score at the left, validity, uniqueness and novelty at the right.

    Args:
        rounds: of :func:`helpers.training.molecule_steering.steer`.
        quantity: what the score is, with its unit.
        title: of the figure.
    """
    if not len(rounds):
        raise InputError("no round of steering to draw: steer for at least one")
    figure = new_figure(title, height=3.6)
    left, right = figure.subplots(1, 2)
    left.plot(rounds["round"], rounds["score"], marker="o", color=PALETTE["black"])
    finish(left, "round", quantity)
    for number, (key, label) in enumerate(SHARE_NAMES.items()):
        right.plot(
            rounds["round"], rounds[key], marker=MARKERS[number], markersize=5, label=label, **series_style(number)
        )
    right.set_ylim(-0.03, 1.03)
    finish(right, "round", "share")
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)
    legend_below(figure)
    return figure


def judgment_plot(panels: Mapping[str, Mapping[str, np.ndarray]], quantity: str, title: str = "") -> Figure:
    """Densities of what each judge says about each group of molecules, with the mean marked; one panel per judge.

    Args:
        panels: name of the judge to (name of the group to (n,) values), the same groups for all.
        quantity: what is judged, with its unit.
        title: of the figure.
    """
    check_models(panels)
    figure = new_figure(title, height=3.6)
    places = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (judge, groups) in zip(places, panels.items(), strict=True):
        pooled = np.concatenate(list(groups.values()))
        grid = np.linspace(pooled.min(), pooled.max(), 200)
        for number, (name, values) in enumerate(groups.items()):
            style = series_style(number)
            axes.plot(grid, gaussian_kde(values)(grid), label=name if axes is places[0] else None, **style)
            axes.axvline(np.mean(values), color=style["color"], linewidth=0.9, linestyle=":")
        axes.set_title(judge, fontsize=9.5)
        axes.set_yticks([])
        axes.set_ylim(0, None)
        finish(axes, quantity, "density" if axes is places[0] else "")
    legend_below(figure)
    return figure


def _drawing(smiles: str) -> np.ndarray:
    """(height, width, 4) of a drawn molecule, on white."""
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise InputError(f"{smiles[:40]!r} is no valid SMILES and cannot be drawn: set it aside first")
    canvas = rdMolDraw2D.MolDraw2DCairo(*DRAWING)
    options = canvas.drawOptions()
    options.bondLineWidth, options.minFontSize, options.padding = 2, 14, 0.06
    options.fixedBondLength = 40  # at most: a small molecule is not blown up
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule)
    canvas.FinishDrawing()
    return matplotlib.image.imread(io.BytesIO(canvas.GetDrawingText()), format="png")
