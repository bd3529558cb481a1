"""Sentences on calibration, sets, subgroups, sizes and coverage agree with their numbers, whatever the outcome."""

import math

import numpy as np
import pandas as pd
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.evaluation.brier import BrierParts
from helpers.evaluation.conformal import coverage_of_sets
from helpers.evaluation.external_test import ExternalTest
from helpers.evaluation.operating_points import CautiousThreshold
from helpers.evaluation.proportions import Interval
from helpers.evaluation.recalibrators import Recalibrator
from helpers.evaluation.subgroups import subgroup_table
from helpers.report import evaluation_readings as readings


def losses(chosen, none=0.5, best=0.4):
    return tuple(
        {"kind": kind, "loss": loss, "worse": loss - best, "standard_error": 0.02, "chosen": kind == chosen}
        for kind, loss in (("none", none), ("logistic", best))
    )


def test_recalibration_choice():
    repaired = readings.recalibration_choice(Recalibrator("logistic", {}, losses("logistic"), "smallest log loss"))
    assert "falls from 0.5000 to 0.4000" in repaired and "level" in repaired
    left = readings.recalibration_choice(Recalibrator("none", {}, losses("none", 0.41), "simplest"))
    assert "left as they are" in left and "save 0.0100" in left
    good = readings.recalibration_choice(Recalibrator("none", {}, losses("none", 0.38, 0.4), "smallest log loss"))
    assert "no repair had a smaller log loss" in good and "save" not in good
    few = readings.recalibration_choice(Recalibrator("none", reason="only 4 groups"))
    assert few == "The probabilities are left as they are: only 4 groups."


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (BrierParts(0.1, 0.08, 0.23, 0.25, 0, 0, 10), "(80%), which a recalibration on such cases could repair"),
        (BrierParts(0.1, 0.01, 0.16, 0.25, 0, 0, 10), "the other 90% is lost because the cases are not told apart"),
        (BrierParts(0.3, 0.06, 0.01, 0.25, 0, 0, 10), "no better than that"),
        (BrierParts(0.1, 0.1, 0.0, 0.0, 0, 0, 10), "one outcome"),
    ],
)
def test_brier_parts(parts, expected):
    assert expected in readings.brier_parts(parts)


def sets(hits, count=200):
    """One set per case: the true class, or the other."""
    right = np.arange(count) < hits
    return coverage_of_sets(np.column_stack([right, ~right]), np.zeros(count, dtype=int))


@pytest.mark.parametrize(("hits", "word"), [(150, "too few"), (180, "compatible"), (200, "more than promised")])
def test_prediction_sets(hits, word):
    sentence = readings.prediction_sets(sets(hits), 0.1, ("benign", "malignant"))
    others = {"too few", "compatible", "more than promised"} - {word}
    assert sentence.count(word) == 2 and not any(other in sentence for other in others)
    assert "90%" in sentence and "one class in 100%" in sentence and "benign" in sentence and "none in" not in sentence


def table(shares, count=100):
    hits = np.concatenate([np.arange(count) < share * count for share in shares]).astype(float)
    labels = np.repeat([f"site {number}" for number in range(len(shares))], count)
    return subgroup_table("sensitivity", np.ones(len(hits), dtype=int), hits, None, {"place": labels})


def test_subgroups():
    found = readings.subgroups(table([0.9, 0.9, 0.5]), "sensitivity")
    assert "place = site 2: -0.400" in found and "3 comparisons" in found
    nothing = readings.subgroups(table([0.8, 0.8, 0.8]), "sensitivity")
    assert "No subgroup can be told" in nothing and "hint" not in nothing and "14%" in nothing
    hint = readings.subgroups(table([0.80, 0.91, 0.84]), "sensitivity")
    assert "hint for the next study" in hint and "No subgroup can be told" in hint
    single = readings.subgroups(table([0.8, 0.8]), "sensitivity")
    assert "One comparison" in single
    few = readings.subgroups(table([0.8, 0.8], count=5), "sensitivity")
    assert "No subgroup is large enough" in few and "2 subgroups are too small" in few


