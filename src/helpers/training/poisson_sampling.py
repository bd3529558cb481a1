"""Batches in which every example takes part by a coin of its own: what privacy accounting assumes.

Shuffled batches of equal size are not that, and an epsilon computed for Poisson sampling does not hold for them
(Chua et al. 2024, arXiv:2403.17673).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError

AHEAD = 2  # batches prepared while the network works on another


def poisson_rows(examples: int, rate: float, generator: np.random.Generator) -> np.ndarray:
    """Numbers of the examples in one batch, ascending: each is in it with probability ``rate``, whatever the others do.

    The batch may be empty; its size has mean ``rate`` n and variance ``rate`` (1 - ``rate``) n.
    """
    return np.flatnonzero(generator.random(examples) < rate)


def poisson_batches(
    inputs: np.ndarray | StoredImages, targets: np.ndarray, rate: float, generator: np.random.Generator
) -> tf.data.Dataset:
    """Batches without end of (inputs, targets); give ``fit`` the ``steps_per_epoch``.

    Args:
        inputs: (n, ...), in memory or on disk.
        targets: (n, ...).
        rate: probability that an example is in a batch, above 0 up to 1.
        generator: decides who is in; a second pass goes on where the first one ended, so no batch is drawn twice.

    Raises:
        InputError: another rate, or inputs and targets of different lengths.
    """
    if not 0 < rate <= 1:
        raise InputError(f"sampling rate {rate}: it is above 0 and at most 1, the expected batch over all examples")
    if len(inputs) != len(targets) or not len(targets):
        raise InputError(f"{len(inputs)} inputs and {len(targets)} targets: give one target for each, at least one")

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            rows = poisson_rows(len(targets), rate, generator)
            yield inputs[rows], targets[rows]

    # The length of a batch stays open, so that no batch is padded and nothing is traced again.
    signature = tuple(
        tf.TensorSpec((None, *values.shape[1:]), tf.as_dtype(values.dtype)) for values in (inputs, targets)
    )
    return tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(AHEAD)
