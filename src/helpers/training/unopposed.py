"""The same translator without an opponent, on the distance to the true translation alone."""

from __future__ import annotations

import keras
import numpy as np

from helpers import runtime
from helpers.training.adversarial import RECENT, averaging_adam, whole_batches
from helpers.training.fit import STEPS_PER_EXECUTION


def learn_without_opponent(
    translator: keras.Model,
    originals: np.ndarray,
    wanted: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    averaging: float = RECENT,
) -> None:
    """Train on the distance alone: :func:`~.adversarial.play` without a discriminator, to see what that one is worth.

    The same pictures in the same batches, the same optimizer and averaging; the loss is the mean absolute difference.

    Args:
        translator: trained in place; ends with its averaged weights.
        originals, wanted: (n, size, size, 1) pictures and their true translations.
        epochs, batch_size, learning_rate, seed, averaging: as in :func:`~.adversarial.play`.

    Raises:
        InputError: fewer samples than one batch.
    """
    order = whole_batches(len(originals), batch_size, seed)
    runtime.seed_everything(seed)
    optimizer = averaging_adam(learning_rate, averaging)
    translator.compile(optimizer, "mean_absolute_error", steps_per_execution=STEPS_PER_EXECUTION)
    translator.fit(originals[order], wanted[order], batch_size=batch_size, epochs=epochs, verbose=0)
    optimizer.finalize_variable_values(translator.trainable_variables)
