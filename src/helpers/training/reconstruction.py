"""Train networks that return pictures for a fixed number of epochs, and collect their answers."""

from __future__ import annotations

import keras
import numpy as np

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.fit import STEPS_PER_EXECUTION, step_size_schedule


def orientations(pictures: np.ndarray, turns: int) -> np.ndarray:
    """Pictures and their mirror images, in one or in all four quarter turns.

    Args:
        pictures: (n, side, side, 1).
        turns: 4 for tissue, which has no up and down; 1 for pictures that have.

    Returns:
        (2 * turns * n, side, side, 1); the first n are the pictures as they are.
    """
    if turns not in (1, 4):
        raise InputError(f"{turns} turns: pictures are shown upright (1) or in all four quarter turns (4)")
    views = [np.rot90(view, turn, (1, 2)) for view in (pictures, pictures[:, :, ::-1]) for turn in range(turns)]
    return np.concatenate(views)


def fit_pictures(
    network: keras.Model,
    inputs: np.ndarray,
    targets: np.ndarray | None,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> dict[str, list[float]]:
    """Adam with warm-up and cosine decay for a fixed number of epochs; the last weights stay.

    Args:
        network: trained in place.
        inputs: (n, side, side, 1) float32.
        targets: the same shape, for the mean squared error; None for a network whose ``train_step`` has a loss of its own.
        epochs, batch_size, learning_rate: length and size of the steps.
        seed: of shuffling.

    Returns:
        Keras' history: name of a loss to its value in each epoch.
    """
    runtime.seed_everything(seed)
    steps = epochs * int(np.ceil(len(inputs) / batch_size))
    optimizer = keras.optimizers.Adam(step_size_schedule(learning_rate, steps))
    loss = None if targets is None else "mean_squared_error"
    network.compile(optimizer, loss, steps_per_execution=STEPS_PER_EXECUTION)
    return network.fit(inputs, targets, batch_size=batch_size, epochs=epochs, verbose=0).history


def reconstruct(network: keras.Model, pictures: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """What the network makes of pictures (n, side, side, 1), in the same shape."""
    batches = [
        network.predict_on_batch(pictures[start : start + batch_size]) for start in range(0, len(pictures), batch_size)
    ]
    return np.concatenate(batches)
