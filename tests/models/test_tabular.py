"""The tabular network: shapes, parameters, one shared hidden layer."""

import keras
import numpy as np
import pytest

from helpers.models.tabular import tabular_network
from helpers.runtime import InputError


def test_shapes_and_parameters():
    network = tabular_network(features=41, units=16, answers=4)
    assert network.output_shape == (None, 4)
    assert network.count_params() == 41 * 16 + 16 + 16 * 4 + 4
    answers = network.predict_on_batch(np.zeros((3, 41), dtype="float32"))
    assert answers.shape == (3, 4) and ((answers > 0) & (answers < 1)).all()


def test_it_learns_one_batch_and_survives_saving(tmp_path):
    generator = np.random.default_rng(0)
    inputs, targets = generator.normal(size=(24, 5)).astype("float32"), generator.integers(0, 2, (24, 1))
    network = tabular_network(5, units=32, shrinkage=0.0)
    network.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    for _ in range(120):
        network.train_on_batch(inputs, targets)
    answers = network.predict_on_batch(inputs)
    assert ((answers > 0.5) == targets).all()
    network.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict_on_batch(inputs), answers)


def test_an_answer_that_is_not_asked_leaves_its_own_weights_alone_but_shares_the_layer():
    network = tabular_network(3, units=4, answers=2, shrinkage=0.0)
    network.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    before = network.get_weights()
    # The second answer is told what it says already, so only the first one learns.
    inputs = np.ones((8, 3), dtype="float32")
    said = network.predict_on_batch(inputs)
    network.train_on_batch(inputs, np.column_stack([np.ones(8), said[:, 1]]))
    after = network.get_weights()
    assert np.abs(after[2][:, 0] - before[2][:, 0]).max() > 1e-3
    np.testing.assert_allclose(after[2][:, 1], before[2][:, 1], atol=1e-6)
    assert np.abs(after[0] - before[0]).max() > 1e-4


@pytest.mark.parametrize("sizes", [(0, 4, 1, 0.0), (3, 0, 1, 0.0), (3, 4, 0, 0.0), (3, 4, 1, -1.0)])
def test_bad_sizes(sizes):
    with pytest.raises(InputError, match="sizes are at least 1"):
        tabular_network(*sizes)
