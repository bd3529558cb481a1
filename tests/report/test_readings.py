"""Sentences agree with their numbers, whatever the outcome."""

import math

import numpy as np
import pandas as pd
import pytest

from helpers.evaluation.intervals import Interval
from helpers.evaluation.metrics import ConfusionCounts
from helpers.report import readings


@pytest.mark.parametrize(
    ("low", "high", "expected", "unexpected"),
    [
        (0.01, 0.1, "has the higher AUROC", "simpler"),
        (-0.1, -0.01, "simpler model wins", "higher"),
        (-0.01, 0.1, "cannot be told apart", "higher"),
    ],
)
def test_difference(low, high, expected, unexpected):
    sentence = readings.difference((low + high) / 2, low, high, "The network", "pixels", "AUROC")
    assert expected in sentence
    assert unexpected not in sentence


def auroc(value, low, high):
    return {"AUROC": value, "low": low, "high": high}


def test_split_gap():
    group = auroc(0.80, 0.75, 0.85)
    assert "promises more" in readings.split_gap(auroc(0.99, 0.97, 0.995), group, True, "tile")
    assert "no difference can be shown" in readings.split_gap(auroc(0.84, 0.80, 0.88), group, True, "tile")
    assert "can find nothing" in readings.split_gap(auroc(0.99, 0.97, 0.995), group, False, "tile")


def test_split_gap_interval_by_hand():
    # Newcombe: .2 - sqrt(.03^2 + .04^2) and .2 + sqrt(.05^2 + .12^2)
    sentence = readings.split_gap(auroc(0.9, 0.87, 0.95), auroc(0.7, 0.58, 0.74), True, "tile")
    assert "+0.200" in sentence
    assert "+0.150 to +0.330" in sentence


@pytest.mark.parametrize(
    ("validation", "training", "expected"),
    [
        ([0.6, 0.5, 0.4], [0.6, 0.5, 0.4], "more epochs might help"),
        ([0.6, 0.4, 0.5, 0.7, 0.9], [0.6, 0.4, 0.3, 0.2, 0.1], "begins to memorize"),
        ([0.6, 0.4, 0.9, 0.7, 0.5], [0.6, 0.4, 0.3, 0.2, 0.1], "noise"),
        ([0.6, 0.4, 0.41], [0.6, 0.4, 0.39], "about where it was"),
    ],
)
def test_training_course(validation, training, expected):
    epochs = range(1, len(validation) + 1)
    history = pd.DataFrame({"epoch": epochs, "loss": training, "validation_loss": validation})
    history["best"] = history["validation_loss"] == min(validation)
    assert expected in readings.training_course(history)


FLAT, STEEP, FINE = Interval(0.7, 0.5, 0.9, "x"), Interval(1.5, 1.2, 1.9, "x"), Interval(1.0, 0.8, 1.2, "x")
HIGH, LOW, LEVEL = Interval(-0.5, -0.7, -0.3, "x"), Interval(0.5, 0.3, 0.7, "x"), Interval(0.0, -0.2, 0.2, "x")
UNKNOWN = Interval(math.nan, -math.inf, math.inf, "undefined")


@pytest.mark.parametrize(
    ("slope", "intercept", "spread", "level"),
    [
        (FLAT, HIGH, "too far apart", "overestimated"),
        (STEEP, LOW, "too close together", "underestimated"),
        (FINE, LEVEL, "compatible with the outcomes", "compatible with what came true"),
        (UNKNOWN, LEVEL, "not defined", "not defined"),
    ],
)
def test_calibration(slope, intercept, spread, level):
    sentence = readings.calibration(slope, intercept)
    assert spread in sentence
    assert level in sentence


def test_net_benefit_has_a_direction():
    assert "worth 21 more" in readings.net_benefit(0.021, 91, 99, "pixels", 3)
    assert "worth 4 fewer" in readings.net_benefit(-0.004, 10, 99, "pixels", 3)


def test_accuracy_trap():
    assert "Only the distance" in readings.accuracy_trap(0.9, 0.7)
    assert "useless" in readings.accuracy_trap(0.7, 0.7)


def test_the_baseline_is_not_hidden_behind_the_simple_policies():
    assert "the baseline (pixels) has the higher net benefit at 94 of them" in readings.net_benefit(
        0.04, 90, 99, "pixels", 94
    )


def test_mistakes_are_counted_in_groups_as_well():
    counts = ConfusionCounts(true_positive=5, false_positive=2, true_negative=4, false_negative=3)
    sentence = readings.mistakes(counts, np.array([7, 7, 7, 9, 9]), "tiles")
    assert sentence == "5 of 14 wrong, from 2 tiles: 3 missed, 2 false alarms"
