"""The anatomy that every notebook keeps, as rules on its cells; see DESIGN, *Notebook anatomy*."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

MOST_CELLS = 45
MOST_LINES = 30
MEDIAN_LINES = 8
LEAST_EXERCISES = 2
DISCLAIMER = "not for clinical use"

IDENTIFIER = re.compile(r"[a-z]+[0-9]{0,2}(-[a-z]+[0-9]{0,2})*")
TITLE = re.compile(r"# (\d\d) \S.*")
# Code cells that may stand without prose of their own: they open the notebook, or belong to the prose of the exercise
# before them, or are prose themselves (computed sentences with their input hidden).
WITHOUT_PROSE = {"parameters", "setup", "stub", "check", "solution", "hide-input"}
ABSOLUTE = re.compile(
    r"~[/\\]|[A-Za-z]:[\\/]|/(home|tmp|usr|etc|var|opt|mnt|root|work|data|srv|media|Users|Volumes)\b|/[\w.-]+/[\w.-]+/"
)
NETWORK = {"requests", "urllib", "http", "httpx", "socket", "aiohttp", "ftplib", "pooch"}
WIDGETS = {"ipywidgets", "bqplot", "ipympl"}
CODE_IN_PROSE = re.compile(r"^(`{3,}|~{3,}).*?^\1|`[^`\n]+`", re.M | re.S)
# Pages that medlab writes beside the report of a run: a notebook may link to them although they are no files of the checkout.
BESIDE_THE_REPORT = {
    "checklist.html": "Reporting checklist",
    "model_card.html": "Model card",
    "datasheet.html": "Datasheet",
}
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")


def tags(cell: NotebookNode) -> list[str]:
    """Tags of a cell."""
    return list(cell.metadata.get("tags", []))


def parse(source: str) -> ast.Module:
    """Syntax tree of a code cell; IPython's own syntax is translated first."""
    return ast.parse(TransformerManager().transform_cell(source))


