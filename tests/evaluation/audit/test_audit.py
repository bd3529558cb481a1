"""The whole audit: every check answers on every kind of data, and the answers of simple cases are known by hand."""

import json
from dataclasses import replace

import material
import numpy as np
import pytest

from helpers.data.dataset import Dataset
from helpers.data.stored_images import StoredImages
from helpers.evaluation.audit import audit, audit_dataset
from helpers.evaluation.copies import find_copies
from helpers.runtime import InputError

ROWS = 120
PARTS = np.array(["train", "train", "train", "validation", "test"])[np.arange(ROWS) % 5]


def noise(seed=0, side=20):
    return np.random.default_rng(seed).integers(90, 170, (ROWS, side, side, 1), dtype=np.uint8)


NONE = find_copies(noise(side=16)[:4])


def copies_of(*pairs, exact):
    """Copies as if they had been found."""
    return replace(NONE, pairs=np.array(pairs), exact=np.full(len(pairs), exact), similarity=np.ones(len(pairs)))


def dataset(**given):
    values = {
        "name": "noise",
        "inputs": noise(),
        "targets": np.arange(ROWS) // 5 % 2,
        "task": "binary",
        "groups": np.arange(ROWS),
        "groups_known": True,
        "split": PARTS,
        "source": material.source("patient"),
        "class_names": ("well", "ill"),
    }
    return Dataset(**(values | given))


def answers(data, check, copies=NONE):
    return [finding for finding in audit_dataset(data, copies).findings if finding.check == check]


