"""The items of the checklists: TOML files beside this module, numbered as published and worded by us."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).parent
CHECKLISTS = ("claim_2024", "tripod_ai")
RESPONDENTS = {
    "run": "this run",
    "source": "the authors of the data",
    "author": "the author of a study",
}


@dataclass(frozen=True)
class Item:
    """One item.

    Attributes:
        number: as published, for example ``12c``.
        section: heading it stands under.
        text: what it asks for, in one sentence of ours.
        by: who could answer it, a key of :data:`RESPONDENTS`.
        answer: name of the answering function in :mod:`helpers.report.checklists.table`.
    """

    number: str
    section: str
    text: str
    by: str
    answer: str


@dataclass(frozen=True)
class Checklist:
    """A published checklist: what it is called, where it stands, and its items in their order."""

    name: str
    title: str
    citation: str
    doi: str
    items: tuple[Item, ...]

    def sections(self) -> list[tuple[str, tuple[Item, ...]]]:
        """Headings with the items under them, in the order of publication."""
        return [(name, tuple(found)) for name, found in groupby(self.items, key=lambda item: item.section)]


@lru_cache
def read_checklist(name: str) -> Checklist:
    """One of :data:`CHECKLISTS`."""
    document = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    items = tuple(Item(**item) for item in document.pop("items"))
    return Checklist(**document, items=items)
