"""Sentences about the answers, and about how far to trust them: every outcome is worded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from helpers.evaluation.subgroups import holm
from helpers.report.answers import LEVEL, Answer, Reason, Rung, Verdict, p_value, toward_reference
from helpers.report.answers_entries import AnswerTable, Entry
from helpers.report.answers_sources import Source
from helpers.report.answers_tables import findings_counts, place, short_number, tally, with_ends
from helpers.report.batch import Run


def gathered(sources: Sequence[Source], missing: Sequence[Run], from_record: bool) -> str:
    """What was read, and what is not there."""
    if from_record:
        notebooks, datasets = (len({getattr(source, name) for source in sources}) for name in ("notebook", "row"))
        return f"Read: the record of {datasets} datasets and {notebooks} notebooks; {_made_by(sources)}."
    whole = len(sources) + len(missing)
    if not sources:
        return (
            f"None of the {whole} runs that this page reads is there: it stays empty. The table says what makes them."
        )
    if missing:
        return f"Read: {len(sources)} of {whole} runs. What the others would answer is left out; the table names them."
    return f"Read: all {whole} runs."


def _made_by(sources: Sequence[Source]) -> str:
    """Profile and seeds of the runs behind a record; it holds one profile."""
    seeds = {measure.seeds for source in sources for measure in source.measures.values()}
    words = f"{min(seeds)} to {max(seeds)} seeds" if len(seeds) > 1 else f"{max(seeds)} seed{'s' * (max(seeds) > 1)}"
    return f"profile {sources[0].profile}, {words}"


def limit_of_record(sources: Sequence[Source]) -> str:
    """What profile and seed of a page that reads a record stand for."""
    return f"The numbers are those of a record ({_made_by(sources)}); profile and seed of this page are those of its own simulations."


def without_number(gaps: Sequence[tuple[Entry, Reason]], table: AnswerTable) -> str:
    """How many questions have no number in what was read."""
    if not gaps:
        return f"All {len(table.entries)} questions have a number here."
    return f"{len(gaps)} of {len(table.entries)} questions have no number here:"


def all_in_all(answers: Sequence[Answer]) -> str:
    """What is open, good and bad news, and what kind of data stands behind it."""
    judged = [answer for answer in answers if answer.is_judged]
    if not judged:
        return "No question could be answered: none of the results that were read has the number for one."
    synthetic = sum(answer.synthetic for answer in answers)
    if synthetic == len(answers):
        data = "All of them rest on synthetic data: they show how methods behave, and say nothing about patients."
    elif synthetic:
        data = f"{synthetic} of all {len(answers)} numbers rest on synthetic data and say nothing about patients."
    else:
        data = "All of them rest on public data that others had collected; nobody was examined or followed for this."
    return f"{len(judged)} answers: {tally(judged)}. {data}{_planted(answers)}"


def _planted(answers: Sequence[Answer]) -> str:
    """How many numbers on real data are about something that is not."""
    made = sum(bool(answer.made) for answer in answers)
    verb = "is" if made == 1 else "are"
    return f" {made} of the {len(answers)} {verb} about something planted or generated." if made else ""


def nearest(table: AnswerTable, answers: Sequence[Answer]) -> str:
    """The yes or no whose interval comes closest to its reference: the first that another sample would overturn."""
    decided = [answer for answer in answers if answer.verdict in (Verdict.YES, Verdict.NO)]
    if not decided:
        return "No interval leaves its reference outside, so there is no verdict that another sample could overturn."

    def slack(answer: Answer) -> float:
        half = toward_reference(answer)
        return abs(answer.judged[0] - answer.reference) / half if half > 0 else math.inf

    closest = min(decided, key=slack)
    return (
        f"The closest call: {closest.sentence.rstrip('.')} ({place(table, closest)}; judged: {with_ends(*closest.judged)} "
        f"against {short_number(closest.reference)}). Another sample might have left it open."
    )


def by_points(answers: Sequence[Answer]) -> str:
    """The trivial way of reading, by point estimates alone, beside the reading by intervals."""
    judged = [answer for answer in answers if answer.is_judged and None not in answer.judged]
    if not judged:
        return "There is nothing to compare: no answer has an interval."
    yes = [
        answer
        for answer in judged
        if answer.judged[0] != answer.reference
        and (answer.judged[0] > answer.reference) == (answer.entry.yes_when == "above")
    ]
    kept = sum(answer.verdict is Verdict.YES for answer in yes)
    if kept == len(yes):
        return f"Read by the point alone, {len(yes)} of {len(judged)} answers are yes; the intervals agree with all of them."
    return (
        f"Read by the point alone, {len(yes)} of {len(judged)} answers are yes; the intervals leave {kept} of them. "
        f"The other {len(yes) - kept} may be luck."
    )


def coverage(missed: int, studies: int, share: float, repetitions: int) -> str:
    """How many intervals missed the truth in the picture, and in many more studies."""
    return (
        f"{missed} of {studies} intervals in the picture miss the truth; of {repetitions:,} further ones {share:.1%} do. "
        "Which ones, nobody knows who has run only one study."
    )


def several(answers: Sequence[Answer]) -> str:
    """What testing many things does to the verdicts: expected false alarms, and what Holm's correction leaves."""
    tested = [answer for answer in answers if not math.isnan(p_value(answer))]
    if not tested:
        return "No interval was judged, so nothing can be a false alarm."
    adjusted = np.array(holm([p_value(answer) for answer in tested]))
    decided = np.array([answer.verdict in (Verdict.YES, Verdict.NO) for answer in tested])
    lost = [
        answer
        for answer, value, is_decided in zip(tested, adjusted, decided, strict=True)
        if is_decided and value >= LEVEL
    ]
    start = (
        f"{len(tested)} intervals were judged. Were there nothing to find in any of them, about "
        f"{LEVEL * len(tested):.1f} would exclude their reference all the same; {decided.sum()} do."
    )
    if not decided.any():
        return f"{start} There is nothing to correct."
    if not lost:
        return f"{start} All of these stand after Holm's correction."
    names = "; ".join(
        f"{answer.sentence.rstrip('.')} ({answer.part or answer.dataset}, {answer.notebook[:2]})" for answer in lost
    )
    return f"{start} After Holm's correction {decided.sum() - len(lost)} stand. Those that do not: {names}."


def rungs(answers: Sequence[Answer]) -> str:
    """On which rungs of the ladder of evidence the answers stand."""
    if not answers:
        return "Without answers there is nothing on the ladder."
    counted = [f"{sum(answer.rung is rung for answer in answers)} on {rung}" for rung in (Rung.PHANTOM, Rung.INTERNAL)]
    elsewhere = sum(answer.rung is Rung.ELSEWHERE for answer in answers)
    return (
        f"{counted[0]}, {counted[1]}, {elsewhere} on real data from a hospital that the model had not seen. None is "
        f"prospective: nobody was followed, so none of this says that a patient fares better.{_planted(answers)}"
    )


def fell(sources: Sequence[Source]) -> str:
    """How many of the findings written beforehand did not hold."""
    if any(source.findings is None for source in sources):
        return "This record does not tell which findings held: `medlab record` writes one that does."
    counted = findings_counts(sources).values()
    written, held = sum(written for written, _ in counted), sum(held for _, held in counted)
    if not written:
        return "No finding was read."
    if held == written:
        return f"All {written} findings that were written beforehand held."
    return f"{written - held} of {written} findings that were written beforehand did not hold in every seed. They stay, below."
