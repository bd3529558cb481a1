"""The index of all runs that are present, and the manifest of what produced them."""

from __future__ import annotations

import base64
import io
import os
import subprocess
from pathlib import Path

import jinja2
from PIL import Image

from helpers import runtime
from helpers.report import documents, execution, export, notebooks, results
from helpers.report.notebook_rules import BESIDE_THE_REPORT
from helpers.report.numbers import estimate, interval, number
from helpers.report.self_contained import require_self_contained
from helpers.runtime import InputError

THUMBNAIL_PIXELS = (640, 360)


def build_site(reports: Path) -> Path:
    """Write ``index.html`` and ``manifest.json`` for every run below ``reports/runs``, and the documents of evaluations.

    A run without a valid results.json or without a report is left out and named at the end of the page.

    Args:
        reports: the folder that holds ``runs/``.

    Returns:
        Path of the index.
    """
    reports = Path(reports)
    reports.mkdir(parents=True, exist_ok=True)
    runs, notes = _collect(reports)
    notes += _refresh_documents(runs, reports)
    groups: dict[str, dict] = {}
    for folder, document in runs:
        name = document["notebook"]
        group = groups.setdefault(name, {"notebook": name, "number": name[:2], "title": _title(document), "runs": []})
        group["runs"].append(_card(folder, document, reports))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(export.TEMPLATE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(estimate=estimate, number=number, interval=interval)
    page = environment.get_template("site.html.j2").render(
        style=export.style_sheet(), groups=list(groups.values()), count=len(runs), notes=notes
    )
    require_self_contained(page, "the index")
    index = reports / "index.html"
    temporary = index.with_name(f".{index.name}.partial-{os.getpid()}")
    temporary.write_text(page + "\n", encoding="utf-8")
    temporary.replace(index)
    results.write_json(_manifest(runs, reports), reports / "manifest.json")
    return index


def _collect(reports: Path) -> tuple[list[tuple[Path, dict]], list[str]]:
    """Runs in the order of notebook, variant, profile and seed, and what was left out."""
    found, notes = [], []
    # Folders that begin with a dot are runs in progress.
    for folder in sorted(reports.glob("runs/[!.]*/[!.]*/[!.]*")):
        place = folder.relative_to(reports / "runs").as_posix()
        if folder.name.endswith(".failed"):
            notes.append(f"{place.removesuffix('.failed')}: its last execution failed")
            continue
        try:
            document = results.load(folder)
        except InputError as error:
            notes.append(f"{place}: {error}")
            continue
        if not (folder / "report.html").is_file():
            notes.append(f"{place}: no report.html, execute the notebook again")
            continue
        found.append((folder, document))
    found.sort(key=lambda run: tuple(run[1][key] for key in ("notebook", "variant", "profile", "seed")))
    return found, notes


def _refresh_documents(runs: list[tuple[Path, dict]], reports: Path) -> list[str]:
    """Write checklist, model card and datasheet of every evaluation; what could not be made, in a line each."""
    notes = []
    for folder, _ in runs:
        place = folder.relative_to(reports / "runs").as_posix()
        try:
            documents.refresh_documents(folder)
        except InputError as error:
            notes.append(f"{place}: no reporting checklist: {error}")
        except OSError as error:
            notes.append(f"{place}: no reporting checklist: it cannot be written ({error.strerror})")
    return notes


def _title(document: dict) -> str:
    """The title without the number that it may begin with."""
    return document["title"].removeprefix(document["notebook"][:2]).strip()


def _card(folder: Path, document: dict, reports: Path) -> dict:
    metrics = {metric["name"]: metric for metric in document["metrics"]}
    return {
        "variant": document["variant"],
        "profile": document["profile"],
        "seed": document["seed"],
        "origin": results.origin(document["datasets"]),
        "headline": metrics.get(document.get("headline", "")),
        "fallen": [claim for claim in document["claims"] if not claim["holds"]],
        "seconds": document.get("execution", {}).get("seconds"),
        "thumbnail": _thumbnail(folder / document["thumbnail"]) if document.get("thumbnail") else "",
        "report": (folder / "report.html").relative_to(reports).as_posix(),
        "documents": _documents(folder, reports),
    }


def _documents(folder: Path, reports: Path) -> list[tuple[str, str]]:
    """Address and title of the pages beside a report."""
    return [
        ((folder / name).relative_to(reports).as_posix(), title)
        for name, title in BESIDE_THE_REPORT.items()
        if (folder / name).is_file()
    ]


def _thumbnail(path: Path) -> str:
    """A small PNG as a ``data:`` address; empty if the picture is missing or unreadable."""
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except OSError:
        return ""
    small.thumbnail(THUMBNAIL_PIXELS)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _manifest(runs: list[tuple[Path, dict]], reports: Path) -> dict:
    """What produced each report: hashes are those of the moment of the run; ``current`` compares them with today's."""
    today: dict[str, dict | None] = {}
    entries = []
    for folder, document in runs:
        name = document["notebook"]
        if name not in today:
            try:
                today[name] = execution.fingerprint(notebooks.find(name))
            except InputError:
                today[name] = None  # a run of a notebook that is no longer there
        try:
            recorded = notebooks.read(folder / "executed.ipynb").metadata.get("medlab", {})
        except InputError:
            recorded = {}
        produced_by = dict(recorded.get("fingerprint", {}))
        entries.append(
            {
                **{key: document[key] for key in ("notebook", "variant", "profile", "seed")},
                "parameters": dict(recorded.get("parameters", {})),
                "sha256": produced_by,
                "current": bool(produced_by) and produced_by == today[name],
                "report": (folder / "report.html").relative_to(reports).as_posix(),
                "documents": [address for address, _ in _documents(folder, reports)],
            }
        )
    return {"schema_version": 1, "commit": _commit(), "runs": entries}


def _commit() -> str | None:
    """Commit of the checkout, with ``-dirty`` behind it when tracked files differ; None outside of git."""
    try:
        root = runtime.project_root()
        command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (InputError, OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None
