"""A classifier small enough for pictures of a dozen pixels, whose features also measure how alike two pictures are.

Taught in ``05_gan``: trained on real pictures and frozen, it is the space in which generated ones are compared with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from helpers.runtime import InputError


def small_classifier(
    size: int,
    filters: Sequence[int] = (16, 32),
    dense: int = 32,
    dropout: float = 0.3,
    augmentation: Sequence[layers.Layer] = (),
) -> keras.Model:
    """Binary classifier of small grayscale pictures; the output is the probability of class 1, the disease.

    Args:
        size: height and width of the pictures, px.
        filters: feature maps of each block; every block ends in 2 x 2 max pooling.
        dense: units of the layer ``features``.
        dropout: share of the features dropped in training.
        augmentation: layers of :func:`helpers.models.cnn.augmentation_layers`.

    Returns:
        A functional model from (batch, size, size, 1) to (batch, 1).

    Raises:
        InputError: there are more blocks than the size can be halved, or a layer is empty.
    """
    if not filters or min(*filters, dense) < 1 or size < 2 ** len(filters):
        raise InputError(
            f"pictures of {size} pixels, {len(filters)} blocks, {dense} features: there is at least one of each, and one "
            "pixel must remain after each block has halved them; choose another size in the budget"
        )
    picture = keras.Input((size, size, 1), name="picture")
    features = picture
    for layer in augmentation:
        features = layer(features)
    for block, maps in enumerate(filters, start=1):
        features = layers.Conv2D(maps, 3, padding="same", use_bias=False, name=f"convolution_{block}")(features)
        features = layers.BatchNormalization(momentum=0.9, name=f"normalization_{block}")(features)
        features = layers.MaxPooling2D(2, name=f"pooling_{block}")(layers.ReLU(name=f"relu_{block}")(features))
    features = layers.Dense(dense, activation="relu", name="features")(layers.Flatten()(features))
    dropped = layers.Dropout(dropout, name="dropout")(features)
    return keras.Model(
        picture, layers.Dense(1, activation="sigmoid", name="probability")(dropped), name="small_classifier"
    )


def features_of(classifier: keras.Model) -> keras.Model:
    """The frozen encoder inside a classifier: pictures to (batch, dense) features; shares its weights."""
    return keras.Model(classifier.input, classifier.get_layer("features").output, name="encoder")
