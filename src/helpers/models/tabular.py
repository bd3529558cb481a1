"""A small network for a table: one hidden layer that several answers share.

Taught in ``08_heart_disease``. Answers that share their hidden layer are multitask learning (Caruana 1997, Machine Learning
28:41): what helps to say how severe a disease is helps to say whether there is one.
"""

from __future__ import annotations

import keras
from keras import layers

from helpers.runtime import InputError


def tabular_network(
    features: int,
    units: int = 16,
    answers: int = 1,
    shrinkage: float = 4e-3,
    seed: int | None = None,
    name: str = "tabular_network",
) -> keras.Model:
    """Probabilities of one or several yes-or-no answers from the numbers of a table.

    Args:
        features: columns of the prepared table.
        units: of the hidden layer.
        answers: yes-or-no questions; the first is the diagnosis.
        shrinkage: L2 penalty on both kernels.
        seed: of the initial weights, drawn without touching any other random number; None: they come from Keras' own.

    Returns:
        A functional model from (batch, features) float32 to (batch, answers) float32 between 0 and 1.

    Raises:
        InputError: a size is below 1 or the penalty below 0.
    """
    if min(features, units, answers) < 1 or shrinkage < 0:
        raise InputError(
            f"{features} features, {units} units, {answers} answers, penalty {shrinkage}: sizes are at least 1, the penalty 0"
        )
    penalty = keras.regularizers.L2(shrinkage)
    first, second = (None, None) if seed is None else (2 * seed, 2 * seed + 1)
    table = keras.Input((features,), name="table")
    hidden = layers.Dense(
        units,
        activation="tanh",
        kernel_initializer=keras.initializers.GlorotUniform(first),
        kernel_regularizer=penalty,
        name="hidden",
    )(table)
    outputs = layers.Dense(
        answers,
        activation="sigmoid",
        kernel_initializer=keras.initializers.GlorotUniform(second),
        kernel_regularizer=penalty,
        name="answers",
    )(hidden)
    return keras.Model(table, outputs, name=name)
