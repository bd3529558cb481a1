"""The regression network: the classifier's trunk, a head without bounds, and weights that move where they should."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import cnn, regression
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def images(count=8, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 28, 28, 1)).astype("float32")


def small(**changes):
    return regression.regression_cnn(
        28, **({"filters": (4, 8), "convolutions": 1, "dense": 5, "dropout": 0.0} | changes)
    )


def test_parameters_and_trunk_are_the_classifiers():
    runtime.seed_everything(3)
    classifier = cnn.tumor_cnn(28, standardize=True)
    runtime.seed_everything(3)
    number = regression.regression_cnn(28, standardize=True)
    assert number.count_params() == classifier.count_params()
    assert [layer.name for layer in number.layers[:-1]] == [layer.name for layer in classifier.layers[:-1]]
    for ours, theirs in zip(number.get_weights()[:-2], classifier.get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_answers_are_not_bounded():
    model = small()
    model.layers[-1].set_weights([np.ones((5, 1)), np.array([-7.0])])
    low = model.predict_on_batch(images())
    model.layers[-1].set_weights([np.ones((5, 1)), np.array([70.0])])
    high = model.predict_on_batch(images())
    assert low.shape == (8, 1)
    assert low.max() < 0 and high.min() >= 70


@pytest.mark.parametrize("size", [27, 129])
def test_other_sizes_are_refused(size):
    with pytest.raises(InputError, match="28 to 128"):
        regression.regression_cnn(size)


def test_one_step_moves_every_trainable_weight_and_leaves_a_frozen_trunk():
    model = small()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = [weight.numpy() for weight in model.trainable_weights]
    model.train_on_batch(images(), np.arange(8, dtype="float32")[:, None])
    moved = [np.abs(weight.numpy() - old).max() for weight, old in zip(model.trainable_weights, before, strict=True)]
    assert min(moved) > 0
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()
    model.train_on_batch(images(seed=1), np.arange(8, dtype="float32")[:, None])
    moved = [np.abs(new - old).max() for new, old in zip(model.get_weights(), before, strict=True)]
    assert max(moved[:-2]) == 0 and min(moved[-2:]) > 0


def test_learns_one_batch_by_heart():
    model = small(filters=(8, 16), dense=16)
    truth = np.linspace(-1, 1, 8).astype("float32")[:, None]
    model.compile(keras.optimizers.Adam(0.01), "mse")
    for _ in range(150):
        loss = model.train_on_batch(images(), truth)
    assert float(loss) < 0.01


def test_saved_and_loaded_gives_the_same_numbers(tmp_path):
    model = small(standardize=True, augmentation=cnn.augmentation_layers("both"))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict_on_batch(images()), model.predict_on_batch(images()))
