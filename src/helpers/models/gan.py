"""Generative adversarial networks: a generator that draws, a discriminator that judges; both are told the class.

Taught in ``05_gan``. The game is Goodfellow et al. (2014, arXiv:1406.2661), transposed and strided convolutions follow
Radford et al. (2016, arXiv:1511.06434), the class enters the generator as in Mirza and Osindero (2014,
arXiv:1411.1784) and the discriminator as a projection (Miyato and Koyama 2018, arXiv:1802.05637).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import layers, ops

from helpers.runtime import InputError

SLOPE = 0.2  # of leaky ReLU below zero: a ReLU that is off would pass the generator no gradient


def picture_generator(size: int, noise: int, filters: Sequence[int] = (48, 24), classes: int = 2) -> keras.Model:
    """From noise and a class to a picture: a dense layer, then transposed convolutions that double the side.

    Args:
        size: height and width of the pictures, px; a multiple of 2 to the number of ``filters``.
        noise: numbers of noise.
        filters: feature maps before each doubling; the last doubling gives the picture.
        classes: how many there are; 1 for none to tell apart.

    Returns:
        A functional model from (batch, noise) and class numbers (batch,) to (batch, size, size, 1) between -1 and 1.

    Raises:
        InputError: no whole number of doublings leads to the size, or a number is below 1.
    """
    draw, label, features = _noise_and_class(noise, classes)
    side = narrowest_side(size, filters)
    shape = (side, side, filters[0])
    features = layers.Dense(math.prod(shape), use_bias=False, name="maps")(features)
    features = _normalized(layers.Reshape(shape)(features), 0)
    for block, maps in enumerate(filters[1:], start=1):
        features = layers.Conv2DTranspose(
            maps, 4, strides=2, padding="same", use_bias=False, name=f"transposed_{block}"
        )(features)
        features = _normalized(features, block)
    picture = layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh", name="picture")(features)
    return keras.Model([draw, label], picture, name="generator")


def picture_discriminator(size: int, filters: Sequence[int] = (24, 48), classes: int = 2) -> keras.Model:
    """From a picture and the class it is said to have to a logit: above zero for real, below for generated.

    No layer here depends on the other pictures of a batch or keeps statistics.

    Args:
        size: height and width of the pictures, px.
        filters: feature maps after each stride of 2; one more convolution without stride follows.
        classes: how many there are; 1 for none to tell apart.

    Returns:
        A functional model from (batch, size, size, 1) and class numbers (batch,) to logits (batch, 1).

    Raises:
        InputError: the size cannot be halved that often, or there is no class.
    """
    narrowest_side(size, filters)
    picture, label = keras.Input((size, size, 1), name="picture"), _class_input(classes)
    features = picture
    for block, maps in enumerate(filters, start=1):
        features = layers.Conv2D(maps, 4, strides=2, padding="same", name=f"convolution_{block}")(features)
        features = layers.LeakyReLU(SLOPE, name=f"leaky_{block}")(features)
    features = layers.Conv2D(filters[-1], 3, padding="same", name="last_convolution")(features)
    features = layers.Flatten()(layers.LeakyReLU(SLOPE, name="last_leaky")(features))
    return keras.Model([picture, label], _judged(features, label, classes), name="discriminator")


def point_generator(noise: int, units: Sequence[int] = (64, 64), classes: int = 1) -> keras.Model:
    """The same game in the plane, where everything can be seen: from noise and a class to points.

    Args:
        noise: numbers of noise.
        units: of each hidden layer.
        classes: how many there are; 1 for none to tell apart.

    Returns:
        A functional model from (batch, noise) and class numbers (batch,) to (batch, 2), unbounded.

    Raises:
        InputError: a number is below 1.
    """
    draw, label, features = _noise_and_class(noise, classes)
    for block, count in enumerate(units, start=1):
        features = layers.Dense(count, activation="relu", name=f"dense_{block}")(features)
    return keras.Model([draw, label], layers.Dense(2, name="point")(features), name="point_generator")


def point_discriminator(units: Sequence[int] = (64, 64), classes: int = 1) -> keras.Model:
    """From a point and the class it is said to have to a logit; arguments as for :func:`point_generator`.

    Returns:
        A functional model from (batch, 2) and class numbers (batch,) to logits (batch, 1).

    Raises:
        InputError: there is no class.
    """
    point, label = keras.Input((2,), name="point"), _class_input(classes)
    features = point
    for block, count in enumerate(units, start=1):
        features = layers.LeakyReLU(SLOPE, name=f"leaky_{block}")(layers.Dense(count, name=f"dense_{block}")(features))
    return keras.Model([point, label], _judged(features, label, classes), name="point_discriminator")


def narrowest_side(size: int, filters: Sequence[int]) -> int:
    """Side in pixels after one stride of 2 for each entry of ``filters``.

    Raises:
        InputError: the size cannot be halved that often, or a layer is empty.
    """
    if not filters or min(filters) < 1 or size < 2 ** len(filters) or size % 2 ** len(filters):
        raise InputError(
            f"pictures of {size} pixels and strides with {tuple(filters)} feature maps: the size is a multiple of "
            f"{2 ** len(filters)}, there is at least one stride, and each has a map; choose another size in the budget"
        )
    return size // 2 ** len(filters)


def _class_input(classes: int) -> keras.KerasTensor:
    if classes < 1:
        raise InputError(f"{classes} classes: there is at least one")
    return keras.Input((), dtype="int32", name="class")


def _noise_and_class(noise: int, classes: int) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    if noise < 1:
        raise InputError(f"{noise} numbers of noise: at least one is needed, or every picture is the same")
    draw, label = keras.Input((noise,), name="noise"), _class_input(classes)
    if classes == 1:
        return draw, label, draw
    told = layers.Embedding(classes, noise, embeddings_initializer="random_normal", name="class_code")(label)
    return draw, label, layers.Concatenate(name="noise_and_class")([draw, told])


def _judged(features: keras.KerasTensor, label: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Logit of features (batch, n): a dense layer, plus the product with a vector of the class."""
    logit = layers.Dense(1, name="logit")(features)
    if classes == 1:
        return logit
    direction = layers.Embedding(classes, features.shape[-1], embeddings_initializer="zeros", name="class_direction")
    return logit + ops.sum(direction(label) * features, axis=-1, keepdims=True)


def _normalized(features: keras.KerasTensor, block: int) -> keras.KerasTensor:
    features = layers.BatchNormalization(momentum=0.9, name=f"normalization_{block}")(features)
    return layers.LeakyReLU(SLOPE, name=f"leaky_{block}")(features)
