"""Kernels for headless execution: the running interpreter, private sockets, a clean environment.

Three things go wrong with default kernels in a batch: a kernel spec named ``python3`` may belong to another
environment, the default IPC address is a file in the working directory so that parallel runs take each other's sockets,
and TCP makes ipykernel 7 warn on stderr. Here every kernel runs ``sys.executable`` and talks through sockets in a
folder of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from helpers import runtime

INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
PREFIX = "medlab-kernel-"
# Unix sockets have paths of at most 107 bytes (103 on macOS); our own part is about 40 of them.
LONGEST_PARENT = 60


def kernel_environment(folder: Path) -> dict[str, str]:
    """Environment of a kernel: ours, plus what makes a run quiet and the same everywhere.

    Args:
        folder: private folder of this kernel; IPython looks for start-up files there and so finds none of the user's.
    """
    source = str(Path(runtime.__file__).resolve().parents[1])
    inherited = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != source]
    threads = str(runtime.default_threads())
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([source, *inherited]),
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLBACKEND": INLINE_BACKEND,
        "MEDLAB_THREADS": threads,
        # absolute, because the kernel does not stand where the caller stood
        "MEDLAB_DATA": str(runtime.data_root()),
        "MEDLAB_REPORTS": str(runtime.reports_root()),
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


class PrivateKernelManager(AsyncKernelManager):
    """Starts ``sys.executable`` as the kernel, without searching for kernel specs; see :func:`private_kernel`."""

    kernel: Kernel

    def __init__(self, **options) -> None:
        if os.name == "posix":
            options.update(transport="ipc", ip=str(self.kernel.folder / "k"))
        super().__init__(connection_file=str(self.kernel.folder / "connection.json"), **options)

    @property
    def kernel_spec(self) -> KernelSpec:
        """A spec made on the spot; jupyter_client would otherwise search the user's and the system's folders."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")

    async def _async_start_kernel(self, **options) -> None:
        with (self.kernel.folder / "stderr").open("ab") as stream:
            await super()._async_start_kernel(stderr=stream, **options)
        self.kernel.process = self.provisioner.process

    start_kernel = _async_start_kernel

    async def _async_interrupt_kernel(self) -> None:
        # jupyter_client interrupts every kernel that it shuts down; an idle one answers with an error on stderr.
        if not self.shutting_down:
            await super()._async_interrupt_kernel()

    interrupt_kernel = _async_interrupt_kernel


@dataclass
class Kernel:
    """What a kernel leaves behind for us: its own stderr and the resources it used.

    Attributes:
        folder: private folder with connection file and sockets; gone when the context ends.
        environment: variables to start the kernel with.
        process: the kernel's process, once started.
        cpu_seconds: user and system time of the kernel and its children, start-up included.
        peak_memory_megabytes: largest resident memory.
    """

    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    cpu_seconds: float = 0.0
    peak_memory_megabytes: float = 0.0

    @property
    def manager_class(self) -> type[PrivateKernelManager]:
        """Kernel manager class for nbclient, which wants a class and not an object."""
        return type("BoundKernelManager", (PrivateKernelManager,), {"kernel": self})

    def sample(self) -> None:
        """Read CPU time and memory of the running kernel; silently keeps the last reading when it is gone."""
        if self.process is None:
            return
        try:
            process = psutil.Process(self.process.pid)
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.Error:
            return
        used = times.user + times.system + getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        self.cpu_seconds = max(self.cpu_seconds, used)
        # Windows counts the peak itself; Linux writes it in /proc; elsewhere the samples after each cell must do.
        resident = getattr(memory, "peak_wset", memory.rss) / 1024**2
        self.peak_memory_megabytes = max(self.peak_memory_megabytes, resident, _high_water_mark(self.process.pid))

    def cause_of_death(self) -> str:
        """How the kernel process ended, in words."""
        status = self.process.poll() if self.process else None
        if status is None:
            return "it gave no reason"
        if status >= 0:
            return f"it ended with status {status}"
        name = signal.Signals(-status).name
        hints = {
            "SIGKILL": "out of memory, perhaps",
            "SIGSEGV": "a crash in compiled code",
            "SIGABRT": "a crash in compiled code",
        }
        return f"by {name}" + (f": {hints[name]}" if name in hints else "")

    def standard_error(self) -> str:
        """What the kernel process itself wrote to stderr, outside of any cell."""
        return (self.folder / "stderr").read_text(encoding="utf-8", errors="replace").strip()


def _high_water_mark(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, flags=re.MULTILINE)
    return int(found.group(1)) / 1024 if found else 0.0


@contextmanager
def private_kernel() -> Iterator[Kernel]:
    """A kernel that lives in a folder of its own; the folder is removed at the end.

    A process that was killed leaves its folder behind; the next one sweeps it. The kernel itself ends within about a
    second of its parent (ipykernel watches ``JPY_PARENT_PID``, which jupyter_client sets).
    """
    parent = Path(tempfile.gettempdir())
    if os.name == "posix" and len(str(parent)) > LONGEST_PARENT:
        parent = Path("/tmp")
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))

    kernel = Kernel(folder, environment=kernel_environment(folder))
    (folder / "stderr").touch()
    try:
        yield kernel
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove folders of processes that no longer run and are ours to remove."""
    for entry in parent.glob(f"{PREFIX}*"):
        owner = entry.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(entry, ignore_errors=True)
