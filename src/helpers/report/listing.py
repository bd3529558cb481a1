"""What ``medlab list`` shows: notebooks with their rows, datasets, and the runs that are present."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from helpers import runtime
from helpers.data import catalog
from helpers.report import batch
from helpers.report.tables import Table, read_table
from helpers.runtime import InputError


def lines() -> Iterator[str]:
    """The list, line by line; a table of runs that is wrong is one line of it."""
    root = runtime.project_root()
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    yield "Notebooks"
    table = None
    try:
        table = read_table(root / batch.DEFAULT_TABLE, [path.stem for path in notebooks])
    except InputError as error:
        yield f"  no rows: {error}"
    for path in notebooks:
        yield f"  {path.stem:<24} {title(path)}"
        if table:
            yield from _rows(table, path.stem)
    yield "Datasets"
    for name in catalog.names():
        yield f"  {name:<24} {_dataset(catalog.describe(name))}"
    runs = sorted(runtime.reports_root().glob("runs/*/*/*/results.json"))
    yield f"Runs ({len(runs)})"
    for path in runs:
        notebook, variant, profile = path.parts[-4:-1]
        yield f"  {notebook:<24} {variant} {profile.replace('-seed', ' seed ')}"


def title(path: Path) -> str:
    """First heading of a notebook; empty when it has none or cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    headings = (line for text in texts for line in text.splitlines() if line.startswith("# "))
    return next(headings, "").removeprefix("# ")


def _rows(table: Table, notebook: str) -> Iterator[str]:
    for kind in ("embedded", "public"):
        variants = [row.variant for row in table.rows if (row.notebook, row.kind) == (notebook, kind)]
        if variants:
            yield f"  {'':<24} {kind}: {', '.join(variants)}"
    if table.reads.get(notebook):
        yield f"  {'':<24} reads {', '.join(table.reads[notebook])}"
    if table.gathers.get(notebook):
        yield f"  {'':<24} gathers the runs of {', '.join(table.gathers[notebook])}"


def _dataset(entry: catalog.Entry) -> str:
    kind = "synthetic" if entry.synthetic else "real"
    if not entry.files:
        return f"{kind}, {entry.origin}, always present"
    paths = entry.paths()
    if all(path.is_file() for path in paths):
        return f"{kind}, present, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB"
    published = sum(file.bytes for file in entry.files)
    size = f" ({published / 1e6:.1f} MB)" if published else ""
    return f"{kind}, missing: medlab fetch {entry.name}{size}"
