"""Networks on molecular graphs: each layer lets every atom hear from the atoms that it is bound to.

Message passing (Gilmer et al. 2017, arXiv:1704.01212) in its simplest form: sum what the neighbors say, mix it with what the
atom says itself, keep what is positive. Padding says nothing. Taught in ``09_drug_development``.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers, ops

from helpers.runtime import InputError

ACTIVATIONS = {"regression": "linear", "binary": "sigmoid", "multilabel": "sigmoid"}


@keras.saving.register_keras_serializable("helpers.models.graph")
class MessagePassing(layers.Layer):
    """One round of messages: relu(h W_self + A h W_neighbors + b), 0 where there is no atom.

    Args:
        units: numbers per atom that come out.
    """

    def __init__(self, units: int, **options) -> None:
        super().__init__(**options)
        self.units = units

    def build(self, input_shape) -> None:
        features = input_shape[0][-1]
        self.own = self.add_weight(shape=(features, self.units), name="own")
        self.neighbors = self.add_weight(shape=(features, self.units), name="neighbors")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, inputs):
        """From states (batch, atoms, features), bonds (batch, atoms, atoms) and present (batch, atoms)."""
        states, bonds, present = inputs
        heard = ops.matmul(ops.cast(bonds, states.dtype), states)
        mixed = ops.matmul(states, self.own) + ops.matmul(heard, self.neighbors) + self.bias
        return ops.relu(mixed) * ops.expand_dims(present, -1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[0][:-1], self.units)

    def get_config(self) -> dict:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("helpers.models.graph")
class AtomSum(layers.Layer):
    """What all atoms of a molecule say together: their sum, divided by a constant so that numbers stay near 1, and the mean."""

    SCALE = 20.0  # about the number of atoms of a small drug

    def call(self, inputs):
        """From states (batch, atoms, features) and present (batch, atoms) to (batch, 2 features)."""
        states, present = inputs
        total = ops.sum(states, axis=1)
        count = ops.maximum(ops.sum(present, axis=1, keepdims=True), 1.0)
        return ops.concatenate([total / self.SCALE, total / count], axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], 2 * input_shape[0][-1])


def graph_network(
    features: int,
    task: str,
    targets: int = 1,
    units: Sequence[int] = (64, 64, 64),
    dense: int = 128,
    dropout: float = 0.2,
    table: int = 0,
    name: str = "graph_network",
) -> keras.Model:
    """A property of a molecule from its graph, and from a row of descriptors beside it where ``table`` is not 0.

    Args:
        features: numbers per atom.
        task: ``regression``, ``binary`` or ``multilabel``: what the last activation is.
        targets: numbers that come out.
        units: of each round of messages; none leaves the sum over the atoms as they are, each on its own.
        dense: units of the layers behind.
        dropout: share of the dense layers' outputs dropped in training.
        table: columns of the table that joins the graph; 0 for none.

    Returns:
        A functional model, for any number of places for atoms, from ``atoms`` (batch, atoms, features), ``bonds`` (batch, atoms, atoms), ``present`` (batch, atoms)
        and, if there is a table, ``table`` (batch, columns) to (batch, targets). Renumbering the atoms changes nothing.

    Raises:
        InputError: the task is unknown.
    """
    if task not in ACTIVATIONS:
        raise InputError(f"task {task!r} has no last layer: a network does {', '.join(ACTIVATIONS)}")
    inputs = {
        "atoms": keras.Input((None, features), name="atoms"),
        "bonds": keras.Input((None, None), name="bonds", dtype="uint8"),
        "present": keras.Input((None,), name="present"),
    }
    states = inputs["atoms"]
    for number, size in enumerate(units, start=1):
        states = MessagePassing(size, name=f"messages_{number}")([states, inputs["bonds"], inputs["present"]])
    known = AtomSum(name="molecule")([states, inputs["present"]])
    if table:
        inputs["table"] = keras.Input((table,), name="table")
        beside = layers.Dense(dense, activation="relu", name="descriptors")(inputs["table"])
        known = layers.Concatenate(name="fused")([known, layers.Dropout(dropout, name="dropout_descriptors")(beside)])
    known = layers.Dense(dense, activation="relu", name="dense")(
        layers.Dropout(dropout, name="dropout_molecule")(known)
    )
    known = layers.Dropout(dropout, name="dropout")(known)
    outputs = layers.Dense(targets, activation=ACTIVATIONS[task], name="property")(known)
    return keras.Model(inputs, outputs, name=name)
