"""What a notebook takes from the package ``helpers``: its files, and whether the calls fit the signatures.

Both are read from the syntax tree; nothing of the notebook runs. Checking calls imports the helper modules used.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode

import helpers
from helpers.report import notebook_rules

NAME = helpers.__name__
PACKAGE = Path(helpers.__file__).resolve().parent


def _trees(notebook: NotebookNode) -> Iterator[tuple[str, ast.Module]]:
    """Cell id and syntax tree of every code cell that parses; what does not parse is a problem of another rule."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                yield cell.get("id", ""), notebook_rules.parse(cell.source)
            except SyntaxError:
                continue


def helper_files(notebook: NotebookNode) -> set[Path]:
    """Source files of ``helpers`` that the notebook imports, directly or through another helper."""
    waiting = [name for _, tree in _trees(notebook) for name in _imported_modules(tree)]
    files: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in files or path is None:
            continue
        files[name] = path
        parents = name.rpartition(".")[0]
        package = name if path.name == "__init__.py" else parents
        waiting += [
            *([parents] if parents else []),
            *_imported_modules(ast.parse(path.read_text(encoding="utf-8")), package),
        ]
    return set(files.values())


def _imported_modules(tree: ast.AST, package: str = "") -> set[str]:
    """Dotted names in ``helpers`` that may be modules; ``from a import b`` names both a and a.b."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = importlib.util.resolve_name("." * node.level + base, package)
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == NAME}


def _file_of(name: str) -> Path | None:
    """Source file of a dotted name, None if it is not a module (a function, a class, a folder of data)."""
    place = PACKAGE.joinpath(*name.split(".")[1:])
    return next((path for path in (place / "__init__.py", place.with_name(f"{place.name}.py")) if path.is_file()), None)


def unbound_calls(notebook: NotebookNode) -> list[str]:
    """Uses of ``helpers`` in a notebook that would fail: unknown modules and names, arguments that do not fit."""
    problems: list[str] = []
    objects: dict[str, object] = {}
    with _silent_descriptor():
        for identifier, tree in _trees(notebook):
            for node in ast.walk(tree):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    problems += [f"{identifier}: {problem}" for problem in _bind_imports(node, objects)]
    # A name that the notebook assigns itself may be anything by the time it is called.
    for _, tree in _trees(notebook):
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                objects.pop(node.id, None)
    for identifier, tree in _trees(notebook):
        problems += [f"{identifier}: {problem}" for problem in _misfits(tree, objects)]
    return problems


@contextmanager
def _silent_descriptor() -> Iterator[None]:
    """Drop what compiled code writes to descriptor 2: modules that import TensorFlow make it greet."""
    sys.stderr.flush()
    kept, silence = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)


def _bind_imports(node: ast.Import | ast.ImportFrom, objects: dict[str, object]) -> Iterator[str]:
    """Import what the statement imports from helpers, under the names it gives them."""
    if isinstance(node, ast.Import):
        wanted = [(alias.name, "", alias.asname or alias.name.split(".")[0]) for alias in node.names]
    else:
        wanted = [(node.module or "", alias.name, alias.asname or alias.name) for alias in node.names]
    for module_name, attribute, local in wanted:
        if module_name.split(".")[0] != NAME:
            continue
        try:
            found = importlib.import_module(module_name)
            if not attribute:
                objects[local] = found if local != NAME else helpers
            elif attribute != "*":
                objects[local] = (
                    getattr(found, attribute) if hasattr(found, attribute) else _submodule(module_name, attribute)
                )
        except ImportError as error:
            yield str(error)


def _submodule(module_name: str, attribute: str) -> object:
    name = f"{module_name}.{attribute}"
    if _file_of(name) is None:
        raise ImportError(f"{module_name} has no {attribute}")
    return importlib.import_module(name)


def _misfits(tree: ast.AST, objects: dict[str, object]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = _resolve(node.value, objects)
            if inspect.ismodule(owner) and not hasattr(owner, node.attr):
                yield f"{owner.__name__} has no {node.attr}"
        elif isinstance(node, ast.Call):
            function = _resolve(node.func, objects)
            if callable(function):
                problem = _bind(node, function)
                if problem:
                    yield f"{ast.unparse(node.func)}(): {problem}"


def _resolve(node: ast.expr, objects: dict[str, object]) -> object | None:
    """The object that a name or a chain of attributes stands for, as far as modules and classes reach."""
    if isinstance(node, ast.Name):
        return objects.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, objects)
        return getattr(owner, node.attr, None) if inspect.ismodule(owner) or inspect.isclass(owner) else None
    return None


def _bind(call: ast.Call, function) -> str:
    """Bind a call to a signature with placeholders for the values; the reason if it does not fit."""
    if not getattr(function, "__module__", "").startswith(NAME):
        return ""  # Keras and friends, seen through a helper module
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    known = signature.parameters
    unknown = [word.arg for word in call.keywords if word.arg and word.arg not in known]
    if unknown and not any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return f"no argument {unknown[0]!r}; it has {', '.join(known) or 'none'}"
    unpacks = any(isinstance(value, ast.Starred) for value in call.args) or any(
        word.arg is None for word in call.keywords
    )
    positional = [None for value in call.args if not isinstance(value, ast.Starred)]
    keywords = {word.arg: None for word in call.keywords if word.arg}
    try:
        # What is unpacked with * or ** may fill the rest.
        (signature.bind_partial if unpacks else signature.bind)(*positional, **keywords)
    except TypeError as error:
        return str(error)
    return ""
