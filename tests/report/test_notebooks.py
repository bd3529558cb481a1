"""Notebooks as files: finding, parameters as papermill sees them, the static checks, stripping."""

from pathlib import Path

import nbformat
import pytest

from helpers.report import notebook_imports, notebooks
from helpers.runtime import InputError

FIXTURES = Path(__file__).parent / "fixtures"
PACKAGE = notebook_imports.PACKAGE


@pytest.fixture
def copy_of(tmp_path):
    def copy(name):
        target = tmp_path / f"{name}.ipynb"
        target.write_bytes((FIXTURES / f"{name}.ipynb").read_bytes())
        # the fixture links to its neighbor
        (tmp_path / "92_raises.ipynb").touch()
        return target

    return copy


@pytest.fixture
def with_code(tmp_path):
    """A notebook of one code cell."""

    def build(source):
        cell = nbformat.v4.new_code_cell(source, id="only-cell")
        path = tmp_path / "50_code.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        return path

    return build


def test_a_good_notebook_has_no_problems():
    assert notebooks.check(FIXTURES / "91_tiny.ipynb") == []


def test_parameters_have_the_types_of_their_defaults():
    expected = {"profile": "quick", "dataset": "tissue-phantom", "seed": 0, "output": ""}
    assert notebooks.parameters(FIXTURES / "91_tiny.ipynb") == expected


def test_an_equals_sign_in_a_comment_is_found_because_papermill_would_lose_the_parameter():
    with pytest.raises(InputError, match="misreads the parameters cell at seed"):
        notebooks.parameters(FIXTURES / "90_misread_parameters.ipynb")


def test_two_parameter_cells():
    with pytest.raises(InputError, match="has 2 cells tagged 'parameters'"):
        notebooks.parameters(FIXTURES / "95_two_parameter_cells.ipynb")
    assert "2 cells are tagged parameters: one is needed" in notebooks.check(FIXTURES / "95_two_parameter_cells.ipynb")


def test_outputs_are_found():
    problems = notebooks.check(FIXTURES / "96_has_output.ipynb")
    assert "train-model: has outputs or an execution count: strip the notebook" in problems
    assert "the metadata hold traces of a run: strip the notebook" in problems


@pytest.mark.parametrize(
    "expected",
    [
        "train-model: a shell command",
        "train-model: a network address",
        "train-model: an absolute path ('/home/somebody/images')",
        "train-model: imports requests",
        "train-model: asks which profile",
        "train-model: helpers.runtime has no configur",
        "train-model: budgets.load_budget(): missing a required argument: 'profile'",
        "8f3a9c01: cell ids are words",
        "read-scores: link to ../nowhere.md",
        "the title says 12, the file name 97",
        "the sentence 'Teaching and research material, not for clinical use' is missing",
        "1 cells are tagged stub: at least 2",
        "exercise, stub and solution cells differ in number",
        "train-model: no prose before this code cell",
    ],
)
def test_every_broken_rule_is_named(expected):
    problems = notebooks.check(FIXTURES / "97_broken_rules.ipynb")
    assert [problem for problem in problems if problem.startswith(expected)], problems


