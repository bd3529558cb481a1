"""The command line: exit status, one line on stderr, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import cli
from helpers.data import catalog, download
from helpers.report import execution
from helpers.runtime import InputError

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(__file__).parent / "report" / "fixtures"
MIRROR = os.environ.get("MEDLAB_MIRROR", "")  # read before the fixture below takes it away


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path / "reports"))
    monkeypatch.setenv("MEDLAB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("MEDLAB_MIRROR", raising=False)
    return tmp_path


def one_line(capsys) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("medlab: ")
    assert captured.err.count("\n") == 1
    return captured.err


def test_help_names_every_command(capsys):
    assert cli.run_command([]) == 0
    bare = capsys.readouterr().out
    assert cli.run_command(["--help"]) == 0
    assert bare.strip() == capsys.readouterr().out.strip()
    for name in ("execute", "run", "list", "fetch", "audit", "predict", "check", "record", "site"):
        assert f"\n  {name} " in bare


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rum"], "No such command 'rum'"),
        (["run", "--profile", "slow"], "'slow' is not one of"),
        (["run", "--cores", "0"], "0 is not in the range"),
        (["run", "--seeds", "1-"], "give whole numbers"),
        (["run", "99"], "no rows for notebook '99'"),
        (["run", "--table", "workflow/none.yaml"], "no table none.yaml"),
        (["run", "--on", "moon"], "no profile 'moon' in workflow/profiles: there are default, slurm"),
        (["run", "--data", "public"], "`medlab fetch breastmnist`"),
        (["execute"], "Missing argument 'NOTEBOOK'"),
        (["execute", "99"], "no notebook '99'"),
        (["execute", "06", "-p", "seed", "1", "-p", "seed", "2"], "parameter seed is given twice"),
        (["execute", "06", "-p", "sede", "1"], "did you mean 'seed'"),
        (["execute", "06", "-p", "dataset", "tissue-fantom"], "tissue-phantom"),
        (["fetch"], "which dataset?"),
        (["fetch", "braestmnist"], "did you mean breastmnist"),
        (["fetch", "wisconsin", "--from", "."], "wisconsin is not built from images"),
        (["fetch", "wisconsin", "tissue-phantom", "--from", "."], "name that one"),
        (["fetch", "lc25000-lung-built", "--from", "nowhere"], "does not exist"),
        (["check", "99"], "no notebook '99'"),
        (["audit"], "Missing argument 'NAME|FOLDER|TABLE'"),
        (["audit", "braestmnist"], "did you mean breastmnist"),
        (["audit", "wisconsin", "--maximum", "0"], "0 is not in the range"),
        (["record"], "the record lacks the run of 03_rnn (mitdb, full, seed 0): `make record`"),
    ],
)
def test_misuse_is_one_line_and_exit_status_2(capsys, arguments, words):
    assert cli.run_command(arguments) == 2
    assert words in one_line(capsys)


@pytest.mark.parametrize(
    ("raised", "status", "printed"),
    [
        (
            execution.ExecutionError("06: cell train raised ValueError\n-> 3 x"),
            1,
            "06: cell train raised ValueError\n-> 3 x\n",
        ),
        (InputError("seed is -1"), 2, "medlab: seed is -1\n"),
        (KeyboardInterrupt(), 130, "medlab: interrupted\n"),
    ],
    ids=["failed", "bad input", "interrupted"],
)
def test_exit_status_of_execute(monkeypatch, capsys, raised, status, printed):
    def fail(notebook, parameters, output):
        raise raised

    monkeypatch.setattr(execution, "execute", fail)
    assert cli.run_command(["execute", "06"]) == status
    assert capsys.readouterr().err.strip() == printed.strip()


def test_execute_passes_parameters_as_typed(monkeypatch, capsys, tmp_path):
    seen = []
    monkeypatch.setattr(execution, "execute", lambda *given: seen.append(given) or tmp_path / "run")
    assert cli.run_command(["execute", "06", "-p", "seed", "007", "-p", "dataset", "a b", "--output", "out"]) == 0
    assert seen == [("06", {"seed": "007", "dataset": "a b"}, Path("out"))]
    assert capsys.readouterr().out == f"{tmp_path / 'run'}/report.html\n"


def test_list_shows_notebooks_datasets_and_runs(capsys, tmp_path):
    run = tmp_path / "reports/runs/06_tumor_diagnosis/tissue-phantom/quick-seed3"
    run.mkdir(parents=True)
    (run / "results.json").write_text("{}", encoding="utf-8")
    assert cli.run_command(["list"]) == 0
    text = capsys.readouterr().out
    words = [" ".join(line.split()) for line in text.splitlines()]
    assert "06_tumor_diagnosis 06 Tumor diagnosis" in words
    assert "public: breastmnist, pneumoniamnist, lc25000-lung" in words
    assert "reads 06_tumor_diagnosis" in words
    assert "breastmnist real, missing: medlab fetch breastmnist (0.6 MB)" in words
    assert "tissue-phantom synthetic, generated, always present" in words
    assert words[words.index("Runs (1)") + 1] == "06_tumor_diagnosis tissue-phantom quick seed 3"


def test_fetch_says_for_each_dataset_what_happened(monkeypatch, capsys, tmp_path):
    here = tmp_path / "data" / "pneumoniamnist.npz"
    here.parent.mkdir()
    here.write_bytes(bytes(2_500_000))

    def fetch(name):
        if name == "breastmnist":
            raise InputError("breastmnist: cannot get breastmnist.npz")
        return [here] if name == "pneumoniamnist" else []

    monkeypatch.setattr(download, "fetch", fetch)
    assert cli.run_command(["fetch", "breastmnist", "pneumoniamnist", "wisconsin"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "medlab: breastmnist: cannot get breastmnist.npz\n"
    assert captured.out.splitlines() == [
        "pneumoniamnist: present, 2.5 MB, checksum verified",
        "wisconsin: nothing to fetch, it is embedded",
    ]


def test_fetch_public_is_what_the_public_rows_need(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(download, "fetch", lambda name: asked.append(name) or [])
    assert cli.run_command(["fetch", "--public", "breastmnist"]) == 0
    assert len(asked) == len(set(asked))
    assert {"breastmnist", "pneumoniamnist", "lc25000-lung"} <= set(asked) <= set(catalog.names())
    assert "tissue-phantom" not in asked


@pytest.mark.skipif(not MIRROR, reason="needs real data: set MEDLAB_MIRROR")
def test_fetch_from_a_mirror(tmp_path):
    environment = {**os.environ, "MEDLAB_MIRROR": MIRROR, "MEDLAB_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "helpers.cli", "fetch", "breastmnist"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "breastmnist: present, 0.6 MB, checksum verified\n")
    assert [path.name for path in tmp_path.rglob("*.npz")] == ["breastmnist.npz"]


def test_check_lists_problems_and_exits_1(capsys):
    assert cli.run_command(["check", str(FIXTURES / "97_broken_rules.ipynb")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(line.startswith("97_broken_rules: ") for line in lines[:-1])
    assert lines[-1] == f"1 notebooks, {len(lines) - 1} problems"


def test_site_of_no_runs_is_a_page(capsys, tmp_path):
    assert cli.run_command(["site"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'reports' / 'index.html'}\n"
    assert (tmp_path / "reports/index.html").is_file()
    assert isinstance(json.loads((tmp_path / "reports/manifest.json").read_text(encoding="utf-8")), dict)


def test_outside_of_a_checkout_and_into_a_closed_pipe(tmp_path):
    answer = subprocess.run(
        f"{sys.executable} -m helpers.cli list | head -1",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout == "Notebooks\n"
    assert answer.stderr == ""
