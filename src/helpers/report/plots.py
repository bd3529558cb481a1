"""Figures of an evaluation, from arrays: the door to all of them.

Each returns a Figure, to be handed to :func:`show` with its alternative text. Titles come from the caller, because what
a figure says depends on the numbers. Models are given as a dictionary from name to scores, in the order they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.evaluation.metrics import ConfusionCounts
from helpers.report.curve_plots import decision_curve_plot, precision_recall_plot, reliability_plot, roc_curve_plot
from helpers.report.figures import (
    CLASS_COLORS,
    LINES,
    MARKERS,
    PALETTE,
    REFERENCE,
    SERIES,
    check_models,
    finish,
    legend_below,
    new_figure,
    png,
    series_style,
    show,
    show_cases,
)
from helpers.report.images import image_sheet, intensity_plot
from helpers.report.rigor_plots import prediction_set_plot, sample_size_plot, subgroup_forest_plot
from helpers.runtime import InputError

__all__ = [
    "PALETTE",
    "confusion_matrix_plot",
    "decision_curve_plot",
    "image_sheet",
    "intensity_plot",
    "learning_curve_plot",
    "metric_forest_plot",
    "png",
    "precision_recall_plot",
    "prediction_set_plot",
    "probability_distribution_plot",
    "reliability_plot",
    "roc_curve_plot",
    "sample_size_plot",
    "show",
    "show_cases",
    "subgroup_forest_plot",
]

METRIC_LABELS = {
    "accuracy": "accuracy",
    "sensitivity": "sensitivity (recall)",
    "specificity": "specificity",
    "precision": "precision",
    "f1": "F1",
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "brier": "Brier score (0 is best)",
}


def probability_distribution_plot(
    targets: np.ndarray,
    probability: np.ndarray,
    threshold: float | None = None,
    class_names: Sequence[str] = ("healthy", "diseased"),
    title: str = "",
) -> Figure:
    """Histogram of the predicted probability per class, with the decision threshold.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        threshold: drawn as a line, or None.
        class_names: of target 0 and target 1.
        title: of the figure.
    """
    targets, probability = (np.asarray(targets), np.asarray(probability, dtype=np.float64))
    figure = new_figure(title)
    axes = figure.subplots()
    for value in (0, 1):
        inside = probability[targets == value]
        if not len(inside):
            continue
        color = CLASS_COLORS[value]
        common = {"bins": np.linspace(0, 1, 31), "weights": np.full(len(inside), 1 / len(inside))}
        axes.hist(inside, color=color, alpha=0.25, **common)
        label = f"{class_names[value]} ({len(inside)})"
        axes.hist(inside, histtype="step", color=color, linewidth=1.8, linestyle=LINES[value], label=label, **common)
    if threshold is not None:
        axes.axvline(threshold, color="black", linewidth=1.5, linestyle=":", label=f"threshold {threshold:.2f}")
    axes.set_xlim(0, 1)
    finish(axes, "predicted probability of disease", "share of the class")
    legend_below(figure)
    return figure


def confusion_matrix_plot(
    counts: ConfusionCounts, class_names: Sequence[str] = ("healthy", "diseased"), title: str = ""
) -> Figure:
    """The four counts, and what share of its row (the true class) each is.

    Args:
        counts: from :func:`helpers.evaluation.metrics.confusion_counts`.
        class_names: of target 0 and target 1; the second is marked as the disease.
        title: of the figure.
    """
    table = np.array(
        [[counts.true_negative, counts.false_positive], [counts.false_negative, counts.true_positive]], dtype=np.int64
    )
    words = [["true negative", "false positive"], ["false negative", "true positive"]]
    labels = [str(class_names[0]), f"{class_names[1]}\n(the disease)"]
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = new_figure(title, width=5.4, height=4.2)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row in (0, 1):
        for column in (0, 1):
            ink = "white" if shares[row, column] > 0.55 else "black"
            axes.text(column, row - 0.12, f"{table[row, column]}", ha="center", va="center", color=ink, fontsize=18)
            text = f"{words[row][column]}\n{100 * shares[row, column]:.1f} % of the row"
            axes.text(column, row + 0.22, text, ha="center", va="center", color=ink, fontsize=9.5)
    axes.set_xticks([0, 1], labels, fontsize=10)
    axes.set_yticks([0, 1], labels, fontsize=10, rotation=90, va="center", multialignment="center")
    axes.tick_params(length=0)
    axes.set_xlabel("called by the model", fontsize=10)
    axes.set_ylabel("truth", fontsize=10)
    axes.spines[:].set_visible(False)
    axes.axhline(0.5, color="white", linewidth=3)
    axes.axvline(0.5, color="white", linewidth=3)
    return figure


def learning_curve_plot(history: pd.DataFrame, best_epoch: int | None = None, title: str = "") -> Figure:
    """Loss and the first other measure over the epochs, training and validation, with the epoch that is kept.

    Args:
        history: columns epoch (from 1), loss, optionally validation_loss, and pairs like auroc, validation_auroc.
        best_epoch: the epoch kept; None: that of the lowest validation loss (of the loss without validation).
        title: of the figure.
    """
    missing = [name for name in ("epoch", "loss") if name not in history]
    if missing or not len(history):
        raise InputError("a learning curve needs at least one epoch and the columns epoch and loss")
    judged = "validation_loss" if "validation_loss" in history else "loss"
    if best_epoch is None:
        best_epoch = int(history["epoch"].iloc[int(np.nanargmin(history[judged]))])
    others = [name for name in history if f"validation_{name}" in history and name != "loss"]
    panels = ["loss", *others[:1]]
    figure = new_figure(title, height=3.7)
    for axes, name in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        pair = [(name, "training"), (f"validation_{name}", "validation")]
        for number, (column, label) in enumerate(pair):
            if column in history:
                axes.plot(
                    history["epoch"],
                    history[column],
                    marker=MARKERS[number],
                    markersize=4,
                    label=label if name == "loss" else None,
                    **series_style(number),
                )
        label = f"kept: epoch {best_epoch}" if name == "loss" else None
        axes.axvline(best_epoch, color=REFERENCE, linestyle=":", linewidth=1.5, label=label)
        axes.xaxis.get_major_locator().set_params(integer=True)
        finish(axes, "epoch", METRIC_LABELS.get(name, name.replace("_", " ")))
    legend_below(figure)
    return figure


def metric_forest_plot(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    metrics: Sequence[str] | None = None,
    title: str = "",
    axis: str = "value with 95 % interval",
    lowest: float = 0.0,
) -> Figure:
    """Every metric of one or several models as a point with its 95 % interval.

    Args:
        tables: name to the table of :func:`helpers.evaluation.intervals.metric_intervals`, or one such table.
        metrics: which, from top to bottom; None: all of the first table.
        title: of the figure.
        axis: what all the values are, where they are one measure.
        lowest: left end of the axis, at most the smallest lower end.
    """
    models = {"": tables} if isinstance(tables, pd.DataFrame) else dict(tables)
    check_models(models)
    metrics = list(next(iter(models.values())).index) if metrics is None else list(metrics)
    step = 0.8 / len(models)
    figure = new_figure(title, height=1.3 + len(metrics) * max(0.34, 0.2 * len(models)))
    axes = figure.subplots()
    for number, (name, table) in enumerate(models.items()):
        rows = table.loc[metrics]
        place = np.arange(len(metrics)) + (number - (len(models) - 1) / 2) * step
        known = rows["value"].notna().to_numpy()
        below, above = rows["value"] - rows["low"], rows["high"] - rows["value"]
        axes.errorbar(
            rows["value"][known],
            place[known],
            xerr=np.array([below[known], above[known]]).clip(min=0),
            fmt=MARKERS[number % len(MARKERS)],
            color=SERIES[number % len(SERIES)],
            capsize=3,
            markersize=5,
            linewidth=1.6,
            label=name or None,
        )
        for height, value, low, high in zip(place, rows["value"], rows["low"], rows["high"], strict=True):
            text = "undefined" if np.isnan(value) else f"{value:.3f} ({low:.3f} to {high:.3f})"
            axes.text(
                1.03,
                height,
                text,
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=8.5,
                color=SERIES[number % len(SERIES)] if len(models) > 1 else "black",
            )
    axes.set_yticks(np.arange(len(metrics)), [METRIC_LABELS.get(name, name) for name in metrics])
    axes.set_ylim(len(metrics) - 0.5, -0.5)
    axes.set_xlim(lowest - 0.02 * (1 - lowest), 1 + 0.02 * (1 - lowest))
    finish(axes, axis, "")
    axes.grid(visible=False, axis="y")
    if len(models) > 1:
        legend_below(figure)
    return figure
