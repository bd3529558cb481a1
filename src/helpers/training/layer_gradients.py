"""Gradient of every single example with respect to the weights of one layer, from what a backward pass has computed.

The backward pass of a batch knows, for each example, the input a of a layer and the gradient g of the example's loss at
the layer's output. Both together are the example's gradient with respect to the weights: for a dense layer their outer
product, for a convolution the same summed over positions (Rochette et al. 2019, arXiv:1912.06015), for a normalization
the sum of g times the normalized input. Each rule says so for one kind of layer; layers without a rule take
:func:`by_differentiation`, exact and slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from helpers.training.weight_gradients import (
    FactoredGradients,
    RowGradients,
    StoredGradients,
    WeightGradients,
    few_positions,
)

# From a layer, its input and the gradient before its activation to pairs of a weight and its gradients.
Rule = Callable[[keras.Layer, tf.Tensor, tf.Tensor], Iterator[tuple[Any, WeightGradients]]]

_WEIGHTS = ("kernel", "bias", "gamma", "beta", "embeddings", "depthwise_kernel", "pointwise_kernel")


def rule_of(layer: keras.Layer) -> Rule | None:
    """The rule for a layer, or None where it has to be differentiated.

    Only exact types count, because a subclass may compute something else, and only layers whose trainable weights are
    those that the rule knows (no adapters, no quantization), with channels last.
    """
    rule = _RULES.get(type(layer))
    if rule is None or getattr(layer, "data_format", "channels_last") != "channels_last":
        return None
    if isinstance(layer, keras.layers.GroupNormalization) and layer.axis not in (-1, layer.input_spec.ndim - 1):
        return None
    if getattr(layer, "rms_scaling", False) or getattr(layer, "quantization_mode", None):
        return None
    known = [getattr(layer, name, None) for name in _WEIGHTS]
    return rule if all(any(weight is other for other in known) for weight in layer.trainable_variables) else None


def by_differentiation(
    layer: keras.Layer, arguments: Any, masks: Sequence[tf.Tensor | None], gradients: Sequence[tf.Tensor]
) -> Iterator[tuple[Any, WeightGradients]]:
    """Differentiate a layer of any kind once for every example.

    Args:
        layer: what it computes must not depend on chance.
        arguments: positional and named arguments of its call, any structure; tensors have examples first.
        masks: for each of these tensors, in their order, the mask that Keras had attached to it, or None.
        gradients: of the loss at each of its outputs.
    """
    values = [tf.convert_to_tensor(weight) for weight in layer.trainable_variables]
    others = [tf.convert_to_tensor(weight) for weight in layer.non_trainable_variables]
    flat = keras.tree.flatten(arguments)
    places = [place for place, value in enumerate(flat) if tf.is_tensor(value)]
    masked = [place for place, mask in zip(places, masks, strict=True) if mask is not None]

    def of_one_example(row: tuple[tuple[tf.Tensor, ...], ...]) -> list[tf.Tensor]:
        inputs, input_masks, at_outputs = row
        filled = list(flat)
        for place, value in zip(places, inputs, strict=True):
            filled[place] = value[None]
        for place, mask in zip(masked, input_masks, strict=True):
            filled[place]._keras_mask = mask[None]
        positional, named = keras.tree.pack_sequence_as(arguments, filled)
        with tf.GradientTape() as tape:
            tape.watch(values)
            outputs, _ = layer.stateless_call(values, others, *positional, **named)
        return tape.gradient(
            keras.tree.flatten(outputs), values, [value[None] for value in at_outputs], unconnected_gradients="zero"
        )

    given = tuple(mask for mask in masks if mask is not None)
    rows = (tuple(flat[place] for place in places), given, tuple(gradients))
    signature = [tf.TensorSpec(value.shape, value.dtype) for value in values]
    found = tf.map_fn(of_one_example, rows, fn_output_signature=signature, parallel_iterations=1)
    for weight, gradient in zip(layer.trainable_variables, found, strict=True):
        yield weight, StoredGradients(gradient)


def _dense(layer, inputs, gradient):
    yield from _matrix(layer, layer.kernel, _positions(inputs), _positions(gradient))


def _matrix(layer, kernel, left, right):
    """A kernel that is multiplied with (n, positions, inputs), and the bias of the same layer."""
    yield kernel, FactoredGradients(left, right, tuple(kernel.shape))
    yield from _bias(layer, right)


def _bias(layer, right):
    if layer.bias is not None:
        yield layer.bias, StoredGradients(tf.reduce_sum(right, axis=1))


def _convolution(layer, inputs, gradient):
    taps, right = _taps(layer, inputs, gradient), _positions(gradient)
    if layer.groups > 1:
        # Each group of output channels sees its own group of input channels.
        products = tf.stack([_product_by_group(tap, right, layer.groups) for tap in taps], axis=1)
    elif few_positions(right.shape[1], layer.kernel.shape.num_elements()):
        yield from _matrix(layer, layer.kernel, tf.concat(taps, axis=2), right)
        return
    else:
        # Tap by tap: all patches at once would be as many times larger than the input, and slower.
        products = tf.stack([tf.matmul(tap, right, transpose_a=True) for tap in taps], axis=1)
    yield layer.kernel, StoredGradients(tf.reshape(products, (-1, *layer.kernel.shape)))
    yield from _bias(layer, right)


def _product_by_group(tap, right, groups):
    left = tf.reshape(tap, (*_leading(tap), groups, tap.shape[2] // groups))
    right = tf.reshape(right, (*_leading(right), groups, right.shape[2] // groups))
    return tf.reshape(tf.einsum("npgi,npgo->nigo", left, right), (-1, left.shape[3], groups * right.shape[3]))


def _depthwise(layer, inputs, gradient):
    right = _positions(gradient)
    yield layer.kernel, _depthwise_kernel(layer.kernel, _taps(layer, inputs, gradient), right)
    yield from _bias(layer, right)


def _depthwise_kernel(kernel, taps, right):
    channels, multiplier = kernel.shape[-2:]
    of_channel = tf.reshape(right, (*_leading(right), channels, multiplier))
    products = tf.stack([tf.reduce_sum(tap[..., None] * of_channel, axis=1) for tap in taps], axis=1)
    return StoredGradients(tf.reshape(products, (-1, *kernel.shape)))


def _separable(layer, inputs, gradient):
    taps, right = _taps(layer, inputs, gradient), _positions(gradient)
    channels = taps[0].shape[2]
    depthwise = tf.reshape(layer.depthwise_kernel, (len(taps), channels, layer.depth_multiplier))
    between = tf.add_n([tap[..., None] * depthwise[number] for number, tap in enumerate(taps)])
    between = tf.reshape(between, (*_leading(between), channels * layer.depth_multiplier))
    yield from _matrix(layer, layer.pointwise_kernel, between, right)
    pointwise = tf.reshape(layer.pointwise_kernel, (between.shape[2], right.shape[2]))
    at_between = tf.matmul(right, pointwise, transpose_b=True)
    yield layer.depthwise_kernel, _depthwise_kernel(layer.depthwise_kernel, taps, at_between)


def _embedding(layer, inputs, gradient):
    rows = tf.reshape(tf.cast(inputs, tf.int32), (tf.shape(inputs)[0], -1))
    yield layer.embeddings, RowGradients(rows, _positions(gradient), layer.input_dim)


def _group_normalization(layer, inputs, gradient):
    inputs, gradient = _positions(inputs), _positions(gradient)
    summed = tf.reduce_sum(gradient, axis=1)
    if layer.gamma is not None:
        # Moments of the groups from those of the channels: sums along one axis are fast, and nothing cancels.
        mean = tf.reduce_mean(inputs, axis=1, keepdims=True)
        centered = inputs - mean
        variance = tf.reduce_mean(tf.square(centered), axis=1)
        by_group = (-1, layer.groups, inputs.shape[2] // layer.groups)
        mean, variance = tf.reshape(mean, by_group), tf.reshape(variance, by_group)
        offset = mean - tf.reduce_mean(mean, axis=2, keepdims=True)
        variance = tf.reduce_mean(variance + tf.square(offset), axis=2, keepdims=True)
        against = tf.reshape(tf.reduce_sum(gradient * centered, axis=1), by_group)
        against += offset * tf.reshape(summed, by_group)
        of_gamma = against * tf.math.rsqrt(variance + layer.epsilon)
        yield layer.gamma, StoredGradients(tf.reshape(of_gamma, tf.shape(summed)))
    if layer.beta is not None:
        yield layer.beta, StoredGradients(summed)


def _layer_normalization(layer, inputs, gradient):
    axes = [axis % len(inputs.shape) for axis in layer.axis]
    others = [axis for axis in range(1, len(inputs.shape)) if axis not in axes]
    if layer.gamma is not None:
        mean, variance = tf.nn.moments(inputs, axes, keepdims=True)
        normalized = (inputs - mean) * tf.math.rsqrt(variance + layer.epsilon)
        yield layer.gamma, StoredGradients(tf.reduce_sum(gradient * normalized, axis=others))
    if layer.beta is not None:
        yield layer.beta, StoredGradients(tf.reduce_sum(gradient, axis=others))


def _positions(values):
    """(n, positions, channels): everything between examples and channels in a row."""
    inner = values.shape[1:-1]
    count = inner.num_elements() if inner.is_fully_defined() else -1
    return tf.reshape(values, (tf.shape(values)[0], count, values.shape[-1]))


def _leading(values):
    """Number of examples, and of positions as a plain number where it is known."""
    return tf.shape(values)[0], values.shape[1] if values.shape[1] is not None else tf.shape(values)[1]


def _taps(layer, inputs, gradient):
    """What each element of a kernel is multiplied with: for each a tensor (n, positions, channels)."""
    size, strides, rates, padding = layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding
    if len(size) == 1:
        inputs, gradient = inputs[:, None], gradient[:, None]
        size, strides, rates = (1, *size), (1, *strides), (1, *rates)
    spans, before, after = [], [], []
    for axis in range(2):
        given, wanted = (value.shape[axis + 1] or tf.shape(value)[axis + 1] for value in (inputs, gradient))
        spans.append((wanted - 1) * strides[axis] + 1)
        missing = tf.maximum(spans[axis] + (size[axis] - 1) * rates[axis] - given, 0)
        before.append(missing if padding == "causal" else missing // 2)
        after.append(missing - before[axis])
    padded = tf.pad(inputs, [(0, 0), (before[0], after[0]), (before[1], after[1]), (0, 0)])
    taps = []
    for row in range(0, size[0] * rates[0], rates[0]):
        for column in range(0, size[1] * rates[1], rates[1]):
            tap = padded[:, row : row + spans[0] : strides[0], column : column + spans[1] : strides[1]]
            tap = tf.ensure_shape(tap, (None, gradient.shape[1], gradient.shape[2], inputs.shape[3]))
            taps.append(_positions(tap))
    return taps


_RULES: dict[type, Rule] = {
    keras.layers.Dense: _dense,
    keras.layers.Conv1D: _convolution,
    keras.layers.Conv2D: _convolution,
    keras.layers.DepthwiseConv1D: _depthwise,
    keras.layers.DepthwiseConv2D: _depthwise,
    keras.layers.SeparableConv1D: _separable,
    keras.layers.SeparableConv2D: _separable,
    keras.layers.Embedding: _embedding,
    keras.layers.GroupNormalization: _group_normalization,
    keras.layers.LayerNormalization: _layer_normalization,
}
