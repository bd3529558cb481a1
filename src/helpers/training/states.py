"""Put a network back to where it was in its training: for several endings of one beginning, and for the same training again.

To compile a network anew for every ending would cost more than its passes. So one compiled network is trained, its state kept,
and put back: weights, the optimizer's moments and its place in the schedule, and the state of every random layer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import keras
import numpy as np

from helpers.runtime import InputError


def training_state(model: keras.Model) -> list[np.ndarray]:
    """Everything that a compiled model carries from one step to the next, as copies.

    Raises:
        InputError: the model is not compiled.
    """
    return [variable.numpy().copy() for variable in _variables(model)]


def restore_state(model: keras.Model, state: Sequence[np.ndarray]) -> None:
    """Put the model back to a state of :func:`training_state`, its own or that of a model built and compiled alike.

    Raises:
        InputError: the model is not compiled, or the state is another model's.
    """
    variables = _variables(model)
    if [tuple(variable.shape) for variable in variables] != [np.shape(value) for value in state]:
        raise InputError(f"the state does not fit {model.name}: it is that of a model built or compiled in another way")
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)


def weights_digest(model: keras.Model) -> str:
    """SHA-256 of all weights, bit by bit: equal for equal networks of one architecture."""
    return hashlib.sha256(b"".join(weight.tobytes() for weight in model.get_weights())).hexdigest()


def _variables(model: keras.Model) -> list:
    if not getattr(model, "compiled", False):
        raise InputError(f"{model.name} is not compiled: its training has no state")
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
