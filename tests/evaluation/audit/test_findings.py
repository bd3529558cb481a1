"""What an audit is made of: order, counts, JSON."""

import json

import numpy as np
import pytest

from helpers.evaluation.audit.findings import Audit, Finding, case_numbers, counted, enumerated
from helpers.runtime import InputError


def finding(severity, **given):
    return Finding("a check", severity, "A sentence.", **given)


def test_severe_is_severe_only():
    assert not Audit("data", (finding("warning"), finding("passed"))).severe
    assert Audit("data", (finding("passed"), finding("severe"))).severe


def test_gravest_first_else_in_order():
    first, second, third = finding("passed"), finding("severe", advice="one"), finding("severe", advice="two")
    audit = Audit("data", (first, second, third))
    assert audit.by_severity() == (second, third, first)
    assert audit.by_severity("passed") == (first,)
    assert audit.counts() == {"severe": 2, "warning": 0, "note": 0, "passed": 1, "not applicable": 0}


def test_unknown_severity_is_refused():
    with pytest.raises(InputError, match="one of severe, warning"):
        finding("dreadful")


def test_json_holds_plain_numbers_and_no_nan():
    numbers = {"auroc": np.float32(0.5), "count": np.int64(3), "low": float("nan")}
    audit = Audit("data", (finding("severe", numbers=numbers, cases=case_numbers(np.array([7, 2, 7]))),), 9, 4, "tile")
    document = json.loads(json.dumps(audit.to_dict(), allow_nan=False))
    assert document["format"] == 1
    assert document["severe"] is True
    assert document["findings"][0]["numbers"] == {"auroc": 0.5, "count": 3, "low": None}
    assert document["findings"][0]["cases"] == [2, 7]


def test_words():
    assert counted(1, "image") == "1 image"
    assert counted(2000, "image") == "2,000 images"
    assert enumerated(["a"]) == "a"
    assert enumerated(["a", "b", "c"]) == "a, b and c"
    assert enumerated(list("abcdef"), most=2) == "a, b and 4 more"
