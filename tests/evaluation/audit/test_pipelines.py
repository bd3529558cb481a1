"""A pipeline that looks where it must not, and one that does not."""

import numpy as np
import pytest

from helpers.evaluation.audit import audit_split
from helpers.runtime import InputError

ROWS = np.arange(100)
PARTS = {"train": ROWS[:60], "validation": ROWS[60:80], "test": ROWS[80:]}


def outcome(check, **given):
    (finding,) = (one for one in audit_split(100, **(PARTS | given)).findings if one.check == check)
    return finding


def test_a_tidy_pipeline_passes():
    audit = audit_split(
        100,
        **PARTS,
        groups=ROWS // 20,
        times=ROWS,
        scaling=PARTS["train"],
        selection=PARTS["validation"],
        threshold=PARTS["validation"],
    )
    assert {finding.severity for finding in audit.findings} == {"passed"}
    assert not audit.severe


@pytest.mark.parametrize("step", ["scaling", "selection", "threshold"])
def test_rows_of_the_test_part(step):
    finding = outcome(f"rows used for {step}", **{step: [3, 81, 99]})
    assert finding.severity == "severe"
    assert finding.cases == (81, 99)


def test_scaling_on_validation_is_a_warning():
    finding = outcome("rows used for scaling", scaling=ROWS[:70])
    assert finding.severity == "warning"
    assert finding.cases == tuple(range(60, 70))


def test_threshold_on_training_rows_is_a_warning():
    assert outcome("rows used for threshold", threshold=PARTS["train"]).severity == "warning"
    assert outcome("rows used for threshold", threshold=ROWS[:80]).severity == "passed"


def test_a_step_that_is_not_given_is_not_applicable():
    assert outcome("rows used for scaling").severity == "not applicable"


def test_masks_and_row_numbers_say_the_same():
    masks = {name: np.isin(ROWS, rows) for name, rows in PARTS.items()}
    assert audit_split(100, **masks, scaling=ROWS < 90) == audit_split(100, **PARTS, scaling=ROWS[:90])


def test_groups_and_rows_across():
    groups = ROWS // 7
    finding = outcome("groups on both sides of the split", groups=groups)
    assert finding.severity == "severe"
    assert finding.numbers["groups"] == 2  # rows 56 to 62, and 77 to 83
    assert finding.cases == (*range(56, 63), *range(77, 84))
    assert outcome("rows in several parts", test=[5, 80]).cases == (5,)


def test_rows_twice():
    assert outcome("rows more than once in a part", train=np.append(ROWS[:60], 4)).severity == "note"
    finding = outcome("rows more than once in a part", test=[80, 80, 81])
    assert (finding.severity, finding.cases) == ("warning", (80,))


def test_times():
    times = ROWS.copy()
    assert outcome("times in order", times=times).severity == "passed"
    times[[3, 70]] = 95
    finding = outcome("times in order", times=times)
    assert (finding.severity, finding.cases) == ("severe", (3, 70))
    dates = np.datetime64("2020-01-01") + ROWS[::-1]
    assert outcome("times in order", times=dates).numbers["rows"] == 80


def test_empty_parts():
    assert outcome("the three parts", test=[]).severity == "severe"
    assert outcome("the three parts", validation=[]).severity == "note"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"train": [100]}, "0 to 99"),
        ({"train": [-1]}, "0 to 99"),
        ({"train": [0.5]}, "whole numbers"),
        ({"train": np.ones(99, bool)}, "mask of train"),
        ({"groups": [1, 2]}, "groups have shape"),
        ({"times": [1, 2]}, "times have shape"),
    ],
)
def test_bad_input(given, word):
    with pytest.raises(InputError, match=word):
        audit_split(100, **(PARTS | given))


def test_what_is_not_known_is_never_passed():
    groups = np.array([1, np.nan, np.nan, 2])
    found = {finding.check: finding for finding in audit_split(4, [0, 1], [2, 3], groups=groups).findings}
    assert found["groups on both sides of the split"].severity == "warning"
    times = np.array([9, 9, np.nan, 1])
    found = {finding.check: finding for finding in audit_split(4, [0, 1], [2, 3], times=times).findings}
    assert found["times in order"].severity == "warning"
    assert found["times in order"].cases == (2,)