def assigned_names(source: str) -> list[str]:
    """Names that a parameters cell assigns, in order."""
    names = []
    for statement in parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def problems(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Everything about the anatomy of a notebook that is not as it should be."""
    for rule in (_identifiers, _opening, _tagged_cells, _stripped, _sizes, _prose, _code, _links):
        yield from rule(notebook, path)


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _identifiers(notebook: NotebookNode, path: Path) -> Iterator[str]:
    identifiers = [cell.get("id", "") for cell in notebook.cells]
    for identifier in identifiers:
        if not IDENTIFIER.fullmatch(identifier):
            yield f"{identifier or 'a cell without id'}: cell ids are words such as train-model"
    for identifier in sorted({identifier for identifier in identifiers if identifiers.count(identifier) > 1}):
        yield f"{identifier}: two cells have this id"


def _opening(notebook: NotebookNode, path: Path) -> Iterator[str]:
    first = notebook.cells[0].source.splitlines()[0] if notebook.cells and notebook.cells[0].source else ""
    title = TITLE.fullmatch(first)
    if not title or notebook.cells[0].cell_type != "markdown":
        yield f"the notebook starts with {first[:40]!r}: it needs a title such as '# 06 Tumor diagnosis'"
    elif not path.stem.startswith(f"{title[1]}_"):
        yield f"the title says {title[1]}, the file name {path.stem[:2]}"
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    if DISCLAIMER not in " ".join(prose.split()):
        yield f"the sentence 'Teaching and research material, {DISCLAIMER}' is missing"


def _tagged_cells(notebook: NotebookNode, path: Path) -> Iterator[str]:
    found = [tag for cell in notebook.cells for tag in tags(cell)]
    if found.count("parameters") != 1:
        yield f"{found.count('parameters')} cells are tagged parameters: one is needed"
    for tag in ("exercise", "stub", "solution"):
        if found.count(tag) < LEAST_EXERCISES:
            yield f"{found.count(tag)} cells are tagged {tag}: at least {LEAST_EXERCISES} are needed"
    if len({found.count(tag) for tag in ("exercise", "stub", "solution")}) > 1:
        yield "exercise, stub and solution cells differ in number"
    if "injected-parameters" in found:
        yield "a cell with injected parameters was left behind by papermill: strip the notebook"
    for cell in notebook.cells:
        if "parameters" in tags(cell):
            for line in cell.source.splitlines():
                if "=" in line and "#" not in line:
                    yield f"{cell.get('id')}: parameter {line.split('=')[0].strip()} has no comment that explains it"


def _stripped(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in _code_cells(notebook):
        if cell.outputs or cell.execution_count is not None:
            yield f"{cell.get('id')}: has outputs or an execution count: strip the notebook"
    traces = {"papermill", "language_info", "widgets"} & set(notebook.metadata)
    if traces or any({"papermill", "execution"} & set(cell.metadata) for cell in notebook.cells):
        yield "the metadata hold traces of a run: strip the notebook"


def _sizes(notebook: NotebookNode, path: Path) -> Iterator[str]:
    if len(notebook.cells) > MOST_CELLS:
        yield f"{len(notebook.cells)} cells: at most {MOST_CELLS}"
    lengths = {
        cell.get("id"): sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in _code_cells(notebook)
    }
    heights = {cell.get("id"): len(cell.source.splitlines()) for cell in _code_cells(notebook)}
    for identifier, length in lengths.items():
        if heights[identifier] > MOST_LINES:  # blank ones too: what counts is whether a cell can be seen at once
            yield f"{identifier}: {heights[identifier]} lines of code: at most {MOST_LINES}"
        if length == 0:
            yield f"{identifier}: an empty code cell"
    if lengths and statistics.median(lengths.values()) > MEDIAN_LINES:
        yield f"the median code cell has {statistics.median(lengths.values()):g} lines: at most {MEDIAN_LINES}"


def _prose(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for before, cell in zip([None, *notebook.cells], notebook.cells, strict=False):
        if cell.cell_type != "code" or WITHOUT_PROSE & {*tags(cell), cell.get("id")}:
            continue
        if before is None or before.cell_type != "markdown":
            yield f"{cell.get('id')}: no prose before this code cell"


def _code(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in _code_cells(notebook):
        identifier = cell.get("id")
        if re.search(r"^\s*(!|%{1,2}(sx|system|bash|sh|script|cmd)\b)", cell.source, re.M):
            yield f"{identifier}: a shell command: notebooks run plain Python"
        if re.search(r"^\s*%{1,2}(pip|conda|mamba|uv)\b", cell.source, re.M):
            yield f"{identifier}: installs packages: they belong into the environment"
        if re.search(r"\b(https?|ftp|s3|gs)://", cell.source):
            yield f"{identifier}: a network address in code"
        try:
            tree = parse(cell.source)
        except SyntaxError as error:
            yield f"{identifier}: does not parse ({error.msg}, line {error.lineno})"
            continue
        yield from (f"{identifier}: {problem}" for problem in _tree_problems(tree))


def _tree_problems(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ABSOLUTE.match(node.value):
            yield f"an absolute path ({node.value[:40]!r})"
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for package in (module.split(".")[0] for module in modules):
                if package in NETWORK:
                    yield f"imports {package}: notebooks do not use the network"
                if package in WIDGETS:
                    yield f"imports {package}: reports cannot show widgets"
        if isinstance(node, ast.Compare) and any(
            isinstance(part, ast.Name) and part.id == "profile" for part in ast.walk(node)
        ):
            yield "asks which profile it runs under: sizes come from the budget"


def _links(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for target in LINK.findall(CODE_IN_PROSE.sub("", cell.source)):
            if re.match(r"[a-z][a-z0-9+.-]*:|#", target) or target.split("#")[0] in BESIDE_THE_REPORT:
                continue
            if not (path.parent / target.split("#")[0]).exists():
                yield f"{cell.get('id')}: link to {target}, which does not exist"
