"""The pages that lie beside the report of an evaluation: reporting checklist, model card and datasheet.

They are made from what the evaluation and the training run left behind, without TensorFlow, and lie in the run folder of
the evaluation: only there is known how the model does on the test part.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import jinja2

from helpers.report import checklists, export, results
from helpers.report.checklists.evidence import Evidence, Missing
from helpers.report.checklists.gathering import EVALUATION, training_beside
from helpers.report.checklists.items import RESPONDENTS
from helpers.report.datasheet import datasheet
from helpers.report.markdown import to_html
from helpers.report.model_card import model_card
from helpers.report.notebook_rules import BESIDE_THE_REPORT
from helpers.report.self_contained import require_self_contained
from helpers.runtime import InputError

CHECKLIST, DATA = "checklist.html", "checklist.json"
FILES = (*BESIDE_THE_REPORT, DATA, "model_card.md", "datasheet.md")
SCHEMA_VERSION = 1


def write_documents(folder: Path, training: Path | None = None) -> dict | None:
    """Write the documents of a run folder where its run is an evaluation.

    Args:
        folder: a run folder with results.json and executed.ipynb.
        training: run folder of the training run; None for the one that belongs to the same parameters.

    Returns:
        What was written to ``checklist.json``; None where the run is no evaluation.

    Raises:
        InputError: the documents cannot be made; older ones are gone then, for they may no longer be true.
    """
    folder = Path(folder)
    if results.load(folder)["notebook"] != EVALUATION:
        return None
    try:
        evidence = checklists.gather(folder, training)
        cards = {
            name: page
            for name, make in (("model_card", model_card), ("datasheet", datasheet))
            if (page := _made(make, evidence))
        }
        evidence = _with_places(evidence, cards)
        document = checklist_document(evidence)
        pages = {CHECKLIST: _checklist_page(document, evidence, cards, folder)}
        for name, text in cards.items():
            pages[f"{name}.md"] = text
            pages[f"{name}.html"] = _card_page(name, text, evidence, cards, folder)
    except InputError:
        remove_documents(folder)
        raise
    for name in FILES:
        if name not in pages:
            (folder / name).unlink(missing_ok=True)
    for name, content in pages.items():
        _write(content, folder / name)
    results.write_json(document, folder / DATA)
    return document


def refresh_documents(folder: Path) -> bool:
    """Write the documents of a finished run again, unless the training run that they were made from is not beside it.

    Returns:
        Whether the run has a checklist now.
    """
    folder = Path(folder)
    beside = training_beside(folder)
    made_from_elsewhere = (folder / CHECKLIST).is_file() and not (beside and (beside / "results.json").is_file())
    if not made_from_elsewhere:
        write_documents(folder)
    return (folder / CHECKLIST).is_file()


def remove_documents(folder: Path) -> None:
    """Take the documents of a run away."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def checklist_document(evidence: Evidence) -> dict:
    """Every checklist with its counts and its items, as it stands in ``checklist.json``."""
    return {
        "schema_version": SCHEMA_VERSION,
        **{key: evidence.need("evaluation", key) for key in ("notebook", "variant", "profile", "seed")},
        "checklists": [_one_checklist(checklists.read_checklist(name), evidence) for name in checklists.CHECKLISTS],
    }


def _one_checklist(checklist: checklists.Checklist, evidence: Evidence) -> dict:
    found = checklists.assess(checklist, evidence)
    counts = checklists.count_states(found)
    return {
        "name": checklist.name,
        "title": checklist.title,
        "citation": checklist.citation,
        "doi": checklist.doi,
        "items_total": len(found),
        "counts": {str(state): count for state, count in counts.items()},
        "not_reported_by": _gaps(found),
        "items": [
            {
                "number": entry.item.number,
                "section": entry.item.section,
                "asks": entry.item.text,
                "state": str(entry.state),
                "by": RESPONDENTS[entry.item.by],
                "text": entry.text,
                "links": [{"label": link.label, "address": link.address} for link in entry.links],
            }
            for entry in found
        ],
    }


def _gaps(found: list[checklists.Assessment]) -> dict[str, int]:
    """How many items are not reported, by who could answer them."""
    missing = [entry.item.by for entry in found if entry.state is checklists.State.NOT_REPORTED]
    return {words: missing.count(by) for by, words in RESPONDENTS.items() if by in missing}


def _made(make, evidence: Evidence) -> str:
    """A card as Markdown; empty where the run lacks what it is about."""
    try:
        return make(evidence)
    except Missing:
        return ""


def _with_places(evidence: Evidence, cards: Mapping[str, str]) -> Evidence:
    """The evidence that knows which cards lie beside it, so that answers can point to them."""
    places = {**evidence.documents["places"], **{name: f"{name}.html" for name in cards}}
    return Evidence({**evidence.documents, "places": places})


def _checklist_page(document: dict, evidence: Evidence, cards: Mapping[str, str], folder: Path) -> str:
    lists = []
    for entry in document["checklists"]:
        sections: dict[str, list[dict]] = {}
        for item in entry["items"]:
            sections.setdefault(item["section"], []).append(item)
        lists.append({**entry, "anchor": _anchor(entry["name"]), "sections": sections})
    return _page("checklist.html.j2", CHECKLIST, evidence, cards, folder, lists=lists)


def _card_page(name: str, text: str, evidence: Evidence, cards: Mapping[str, str], folder: Path) -> str:
    heading, body = text.split("\n", 1)
    title = to_html(heading).strip().removeprefix("<h1>").removesuffix("</h1>")
    content = to_html(body).replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")
    return _page(
        "card.html.j2", f"{name}.html", evidence, cards, folder, heading=title, content=content, source=f"{name}.md"
    )


def _page(template: str, name: str, evidence: Evidence, cards: Mapping[str, str], folder: Path, **values) -> str:
    """One page with header, links to its neighbors and footer; proven to fetch nothing."""
    parents = folder.absolute().parents
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(export.TEMPLATE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    neighbors = [
        (CHECKLIST, BESIDE_THE_REPORT[CHECKLIST]),
        *((f"{card}.html", BESIDE_THE_REPORT[f"{card}.html"]) for card in cards),
    ]
    page = environment.get_template(template).render(
        style=export.style_sheet(),
        title=BESIDE_THE_REPORT[name],
        name=name,
        neighbors=neighbors,
        index="../../../../index.html" if len(parents) > 2 and parents[2].name == "runs" else "",
        run={key: evidence.need("evaluation", key) for key in ("variant", "profile", "seed")},
        synthetic=evidence.synthetic,
        **values,
    )
    require_self_contained(page, f"the {BESIDE_THE_REPORT[name].lower()}")
    return re.sub(r"\n{3,}", "\n\n", page) + "\n"


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _write(content: str, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.partial-{os.getpid()}")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(path)
