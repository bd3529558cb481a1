"""The case-study network: size, parameters, augmentation only in training."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import cnn
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def test_parameters_counted_by_hand():
    model = cnn.tumor_cnn(28, filters=(4, 8), convolutions=1, dense=5)
    kernels = 9 * 1 * 4 + 9 * 4 * 8
    normalization = 4 * 4 + 4 * 8  # scale, offset, moving mean, moving variance of each map
    head = (2 * 8 * 5 + 5) + (5 + 1)  # mean and largest of each map, then one probability
    assert model.count_params() == kernels + normalization + head


@pytest.mark.parametrize("size", [28, 64, 128])
def test_default_network_takes_every_size_within_the_limit_of_parameters(size):
    model = cnn.tumor_cnn(size)
    assert model.count_params() <= 100_000
    probability = model.predict_on_batch(np.random.default_rng(0).normal(size=(3, size, size, 1)))
    assert probability.shape == (3, 1)
    assert ((probability > 0) & (probability < 1)).all()


@pytest.mark.parametrize("size", [27, 129])
def test_other_sizes_are_refused(size):
    with pytest.raises(InputError, match="28 to 128"):
        cnn.tumor_cnn(size)


def test_unknown_normalization_and_flip_are_refused():
    with pytest.raises(InputError, match="batch, group, none"):
        cnn.tumor_cnn(28, normalization="layer")
    with pytest.raises(InputError, match="horizontal"):
        cnn.augmentation_layers(flip="upside-down")


def test_augmentation_changes_training_only():
    layers = cnn.augmentation_layers("both", rotation=20, shift=0.1, contrast=0.2)
    model = cnn.tumor_cnn(28, filters=(4,), convolutions=1, dropout=0.0, normalization="none", augmentation=layers)
    images = np.random.default_rng(1).normal(size=(4, 28, 28, 1)).astype("float32")
    calm = [model(images, training=False).numpy() for _ in range(2)]
    shaken = [model(images, training=True).numpy() for _ in range(2)]
    np.testing.assert_array_equal(calm[0], calm[1])
    assert np.abs(shaken[0] - shaken[1]).max() > 0


def test_augmentation_adds_no_parameters():
    plain = cnn.tumor_cnn(28)
    augmented = cnn.tumor_cnn(28, augmentation=cnn.augmentation_layers("both", 20, 0.1, 0.2))
    assert plain.count_params() == augmented.count_params()


def test_standardized_network_ignores_brightness_and_contrast():
    model = cnn.tumor_cnn(28, standardize=True)
    images = np.random.default_rng(2).normal(size=(4, 28, 28, 1)).astype("float32")
    np.testing.assert_allclose(model(images), model(3 * images + 5), atol=1e-4)
    sensitive = cnn.tumor_cnn(28)
    assert np.abs(sensitive(images).numpy() - sensitive(3 * images + 5).numpy()).max() > 1e-4


def test_no_batch_statistics_with_group_normalization():
    kinds = {type(layer) for layer in cnn.tumor_cnn(28, normalization="group").layers}
    assert keras.layers.GroupNormalization in kinds
    assert keras.layers.BatchNormalization not in kinds
