"""Checklist, model card and datasheet beside a report: self-contained, without names, never stale."""

import ast
import hashlib
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from helpers.report import checklists, documents, notebook_rules, site
from helpers.report.checklists.evidence import Evidence, Missing
from helpers.report.checklists.gathering import EVALUATION, TRAINING
from helpers.report.datasheet import datasheet
from helpers.report.markdown import code_block, escape, to_html
from helpers.report.model_card import model_card
from helpers.report.self_contained import require_self_contained
from helpers.runtime import InputError

PAGES = tuple(notebook_rules.BESIDE_THE_REPORT)
HEADINGS = re.compile(r"^## (.+)$", re.M)


def names_in(folder):
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def written(add_evaluation):
    """A run folder with its documents."""
    folder = add_evaluation()
    documents.write_documents(folder)
    return folder


def test_every_document_lies_beside_the_report(written):
    assert names_in(written) >= {*PAGES, "checklist.json", "model_card.md", "datasheet.md"}
    assert not [name for name in names_in(written) if name.startswith(".")]
    for name in PAGES:
        page = (written / name).read_text(encoding="utf-8")
        require_self_contained(page, name)
        assert "default-src 'none'" in page and '<html lang="en">' in page and "<h1>" in page
        assert 'href="../../../../index.html"' in page and 'href="report.html"' in page
        assert "not for clinical use" in page and "synthetic data" in page