def test_long_cells_and_too_many_cells(copy_of):
    path = copy_of("91_tiny")
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "train-model")
    cell.source = "\n".join(f"value_{number} = {number}" for number in range(31))
    prose = [nbformat.v4.new_markdown_cell("Prose.", id=f"prose-{'x' * number}") for number in range(1, 40)]
    notebook.cells += prose
    nbformat.write(notebook, path)
    problems = notebooks.check(path)
    assert "train-model: 31 lines of code: at most 30" in problems
    assert f"{len(notebook.cells)} cells: at most 45" in problems


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("from helpers import runtime\nruntime.configure(seed=1)", None),
        ("from helpers import runtime\nruntime.configure(sed=1)", "no argument 'sed'; it has seed, threads"),
        ("from helpers import runtime\nruntime.configure()", "missing a required argument: 'seed'"),
        ("from helpers import runtime\nruntime.configure(1, 2, 3)", "too many positional arguments"),
        ("from helpers import runtime\nruntime.confgure(1)", "helpers.runtime has no confgure"),
        ("from helpers.budgets import load_budget\nload_budget(*names)", None),
        (
            "from helpers.budgets import load_budget\nload_budget(*names, size=3)",
            "no argument 'size'; it has notebook, profile, dataset",
        ),
        ("from helpers.nowhere import something", "No module named 'helpers.nowhere'"),
        ("import helpers.runtime\nhelpers.runtime.configure()", "missing a required argument: 'seed'"),
        ("from helpers import runtime\nruntime = object()\nruntime.anything()", None),
        ("import keras\nkeras.layers.Dense(unknown=1)", None),
    ],
)
def test_helper_calls_are_bound_against_their_signatures(with_code, source, problem):
    found = notebook_imports.unbound_calls(notebooks.read(with_code(source)))
    assert (not found) if problem is None else problem in " ".join(found)


def test_helper_modules_are_transitive_and_include_budget_and_packages(with_code):
    path = with_code("from helpers.budgets import load_budget")
    names = {file.relative_to(PACKAGE).as_posix() for file in notebooks.helper_modules(path)}
    assert names == {"__init__.py", "budgets/__init__.py", "budgets/budgets.py", "runtime.py"}


def test_the_budget_belongs_to_the_notebook(with_code):
    path = with_code("pass").rename(with_code("pass").with_name("06_tumor_diagnosis.ipynb"))
    assert notebooks.helper_modules(path) == [PACKAGE / "budgets" / "06_tumor_diagnosis.toml"]


def test_find_lists_what_there_is():
    assert notebooks.find(FIXTURES / "91_tiny.ipynb") == FIXTURES / "91_tiny.ipynb"
    with pytest.raises(InputError, match="no notebook '77'"):
        notebooks.find("77")


def test_find_by_number_and_name(monkeypatch, tmp_path):
    (tmp_path / "06_tumor_diagnosis.ipynb").touch()
    monkeypatch.setattr(notebooks, "folder", lambda: tmp_path)
    for name in ("06", "6", "06_tumor_diagnosis", "elsewhere/06_tumor_diagnosis.ipynb"):
        assert notebooks.find(name) == tmp_path / "06_tumor_diagnosis.ipynb"
    with pytest.raises(InputError, match="there are 06_tumor_diagnosis"):
        notebooks.find("tumor")


def test_strip_removes_the_run_and_keeps_the_rest(copy_of):
    path = copy_of("96_has_output")
    before = nbformat.read(path, as_version=4)
    assert notebooks.strip(path) is True
    after = nbformat.read(path, as_version=4)
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]
    assert [cell.source for cell in after.cells] == [cell.source for cell in before.cells]
    assert not any(cell.get("outputs") for cell in after.cells)
    assert "papermill" not in after.metadata
    assert not [problem for problem in notebooks.check(path) if "strip" in problem]
    assert notebooks.strip(path) is False


def test_strip_agrees_with_nbstripout(copy_of):
    nbstripout = pytest.importorskip("nbstripout")
    path = copy_of("96_has_output")
    extra = ["metadata.papermill", "cell.metadata.papermill", "cell.metadata.execution", "metadata.language_info"]
    expected = nbstripout.strip_output(nbformat.read(path, as_version=4), False, False, True, extra)
    notebooks.strip(path)
    assert nbformat.read(path, as_version=4) == expected


def test_what_is_not_a_notebook_is_said_in_one_line(tmp_path):
    path = tmp_path / "50_text.ipynb"
    path.write_text("no JSON")
    with pytest.raises(InputError, match="50_text.ipynb is not a notebook") as error:
        notebooks.read(path)
    assert "\n" not in str(error.value)
