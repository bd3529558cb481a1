"""Several processes that work together on this machine: when one of them fails, all of them end, and none outlives us."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from helpers.training.flower import FederationError

SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_TO_END = 5.0


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens at now."""
    with socket.socket() as attempt:
        attempt.bind((host, 0))
        return attempt.getsockname()[1]


def run_together(commands: Mapping[str, Sequence[str]], speaker: str, patience: float) -> None:
    """Run processes at the same time until all of them have ended well.

    Their temporary files lie in a folder of ours, because who is ended from outside does not clean up.

    Args:
        commands: name for people to command; where several fail at once, the last is blamed first.
        speaker: the one whose standard output is shown.
        patience: seconds for all of it.

    Raises:
        FederationError: one of them failed, with its own last line; or time was up. All others are ended.
    """
    with tempfile.TemporaryDirectory(prefix="medlab-federated-") as folder, _ending_on_signals():
        processes: dict[str, subprocess.Popen] = {}
        errors = {name: Path(folder) / str(place) for place, name in enumerate(commands)}
        try:
            for name, command in commands.items():
                with errors[name].open("wb") as error:
                    processes[name] = subprocess.Popen(
                        _bound_to_us(command),
                        stdin=subprocess.DEVNULL,
                        stdout=None if name == speaker else subprocess.DEVNULL,
                        stderr=error,
                        env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)},
                    )
            _wait(processes, errors, time.monotonic() + patience, patience)
        finally:
            _end(processes.values())


def _wait(
    processes: Mapping[str, subprocess.Popen], errors: Mapping[str, Path], deadline: float, patience: float
) -> None:
    running = dict(processes)
    while running:
        for name in reversed(list(running)):
            status = running[name].poll()
            if status is None:
                continue
            del running[name]
            if status:
                raise FederationError(f"{name} failed: {_reason(status, errors[name])}")
        if time.monotonic() > deadline:
            raise FederationError(f"not done after {patience:g} s: {', '.join(running)}")
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _reason(status: int, errors: Path) -> str:
    """The last line a process wrote, or else how it ended."""
    if status < 0:
        return f"its process was ended by {signal.Signals(-status).name}"
    lines = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("medlab: ") if lines else f"its process ended with status {status}"


def _bound_to_us(command: Sequence[str]) -> list[str]:
    """On Linux the system ends a process when its parent is gone, even by a kill that nobody can react to."""
    if sys.platform == "linux" and (setpriv := shutil.which("setpriv")):
        return [setpriv, "--pdeathsig", "TERM", *command]
    return list(command)


def _end(processes: Sequence[subprocess.Popen]) -> None:
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + SECONDS_TO_END
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _ending_on_signals() -> Iterator[None]:
    """A plain TERM or a closed terminal would end us at once and leave the others: let it unwind like Ctrl-C."""

    def leave(number, frame):
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if os.name == "posix" else [])]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
