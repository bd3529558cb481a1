"""The table of questions and of the numbers that answer them: ``answers.toml``, read and checked.

The questions are those of the article this project started from; an entry names a metric of a notebook, what its interval
is judged against, and the words for every outcome. To let another notebook answer is a matter of that file alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import resources

from helpers.runtime import InputError

FILE = "answers.toml"
SIDES = ("above", "below")
JUDGES = ("reference", "difference", "minus")
JUDGED = ("yes_when", "yes", "no", "unclear", "good")
NEWS = ("yes", "no")
RUNGS = ("", "elsewhere")


@dataclass(frozen=True)
class Theme:
    """One thing the article says.

    Attributes:
        name: short name that entries refer to.
        label: in a word or two, for the figure.
        question: of the article.
        says: the article's answer.
        open: what nobody measured here.
    """

    name: str
    label: str
    question: str
    says: str
    open: str


@dataclass(frozen=True)
class Entry:
    """A question that one number answers; ``answers.toml`` explains every field."""

    theme: str
    notebook: str
    asks: str
    measure: str
    scale: str
    difference: str = ""
    minus: str = ""
    reference: float | Mapping[str, float] | None = None
    beside: str = ""
    yes_when: str = ""
    yes: str = ""
    no: str = ""
    unclear: str = ""
    tells: str = ""
    good: str = ""
    made: str = ""
    rung: str = ""
    figure: str = ""
    on: Mapping[str, str] = field(default_factory=dict)

    def dataset(self, row: str) -> str:
        """Name of the dataset that the number is about, in a run of this row of the table."""
        return self.on.get(row, row)

    def reference_on(self, dataset: str) -> float | None:
        """What the interval is judged against on a dataset; None where nothing was fixed."""
        if isinstance(self.reference, Mapping):
            return self.reference.get(dataset)
        return 0.0 if self.difference or self.minus else self.reference


@dataclass(frozen=True)
class AnswerTable:
    """Themes in the article's order, their entries, plain words for models and datasets, and what to say beside these."""

    themes: tuple[Theme, ...]
    entries: tuple[Entry, ...]
    words: Mapping[str, str]
    data: Mapping[str, str]
    caveats: Mapping[str, str]

    def of(self, theme: Theme) -> tuple[Entry, ...]:
        """The entries of one theme."""
        return tuple(entry for entry in self.entries if entry.theme == theme.name)


def read_answers() -> AnswerTable:
    """The table of this package."""
    return parse_answers(resources.files("helpers.report").joinpath(FILE).read_text(encoding="utf-8"))


def parse_answers(text: str) -> AnswerTable:
    """Read such a table and check it.

    Raises:
        InputError: an entry has an unknown or a missing field, or could not be judged.
    """
    document = tomllib.loads(text)
    themes = tuple(Theme(**section) for section in document["themes"])
    known = {place.name for place in fields(Entry)}
    names = {theme.name for theme in themes}
    entries = []
    for section in document["entries"]:
        place = f"{FILE}: {section.get('notebook', '?')}, {section.get('measure', '?')}"
        if strange := sorted(set(section) - known):
            raise InputError(f"{place}: unknown field {strange[0]!r}")
        if section.get("theme") not in names:
            raise InputError(f"{place}: theme {section.get('theme')!r}: there are {', '.join(names)}")
        entry = Entry(**section)
        if problem := _problem(entry):
            raise InputError(f"{place}: {problem}")
        entries.append(entry)
    return AnswerTable(themes, tuple(entries), document["words"], document["data"], document["caveats"])


def _problem(entry: Entry) -> str:
    """What keeps an entry from being answered; empty if nothing does."""
    given = [name for name in JUDGED if getattr(entry, name)]
    if entry.rung not in RUNGS:
        return f"rung is {entry.rung!r}: it takes elsewhere, or is left out"
    if entry.tells:
        return f"{given[0]} beside tells: a number is either judged or told" if given else ""
    if len(given) < len(JUDGED):
        return f"{next(name for name in JUDGED if name not in given)} is missing"
    if entry.yes_when not in SIDES:
        return f"yes_when is {entry.yes_when!r}: it takes {' or '.join(SIDES)}"
    if entry.good not in NEWS:
        return f"good is {entry.good!r}: it takes {' or '.join(NEWS)}"
    judges = [name for name in JUDGES if getattr(entry, name) not in (None, "")]
    if len(judges) != 1:
        return f"{' and '.join(judges) or 'nothing'} to judge by: give one of {', '.join(JUDGES)}"
    if not entry.difference and not entry.beside:
        return "beside is missing: what is the number compared with?"
    return ""
