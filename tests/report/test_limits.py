"""The box of every report: what cannot be shown follows from the data, not from the wish of who writes."""

import dataclasses

import numpy as np
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.report.limits import limits_of
from helpers.report.writing import Run


def dataset(groups: int = 30, **changes) -> Dataset:
    source = Source("Title", "licence", "citation", group="patient", caveats=("The scanner was old.",))
    made = Dataset(
        name="tissue-phantom",
        inputs=np.zeros((groups, 4, 4, 1), np.uint8),
        targets=np.arange(groups) % 2,
        task="binary",
        groups=np.arange(groups),
        groups_known=True,
        split=np.resize(["train", "validation", "test"], groups),
        source=source,
    )
    return dataclasses.replace(made, **changes)


def test_few_groups_in_the_test_part_leave_a_wide_interval():
    few, many = (" ".join(limits_of(dataset(groups))) for groups in (30, 3 * 400))
    assert "it holds 10 patients" in few and "may be 0.60 as well as 0.98" in few  # Wilson: 9 of 10
    assert "it holds" not in many


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"groups_known": False}, "Nothing about whole patients"),
        ({}, "the source does not say which ones"),
        ({"sites": np.resize([0, 1, 1], 30)}, "not in the data"),
        ({"sites": np.resize([0, 0, 1], 30)}, "a third hospital"),
        (
            {"source": Source("Phantom", "MIT", "us", synthetic=True)},
            "Nothing about patients (Phantom): the data are generated",
        ),
    ],
)
def test_origin_groups_and_hospitals_decide_what_is_not_shown(changes, words):
    sentences = limits_of(dataset(**changes))
    assert words in " ".join(sentences)
    assert all(len(sentence) > 10 for sentence in sentences)


def test_known_groups_are_not_complained_about():
    assert "whole patients" not in " ".join(limits_of(dataset()))


def test_every_run_states_the_limits_of_its_data_once(tmp_path):
    run = Run("06_tumor_diagnosis", "Title", "tissue-phantom", "quick", 0, str(tmp_path))
    run.add_dataset(dataset())
    run.add_limit("The scanner was old.")
    document = run.save()
    assert document["limits"].count("The scanner was old.") == 1
    assert document["limits"] == limits_of(dataset())
