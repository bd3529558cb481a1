"""Tables of runs, and the whole way from `medlab run` over Snakemake to run folders, with stand-in notebooks."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

import helpers
from helpers.report import batch, seeds, tables
from helpers.runtime import InputError

PACKAGE = Path(helpers.__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]
NOTEBOOKS = ("01_first", "02_second", "03_third")
PARAMETERS = """profile = "quick"  # quick or full
dataset = "tissue-phantom"  # a name from the catalog
seed = 0  # of the run
output = ""  # run folder
style = "old"  # a parameter that a row may set"""
RESULTS = """import json
import pathlib

document = {"schema_version": 1, "notebook": NAME, "title": "Stand-in", "variant": dataset, "profile": profile, "seed": seed}
document["environment"] = {"python": "", "tensorflow": "", "keras": "", "numpy": "", "platform": "", "threads": 1}
document |= {"datasets": [], "metrics": [], "claims": [], "limits": ["Nothing about patients."]}
(pathlib.Path(output) / "results.json").write_text(json.dumps(document))"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def table_of(tmp_path: Path, text: str) -> tables.Table:
    return tables.read_table(write(tmp_path / "table.yaml", text), NOTEBOOKS)


def test_table_rows_in_order_and_rows_taken_from_what_is_read(tmp_path):
    table = table_of(
        tmp_path,
        """
        seeds: 0-2
        notebooks:
          02_second: {reads: [01_first]}
          01_first:
            embedded: {tissue-phantom: }
            public: {breastmnist: {size: 28}}
        """,
    )
    expected = [
        ("02_second", "tissue-phantom", "embedded"),
        ("02_second", "breastmnist", "public"),
        ("01_first", "tissue-phantom", "embedded"),
        ("01_first", "breastmnist", "public"),
    ]
    assert [(row.notebook, row.variant, row.kind) for row in table.rows] == expected
    assert table.row("01_first", "breastmnist").parameters == {"dataset": "breastmnist", "size": "28"}
    assert table.row("02_second", "breastmnist").parameters == {"dataset": "breastmnist"}
    assert (table.seeds, table.profile, table.data) == ((0, 1, 2), "quick", "embedded")


GATHERING = """
notebooks:
  01_first:
    embedded: {tissue-phantom: , wisconsin: }
    public: {breastmnist: }
  02_second: {reads: [01_first]}
  03_third: {gathers: all}
"""


def test_a_notebook_that_gathers_has_a_row_for_each_kind_of_rows(tmp_path):
    table = table_of(tmp_path, GATHERING)
    rows = [row for row in table.rows if row.notebook == "03_third"]
    assert [(row.variant, row.kind, row.parameters) for row in rows] == [
        ("embedded", "embedded", {"data": "embedded"}),
        ("public", "public", {"data": "public"}),
    ]
    assert [row.datasets() for row in rows] == [(), ()]
    read = [[(other.notebook[:2], other.variant) for other in table.read_by(row)] for row in rows]
    assert read[0] == [("01", "tissue-phantom"), ("01", "wisconsin"), ("02", "tissue-phantom"), ("02", "wisconsin")]
    assert read[1] == [("01", "breastmnist"), ("02", "breastmnist")]


def test_a_notebook_may_gather_some_of_the_others(tmp_path):
    table = table_of(tmp_path, GATHERING.replace("gathers: all", "gathers: [02_second]"))
    (embedded, public) = [row for row in table.rows if row.notebook == "03_third"]
    assert {other.notebook for row in (embedded, public) for other in table.read_by(row)} == {"02_second"}


def test_what_is_gathered_runs_before_with_the_same_profile_and_seed(tmp_path, monkeypatch):
    """The stand-ins' names are those of notebooks of this checkout, so that the plan finds their files."""
    monkeypatch.chdir(CHECKOUT)
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path / "reports"))
    text = GATHERING
    for name, real in zip(NOTEBOOKS, ("06_tumor_diagnosis", "07_tumor_evaluation", "01_concepts"), strict=True):
        text = text.replace(name, real)
    path = write(tmp_path / "table.yaml", text)
    plan = batch.make_plan(str(path), ("01",), profile="full", seeds="3")
    assert [run.name for run in plan.runs] == ["01_concepts embedded full seed 3"]
    before = [run.name for run in plan.all_runs()]
    assert before[-1] == "01_concepts embedded full seed 3"
    assert set(before[:-1]) == {
        f"{notebook} {variant} full seed 3"
        for notebook in ("06_tumor_diagnosis", "07_tumor_evaluation")
        for variant in ("tissue-phantom", "wisconsin")
    }
    inputs = plan.inputs("01_concepts", "embedded", "full", "3")
    results = [Path(file).relative_to(tmp_path / "reports/runs") for file in inputs if file.endswith("results.json")]
    assert {str(file) for file in results} == {
        f"{notebook}/{variant}/full-seed3/results.json"
        for notebook in ("06_tumor_diagnosis", "07_tumor_evaluation")
        for variant in ("tissue-phantom", "wisconsin")
    }
    assert plan.options("01_concepts", "embedded", "full", "3") == "-p data embedded -p profile full -p seed 3"


