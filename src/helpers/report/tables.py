"""Tables of runs: which notebook runs on which data, with which parameters, and what it reads.

``workflow/notebooks.yaml`` and ``workflow/record.yaml`` have this form; :func:`read_table` checks every word of it::

    profile: quick            # quick or full
    seeds: 0-4                # one seed, a list or a range
    data: embedded            # the rows that run when nobody asks for others: embedded, public or all
    notebooks:
      06_tumor_diagnosis:
        embedded:
          tissue-phantom:     # a row named after a dataset runs on that dataset
        public:
          breastmnist: {seed_of_split: 1}    # what stands here is passed on as parameters
      07_tumor_evaluation:
        seeds: 0-1                     # of this notebook, where they differ from those of the table
        reads: [06_tumor_diagnosis]    # the run of the same row, profile and seed; without rows of its own: the same rows
      15_answers:
        gathers: all                   # every run of these notebooks (or of a list): a row for each kind of rows they have
"""

from __future__ import annotations

import difflib
import graphlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from helpers.data import catalog
from helpers.report.seeds import parse_seeds
from helpers.runtime import InputError

KINDS = ("embedded", "public")
PROFILES = ("quick", "full")
TABLE_KEYS = ("profile", "seeds", "data", "notebooks")
NOTEBOOK_KEYS = (*KINDS, "reads", "gathers", "seeds")
EVERY_NOTEBOOK = "all"
GATHERED = "data"  # parameter of a notebook that gathers: the kind of rows whose runs it reads
ROW_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # it becomes a folder
OWN_PARAMETERS = ("profile", "seed", "output")  # set for every run, so no row may set them


@dataclass(frozen=True)
class Row:
    """One notebook on one dataset. ``kind`` is ``embedded`` (needs no network) or ``public``."""

    notebook: str
    variant: str
    kind: str
    parameters: Mapping[str, str]

    def datasets(self) -> tuple[str, ...]:
        """Names of the datasets that this row opens."""
        return tuple(value for name, value in self.parameters.items() if _names_a_dataset(name))


@dataclass(frozen=True)
class Table:
    """Rows in the order of the file, what each notebook reads, and what runs when nothing else is asked for.

    ``reads`` names notebooks whose row of the same name is read, ``gathers`` those whose rows are read all together.
    ``seeds`` are those of every notebook that has no ``own_seeds``.
    """

    rows: tuple[Row, ...]
    reads: Mapping[str, tuple[str, ...]]
    gathers: Mapping[str, tuple[str, ...]]
    profile: str
    seeds: tuple[int, ...]
    own_seeds: Mapping[str, tuple[int, ...]]
    data: str

    def seeds_of(self, notebook: str) -> tuple[int, ...]:
        """Seeds that a notebook runs with when nobody asks for others."""
        return self.own_seeds.get(notebook, self.seeds)

    def notebooks(self) -> tuple[str, ...]:
        """Names of the notebooks that have rows."""
        return tuple(dict.fromkeys(row.notebook for row in self.rows))

    def read_by(self, row: Row) -> tuple[Row, ...]:
        """The rows whose runs a row reads, in the order of the table."""
        same = [self.row(other, row.variant) for other in self.reads.get(row.notebook, ())]
        gathered = self.gathers.get(row.notebook, ())
        return (*same, *(other for other in self.rows if other.notebook in gathered and other.kind == row.kind))

    def row(self, notebook: str, variant: str) -> Row:
        """The row of a notebook.

        Raises:
            InputError: there is none of that name.
        """
        for row in self.rows:
            if (row.notebook, row.variant) == (notebook, variant):
                return row
        raise InputError(f"{notebook} has no row {variant!r}")


def read_table(path: Path, known_notebooks: Iterable[str]) -> Table:
    """Read and check a table.

    Args:
        path: YAML file of the form above.
        known_notebooks: names of the notebooks that exist.

    Raises:
        InputError: one line that names the file, the place and what is expected there.
    """
    if not path.is_file():
        raise InputError(f"no table {path.name}: tables of runs lie in workflow/")
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = f" in line {mark.line + 1}" if (mark := getattr(error, "problem_mark", None)) else ""
        raise InputError(f"{path.name} is not YAML{place}: {getattr(error, 'problem', None) or 'unreadable'}") from None
    try:
        return _table(document, tuple(known_notebooks))
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _table(document: object, known_notebooks: tuple[str, ...]) -> Table:
    document = _mapping(document, "the table")
    _refuse_unknown(document, TABLE_KEYS, "key")
    sections = _mapping(document.get("notebooks"), "notebooks")
    if not sections:
        raise InputError("notebooks: there is no notebook in this table")
    _refuse_unknown(sections, known_notebooks, "notebook")
    rows: dict[str, list[Row]] = {}
    reads: dict[str, tuple[str, ...]] = {}
    own_seeds: dict[str, tuple[int, ...]] = {}
    gathers = _gathers(sections)
    single = tuple(notebook for notebook in sections if notebook not in gathers)
    for notebook, section in sections.items():
        section = _mapping(section, notebook)
        _refuse_unknown(section, NOTEBOOK_KEYS, f"{notebook}: key")
        reads[notebook] = _notebooks(section.get("reads"), single, f"{notebook}: reads")
        rows[notebook] = [row for kind in KINDS for row in _rows(notebook, kind, section.get(kind))]
        if notebook in gathers and (reads[notebook] or rows[notebook]):
            raise InputError(f"{notebook}: gathers the rows of others, so it has neither rows of its own nor reads")
        if "seeds" in section:
            own_seeds[notebook] = _own_seeds(notebook, section["seeds"])
    for notebook in _in_reading_order(reads):
        if not rows[notebook] and reads[notebook]:
            first = reads[notebook][0]
            rows[notebook] = [_same_data(notebook, row) for row in rows[first]]
        if notebook not in gathers:
            _check_rows(notebook, rows, reads)
    for notebook, others in gathers.items():
        kinds = {row.kind for other in others for row in rows[other]}
        rows[notebook] = [Row(notebook, kind, kind, {GATHERED: kind}) for kind in KINDS if kind in kinds]
    return Table(
        rows=tuple(row for notebook in sections for row in rows[notebook]),
        reads=reads,
        gathers=gathers,
        profile=_choice(document.get("profile", "quick"), PROFILES, "profile"),
        seeds=parse_seeds(document.get("seeds", 0)),
        own_seeds=own_seeds,
        data=_choice(document.get("data", "embedded"), (*KINDS, "all"), "data"),
    )


