"""The call of Snakemake: its options, its lock, its silence. ``medlab run`` is the only door to it.

The plan travels as a few words of configuration, because ``workflow/Snakefile`` is read again on every node of a cluster.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from helpers.report.batch import Plan
from helpers.runtime import InputError

SNAKEFILE = "workflow/Snakefile"
PROFILE_FOLDER = "workflow/profiles"
STATE_FOLDER = ".snakemake"
EXIT_INTERRUPTED = 130


def job_prefix() -> str:
    """What stands before the command of a job.

    ``exec`` saves a shell; ``setpriv --pdeathsig`` (Linux) ends the job when Snakemake is killed, so that nothing goes
    on computing that nobody waits for.
    """
    if sys.platform == "linux" and shutil.which("setpriv"):
        return "exec setpriv --pdeathsig TERM"
    return "exec"


def run(plan: Plan, table: str, cores: int, dry_run: bool = False, where: str = "default") -> int:
    """Bring every run of the plan up to date with Snakemake.

    Args:
        plan: from :func:`make_plan`.
        table: the table the plan was made from.
        cores: runs at the same time.
        dry_run: say what would run, and why.
        where: folder of ``workflow/profiles`` that says where jobs run.

    Returns:
        0 when everything is up to date, 1 when a run failed (the others were finished), 130 when interrupted.
    """
    plan.require_data()
    _fix_folders()
    profiles = plan.root / PROFILE_FOLDER
    if not (profiles / where / "config.yaml").is_file():
        known = ", ".join(sorted(path.parent.name for path in profiles.glob("*/config.yaml")))
        raise InputError(f"no profile {where!r} in {PROFILE_FOLDER}: there are {known}")
    first = plan.runs[0]
    config = {
        "table": str(Path(table).resolve()) if Path(table).is_file() else table,
        "notebooks": ",".join(dict.fromkeys(run.row.notebook for run in plan.runs)),
        "data": "all" if len({run.row.kind for run in plan.runs}) > 1 else first.row.kind,
        "profile": first.profile,
        "seeds": plan.common_seeds(),
    }
    arguments = [
        *("--snakefile", str(plan.root / SNAKEFILE), "--directory", str(plan.root)),
        *("--profile", str(profiles / "default"), "--workflow-profile", str(profiles / where)),
        *("--cores", str(cores), "--logger", "medlab"),
        *("--runtime-source-cache-path", str(plan.root / STATE_FOLDER / "sources")),
        *(["--dry-run"] if dry_run else []),
        *("--config", *(f"{key}={value}" for key, value in config.items())),
    ]
    with _only_one(plan.root / STATE_FOLDER):
        return _call_snakemake(arguments)


def _fix_folders() -> None:
    """Make the folders of the environment absolute: jobs run in the root, not where we stand."""
    for name in ("MEDLAB_DATA", "MEDLAB_REPORTS"):
        if os.environ.get(name):
            os.environ[name] = str(Path(os.environ[name]).expanduser().resolve())


def _call_snakemake(arguments: list[str]) -> int:
    from snakemake import cli
    from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

    from helpers.report import progress

    # Registered by hand: Snakemake looks for plugins only among top-level packages, and this is not worth one.
    LoggerPluginRegistry().register_plugin("snakemake_logger_plugin_medlab", progress)
    remarks = io.StringIO()  # "Using profile ..." is printed before any logger is there
    try:
        with contextlib.redirect_stderr(remarks):
            parser, options = cli.parse_args(arguments)
    except SystemExit:
        raise InputError(
            f"Snakemake refuses its options: {remarks.getvalue().strip().splitlines()[-1].removeprefix('medlab: error: ')}"
        ) from None
    with _noticing_interrupts() as interrupts:
        succeeded = cli.args_to_api(options, parser)
    return EXIT_INTERRUPTED if interrupts else int(not succeeded)


@contextlib.contextmanager
def _noticing_interrupts() -> Iterator[list[int]]:
    """Ctrl-C reaches the jobs too, and Snakemake reports them as failed; the list says that it was us."""
    interrupts: list[int] = []

    def notice(number, frame):
        interrupts.append(number)
        if len(interrupts) > 1:
            return  # already leaving
        if number == signal.SIGTERM:
            # Ctrl-C reaches the whole process group, a plain TERM only us: the jobs are told, or they would compute on.
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    child.terminate()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, notice) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupts
    except KeyboardInterrupt:
        pass  # noticed above
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold the lock of this checkout.

    The operating system gives it back when the process ends, however it ends; Snakemake's own lock stays behind after
    a kill and has to be removed by hand, so the profile switches it off.
    """
    import fcntl

    state.mkdir(exist_ok=True)
    with (state / "medlab.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("another `medlab run` is at work in this checkout: wait for it, or stop it") from None
        yield
