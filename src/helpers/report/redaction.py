"""Keep paths of this machine out of what leaves it: executed notebook, report, results.

A folder or table of images may carry a hospital's or a patient's name, a traceback the user's. Whatever a run was told
about folders is replaced by a name that says what it was.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode

from helpers import runtime
from helpers.report.run_plan import Plan

# ipykernel names the files of cells after its process id: of no use to a reader, and different in every run.
CELL_FILE = re.compile(r"[^\s\"'<>]*ipykernel_\d+[/\\]+\d+\.py")


def redactor(plan: Plan, staged: Path) -> Callable[[str], str]:
    """A function that replaces every path that this run knows about.

    Args:
        plan: the run, with folders among its parameters.
        staged: the temporary folder it writes to.
    """
    names = {str(staged): "", str(plan.final): ""}
    for name, value in plan.effective.items():
        if value != plan.shown[name]:
            names[value] = plan.shown[name]
    for folder, name in (
        (runtime.project_root(), "."),
        (Path(runtime.__file__).parents[1], "src"),
        (Path(sys.prefix), "python"),
        (Path(sys.base_prefix), "python"),
        (Path.home(), "~"),
    ):
        names.setdefault(str(folder), name)
    for name, value in plan.effective.items():
        if value != plan.shown[name] and Path(value).is_file():
            # A table of images: the paths of the files that it names begin with its folder.
            names.setdefault(str(Path(value).parent), plan.shown[name])
    for folder, name in list(names.items()):
        names.setdefault(str(Path(folder).resolve()), name)
    for folder, name in list(names.items()):
        for spelling in _spellings(folder):
            names.setdefault(spelling, name)
    # The longest first: a run folder lies in the project, the project in the home folder.
    pairs = [(folder, names[folder]) for folder in sorted(names, key=len, reverse=True) if len(folder) > 1]
    patterns = [(re.compile(rf"{re.escape(folder)}(?![\w-])"), name) for folder, name in pairs]

    def redact(text: str) -> str:
        text = CELL_FILE.sub("cell", text)
        for pattern, name in patterns:
            text = pattern.sub(lambda _, name=name: name, text)
        return text.replace("./src/", "src/")

    return redact


def _spellings(folder: str) -> set[str]:
    """How a path can stand inside source code, a repr or JSON: quotes, backslashes and umlauts are escaped there."""
    escaped = folder.encode("unicode_escape").decode("ascii")
    quoted = {text.replace(mark, f"\\{mark}") for text in (folder, escaped) for mark in ("'", '"')}
    return {
        escaped,
        json.dumps(folder)[1:-1],
        json.dumps(folder, ensure_ascii=False)[1:-1],
        repr(folder)[1:-1],
    } | quoted


def redact_document(value, redact: Callable[[str], str]):
    """A copy of a JSON document with every string redacted, keys included."""
    if isinstance(value, dict):
        return type(value)({redact(name): redact_document(entry, redact) for name, entry in value.items()})
    if isinstance(value, list):
        return [redact_document(entry, redact) for entry in value]
    return redact(value) if isinstance(value, str) else value


def clean_notebook(executed: NotebookNode, plan: Plan, redact: Callable[[str], str]) -> NotebookNode:
    """A copy of an executed notebook that is the same for the same run: no paths, times or random ids."""
    notebook = copy.deepcopy(executed)
    notebook.metadata["papermill"] = {"parameters": plan.shown}
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        cell.source = redact(cell.source)
        for output in cell.get("outputs", []):
            _redact_output(output, redact)
    return notebook


def _redact_output(output: NotebookNode, redact: Callable[[str], str]) -> None:
    """Redact text in place; pictures stay, for a short path could turn up in base64 by accident."""
    for key in ("text", "evalue", "traceback"):
        if key in output:
            output[key] = redact_document(output[key], redact)
    for kind, content in output.get("data", {}).items():
        if not kind.startswith("image/") or kind == "image/svg+xml":
            output.data[kind] = redact_document(content, redact)
    if "metadata" in output:
        output.metadata = redact_document(output.metadata, redact)
