"""Regression from images: the trunk of the tumor case study under a head that gives a number instead of a probability.

Taught in ``02_cnn``. A linear unit with squared error is the maximum-likelihood estimate of a mean under Gaussian noise,
as a sigmoid with cross-entropy is that of a probability (Bishop 2006, Pattern Recognition and Machine Learning, 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from helpers.models.cnn import trunk


def regression_cnn(
    size: int,
    filters: Sequence[int] = (16, 32, 64),
    convolutions: int = 2,
    dense: int = 32,
    dropout: float = 0.3,
    normalization: str = "batch",
    augmentation: Sequence[layers.Layer] = (),
    standardize: bool = False,
    name: str = "regression_cnn",
) -> keras.Model:
    """One number per grayscale image, such as a count; layer by layer :func:`helpers.models.cnn.tumor_cnn` but for the head.

    Training goes best on targets with mean 0 and standard deviation 1; the answers then come in the same units.

    Args:
        size, filters, convolutions, dense, dropout, normalization, augmentation, standardize: as for
            :func:`helpers.models.cnn.tumor_cnn`.

    Returns:
        A functional model from (batch, size, size, 1) float32 to (batch, 1) float32, unbounded.

    Raises:
        InputError: the size is outside 28 to 128 pixels or the normalization is unknown.
    """
    inputs, features = trunk(
        size, filters, convolutions, dense, dropout, normalization, augmentation, standardize=standardize
    )
    outputs = layers.Dense(1, name="number")(features)
    return keras.Model(inputs, outputs, name=name)
