"""The classifier of small pictures and the encoder inside it."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import cnn, small_classifier
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def pictures(count=16):
    return np.random.default_rng(0).normal(size=(count, 12, 12, 1)).astype("float32")


def small(**changes):
    return small_classifier.small_classifier(12, **({"filters": (4, 6), "dense": 5} | changes))


def test_parameters_counted_by_hand():
    kernels, normalization = 9 * 1 * 4 + 9 * 4 * 6, 4 * 4 + 4 * 6
    head = (3 * 3 * 6 * 5 + 5) + (5 + 1)
    assert small().count_params() == kernels + normalization + head
    assert small(augmentation=cnn.augmentation_layers("both", 20, 0.1, 0.2)).count_params() == small().count_params()


def test_answers_are_probabilities():
    probability = np.asarray(small()(pictures()))
    assert probability.shape == (16, 1)
    assert ((probability > 0) & (probability < 1)).all()


@pytest.mark.parametrize("size", [4, 7, 12, 28])
def test_sizes_need_not_be_multiples(size):
    model = small_classifier.small_classifier(size)
    assert model(np.zeros((2, size, size, 1), "float32")).shape == (2, 1)


def test_encoder_is_what_the_classifier_reads():
    model = small()
    encoder = small_classifier.features_of(model)
    features = np.asarray(encoder(pictures()))
    assert features.shape == (16, 5)
    weights, offset = model.get_layer("probability").get_weights()
    np.testing.assert_allclose(np.asarray(model(pictures())), 1 / (1 + np.exp(-features @ weights - offset)), atol=1e-6)
    # Training the classifier trains the encoder: they are one.
    model.get_layer("features").set_weights([0 * weight for weight in model.get_layer("features").get_weights()])
    assert np.abs(np.asarray(encoder(pictures()))).max() == 0


def test_learns_one_batch_and_is_saved(tmp_path):
    model, targets = small(dropout=0.0), np.arange(16) % 2
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", steps_per_execution=50)
    model.fit(
        np.concatenate([pictures()] * 100), np.concatenate([targets] * 100), batch_size=16, shuffle=False, verbose=0
    )
    np.testing.assert_array_equal(np.asarray(model(pictures()))[:, 0] > 0.5, targets == 1)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(pictures()), model(pictures()))


@pytest.mark.parametrize(("size", "filters", "dense"), [(3, (4, 6), 5), (12, (), 5), (12, (4, 0), 5), (12, (4, 6), 0)])
def test_impossible_sizes_are_refused(size, filters, dense):
    with pytest.raises(InputError, match="choose another size"):
        small_classifier.small_classifier(size, filters, dense)