GENERATOR = np.random.default_rng(8)
KINDS = {
    "images": dataset(),
    "multiclass": dataset(task="multiclass", targets=np.arange(ROWS) % 3, class_names=("a", "b", "c")),
    "many classes": dataset(task="multiclass", targets=np.arange(ROWS) % 40, class_names=()),
    "multilabel": dataset(task="multilabel", targets=np.where(GENERATOR.random((ROWS, 4)) < 0.3, np.nan, 1.0)),
    "regression": dataset(task="regression", targets=GENERATOR.normal(size=ROWS)),
    "unlabeled": dataset(task="unlabeled", targets=np.zeros(ROWS)),
    "one class": dataset(targets=np.zeros(ROWS, int)),
    "table": dataset(inputs=GENERATOR.normal(size=(ROWS, 3))),
    "table of integers": dataset(inputs=GENERATOR.integers(0, 9, (ROWS, 3))),
    "table of one missing column": dataset(inputs=np.full((ROWS, 1), np.nan)),
    "table without columns": dataset(inputs=np.zeros((ROWS, 0))),
    "signals": dataset(inputs=GENERATOR.normal(size=(ROWS, 50, 2)).astype(np.float32)),
    "words": dataset(inputs=np.array(["CCO"] * ROWS)),
    "float images": dataset(inputs=noise().astype(float)),
    "color": dataset(inputs=np.repeat(noise(), 3, axis=3)),
    "tiny images": dataset(inputs=noise(side=5)),
    "narrow images": dataset(inputs=noise(side=20)[:, :, :16]),
    "black images": dataset(inputs=0 * noise()),
    "one image": dataset().select(np.array([0])),
    "two images": dataset().select(np.array([0, 5])),
    "few groups": dataset(groups=np.arange(ROWS) // 40),
    "train only": dataset(split=np.full(ROWS, "train")),
    "test only": dataset(split=np.full(ROWS, "test")),
    "one site": dataset(sites=np.zeros(ROWS, int), times=np.zeros(ROWS)),
    "odd times": dataset(times=np.array(["monday"] * ROWS)),
    "missing times": dataset(times=np.full(ROWS, np.nan)),
    "constant facts": dataset(file_facts={"width": np.full(ROWS, 64), "bytes": np.full(ROWS, 900)}),
    "unknown facts": dataset(file_facts={"exposure_time": np.arange(ROWS) % 7}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_check_answers_on_every_kind_of_data(kind):
    result = audit_dataset(KINDS[kind])
    assert len({finding.check for finding in result.findings}) >= 23
    for finding in result.findings:
        assert finding.sentence.endswith(".") and "\n" not in finding.sentence
        assert "nan" not in finding.sentence.replace("NaN", "")
        assert bool(finding.advice) or finding.severity in ("passed", "not applicable")
        assert all(0 <= case < len(KINDS[kind]) for case in finding.cases)
    json.dumps(result.to_dict(), allow_nan=False)


def test_an_empty_dataset_is_refused():
    with pytest.raises(InputError, match="no sample"):
        audit_dataset(dataset().select(np.zeros(ROWS, bool)))


def test_the_same_twice():
    data = KINDS["images"]
    assert audit_dataset(data).to_dict() == audit_dataset(data).to_dict()


def test_groups_are_counted_not_named():
    groups = np.arange(ROWS) // 8 + 987_654
    (finding,) = answers(dataset(groups=groups), "groups on both sides of the split")
    assert finding.severity == "severe"
    assert finding.numbers == {"groups": 15, "samples": ROWS, "all_groups": 15}
    assert "98765" not in json.dumps(audit_dataset(dataset(groups=groups)).to_dict())


def test_unknown_groups_are_said_to_be_unknown():
    (finding,) = answers(dataset(groups_known=False), "groups on both sides of the split")
    assert finding.severity == "note"


def test_prevalence_by_hand():
    targets = np.where(PARTS == "test", 1, np.arange(ROWS) % 2)
    (finding,) = answers(dataset(targets=targets), "share of the classes between the parts")
    assert finding.severity == "warning"
    assert finding.numbers["share"] == 1
    assert finding.numbers["train_share"] == pytest.approx(np.mean(targets[PARTS == "train"]))
    assert finding.numbers["low"] > 0


def test_size_of_the_test_part_counts_groups():
    (single,) = answers(dataset(), "size of the test part")
    (grouped,) = answers(dataset(groups=np.arange(ROWS) // 10 * 5 + np.arange(ROWS) % 5), "size of the test part")
    assert (single.numbers["groups"], grouped.numbers["groups"]) == (24, 12)
    assert single.numbers["width"] < grouped.numbers["width"]
    assert single.numbers["accuracy_low"] == pytest.approx(0.719, abs=0.03)  # Wilson, 21.6 of 24


def test_class_missing_from_validation():
    data = dataset()
    (finding,) = answers(data.select((PARTS != "validation") | (data.targets == 1)), "every class in every part")
    assert finding.severity == "severe"
    assert "well in validation" in finding.sentence


@pytest.mark.parametrize(
    ("pair", "exact", "expected"),
    [
        ((0, 4), True, "severe"),  # train and test
        ((0, 4), False, "severe"),  # one of 24 test images is more than one in a hundred
        ((0, 1), True, "passed"),  # both train
    ],
)
def test_copies_across_parts(pair, exact, expected):
    copies = copies_of(pair, exact=exact)
    (finding,) = answers(dataset(), "copies on both sides of the split", copies)
    assert finding.severity == expected
    assert finding.cases == (pair if expected == "severe" else ())


def test_an_equal_image_stands_in_for_the_first_of_its_kind():
    """Rows 0 and 1 are equal, both train; row 4, test, is a turned copy of row 0, and row 9, test, is equal to row 4."""
    pairs, exact = np.array([[0, 1], [4, 9], [0, 4]]), np.array([True, True, False])
    copies = replace(NONE, pairs=pairs, exact=exact, similarity=np.ones(3))
    (finding,) = answers(dataset(), "copies on both sides of the split", copies)
    assert finding.cases == (0, 1, 4, 9)
    assert (finding.numbers["pairs"], finding.numbers["exact"]) == (4, 0)


def test_one_near_copy_in_a_large_part_is_a_warning():
    data = dataset()
    many = Dataset(
        **{
            name: np.tile(getattr(data, name), (9, *[1] * (np.ndim(getattr(data, name)) - 1)))
            for name in ("inputs", "targets", "split")
        },
        name="noise",
        task="binary",
        groups=np.arange(9 * ROWS),
        groups_known=True,
        source=material.source(),
    )
    copies = copies_of((0, 4), exact=False)
    (finding,) = answers(many, "copies on both sides of the split", copies)
    assert finding.severity == "warning"


def test_copies_of_one_patient_in_one_part_are_a_note():
    groups = np.arange(ROWS)
    groups[1] = 0
    copies = copies_of((0, 1), exact=True)
    (within,) = answers(dataset(groups=groups), "copies inside one part", copies)
    (across,) = answers(dataset(groups=groups), "copies in different groups", copies)
    assert (within.severity, across.severity) == ("note", "passed")
    (apart,) = answers(dataset(), "copies inside one part", copies)
    assert apart.severity == "warning"


def test_black_images_are_empty_not_copies():
    data = dataset()
    images = data.inputs.copy()
    images[[0, 4]] = 0
    copies = copies_of((0, 4), exact=True)
    (copied,) = answers(replace(data, inputs=images), "copies on both sides of the split", copies)
    (empty,) = answers(replace(data, inputs=images), "constant or empty images", copies)
    assert (copied.severity, empty.severity) == ("passed", "warning")
    assert empty.cases == (0, 4)


def test_images_on_disk_are_audited_like_those_in_memory(tmp_path):
    data = dataset()
    np.save(tmp_path / "images.npy", data.inputs)
    stored = replace(data, inputs=StoredImages(tmp_path / "images.npy"))
    assert audit_dataset(stored).to_dict() == audit_dataset(data).to_dict()


def test_of_many_images_some_are_looked_at_and_cases_keep_their_numbers(monkeypatch):
    monkeypatch.setattr(audit, "MOST_IMAGES", 60)
    data = dataset()
    images = data.inputs.copy()
    images[:] = np.where((np.arange(ROWS) % 2 == 0)[:, None, None, None], 0, images)
    result = audit_dataset(replace(data, inputs=images))
    (note,) = (finding for finding in result.findings if finding.check == "images looked at")
    (empty,) = (finding for finding in result.findings if finding.check == "constant or empty images")
    assert note.numbers["looked_at"] <= 70
    assert empty.cases and all(case % 2 == 0 for case in empty.cases)
    assert max(empty.cases) > 70
    assert result.samples == ROWS


def test_a_copy_of_a_copy_is_a_copy():
    """Rows 4 and 9 are tested, row 0 has trained; the search has paired 9 with 4 only."""
    found = audit_dataset(dataset(groups_known=False), copies_of((0, 4), (4, 9), exact=False)).findings
    across = next(finding for finding in found if finding.check == "copies on both sides of the split")
    assert across.cases == (0, 4, 9)