def test_the_page_says_the_states_in_words_and_counts_them_right(written):
    page = (written / "checklist.html").read_text(encoding="utf-8")
    document = json.loads((written / "checklist.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in document["checklists"]] == ["CLAIM 2024", "TRIPOD+AI"]
    total = 0
    for entry in document["checklists"]:
        found = [item["state"] for item in entry["items"]]
        assert entry["counts"] == {
            state: found.count(state) for state in ("answered", "not applicable", "not reported")
        }
        assert sum(entry["counts"].values()) == entry["items_total"] == len(found)
        assert sum(entry["not_reported_by"].values()) == entry["counts"]["not reported"]
        cells = "".join(f"<td>{number}</td>" for number in (len(found), *entry["counts"].values()))
        assert re.search(rf"{re.escape(entry['name'])}</a></th>{cells}", page)
        total += len(found)
    words = re.findall(r'<span class="state">(answered|not applicable|not reported by [a-z ]+)</span>', page)
    assert len(words) == total == 96
    identifiers = re.findall(r' id="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers)) and "tripod-ai-12c" in identifiers


def test_every_link_of_the_pages_leads_somewhere(written):
    for name in PAGES:
        for address in re.findall(r'<a[^>]* href="([^"]+)"', (written / name).read_text(encoding="utf-8")):
            place = address.split("#")[0]
            if address.startswith(("https://doi.org/", "#")) or place == "../../../../index.html":
                continue
            assert (written / place).is_file(), address


def test_writing_twice_gives_the_same_bytes(written):
    before = {name: (written / name).read_bytes() for name in documents.FILES}
    documents.write_documents(written)
    assert {name: (written / name).read_bytes() for name in documents.FILES} == before


def test_a_training_run_has_no_documents(written):
    training = written.parents[2] / TRAINING / written.parent.name / written.name
    assert documents.write_documents(training) is None
    assert not set(documents.FILES) & names_in(training)


def test_own_images_leave_no_name_behind(add_evaluation, tmp_path):
    folder = add_evaluation("own-images-1a2b3c4d")
    elsewhere = tmp_path / "patients of Dr Smith" / "run"
    shutil.move(folder.parents[2] / TRAINING / folder.parent.name / folder.name, elsewhere)
    documents.write_documents(folder, elsewhere)
    for name in documents.FILES:
        text = (folder / name).read_text(encoding="utf-8")
        assert "Smith" not in text and str(tmp_path) not in text
        assert not [address for address in re.findall(r'href="([^"]+)"', text) if TRAINING in address]
    page = (folder / "checklist.html").read_text(encoding="utf-8")
    assert "real data" in page and "Synthetic data:" not in page
    assert "not reported by the authors of the data" in page


def test_names_with_markup_are_shown_as_text(add_evaluation):
    folder = add_evaluation("own-images-1a2b3c4d")
    path = folder.parents[2] / TRAINING / folder.parent.name / folder.name / "model" / "model.json"
    card = json.loads(path.read_text())
    card["class_names"] = ["<script>alert(1)</script>", "a | b [x](javascript:y) \n# c"]
    path.write_text(json.dumps(card))
    documents.write_documents(folder)
    for name in PAGES:
        page = (folder / name).read_text(encoding="utf-8")
        require_self_contained(page, name)
        assert "<script" not in page and 'href="javascript' not in page
        assert page.count("<h1>") == 1


def test_what_is_not_there_is_said_to_be_missing(add_evaluation):
    folder = add_evaluation()
    shutil.rmtree(folder.parents[2] / TRAINING)
    document = documents.write_documents(folder)
    found = {item["number"]: item for item in document["checklists"][0]["items"]}
    assert found["22"]["state"] == "not reported" and found["37"]["state"] == "answered"
    assert not {"model_card.html", "model_card.md"} & names_in(folder), "without a model there is no card of it"
    assert "model_card.html" not in (folder / "checklist.html").read_text()


def test_documents_made_from_a_training_run_elsewhere_are_not_made_poorer(written):
    before = (written / "checklist.json").read_bytes()
    shutil.rmtree(written.parents[2] / TRAINING)
    assert documents.refresh_documents(written)
    assert (written / "checklist.json").read_bytes() == before and (written / "model_card.html").is_file()


def damaged_card(folder, model):
    (model / "model.json").write_text('{"size": 28, "thres')


def trained_again(folder, model):
    card = json.loads((model / "model.json").read_text())
    (model / "model.json").write_text(json.dumps(card | {"threshold": 0.6}))


def damaged_model(folder, model):
    (model / "model.keras").write_bytes(b"PK half")


def damaged_predictions(folder, model):
    (folder / "predictions.npz").write_bytes(b"PK half")


def damaged_training(folder, model):
    (model.parent / "results.json").write_text("{")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damaged_card, "model.json of the bundle is not JSON"),
        (trained_again, "the model was trained again since it was evaluated: execute 07_tumor_evaluation again"),
        (damaged_model, "model.keras of the bundle cannot be read"),
        (damaged_predictions, "predictions.npz"),
        (damaged_training, "is not JSON"),
    ],
)
def test_what_is_no_longer_true_is_taken_away_and_named_once(written, tmp_path, damage, words):
    model = written.parents[2] / TRAINING / written.parent.name / written.name / "model"
    damage(written, model)
    with pytest.raises(InputError, match=words) as caught:
        documents.write_documents(written)
    assert "\n" not in str(caught.value) and str(tmp_path) not in str(caught.value)
    assert not set(documents.FILES) & names_in(written)
    site.build_site(tmp_path)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(rf"<li>{EVALUATION}/tissue-phantom/quick-seed3: no reporting checklist", index)) == 1
    assert "checklist.html" not in index and f"{EVALUATION}/tissue-phantom/quick-seed3/report.html" in index


def test_the_index_links_what_lies_beside_a_report(add_evaluation, tmp_path):
    folder = add_evaluation("breastmnist")
    site.build_site(tmp_path)
    place = folder.relative_to(tmp_path).as_posix()
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    for name, title in notebook_rules.BESIDE_THE_REPORT.items():
        assert f'<a href="{place}/{name}">{title}</a>' in index
    runs = {run["notebook"]: run for run in json.loads((tmp_path / "manifest.json").read_text())["runs"]}
    assert runs[EVALUATION]["documents"] == [f"{place}/{name}" for name in PAGES]
    assert runs[TRAINING]["documents"] == []


def test_a_run_without_results_gets_neither_card_nor_checklist(add_evaluation, tmp_path):
    folder = add_evaluation()
    (folder / "results.json").write_text('{"schema_version": 1, "noteb')
    site.build_site(tmp_path)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "checklist.html" not in index and index.count(f"{EVALUATION}/tissue-phantom/quick-seed3:") == 1


# the cards


