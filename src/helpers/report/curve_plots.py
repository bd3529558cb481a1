"""Curves of an evaluation: ROC, precision and recall, reliability, net benefit."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from helpers.evaluation.calibration import reliability_curve
from helpers.evaluation.intervals import auroc_delong, metric_interval
from helpers.evaluation.metrics import confusion_counts, decide, sensitivity, specificity
from helpers.report.figures import (
    MARKERS,
    REFERENCE,
    SERIES,
    check_models,
    finish,
    legend_below,
    new_figure,
    series_style,
)


def roc_curve_plot(
    targets: np.ndarray,
    scores: Mapping[str, np.ndarray],
    groups: np.ndarray | None = None,
    thresholds: Mapping[str, float] | None = None,
    title: str = "",
) -> Figure:
    """ROC curves with AUROC and its 95 % interval in the legend.

    Args:
        targets: (n,) of 0 and 1.
        scores: name to (n,) or (seeds, n); with several seeds each has a thin line.
        groups: (n,) group of each sample, for the intervals.
        thresholds: name to threshold; marks the operating point of those models (of the first seed).
        title: of the figure.
    """
    check_models(scores)
    figure = new_figure(title, width=7.0, height=4.2)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)), label="chance")
    for number, (name, values) in enumerate(scores.items()):
        rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
        interval = auroc_delong(targets, rows, groups)
        for row_number, row in enumerate(rows):
            false_alarms, found, _ = roc_curve(targets, row)
            label = f"{_wrapped(name)}\nAUROC {interval.text(3)}" if row_number == 0 else None
            width = 2 if len(rows) == 1 else 1
            axes.plot(false_alarms, found, label=label, linewidth=width, **series_style(number))
        if thresholds and name in thresholds:
            counts = confusion_counts(targets, decide(rows[0], thresholds[name]))
            axes.plot(
                1 - specificity(counts),
                sensitivity(counts),
                marker=MARKERS[number % len(MARKERS)],
                markersize=9,
                color=SERIES[number % len(SERIES)],
                markeredgecolor="black",
                linestyle="none",
                label=f"threshold {thresholds[name]:.2f}",
                zorder=4,
                clip_on=False,
            )
    axes.set_xlim(-0.01, 1)
    axes.set_ylim(0, 1.01)
    axes.set_aspect("equal")
    finish(
        axes, "1 - specificity\n(share of the healthy called diseased)", "sensitivity\n(share of the diseased found)"
    )
    legend_below(figure)
    return figure


def precision_recall_plot(
    targets: np.ndarray,
    scores: Mapping[str, np.ndarray],
    groups: np.ndarray | None = None,
    title: str = "",
    resamples: int = 1000,
) -> Figure:
    """Precision against recall with AUPRC and its 95 % interval; the dotted line is the share of diseased (chance).

    Arguments as in :func:`roc_curve_plot`; ``resamples`` is that of the interval's bootstrap.
    """
    check_models(scores)
    targets = np.asarray(targets)
    figure = new_figure(title, width=7.0, height=4.2)
    axes = figure.subplots()
    prevalence = float(targets.mean())
    axes.axhline(
        prevalence, color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)), label=f"chance: {prevalence:.2f} diseased"
    )
    for number, (name, values) in enumerate(scores.items()):
        rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
        interval = metric_interval("auprc", targets, rows, groups, 0.5, resamples=resamples)
        for row_number, row in enumerate(rows):
            precision, recall, _ = precision_recall_curve(targets, row)
            # scikit-learn ends every curve at recall 0 and precision 1, which no threshold reaches.
            kept = recall > 0
            label = f"{_wrapped(name)}\nAUPRC {interval.text(3)}" if row_number == 0 else None
            width = 2 if len(rows) == 1 else 1
            axes.step(recall[kept], precision[kept], where="post", label=label, linewidth=width, **series_style(number))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_aspect("equal")
    finish(
        axes, "recall = sensitivity\n(share of the diseased found)", "precision\n(share of the alarms that are right)"
    )
    legend_below(figure)
    return figure


def reliability_plot(
    targets: np.ndarray,
    probabilities: Mapping[str, np.ndarray],
    groups: np.ndarray | None = None,
    bins: int = 10,
    title: str = "",
) -> Figure:
    """Observed share of diseased against predicted probability, 95 % band, and how often each probability is given.

    Args:
        targets: (n,) of 0 and 1.
        probabilities: name to (n,).
        groups: (n,) group of each sample, for the band.
        bins: of about equally many samples.
        title: of the figure.
    """
    check_models(probabilities)
    figure = new_figure(title, height=4.9)
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
    axes.plot([0, 1], [0, 1], color=REFERENCE, linewidth=1, linestyle=(0, (2, 2)), label="perfect calibration")
    for number, (name, probability) in enumerate(probabilities.items()):
        curve = reliability_curve(targets, probability, groups, bins)
        color = SERIES[number % len(SERIES)]
        marker = MARKERS[number % len(MARKERS)]
        axes.fill_between(curve["probability"], curve["low"], curve["high"], color=color, alpha=0.18, linewidth=0)
        axes.plot(
            curve["probability"], curve["observed"], marker=marker, markersize=5, label=name, **series_style(number)
        )
        weights = np.full(len(np.asarray(probability)), 1 / len(np.asarray(probability)))
        below.hist(
            probability,
            bins=np.linspace(0, 1, 26),
            weights=weights,
            histtype="step",
            linewidth=1.5,
            **series_style(number),
        )
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    finish(axes, "", "observed share of diseased")
    finish(below, "predicted probability of disease", "share of\nsamples")
    legend_below(figure)
    return figure


def decision_curve_plot(curves: Mapping[str, pd.DataFrame], title: str = "") -> Figure:
    """Net benefit against the treatment threshold, with treating everybody and nobody.

    Args:
        curves: name to the table of :func:`helpers.evaluation.decisions.decision_curve`, all on the same samples.
        title: of the figure.
    """
    check_models(curves)
    figure = new_figure(title)
    axes = figure.subplots()
    first = next(iter(curves.values()))
    axes.plot(first["threshold"], first["treat_all"], color=REFERENCE, linestyle=(0, (2, 2)), label="treat all")
    axes.axhline(0, color=REFERENCE, linewidth=1, label="treat none")
    highest = float(first["treat_all"].max())
    lowest = 0.0
    for number, (name, curve) in enumerate(curves.items()):
        axes.plot(curve["threshold"], curve["model"], linewidth=2, label=name, **series_style(number))
        highest = max(highest, float(curve["model"].max()))
        lowest = min(lowest, float(curve["model"].min()))
    # Treating everybody falls without bound; the picture ends where only bad policies are left.
    axes.set_ylim(max(lowest, -0.25 * highest) - 0.05 * highest, 1.06 * highest)
    axes.set_xlim(0, 1)
    finish(
        axes,
        "treatment threshold (probability from which one would treat)",
        "net benefit\n(net true positives per case)",
    )
    legend_below(figure)
    return figure


def _wrapped(name: str) -> str:
    return textwrap.fill(name, 28)
