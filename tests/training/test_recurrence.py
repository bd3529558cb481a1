"""Inside recurrent layers: gradients with a known law, answers that end where the network ends; compiled steps."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import rnn
from helpers.runtime import InputError
from helpers.training import recurrence
from helpers.training.compiled_steps import with_compiled_steps


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


ZEROS = np.zeros((3, 12, 2))


def test_gradient_of_a_linear_stretch_falls_by_the_norm_of_the_matrix():
    # At zero input tanh has slope 1, so each step is a multiplication by 0.7 times a rotation.
    matrix = keras.initializers.Orthogonal(0.7)
    layer = keras.layers.SimpleRNN(2, recurrent_initializer=matrix, kernel_initializer="identity", dtype="float64")
    np.testing.assert_allclose(recurrence.gradient_by_distance(layer, ZEROS), 0.7 ** np.arange(12), rtol=1e-9)


@pytest.mark.parametrize("cell", [keras.layers.GRU, keras.layers.LSTM])
def test_open_gates_keep_what_closed_ones_lose(cell):
    read = np.random.default_rng(0).normal(size=(4, 30, 2))
    shares = {}
    for bias in (-4.0, 4.0):
        layer = recurrence.open_gates(cell(5, dtype="float64"), read.shape, bias)
        shares[bias] = recurrence.gradient_by_distance(layer, read)[20]
    assert shares[4.0] > 0.05 > 1e3 * shares[-4.0]


def test_an_lstm_forgets_by_its_gate_alone():
    layer = recurrence.open_gates(keras.layers.LSTM(1, dtype="float64"), (1, 4, 1), float(np.log(0.9 / 0.1)))
    kernel, recurrent, biases = layer.get_weights()
    np.testing.assert_allclose(biases, [0, np.log(9), 0, 0])
    layer.set_weights([0 * kernel, 0 * recurrent, biases])
    state = [keras.ops.zeros((1, 1), "float64"), keras.ops.ones((1, 1), "float64")]
    for _ in range(4):
        state = layer.cell(keras.ops.zeros((1, 1), "float64"), state)[1]
    assert float(state[1][0, 0]) == pytest.approx(0.9**4)


def test_a_simple_layer_has_no_gates():
    with pytest.raises(InputError, match="no gates"):
        recurrence.open_gates(keras.layers.SimpleRNN(2), (1, 4, 1), 1.0)


@pytest.mark.parametrize("cell", ["simple", "gru", "lstm"])
def test_the_last_answer_is_the_networks_and_earlier_ones_those_of_shorter_traces(cell):
    model = rnn.heartbeat_rnn(9, 2, 3, 4, cell=cell, units=5, dense=6)
    generator = np.random.default_rng(0)
    trace, context = generator.normal(size=(3, 9, 2)).astype("float32"), generator.normal(size=(3, 3)).astype("float32")
    courses = recurrence.answers_at_each_step(model, trace, context)
    assert courses.shape == (3, 9, 4)
    np.testing.assert_allclose(courses[:, -1], model.predict_on_batch([trace, context]), atol=1e-6)
    short = rnn.heartbeat_rnn(4, 2, 3, 4, cell=cell, units=5, dense=6)
    short.set_weights(model.get_weights())
    np.testing.assert_allclose(courses[:, 3], short.predict_on_batch([trace[:, :4], context]), atol=1e-6)


@pytest.mark.notebooks
def test_compiled_steps_train_the_same_weights_to_the_same_values():
    generator = np.random.default_rng(0)
    series, truth = generator.normal(size=(64, 6, 1)).astype("float32"), generator.normal(size=64).astype("float32")
    weights = []
    for compiled in (False, True, True):
        runtime.seed_everything(1)
        model = rnn.forecaster_rnn(6, units=4)
        trained = with_compiled_steps(model) if compiled else model
        trained.compile(keras.optimizers.AdamW(1e-2), "mse", steps_per_execution=2)
        losses = trained.fit(series, truth, epochs=2, batch_size=16, verbose=0).history["loss"]
        assert losses[1] < losses[0]
        weights.append(np.concatenate([one.ravel() for one in model.get_weights()]))
    np.testing.assert_allclose(weights[1], weights[0], atol=1e-5)
    np.testing.assert_array_equal(weights[2], weights[1])
