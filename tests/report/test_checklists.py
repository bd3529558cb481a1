"""Every item has one state, every answer stands on documents, and the numbering is that of the papers."""

import ast
import re
import string
from pathlib import Path

import pytest

from helpers.data.catalog.entries import REPORTING_TOPICS
from helpers.report import checklists, notebooks
from helpers.report.checklists import State
from helpers.report.checklists.evidence import TOPICS, Evidence
from helpers.report.checklists.gathering import EVALUATION, TRAINING
from helpers.report.checklists.items import RESPONDENTS
from helpers.report.checklists.table import ANSWERS

OWN = "own-images-1a2b3c4d"
DATASETS = ("tissue-phantom", "breastmnist", "pneumoniamnist", "lc25000-lung", OWN)
# Items of TRIPOD+AI that have parts, and how many: 52 in all.
PARTS = {3: 3, 5: 2, 6: 3, 8: 3, 9: 3, 12: 7, 18: 6, 20: 3, 23: 2, 27: 3}
PUBLISHED = {
    "claim_2024": [str(number) for number in range(1, 45)],
    "tripod_ai": [
        f"{number}{part}"
        for number in range(1, 28)
        for part in (string.ascii_lowercase[: PARTS[number]] if number in PARTS else [""])
    ],
}


def states(evidence, name="claim_2024"):
    return {found.item.number: found for found in checklists.assess(checklists.read_checklist(name), evidence)}


@pytest.mark.parametrize("name", checklists.CHECKLISTS)
def test_items_are_numbered_as_published_and_in_that_order(name):
    checklist = checklists.read_checklist(name)
    assert [item.number for item in checklist.items] == PUBLISHED[name]
    headings = [heading for heading, _ in checklist.sections()]
    assert len(headings) == len(set(headings)), "the items of a section stand together"
    assert checklist.doi in ("10.1148/ryai.240300", "10.1136/bmj-2023-078378")


def test_published_lengths():
    assert [len(PUBLISHED[name]) for name in ("claim_2024", "tripod_ai")] == [44, 52]


def test_every_item_is_worded_and_has_somebody_to_answer_it():
    items = [item for name in checklists.CHECKLISTS for item in checklists.read_checklist(name).items]
    assert {item.by for item in items} == set(RESPONDENTS)
    assert {item.answer for item in items} == set(ANSWERS), "every function answers an item, every item has a function"
    for item in items:
        assert item.text.endswith(".") and item.text.count(".") == 1 and len(item.text) < 110, item.number


def test_every_topic_of_the_catalog_has_words_for_its_gap():
    assert set(TOPICS) == set(REPORTING_TOPICS)


@pytest.mark.parametrize("variant", DATASETS)
@pytest.mark.parametrize("name", checklists.CHECKLISTS)
def test_every_item_has_one_state_with_words(evidence_of, variant, name):
    found = checklists.assess(checklists.read_checklist(name), evidence_of(variant))
    assert [entry.item.number for entry in found] == PUBLISHED[name]
    for entry in found:
        assert entry.state in tuple(State) and len(entry.text) > 20
        assert not re.search(r"\bNone\b|\bnan\b|\{|\}", entry.text), entry
        assert entry.text.endswith("."), entry
    counts = checklists.count_states(found)
    assert list(counts) == list(State) and sum(counts.values()) == len(PUBLISHED[name])
    by_hand = [entry.state for entry in found]
    assert counts == {state: by_hand.count(state) for state in State}


@pytest.mark.parametrize("name", checklists.CHECKLISTS)
def test_without_documents_nothing_is_answered(name):
    found = checklists.assess(checklists.read_checklist(name), Evidence({}))
    assert {entry.state for entry in found} == {State.NOT_REPORTED}


