"""Message passing: the layer by hand, order of atoms, padding, and what every network has to do."""

import keras
import numpy as np
import pytest

from helpers.data.molecular_graphs import FEATURE_NAMES, Graphs, molecular_graphs
from helpers.models.graph import AtomSum, MessagePassing, graph_network
from helpers.runtime import InputError

SMILES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O", "N#CCCl"]
FEATURES = len(FEATURE_NAMES)


@pytest.fixture
def graphs():
    keras.utils.set_random_seed(3)
    return molecular_graphs(SMILES)


def small(**options):
    return graph_network(FEATURES, options.pop("task", "regression"), units=(8, 8), dense=16, **options)


def test_a_layer_by_hand(graphs):
    layer = MessagePassing(5)
    states = layer([graphs.atoms, graphs.bonds, graphs.present])
    own, neighbors, bias = (weight.numpy().astype("float64") for weight in layer.weights)
    atoms, bonds = graphs.atoms.astype("float64"), graphs.bonds.astype("float64")
    by_hand = np.maximum(atoms @ own + bonds @ (atoms @ neighbors) + bias, 0) * graphs.present[:, :, None]
    np.testing.assert_allclose(keras.ops.convert_to_numpy(states), by_hand, atol=1e-5)


def test_padding_says_nothing():
    layer = MessagePassing(4)
    layer.build([(None, None, 2), (None, None, None), (None, None)])
    layer.bias.assign(np.ones(4))  # without the mask, every place of padding would say 1
    states = layer([np.zeros((1, 3, 2), "float32"), np.zeros((1, 3, 3), "uint8"), np.array([[1.0, 0, 0]], "float32")])
    np.testing.assert_array_equal(states[0], [[1] * 4, [0] * 4, [0] * 4])


def test_the_sum_over_atoms():
    states = np.array([[[20.0], [40.0], [0.0]]], "float32")
    found = AtomSum()([states, np.array([[1.0, 1, 0]], "float32")])
    np.testing.assert_allclose(found, [[3.0, 30.0]])  # sum / 20, and the mean over two atoms


def test_numbering_and_padding_change_nothing(graphs):
    network = small()
    order = np.random.default_rng(0).permutation(graphs.atoms.shape[1])
    renumbered = Graphs(graphs.atoms[:, order], graphs.bonds[:, order][:, :, order], graphs.present[:, order])
    padded = molecular_graphs(SMILES, atoms=30)
    answers = network.predict_on_batch(graphs.inputs())
    assert np.ptp(answers) > 0
    for other in (renumbered, padded):
        np.testing.assert_allclose(network.predict_on_batch(other.inputs()), answers, atol=1e-6)


@pytest.mark.parametrize(("task", "targets"), [("regression", 1), ("binary", 1), ("multilabel", 3)])
def test_shapes_and_ranges(graphs, task, targets):
    network = small(task=task, targets=targets)
    answers = network.predict_on_batch(graphs.inputs())
    assert answers.shape == (4, targets)
    if task != "regression":
        assert ((answers > 0) & (answers < 1)).all()


def test_counts_of_parameters():
    messages = 2 * (FEATURES * 8) + 8 + 2 * (8 * 8) + 8
    assert small().count_params() == messages + (16 * 16 + 16) + (16 + 1)
    assert small(table=5).count_params() == messages + (5 * 16 + 16) + (32 * 16 + 16) + (16 + 1)
    alone = graph_network(FEATURES, "regression", units=(), dense=16, table=5)
    assert alone.count_params() == (5 * 16 + 16) + ((2 * FEATURES + 16) * 16 + 16) + (16 + 1)


def test_it_can_learn_a_batch_by_heart(graphs):
    network = small(dropout=0.0, table=2)
    inputs = {**graphs.inputs(), "table": np.ones((4, 2), "float32")}
    targets = np.array([[-1.0], [0.5], [1.0], [0.0]])
    network.compile(keras.optimizers.Adam(1e-2), "mse")
    before = [weight.numpy().copy() for weight in network.trainable_weights]
    network.train_on_batch(inputs, targets)
    changed = {
        weight.path
        for weight, old in zip(network.trainable_weights, before, strict=True)
        if (weight.numpy() != old).any()
    }
    assert changed == {weight.path for weight in network.weights}
    losses = [float(network.train_on_batch(inputs, targets)) for _ in range(200)]
    assert losses[-1] < 1e-2 < losses[0]


def test_it_survives_being_saved(graphs, tmp_path):
    network = small(task="binary")
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(again.predict_on_batch(graphs.inputs()), network.predict_on_batch(graphs.inputs()))


def test_unknown_tasks():
    with pytest.raises(InputError, match="'segmentation' has no last layer"):
        small(task="segmentation")
