"""A network that has forgotten: weights shuffled from the output back, to ask what was ever learned."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from helpers.runtime import InputError


def weighted_layers(model: keras.Model) -> list[str]:
    """Names of the layers that have weights, from the output back to the input."""
    return [layer.name for layer in reversed(model.layers) if layer.weights]


def scrambled(model: keras.Model, layers: Sequence[str], seed: int) -> keras.Model:
    """A copy in which the weights of some layers are shuffled, each array within itself (after Adebayo et al. 2018).

    Shuffled weights have the distribution of the trained ones, and nothing of what was learned.

    Raises:
        InputError: the model has no layer of that name.
    """
    unknown = sorted(set(layers) - {layer.name for layer in model.layers})
    if unknown:
        raise InputError(f"the network has no layer {unknown[0]!r} to scramble")
    copy = keras.models.clone_model(model)
    generator = np.random.default_rng(seed)
    for layer in model.layers:
        weights = layer.get_weights()
        if layer.name in layers:
            weights = [generator.permutation(array.ravel()).reshape(array.shape) for array in weights]
        copy.get_layer(layer.name).set_weights(weights)
    return copy
