"""Image translation with pairs: a U-Net that translates and a discriminator that judges patches of a pair.

Taught in ``05_gan``. A small pix2pix: Isola et al. (2017, arXiv:1611.07004), whose generator is the U-Net of Ronneberger
et al. (2015, arXiv:1505.04597).
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from helpers.models.gan import SLOPE, narrowest_side


def translator(size: int, filters: Sequence[int] = (16, 32)) -> keras.Model:
    """A U-Net from a picture to a picture of the same size; it starts as the identity.

    The last convolution starts at zero and its answer is added to the input: two scanners differ in less than what they
    have in common, so only the change has to be learned.

    Args:
        size: height and width, px; a multiple of 2 to the number of ``filters``.
        filters: feature maps at each resolution, the finest first.

    Returns:
        A functional model from (batch, size, size, 1) to the same shape, unbounded.

    Raises:
        InputError: the size cannot be halved that often.
    """
    narrowest_side(size, filters)
    picture = keras.Input((size, size, 1), name="picture")
    features, kept = picture, []
    for level, maps in enumerate(filters, start=1):
        features = layers.Conv2D(maps, 3, padding="same", activation="relu", name=f"fine_{level}")(features)
        kept.append(features)
        features = layers.Conv2D(maps, 3, strides=2, padding="same", activation="relu", name=f"down_{level}")(features)
    for level, maps in reversed(list(enumerate(filters, start=1))):
        features = layers.Conv2DTranspose(maps, 4, strides=2, padding="same", activation="relu", name=f"up_{level}")(
            features
        )
        features = layers.Concatenate(name=f"skip_{level}")([features, kept[level - 1]])
    change = layers.Conv2D(1, 3, padding="same", kernel_initializer="zeros", name="change")(features)
    return keras.Model(picture, layers.Add(name="translated")([picture, change]), name="translator")


def pair_discriminator(size: int, filters: Sequence[int] = (16, 32)) -> keras.Model:
    """From an original and what is said to be its translation to one logit for each patch, above zero for a real pair.

    Args:
        size, filters: as for :func:`translator`; each stride halves the side.

    Returns:
        A functional model from two pictures (batch, size, size, 1) to (batch, side, side, 1) logits.

    Raises:
        InputError: the size cannot be halved that often.
    """
    narrowest_side(size, filters)
    pair = [keras.Input((size, size, 1), name=name) for name in ("original", "translation")]
    features = layers.Concatenate(name="pair")(pair)
    for block, maps in enumerate(filters, start=1):
        features = layers.Conv2D(maps, 4, strides=2, padding="same", name=f"convolution_{block}")(features)
        features = layers.LeakyReLU(SLOPE, name=f"leaky_{block}")(features)
    return keras.Model(pair, layers.Conv2D(1, 3, padding="same", name="logits")(features), name="pair_discriminator")
