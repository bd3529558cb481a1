"""One backward pass for a batch, and from it the gradient of every single example: norms, clipping, sums.

``tape.gradient`` returns the sum over a batch. To clip each example's share one has to know it; asking for the gradients
one by one takes 3 to 50 times as long. Here the layers note what goes in and comes out during the forward pass, one
backward pass finds the gradient at those outputs, and :mod:`helpers.training.layer_gradients` puts both together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from helpers.runtime import InputError
from helpers.training.layer_gradients import by_differentiation, rule_of
from helpers.training.weight_gradients import FactoredGradients, WeightGradients, added

SMALLEST_NORM = 1e-30  # below it nothing is left to clip


@dataclass(frozen=True)
class LayerCall:
    """What one call of a layer has seen and said.

    Attributes:
        layer: with weights of its own.
        arguments: positional and named, as the layer got them.
        masks: of each tensor among them, as Keras had attached it before the layer, which may take it off; or None.
        outputs: before the activation where the layer has a rule; otherwise what it returned, flattened.
    """

    layer: keras.Layer
    arguments: tuple[tuple[Any, ...], dict[str, Any]]
    masks: tuple[tf.Tensor | None, ...]
    outputs: tuple[tf.Tensor, ...]

    @property
    def tensors(self) -> list[tf.Tensor]:
        """Everything that has one row per example."""
        return [value for value in keras.tree.flatten((self.arguments, self.outputs)) if tf.is_tensor(value)]


def layers_to_record(model: keras.Model) -> list[keras.Layer]:
    """Layers with trainable weights, each once; models inside the model are opened."""
    found: dict[int, keras.Layer] = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found |= {id(inner): inner for inner in layers_to_record(layer)}
        elif layer.trainable_variables:
            found[id(layer)] = layer
    return list(found.values())


@contextmanager
def recorded_calls(layers: Sequence[keras.Layer]) -> Iterator[list[LayerCall]]:
    """Note every call of these layers inside the block. Keras has no hooks, so ``call`` is wrapped for that long."""
    calls: list[LayerCall] = []
    try:
        for layer in layers:
            layer.call = _noting(layer, layer.call, calls)
        yield calls
    finally:
        for layer in layers:
            vars(layer).pop("call", None)


def _noting(layer: keras.Layer, call: Callable, calls: list[LayerCall]) -> Callable:
    before_activation = rule_of(layer) is not None and hasattr(layer, "activation")

    def noting_call(*positional, **named):
        given = [value for value in keras.tree.flatten((positional, named)) if tf.is_tensor(value)]
        masks = tuple(getattr(value, "_keras_mask", None) for value in given)
        if not before_activation:
            outputs = call(*positional, **named)
            noted = keras.tree.flatten(outputs)
        else:
            noted, activation = [], layer.activation

            def noting_activation(values):
                noted.append(values)
                return values if activation is None else activation(values)

            layer.activation = noting_activation
            try:
                outputs = call(*positional, **named)
            finally:
                layer.activation = activation
        calls.append(LayerCall(layer, (positional, named), masks, tuple(noted)))
        return outputs

    return noting_call


def weight_gradients(
    model: keras.Model, inputs: Any, losses: Callable[[Any], tf.Tensor]
) -> list[WeightGradients | None]:
    """Gradients of every example's own loss with respect to every weight; chance (dropout) is drawn once.

    Args:
        model: built, and separate for every example (:func:`helpers.training.separate_examples.require_separate_examples`).
        inputs: of n examples.
        losses: from the model's outputs to the losses (n,), each of its own example alone.

    Returns:
        In the order of ``model.trainable_variables``; None where the loss does not depend on a weight.
    """
    with tf.GradientTape() as tape, recorded_calls(layers_to_record(model)) as calls:
        total = tf.reduce_sum(losses(model(inputs, training=True)))
    at_outputs = tape.gradient(total, [call.outputs for call in calls])
    found: dict[int, WeightGradients] = {}
    for call, gradients in zip(calls, at_outputs, strict=True):
        if all(gradient is None for gradient in gradients):
            continue
        for weight, gradient in _of_call(call, gradients):
            key = id(weight)
            found[key] = added(found[key], gradient) if key in found else gradient
    chosen = [found.get(id(weight)) for weight in model.trainable_variables]
    return [gradient.cheaper_form() if isinstance(gradient, FactoredGradients) else gradient for gradient in chosen]


def _of_call(call: LayerCall, gradients: Sequence[tf.Tensor | None]) -> Iterator[tuple[Any, WeightGradients]]:
    rule = rule_of(call.layer)
    if rule is None:
        filled = [
            tf.zeros_like(output) if gradient is None else gradient
            for output, gradient in zip(call.outputs, gradients, strict=True)
        ]
        yield from by_differentiation(call.layer, call.arguments, call.masks, filled)
        return
    trainable = {id(weight) for weight in call.layer.trainable_variables}
    inputs = next(value for value in keras.tree.flatten(call.arguments) if tf.is_tensor(value))
    for weight, gradient in rule(call.layer, inputs, gradients[0]):
        if id(weight) in trainable:
            yield weight, gradient


def norms(gradients: Sequence[WeightGradients | None]) -> tf.Tensor:
    """Euclidean norm of each example's gradient over all weights together, (n,)."""
    squares = [gradient.squared_norms() for gradient in gradients if gradient is not None]
    if not squares:
        raise InputError("the loss depends on no weight: nothing can be learned")
    # A sum of products can come out a hair below zero.
    return tf.sqrt(tf.maximum(tf.add_n(squares), 0))


