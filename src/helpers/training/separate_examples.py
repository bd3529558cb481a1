"""May a network be trained privately? Every example has to pass through it alone, and leave nothing behind.

Clipping bounds what one example does to the weights only if its gradient is its own. Batch normalization breaks that:
the mean over a batch carries each example into the gradients of all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from helpers.runtime import InputError
from helpers.training.layer_gradients import rule_of
from helpers.training.per_example_gradients import clipped_sum, layers_to_record, recorded_calls, weight_gradients

TRIED = 5  # examples of the trial
TRIED_LENGTH = 16  # of axes that the model leaves open
TOLERANCE = 1e-3  # of the trial's gradient; rounding takes 1e-6
SEED_STATE = "seed_generator_state"  # Keras' name of where a random layer stands


def require_separate_examples(model: keras.Model) -> None:
    """Refuse a model that mixes examples, learns in secret, or has weights that cannot be accounted for.

    Besides looking at the layers it tries them: the same first example among different others has to see the same in
    every layer, and the gradients of the examples have to add up to that of the batch. The trial uses random numbers,
    no data, and leaves the model as it was.

    Raises:
        InputError: in one line, which layer and what to do.
    """
    if not model.built or not getattr(model, "inputs", None):
        raise InputError(
            f"{model.name} is no functional model with a known input: build it with keras.Model(inputs, outputs)"
        )
    if len(model.outputs) != 1:
        raise InputError(f"{model.name} has several outputs: private training takes one; put them into one tensor")
    layers = layers_to_record(model)
    if not layers:
        raise InputError(f"{model.name} has no trainable weights")
    _require_known_layers(model)
    _require_single_owners(model, layers)
    _try(model, layers)


def _require_known_layers(model: keras.Model) -> None:
    for layer in _flattened(model):
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable:
            raise InputError(
                f"{layer.name} is a batch normalization, which mixes the examples of a batch: private training needs "
                "keras.layers.GroupNormalization in its place (or freeze it: layer.trainable = False)"
            )
        if layer.trainable_variables and layer.compute_dtype not in ("float32", "float64"):
            raise InputError(
                f"{layer.name} computes in {layer.compute_dtype}: private training needs float32, or norms are too rough"
            )
        if layer.losses or getattr(layer, "activity_regularizer", None) is not None:
            raise InputError(
                f"{layer.name} adds a loss of its own (a regularizer): use the weight decay of the optimizer instead"
            )


def _require_single_owners(model: keras.Model, layers: Sequence[keras.Layer]) -> None:
    owners: dict[int, str] = {}
    for layer in layers:
        for weight in layer.trainable_variables:
            if id(weight) in owners:
                raise InputError(
                    f"{owners[id(weight)]} and {layer.name} share a weight: private training can follow a layer that is "
                    "called twice, not two layers with one weight"
                )
            owners[id(weight)] = layer.name
    lost = [weight.path for weight in model.trainable_variables if id(weight) not in owners]
    if lost:
        raise InputError(f"{lost[0]} belongs to no layer of the model: put it into a layer that the model calls")


def _try(model: keras.Model, layers: Sequence[keras.Layer]) -> None:
    generator = np.random.default_rng(0)
    first, other = _trial_inputs(model, generator), _trial_inputs(model, generator)
    mixed = [tf.concat([one[:1], two[1:]], 0) for one, two in zip(first, other, strict=True)]
    state = [weight.numpy() for weight in model.non_trainable_variables]

    def restore() -> None:
        """Every trial draws the same dropout masks, and none leaves a trace."""
        for weight, value in zip(model.non_trainable_variables, state, strict=True):
            weight.assign(value)

    found = []
    try:
        for inputs in (first, mixed):
            restore()
            with recorded_calls(layers) as calls:
                outputs = model(keras.tree.pack_sequence_as(model.input, inputs), training=True)
            found.append((calls, outputs))
        after = [weight.numpy() for weight in model.non_trainable_variables]
        if model.losses:
            raise InputError("a layer adds a loss while it is called (add_loss): put it into the loss of each example")
        changed = [
            weight
            for weight, old, new in zip(model.non_trainable_variables, state, after, strict=True)
            if not np.array_equal(old, new)
        ]
        _require_nothing_kept(layers, changed)
        _require_same_first_row(*found)
        _require_whole_gradients(model, keras.tree.pack_sequence_as(model.input, first), restore)
    finally:
        restore()


def _require_whole_gradients(model: keras.Model, inputs: Any, restore: Callable[[], None]) -> None:
    """The gradients of the examples have to add up to what plain differentiation finds for the batch."""
    direction = np.random.default_rng(1).normal(size=997)  # so that softmax and the like do not cancel

    def losses(outputs: Any) -> tf.Tensor:
        answer = keras.tree.flatten(outputs)[0]
        weighted = answer * tf.cast(np.resize(direction, answer.shape[1:]), answer.dtype)
        return tf.reduce_sum(tf.reshape(weighted, (TRIED, -1)), axis=1)

    restore()
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(losses(model(inputs, training=True)))
    plain = [
        np.zeros(weight.shape) if gradient is None else tf.convert_to_tensor(gradient).numpy()
        for weight, gradient in zip(
            model.trainable_variables, tape.gradient(total, model.trainable_variables), strict=True
        )
    ]
    restore()
    own = clipped_sum(weight_gradients(model, inputs, losses), model.trainable_variables, np.inf)
    length = np.sqrt(sum(float(np.sum(np.square(gradient))) for gradient in plain))
    for weight, expected, summed in zip(model.trainable_variables, plain, own, strict=True):
        if np.linalg.norm(expected - summed.numpy()) > TOLERANCE * length:
            raise InputError(f"{weight.path} is used outside of the layer that owns it: let that layer do it")


def _require_nothing_kept(layers: Sequence[keras.Layer], changed: Sequence[Any]) -> None:
    for weight in changed:
        if weight.name != SEED_STATE:
            raise InputError(f"{weight.path} changes while training: statistics of examples stay in it without noise")
    drawn = {id(weight) for weight in changed}
    for layer in layers:
        if rule_of(layer) is None and any(id(weight) in drawn for weight in layer.non_trainable_variables):
            raise InputError(
                f"{layer.name} has weights and draws at random: set its dropout to 0 and put a Dropout layer beside it"
            )


def _require_same_first_row(first: tuple, mixed: tuple) -> None:
    pairs = [
        (one.layer.name, left, right)
        for one, two in zip(first[0], mixed[0], strict=True)
        for left, right in zip(one.tensors, two.tensors, strict=True)
    ]
    pairs.append(("the output", *(keras.tree.flatten(outputs)[0] for outputs in (first[1], mixed[1]))))
    for name, left, right in pairs:
        if not left.shape.rank or left.shape[0] != TRIED:
            raise InputError(
                f"{name} sees a tensor of shape {tuple(left.shape)}: its first axis has to be the examples"
            )
        if not np.allclose(left[0], right[0], rtol=1e-4, atol=1e-5, equal_nan=True):
            raise InputError(f"{name} sees other examples of the batch: private training needs each example for itself")


def _trial_inputs(model: keras.Model, generator: np.random.Generator) -> list[tf.Tensor]:
    # Between 0 and 2: zeros and ones where a layer takes them for numbers of words.
    return [
        tf.cast(generator.uniform(0, 2, (TRIED, *(axis or TRIED_LENGTH for axis in tensor.shape[1:]))), tensor.dtype)
        for tensor in model.inputs
    ]


def _flattened(model: keras.Model) -> list[keras.Layer]:
    found: list[keras.Layer] = []
    for layer in model.layers:
        found += _flattened(layer) if isinstance(layer, keras.Model) else [layer]
    return found
