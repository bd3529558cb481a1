"""Run one notebook, strictly: checked parameters, a private kernel, nothing half-written, no path in the results."""

from __future__ import annotations

import hashlib
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from helpers import budgets, runtime
from helpers.report import documents, export, notebooks, results
from helpers.report.checklists.gathering import EVALUATION, TRAINING, TRAINING_PARAMETER
from helpers.report.engine import Execution, run_papermill
from helpers.report.kernels import private_kernel
from helpers.report.redaction import clean_notebook, redact_document, redactor
from helpers.report.run_plan import Plan, make_plan
from helpers.report.staging import replace_folder, staged_folder
from helpers.runtime import InputError

TRACEBACK_LINES = 14


class ExecutionError(RuntimeError):
    """A notebook ran and failed; the text is meant for a terminal and says where and why."""


def execute(
    notebook: str | Path,
    parameters: dict[str, str],
    output: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Run a notebook and leave its run folder: ``executed.ipynb``, ``report.html``, ``results.json`` and what it wrote.

    Args:
        notebook: number, name or path.
        parameters: names and values as typed on a command line.
        output: where the run folder shall lie; None for the place that belongs to notebook, data, profile and seed.
        progress: receives a line per cell and per finding; None prints them to stderr.

    Returns:
        The run folder. An earlier one is replaced only if this run succeeds.

    Raises:
        InputError: the input is wrong; nothing was left behind.
        ExecutionError: the notebook failed; the half-run copy lies in ``<run folder>.failed``.
    """
    progress = progress or _print_to_stderr
    plan = make_plan(notebook, parameters, output)
    with _termination_as_exit(), staged_folder(plan.final) as staged:
        redact = redactor(plan, staged)
        started = time.monotonic()
        with private_kernel() as kernel:
            execution = Execution(kernel, progress)
            failure = _run(plan, staged, execution)
            own_words = kernel.standard_error()
        executed = clean_notebook(execution.notebook or notebooks.read(plan.path), plan, redact)
        executed.metadata["medlab"] = {
            **{"notebook": plan.name, "variant": plan.variant, "profile": plan.profile, "seed": plan.seed},
            "parameters": plan.shown,
            "fingerprint": fingerprint(plan.path),
            "sizes": vars(budgets.load_budget(plan.name, plan.profile, plan.variant)),
            "standard_error": _standard_error(executed, redact(own_words)),
        }
        for entry in executed.metadata["medlab"]["standard_error"]:
            progress(f"warning: {entry['cell'] or 'the kernel'} wrote to stderr: {entry['text'].splitlines()[0][:160]}")
        try:
            if failure:
                raise failure
            document = _checked_results(staged, plan)
            document["execution"] = {
                "seconds": round(time.monotonic() - started, 2),
                "cpu_seconds": round(kernel.cpu_seconds, 2),
                "peak_memory_megabytes": round(kernel.peak_memory_megabytes, 1),
            }
            document = redact_document(document, redact)
            results.write_json(document, staged / "results.json")
            nbformat.write(executed, staged / "executed.ipynb")
            for note in (*_write_documents(plan, staged), *_export(executed, document, staged)):
                progress(f"warning: {note}")
        except ExecutionError as error:
            kept = _keep_failed(executed, plan)
            raise ExecutionError(f"{redact(str(error))}\nthe half-run copy is kept in {kept}") from None
    shutil.rmtree(failed_folder(plan.final), ignore_errors=True)
    return plan.final


def failed_folder(final: Path) -> Path:
    """Where the half-run copy of a failed run lies."""
    return final.with_name(f"{final.name}.failed")


def fingerprint(notebook: Path) -> dict[str, str]:
    """SHA-256 of what decides about a run's numbers: the notebook, the helpers it imports, the lock file."""
    lock = runtime.project_root() / "requirements.lock"
    modules = hashlib.sha256()
    for path in notebooks.helper_modules(notebook):
        modules.update(path.name.encode() + b"\0" + path.read_bytes())
    return {
        "notebook": hashlib.sha256(Path(notebook).read_bytes()).hexdigest(),
        "helpers": modules.hexdigest(),
        "lock": hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else "",
    }


def standard_error(folder: Path) -> list[dict[str, str]]:
    """What a run wrote to stderr: cell id (empty for the kernel itself) and text; an empty list is the goal."""
    notebook = notebooks.read(Path(folder) / "executed.ipynb")
    return [dict(entry) for entry in notebook.metadata.get("medlab", {}).get("standard_error", [])]


def _print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _termination_as_exit() -> Iterator[None]:
    """SIGTERM (a batch system that cancels a job) ends us through the ``finally`` blocks, which stop the kernel."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number, frame):
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(plan: Plan, staged: Path, execution: Execution) -> ExecutionError | None:
    """Let papermill run the notebook; returns the failure, so that the caller can keep what there is."""
    try:
        run_papermill(
            notebooks.read(plan.path), {**plan.given, "output": str(staged)}, execution, runtime.project_root()
        )
    except PapermillExecutionError as error:
        if error.ename == "InputError":
            raise InputError(strip_ansi(error.evalue)) from None
        return ExecutionError(_failure_text(plan, execution.running, error))
    except DeadKernelError:
        where = f"in cell {execution.running.id}" if execution.running else "at its start"
        words = "\n".join(execution.kernel.standard_error().splitlines()[:TRACEBACK_LINES])
        return ExecutionError(
            f"{plan.name}: the kernel died {where}, {execution.kernel.cause_of_death()}\n{words}".rstrip()
        )
    except (CellExecutionError, CellTimeoutError, RuntimeError) as error:
        return ExecutionError(f"{plan.name}: the kernel could not run the notebook\n{error}")
    return None


def _failure_text(plan: Plan, cell: NotebookNode, error: PapermillExecutionError) -> str:
    """The cell with an arrow at the failing line, and the end of the traceback."""
    traceback = strip_ansi("\n".join(error.traceback))
    lines = re.findall(rf"Cell In\[{error.exec_count}\], line (\d+)", traceback)
    failing = int(lines[-1]) if lines else 0
    source = [
        f"{'->' if number == failing else '  '} {number:3}  {line}"
        for number, line in enumerate(cell.source.splitlines(), 1)
    ]
    tail = traceback.rstrip().splitlines()[-TRACEBACK_LINES:]
    return "\n".join([f"{plan.name}: cell {cell.id} raised {error.ename}", "", *source, "", *tail])


def _standard_error(executed: NotebookNode, own_words: str) -> list[dict[str, str]]:
    """Streams named stderr of every cell, and what the kernel wrote to its own stderr besides."""
    found = []
    for cell in executed.cells:
        text = "".join(output.text for output in cell.get("outputs", []) if output.get("name") == "stderr")
        if text.strip():
            found.append({"cell": cell.id, "text": text})
    # ipykernel copies what C code writes to descriptor 2 into the cell's stream; such lines count once.
    seen = {line for entry in found for line in entry["text"].splitlines()}
    rest = [line for line in own_words.splitlines() if line.strip() and not any(line in known for known in seen)]
    return [*found, {"cell": "", "text": "\n".join(rest)}] if rest else found


def _checked_results(staged: Path, plan: Plan) -> dict:
    """results.json of the run, which must fit the schema, the run, and its own identity claims."""
    try:
        document = results.load(staged)
    except InputError as error:
        raise ExecutionError(f"{plan.name}: {error}".replace(staged.name, plan.final.name)) from None
    for key, value in (
        ("notebook", plan.name),
        ("variant", plan.variant),
        ("profile", plan.profile),
        ("seed", plan.seed),
    ):
        if document[key] != value:
            raise ExecutionError(f"{plan.name}: results.json says {key} {document[key]!r}, but the run is {value!r}")
    broken = [claim for claim in document["claims"] if claim["kind"] == "identity" and not claim["holds"]]
    if broken:
        listed = "\n".join(f"  {claim['name']}: {claim['sentence']}" for claim in broken)
        raise ExecutionError(f"{plan.name}: a claim that must hold in every run does not hold\n{listed}")
    return document


def _write_documents(plan: Plan, staged: Path) -> list[str]:
    """Checklist and cards of an evaluation; a run is worth keeping without them."""
    if plan.name != EVALUATION:
        return []
    given = plan.effective.get(TRAINING_PARAMETER)
    training = Path(given) if given else results.run_folder(TRAINING, plan.variant, plan.profile, plan.seed)
    try:
        documents.write_documents(staged, training)
    except InputError as error:
        return [f"no reporting checklist: {error}"]
    return []


def _export(executed: NotebookNode, document: dict, staged: Path) -> list[str]:
    try:
        return export.export_html(executed, document, staged / "report.html")
    except InputError as error:
        raise ExecutionError(f"{document['notebook']}: the report cannot be made: {error}") from None


def _keep_failed(executed: NotebookNode, plan: Plan) -> Path:
    """Keep the executed cells and, where it can be made, their report, so that the failure can be looked at."""
    kept = failed_folder(plan.final)
    staged = plan.final.with_name(f".{plan.final.name}.failed-part")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    nbformat.write(executed, staged / "executed.ipynb")
    try:
        export.export_html(executed, None, staged / "report.html")
    except InputError:
        (staged / "report.html").unlink(missing_ok=True)
    replace_folder(staged, kept)
    return kept
