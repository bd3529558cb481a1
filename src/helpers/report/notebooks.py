"""Notebooks as files: find one, read its parameters, check it without running it, strip it of outputs."""

from __future__ import annotations

import ast
import logging
import re
from pathlib import Path

import nbformat
from papermill.translators import PythonTranslator

from helpers import runtime
from helpers.report import notebook_imports, notebook_rules
from helpers.runtime import InputError

# What nbstripout removes with --keep-id and the extra keys of this project.
NOTEBOOK_KEYS = ("signature", "widgets", "papermill", "language_info", "medlab")
CELL_KEYS = ("collapsed", "ExecuteTime", "execution", "heading_collapsed", "hidden", "scrolled", "papermill")


def folder() -> Path:
    """The folder of the notebooks."""
    return runtime.project_root() / "notebooks"


def known() -> list[str]:
    """Names of all notebooks, in their order."""
    return sorted(path.stem for path in folder().glob("[0-9][0-9]_*.ipynb"))


def find(name: str | Path) -> Path:
    """Absolute path of a notebook.

    Args:
        name: its number (``06``), its name (``06_tumor_diagnosis``) or a path.

    Raises:
        InputError: there is no such notebook; the message lists those that are there.
    """
    text = str(name)
    if text.endswith(".ipynb"):
        if Path(text).is_file():
            return Path(text).resolve()
        text = Path(text).stem
    matches = [
        known_name for known_name in known() if text in (known_name, known_name[:2]) or text.zfill(2) == known_name[:2]
    ]
    if len(matches) == 1:
        return folder() / f"{matches[0]}.ipynb"
    raise InputError(f"no notebook {str(name)!r}: there are {', '.join(known()) or 'none'}")


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook in format 4.

    Raises:
        InputError: the file is not a notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.validator.NotebookValidationError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"{Path(path).name} is not a notebook ({reason})") from None


def tags(cell: nbformat.NotebookNode) -> list[str]:
    """Tags of a cell."""
    return notebook_rules.tags(cell)


def parameters(path: Path) -> dict[str, object]:
    """Parameters of a notebook with their default values, as papermill sees them.

    Raises:
        InputError: there is no parameters cell, or more than one, or papermill cannot read a line of it.
    """
    path = Path(path)
    cells = [cell for cell in read(path).cells if "parameters" in tags(cell)]
    if len(cells) != 1:
        raise InputError(f"{path.stem} has {len(cells)} cells tagged 'parameters': one is needed")
    logger = logging.getLogger("papermill.translators")
    was_disabled, logger.disabled = (
        logger.disabled,
        True,
    )  # what it would warn about is an error here, with a better message
    try:
        seen = {parameter.name: parameter.default for parameter in PythonTranslator.inspect(cells[0])}
    finally:
        logger.disabled = was_disabled
    assigned = notebook_rules.assigned_names(cells[0].source)
    if set(seen) != set(assigned):
        missing = ", ".join(sorted(set(assigned) ^ set(seen)))
        raise InputError(
            f"{path.stem}: papermill misreads the parameters cell at {missing}: one '=' per line, also in comments"
        )
    values = {}
    for name, text in seen.items():
        try:
            values[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            raise InputError(
                f"{path.stem}: parameter {name} is {text}: write a plain value, compute in the next cell"
            ) from None
    return values


def check(path: Path) -> list[str]:
    """Check the anatomy of a notebook without running it.

    Returns:
        One sentence per problem, with the cell's id in front where one cell is meant; empty if all is well.
    """
    path = Path(path)
    notebook = read(path)
    problems = list(notebook_rules.problems(notebook, path))
    try:
        values = parameters(path)
    except InputError as error:
        problems.append(str(error))
    else:
        problems += [f"parameters: {name} is missing" for name in ("profile", "seed", "output") if name not in values]
        if values.get("output"):
            problems.append("parameters: output is not empty")
    return problems + notebook_imports.unbound_calls(notebook)


def helper_modules(path: Path) -> list[Path]:
    """Files of ``helpers`` that a notebook depends on: modules it imports, what those import, its budget."""
    path = Path(path)
    files = notebook_imports.helper_files(read(path))
    budget = notebook_imports.PACKAGE / "budgets" / f"{path.stem}.toml"
    return sorted({*files, budget}) if budget.is_file() else sorted(files)


def strip(path: Path) -> bool:
    """Remove outputs, execution counts and the traces of a run, in place; ids stay.

    Returns:
        True if the file changed.
    """
    path = Path(path)
    before = path.read_text(encoding="utf-8")
    notebook = read(path)
    for key in NOTEBOOK_KEYS:
        notebook.metadata.pop(key, None)
    notebook.cells = [cell for cell in notebook.cells if "injected-parameters" not in tags(cell)]
    for cell in notebook.cells:
        for key in CELL_KEYS:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    after = re.sub(r"\n*\Z", "\n", nbformat.writes(notebook))
    if after == before:
        return False
    temporary = path.with_name(f".{path.name}.partial")
    temporary.write_text(after, encoding="utf-8")
    temporary.replace(path)
    return True