def test_sample_size():
    assert "12.5 times as many" in readings.sample_size("accuracy", 0.05, 200, 2500)
    assert "at least as precise" in readings.sample_size("accuracy", 0.015, 200, 113)


def test_promise():
    missed = readings.promise(CautiousThreshold(0.0, 0.95, 0.9, False, 59))
    assert "No threshold can promise" in missed and "59 independent" in missed
    made = CautiousThreshold(0.2, 0.95, 0.953, True, 59)
    assert "can be promised" in readings.promise(made)
    assert "costs 0.12" in readings.promise(made, Interval(0.12, 0.08, 0.17, "x"))
    assert "costs no specificity" in readings.promise(made, Interval(0.0, 0.0, 0.04, "x"))
    assert "costs" not in readings.promise(made, Interval(math.nan, 0, 1, "x"))


@pytest.mark.parametrize(
    ("covered", "word"), [(0.95, "holds its level"), (0.85, "fails"), (0.995, "wider than it needs")]
)
def test_coverage_holds(covered, word):
    rows = {
        ("default", 22): {"covered": covered, "covered_low": covered - 0.004, "covered_high": covered + 0.004},
        ("default", 50): {"covered": 0.951, "covered_low": 0.947, "covered_high": 0.955},
    }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["method", "groups"])
    assert word in readings.coverage_holds(frame)


def scores(auroc, sensitivity):
    rows = {"auroc": auroc, "sensitivity": sensitivity}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])


def external(there, copied=0, names=("normal", "cancer")):
    data = Dataset(
        name="own-images-0",
        inputs=np.zeros((50, 2, 2, 1), np.uint8),
        targets=np.arange(50) % 2,
        task="binary",
        groups=np.arange(50) // 2,
        groups_known=True,
        split=np.full(50, "test"),
        source=Source("Own images", "", "", group="patient"),
        class_names=names,
    )
    return ExternalTest(data, np.zeros(50), there, None, copied)


@pytest.mark.parametrize(
    ("there", "verdict"),
    [
        (scores((0.6, 0.55, 0.65), (0.9, 0.85, 0.95)), "AUROC is lower (-0.300"),
        (scores((0.9, 0.85, 0.95), (0.6, 0.5, 0.7)), "sensitivity is lower (-0.300"),
        (scores((0.9, 0.85, 0.95), (0.9, 0.85, 0.95)), "AUROC is not shown to differ (+0.000"),
    ],
)
def test_whether_the_model_travels(there, verdict):
    here = scores((0.9, 0.85, 0.95), (0.9, 0.85, 0.95))
    sentence = readings.external(external(there), here, ("normal", "cancer"))
    assert verdict in sentence and "50 external images from 25 patients" in sentence
    assert "Counted alike" not in sentence and "copy" not in sentence
    assert "third hospital" in readings.external_limit(external(there))


def test_other_class_names_and_copies_are_said():
    here = scores((0.9, 0.85, 0.95), (0.9, 0.85, 0.95))
    sentence = readings.external(external(here, 2, ("benign", "tumor")), here, ("normal", "cancer"))
    assert "benign and normal, tumor and cancer" in sentence
    assert "2 images are a copy" in sentence


def test_no_external_images_are_no_sign_of_anything():
    assert "nothing is known" in readings.external(None, scores((1, 1, 1), (1, 1, 1)), ("a", "b"))
    assert "another hospital" in readings.external_limit(None)


def test_copies_set_aside():
    interval = Interval(0.9, 0.8, 0.95, "DeLong")
    assert "nothing is set aside" in readings.copies(50, 50, interval, interval)
    assert "10 of 50 test images" in readings.copies(40, 50, interval, interval)
    assert "test memory" in readings.copies(0, 50, interval, interval)
