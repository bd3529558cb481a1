"""The catalog: every entry is complete, names are found, and data/README.md is what the catalog says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.data import catalog
from helpers.data.catalog import entries
from helpers.runtime import InputError

README = Path(__file__).resolve().parents[2] / "data" / "README.md"
EXPECTED = (
    "breastmnist",
    "ecg-phantom",
    "lc25000-lung",
    "lc25000-lung-built",
    "mitdb",
    "pathmnist",
    "pathmnist-tumor",
    "pneumoniamnist",
    "tissue-phantom",
    "wisconsin",
)


def test_names():
    assert set(EXPECTED) <= set(catalog.names())


@pytest.mark.parametrize("name", EXPECTED)
def test_every_entry_says_what_a_report_needs(name):
    entry = catalog.describe(name)
    assert entry.title and entry.licence and entry.citation and entry.caveats
    assert entry.synthetic == (entry.origin == "generated")
    assert entry.doi or entry.synthetic
    assert all("\n" not in caveat for caveat in entry.caveats)
    assert entry.verified or entry.unverified_reason
    assert entry.split == "official" or entry.split_seed or entry.synthetic
    assert bool(entry.files) == (entry.origin in ("download", "build"))
    if entry.origin == "download":
        assert all(file.checksum and entry.folder for file in entry.files)
    for benchmark in entry.benchmarks:
        assert benchmark["model"] and entry.benchmark_citation
        assert all(0.5 < benchmark[key] < 1 for key in ("auroc", "accuracy") if key in benchmark)


def test_checksums_are_the_official_ones():
    official = {  # medmnist/info.py
        "breastmnist": "750601b1f35ba3300ea97c75c52ff8f6",
        "pneumoniamnist": "28209eda62fecd6e6a2d98b1501bb15f",
        "pathmnist": "a8b06965200029087d5bd730944a56c1",
        "pathmnist-tumor": "a8b06965200029087d5bd730944a56c1",
    }
    for name, checksum in official.items():
        assert catalog.describe(name).files[0].md5 == checksum


def test_unknown_names_get_an_offer():
    with pytest.raises(InputError, match="did you mean breastmnist"):
        catalog.describe("breastmist")
    for action in (catalog.load, catalog.require, catalog.variant_name, catalog.describe):
        with pytest.raises(InputError, match="unknown dataset 'qqq'"):
            action("qqq")
    with pytest.raises(InputError, match="no dataset given"):
        catalog.load("  ")


def test_variant_names(tmp_path, monkeypatch):
    assert catalog.variant_name("breastmnist") == "breastmnist"
    (tmp_path / "mueller_hans").mkdir()
    monkeypatch.chdir(tmp_path)
    names = {
        catalog.variant_name(path)
        for path in ("mueller_hans", "./mueller_hans", str(tmp_path / "mueller_hans/"), tmp_path / "mueller_hans")
    }
    assert len(names) == 1
    (name,) = names
    assert name.startswith("own-images-") and len(name) == len("own-images-") + 8
    assert catalog.variant_name(tmp_path) != name


def test_a_catalog_name_wins_over_a_folder_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "wisconsin").mkdir()
    monkeypatch.chdir(tmp_path)
    assert catalog.variant_name("wisconsin") == "wisconsin"
    assert catalog.variant_name("./wisconsin").startswith("own-images-")


def test_present_and_require(data_folder):
    assert catalog.present("wisconsin") and catalog.present("tissue-phantom")
    assert not catalog.present("breastmnist")
    catalog.require("wisconsin")
    with pytest.raises(InputError, match="`medlab fetch breastmnist`"):
        catalog.require("breastmnist")
    (data_folder / "medmnist").mkdir(parents=True)
    (data_folder / "medmnist" / "breastmnist.npz").write_bytes(b"")
    assert catalog.present("breastmnist")


def test_the_phantom_is_what_its_entry_says():
    entry, dataset = catalog.describe("tissue-phantom"), catalog.load("tissue-phantom", maximum=24)
    assert 0 < len(dataset) <= 24 and dataset.source.synthetic
    assert (dataset.name, dataset.task, dataset.class_names) == (entry.name, entry.task, entry.class_names)
    assert (dataset.groups_known, dataset.source.group) == (entry.groups_known, entry.group)


def test_require_decodes_nothing(tmp_path):
    for label in ("normal", "tumor"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "a.png").write_bytes(b"no image")
    catalog.require(tmp_path)
    with pytest.raises(InputError):
        catalog.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": 1}, "unknown key 'colour'"),
        ({"task": "guess"}, "task 'guess'"),
        ({"source_labels": [0]}, "source labels"),
        ({"files": [{"url": ""}]}, "url"),
        ({"reporting": {"weather": {"text": "x", "citation": "y"}}}, "unknown reporting topic 'weather'"),
        ({"reporting": {"setting": {"text": "x"}}}, "reporting.setting needs a text and the citation"),
        ({"reporting": {"setting": {"text": "x", "citation": ""}}}, "reporting.setting needs a text and the citation"),
    ],
)
def test_a_broken_entry_is_one_clear_line(change, words):
    document = {"title": "x", "kind": "image", "task": "binary", "origin": "embedded", "reader": "x", "group": "x"}
    document |= {
        "groups_known": True,
        "split": "drawn",
        "class_names": ["a", "b"],
        "source_labels": [0, 1],
        "licence": "x",
    }
    document |= {"citation": "x", "caveats": [], "synthetic": False, "verified": True}
    assert entries.entry_from_document("new", document).class_names == ("a", "b")
    with pytest.raises(InputError, match=words):
        entries.entry_from_document("new", document | change)


def test_readme_is_what_the_catalog_says():
    assert README.read_text(encoding="utf-8") == catalog.readme(), "write data/README.md again from catalog.readme()"


def test_readme_names_every_file_and_checksum():
    text = catalog.readme()
    for name in EXPECTED:
        for file in catalog.describe(name).files:
            assert file.name in text and file.sha256 in text and file.md5 in text


def test_what_authors_say_of_their_data_stands_with_its_source():
    said = {name: catalog.describe(name).reporting for name in EXPECTED}
    assert said["tissue-phantom"] == {}, "nobody was examined, so nobody reports anything"
    assert {"setting", "period", "participants"} <= set(said["breastmnist"])
    assert {"eligibility", "annotators", "reference_standard"} <= set(said["pneumoniamnist"])
    for statements in said.values():
        for statement in statements.values():
            assert re.search(r"doi:10\.\d+/|arXiv:\d", statement.citation), statement
            assert f"{statement.text} ({statement.citation})" in catalog.readme()


def test_the_data_floor_imports_without_tensorflow():
    modules = "catalog, dicom, download, image_table, lc25000, mitbih, own_images, preparation, readers, splitting"
    code = (
        f"import sys; from helpers.data import {modules}; sys.exit(bool({{'tensorflow', 'keras'}} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": os.pathsep.join(sys.path)})
    assert finished.returncode == 0
