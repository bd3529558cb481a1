"""Batch statistics in place of remembered ones: the formula by hand, the original untouched, nothing learned."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import runtime
from helpers.models import cnn
from helpers.models.batch_statistics import with_batch_statistics
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def network():
    """The network of the tumor case study, with statistics that are no longer those of its birth."""
    model = cnn.tumor_cnn(28, (4, 8), 1, 8, 0.5, augmentation=cnn.augmentation_layers("both"))
    generator = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    return model


def pictures(count=16, scale=1.0):
    return (scale * np.random.default_rng(1).normal(size=(count, 28, 28, 1))).astype("float32")


def test_formula_by_hand():
    inputs = keras.Input((5, 4, 3))
    model = keras.Model(inputs, layers.BatchNormalization(epsilon=1e-4, name="normalization")(inputs))
    gamma, beta = np.array([1.0, 2.0, 0.5]), np.array([0.0, 1.0, -1.0])
    model.get_layer("normalization").set_weights([gamma, beta, np.full(3, 9.0), np.full(3, 4.0)])
    batch = np.random.default_rng(0).normal(3, 2, (6, 5, 4, 3)).astype("float32")
    mean, variance = batch.mean(axis=(0, 1, 2)), batch.var(axis=(0, 1, 2))
    expected = gamma * (batch - mean) / np.sqrt(variance + 1e-4) + beta
    np.testing.assert_allclose(with_batch_statistics(model)(batch, training=False), expected, atol=1e-5)


def test_same_parameters_and_the_original_stays():
    model = network()
    before = [weight.copy() for weight in model.get_weights()]
    copy = with_batch_statistics(model)
    assert copy.count_params() == model.count_params()
    answer = model(pictures(), training=False)
    assert np.abs(copy(pictures(), training=False) - answer).max() > 1e-3
    copy(pictures(scale=5.0), training=True)
    for one, other, weight in zip(before, copy.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, weight)
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(model(pictures(), training=False), answer)


def test_another_gain_of_all_pictures_changes_nothing():
    """What a scanner multiplies every picture by is divided out: the first normalization sees to it."""
    copy = with_batch_statistics(network())
    near, far = (np.asarray(copy(pictures(scale=scale), training=False)) for scale in (1.0, 3.0))
    np.testing.assert_allclose(near, far, atol=2e-3)
    plain = network()
    assert (
        np.abs(np.asarray(plain(pictures(), training=False) - plain(pictures(scale=3.0), training=False))).max() > 0.02
    )


def test_the_answer_depends_on_the_company():
    copy = with_batch_statistics(network())
    one = pictures()[:1]
    company = [np.concatenate([one, scale * pictures(8)]) for scale in (1, 4)]
    first, second = (float(copy(some, training=False)[0, 0]) for some in company)
    assert abs(first - second) > 1e-3


def test_statistics_of_the_batch_are_those_that_training_uses():
    """Keras itself takes the batch's statistics while it trains; without dropout and augmentation both must agree."""
    model = cnn.tumor_cnn(28, (4, 8), 1, 8, 0.0)
    answer = with_batch_statistics(model)(pictures(), training=False)
    np.testing.assert_allclose(answer, model(pictures(), training=True), atol=1e-6)


def test_save_and_load(tmp_path):
    copy = with_batch_statistics(network())
    copy.save(tmp_path / "x.keras")
    again = keras.saving.load_model(tmp_path / "x.keras", compile=False)
    np.testing.assert_array_equal(again(pictures(), training=False), copy(pictures(), training=False))


def test_nothing_to_replace():
    with pytest.raises(InputError, match="no batch normalization"):
        with_batch_statistics(cnn.tumor_cnn(28, (4,), 1, 8, 0.0, normalization="group"))
