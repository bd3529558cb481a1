"""Ask a network about many images, or many versions of a few, without one call for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import keras
import numpy as np
import tensorflow as tf

from helpers.runtime import InputError

BATCH = 128  # images at once: small enough for the processor's cache, large enough to hide what a call costs


def scoring(score: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Function from a batch (n, height, width, channels) to the scores (n,) of a model that gives one number each."""
    return lambda batch: score(batch, training=False)


def differentiating(score: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Function from a batch (n, height, width, channels) to the gradients of the scores, in the same shape."""

    def differentiate(batch: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(batch)
            values = score(batch, training=False)
        return tape.gradient(values, batch)

    return differentiate


def of_versions(function: Callable[[tf.Tensor], tf.Tensor], versions: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """``function`` on several versions of the same images, one result each; few images wait to fill a batch."""
    waiting: list[np.ndarray] = []
    for version in versions:
        waiting.append(version)
        if (len(waiting) + 1) * len(version) > BATCH:
            yield from np.split(in_batches(function, np.concatenate(waiting)), len(waiting))
            waiting = []
    if waiting:
        yield from np.split(in_batches(function, np.concatenate(waiting)), len(waiting))


def in_batches(function: Callable[[tf.Tensor], tf.Tensor], inputs: np.ndarray) -> np.ndarray:
    """``function`` on batches of the inputs; its results as one array."""
    inputs = np.asarray(inputs)
    if inputs.ndim != 4 or not len(inputs):
        raise InputError(f"inputs have shape {inputs.shape}: give (n, height, width, channels), at least one image")
    parts = [
        np.asarray(function(tf.convert_to_tensor(inputs[start : start + BATCH])))
        for start in range(0, len(inputs), BATCH)
    ]
    return np.concatenate(parts)
