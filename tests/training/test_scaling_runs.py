"""Runs of many sizes: counts by hand, networks and runs that are made once, and more steps that help."""

import numpy as np
import pytest

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.scaling_runs import ScaledSizes, ScalingRuns, counts_up_to

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
    encoder = (16 * 8 + 8) + block + 2 * 8
    # The encoder handles the 4 visible tokens of an image, the decoder all 16.
    assert runs.operations(8, steps=10) == 6 * (encoder * 4 + (expected - encoder) * 16) * 10 * 8


def test_numbers_of_images_fit_into_what_there_is():
    assert counts_up_to(1000, [10, 100, 1000]) == [10, 100, 1000]
    assert counts_up_to(90, [10, 30, 100, 300]) == [10, 21, 43, 90]
    with pytest.raises(InputError, match="8 training images are too few"):
        counts_up_to(8, [6, 20, 70, 240])


@pytest.mark.notebooks
def test_longer_training_helps_and_runs_repeat(runs):
    short, long = (runs.loss(8, 32, steps, seed=0) for steps in (2, 120))
    assert long < short / 2
    assert made().loss(8, 32, 2, seed=0) == short
