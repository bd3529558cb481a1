"""Replace a run folder at once: work in a folder beside it, rename at the end, never leave half a result.

``.NAME.partial-HOST-PID`` is the folder in work, ``.NAME.replaced-HOST-PID`` the old result in the instant of the swap.
The host is part of the name because compute nodes share a file system but not their process ids.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from helpers.runtime import InputError

# A run of another host is taken for dead when nothing in its folder has changed for this long.
SECONDS_UNTIL_STALE = 2 * 86400


def _owner() -> str:
    return f"{re.sub(r'[^A-Za-z0-9]', '', platform.node()) or 'host'}-{os.getpid()}"


@contextmanager
def staged_folder(final: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of ``final`` when the block ends well, and vanishes when it does not.

    Raises:
        InputError: ``final`` exists and is not a run folder; it will not be overwritten.
    """
    if final.exists() and not _may_be_replaced(final):
        raise InputError(f"{final.name} exists and is no run folder: choose another output folder")
    created = [folder for folder in final.parents if not folder.exists()]
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        sweep(final)
        staged = final.with_name(f".{final.name}.partial-{_owner()}")
        staged.mkdir()
    except OSError as error:
        raise InputError(f"cannot write to the folder of {final.name}: {error.strerror}") from None
    try:
        yield staged
        replace_folder(staged, final)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        for folder in created:
            with suppress(OSError):  # not empty: something was kept
                folder.rmdir()


def _may_be_replaced(final: Path) -> bool:
    if not final.is_dir():
        return False
    names = {entry.name for entry in final.iterdir()}
    # The folder of all reports holds a results.json too, the record; a run, also one made in JupyterLab, holds more.
    is_run = "results.json" in names and names & {"report.html", "predictions.npz", "model"}
    return not names or bool(is_run) or "executed.ipynb" in names


def replace_folder(staged: Path, final: Path) -> None:
    """Put ``staged`` where ``final`` is; the old one goes only once the new one stands."""
    aside = final.with_name(f".{final.name}.replaced-{_owner()}")
    if final.exists():
        final.rename(aside)
    staged.rename(final)
    shutil.rmtree(aside, ignore_errors=True)


def sweep(final: Path) -> None:
    """Remove what killed runs left beside ``final``; a result caught in the middle of the swap is put back."""
    for entry in final.parent.glob(f".{final.name}.*-*-*"):
        kind, host, process = entry.name.removeprefix(f".{final.name}.").rsplit("-", 2)
        if kind not in ("partial", "replaced") or not process.isdigit() or _in_use(entry, f"{host}-{process}"):
            continue
        if kind == "replaced" and not final.exists():
            entry.rename(final)
        else:
            shutil.rmtree(entry, ignore_errors=True)


def _in_use(entry: Path, owner: str) -> bool:
    host, process = owner.rsplit("-", 1)
    if owner == _owner():
        return False  # in containers process ids repeat: a leftover that bears our own id is not ours
    if host == _owner().rsplit("-", 1)[0]:
        return psutil.pid_exists(int(process))
    return time.time() - entry.stat().st_mtime < SECONDS_UNTIL_STALE
