"""An executed notebook and its results as one HTML file that needs no network, no script and no installed font."""

from __future__ import annotations

import base64
import copy
import html
import mimetypes
import os
import re
from pathlib import Path

from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode
from traitlets.config import Config

from helpers.report import notebooks
from helpers.report.notebook_rules import BESIDE_THE_REPORT
from helpers.report.numbers import estimate, interval, number
from helpers.report.prose import Prose, highlight_code
from helpers.report.results import origin
from helpers.report.self_contained import require_self_contained
from helpers.runtime import InputError

TEMPLATE = Path(__file__).with_name("template")
DISPLAY_ORDER = ["text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/latex", "text/plain"]
MEASURES_SHOWN = 11
CONTENTS_FROM = 3  # a table of contents for fewer headings is longer than a glance at the page
NOTEBOOK_LINK = re.compile(r"(?:\./)?(\d\d_\w+)\.ipynb(?:#.*)?")


def style_sheet() -> str:
    """The style sheet of reports and index."""
    return (TEMPLATE / "style.css").read_text(encoding="utf-8").strip()


def export_html(notebook: NotebookNode, results: dict | None, path: Path) -> list[str]:
    """Write the report of a run.

    Args:
        notebook: executed notebook, as :mod:`helpers.report.execution` leaves it.
        results: results.json of the run; None for a run that failed.
        path: the file to write; links to other reports and to the index are made relative to it.

    Returns:
        Findings that do not stop the report: pictures without alternative text.

    Raises:
        InputError: a formula cannot be shown, a picture is missing, or a cell put out something that needs a network.
    """
    path = Path(path)
    notebook = _without_empty_injection(notebook)
    page = _page(notebook, results, path)
    report = _Report(page, notebook)
    exporter = TemplateExporter(
        template_name=TEMPLATE.name,
        template_file="index.html.j2",
        extra_template_basedirs=[str(TEMPLATE.parent)],
        config=Config({"NbConvertBase": {"display_data_priority": DISPLAY_ORDER}}),
        filters=report.filters(),
    )
    resources = {"page": page, "style": style_sheet(), "output_mimetype": "text/html"}
    body, _ = exporter.from_notebook_node(notebook, resources)
    body = body.replace("<!--contents-->", report.contents(), 1)
    body = re.sub(r"\n{3,}", "\n\n", body) + "\n"
    require_self_contained(body, "the report")
    temporary = path.with_name(f".{path.name}.partial-{os.getpid()}")
    temporary.write_text(body, encoding="utf-8")
    temporary.replace(path)
    return report.notes


def _without_empty_injection(notebook: NotebookNode) -> NotebookNode:
    """A copy without papermill's cell if all it sets is the output folder: nothing of interest to a reader."""

    def is_empty(cell: NotebookNode) -> bool:
        lines = [line for line in cell.source.splitlines() if line and not line.startswith(("#", "output ="))]
        return "injected-parameters" in cell.metadata.get("tags", []) and not lines

    copied = copy.copy(notebook)
    copied.cells = [cell for cell in notebook.cells if not is_empty(cell)]
    return copied


def _page(notebook: NotebookNode, results: dict | None, path: Path) -> dict:
    """What the header and the footer show."""
    facts = {**notebook.metadata.get("medlab", {}), **(results or {})}
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    heading = re.match(r"# (?:(\d\d) )?(.+)", first)
    metrics = facts.get("metrics", [])
    estimates = [metric for metric in metrics if metric["kind"] == "estimate"]
    estimates = _headline_first(estimates, facts.get("headline", ""))
    runs = path.absolute().parents[3]
    environment = facts.get("environment", {})
    return {
        "title": heading[2].strip() if heading else facts.get("title", facts.get("notebook", "Notebook")),
        "number": heading[1] if heading else None,
        "notebook": facts.get("notebook", ""),
        "variant": facts.get("variant", ""),
        "profile": facts.get("profile", ""),
        "seed": facts.get("seed"),
        "datasets": facts.get("datasets", []),
        "origin": origin(facts.get("datasets", [])),
        "failed": results is None,
        "headline": facts.get("headline"),
        "estimates": estimates[:MEASURES_SHOWN],
        "further": estimates[MEASURES_SHOWN:],
        "exact": [metric for metric in metrics if metric["kind"] == "exact"],
        "findings": [claim for claim in facts.get("claims", []) if claim["kind"] == "finding"],
        "identities": [claim for claim in facts.get("claims", []) if claim["kind"] == "identity"],
        "limits": facts.get("limits", []),
        "environment": ", ".join(f"{name} {version}" for name, version in environment.items()),
        "companions": {name: title for name, title in BESIDE_THE_REPORT.items() if (path.parent / name).is_file()},
        "runs": runs if runs.name == "runs" else None,
        "index": "../../../../index.html" if runs.name == "runs" else None,
    }


