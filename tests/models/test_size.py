"""Counts of multiply-adds: by hand for each kind of layer, and against what papers state for whole networks."""

import keras
import pytest
from keras import layers

from helpers import runtime
from helpers.models import size
from helpers.models.cnn import tumor_cnn
from helpers.runtime import InputError
from helpers.teaching.published_networks import published_networks


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def network(shape, *stack):
    inputs = keras.Input(shape)
    outputs = inputs
    for layer in stack:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


# Layers are made inside the tests: made while tests are collected, they would start TensorFlow before it is configured.
@pytest.mark.parametrize(
    ("shape", "layer", "products"),
    [
        ((8, 8, 3), lambda: layers.Conv2D(4, 3, padding="same"), 8 * 8 * 3 * 3 * 3 * 4),
        ((8, 8, 3), lambda: layers.Conv2D(4, 3, strides=2, padding="valid"), 3 * 3 * 3 * 3 * 3 * 4),
        ((8, 8, 4), lambda: layers.Conv2D(6, 3, padding="same", groups=2), 8 * 8 * 3 * 3 * 2 * 6),
        ((8, 8, 3), lambda: layers.DepthwiseConv2D(3, padding="same"), 8 * 8 * 3 * 3 * 3),
        ((8, 8, 3), lambda: layers.SeparableConv2D(5, 3, padding="same"), 8 * 8 * (3 * 3 * 3 + 3 * 5)),
        ((4, 4, 3), lambda: layers.Conv2DTranspose(2, 3, strides=2, padding="same"), 4 * 4 * 3 * 3 * 3 * 2),
        ((10, 2), lambda: layers.Conv1D(4, 5), 6 * 5 * 2 * 4),
        ((7,), lambda: layers.Dense(3), 7 * 3),
        ((5, 7), lambda: layers.Dense(3), 5 * 7 * 3),
        ((9, 2), lambda: layers.SimpleRNN(4), 9 * (2 * 4 + 4 * 4)),
        ((9, 2), lambda: layers.GRU(4), 9 * 3 * (2 * 4 + 4 * 4)),
        ((9, 2), lambda: layers.LSTM(4), 9 * 4 * (2 * 4 + 4 * 4)),
        ((8, 8, 3), lambda: layers.BatchNormalization(), 0),
        ((8, 8, 3), lambda: layers.MaxPooling2D(2), 0),
    ],
)
def test_one_layer_by_hand(shape, layer, products):
    assert size.multiply_adds(network(shape, layer())) == products


def test_layers_add_up_to_the_network():
    model = tumor_cnn(32, (4, 8), 1, 5)
    table = size.layer_sizes(model)
    assert table["parameters"].sum() == model.count_params()
    by_hand = 32 * 32 * 9 * 1 * 4 + 16 * 16 * 9 * 4 * 8 + 16 * 5 + 5
    assert size.multiply_adds(model) == table["multiply_adds"].sum() == by_hand


def test_a_network_inside_a_network_counts():
    inner = network((7,), layers.Dense(3))
    assert size.multiply_adds(network((7,), inner, layers.Dense(2))) == 7 * 3 + 3 * 2


def test_open_lengths_and_unknown_layers_are_refused():
    with pytest.raises(InputError, match="any length"):
        size.multiply_adds(network((None, 2), layers.GRU(4)))
    with pytest.raises(InputError, match="not counted"):
        size.multiply_adds(network((5, 7), layers.EinsumDense("abc,cd->abd", output_shape=(None, 3))))


@pytest.mark.notebooks
@pytest.mark.parametrize(
    ("name", "build"),
    [("ResNet-50", keras.applications.ResNet50), ("DenseNet-121", keras.applications.DenseNet121)],
)
def test_published_networks_are_as_large_as_stated(name, build):
    model = build(weights=None)
    stated = published_networks().loc[name]
    assert model.count_params() == pytest.approx(stated["parameters"], rel=0.02)
    # He et al. round to 3.8e9, and papers differ in whether the last layer and shortcuts count.
    assert size.multiply_adds(model) == pytest.approx(stated["multiply_adds"], rel=0.03)
