"""Figures of the monitor of 14_devices: its stream, its alarms, its drift alarm, and what a program of it finds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.data.heartbeats import FREQUENCY
from helpers.evaluation.alarms import AlarmCount
from helpers.evaluation.signal_watch import Watched
from helpers.report.figures import MARKERS, PALETTE, REFERENCE, finish, legend_below, new_figure


def stream_plot(signal: np.ndarray, beats: pd.DataFrame, threshold: float, title: str = "") -> Figure:
    """The beginning of a signal, and below it each score of the monitor at the moment when it is known.

    Args:
        signal: (samples,) mV, 360 Hz.
        beats: columns time (s, of the beat), known (s, when its score is there), score, ventricular (True or False).
        threshold: from which on the monitor calls.
        title: of the figure.
    """
    figure = new_figure(title, width=7.4, height=3.9)
    above, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (1.5, 1)})
    above.plot(np.arange(len(signal)) / FREQUENCY, signal, color="black", linewidth=0.9)
    finish(above, "", "first lead (mV)")
    kinds = ((False, PALETTE["blue"], "other beat"), (True, PALETTE["vermilion"], "ventricular beat"))
    for ventricular, color, words in kinds:
        those = beats[beats["ventricular"] == ventricular]
        below.hlines(those["score"], those["time"], those["known"], color=color, linewidth=1)
        mark = {"s": 26, "color": color, "marker": MARKERS[int(ventricular)], "zorder": 3}
        below.scatter(those["known"], those["score"], label=f"{words}: score when known", **mark)
        for time in those["time"]:
            above.axvline(time, color=color, linewidth=0.9, linestyle="--" if ventricular else ":")
    below.axhline(threshold, color=REFERENCE, linewidth=1.3, linestyle="--", label="threshold")
    below.set_ylim(-0.06, 1.06)
    finish(below, "time (s)", "score")
    legend_below(figure)
    return figure


def alarm_plot(counted: AlarmCount, group: str, title: str = "") -> Figure:
    """Alarms an hour of every recording, true, false and neither, those with most false ones first.

    Args:
        counted: alarms of every recording.
        group: the word for a group.
        title: of the figure.
    """
    false, true, neither = (part / counted.hours for part in (counted.false, counted.true, counted.neither))
    order = np.lexsort((-true, -false))
    figure = new_figure(title, width=7.0, height=3.2)
    axes = figure.subplots()
    place = np.arange(len(order))
    bars = {"width": 0.75, "edgecolor": "white"}
    axes.bar(place, false[order], color=PALETTE["vermilion"], label="false", hatch="//", **bars)
    axes.bar(place, true[order], bottom=false[order], color=PALETTE["blue"], label="true", **bars)
    if neither.any():
        on_top = {"bottom": (false + true)[order], "label": "neither: fusion or unclassified beats", "hatch": ".."}
        axes.bar(place, neither[order], color=PALETTE["sky"], **on_top, **bars)
    axes.set_xticks(place, place + 1)  # reports name no group
    finish(axes, f"{group}s, most false alarms first", "alarms per hour")
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(visible=False, axis="x")
    legend_below(figure)
    return figure


def cusum_plot(panels: Mapping[str, Watched], limit: float, change: float, title: str = "") -> Figure:
    """The two sums of a CUSUM over time, one panel per recording, with its alarms and the planted change.

    Args:
        panels: words to what the drift alarm saw.
        limit: of the sums.
        change: minutes at which something was changed in the last panel.
        title: of the figure.
    """
    figure = new_figure(title, width=7.2, height=1.6 + 1.5 * len(panels))
    rows = figure.subplots(len(panels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (words, seen) in zip(rows, panels.items(), strict=True):
        first, last = axes is rows[0], axes is rows[-1]
        for column, (name, color, line) in enumerate((("upward", "blue", "-"), ("downward", "green", "--"))):
            style = {"color": PALETTE[color], "linestyle": line, "linewidth": 1.5}
            axes.plot(seen.minutes, seen.sums[:, column], label=f"sum {name}" if first else None, **style)
        axes.axhline(limit, color=REFERENCE, linewidth=1.2, linestyle=":", label="limit" if first else None)
        highest = seen.sums[seen.alarms].max(axis=1) if len(seen.alarms) else []
        mark = {"s": 36, "color": PALETTE["vermilion"], "marker": "v", "zorder": 3}
        axes.scatter(seen.minutes[seen.alarms], highest, label="alarm" if first else None, **mark)
        if last:
            axes.axvline(change, color="black", linewidth=1.2, linestyle="-.")
            place = {"xycoords": ("data", "axes fraction"), "xytext": (-4, 0), "textcoords": "offset points"}
            axes.annotate("change", (change, 0.97), va="top", ha="right", fontsize=9, **place)
        axes.set_title(words, fontsize=9.5, loc="left")
        finish(axes, "time (minutes)" if last else "", "sum")
    legend_below(figure)
    return figure


def program_plot(tables: Mapping[float, pd.DataFrame], title: str = "") -> Figure:
    """Of 1,000 people monitored: who is flagged, rightly and wrongly, and who is missed, with intervals.

    Args:
        tables: prevalence to the table of :func:`helpers.evaluation.monitoring.program_table`.
        title: of the figure.
    """
    parts = {
        "found": ("ill, found", "blue"),
        "missed": ("ill, missed", "orange"),
        "flagged_healthy": ("healthy, flagged", "vermilion"),
    }
    figure = new_figure(title, width=7.0, height=3.4)
    axes = figure.subplots()
    for number, (part, (words, color)) in enumerate(parts.items()):
        rows = [table.loc[part] for table in tables.values()]
        value, low, high = (np.array([row[column] for row in rows]) for column in ("value", "low", "high"))
        place = np.arange(len(tables)) + (number - 1) * 0.27
        ends = np.clip([value - low, high - value], 0, None)
        axes.bar(
            place,
            value,
            width=0.24,
            color=PALETTE[color],
            alpha=0.45,
            label=words,
            hatch=("", "..", "//")[number],
            edgecolor="white",
        )
        mark = {"fmt": MARKERS[number], "markersize": 5, "markeredgecolor": "black", "clip_on": False, "zorder": 4}
        axes.errorbar(place, value, yerr=ends, color=PALETTE[color], capsize=4, linewidth=1.8, **mark)
    axes.set_xticks(
        range(len(tables)), [f"{prevalence:.0%} of those monitored are ill" for prevalence in tables], fontsize=9
    )
    finish(axes, "", "people of 1,000, 95 % interval")
    axes.grid(visible=False, axis="x")
    legend_below(figure)
    return figure
