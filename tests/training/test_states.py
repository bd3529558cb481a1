"""One beginning, several endings: a training that is put back goes on as if nothing had happened, to the bit."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.states import restore_state, training_state, weights_digest

GENERATOR = np.random.default_rng(0)
INPUTS, TARGETS = GENERATOR.normal(size=(24, 5)).astype("float32"), GENERATOR.integers(0, 2, 24).astype("float32")


def compiled(units=4):
    runtime.seed_everything(0)
    network = keras.Sequential(
        [layers.Input((5,)), layers.Dense(units), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(1)]
    )
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 12)
    network.compile(keras.optimizers.Adam(schedule), "mse")
    return network


@pytest.fixture(scope="module", autouse=True)
def configured():
    runtime.configure(0)


@pytest.fixture(scope="module")
def network(configured):
    """Compiled once, because that takes longest; every test may train it."""
    return compiled()


def go_on(network, sign=1.0):
    runtime.seed_everything(1)
    network.fit(sign * INPUTS, TARGETS, batch_size=8, epochs=1, verbose=0)
    return weights_digest(network)


def test_two_endings_of_one_beginning(network):
    untrained = training_state(network)
    beginning = go_on(network)
    begun = training_state(network)
    plain = go_on(network)
    restore_state(network, begun)
    other = go_on(network, -1.0)
    restore_state(network, begun)
    assert go_on(network) == plain != other
    restore_state(network, untrained)
    assert go_on(network) == beginning and go_on(network) == plain


def test_without_the_optimizer_it_would_be_another_training(network):
    go_on(network)
    begun, weights = training_state(network), network.get_weights()
    plain = go_on(network)
    network.set_weights(weights)
    assert go_on(network) != plain
    restore_state(network, begun)
    assert go_on(network) == plain


def test_a_state_is_a_copy_and_fits_a_model_of_the_same_kind(network):
    twin = compiled()
    begun = training_state(twin)
    restore_state(network, begun)
    go_on(network)
    assert weights_digest(network) != weights_digest(twin)
    restore_state(network, begun)
    assert weights_digest(network) == weights_digest(twin)


def test_one_bit_is_another_network(network):
    before, weights = weights_digest(network), network.get_weights()
    weights[0].flat[0] = np.nextafter(weights[0].flat[0], np.float32(np.inf))
    network.set_weights(weights)
    assert weights_digest(network) != before


def test_refused(network):
    raw = keras.Sequential([layers.Input((5,)), layers.Dense(1)])
    for question in (training_state, lambda model: restore_state(model, [])):
        with pytest.raises(InputError, match="not compiled"):
            question(raw)
    with pytest.raises(InputError, match="does not fit"):
        restore_state(network, training_state(compiled(units=3)))
