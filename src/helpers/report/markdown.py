"""Small pieces of Markdown for pages that are computed: sections, tables, code, with every value escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import mistune

from helpers.report.numbers import estimate, interval

SPECIAL = re.compile(r"([\\`*\[\]<>|#~])")
MARKED = re.compile(r"(\*\*[^*]+\*\*|`[^`]+`)")  # what our own sentences use


def escape(text: str) -> str:
    """Text that means itself in Markdown, on one line; bold and code of our own sentences stay."""
    pieces = MARKED.split(" ".join(str(text).split()))
    return "".join(piece if place % 2 else SPECIAL.sub(r"\\\1", piece) for place, piece in enumerate(pieces))


def section(title: str, sentences: Iterable[str]) -> list[str]:
    """A heading with a list below it."""
    return [f"## {escape(title)}", "", *(f"- {escape(sentence)}" for sentence in sentences), ""]


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table under its title; nothing where there are no rows."""
    if not rows:
        return []
    lines = [f"**{escape(title)}**", "", f"| {' | '.join(map(escape, heads))} |", f"|{' --- |' * len(heads)}"]
    return [*lines, *(f"| {' | '.join(map(escape, row))} |" for row in rows), ""]


def metric_table(title: str, metrics: Sequence[dict]) -> list[str]:
    """Metrics with interval, method and the number of groups behind them."""
    rows = [
        [
            metric["label"] + (f" ({model})" if (model := metric.get("model", "")) not in ("", "network") else ""),
            estimate(metric),
            interval(metric) or "none",
            f"{metric.get('n', 0):,} in {metric.get('groups', 0):,} groups",
            metric.get("method", ""),
        ]
        for metric in metrics
    ]
    return table(title, ["Measure", "Value", "95 % interval", "Samples", "Method"], rows)


def code_block(source: str) -> list[str]:
    """A fenced block of Python; the fence is longer than any in the source."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", source)), default=0))
    return [f"{fence}python", source, fence]


def to_html(text: str) -> str:
    """HTML of such Markdown; markup inside it is shown as text, never obeyed."""
    return mistune.create_markdown(escape=True, plugins=["table"])(text)