def clipped_sum(
    gradients: Sequence[WeightGradients | None], weights: Sequence[Any], clip_norm: float
) -> list[tf.Tensor]:
    """Sum over the examples, each scaled down to norm ``clip_norm`` where it is longer; one tensor per weight."""
    factors = tf.minimum(clip_norm / tf.maximum(norms(gradients), SMALLEST_NORM), 1.0)
    return [
        tf.zeros(weight.shape, weight.dtype) if gradient is None else gradient.weighted_sum(factors)
        for gradient, weight in zip(gradients, weights, strict=True)
    ]


def per_example_losses(loss: Any) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """From targets and predictions to one loss for each example, (n,): the mean over what else an example has.

    Args:
        loss: as ``compile`` takes it: a name, a Keras loss, or a function of targets and predictions that returns (n, ...).
    """
    resolved = keras.losses.get(loss)
    if resolved is None:
        raise InputError("no loss: compile the private model with one")
    function = resolved.call if isinstance(resolved, keras.losses.Loss) else resolved

    def losses(targets: tf.Tensor, predictions: tf.Tensor) -> tf.Tensor:
        if getattr(predictions, "_keras_mask", None) is not None:
            raise InputError("the predictions carry a mask: reduce over the masked axis inside the model")
        if predictions.shape.rank == targets.shape.rank + 1 and predictions.shape[-1] == 1:
            targets = targets[..., None]
        values = tf.convert_to_tensor(function(targets, predictions))
        if values.shape.rank == 0:
            raise InputError("the loss is one number for the whole batch: private training needs one for each example")
        return tf.reduce_mean(values, axis=tuple(range(1, values.shape.rank)))

    return losses


def gradient_norms(
    model: keras.Model, inputs: np.ndarray, targets: np.ndarray, loss: Any, batch_size: int = 64
) -> np.ndarray:
    """Norm of every example's gradient, (n,): to look at before a norm to clip at is chosen.

    The norms are as private as the examples: choose the clipping with data that need no protection.
    """
    losses = per_example_losses(loss)

    @tf.function(reduce_retracing=True)
    def of_batch(batch, wanted):
        return norms(weight_gradients(model, batch, lambda predictions: losses(wanted, predictions)))

    found = []
    for start in range(0, len(inputs), batch_size):
        chosen = slice(start, start + batch_size)
        found.append(of_batch(tf.convert_to_tensor(inputs[chosen]), tf.convert_to_tensor(targets[chosen])).numpy())
    return np.concatenate(found)
