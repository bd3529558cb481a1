"""Tables and lists of molecules: what is cleaned away is counted, the split is DeepChem's, hostile files get one line."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from helpers.data import catalog
from helpers.data.catalog import entries
from helpers.data.readers import read
from helpers.data.scaffolds import scaffold_smiles, scaffold_split, split_hash
from helpers.runtime import InputError

ENTRY = {
    "title": "Small",
    "kind": "molecule",
    "task": "binary",
    "origin": "download",
    "reader": "molecule-table",
    "folder": "small",
    "group": "scaffold",
    "groups_known": True,
    "split": "official",
    "class_names": ["no", "yes"],
    "source_labels": [0, 1],
    "licence": "none",
    "citation": "nobody",
    "caveats": ["Small."],
    "synthetic": False,
    "verified": True,
    "columns": {"smiles": "smiles", "targets": ["answer"]},
}


@pytest.fixture
def table(data_folder):
    """Writes files of the dataset ``small`` and gives its entry: ``table("smiles,answer\\nCC,1\\n", task="regression")``."""

    def write(*contents: bytes | str, **changes):
        (data_folder / "small").mkdir(parents=True, exist_ok=True)
        files = []
        for number, content in enumerate(contents):
            content = content.encode() if isinstance(content, str) else content
            (data_folder / "small" / f"file{number}.csv").write_bytes(content)
            files.append({"name": f"file{number}.csv", "sha256": hashlib.sha256(content).hexdigest()})
        return entries.entry_from_document("small", {**ENTRY, "files": files, **changes})

    return write


def test_molecules_are_cleaned_and_counted(table, capfd):
    lines = ["OCC,1", "C(O)C,1", "nonsense,0", "c1ccccc1C,0", "Cc1ccccc1,1", "c1ccncc1,0", "C1CC,1"]
    dataset = read(table("smiles,answer\n" + "\n".join(lines) + "\n"))
    assert dataset.inputs.tolist() == ["CCO", "c1ccncc1"]  # toluene contradicts itself and has no class
    assert dataset.targets.tolist() == [1, 0] and dataset.targets.dtype == np.int64
    assert dataset.source.caveats == (
        "Small.",
        "Of 7 lines, 2 hold no molecule that RDKit can read and 2 repeat an earlier molecule (the same canonical SMILES); "
        "of those, 1 measurements contradict each other and count as not made.",
    )
    assert "".join(capfd.readouterr()) == ""  # RDKit tells it to nobody else


def test_repeated_measurements_are_averaged(table):
    dataset = read(table("SMILES,answer\nCC,1.5\nCCC,\nC-C,2.5\n", task="regression", class_names=[], source_labels=[]))
    assert dataset.inputs.tolist() == ["CC"] and dataset.targets.tolist() == [2.0]


def test_what_was_not_tested_is_missing(table):
    columns = {"smiles": "smiles", "targets": ["a", "b"]}
    dataset = read(table("b,smiles,a\n1,CC,\n,C-C,0\n0,CCC,1\n", task="multilabel", columns=columns))
    np.testing.assert_array_equal(dataset.targets, [[0, 1], [1, 0]])  # two lines of ethane complete each other
    assert dataset.overview()["yes"].sum() == 2


def test_lists_of_molecules(table):
    smiles = ["C" * length for length in range(1, 21)]
    first, last = "\n".join([*smiles, "CC"]), "CCCO\nC(\nCC\n"
    entry = table(first, last, task="unlabeled", reader="smiles-lists", class_names=[], source_labels=[])
    dataset = read(entry)
    assert dataset.inputs.tolist() == [*smiles, "CCCO"] and np.isnan(dataset.targets).all()
    assert dataset.part("validation").inputs.tolist() == [smiles[9], smiles[19]]
    assert dataset.part("test").inputs.tolist() == ["CCCO"]  # CC was in training already
    assert "Of 24 lines, 1 hold no molecule that RDKit can read and 2 repeat" in dataset.source.caveats[-1]
    assert len(read(entry, 10)) <= 12


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00nonsense", "is not text"),
        ("", "has no column 'smiles'"),
        ("smiles,result\nCC,1\n", "has no column 'answer'; its first line names smiles, answer"),
        ("smiles,answer\nCC,1,2\n", "line 2: 3 columns, but the first line names 2"),
        ("smiles,answer\nCC,perhaps\n", "line 2: 'perhaps' where 0 or 1 belongs"),
        ("smiles,answer\nCC,2\n", "line 2: '2' where 0 or 1 belongs"),
        ("smiles,answer\nhello,1\nworld,0\n", "RDKit can read no molecule of file0.csv"),
        ("smiles,answer\n", "RDKit can read no molecule of file0.csv"),
    ],
)
def test_hostile_tables_get_one_line(table, content, message):
    entry = table(content)
    with pytest.raises(InputError, match=message) as caught:
        read(entry)
    assert "\n" not in str(caught.value) and str(caught.value).startswith("small: ")


def test_another_split_than_the_catalogs_is_refused(table):
    entry = table("smiles,answer\nCC,1\n", split_sha256="0" * 64)
    with pytest.raises(InputError, match="the scaffold split differs from the catalog's"):
        read(entry)


def test_a_list_of_nonsense_is_refused(table):
    entry = table("CC\n", "hello\nworld\n", task="unlabeled", reader="smiles-lists", class_names=[], source_labels=[])
    with pytest.raises(InputError, match="RDKit can read no molecule of file1.csv"):
        read(entry)


def test_scaffolds_are_rings_and_what_joins_them():
    smiles = ["CCO", "Cc1ccccc1O", "c1ccccc1CCc1ccncc1C", "C[C@H]1CC[C@@H](O)CC1"]
    assert scaffold_smiles(smiles).tolist() == ["", "c1ccccc1", "c1ccc(CCc2ccncc2)cc1", "C1CCCCC1"]


def test_scaffold_split_puts_the_largest_first():
    scaffolds = np.array(["a"] * 5 + ["b"] * 3 + ["c", "d"], dtype=object)
    # Training takes a and b (8 of 10); of the equal ones d, which appears later, is served first.
    assert scaffold_split(scaffolds).tolist() == ["train"] * 8 + ["test", "validation"]
    too_large = np.array(["a"] * 9 + ["b"], dtype=object)
    # Nine do not fit into training; together with nothing they fit into the first 90 %, so they validate.
    assert scaffold_split(too_large).tolist() == ["validation"] * 9 + ["train"]


def test_the_hash_of_a_split_is_of_its_rows():
    split = np.array(["train", "test", "validation"])
    assert split_hash(split) == hashlib.sha256(b"train 0\nvalidation 2\ntest 1").hexdigest()
    assert split_hash(split[::-1]) != split_hash(split)


@pytest.mark.parametrize(
    ("name", "counts", "cleaning"),
    [
        ("esol", (893, 111, 113), "Of 1,128 lines, 0 hold no molecule that RDKit can read and 11 repeat"),
        ("bbbp", (1557, 204, 204), "Of 2,050 lines, 11 hold no molecule that RDKit can read and 64 repeat"),
        ("bace", (1210, 151, 152), "Of 1,513 lines, 0 hold no molecule that RDKit can read and 0 repeat"),
        pytest.param("tox21", (6258, 782, 783), "Of 7,831 lines, 8 hold no molecule", marks=pytest.mark.notebooks),
    ],
)
def test_real_molecules(real_data, name, counts, cleaning):
    dataset = real_data(name)  # which compares the hash of the split with the catalog's
    assert catalog.describe(name).split_sha256
    assert tuple(int((dataset.split == part).sum()) for part in ("train", "validation", "test")) == counts
    assert dataset.source.caveats[-1].startswith(cleaning)
    assert len(set(dataset.inputs)) == len(dataset)
    parts = [set(dataset.part(part).groups) for part in ("train", "validation", "test")]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]


@pytest.mark.notebooks
def test_real_lists(real_data):
    dataset = real_data("zinc")
    assert [len(dataset.part(part)) for part in ("train", "validation", "test")] == [22001, 2444, 5000]
    assert len(set(dataset.inputs)) == 29445


@pytest.mark.parametrize("name", ["esol", "bbbp", "bace", "tox21", "zinc", "molecule-phantom"])
def test_the_catalog_says_what_a_report_needs(name):
    entry = catalog.describe(name)
    assert entry.kind == "molecule" and entry.title and entry.licence and entry.citation and entry.caveats
    assert len(entry.target_names) == len(entry.columns.get("targets", entry.target_names)) or entry.task == "binary"
    assert all(file.addresses and file.sha256 for file in entry.files)
    assert f"## {name}" in catalog.readme()
