"""Sentences agree with their numbers, whatever the outcome."""

import math

import pandas as pd
import pytest

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


def test_split_gap():
    assert "already seen" in readings.split_gap({"AUROC": 0.99, "low": 0.97}, {"AUROC": 0.80}, True, "tile")
    assert "within what chance allows" in readings.split_gap(
        {"AUROC": 0.82, "low": 0.75}, {"AUROC": 0.80}, True, "tile"
    )
    assert "can find nothing" in readings.split_gap({"AUROC": 0.99, "low": 0.97}, {"AUROC": 0.80}, False, "tile")


@pytest.mark.parametrize(
    ("validation", "training", "expected"),
    [
        ([0.6, 0.5, 0.4], [0.6, 0.5, 0.4], "still falling"),
        ([0.6, 0.4, 0.9], [0.6, 0.4, 0.1], "memorizes"),
        ([0.6, 0.4, 0.41], [0.6, 0.4, 0.39], "about where it is"),
    ],
)
def test_training_course(validation, training, expected):
    history = pd.DataFrame({"epoch": [1, 2, 3], "loss": training, "validation_loss": validation})
    history["best"] = history["validation_loss"] == min(validation)
    assert expected in readings.training_course(history)


@pytest.mark.parametrize(
    ("slope", "low", "high", "expected"),
    [
        (0.7, 0.5, 0.9, "too extreme"),
        (1.5, 1.2, 1.9, "too timid"),
        (0.9, 0.7, 1.2, "compatible with 1"),
        (math.nan, -math.inf, math.inf, "not defined"),
    ],
)
def test_calibration(slope, low, high, expected):
    assert expected in readings.calibration(slope, low, high)


def test_accuracy_trap():
    assert "Only the distance" in readings.accuracy_trap(0.9, 0.7)
    assert "useless" in readings.accuracy_trap(0.7, 0.7)
