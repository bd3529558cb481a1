"""Strict execution: input checked before a kernel starts, nothing half-written, no path in what is kept."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest
from PIL import Image

from helpers import runtime
from helpers.budgets import budgets
from helpers.report import documents, execution, kernels, staging
from helpers.runtime import InputError

FIXTURES = Path(__file__).parent / "fixtures"
SOURCE = Path(runtime.__file__).parents[1]


@pytest.fixture(autouse=True)
def sandbox(tmp_path_factory, monkeypatch):
    """Reports in a temporary folder, budgets for the fixture notebooks."""
    budget_folder = tmp_path_factory.mktemp("budgets")
    for path in FIXTURES.glob("*.ipynb"):
        (budget_folder / f"{path.stem}.toml").write_text("[quick]\ntiles = 1\n[full]\ntiles = 2\n")
    reports = tmp_path_factory.mktemp("reports")
    monkeypatch.setattr(budgets, "FOLDER", budget_folder)
    monkeypatch.setenv("MEDLAB_REPORTS", str(reports))
    return reports


def run(name, progress=None, **parameters):
    lines = [] if progress is None else progress
    given = {key: str(value) for key, value in parameters.items()}
    return execution.execute(FIXTURES / f"{name}.ipynb", given, progress=lines.append)


def everything_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# Wrong input: no kernel starts, nothing is left behind


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sead": 1}, "89_second has no parameter 'sead'; did you mean 'seed'; it has profile, dataset, seed, output"),
        ({"seed": "one"}, "seed is 'one': it takes a whole number"),
        ({"seed": "1.5"}, "seed is '1.5': it takes a whole number"),
        ({"seed": -1}, "seed is -1"),
        ({"profile": "fast"}, "unknown profile 'fast': 89_second has quick and full"),
        ({"dataset": "no-such-data"}, "no-such-data"),
    ],
)
def test_wrong_input_is_one_line_and_leaves_nothing(sandbox, parameters, message):
    with pytest.raises(InputError) as error:
        run("89_second", **parameters)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert everything_below(sandbox) == []


def test_an_input_error_of_the_notebook_leaves_nothing(sandbox):
    with pytest.raises(InputError, match="no images in the folder: give one that holds PNG files"):
        run("93_input_error")
    assert everything_below(sandbox) == []


def test_a_folder_that_is_no_run_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="is no run folder"):
        execution.execute(FIXTURES / "89_second.ipynb", {}, output=tmp_path, progress=print)
    assert everything_below(tmp_path) == ["thesis.txt"]


# A run that succeeds


def test_a_run_leaves_its_folder_and_tells_its_progress(sandbox):
    lines = []
    folder = run("89_second", lines, seed=7)
    assert folder == sandbox / "runs" / "89_second" / "tissue-phantom" / "quick-seed7"
    assert everything_below(folder) == ["executed.ipynb", "report.html", "results.json"]
    assert everything_below(folder.parent) == [
        "quick-seed7",
        *[f"quick-seed7/{name}" for name in everything_below(folder)],
    ]
    document = json.loads((folder / "results.json").read_text())
    assert document["seed"] == 7
    spent = document["execution"]
    assert 0 < spent["cpu_seconds"] < 60 and 0 < spent["seconds"] < 60
    assert 20 < spent["peak_memory_megabytes"] < 4000
    assert [line.split()[:2] for line in lines] == [
        ["[1/4]", "parameters"],
        ["[2/4]", "injected-parameters"],
        ["[3/4]", "setup"],
        ["[4/4]", "write-results"],
    ]
    assert execution.standard_error(folder) == []


def test_an_evaluation_leaves_its_documents_and_a_run_is_kept_when_they_cannot_be_made(sandbox, monkeypatch):
    for module in (execution, documents):
        monkeypatch.setattr(module, "EVALUATION", "89_second")
    folder = run("89_second", seed=7)
    assert {"checklist.html", "checklist.json", "datasheet.html"} <= set(everything_below(folder))
    assert '<a href="checklist.html">Reporting checklist</a>' in (folder / "report.html").read_text()
    recorded = nbformat.read(folder / "executed.ipynb", 4).metadata["medlab"]
    assert recorded["sizes"] == {"tiles": 1}
    training = sandbox / "runs" / "06_tumor_diagnosis" / "tissue-phantom" / "quick-seed7"
    training.mkdir(parents=True)
    (training / "results.json").write_text("{")
    lines = []
    assert run("89_second", lines, seed=7) == folder
    assert "checklist.html" not in everything_below(folder) and "report.html" in everything_below(folder)
    assert [line for line in lines if "no reporting checklist: results.json of run quick-seed7 is not JSON" in line]


def test_two_runs_leave_the_same_notebook_and_report(sandbox):
    first = run("89_second")
    kept = {name: (first / name).read_bytes() for name in ("executed.ipynb", "report.html")}
    second = run("89_second")
    assert {name: (second / name).read_bytes() for name in kept} == kept


def test_the_kernel_is_this_interpreter_even_if_another_kernel_is_installed(tmp_path, monkeypatch, sandbox):
    decoy = tmp_path / "kernels" / "python3"
    decoy.mkdir(parents=True)
    (decoy / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert (run("89_second") / "results.json").is_file()


def test_no_path_of_this_machine_is_kept(tmp_path, sandbox, monkeypatch):
    images = tmp_path / "Patient_Miller_1956"
    for label in ("benign", "malignant"):
        (images / label).mkdir(parents=True)
        for number in range(3):
            pixels = np.full((16, 16), 40 * number, dtype=np.uint8)
            Image.fromarray(pixels).save(images / label / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    folder = run("99_noisy", dataset="./Patient_Miller_1956")
    assert folder.parent.name.startswith("own-images-")
    for name in ("executed.ipynb", "report.html", "results.json"):
        content = (folder / name).read_text(encoding="utf-8")
        for secret in (
            "Patient_Miller",
            str(tmp_path),
            str(Path.home()) + "/",
            str(runtime.project_root()),
            "partial-",
        ):
            assert secret not in content, (name, secret)
    injected = [cell for cell in nbformat.read(folder / "executed.ipynb", 4).cells if cell.id == "injected-parameters"]
    assert f'dataset = "{folder.parent.name}"' in injected[0].source and 'output = ""' in injected[0].source


def test_what_goes_to_stderr_is_recorded_and_reported(sandbox):
    lines = []
    folder = run("99_noisy", lines)
    recorded = execution.standard_error(folder)
    assert [entry["cell"] for entry in recorded] == ["noise"]
    assert "UserWarning: deprecated" in recorded[0]["text"]
    assert [line for line in lines if line.startswith("warning: noise wrote to stderr")]


# A run that fails


def test_a_failing_cell_shows_the_line_and_keeps_the_half_run(sandbox):
    with pytest.raises(execution.ExecutionError) as error:
        run("92_raises")
    text = str(error.value)
    assert "92_raises: cell train-model raised ValueError" in text
    assert '->   4  raise ValueError("the loss is not a number")' in text
    assert "ValueError: the loss is not a number" in text
    assert "\x1b" not in text
    kept = sandbox / "runs" / "92_raises" / "tissue-phantom" / "quick-seed0.failed"
    assert everything_below(kept.parent) == [
        "quick-seed0.failed",
        "quick-seed0.failed/executed.ipynb",
        "quick-seed0.failed/report.html",
    ]
    executed = nbformat.read(kept / "executed.ipynb", 4)
    cell = next(cell for cell in executed.cells if cell.id == "train-model")
    assert cell.outputs[0].text == "before\n" and cell.outputs[1].ename == "ValueError"
    assert not any("papermill-error" in tag for cell in executed.cells for tag in cell.metadata.get("tags", []))
    assert "Failed run." in (kept / "report.html").read_text()


def test_a_kernel_that_dies_ends_the_run_and_is_named(sandbox):
    with pytest.raises(execution.ExecutionError, match="94_dies: the kernel died in cell train-model, by SIGABRT"):
        run("94_dies")


def test_an_identity_that_does_not_hold_fails_the_run(sandbox):
    with pytest.raises(execution.ExecutionError, match="same: NumPy and Keras agree to 1e-6"):
        run("98_identity_fails")
    assert not (sandbox / "runs" / "98_identity_fails" / "tissue-phantom" / "quick-seed0").exists()


def test_a_failure_keeps_the_earlier_result_and_a_success_removes_the_failed_copy(sandbox, tmp_path):
    folder = run("89_second")
    before = (folder / "results.json").read_bytes()
    broken = tmp_path / "89_second.ipynb"
    notebook = nbformat.read(FIXTURES / "89_second.ipynb", 4)
    notebook.cells[-1].source += "\nraise RuntimeError('late')"
    nbformat.write(notebook, broken)
    with pytest.raises(execution.ExecutionError, match="late"):
        execution.execute(broken, {}, progress=print)
    assert (folder / "results.json").read_bytes() == before
    assert execution.failed_folder(folder).is_dir()
    run("89_second")
    assert not execution.failed_folder(folder).exists()


# Processes


DRIVER = """
import sys
from pathlib import Path
from helpers.budgets import budgets
budgets.FOLDER = Path(sys.argv[1])
from helpers.report import execution
execution.execute(sys.argv[2], {"seed": sys.argv[3]})
"""


@pytest.fixture
def start(sandbox):
    """Start the executor in a process of its own; stops what is left of it."""
    processes = []

    def launch(name, seed):
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
        command = [sys.executable, "-c", DRIVER, str(budgets.FOLDER), str(FIXTURES / f"{name}.ipynb"), str(seed)]
        # A job in the background of a shell ignores SIGINT and hands that down; a person's terminal does not.
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=_listen_to_interrupts
        )
        processes.append(process)
        return process

    yield launch
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _listen_to_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def kernel_of(process):
    """The kernel, once the notebook has reached its third cell."""
    for line in process.stderr:
        if "setup" in line:
            break
    return next(child for child in psutil.Process(process.pid).children() if "ipykernel_launcher" in child.cmdline())


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ending_an_executor_ends_its_kernel_and_no_other(start, sandbox):
    """Three notebooks at a time, each ended in another way; the kernels run in parallel until then."""
    signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
    processes = [start("88_slow", seed) for seed in range(len(signals))]
    running = [kernel_of(process) for process in processes]
    for number, process, kernel in zip(signals, processes, list(running), strict=True):
        assert all(other.is_running() for other in running)
        process.send_signal(number)
        process.wait(timeout=30)
        assert process.returncode != 0
        psutil.wait_procs([kernel], timeout=20)
        assert not kernel.is_running()
        running.remove(kernel)
    left = [name for name in everything_below(sandbox / "runs" / "88_slow" / "tissue-phantom") if "/" not in name]
    assert [name.split("-")[0] for name in left] == [".quick"] and ".quick-seed0.partial-" in left[0]


def test_leftovers_of_a_dead_process_are_swept_and_others_stay(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    host = staging._owner().rsplit("-", 1)[0]
    names = {
        "dead": f".quick-seed0.partial-{host}-{gone.pid}",
        "alive": f".quick-seed0.partial-{host}-{os.getppid()}",
        "elsewhere": f".quick-seed0.partial-other-{gone.pid}",
        "another run": f".quick-seed1.partial-{host}-{gone.pid}",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
    staging.sweep(tmp_path / "quick-seed0")
    assert everything_below(tmp_path) == sorted(name for kind, name in names.items() if kind != "dead")
    old = time.time() - 3 * 86400
    os.utime(tmp_path / names["elsewhere"], (old, old))
    staging.sweep(tmp_path / "quick-seed0")
    assert not (tmp_path / names["elsewhere"]).exists()


def test_a_result_caught_in_the_swap_is_put_back(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    aside = tmp_path / f".quick-seed0.replaced-{staging._owner().rsplit('-', 1)[0]}-{gone.pid}"
    aside.mkdir()
    (aside / "results.json").write_text("{}")
    staging.sweep(tmp_path / "quick-seed0")
    assert everything_below(tmp_path) == ["quick-seed0", "quick-seed0/results.json"]


def test_a_kernel_finds_no_start_up_files_and_one_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("MEDLAB_THREADS", "3")
    environment = kernels.kernel_environment(tmp_path)
    assert environment["PYTHONPATH"].split(os.pathsep) == [str(SOURCE), "/elsewhere"]
    assert environment["MPLBACKEND"] == kernels.INLINE_BACKEND
    assert environment["OMP_NUM_THREADS"] == environment["MEDLAB_THREADS"] == "3"
    assert environment["IPYTHONDIR"] == str(tmp_path / "ipython")
    assert environment["PYTHONHASHSEED"] == "0"
