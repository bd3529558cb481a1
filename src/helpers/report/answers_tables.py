"""Answers as tables in Markdown: links to the notebooks lead to their reports, also in JupyterLab to the notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpers.data import catalog
from helpers.report.answers import Answer, Verdict, counts, of_theme
from helpers.report.answers_entries import AnswerTable, Theme
from helpers.report.answers_sources import Source
from helpers.report.batch import Run
from helpers.report.markdown import escape

NOT_ASKED, NOT_READ = "not asked here yet", "no result was read"


def plain_number(value: float | None, sign: bool = False) -> str:
    """Three digits, a minus that is one; with a plus for a difference."""
    if value is None:
        return "not defined"
    rounded = round(value, 3) or 0.0  # no minus before nothing
    return f"{rounded:{'+' if sign else ''}.3f}".replace("-", "−")


def short_number(value: float) -> str:
    """An aim as it was written: ``0.95``, ``−0.02``, ``0``."""
    return f"{value:g}".replace("-", "−")


def with_ends(value: float | None, low: float | None, high: float | None, sign: bool = False) -> str:
    """``0.912 (0.874 to 0.941)``; says so where there is no interval."""
    number = plain_number(value, sign)
    if None in (low, high):
        return f"{number} (no interval)"
    return f"{number} ({plain_number(low, sign)} to {plain_number(high, sign)})"


def measured(answer: Answer) -> str:
    """The number with its interval, and what it was compared with."""
    number = answer.measure
    text = f"{answer.entry.scale} {with_ends(number.value, number.low, number.high)}"
    if answer.entry.difference or answer.entry.minus:
        gap = with_ends(*answer.judged, sign=True)
        return f"{text}; {answer.beside}: {plain_number(answer.anchor)}; difference {gap}"
    return f"{text}; {answer.beside}: {short_number(answer.reference)}" if answer.is_judged else text


def place(table: AnswerTable, answer: Answer) -> str:
    """Data in plain words, how many of them, and whether they are synthetic."""
    words = table.data.get(answer.dataset, catalog.describe(answer.dataset).title)
    number = answer.measure
    size = f"{number.n:,}" if number.groups == number.n else f"{number.n:,} from {number.groups:,} groups"
    seeds = f", {number.seeds} seeds" if number.seeds > 1 else ""
    said = (
        ", ".join(filter(None, (words, answer.part))),
        f"{size}{seeds}",
        answer.rung,
        table.caveats.get(answer.dataset),
    )
    return "; ".join(filter(None, said))


def link(notebook: str) -> str:
    """Number of a notebook, linked."""
    return f"[{notebook[:2]}]({notebook}.ipynb)"


def verdicts(answers: Sequence[Answer]) -> str:
    """``3 yes, 1 no, 2 open``; what did not occur is left out."""
    return ", ".join(f"{number} {verdict}" for verdict, number in counts(answers).items() if number)


def _gap(table: AnswerTable, theme: Theme) -> str:
    """Why a theme has no answer."""
    return NOT_READ if table.of(theme) else NOT_ASKED


def overview(table: AnswerTable, answers: Sequence[Answer]) -> str:
    """One row for each thing the article says: what was found, and what nobody measured."""
    lines = ["| The article says | Asked here | Nobody measured |", "| --- | --- | --- |"]
    question = ""
    for theme in table.themes:
        if theme.question != question:
            question = theme.question
            lines.append(f"| **{question}** | | |")
        found = verdicts(of_theme(answers, theme)) or _gap(table, theme)
        lines.append(f"| {theme.says} | {found} | {theme.open} |")
    return "\n".join(lines)


def details(table: AnswerTable, answers: Sequence[Answer], question: str) -> str:
    """Every answer to one of the article's questions, with number, interval and link."""
    lines = []
    for theme in (theme for theme in table.themes if theme.question == question):
        lines += [f"**{theme.says}**", ""]
        found = of_theme(answers, theme)
        if not found:
            lines += [f"{_gap(table, theme).capitalize()}.", ""]
            continue
        lines += ["| Question | Answer | Measured (95 % interval) | On |", "| --- | --- | --- | --- |"]
        asked = ""
        for answer in found:
            # a question stands once, beside the first of its answers
            first = "" if answer.entry.asks == asked else f"{link(answer.notebook)} {escape(answer.entry.asks)}"
            asked = answer.entry.asks
            cells = (first, _outcome(answer), escape(measured(answer)), escape(place(table, answer)))
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def _outcome(answer: Answer) -> str:
    if answer.verdict is Verdict.TOLD:
        return escape(answer.sentence)
    return f"**{answer.verdict.capitalize()}.** {escape(answer.sentence)}"


def findings_counts(sources: Iterable[Source]) -> dict[str, tuple[int, int]]:
    """For each notebook: how many findings were written beforehand, and how many of them held in every seed."""
    found: dict[str, tuple[int, int]] = {}
    for source in sources:
        for finding in source.findings or ():
            written, held = found.get(source.notebook, (0, 0))
            found[source.notebook] = written + 1, held + (finding.held == finding.seeds)
    return found


def findings_table(sources: Iterable[Source]) -> str:
    """The same as a table; empty where no finding was read."""
    found = findings_counts(sources)
    lines = ["| Notebook | Written beforehand | Held |", "| --- | --- | --- |"]
    lines += [f"| {link(notebook)} | {written} | {held} |" for notebook, (written, held) in found.items()]
    return "\n".join(lines) if found else ""


def fallen(sources: Iterable[Source]) -> str:
    """Every finding that did not hold, as a list: what was expected beforehand and did not come true."""
    lines = []
    for source in sources:
        for finding in source.findings or ():
            if finding.held < finding.seeds:
                often = f" (held in {finding.held} of {finding.seeds} seeds)" if finding.seeds > 1 else ""
                lines.append(f"- {link(source.notebook)} {source.row}: {escape(finding.sentence)}{often}")
    return "\n".join(lines)


def missing_table(missing: Sequence[Run]) -> str:
    """The runs that are not there, each with the command that makes it; empty where all are."""
    lines = ["| Missing | Row | The command that makes it |", "| --- | --- | --- |"]
    for run in missing:
        options = f"--data {run.row.kind} --profile {run.profile} --seeds {run.seed}"
        lines.append(
            f"| {link(run.row.notebook)} | {run.row.variant} | `medlab run {run.row.notebook[:2]} {options}` |"
        )
    return "\n".join(lines) if missing else ""