def _rows(notebook: str, kind: str, section: object) -> list[Row]:
    rows = []
    for name, parameters in _mapping(section, f"{notebook}: {kind}").items():
        place = f"{notebook}: {kind}: {name}"
        if not isinstance(name, str) or not ROW_NAME.fullmatch(name):
            raise InputError(f"{place}: a row is named with letters, digits, dots and hyphens")
        parameters = {key: _plain(value, f"{place}: {key}") for key, value in _mapping(parameters, place).items()}
        for key in OWN_PARAMETERS:
            if key in parameters:
                raise InputError(f"{place}: {key} is set by the run, not by the row")
        if not any(_names_a_dataset(key) for key in parameters):
            parameters = {"dataset": name, **parameters}
        row = Row(notebook, name, kind, parameters)
        for dataset in row.datasets():
            _refuse_unknown((dataset,), catalog.names(), f"{place}: dataset")
        rows.append(row)
    return rows


def _same_data(notebook: str, row: Row) -> Row:
    """The row of another notebook for this one: its data, not its other parameters."""
    datasets = {name: value for name, value in row.parameters.items() if _names_a_dataset(name)}
    return Row(notebook, row.variant, row.kind, datasets)


def _check_rows(notebook: str, rows: Mapping[str, list[Row]], reads: Mapping[str, tuple[str, ...]]) -> None:
    if not rows[notebook]:
        raise InputError(f"{notebook}: no rows; give it {' or '.join(KINDS)} rows")
    variants = [row.variant for row in rows[notebook]]
    twice = sorted({variant for variant in variants if variants.count(variant) > 1})
    if twice:
        raise InputError(f"{notebook}: row {twice[0]!r} stands twice")
    for other in reads[notebook]:
        missing = sorted(set(variants) - {row.variant for row in rows[other]})
        if missing:
            raise InputError(f"{notebook}: row {missing[0]!r} reads {other}, which has no row of that name")


def _own_seeds(notebook: str, value: object) -> tuple[int, ...]:
    try:
        return parse_seeds(value)
    except InputError as error:
        raise InputError(f"{notebook}: {error}") from None


def _gathers(sections: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Of every notebook that gathers, those whose rows it gathers; nobody gathers a notebook that gathers."""
    asked = {name: section["gathers"] for name, section in sections.items() if "gathers" in _mapping(section, name)}
    others = tuple(name for name in sections if name not in asked)
    found = {}
    for notebook, value in asked.items():
        place = f"{notebook}: gathers"
        found[notebook] = others if value == EVERY_NOTEBOOK else _notebooks(value, others, place)
        if not found[notebook]:
            raise InputError(f"{place}: expected {EVERY_NOTEBOOK} or a list of notebooks that have rows")
    return found


def _notebooks(value: object, allowed: tuple[str, ...], place: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InputError(f"{place}: expected a list of notebooks")
    _refuse_unknown(value, allowed, f"{place}: notebook")
    return tuple(value)


def _in_reading_order(reads: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    try:
        return tuple(graphlib.TopologicalSorter(reads).static_order())
    except graphlib.CycleError as error:
        raise InputError(f"notebooks read each other in a circle: {' <- '.join(error.args[1])}") from None


def _names_a_dataset(parameter: str) -> bool:
    return parameter == "dataset" or parameter.endswith("_dataset")


def _mapping(value: object, place: str) -> Mapping:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{place}: expected `name: value` lines, found {value!r}")
    return value


def _plain(value: object, place: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{place}: expected a word or a number, found {value!r}")
    return str(value)


def _choice(value: object, allowed: tuple[str, ...], place: str) -> str:
    if value not in allowed:
        raise InputError(f"{place}: expected {' or '.join(allowed)}, found {value!r}")
    return str(value)


def _refuse_unknown(found: Iterable, known: Iterable[str], what: str) -> None:
    known = tuple(known)
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            offer = f"did you mean {near[0]}?" if near else f"known are {', '.join(known) or 'none'}"
            raise InputError(f"unknown {what} {name!r}: {offer}")
