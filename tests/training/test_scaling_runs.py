"""Runs of many sizes: counts by hand, networks and runs that are made once, and more steps that help."""

import numpy as np
import pytest

from helpers import runtime
from helpers.training.scaling_runs import ScaledSizes, ScalingRuns

SIZES = ScaledSizes(patch=4, visible=4, depth=1, heads=2, batch_size=8, learning_rate=1e-2)


def made():
    phase = np.random.default_rng(0).uniform(0, 2 * np.pi, (48, 1))
    row = np.sin(2 * np.pi * np.arange(16) / 4 + phase)
    images = np.repeat(row[:, None, :, None], 16, axis=1).astype("float32")
    return ScalingRuns(images[:32], images[32:], SIZES)


@pytest.fixture(scope="module")
def runs():
    runtime.configure(0)
    return made()


def test_parameters_and_operations_by_hand(runs):
    block = 4 * (8 * 8 + 8) + (8 * 32 + 32) + (32 * 8 + 8) + 4 * 8
    # Pixels in, one block and its end; narrow, mask token, one block and its end, pixels out.
    expected = (16 * 8 + 8) + block + 2 * 8 + (8 * 8 + 8) + 8 + block + 2 * 8 + (8 * 16 + 16)
    assert runs.parameters(8) == expected
    assert runs.operations(8, steps=10) == 6 * expected * 10 * 8 * 4


@pytest.mark.notebooks
def test_longer_training_helps_and_runs_repeat(runs):
    short, long = (runs.loss(8, 32, steps, seed=0) for steps in (2, 120))
    assert long < short / 2
    assert made().loss(8, 32, 2, seed=0) == short
