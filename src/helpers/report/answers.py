"""Answers computed from numbers: every question of the table is judged by an interval, and every outcome is worded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpers.data import catalog
from helpers.report.answers_entries import AnswerTable, Entry, Theme
from helpers.report.answers_sources import Measure, Source

QUANTILE = 1.959964  # of the standard normal: a 95 % interval reaches so many standard errors to each side
LEVEL = math.erfc(QUANTILE / math.sqrt(2))  # 0.05, exactly the p value of a reference on the end of its interval
MINUS = " minus "  # a difference is labeled "AUROC, network minus pixels"


class Verdict(StrEnum):
    """What an interval allows one to say."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "open"  # the interval reaches over the reference: another, larger study may tell
    TOLD = "without a verdict"  # nothing was fixed to judge it by


class News(StrEnum):
    """What an answer means for whoever would use such a model: *yes, it loses* is no success."""

    OPEN = "open"
    GOOD = "good news"
    BAD = "bad news"


class Rung(StrEnum):
    """How near to patients a number was measured, from the bottom of the ladder to its top."""

    PHANTOM = "synthetic data"
    INTERNAL = "real data, same source"
    ELSEWHERE = "real data, another hospital"
    PROSPECTIVE = "patients, prospectively"


@dataclass(frozen=True)
class Answer:
    """One question on one dataset, answered.

    Attributes:
        entry: the question.
        notebook, row: whose number it is.
        dataset: name of the data that the number is about.
        part: words for the subset that the number is about, such as a hospital; empty for all.
        measure: the number.
        judged: what the verdict was read from: value, low, high.
        reference: what that was compared with; None where nothing was judged.
        anchor: the number beside the measure, on its scale: a rival's score, an aim, a published figure.
        beside: words for the anchor.
        verdict, rung, sentence: the answer.
    """

    entry: Entry
    notebook: str
    row: str
    dataset: str
    part: str
    measure: Measure
    judged: tuple[float | None, float | None, float | None]
    reference: float | None
    anchor: float | None
    beside: str
    verdict: Verdict
    rung: Rung
    sentence: str

    @property
    def synthetic(self) -> bool:
        """Whether no patient stands behind the number."""
        return self.rung is Rung.PHANTOM

    @property
    def made(self) -> str:
        """Words for what was planted or generated on real data; empty where nothing was, or all is synthetic anyway."""
        return "" if self.synthetic else self.entry.made

    @property
    def news(self) -> News | None:
        """Good, bad or open; None where nothing was judged."""
        if self.verdict is Verdict.TOLD:
            return None
        if self.verdict is Verdict.UNCLEAR:
            return News.OPEN
        return News.GOOD if self.verdict == self.entry.good else News.BAD

    @property
    def is_judged(self) -> bool:
        """Whether an interval stood against a reference."""
        return self.verdict is not Verdict.TOLD


def judge(low: float | None, high: float | None, reference: float, yes_when: str) -> Verdict:
    """Yes or no only where the whole interval lies on one side of the reference.

    Args:
        low, high: ends of the interval; None where it is not defined.
        reference: the aim, the rival, chance.
        yes_when: the side that answers yes: above or below.
    """
    if low is None or high is None or low <= reference <= high:
        return Verdict.UNCLEAR
    return Verdict.YES if (low > reference) == (yes_when == "above") else Verdict.NO


def independent_difference(first: Measure, second: Measure) -> tuple[float | None, float | None, float | None]:
    """Difference of two numbers from different samples, with both intervals in it (Newcombe 1998, method 10)."""
    if None in (first.value, first.low, first.high, second.value, second.low, second.high):
        return None, None, None
    gap = first.value - second.value
    low = gap - math.hypot(first.value - first.low, second.high - second.value)
    high = gap + math.hypot(first.high - first.value, second.value - second.low)
    return gap, low, high


def answer_all(table: AnswerTable, sources: Sequence[Source]) -> list[Answer]:
    """Every answer that the sources allow, in the order of themes and entries; what a source lacks is left out."""
    entries = [entry for theme in table.themes for entry in table.of(theme)]
    return [
        answer
        for entry in entries
        for source in sources
        if source.notebook == entry.notebook
        for name in _matching(entry.measure, source)
        if (answer := _answer(table, entry, source, name)) is not None
    ]


class Reason(StrEnum):
    """Why a question has no answer."""

    NOT_READ = "its notebook was not read"
    NO_NUMBER = "the number is not in these results"
    NO_MARK = "nothing was fixed to judge it by on these data"