def places(value, path=()):
    """Paths to everything inside a document, whole branches too."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def without(value, path):
    """A copy without what stands at a path; what lies beside the path is shared with the original."""
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    first, rest = path[0], path[1:]
    kept = [
        (key, without(child, rest) if rest and key == first else child) for key, child in pairs if rest or key != first
    ]
    return dict(kept) if isinstance(value, dict) else [child for _, child in kept]


@pytest.mark.parametrize("variant", ["tissue-phantom", "pneumoniamnist"])
def test_an_answer_stands_on_documents_take_one_away_and_it_is_missing(evidence_of, variant):
    """Over all answering functions: no deletion breaks one, and each has at least one field that it cannot do without."""
    documents = evidence_of(variant).documents
    items = {item.answer: item for name in checklists.CHECKLISTS for item in checklists.read_checklist(name).items}
    one_of_each = checklists.Checklist("all", "all", "", "", tuple(items[name] for name in sorted(ANSWERS)))
    before = {entry.item.answer: entry.state for entry in checklists.assess(one_of_each, Evidence(documents))}
    fell = set()
    for path in places(documents):
        reduced = Evidence(without(documents, path))
        for entry in checklists.assess(one_of_each, reduced):
            if before[entry.item.answer] is State.NOT_REPORTED:
                continue
            if entry.state is State.NOT_REPORTED:
                fell.add(entry.item.answer)
    stand = {answer for answer, state in before.items() if state is not State.NOT_REPORTED}
    assert len(stand) > 40 and stand - fell == set()


def test_what_only_the_authors_of_the_data_could_say(evidence_of):
    """Answered where the catalog cites it, missing where nobody said it, not applicable where there is nobody."""
    generated, breast, chest = (
        states(evidence_of(name)) for name in ("tissue-phantom", "breastmnist", "pneumoniamnist")
    )
    assert generated["8"].state is State.NOT_APPLICABLE and "generated" in generated["8"].text
    assert generated["14"].state is State.ANSWERED and generated["14"].text.startswith("Generated")
    assert breast["8"].state is State.NOT_REPORTED and breast["8"].item.by == "source"
    assert chest["8"].state is State.ANSWERED and "doi:10.17632/rscbjbr9sj.2" in chest["8"].text
    assert breast["16"].state is State.NOT_REPORTED and chest["16"].state is State.ANSWERED
    assert states(evidence_of(OWN))["7"].state is State.NOT_REPORTED
    assert states(evidence_of(OWN))["19"].text.startswith("Drawn once from the folder")
    for found in (generated, breast, chest):
        assert found["44"].state is State.NOT_REPORTED and found["44"].item.by == "author"


def test_an_answer_says_the_numbers_of_its_own_run(evidence_of):
    evidence = evidence_of()
    auroc = next(metric for metric in evidence.documents["evaluation"]["metrics"] if metric["name"] == "test_auroc")
    auroc |= {"value": 0.5125, "low": 0.4375, "high": 0.6875}
    found = states(evidence)
    assert "0.512 (95 % interval 0.438 to 0.688)" in found["37"].text and "0.25 wide" in found["21"].text
    evidence.documents["training"]["claims"][0]["holds"] = False
    assert "does not hold" in states(evidence)["20"].text


def test_a_split_without_known_groups_is_said_to_be_one(evidence_of):
    assert "may stand on both sides" in states(evidence_of("breastmnist"))["20"].text
    assert states(evidence_of("breastmnist"), "tripod_ai")["12d"].state is State.NOT_REPORTED


def test_subgroups_and_external_data_are_used_when_a_run_has_them(evidence_of):
    evidence = evidence_of("lc25000-lung")
    before = states(evidence, "tripod_ai")
    assert {before[number].state for number in ("14", "23a", "23b")} == {State.NOT_REPORTED}
    assert states(evidence)["33"].state is State.NOT_REPORTED
    like = evidence.documents["evaluation"]["metrics"][0]
    more = {
        "subgroup_sensitivity_site_site_1": {"label": "Sensitivity, site 1"},
        "subgroup_sensitivity_site_site_2": {"label": "Sensitivity, site 2"},
        "subgroup_sensitivity_kind_small": {"label": "Sensitivity, small", "value": 0.5, "low": 0.25, "high": 0.75},
        "subgroup_sensitivity_kind_rare": {"label": "Sensitivity, rare", "low": None, "high": None},
        "external_auroc": {"label": "AUROC, external"},
    }
    evidence.documents["evaluation"]["metrics"] += [like | {"name": name} | change for name, change in more.items()]
    after = states(evidence, "tripod_ai")
    assert "Sensitivity, site 1 0.800 (95 % interval 0.750 to 0.860)" in after["23b"].text
    assert "3 subgroups" in after["23a"].text and "too small for an interval: 1 more" in after["23a"].text
    assert "from Sensitivity, small 0.500" in after["23a"].text
    evidence.documents["evaluation"]["metrics"] = [
        metric for metric in evidence.documents["evaluation"]["metrics"] if "site_2" not in metric["name"]
    ]
    assert states(evidence, "tripod_ai")["23b"].state is State.NOT_REPORTED, "one site shows no difference"
    assert after["14"].state is State.NOT_REPORTED, "images that differ are no groups of people"
    assert "AUROC, external 0.800" in states(evidence)["33"].text


def test_a_cell_that_is_gone_costs_the_place_not_the_answer_unless_the_answer_is_about_it(evidence_of):
    evidence = evidence_of()
    evidence.documents["executed"]["evaluation"]["cells"] = []
    found = states(evidence)
    assert found["37"].state is State.ANSWERED and {link.address for link in found["37"].links} == {"report.html"}
    assert found["39"].state is State.NOT_REPORTED and "error-gallery" in found["39"].text


def test_the_cells_that_answers_point_to_are_in_the_notebooks():
    """A cell that gets another name would only cost a link, or turn an item to missing: here it fails."""
    names = {"evaluation": EVALUATION, "training": TRAINING}
    cells = {
        run: {cell.id for cell in notebooks.read(notebooks.find(name)).cells if cell.cell_type == "code"}
        for run, name in names.items()
    }
    asked = set()
    for path in Path(checklists.__file__).parent.glob("answers_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("cell", "shown")
            ):
                asked.add(tuple(argument.value for argument in node.args))
    assert len(asked) > 15
    assert sorted((run, cell) for run, cell in asked if cell not in cells[run]) == []


def test_an_audit_of_the_data_is_told_with_their_preparation(evidence_of):
    evidence = evidence_of()
    audit = {
        "name": "audit_severe",
        "label": "Findings of the audit: severe",
        "kind": "exact",
        "value": 2.0,
        "unit": "",
    }
    assert "audit" not in states(evidence)["9"].text
    evidence.documents["training"]["metrics"].append(audit)
    assert states(evidence)["9"].text.endswith("Findings of the audit: severe 2.")


@pytest.mark.parametrize("variant", DATASETS)
def test_links_lead_to_cells_that_the_notebooks_have(evidence_of, variant):
    cells = {
        name: {cell.id for cell in notebooks.read(notebooks.find(name)).cells if cell.cell_type == "code"}
        for name in (EVALUATION, TRAINING)
    }
    evidence, seen = evidence_of(variant), 0
    for name in checklists.CHECKLISTS:
        for entry in checklists.assess(checklists.read_checklist(name), evidence):
            for link in entry.links:
                place, _, cell = link.address.partition("#")
                assert not cell or cell in cells[TRAINING if TRAINING in place else EVALUATION], link
                seen += bool(cell)
    assert seen > 40
