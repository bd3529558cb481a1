"""Orientations, training for a fixed length, and answers in batches."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import autoencoder
from helpers.runtime import InputError
from helpers.training import reconstruction


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def pictures(count=40):
    return np.random.default_rng(0).normal(size=(count, 8, 8, 1)).astype("float32")


def test_orientations_are_all_different_and_begin_with_the_pictures():
    some = pictures(2)
    every = reconstruction.orientations(some, 4)
    assert every.shape == (16, 8, 8, 1)
    np.testing.assert_array_equal(every[:2], some)
    assert len({view.tobytes() for view in every}) == 16
    upright = reconstruction.orientations(some, 1)
    np.testing.assert_array_equal(upright, np.concatenate([some, some[:, :, ::-1]]))
    with pytest.raises(InputError):
        reconstruction.orientations(some, 3)


def test_training_lowers_the_loss_and_the_seed_decides():
    weights = []
    for seed in (1, 1, 2):
        runtime.seed_everything(0)
        network = autoencoder.wide_autoencoder(8, (4,))
        history = reconstruction.fit_pictures(
            network, pictures(), pictures(), epochs=4, batch_size=8, learning_rate=0.02, seed=seed
        )
        assert history["loss"][-1] < history["loss"][0] and len(history["loss"]) == 4
        weights.append(network.get_weights()[0])
    np.testing.assert_array_equal(weights[0], weights[1])
    assert np.abs(weights[0] - weights[2]).max() > 0


def test_answers_do_not_depend_on_the_batches():
    some = keras.Input((8, 8, 1))
    double = keras.Model(some, some * 2)
    np.testing.assert_array_equal(reconstruction.reconstruct(double, pictures(10), batch_size=3), pictures(10) * 2)