def test_row_that_names_its_dataset_may_have_any_name(tmp_path):
    table = table_of(tmp_path, "notebooks: {01_first: {public: {rare-disease: {table_dataset: wisconsin}}}}")
    assert table.rows[0].datasets() == ("wisconsin",)
    assert "dataset" not in table.rows[0].parameters


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("notebooks: [", "table.yaml is not YAML in line"),
        ("- 01_first", "the table: expected `name: value` lines"),
        ("notebooks: {}", "there is no notebook"),
        ("notebook: {}", "unknown key 'notebook': did you mean notebooks?"),
        ("notebooks: {01_frist: {embedded: {wisconsin: }}}", "unknown notebook '01_frist': did you mean 01_first?"),
        ("notebooks: {01_first: {embeded: {wisconsin: }}}", "01_first: key 'embeded': did you mean embedded?"),
        ("notebooks: {01_first: {embedded: {wisconson: }}}", "dataset 'wisconson': did you mean wisconsin?"),
        ("notebooks: {01_first: {embedded: {a: {dataset: b}}}}", "unknown 01_first: embedded: a: dataset 'b'"),
        ("notebooks: {01_first: {embedded: {../x: }}}", "a row is named with letters"),
        ("notebooks: {01_first: {embedded: {wisconsin: {seed: 3}}}}", "seed is set by the run"),
        ("notebooks: {01_first: {embedded: {wisconsin: {size: [1]}}}}", "size: expected a word or a number"),
        ("notebooks: {01_first: {embedded: {wisconsin: }, public: {wisconsin: }}}", "row 'wisconsin' stands twice"),
        ("notebooks: {01_first: }", "01_first: no rows"),
        ("notebooks: {01_first: {reads: [02_second]}}", "reads: notebook '02_second'"),
        ("notebooks: {01_first: {reads: [02_second]}, 02_second: {reads: [01_first]}}", "in a circle: "),
        (
            "notebooks: {01_first: {embedded: {wisconsin: }}, 02_second: {embedded: {tissue-phantom: }, reads: [01_first]}}",
            "02_second: row 'tissue-phantom' reads 01_first, which has no row of that name",
        ),
        ("notebooks: {01_first: {gathers: all}}", "01_first: gathers: expected all or a list of notebooks"),
        ("notebooks: {01_first: {gathers: }}", "01_first: gathers: expected all or a list of notebooks"),
        (
            "notebooks: {01_first: {gathers: [02_second]}, 02_second: {gathers: all}, 03_third: {embedded: {wisconsin: }}}",
            "01_first: gathers: notebook '02_second'",
        ),
        (
            "notebooks: {01_first: {embedded: {wisconsin: }}, 02_second: {gathers: all, embedded: {wisconsin: }}}",
            "02_second: gathers the rows of others, so it has neither rows of its own nor reads",
        ),
        (
            "notebooks: {01_first: {embedded: {wisconsin: }}, 02_second: {gathers: all}, 03_third: {reads: [02_second]}}",
            "03_third: reads: notebook '02_second'",
        ),
        ("{seeds: 4-1, notebooks: {01_first: {embedded: {wisconsin: }}}}", "seeds '4-1': give whole numbers"),
        ("{profile: fast, notebooks: {01_first: {embedded: {wisconsin: }}}}", "profile: expected quick or full"),
        ("{data: real, notebooks: {01_first: {embedded: {wisconsin: }}}}", "data: expected embedded or public or all"),
    ],
)
def test_table_errors_are_one_line_that_says_where(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        table_of(tmp_path, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("table.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("3", (3,)), ("0,1,2", (0, 1, 2)), ("0-4", (0, 1, 2, 3, 4)), ([2, 5], (2, 5)), (0, (0,)), ("7,0-1", (7, 0, 1))],
)
def test_seeds(given, expected):
    assert seeds.parse_seeds(given) == expected


@pytest.mark.parametrize("given", ["", "a", "-1", "1,1", "0-2,1", "1.5", "3-2", "0-99999999"])
def test_seeds_refused(given):
    with pytest.raises(InputError, match="seeds"):
        seeds.parse_seeds(given)


def test_tables_of_this_checkout(monkeypatch):
    monkeypatch.chdir(CHECKOUT)
    embedded = batch.make_plan()
    assert ("06_tumor_diagnosis", "tissue-phantom") in {(run.row.notebook, run.row.variant) for run in embedded.runs}
    record = batch.make_plan("workflow/record.yaml")
    assert {run.profile for run in record.runs} == {"full"}
    case_study = [run for run in record.runs if run.row.notebook.startswith(("06", "07"))]
    assert {run.seed for run in case_study} == set(range(5))
    assert {run.row.variant for run in case_study} == {"breastmnist", "pneumoniamnist", "lc25000-lung"}
    assert len(case_study) == 30


def test_a_notebook_may_have_seeds_of_its_own(tmp_path, monkeypatch):
    """Empty seeds in what Snakemake is told mean those of the table: its own plan is then the same."""
    monkeypatch.chdir(CHECKOUT)
    path = write(
        tmp_path / "table.yaml",
        "seeds: 0-2\nnotebooks:\n  06_tumor_diagnosis: {embedded: {tissue-phantom: }}\n"
        "  03_rnn: {seeds: 0-1, embedded: {ecg-phantom: {ecg_dataset: ecg-phantom}}}\n",
    )

    def planned(**chosen):
        return [(run.row.notebook[:2], run.seed) for run in batch.make_plan(str(path), **chosen).runs]

    assert planned() == [("06", 0), ("03", 0), ("06", 1), ("03", 1), ("06", 2)]
    assert planned(seeds="2") == [("06", 2), ("03", 2)]
    assert planned(notebooks=("03",)) == [("03", 0), ("03", 1)]
    assert batch.make_plan(str(path)).common_seeds() == ""
    assert batch.make_plan(str(path), ("03",)).common_seeds() == "0,1"


# --- stand-in notebooks in a project of their own -------------------------------------------------------------------


class Project:
    """A checkout with a copy of the package, two or three notebooks of a few lines, and reports outside of it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.reports = folder / "reports"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE, self.root / "src" / "helpers", ignore=ignored)
        shutil.copytree(CHECKOUT / "workflow", self.root / "workflow", ignore=ignored)
        write(self.root / "requirements.lock", "numpy==2.4\n")
        for name in NOTEBOOKS:
            write(self.root / f"src/helpers/budgets/{name}.toml", "[quick]\n[full]\n")
        write(self.root / "src/helpers/budgets/standin.py", "NUMBER = 1\n")

    def notebook(self, name: str, code: str = "", parameters: str = PARAMETERS) -> None:
        cells = [
            nbformat.v4.new_markdown_cell(f"# {name[:2]} Stand-in", id="title"),
            nbformat.v4.new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(f"NAME = {name!r}\n{code}".strip(), id="work"),
            nbformat.v4.new_code_cell(RESULTS, id="results"),
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        write(self.root / f"notebooks/{name}.ipynb", nbformat.writes(notebook))

    def table(self, text: str) -> None:
        write(self.root / "workflow/notebooks.yaml", text)

    def start(self, *arguments: str) -> subprocess.Popen:
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src"), "MEDLAB_REPORTS": str(self.reports)}
        environment["MEDLAB_DATA"] = str(self.root / "data")
        command = [sys.executable, "-m", "helpers.cli", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.root, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )

    def medlab(self, *arguments: str) -> subprocess.CompletedProcess:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def runs(self, arguments: tuple[str, ...] = ("--cores", "2")) -> tuple[int, set[str]]:
        """Exit status of `medlab run`, and which notebooks it started."""
        answer = self.medlab("run", *arguments)
        started = {line.split()[1] for line in answer.stderr.splitlines() if line.endswith(": started")}
        return answer.returncode, started

    def results(self, name: str) -> Path:
        return self.reports / "runs" / name / "tissue-phantom" / "quick-seed0" / "results.json"

    def processes(self) -> list[psutil.Process]:
        """Whatever still computes for this project: its folder stands in the command line or in the environment."""
        found = []
        for process in psutil.process_iter():
            try:
                if (
                    str(self.reports) in process.environ().get("MEDLAB_REPORTS", "")
                    and process.status() != psutil.STATUS_ZOMBIE
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found


TWO = """
notebooks:
  01_first: {embedded: {tissue-phantom: }}
  02_second: {reads: [01_first]}
"""


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.mark.notebooks
def test_only_what_changed_runs_again(project):
    project.notebook("01_first", "from helpers.budgets import standin\n\nprint(standin.NUMBER)")
    project.notebook("02_second")
    project.table(TWO)
    both = {"01_first", "02_second"}

    answer = project.medlab("run", "--dry-run")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count("would run") == 2
    assert not project.reports.exists()

    answer = project.medlab("run", "--cores", "2")
    assert answer.returncode == 0, answer.stderr
    lines = answer.stderr.splitlines()
    assert [line.split(" in ")[0] for line in lines] == [
        "[1/2] 01_first tissue-phantom quick seed 0: started",
        "[1/2] 01_first tissue-phantom quick seed 0: done",
        "[2/2] 02_second tissue-phantom quick seed 0: started",
        "[2/2] 02_second tissue-phantom quick seed 0: done",
    ]
    assert f"2 runs up to date: {project.reports / 'index.html'}" in answer.stdout
    assert "02_second" in (project.reports / "index.html").read_text(encoding="utf-8")
    assert "01_first" in json.dumps(json.loads((project.reports / "manifest.json").read_text(encoding="utf-8")))
    assert not (project.root / "reports").exists()

    before = project.results("01_first").stat().st_mtime_ns
    answer = project.medlab("run")
    assert (answer.returncode, answer.stderr) == (0, "")

    (project.root / "notebooks/01_first.ipynb").touch()
    (project.root / "requirements.lock").touch()
    assert project.runs() == (0, set())
    assert project.results("01_first").stat().st_mtime_ns == before

    project.notebook("02_second", "print('edited')")
    assert project.runs() == (0, {"02_second"})

    write(project.root / "src/helpers/budgets/standin.py", "NUMBER = 2\n")
    assert project.runs() == (0, both)

    project.table(TWO.replace("{tissue-phantom: }", "{tissue-phantom: {style: new}}"))
    assert project.runs() == (0, both)
    executed = nbformat.read(project.results("01_first").with_name("executed.ipynb"), as_version=4)
    assert "style = 'new'" in " ".join(cell.source.replace('"', "'") for cell in executed.cells)

    assert project.runs(("01", "--seeds", "0,3", "--cores", "2")) == (0, {"01_first"})
    assert (project.reports / "runs/01_first/tissue-phantom/quick-seed3/report.html").is_file()


@pytest.mark.notebooks
def test_a_notebook_that_gathers_runs_last_and_again_when_a_row_is_added(project):
    project.notebook("01_first")
    project.notebook("02_second")
    project.notebook(
        "03_third", "dataset = data", PARAMETERS.replace('dataset = "tissue-phantom"', 'data = "embedded"')
    )
    table = "notebooks:\n  03_third: {gathers: all}\n  01_first: {embedded: {tissue-phantom: }}\n"
    project.table(table)
    answer = project.medlab("run", "--cores", "2")
    assert answer.returncode == 0, answer.stderr
    done = [line.split(" in ")[0] for line in answer.stderr.splitlines() if ": done" in line]
    assert done == [
        "[1/2] 01_first tissue-phantom quick seed 0: done",
        "[2/2] 03_third embedded quick seed 0: done",
    ]
    assert project.runs() == (0, set())
    project.table(table + "  02_second: {embedded: {tissue-phantom: }}\n")
    assert project.runs() == (0, {"02_second", "03_third"})
    project.notebook("01_first", "print('edited')")
    assert project.runs() == (0, {"01_first", "03_third"})


@pytest.mark.notebooks
def test_failure_stops_nothing_else_and_is_shown_once(project):
    project.notebook("01_first", "1 / 0")
    project.notebook("02_second")
    project.notebook("03_third")
    project.table(TWO + "  03_third: {embedded: {tissue-phantom: }}\n")
    answer = project.medlab("run", "--cores", "1")
    assert answer.returncode == 1
    assert answer.stderr.count("ZeroDivisionError: division by zero") == 1
    assert "01_first tissue-phantom quick seed 0: FAILED" in answer.stderr
    assert project.results("03_third").is_file()
    assert not project.results("02_second").exists()
    assert "03_third" in (project.reports / "index.html").read_text(encoding="utf-8")

    assert project.runs() == (1, {"01_first"})
    project.notebook("01_first")
    assert project.runs() == (0, {"01_first", "02_second"})
    project.results("01_first").with_name("report.html").unlink()
    assert project.runs()[0] == 0
    assert project.results("01_first").with_name("report.html").is_file()
    assert "02_second" in (project.reports / "index.html").read_text(encoding="utf-8")


HOLD = """import pathlib
import time

pathlib.Path("started").touch()
while pathlib.Path("hold").exists():
    time.sleep(0.1)"""


def wait_until(true, seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.2)
    return true()


@pytest.mark.notebooks
def test_stopped_run_leaves_nobody_behind_and_goes_on_afterwards(project):
    project.notebook("01_first")
    project.notebook("02_second", HOLD)
    project.table(TWO)
    started, hold = project.root / "started", project.root / "hold"
    hold.touch()
    for number, status in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        process = project.start("run", "--cores", "2")
        assert wait_until(started.exists)
        started.unlink()
        assert len(project.processes()) >= 3  # medlab, the job, its kernel

        refused = project.medlab("run")
        assert (refused.returncode, "another `medlab run`" in refused.stderr) == (2, True)

        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # what a terminal does
        else:
            process.send_signal(number)
        _, printed = process.communicate(timeout=60)
        assert process.returncode == status
        assert "FAILED" not in printed
        assert wait_until(lambda: project.processes() == [], 30)
        assert not project.results("02_second").exists()

    hold.unlink()
    assert project.runs() == (0, {"02_second"})
    assert project.results("02_second").is_file()


def test_missing_data_are_named_before_anything_starts(project):
    project.notebook("01_first")
    project.table("notebooks: {01_first: {public: {breastmnist: , pneumoniamnist: }}}")
    answer = project.medlab("run", "--data", "public")
    assert answer.returncode == 2
    assert "`medlab fetch breastmnist` and `medlab fetch pneumoniamnist`" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not project.reports.exists()
