"""The convolutional network of the tumor case study: convolution, pooling, dense layers, one probability.

Taught in ``06_tumor_diagnosis``; blocks of two 3 x 3 convolutions follow Simonyan and Zisserman (2015,
arXiv:1409.1556), batch normalization Ioffe and Szegedy (2015, arXiv:1502.03167), group normalization Wu and He (2018,
arXiv:1803.08494).
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from helpers.runtime import InputError

SMALLEST, LARGEST = 28, 128
NORMALIZATIONS = ("batch", "group", "none")


def augmentation_layers(
    flip: str = "", rotation: float = 0.0, shift: float = 0.0, contrast: float = 0.0
) -> list[layers.Layer]:
    """Random changes that leave the diagnosis as it is; active in training only.

    Args:
        flip: "" (none), ``horizontal``, or ``both``: tissue has no up and down, a chest has.
        rotation: largest turn to either side, in degrees.
        shift: largest shift to any side, as a share of the image's side.
        contrast: largest change of contrast, as a share; differences from the tile's mean are scaled.
    """
    chosen: list[layers.Layer] = []
    if flip:
        mode = {"horizontal": "horizontal", "both": "horizontal_and_vertical"}.get(flip)
        if mode is None:
            raise InputError(f"unknown flip {flip!r}: it is empty, 'horizontal' or 'both'")
        chosen.append(layers.RandomFlip(mode, name="random_flip"))
    if rotation:
        chosen.append(layers.RandomRotation(rotation / 360, fill_mode="reflect", name="random_rotation"))
    if shift:
        chosen.append(layers.RandomTranslation(shift, shift, fill_mode="reflect", name="random_shift"))
    if contrast:
        chosen.append(layers.RandomContrast(contrast, value_range=(-10.0, 10.0), name="random_contrast"))
    return chosen


def _normalization(kind: str, name: str) -> layers.Layer:
    if kind == "batch":
        return layers.BatchNormalization(momentum=0.9, name=name)
    return layers.GroupNormalization(groups=4, name=name)


def trunk(
    size: int,
    filters: Sequence[int] = (16, 32, 64),
    convolutions: int = 2,
    dense: int = 32,
    dropout: float = 0.3,
    normalization: str = "batch",
    augmentation: Sequence[layers.Layer] = (),
    standardize: bool = False,
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Everything between image and head: what a classifier and a regression have in common; see ``02_cnn``.

    Args:
        size: height and width of the inputs in pixels, 28 to 128.
        filters, convolutions, dense, dropout, normalization, augmentation, standardize: as for :func:`tumor_cnn`.

    Returns:
        The input (batch, size, size, 1) and the features (batch, dense) that a head turns into its answer.

    Raises:
        InputError: the size is outside 28 to 128 pixels or the normalization is unknown.
    """
    if not SMALLEST <= size <= LARGEST:
        raise InputError(
            f"images of {size} pixels: the network takes {SMALLEST} to {LARGEST}; choose another size in the budget"
        )
    if normalization not in NORMALIZATIONS:
        raise InputError(f"unknown normalization {normalization!r}: it is one of {', '.join(NORMALIZATIONS)}")
    inputs = keras.Input((size, size, 1), name="image")
    features = inputs
    if standardize:
        features = layers.LayerNormalization(axis=(1, 2), center=False, scale=False, name="standardize_image")(features)
    for layer in augmentation:
        features = layer(features)
    for block, maps in enumerate(filters, start=1):
        for step in range(1, convolutions + 1):
            label = f"convolution_{block}_{step}"
            features = layers.Conv2D(maps, 3, padding="same", use_bias=normalization == "none", name=label)(features)
            if normalization != "none":
                features = _normalization(normalization, f"normalization_{block}_{step}")(features)
            features = layers.ReLU(name=f"relu_{block}_{step}")(features)
        features = layers.MaxPooling2D(2, name=f"pooling_{block}")(features)
    # The average says how much of a pattern there is, the largest value whether it is there at all: a small lesion
    # vanishes in an average.
    average = layers.GlobalAveragePooling2D(name="average_of_each_map")(features)
    largest = layers.GlobalMaxPooling2D(name="largest_of_each_map")(features)
    features = layers.Concatenate(name="features")([average, largest])
    features = layers.Dropout(dropout, name="dropout")(features)
    features = layers.Dense(dense, activation="relu", name="dense")(features)
    return inputs, features


def tumor_cnn(
    size: int,
    filters: Sequence[int] = (16, 32, 64),
    convolutions: int = 2,
    dense: int = 32,
    dropout: float = 0.3,
    normalization: str = "batch",
    augmentation: Sequence[layers.Layer] = (),
    standardize: bool = False,
    name: str = "tumor_cnn",
) -> keras.Model:
    """Binary classifier of grayscale images; the output is the probability of class 1, the disease.

    Args:
        size: height and width of the inputs in pixels, 28 to 128.
        filters: feature maps of each block; every block ends in 2 x 2 max pooling.
        convolutions: 3 x 3 convolutions per block.
        dense: units of the hidden dense layer.
        dropout: share of the pooled features dropped in training.
        normalization: ``batch``, ``group`` (no statistics over the batch, as private training needs) or ``none``.
        augmentation: layers of :func:`augmentation_layers`.
        standardize: first bring every image to mean 0 and standard deviation 1 by itself, so that a darker stain or a
            longer exposure changes nothing.

    Returns:
        A functional model from (batch, size, size, 1) float32 to (batch, 1) float32.

    Raises:
        InputError: the size is outside 28 to 128 pixels or the normalization is unknown.
    """
    inputs, features = trunk(
        size, filters, convolutions, dense, dropout, normalization, augmentation, standardize=standardize
    )
    outputs = layers.Dense(1, activation="sigmoid", name="probability")(features)
    return keras.Model(inputs, outputs, name=name)
