"""How large a network is: trained numbers, and the multiplications that one answer costs.

A multiply-add is one weight times one value, added to a sum; biases, normalization, activations and pooling are left
out, as in He et al. (2016, arXiv:1512.03385), because next to the weights they cost little.
"""

from __future__ import annotations

import math

import keras
import pandas as pd
from keras import layers

from helpers.runtime import InputError

_PER_PLACE = (layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.DepthwiseConv1D, layers.DepthwiseConv2D)
_PER_INPUT_PLACE = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
_RECURRENT = (layers.SimpleRNN, layers.GRU, layers.LSTM)
_WITHOUT_PRODUCTS = (
    layers.BatchNormalization,
    layers.GroupNormalization,
    layers.LayerNormalization,
    layers.Normalization,
    layers.Embedding,  # looks a row up, multiplies nothing
    layers.PReLU,
)


def multiply_adds(model: keras.Model) -> int:
    """Multiply-adds for one sample (an image, a sequence).

    Args:
        model: functional, with known sizes of all inputs.

    Raises:
        InputError: a size is open (a sequence of any length), or a layer with weights is of a kind not counted here.
    """
    return int(layer_sizes(model)["multiply_adds"].sum())


def layer_sizes(model: keras.Model) -> pd.DataFrame:
    """One row per layer: ``kind``, ``parameters`` (trained or not) and ``multiply_adds`` for one sample.

    Raises:
        InputError: as :func:`multiply_adds`.
    """
    rows = {}
    for layer in model.layers:
        products = layer_sizes(layer)["multiply_adds"].sum() if isinstance(layer, keras.Model) else _products(layer)
        rows[layer.name] = {
            "kind": type(layer).__name__,
            "parameters": layer.count_params(),
            "multiply_adds": int(products),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["kind", "parameters", "multiply_adds"])


def _products(layer: layers.Layer) -> int:
    if not layer.weights or isinstance(layer, _WITHOUT_PRODUCTS):
        return 0
    # Before the ordinary ones: in Keras some transposed layers would pass as their relatives.
    if isinstance(layer, _PER_INPUT_PLACE):
        return _places(layer, layer.input.shape[1:-1]) * math.prod(layer.kernel.shape)
    if isinstance(layer, layers.SeparableConv2D | layers.SeparableConv1D):
        kernels = math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape)
        return _places(layer, layer.output.shape[1:-1]) * kernels
    if isinstance(layer, (*_PER_PLACE, layers.Dense)):
        return _places(layer, layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    if isinstance(layer, _RECURRENT):
        cell = layer.cell
        per_step = math.prod(cell.kernel.shape) + math.prod(cell.recurrent_kernel.shape)
        return _places(layer, layer.input.shape[1:2]) * per_step
    raise InputError(f"layer {layer.name} is a {type(layer).__name__}: its multiplications are not counted here")


def _places(layer: layers.Layer, sides: tuple[int | None, ...]) -> int:
    if None in sides:
        raise InputError(f"layer {layer.name} takes inputs of any length: build the network with a fixed one to count")
    return math.prod(sides)
