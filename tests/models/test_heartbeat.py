"""The heartbeat network: shapes, parameters by the formulas of its layers, and weights that move where they should."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import heartbeat
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def network(**changes):
    sizes = {"filters": 4, "dense": 8, "dropout": 0.0, "channel_dropout": 0.0, "trace_noise": 0.0, "context_noise": 0.0}
    return heartbeat.heartbeat_cnn(20, 2, 3, 4, **(sizes | changes))


def inputs(count=8, seed=0):
    generator = np.random.default_rng(seed)
    return [generator.normal(size=(count, *shape)).astype("float32") for shape in ((20, 2), (3,))]


TARGETS = np.arange(8) % 4


def test_shapes_and_probabilities():
    answers = network().predict_on_batch(inputs())
    assert answers.shape == (8, 4)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_parameters_are_those_of_the_formulas():
    convolutions = 7 * 2 * 4 + 5 * 4 * 8 + 3 * 8 * 8
    norms = 4 * (4 + 8 + 8)  # scale, offset, running mean and variance of each channel
    flattened = 8 * (20 // 2 // 2 // 2)
    dense = (flattened + 1) * 8 + (3 + 1) * 8 + (8 + 8 + 1) * 8 + (8 + 1) * 4
    assert network().count_params() == convolutions + norms + dense


def test_one_step_moves_every_weight_and_one_batch_is_learned_by_heart():
    model = network()
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    before = model.get_weights()
    start = float(model.train_on_batch(inputs(), TARGETS))
    assert min(np.abs(new - old).max() for new, old in zip(model.get_weights(), before, strict=True)) > 0
    for _ in range(80):
        last = float(model.train_on_batch(inputs(), TARGETS))
    assert last < 0.1 * start


def test_both_inputs_matter():
    model, (trace, rhythm) = network(), inputs()
    answers = model.predict_on_batch([trace, rhythm])
    for changed in ([trace + 1, rhythm], [trace, rhythm + 1]):
        assert np.abs(model.predict_on_batch(changed) - answers).max() > 1e-4


def test_noise_is_added_in_training_alone():
    model = network(trace_noise=1.0, context_noise=1.0)
    first, second = (np.asarray(model(inputs(), training=False)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    noisy = [np.asarray(model.get_layer("context_noise")(inputs()[1], training=True)) for _ in range(2)]
    assert np.abs(noisy[0] - noisy[1]).max() > 0.1


def test_saved_and_loaded_it_answers_the_same(tmp_path):
    model = network()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict_on_batch(inputs()), model.predict_on_batch(inputs()))


def test_impossible_sizes_are_refused():
    with pytest.raises(InputError, match="7 steps are too few"):
        heartbeat.heartbeat_cnn(7, 2, 3, 4)
    with pytest.raises(InputError, match="at least two"):
        heartbeat.heartbeat_cnn(20, 2, 3, 1)
