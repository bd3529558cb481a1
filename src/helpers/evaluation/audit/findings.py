"""What an audit leaves: one finding per check at least, also where nothing is wrong or nothing could be checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from helpers.runtime import InputError

SEVERITIES = ("severe", "warning", "note", "passed", "not applicable")
FORMAT = 1  # of the JSON form; raised when a key changes its meaning


@dataclass(frozen=True)
class Finding:
    """The answer of one check.

    Attributes:
        check: what was looked at, in words: ``groups on both sides of the split``.
        severity: ``severe`` (a result would be wrong), ``warning`` (look before you go on), ``note`` (good to know),
            ``passed``, or ``not applicable`` (the sentence says why).
        sentence: what was found, with numbers; one line. No names of files, groups or columns of groups.
        advice: what to do; empty where there is nothing to do.
        numbers: the figures in the sentence, by name.
        cases: row numbers of the samples concerned, ascending; reports call them ``case 017``.
    """

    check: str
    severity: str
    sentence: str
    advice: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    cases: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise InputError(f"unknown severity {self.severity!r}: one of {', '.join(SEVERITIES)}")


@dataclass(frozen=True)
class Audit:
    """All findings about one dataset or pipeline, in the order of the checks.

    Attributes:
        dataset: its name in reports; never a path.
        findings: one or more per check.
        samples, groups: how many were looked at.
        group: the word for a group (patient, tile).
    """

    dataset: str
    findings: tuple[Finding, ...]
    samples: int = 0
    groups: int = 0
    group: str = "group"

    @property
    def severe(self) -> bool:
        """Whether something was found that makes results wrong."""
        return any(finding.severity == "severe" for finding in self.findings)

    def by_severity(self, *severities: str) -> tuple[Finding, ...]:
        """Findings of these severities (all when none is named), the gravest first, else in the order of the checks."""
        wanted = severities or SEVERITIES
        chosen = [finding for finding in self.findings if finding.severity in wanted]
        return tuple(sorted(chosen, key=lambda finding: SEVERITIES.index(finding.severity)))

    def counts(self) -> dict[str, int]:
        """Findings per severity."""
        return {severity: len(self.by_severity(severity)) for severity in SEVERITIES}

    def to_dict(self) -> dict:
        """JSON-ready; what could not be computed (NaN) is null."""
        return {
            "format": FORMAT,
            "dataset": self.dataset,
            "samples": self.samples,
            "groups": self.groups,
            "severe": self.severe,
            "counts": self.counts(),
            "findings": [
                {
                    "check": finding.check,
                    "severity": finding.severity,
                    "sentence": finding.sentence,
                    "advice": finding.advice,
                    "numbers": {name: _json_number(value) for name, value in finding.numbers.items()},
                    "cases": list(finding.cases),
                }
                for finding in self.by_severity()
            ],
        }


def case_numbers(rows: Iterable[int] | np.ndarray) -> tuple[int, ...]:
    """Row numbers as a finding holds them: whole, ascending, each once."""
    return tuple(int(row) for row in np.unique(np.fromiter(rows, dtype=np.int64)))


def counted(number: int, word: str, plural: str = "") -> str:
    """``1 image``, ``2,000 images``."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def enumerated(words: Sequence[str], most: int = 4) -> str:
    """``a, b and c``; of a long list the first few, and how many more."""
    words = list(words)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _json_number(value: float) -> float | int | None:
    if isinstance(value, (int, np.integer)):
        return int(value)
    return float(value) if math.isfinite(value) else None


def not_applicable(check: str, reason: str) -> Finding:
    """A check that had nothing to look at, with the reason."""
    return Finding(check, "not applicable", f"Not checked: {reason}.")