def test_the_model_card_has_the_sections_of_the_paper_and_the_numbers_of_the_run(evidence_of):
    text = model_card(evidence_of("breastmnist"))
    assert HEADINGS.findall(text) == [
        "Model details",
        "Intended use",
        "Factors",
        "Metrics",
        "Evaluation data",
        "Training data",
        "Quantitative analyses",
        "Ethical considerations",
        "Caveats and recommendations",
        "How to load it",
    ]
    assert "| auroc, test | 0.800 | 0.750 to 0.860 | 200 in 20 groups | Wilson, design effect |" in text
    assert "| auroc, test (histogram) | 0.600 | 0.500 to 0.700 |" in text
    assert "Not for clinical use" in text and "Out of scope" in text and "Nothing about doctors." in text
    assert hashlib.sha256(b"the weights of a network").hexdigest() in text
    assert "In subgroups" not in text


def test_subgroups_have_a_table_with_a_warning(evidence_of):
    evidence = evidence_of("breastmnist")
    like = evidence.documents["evaluation"]["metrics"][0]
    evidence.documents["evaluation"]["metrics"].append(
        like | {"name": "subgroup_small", "label": "AUROC, small lesions"}
    )
    assert re.search(r"by chance\*\*\n\n.*\n.*\n\| AUROC, small lesions \| 0\.800 \|", model_card(evidence))


def test_the_code_of_the_model_card_uses_what_is_there(evidence_of):
    code = re.search(r"```python\n(.+?)\n```", model_card(evidence_of()), re.S)[1]
    called = {node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)}
    source = Path(checklists.__file__).parents[2] / "training" / "bundle.py"
    defined = {node.name for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.FunctionDef)}
    assert called and called <= defined


def test_the_datasheet_has_the_sections_of_the_paper(evidence_of):
    text = datasheet(evidence_of("pneumoniamnist"))
    assert HEADINGS.findall(text) == [
        "Motivation",
        "Composition",
        "Collection process",
        "Preprocessing, cleaning, labeling",
        "Uses",
        "Distribution",
        "Maintenance",
    ]
    assert "| test | 200 | not known | 90 |" in text and "Guangzhou" in text
    assert "Not reported: ethical approval and consent." in text
    generated = datasheet(evidence_of())
    assert "| test | 200 | 20 | 90 |" in generated and "Not reported: ethical" not in generated


@pytest.mark.parametrize("variant", ["tissue-phantom", "lc25000-lung", "own-images-1a2b3c4d"])
def test_cards_and_checklist_do_not_contradict_each_other(evidence_of, variant):
    evidence = evidence_of(variant)
    texts = [
        entry.text
        for name in checklists.CHECKLISTS
        for entry in checklists.assess(checklists.read_checklist(name), evidence)
    ]
    sentences = {escape(text) for text in texts}
    said = [line.removeprefix("- ") for line in model_card(evidence).splitlines() if line.startswith("- ")]
    assert len([line for line in said if line in sentences]) >= 10
    for line in said:
        if line.startswith("Not reported: "):
            assert f"Nothing here states {line.removeprefix('Not reported: ')}" in sentences


def test_without_a_model_there_is_no_card(evidence_of):
    evidence = evidence_of()
    bare = Evidence({**evidence.documents, "card": {}})
    with pytest.raises(Missing, match="the names of the two classes"):
        model_card(bare)


def test_markdown_means_itself():
    hostile = "<b>|[a](b) `x` * # ~\n\\ "
    html = to_html(f"- {escape(hostile)}")
    assert "<b>" not in html and "<a" not in html
    assert re.sub(r"<[^>]+>", "", html).strip().replace("&lt;", "<").replace("&gt;", ">") == "<b>|[a](b) x * # ~ \\"
    assert code_block("x = '```'")[0] == "````python"


def test_a_link_to_the_checklist_is_no_broken_link_of_a_notebook(tmp_path):
    cell = nbformat.v4.new_markdown_cell("[a](checklist.html#claim-2024-7) [b](gone.html)", id="links")
    found = list(notebook_rules._links(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "07_x.ipynb"))
    assert found == ["links: link to gone.html, which does not exist"]
