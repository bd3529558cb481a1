"""An audit to read: in a terminal, as a section of a report, as a page of its own; and the command that makes them."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import jinja2

from helpers.data import catalog
from helpers.evaluation.audit import SEVERITIES, Audit, Finding, audit_dataset
from helpers.evaluation.audit.findings import counted
from helpers.report import export
from helpers.report.results import write_json
from helpers.report.self_contained import require_self_contained
from helpers.runtime import InputError

WIDTH = 100  # characters of a line in a terminal
INDENT = 10
CASES_SHOWN = 8
OPEN = ("severe", "warning", "note")  # shown with advice and cases
# A sign beside the word and the color: legible in black and white.
SIGNS = {"severe": "✕", "warning": "!", "note": "i", "passed": "✓", "not applicable": "–"}


def as_text(audit: Audit) -> str:
    """The audit for a terminal: the gravest findings first, what passed in a line each."""
    lines = [f"Audit of {audit.dataset}: {_size(audit)}", _summary(audit), ""]
    for finding in audit.by_severity(*OPEN):
        lines.append(f"{finding.severity.upper():<{INDENT}}{finding.check}")
        paragraphs = [finding.sentence]
        if finding.advice:
            paragraphs.append(f"What to do: {finding.advice}")
        if finding.cases:
            paragraphs.append(_cases(finding))
        lines += [line for paragraph in paragraphs for line in _wrapped(paragraph)]
        lines.append("")
    lines += [f"{'passed':<{INDENT}}{finding.check}" for finding in audit.by_severity("passed")]
    left = audit.by_severity("not applicable")
    if left:
        lines += ["", *_wrapped("Not applicable: " + "; ".join(finding.check for finding in left) + ".", indent=0)]
    return "\n".join(lines).rstrip()


def as_html(audit: Audit) -> str:
    """The audit as a self-contained ``<section>``: a table, the gravest findings first."""
    return _render("audit_section.html.j2", audit)


def page(audit: Audit) -> str:
    """The audit as a page of its own that fetches nothing."""
    document = _render("audit.html.j2", audit, style=export.style_sheet())
    require_self_contained(document, "the audit")
    return document


def show(audit: Audit) -> None:
    """Display the audit in a notebook; where there is no HTML, as text."""
    from IPython.display import display

    display({"text/html": as_html(audit), "text/plain": as_text(audit)}, raw=True)


def audit_and_write(
    name_or_folder: str,
    maximum: int | None = None,
    skip_unreadable: bool = False,
    disease: str = "",
    json_file: Path | None = None,
    html_file: Path | None = None,
) -> Audit:
    """What ``medlab audit`` does: open a dataset, audit it, and write what was asked for.

    Args:
        name_or_folder: a name of the catalog, a folder of images, or a table that names them.
        maximum: look at about so many samples, whole groups.
        skip_unreadable: leave out images that cannot be read.
        disease: classes of own images that count as the disease, by commas.
        json_file, html_file: files to write; None: none. They appear whole or not at all.

    Raises:
        InputError: the dataset cannot be opened, or a folder to write to does not exist.
    """
    for file in (json_file, html_file):
        # Before the work rather than after it.
        if file is not None and not file.absolute().parent.is_dir():
            raise InputError(f"there is no folder to write {file.name} to: create it first")
    dataset = catalog.load(name_or_folder, maximum=maximum, skip_unreadable=skip_unreadable, disease=disease)
    audit = audit_dataset(dataset)
    if json_file is not None:
        write_json(audit.to_dict(), json_file)
    if html_file is not None:
        temporary = html_file.with_name(f".{html_file.name}.partial-{os.getpid()}")
        temporary.write_text(page(audit), encoding="utf-8")
        temporary.replace(html_file)
    return audit


def _render(template: str, audit: Audit, **values: str) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(export.TEMPLATE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(template).render(
        audit=audit,
        size=_size(audit),
        summary=_summary(audit),
        shown=audit.by_severity(*OPEN, "passed"),
        left=audit.by_severity("not applicable"),
        signs=SIGNS,
        cases=_cases,
        opened=OPEN,
        **values,
    )


def _size(audit: Audit) -> str:
    samples = counted(audit.samples, "sample")
    return samples if audit.groups == audit.samples else f"{samples} of {counted(audit.groups, audit.group)}"


def _summary(audit: Audit) -> str:
    counts = audit.counts()
    plurals = {"warning": "warnings", "note": "notes"}
    return ", ".join(
        f"{counts[severity] or 'nothing' if severity == 'severe' else counts[severity]} "
        f"{plurals.get(severity, severity) if counts[severity] != 1 else severity}"
        for severity in SEVERITIES
    )


def _cases(finding: Finding) -> str:
    """``cases 007, 012 and 3 more``; empty without cases."""
    if not finding.cases:
        return ""
    shown = ", ".join(f"{case:03d}" for case in finding.cases[:CASES_SHOWN])
    more = len(finding.cases) - CASES_SHOWN
    word = "case" if len(finding.cases) == 1 else "cases"
    return f"{word} {shown}" + (f" and {more:,} more" if more > 0 else "")


def _wrapped(text: str, indent: int = INDENT) -> list[str]:
    blank = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=blank, subsequent_indent=blank, break_on_hyphens=False)
