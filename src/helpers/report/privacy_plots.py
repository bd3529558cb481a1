"""Figures about privacy: losses of members and strangers, attacks under their bound, what epsilon costs, federations."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from helpers.data.dataset import Dataset
from helpers.evaluation.attacks import MembershipInference, most_members_found
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.intervals import auroc_delong
from helpers.report.figures import (
    LINES,
    MARKERS,
    PALETTE,
    REFERENCE,
    check_models,
    finish,
    legend_below,
    new_figure,
    series_style,
)
from helpers.report.images import image_sheet

SMALLEST_LOSS = 1e-8
LOWEST_RATE = 2e-3


def some_images(part: Dataset, title: str, number: int = 12) -> Figure:
    """Images from all over a part of a dataset, each under the name of its class."""
    chosen = part.select(np.linspace(0, len(part) - 1, min(number, len(part))).astype(int))
    return image_sheet(chosen.inputs, [part.class_names[label] for label in chosen.targets], title=title)


def recovered_images(grays: Mapping[str, np.ndarray], size: int, title: str) -> Figure:
    """An image, and what was recovered of it, side by side on one scale of gray.

    Args:
        grays: name to (size * size,) gray values; what lies outside 0 to 255 is shown as black or white.
        size: of the images in pixels.
        title: of the figure.
    """
    check_models(grays)
    pictures = np.stack(list(grays.values())).clip(0, 255).reshape(-1, size, size).astype(np.uint8)
    return image_sheet(pictures, list(grays), columns=len(grays), title=title)


def loss_histogram(
    losses: Mapping[str, tuple[np.ndarray, np.ndarray]], thresholds: Mapping[str, float], title: str
) -> Figure:
    """Histogram of the losses of members and of strangers, logarithmic, one panel per network.

    Args:
        losses: network to losses of members (m,) and of strangers (k,).
        thresholds: network to the loss below which the attack says *member*.
        title: of the figure.
    """
    check_models(losses)
    figure = new_figure(title, width=7.4, height=3.4)
    bins = np.geomspace(SMALLEST_LOSS, 20, 41)
    panels = figure.subplots(1, len(losses), sharex=True, squeeze=False)[0]
    for axes, (name, pair) in zip(panels, losses.items(), strict=True):
        kinds = zip(("members", "strangers"), (PALETTE["vermilion"], PALETTE["blue"]), LINES, pair, strict=False)
        for kind, color, line, values in kinds:
            shown = np.clip(values, SMALLEST_LOSS, 20)
            common = {"bins": bins, "weights": np.full(len(shown), 1 / len(shown)), "color": color}
            label = kind if axes is panels[0] else None
            axes.hist(shown, alpha=0.2, **common)
            axes.hist(shown, histtype="step", linewidth=1.8, linestyle=line, label=label, **common)
        label = "threshold of the attack" if axes is panels[0] else None
        axes.axvline(max(thresholds[name], SMALLEST_LOSS), color="black", linestyle=":", linewidth=1.5, label=label)
        axes.set_xscale("log")
        axes.set_title(name, fontsize=10)
        finish(axes, "loss of an image (nats)", "share of the images" if axes is panels[0] else "")
    legend_below(figure)
    return figure


def attack_plot(
    losses: Mapping[str, tuple[np.ndarray, np.ndarray]], bounds: Mapping[float, float], title: str
) -> Figure:
    """Members found against strangers accused, on logarithmic axes, and what epsilon leaves to any attack.

    Args:
        losses: network to losses of members (m,) and of strangers (k,).
        bounds: epsilon to delta.
        title: of the figure.
    """
    check_models(losses)
    figure = new_figure(title, width=7.0, height=4.6)
    axes = figure.subplots()
    rates = np.geomspace(LOWEST_RATE, 1, 200)
    axes.plot(rates, rates, color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)), label="guessing")
    for number, (name, (members, strangers)) in enumerate(losses.items()):
        membership = np.repeat([1, 0], [len(members), len(strangers)])
        accused, found, _ = roc_curve(membership, -np.concatenate([members, strangers]), drop_intermediate=False)
        axes.plot(accused, found, drawstyle="steps-post", linewidth=1.8, label=name, **series_style(number))
    for number, (epsilon, delta) in enumerate(bounds.items()):
        style = {"color": "black", "linewidth": 1.3, "alpha": 0.75, "linestyle": LINES[number % len(LINES)]}
        axes.plot(
            rates, most_members_found(epsilon, delta, rates), label=f"no attack above: epsilon {epsilon:g}", **style
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(LOWEST_RATE, 1)
    axes.set_ylim(LOWEST_RATE, 1.05)
    finish(axes, "strangers accused (share)", "members found (share)")
    legend_below(figure)
    return figure


def price_plot(
    part: Dataset,
    scores: Mapping[str, np.ndarray],
    leaks: Mapping[str, MembershipInference],
    margin: float,
    title: str,
) -> Figure:
    """AUROC of the diagnosis and of the attack against epsilon, with 95 % intervals.

    Args:
        part: whose diagnoses are judged.
        scores: network to (n,) probabilities, the network without privacy first.
        leaks: network to the attack on it; only networks that were attacked are drawn.
        margin: loss of AUROC that is acceptable; drawn below the first network.
        title: of the figure.
    """
    check_models(scores)
    names = [name for name in scores if name in leaks]
    diagnoses = [auroc_delong(part.targets, scores[name], part.groups) for name in names]
    figure = new_figure(title, width=7.2, height=1.9 + 0.3 * len(names))
    places = np.arange(len(names))
    panels = figure.subplots(1, 2, sharey=True)
    for number, (axes, found, label) in enumerate(
        zip(
            panels,
            (diagnoses, [leaks[name].auroc for name in names]),
            ("AUROC of the diagnosis", "AUROC of the attack"),
            strict=True,
        )
    ):
        value = np.array([one.value for one in found])
        ends = np.abs(np.array([[one.low for one in found], [one.high for one in found]]) - value)
        axes.errorbar(
            value,
            places,
            xerr=ends,
            fmt=MARKERS[number],
            capsize=3,
            color=(PALETTE["blue"], PALETTE["vermilion"])[number],
        )
        line = (value[0] - margin, f"{margin:g} below no privacy") if number == 0 else (0.5, "guessing")
        axes.axvline(line[0], color=REFERENCE, linestyle=LINES[number + 1], linewidth=1.3, label=line[1])
        axes.set_yticks(places, names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        finish(axes, f"{label}, 95 % interval", "")
    legend_below(figure)
    return figure


def difference_plot(gaps: Mapping[tuple[str, str], PairedComparison], margin: float, title: str) -> Figure:
    """Paired differences (first minus second model) of AUROC with 95 % intervals, and the margin fixed beforehand."""
    check_models(gaps)
    figure = new_figure(title, height=1.6 + 0.4 * len(gaps))
    axes = figure.subplots()
    for place, gap in enumerate(gaps.values()):
        ends = np.array([[gap.difference - gap.low], [gap.high - gap.difference]]).clip(min=0)
        axes.errorbar(gap.difference, place, xerr=ends, fmt="o", color=PALETTE["blue"], capsize=4)
    axes.axvline(0, color="black", linewidth=1)
    axes.axvline(-margin, color=PALETTE["vermilion"], linestyle="--", linewidth=1.5, label=f"margin: {margin:g} worse")
    axes.set_yticks(range(len(gaps)), [" minus ".join(names) for names in gaps])
    axes.set_ylim(len(gaps) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=6)
    finish(axes, "difference of AUROC within hospitals, 95 % interval", "")
    legend_below(figure)
    return figure


def rounds_plot(histories: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """AUROC after each round, and how far the sites moved apart in it.

    Args:
        histories: name to the table of :func:`helpers.training.federated.train_federated` with a column auroc.
        title: of the figure.
    """
    check_models(histories)
    figure = new_figure(title, width=7.2, height=3.6)
    left, right = figure.subplots(1, 2)
    for number, (name, history) in enumerate(histories.items()):
        left.plot(history["round"], history["auroc"], linewidth=1.8, label=name, **series_style(number))
        right.plot(history["round"], history["drift"], linewidth=1.8, **series_style(number))
    finish(left, "round", "AUROC, validation")
    finish(right, "round", "distance of a site from the mean")
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)
    legend_below(figure)
    return figure
