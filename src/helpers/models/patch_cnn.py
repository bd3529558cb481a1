"""A student for devices: at most ten thousand parameters, and no layer with a single input channel.

Vectorized 8-bit kernels work on groups of channels; a convolution over one gray channel leaves most of each group empty
(``14_devices`` measures it). So neighboring pixels are laid into channels first, *space to depth* (Shi et al. 2016,
arXiv:1609.05158, the other way round), as vision transformers cut an image into patches (arXiv:2010.11929).
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from helpers.runtime import InputError


def patch_cnn(
    size: int, patch: int = 4, filters: Sequence[int] = (16, 24), dense: int = 16, name: str = "patch_cnn"
) -> keras.Model:
    """Binary classifier of grayscale images that reads patches; the output is the probability of class 1, the disease.

    Args:
        size: height and width of the inputs in pixels, a multiple of ``patch``.
        patch: side of a patch in pixels; its pixels become ``patch * patch`` channels.
        filters: feature maps of each 3 x 3 convolution over patches; 2 x 2 max pooling stands between them.
        dense: units of the hidden dense layer.
        name: of the network.

    Returns:
        A functional model from (batch, size, size, 1) float32 to (batch, 1) float32. The layer ``logit`` holds what the
        probability is made of, for training with soft targets.

    Raises:
        InputError: the size cannot be cut into patches, or there are more convolutions than it can be halved.
    """
    if patch < 1 or size % patch:
        raise InputError(
            f"images of {size} pixels cannot be cut into patches of {patch}: choose a divisor in the budget"
        )
    side = size // patch
    if not filters or side < 2 ** (len(filters) - 1):
        raise InputError(
            f"{len(filters)} convolutions over {side} x {side} patches: choose at least one, and no more than fit"
        )
    inputs = keras.Input((size, size, 1), name="image")
    features = layers.Reshape((side, patch, side, patch), name="cut")(inputs)
    features = layers.Permute((1, 3, 2, 4), name="patches_together")(features)
    features = layers.Reshape((side, side, patch * patch), name="pixels_to_channels")(features)
    for block, maps in enumerate(filters, start=1):
        if block > 1:
            features = layers.MaxPooling2D(2, name=f"pooling_{block}")(features)
        features = layers.Conv2D(maps, 3, padding="same", use_bias=False, name=f"convolution_{block}")(features)
        features = layers.BatchNormalization(momentum=0.9, name=f"normalization_{block}")(features)
        features = layers.ReLU(name=f"relu_{block}")(features)
    average = layers.GlobalAveragePooling2D(name="average_of_each_map")(features)
    largest = layers.GlobalMaxPooling2D(name="largest_of_each_map")(features)
    features = layers.Concatenate(name="features")([average, largest])
    features = layers.Dense(dense, activation="relu", name="dense")(features)
    logit = layers.Dense(1, name="logit")(features)
    return keras.Model(inputs, layers.Activation("sigmoid", name="probability")(logit), name=name)
