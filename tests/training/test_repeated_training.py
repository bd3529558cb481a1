"""Repeated training: Keras' Adam to rounding, the same start every time, the house's schedule."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.training.fit import step_size_schedule
from helpers.training.repeated_training import RepeatedTraining, shuffled_rows, step_sizes


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def network():
    keras.utils.set_random_seed(3)
    sample = keras.Input((4,))
    hidden = keras.layers.Dense(5, activation="tanh")(sample)
    return keras.Model(sample, keras.layers.Dense(1)(hidden))


def squared(answer, target):
    return keras.ops.mean(keras.ops.square(answer - target))


def batches(steps):
    generator = np.random.default_rng(0)
    return [
        (generator.normal(size=(8, 4)).astype("float32"), generator.normal(size=(8, 1)).astype("float32"))
        for _ in range(steps)
    ]


def test_steps_are_those_of_keras():
    ours, theirs = network(), network()
    losses = RepeatedTraining(ours, squared).run(None, batches(12), 12, 0.02, seed=0)
    theirs.compile(keras.optimizers.Adam(step_size_schedule(0.02, 12)), "mean_squared_error")
    expected = [theirs.train_on_batch(*batch) for batch in batches(12)]
    np.testing.assert_allclose(losses[0], expected[0], rtol=1e-5)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_every_run_starts_anew():
    training = RepeatedTraining(network(), squared)
    first = training.run(None, batches(6), 6, 0.02, seed=0)
    moved = training.model.get_weights()
    np.testing.assert_array_equal(training.run(None, batches(6), 6, 0.02, seed=0), first)
    onward = training.run(moved, batches(6), 6, 0.02, seed=0)
    assert (onward != first).all()


@pytest.mark.parametrize("steps", [1, 7, 250])
def test_schedule_of_the_house(steps):
    expected = [float(step_size_schedule(0.01, steps)(step)) for step in range(steps)]
    np.testing.assert_allclose(step_sizes(0.01, steps), expected, rtol=1e-4, atol=1e-8)


def test_rows_pass_over_all_samples():
    rows = shuffled_rows(10, 4, 5, seed=0)
    assert rows.shape == (5, 4)
    assert sorted(rows.ravel()[:10]) == list(range(10)) == sorted(rows.ravel()[10:])
    assert rows.ravel()[:10].tolist() != rows.ravel()[10:].tolist()
