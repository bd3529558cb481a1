"""The answers in one picture: every score with its interval, beside what it had to beat or to reach. Also the README's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from helpers.report.answers import Answer, Rung, answer_all, of_theme
from helpers.report.answers_entries import AnswerTable, read_answers
from helpers.report.answers_record import sources_of_record
from helpers.report.figures import PALETTE, REFERENCE, finish, legend_below, new_figure
from helpers.runtime import InputError

ABOVE, BELOW, NEITHER = "above the gray mark", "below the gray mark", "no difference can be shown"
LOOKS = {ABOVE: ("blue", "o"), NEITHER: ("orange", "s"), BELOW: ("vermilion", "X")}  # color and shape say the same
WIDTH, ROW_INCHES = 8.6, 0.23


def record_figure(document: dict) -> Figure:
    """The figure of the README.

    Args:
        document: from :func:`helpers.report.record.aggregate`.
    """
    table = read_answers()
    return answers_plot(table, answer_all(table, sources_of_record(document)))


def drawn(answers: Sequence[Answer]) -> list[Answer]:
    """The answers that the picture can show: scores with an interval and something beside them."""
    return [
        answer
        for answer in answers
        if answer.entry.figure and None not in (answer.anchor, answer.measure.low, answer.measure.high)
    ]


def position(answer: Answer) -> str:
    """Where the score lies: above what stands beside it, below, or no difference can be shown."""
    value, low, high = answer.judged
    if None in (low, high) or low <= answer.reference <= high:
        return NEITHER
    return ABOVE if low > answer.reference else BELOW


def title(answers: Sequence[Answer]) -> str:
    """What the picture says, in numbers."""
    shown = drawn(answers)
    found = [position(answer) for answer in shown]
    synthetic = {answer.synthetic for answer in shown}
    data = "public data" if synthetic == {False} else "synthetic data" if synthetic == {True} else "all data"
    above, below = found.count(ABOVE), found.count(BELOW)
    return (
        f"{len(found)} scores on {data}, beside what they had to beat or reach: {above} above, {below} below, "
        f"{len(found) - above - below} without a difference that can be shown"
    )


def alternative(answers: Sequence[Answer]) -> str:
    """The picture in words."""
    shown = drawn(answers)
    parts = []
    for look in LOOKS:
        names = [
            f"{answer.entry.figure} ({answer.part or answer.dataset})" for answer in shown if position(answer) == look
        ]
        parts += [f"{look}: {', '.join(names)}"] if names else []
    return f"{title(answers)} ({'; '.join(parts)})."


def answers_plot(table: AnswerTable, answers: Sequence[Answer]) -> Figure:
    """Scores by theme, each with its 95 % interval and a gray mark: a simpler model, an aim, the model at home.

    Args:
        table: themes and words.
        answers: of any source.

    Raises:
        InputError: none of them has a score that can be drawn.
    """
    shown = drawn(answers)
    if not shown:
        raise InputError("nothing to draw: no answer has a score with an interval and something beside it")
    lines = _lines(table, shown)
    figure = new_figure(title(shown), width=WIDTH, height=1.1 + ROW_INCHES * len(lines))
    axes = figure.subplots()
    labels = []
    for row, line in enumerate(lines):
        if isinstance(line, str):
            labels.append(line)
            axes.axhspan(row - 0.5, row + 0.5, color="#F1F1F1", zorder=0)
            continue
        words = ", ".join(filter(None, (table.data.get(line.dataset, line.dataset), line.part)))
        labels.append(f"{words}: {line.entry.figure}")
        _draw(axes, row, line)
    _keep_legend(axes)
    axes.set_yticks(np.arange(len(lines)), labels)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    lowest = min(min(answer.measure.low, answer.anchor) for answer in shown)
    axes.set_xlim(np.floor(lowest * 20 - 0.2) / 20, max(1.0, *(answer.measure.high for answer in shown)) + 0.005)
    finish(axes, "score (1 is perfect), 95 % interval", "")
    axes.grid(visible=False, axis="y")
    for line, label in zip(lines, axes.get_yticklabels(), strict=True):
        if isinstance(line, str):
            label.set_fontweight("bold")
    legend_below(figure)
    return figure


def _lines(table: AnswerTable, shown: Sequence[Answer]) -> list[Answer | str]:
    """Rows of the picture from the top: the words of a theme, then its answers."""
    lines: list[Answer | str] = []
    for theme in table.themes:
        if found := of_theme(shown, theme):
            lines += [theme.label, *found]
    return lines


def _draw(axes, row: int, answer: Answer) -> None:
    color, marker = LOOKS[position(answer)]
    number = answer.measure
    axes.plot(answer.anchor, row, "|", color=REFERENCE, markersize=13, markeredgewidth=2.4, zorder=2)
    axes.errorbar(
        number.value,
        row,
        xerr=[[max(number.value - number.low, 0)], [max(number.high - number.value, 0)]],
        fmt=marker,
        color=PALETTE[color],
        capsize=3,
        markersize=6.5,
        linewidth=1.8,
        zorder=3,
    )
    beside = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 8.5, "color": REFERENCE}
    axes.text(1.02, row, answer.beside, **beside)


def _keep_legend(axes) -> None:
    for words, (color, marker) in LOOKS.items():
        axes.plot([], [], marker, color=PALETTE[color], label=words)
    label = "what it had to beat or reach: named at the right"
    axes.plot([], [], "|", color=REFERENCE, markersize=12, markeredgewidth=2.4, label=label)


def ladder_plot(answers: Sequence[Answer]) -> Figure:
    """How many answers stand on each rung of the ladder of evidence, patients at the top."""
    numbers = [sum(answer.rung is rung for answer in answers) for rung in Rung]
    highest = max(numbers, default=0)
    figure = new_figure(_ladder_title(numbers), height=2.6)
    axes = figure.subplots()
    bars = axes.barh(list(map(str, Rung)), numbers, color=[PALETTE["sky"], PALETTE["blue"], PALETTE["blue"], REFERENCE])
    axes.bar_label(bars, padding=4, fontsize=9)
    axes.set_xlim(0, max(1.0, 1.12 * highest))
    finish(axes, "answers", "")
    axes.grid(visible=False, axis="y")
    return figure


def _ladder_title(numbers: Sequence[int]) -> str:
    reached = [rung for rung, number in zip(Rung, numbers, strict=True) if number]
    return f"The highest rung that an answer stands on: {reached[-1]}" if reached else "No answer stands on any rung"


def intervals_plot(values: np.ndarray, lows: np.ndarray, highs: np.ndarray, truth: float, asked: int) -> Figure:
    """Intervals of many studies of the same thing: those that miss the truth stand out.

    Args:
        values, lows, highs: (studies,) shares.
        truth: the share that all of them tried to find.
        asked: people in each study.
    """
    missed = (lows > truth) | (highs < truth)
    words = f"{len(values)} studies of {asked} patients each; intervals that miss the truth: {missed.sum()}"
    figure = new_figure(words, height=3.4)
    axes = figure.subplots()
    studies = np.arange(len(values))
    for chosen, color, marker, label in (
        (~missed, "blue", "o", "holds the truth"),
        (missed, "vermilion", "X", "misses it"),
    ):
        ends = np.clip([values - lows, highs - values], 0, None)[:, chosen]
        axes.errorbar(
            studies[chosen],
            values[chosen],
            yerr=ends,
            fmt=marker,
            color=PALETTE[color],
            markersize=4,
            linewidth=1.3,
            label=label,
        )
    axes.axhline(truth, color=REFERENCE, linestyle="--", label="truth")
    finish(axes, "study", "sensitivity, 95 % interval")
    legend_below(figure)
    return figure


def chance_plot(numbers: np.ndarray, chances: np.ndarray, here: int, level: float) -> Figure:
    """Chance of at least one false finding among several true nulls.

    Args:
        numbers, chances: (points,) how many claims, and the chance.
        here: how many intervals were judged here.
        level: of each test.
    """
    at = 1 - (1 - level) ** here
    figure = new_figure(f"{here} tests of nothing: at least one false alarm with a chance of {at:.0%}", height=3.2)
    axes = figure.subplots()
    axes.plot(numbers, chances, color=PALETTE["blue"])
    axes.plot(here, at, "o", color=PALETTE["vermilion"], markersize=8)
    axes.annotate(f"here: {here}", (here, at), xytext=(8, -14), textcoords="offset points", fontsize=9)
    axes.set_ylim(0, 1.02)
    finish(axes, "claims tested, none of them true", 'chance of at least one that "holds"')
    return figure
