"""What ``medlab run`` shows while Snakemake works: one line when a run starts, one when it ends.

A Snakemake logger plugin: ``LogHandler`` is the name that Snakemake looks for. The other rules (index, targets) and
Snakemake's own remarks stay silent; they are in ``.snakemake/log``.
"""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

RULE = "notebook"  # the rule of workflow/Snakefile whose jobs are runs
CELL_LINE = re.compile(r"\[ *\d+/\d+\] ")
INTERRUPTED = "medlab: interrupted"
REPORTED_OTHERWISE = (
    "RuleException",
    "CalledProcessError",
    "Exiting because a job",
    "WorkflowError:\nAt least one job",
)


class LogHandler(LogHandlerBase):
    """Writes to stderr ``[2/4] 07_tumor_evaluation tissue-phantom quick seed 0: done in 21 s``."""

    def __post_init__(self) -> None:
        self.total = 0
        self.started: dict[int, tuple[str, float]] = {}
        self.failed: set[int] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Turn an event of Snakemake into a line, or into nothing."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self.total = record.stats.get(RULE, 0)
        elif event == LogEvent.JOB_INFO and record.rule_name == RULE:
            self._start(record)
        elif event == LogEvent.JOB_FINISHED and record.job_id in self.started:
            label, start = self.started[record.job_id]
            self._say(f"{label}: done in {record.created - start:.0f} s")
        elif event == LogEvent.JOB_ERROR:
            self._fail(record)
        elif record.levelno >= logging.ERROR and event in (None, LogEvent.ERROR):
            self._complain(str(record.msg))

    def _start(self, record: logging.LogRecord) -> None:
        run = "{notebook} {variant} {profile} seed {seed}".format(**record.wildcards)
        label = f"[{len(self.started) + 1}/{self.total}] {run}"
        self.started[record.jobid] = (label, record.created)
        reason = " ".join(record.reason.split())
        self._say(f"{label}: would run ({reason})" if self.common_settings.dryrun else f"{label}: started")

    def _fail(self, record: logging.LogRecord) -> None:
        if record.jobid in self.failed:
            return
        self.failed.add(record.jobid)
        label, start = self.started.get(record.jobid, (record.rule_name, record.created))
        # what the executor printed: a line per cell, then its own account of what went wrong
        texts = [
            Path(name).read_text(encoding="utf-8", errors="replace") for name in record.log if Path(name).is_file()
        ]
        lines = [line.rstrip() for text in texts for line in text.rstrip().splitlines() if not CELL_LINE.match(line)]
        if INTERRUPTED in lines:
            self._say(f"{label}: interrupted")
            return
        self._say(f"{label}: FAILED after {record.created - start:.0f} s")
        for line in lines:
            self._say(f"    {line}".rstrip())

    def _complain(self, text: str) -> None:
        if not text.startswith(REPORTED_OTHERWISE):
            self._say(text.strip())

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    @property
    def writes_to_stream(self) -> bool:
        return True  # so that Snakemake installs no handler of its own

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return True

    @property
    def has_formatter(self) -> bool:
        return True

    @property
    def needs_rulegraph(self) -> bool:
        return False
