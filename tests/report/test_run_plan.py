"""Own images as parameters of a run: made absolute, shown by their variant, and their names redacted everywhere."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from helpers.budgets import budgets
from helpers.data import catalog
from helpers.report import run_plan
from helpers.report.redaction import redactor
from helpers.runtime import InputError

PARAMETERS = 'profile = "quick"\ndataset = "tissue-phantom"\nexternal = ""\nseed = 0\noutput = ""'


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A notebook that takes a dataset and an external one, and a place with own images to stand in."""
    (tmp_path / "budgets").mkdir()
    (tmp_path / "budgets" / "77_small.toml").write_text("[quick]\ntiles = 1\n")
    monkeypatch.setattr(budgets, "FOLDER", tmp_path / "budgets")
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path / "reports"))
    cell = nbformat.v4.new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "77_small.ipynb")
    place = tmp_path / "Saint Elsewhere"
    for clinic in ("Winterbottom", "Somerset"):
        lines = ["path,label"]
        for label in ("normal", "tumor"):
            (place / clinic / label).mkdir(parents=True)
            for number in range(3):
                Image.fromarray(np.full((4, 4), number, np.uint8)).save(place / clinic / label / f"{number}.png")
                lines.append(f"{clinic}/{label}/{number}.png,{label}")
        (place / f"{clinic} list.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(place)
    return tmp_path / "77_small.ipynb"


@pytest.mark.parametrize("name", ["Winterbottom", "Winterbottom list.csv", "./Winterbottom list.csv"])
@pytest.mark.parametrize("external", ["", "Somerset", "Somerset list.csv", "../Saint Elsewhere/Somerset"])
def test_own_images_are_absolute_inside_and_nameless_outside(notebook, name, external):
    plan = run_plan.make_plan(notebook, {"dataset": name, "external": external})
    assert plan.given["dataset"] == str(Path(name).absolute())
    assert plan.variant == catalog.variant_name(Path(name)) and plan.variant.startswith("own-images-")
    assert plan.shown["dataset"] == plan.variant
    assert plan.shown["external"] == (catalog.variant_name(Path(external)) if external else "")
    assert plan.final.parts[-2] == plan.variant
    redact = redactor(plan, notebook.parent / "staged")
    for value in filter(None, (plan.given["dataset"], plan.given["external"])):
        text = redact(f"open({value!r}) failed at {value}, near {Path(value).resolve()}/normal/0.png")
        assert not any(word in text for word in ("Winterbottom", "Somerset", "Elsewhere", str(notebook.parent))), text


def test_the_folder_of_a_table_is_redacted_too(notebook):
    plan = run_plan.make_plan(notebook, {"external": "Somerset list.csv"})
    redact = redactor(plan, notebook.parent / "staged")
    assert plan.variant == "tissue-phantom"
    text = redact(f"cannot open '{Path.cwd()}/0.png'")
    assert text == f"cannot open '{plan.shown['external']}/0.png'"


@pytest.mark.parametrize("name", ["dataset", "external"])
@pytest.mark.parametrize(
    ("value", "words"),
    [("nobody.csv", "there is no table"), ("./nobody", "there is no folder"), ("nobody", "unknown dataset")],
)
def test_what_is_not_there_is_said_before_anything_runs(notebook, name, value, words):
    with pytest.raises(InputError, match=words):
        run_plan.make_plan(notebook, {name: value})


def test_an_empty_dataset_is_none_and_an_empty_external_is_fine(notebook):
    with pytest.raises(InputError, match="no dataset given"):
        run_plan.make_plan(notebook, {"dataset": ""})
    assert run_plan.make_plan(notebook, {"external": ""}).variant == "tissue-phantom"


@pytest.fixture
def gathering(notebook):
    """The same notebook, but one that reads other runs instead of a dataset."""
    text = 'profile = "quick"\ndata = "embedded"\nresults = ""\nseed = 0\noutput = ""'
    cell = nbformat.v4.new_code_cell(text, id="parameters", metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), notebook)
    return notebook


def test_a_run_that_reads_others_is_named_after_the_kind_of_their_rows(gathering):
    assert run_plan.make_plan(gathering, {}).variant == "embedded"
    (Path.cwd() / "public").mkdir()  # a folder of that name is not meant
    plan = run_plan.make_plan(gathering, {"data": "public"})
    assert (plan.variant, plan.given["data"]) == ("public", "public")
    with pytest.raises(InputError, match="embedded or public"):
        run_plan.make_plan(gathering, {"data": "own"})


@pytest.mark.parametrize("name", ["record.json", "./record.json"])
def test_a_file_of_results_is_absolute_inside_and_nameless_outside(gathering, name):
    plan = run_plan.make_plan(gathering, {"results": name})
    assert plan.given["results"] == str(Path("record.json").absolute())
    assert plan.variant == "record" and plan.final.parts[-2] == "record"
    assert plan.shown["results"] == "results"
    assert "Elsewhere" not in redactor(plan, gathering.parent / "staged")(f"cannot read {plan.given['results']}")
