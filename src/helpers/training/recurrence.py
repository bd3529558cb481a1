"""A look inside recurrent networks: how gradients fade with distance, and what is answered after each step."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from helpers.runtime import InputError


def gradient_by_distance(layer: keras.layers.Layer, sequences: np.ndarray, seed: int = 0) -> np.ndarray:
    """How much of a gradient is left after 0, 1, 2, ... steps back from the end.

    Measured is the size of the gradient of a random mixture of the last state with respect to each step of the input,
    averaged over the sequences (Bengio et al. 1994, IEEE Trans Neural Networks 5:157).

    Args:
        layer: recurrent, gives its last state.
        sequences: (n, steps, values), of the layer's type.
        seed: of the mixture.

    Returns:
        (steps,) shares of the gradient at the last step, which is the first entry, 1.
    """
    read = tf.constant(sequences)
    with tf.GradientTape() as tape:
        tape.watch(read)
        state = layer(read)
        mixture = np.random.default_rng(seed).normal(size=state.shape)
        answer = tf.reduce_sum(state * tf.constant(mixture, state.dtype))
    size = np.linalg.norm(tape.gradient(answer, read), axis=2).mean(axis=0)[::-1]
    return size / size[0]


def open_gates(layer: keras.layers.Layer, shape: tuple[int, ...], bias: float) -> keras.layers.Layer:
    """Build a GRU or an LSTM with this bias at the gates that keep the old state: update gates, forget gates.

    Args:
        layer: not built yet, or built for this shape.
        shape: of its input.
        bias: 0 stands half open, 4 nearly open.

    Raises:
        InputError: the layer has no gates.
    """
    if not isinstance(layer, keras.layers.GRU | keras.layers.LSTM):
        raise InputError(f"{type(layer).__name__} has no gates to open: take a GRU or an LSTM")
    if not layer.built:
        layer.build(shape)
    # Keras keeps the gates side by side: update, reset, candidate; or input, forget, candidate, output.
    first = 0 if isinstance(layer, keras.layers.GRU) else layer.units
    *kernels, biases = layer.get_weights()
    np.atleast_2d(biases)[0, first : first + layer.units] = bias
    layer.set_weights([*kernels, biases])
    return layer


def answers_at_each_step(model: keras.Model, trace: np.ndarray, rhythm: np.ndarray) -> np.ndarray:
    """What a :func:`helpers.models.rnn.heartbeat_rnn` would answer if the trace ended at each step.

    Args:
        model: trained or not.
        trace: (n, steps, values).
        rhythm: (n, context), known from the first step on.

    Returns:
        (n, steps, classes) probabilities; the last step's are the answer of the model.
    """
    last = model.get_layer("recurrence")
    every = type(last).from_config({**last.get_config(), "return_sequences": True})
    every.build(trace.shape)
    every.set_weights(last.get_weights())
    known = np.repeat(rhythm[:, None], trace.shape[1], axis=1)
    features = keras.ops.concatenate([every(trace), known], axis=2)
    return np.asarray(model.get_layer("probability")(model.get_layer("dense")(features)))
