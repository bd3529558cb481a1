"""From items and evidence to states: each item gets exactly one, and nothing is answered that no document says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from helpers.report.checklists.evidence import Evidence, Link, Missing
from helpers.report.checklists.items import Checklist, Item
from helpers.report.checklists.table import ANSWERS


class State(StrEnum):
    """What an item can be; *not reported* counts as missing."""

    ANSWERED = "answered"
    NOT_APPLICABLE = "not applicable"
    NOT_REPORTED = "not reported"


@dataclass(frozen=True)
class Assessment:
    """An item with its state, the sentence that is the answer, the reason or the gap, and where to look it up."""

    item: Item
    state: State
    text: str
    links: tuple[Link, ...] = ()


def assess(checklist: Checklist, evidence: Evidence) -> list[Assessment]:
    """Every item of a checklist, in its order, with its one state."""
    return [_assess_item(item, evidence) for item in checklist.items]


def _assess_item(item: Item, evidence: Evidence) -> Assessment:
    try:
        reply = ANSWERS[item.answer](evidence)
    except Missing as missing:
        return Assessment(item, State.NOT_REPORTED, f"Nothing here states {missing}.")
    state = State.ANSWERED if reply.applies else State.NOT_APPLICABLE
    return Assessment(item, state, reply.text, reply.links)


def count_states(assessments: Iterable[Assessment]) -> dict[State, int]:
    """How many items are in each state, in the order of :class:`State`."""
    counted = Counter(assessment.state for assessment in assessments)
    return {state: counted[state] for state in State}


def sentence(answer: str, evidence: Evidence) -> str:
    """What one answering function says, as a sentence for a card: the same words as in the checklist."""
    try:
        return ANSWERS[answer](evidence).text
    except Missing as missing:
        return f"Not reported: {missing}."
