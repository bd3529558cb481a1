"""From a table of runs to jobs: which runs are asked for, and every file that each of them depends on.

Snakemake decides what has to run again (:mod:`helpers.report.scheduling` calls it); this module tells it what a run reads.
``workflow/Snakefile`` asks :class:`Plan` for that.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers import runtime
from helpers.data import catalog
from helpers.report import results
from helpers.report.seeds import parse_seeds
from helpers.report.tables import PROFILES, Row, Table, read_table
from helpers.runtime import InputError

DEFAULT_TABLE = "workflow/notebooks.yaml"


@dataclass(frozen=True)
class Run:
    """One row of the table in one profile with one seed."""

    row: Row
    profile: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.row.notebook} {self.row.variant} {self.profile} seed {self.seed}"

    @property
    def folder(self) -> Path:
        return results.run_folder(self.row.notebook, self.row.variant, self.profile, self.seed)

    def parameters(self) -> dict[str, str]:
        """Everything this run passes to its notebook, as text."""
        return {**self.row.parameters, "profile": self.profile, "seed": str(self.seed)}


@dataclass(frozen=True)
class Plan:
    """The runs that were asked for, out of a table; ``root`` is the folder that holds notebooks/ and workflow/."""

    root: Path
    table: Table
    runs: tuple[Run, ...]

    def all_runs(self) -> tuple[Run, ...]:
        """The runs asked for and, before each, those it reads."""
        found: dict[str, Run] = {}

        def add(run: Run) -> None:
            for other in self.reads(run):
                add(other)
            found.setdefault(run.name, run)

        for run in self.runs:
            add(run)
        return tuple(found.values())

    def reads(self, run: Run) -> tuple[Run, ...]:
        """The runs that ``run`` reads, of the same profile and seed: see :meth:`helpers.report.tables.Table.read_by`."""
        return tuple(Run(row, run.profile, run.seed) for row in self.table.read_by(run.row))

    def inputs(self, notebook: str, variant: str, profile: str, seed: str) -> list[str]:
        """Every file whose change makes this run start again."""
        from helpers.report import notebooks

        run = Run(self.table.row(notebook, variant), profile, int(seed))
        path = self.root / "notebooks" / f"{notebook}.ipynb"
        package = Path(runtime.__file__).parent
        files = [path, self.root / "requirements.lock", package / "budgets" / f"{notebook}.toml"]
        files += notebooks.helper_modules(path)
        for dataset in run.row.datasets():
            files.append(package / "data" / "catalog" / f"{dataset}.toml")
            files += catalog.describe(dataset).paths()
        files = [file for file in files if file.is_file()]
        files += [other.folder / "results.json" for other in self.reads(run)]
        return list(dict.fromkeys(self.locate(file) for file in files))

    def options(self, notebook: str, variant: str, profile: str, seed: str) -> str:
        """The ``-p name value`` of this run for the shell."""
        parameters = Run(self.table.row(notebook, variant), profile, int(seed)).parameters()
        return " ".join(shlex.join(("-p", name, value)) for name, value in sorted(parameters.items()))

    def common_seeds(self) -> str:
        """The seeds that all notebooks of the plan run with, as text; empty where the table gives each its own."""
        by_notebook: dict[str, list[int]] = {}
        for run in self.runs:
            seeds = by_notebook.setdefault(run.row.notebook, [])
            if run.seed not in seeds:
                seeds.append(run.seed)
        first, *others = by_notebook.values()
        return ",".join(map(str, first)) if all(seeds == first for seeds in others) else ""

    def locate(self, path: Path) -> str:
        """Relative to the root where possible, so that a moved checkout keeps what it has; absolute elsewhere."""
        path = Path(os.path.abspath(path))
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def require_data(self) -> None:
        """Check that the data of every run are here, before the first of them starts.

        Raises:
            InputError: one line with the command that gets what is missing.
        """
        needed = dict.fromkeys(dataset for run in self.all_runs() for dataset in run.row.datasets())
        missing = [dataset for dataset in needed if not catalog.present(dataset)]
        if missing:
            commands = " and ".join(f"`medlab fetch {dataset}`" for dataset in missing)
            raise InputError(
                f"{', '.join(missing)}: not in the data folder, nothing was started: get it with {commands}"
            )


def make_plan(
    table: str = DEFAULT_TABLE,
    notebooks: tuple[str, ...] = (),
    data: str = "",
    profile: str = "",
    seeds: str = "",
) -> Plan:
    """Choose runs from a table; what is left empty is taken from the table.

    Args:
        table: YAML file, relative to the root of the checkout or to where we stand.
        notebooks: names, or the beginning of names (``06``); empty for all.
        data: embedded, public or all.
        profile: quick or full.
        seeds: ``0,1,2`` or ``0-4``, for every notebook; empty for those that the table gives each of them.

    Raises:
        InputError: the table is wrong, or no run fits.
    """
    root = runtime.project_root().resolve()
    here = Path(table)
    known = sorted(path.stem for path in (root / "notebooks").glob("*.ipynb"))
    content = read_table(here if here.is_file() else root / table, known)
    chosen = [_in_table(name, content) for name in notebooks] or content.notebooks()
    data = data or content.data
    profile = profile or content.profile
    if profile not in PROFILES:
        raise InputError(f"unknown profile {profile!r}: there are {' and '.join(PROFILES)}")
    rows = [row for row in content.rows if row.notebook in chosen and data in (row.kind, "all")]
    if not rows:
        raise InputError(f"{', '.join(chosen)}: no {data} rows in {here.name}")
    asked = parse_seeds(seeds) if seeds else ()
    numbers = {row.notebook: asked or content.seeds_of(row.notebook) for row in rows}
    all_numbers = dict.fromkeys(seed for found in numbers.values() for seed in found)
    runs = (Run(row, profile, seed) for seed in all_numbers for row in rows if seed in numbers[row.notebook])
    return Plan(root, content, tuple(runs))


def _in_table(name: str, table: Table) -> str:
    stem = Path(name).name.removesuffix(".ipynb")
    found = [known for known in table.notebooks() if known == stem or known.startswith(f"{stem}_")]
    if len(found) != 1:
        raise InputError(f"no rows for notebook {name!r}: the table has {', '.join(table.notebooks())}")
    return found[0]


def plan_from_configuration(config: Mapping[str, object]) -> Plan:
    """The plan that ``medlab run`` described to the Snakefile; the default table where it said nothing."""

    def text(key: str) -> str:
        value = config.get(key)
        return "" if value is None else str(value)

    names = tuple(filter(None, text("notebooks").split(",")))
    return make_plan(text("table") or DEFAULT_TABLE, names, text("data"), text("profile"), text("seeds"))


def public_datasets() -> tuple[str, ...]:
    """Datasets that the public rows of the default table and what they read need."""
    runs = make_plan(data="public").all_runs()
    return tuple(dict.fromkeys(dataset for run in runs for dataset in run.row.datasets()))


def index_page() -> Path:
    """The page that shows every run that is present."""
    return runtime.reports_root() / "index.html"
