"""The student for devices: shapes, size, pixels in their channels, and a batch that it can learn by heart."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models.patch_cnn import patch_cnn
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


@pytest.mark.parametrize(("size", "patch"), [(64, 2), (28, 2), (64, 4), (28, 4)])
def test_shapes_and_probabilities(size, patch):
    network = patch_cnn(size, patch, (12, 20, 24) if patch == 2 else (16, 24))
    answers = network.predict_on_batch(np.random.default_rng(0).normal(size=(3, size, size, 1)))
    assert answers.shape == (3, 1) and ((answers > 0) & (answers < 1)).all()
    assert network.count_params() <= 10_000


def test_parameters_by_hand():
    kernels = 9 * (4 * 12 + 12 * 20 + 20 * 24)
    norms, dense, logit = 4 * (12 + 20 + 24), (2 * 24) * 16 + 16, 16 + 1
    assert patch_cnn(64, 2, (12, 20, 24), 16).count_params() == kernels + norms + dense + logit


def test_pixels_of_a_patch_become_its_channels():
    network = patch_cnn(4, 2, (3,))
    image = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    laid = keras.Model(network.input, network.get_layer("pixels_to_channels").output).predict_on_batch(image)[0]
    assert laid.shape == (2, 2, 4)
    assert laid[0, 0].tolist() == [0, 1, 4, 5] and laid[1, 1].tolist() == [10, 11, 14, 15]


def test_overfits_one_batch_and_survives_saving(tmp_path):
    generator = np.random.default_rng(0)
    images, labels = generator.normal(size=(24, 8, 8, 1)).astype("float32"), np.arange(24) % 2
    network = patch_cnn(8, 2, (8, 12))
    before = [weights.copy() for weights in network.get_weights()]
    network.compile(keras.optimizers.Adam(2e-2), "binary_crossentropy")
    network.fit(images, labels, epochs=30, batch_size=24, verbose=0)
    assert all((one != other).any() for one, other in zip(before, network.get_weights(), strict=True))
    assert np.mean((network.predict_on_batch(images)[:, 0] > 0.5) == labels) == 1
    network.save(tmp_path / "student.keras")
    again = keras.saving.load_model(tmp_path / "student.keras", safe_mode=True)
    np.testing.assert_array_equal(again.predict_on_batch(images), network.predict_on_batch(images))


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="cut into patches"):
        patch_cnn(30, 4)
    with pytest.raises(InputError, match="no more than fit"):
        patch_cnn(8, 4, (4, 4, 4))