def _headline_first(estimates: list[dict], headline: str) -> list[dict]:
    """The headline, under it the same measure of the baselines, then the measures of its model, then the rest.

    A score that stands without its baselines is the trap that every report avoids.
    """
    leading = next((metric for metric in estimates if metric["name"] == headline), {})

    def rank(metric: dict) -> int:
        if metric is leading:
            return 0
        if leading and metric["name"].startswith(f"{headline}_") and metric.get("model") != leading.get("model"):
            return 1
        return 2 if metric.get("model") == leading.get("model") else 3

    return sorted(estimates, key=rank)


class _Report:
    """The filters of the template, and what they notice while the page is made."""

    def __init__(self, page: dict, notebook: NotebookNode) -> None:
        self.page = page
        self.notes: list[str] = []
        self._cell: NotebookNode | None = None
        self._prose = Prose(self._resolve_link, self._embed_picture, [cell.get("id", "") for cell in notebook.cells])

    def filters(self) -> dict:
        """Filters by the name they have in the template."""
        return {
            "prose": self._render_cell,
            "reading": self._prose.render,
            "code": highlight_code,
            "picture": self._picture,
            "number": number,
            "estimate": estimate,
            "interval": interval,
        }

    def contents(self) -> str:
        """Table of contents; known only after the prose has been rendered."""
        if len(self._prose.headings) < CONTENTS_FROM:
            return ""
        entries = "".join(f'<li><a href="#{anchor}">{title}</a></li>\n' for anchor, title in self._prose.headings)
        return f'<nav class="toc" aria-label="Contents"><p class="label">Contents</p>\n<ol>\n{entries}</ol></nav>'

    def _render_cell(self, cell: NotebookNode) -> str:
        self._cell = cell
        try:
            return self._prose.render(cell.source)
        except InputError as error:
            raise InputError(f"cell {cell.id}: {error}") from None
        finally:
            self._cell = None

    def _resolve_link(self, address: str) -> str | None:
        """Other notebooks become their reports, or their place in the index; files of the checkout lose the link.

        Pages that lie beside the report keep theirs.
        """
        if re.match(r"(https?:|mailto:|#)", address):
            return address
        if address.split("#")[0] in self.page["companions"]:
            return address
        sibling = NOTEBOOK_LINK.fullmatch(address)
        if not sibling or not self.page["index"]:
            return None
        run = Path(sibling[1], self.page["variant"], f"{self.page['profile']}-seed{self.page['seed']}", "report.html")
        # A report of the same data may not exist, or not yet; the index always does.
        exists = (self.page["runs"] / run).is_file()
        return f"../../../{run.as_posix()}" if exists else f"{self.page['index']}#{sibling[1]}"

    def _embed_picture(self, address: str) -> str:
        """A picture of a Markdown cell as a ``data:`` address."""
        if address.startswith("data:image/"):
            return address
        if address.startswith("attachment:"):
            bundle = (self._cell or {}).get("attachments", {}).get(address.removeprefix("attachment:"), {})
            for kind, content in bundle.items():
                return f"data:{kind};base64,{content}"
        file = notebooks.folder() / address
        kind = mimetypes.guess_type(file.name)[0]
        if re.match(r"\w+:", address) or not kind or not file.is_file():
            raise InputError(f"the picture {address} is not in the checkout")
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"

    def _picture(self, output: NotebookNode, kind: str, cell: str) -> str:
        """A picture that a cell drew, with the description that ``display(..., metadata={'alt': ...})`` gave it."""
        details = output.get("metadata", {})
        own = details.get(kind, {}) if isinstance(details.get(kind), dict) else {}
        description = own.get("alt") or details.get("alt", "")
        if not description:
            self.notes.append(f"cell {cell}: a figure without alternative text")
        content = output.data[kind]
        if kind == "image/svg+xml":
            content = base64.b64encode(content.encode()).decode()
        width = f' width="{int(own["width"])}"' if own.get("width") else ""
        text = html.escape(" ".join(description.split()) or "Figure without description")
        source = f"data:{kind};base64,{''.join(content.split())}"
        return f'<figure><img alt="{text}"{width} src="{source}"></figure>'
