"""Answers as tables in Markdown: links to the notebooks lead to their reports, also in JupyterLab to the notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from helpers.data import catalog
from helpers.report.answers import Answer, Reason, Verdict, counts, of_theme
from helpers.report.answers_entries import AnswerTable, Entry
from helpers.report.answers_sources import Source
from helpers.report.batch import Run
from helpers.report.markdown import escape


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
    """Data in plain words, how many of them, and whether they or what was done to them are synthetic."""
    number = answer.measure
    size = f"{number.n:,}" if number.groups == number.n else f"{number.n:,} from {number.groups:,} groups"
    seeds = f", {number.seeds} seeds" if number.seeds > 1 else ""
    said = (
        _data(table, answer),
        f"{size}{seeds}",
        f"{answer.rung}, but {answer.made}" if answer.made else answer.rung,
        table.caveats.get(answer.dataset),
    )
    return "; ".join(filter(None, said))


def _data(table: AnswerTable, answer: Answer) -> str:
    words = table.data.get(answer.dataset, catalog.describe(answer.dataset).title)
    return ", ".join(filter(None, (words, answer.part)))


def link(notebook: str) -> str:
    """Number of a notebook, linked."""
    return f"[{notebook[:2]}]({notebook}.ipynb)"


def tally(answers: Sequence[Answer]) -> str:
    """``2 open, 3 good news, 1 bad news``; what did not occur is left out."""
    return ", ".join(f"{number} {news}" for news, number in counts(answers).items() if number)


def overview(table: AnswerTable, answers: Sequence[Answer], gaps: Sequence[tuple[Entry, Reason]]) -> str:
    """One line for each thing found, under what the article says; then, in italics, what nobody measured.

    Args:
        table: themes and words.
        answers: of :func:`helpers.report.answers.answer_all`.
        gaps: of :func:`helpers.report.answers.unanswered`.
    """
    lines, question = [], ""
    for theme in table.themes:
        if theme.question != question:
            question = theme.question
            lines += [f"### {question}", ""]
        lines += [f"**{theme.says}**", ""]
        found = of_theme(answers, theme)
        same_words: dict[tuple[str, str], list[Answer]] = {}
        for answer in found:
            same_words.setdefault((answer.entry.asks, answer.sentence), []).append(answer)
        lines += [_line(table, alike) for alike in same_words.values()]
        without = sum(entry.theme == theme.name for entry, _ in gaps)
        if without:
            lines.append(f"- No number was read for {without} of {len(table.of(theme))} questions.")
        lines += [f"- *{theme.open}*", ""]
    return "\n".join(lines)


def _line(table: AnswerTable, alike: Sequence[Answer]) -> str:
    """Answers with the same words in one line: the words, the number on each dataset, the notebook."""
    numbers = "; ".join(f"{_data(table, answer)} {_brief(answer)}" for answer in alike)
    made = f" ({alike[0].made.capitalize()}.)" if alike[0].made else ""
    scale = alike[0].entry.scale[0].upper() + alike[0].entry.scale[1:]
    return f"- {_outcome(alike[0])}{made} {escape(scale)}: {escape(numbers)} {link(alike[0].notebook)}"


def _brief(answer: Answer) -> str:
    """The number beside its rival and the interval of their difference, or the number with its own interval."""
    value, low, high = answer.judged
    if not (answer.entry.difference or answer.entry.minus):
        beside = f"; {answer.beside}: {short_number(answer.reference)}" if answer.reference else ""
        return with_ends(answer.measure.value, answer.measure.low, answer.measure.high).replace(")", f"{beside})")
    both = f"{plain_number(answer.measure.value)} against {plain_number(answer.anchor)}"
    ends = "no interval" if None in (low, high) else f"{plain_number(low, True)} to {plain_number(high, True)}"
    return f"{both} (difference {ends})"


def gap_list(gaps: Sequence[tuple[Entry, Reason]]) -> str:
    """The questions without a number by notebook, each with the reason, as a list; empty where all have one."""

    def same(gap: tuple[Entry, Reason]) -> tuple[str, Reason]:
        return gap[0].notebook, gap[1]

    lines = []
    for (notebook, reason), together in groupby(sorted(gaps, key=same), same):
        questions = " ".join(escape(entry.asks) for entry, _ in together)
        lines.append(f"- {link(notebook)}, {reason}: {questions}")
    return "\n".join(lines)


def details(table: AnswerTable, answers: Sequence[Answer], question: str) -> str:
    """Every answer to one of the article's questions, with number, interval and link."""
    lines = []
    for theme in (theme for theme in table.themes if theme.question == question):
        lines += [f"**{theme.says}**", ""]
        found = of_theme(answers, theme)
        if not found:
            lines += ["No number was read." if table.of(theme) else "Not asked here yet.", ""]
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
    # Good news is told by the verdict itself, unless the question asks whether something is amiss.
    news = f", {answer.news}" if answer.entry.good == "no" and answer.verdict is not Verdict.UNCLEAR else ""
    return f"**{answer.verdict.capitalize()}{news}.** {escape(answer.sentence)}"


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