def unanswered(table: AnswerTable, sources: Sequence[Source], answers: Sequence[Answer]) -> list[tuple[Entry, Reason]]:
    """The questions without any answer, in the order of the table, each with the reason.

    Args:
        table, sources: what the answers were made from.
        answers: of :func:`answer_all`.
    """
    answered = [answer.entry for answer in answers]
    gaps = []
    for entry in (entry for theme in table.themes for entry in table.of(theme)):
        if any(entry is other for other in answered):
            continue
        read = [source for source in sources if source.notebook == entry.notebook]
        there = [source for source in read if _matching(entry.measure, source)]
        unmarked = there and all(not _is_marked(entry, source) for source in there)
        gaps.append((entry, Reason.NOT_READ if not read else Reason.NO_MARK if unmarked else Reason.NO_NUMBER))
    return gaps


def _is_marked(entry: Entry, source: Source) -> bool:
    return bool(entry.tells) or entry.reference_on(entry.dataset(source.row)) is not None


def _matching(measure: str, source: Source) -> list[str]:
    if measure.endswith("*"):
        return [name for name in source.measures if name.startswith(measure[:-1])]
    return [measure] if measure in source.measures else []


def _answer(table: AnswerTable, entry: Entry, source: Source, name: str) -> Answer | None:
    """The answer of one number; None where what it is judged by is not there."""
    measure = source.measures[name]
    dataset = entry.dataset(source.row)
    rung = _rung(dataset, measure.split, entry)
    part = measure.label.rpartition(", ")[2] if entry.measure.endswith("*") else ""
    place = {"entry": entry, "notebook": source.notebook, "row": source.row, "dataset": dataset, "part": part}
    if entry.tells:
        told = {"judged": (None, None, None), "reference": None, "anchor": None, "beside": ""}
        return Answer(**place, measure=measure, **told, verdict=Verdict.TOLD, rung=rung, sentence=entry.tells)
    reference, beside = entry.reference_on(dataset), entry.beside
    if reference is None or any(other and other not in source.measures for other in (entry.difference, entry.minus)):
        return None
    judged = (measure.value, measure.low, measure.high)
    anchor = reference
    if entry.difference:
        paired = source.measures[entry.difference]
        judged = (paired.value, paired.low, paired.high)
        anchor = None if None in (measure.value, paired.value) else measure.value - paired.value
        rival = paired.label.rpartition(MINUS)[2]
        beside = beside or table.words.get(rival, rival)
    elif entry.minus:
        judged = independent_difference(measure, source.measures[entry.minus])
        anchor = source.measures[entry.minus].value
    verdict = judge(judged[1], judged[2], reference, entry.yes_when)
    frame = {Verdict.YES: entry.yes, Verdict.NO: entry.no, Verdict.UNCLEAR: entry.unclear}[verdict]
    sentence = frame.format(beside=beside)
    sentence = sentence[0].upper() + sentence[1:]
    compared = {"judged": judged, "reference": reference, "anchor": anchor, "beside": beside}
    return Answer(**place, measure=measure, **compared, verdict=verdict, rung=rung, sentence=sentence)


def _rung(dataset: str, split: str, entry: Entry) -> Rung:
    if catalog.describe(dataset).synthetic:
        return Rung.PHANTOM
    elsewhere = split in ("hospital left out", "external") or entry.rung == "elsewhere"
    return Rung.ELSEWHERE if elsewhere else Rung.INTERNAL


def counts(answers: Sequence[Answer]) -> dict[News, int]:
    """How many judged answers are open, good news, and bad news."""
    return {news: sum(answer.news is news for answer in answers) for news in News}


def of_theme(answers: Sequence[Answer], theme: Theme) -> list[Answer]:
    """The answers of one theme."""
    return [answer for answer in answers if answer.entry.theme == theme.name]


def p_value(answer: Answer) -> float:
    """Two-sided p value that belongs to the judged interval if the estimate is normal; NaN where there is none.

    The standard error is taken from the width of the interval: half of it is 1.96 standard errors.
    """
    value, low, high = answer.judged
    if answer.reference is None or None in (value, low, high) or high <= low:
        return math.nan
    half = toward_reference(answer)
    return math.nan if half <= 0 else math.erfc(QUANTILE * (abs(value - answer.reference) / half) / math.sqrt(2))


def toward_reference(answer: Answer) -> float:
    """Length of the half of the judged interval that looks to the reference: near 0 and 1 the halves differ."""
    value, low, high = answer.judged
    return value - low if value > answer.reference else high - value
