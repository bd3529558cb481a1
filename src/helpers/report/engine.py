"""papermill's engine for strict runs: a private kernel, no time limit, one line per cell."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import papermill
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.execute import remove_error_markers

from helpers.report.kernels import Kernel

NAME = "medlab"
START_SECONDS = 120
INJECTED = "injected-parameters"


class Execution:
    """What happens while a notebook runs, kept where the engine and its caller both see it."""

    def __init__(self, kernel: Kernel, progress: Callable[[str], None]) -> None:
        self.kernel = kernel
        self.progress = progress
        self.notebook: NotebookNode | None = None
        self.running: NotebookNode | None = None
        self._done = 0
        self._started = 0.0

    def cell_starts(self, cell: NotebookNode, cell_index: int) -> None:
        self.running, self._started = cell, time.monotonic()

    def cell_ends(self, cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
        self._done += 1
        total = sum(entry.cell_type == "code" and bool(entry.source.strip()) for entry in self.notebook.cells)
        seconds = time.monotonic() - self._started
        self.progress(f"[{self._done:>{len(str(total))}}/{total}] {cell.id:<30} {seconds:6.1f} s")
        self.kernel.sample()


class StrictEngine(Engine):
    """papermill engine: nbclient with a private kernel, no time limit, and a line per cell instead of a bar."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, execution: Execution, folder: Path, **_) -> None:
        execution.notebook = nb_man.nb
        for cell in nb_man.nb.cells:
            if INJECTED in cell.metadata.get("tags", []):
                cell.id = INJECTED  # papermill draws a random id, and the same run shall give the same file
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=execution.kernel.manager_class,
            timeout=None,
            startup_timeout=START_SECONDS,
            shell_timeout_interval=1,  # a dead kernel is noticed within a second instead of five
            shutdown_kernel="immediate",  # with its whole process group; the results are written by then
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,  # how often a stream was flushed must not change the notebook
            on_cell_execute=execution.cell_starts,
            on_cell_executed=execution.cell_ends,
        )
        client.execute(env=execution.kernel.environment, cwd=str(folder))


def run_papermill(notebook: NotebookNode, parameters: dict, execution: Execution, folder: Path) -> None:
    """Run a notebook with parameters; ``execution.notebook`` holds what ran, also after an error.

    Args:
        notebook: as read from its file.
        parameters: values to inject, with their types.
        execution: kernel to use, and where to report.
        folder: working directory of the kernel.

    Raises:
        PapermillExecutionError: a cell raised.
        DeadKernelError: the kernel process ended.
    """
    papermill_engines.register(NAME, StrictEngine)
    try:
        papermill.execute_notebook(
            notebook,
            None,
            parameters=parameters,
            engine_name=NAME,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            cwd=str(folder),
            execution=execution,
            folder=folder,
        )
    finally:
        if execution.notebook is not None:
            execution.notebook = remove_error_markers(execution.notebook)
