"""A network with one hidden layer in plain NumPy, so small that it can be trained a hundred times in a second.

It exists to be repeated: with other seeds, with sums added up in another order, in another precision. Gradient descent on the
cross-entropy; with hidden values h = max(0, x W) and p = s(h v), the slopes are h (p - y) and x (p - y) v [h > 0].
"""

from __future__ import annotations

import numpy as np

from helpers.runtime import InputError

HIDDEN, BATCH, STEP = 16, 32, 0.1
PRECISIONS = ("float32", "float64")

Weights = tuple[np.ndarray, np.ndarray]


def train_small_network(
    features: np.ndarray,
    targets: np.ndarray,
    *,
    seed: int,
    epochs: int,
    pieces: int = 1,
    precision: str = "float32",
) -> Weights:
    """Weights after plain gradient descent.

    Args:
        features: (n, columns), standardized.
        targets: (n,) of 0 and 1.
        seed: of initialization and shuffling; both are the same for every number of pieces and precision.
        epochs: passes over the samples.
        pieces: in which the sums over a batch are added up, as so many threads would.
        precision: ``float32`` or ``float64``, of weights and sums.

    Returns:
        (columns, 16) and (16,).

    Raises:
        InputError: fewer samples than a batch, no pieces, or another precision.
    """
    if len(features) < BATCH or pieces < 1 or precision not in PRECISIONS:
        raise InputError(
            f"{len(features)} samples, {pieces} pieces, {precision}: give at least {BATCH} samples, one piece, and one of "
            f"{', '.join(PRECISIONS)}"
        )
    generator = np.random.default_rng(seed)
    features, targets = np.asarray(features, precision), np.asarray(targets, precision)
    # Drawn in single precision, so that both precisions start at the same numbers.
    hidden = (
        generator.normal(0, features.shape[1] ** -0.5, (features.shape[1], HIDDEN)).astype("float32").astype(precision)
    )
    output = generator.normal(0, HIDDEN**-0.5, HIDDEN).astype("float32").astype(precision)
    for _ in range(epochs):
        for batch in np.array_split(generator.permutation(len(targets)), len(targets) // BATCH):
            into_hidden, into_output = np.zeros_like(hidden), np.zeros_like(output)
            for piece in np.array_split(batch, pieces):
                active = np.maximum(features[piece] @ hidden, 0)
                error = 1 / (1 + np.exp(-active @ output)) - targets[piece]
                into_hidden += features[piece].T @ (error[:, None] * output * (active > 0))
                into_output += error @ active
            hidden -= np.asarray(STEP / len(batch), precision) * into_hidden
            output -= np.asarray(STEP / len(batch), precision) * into_output
    return hidden, output


def small_network_logits(weights: Weights, features: np.ndarray) -> np.ndarray:
    """(n,) logits of features (n, columns), in the precision of the weights."""
    hidden, output = weights
    return np.maximum(np.asarray(features, hidden.dtype) @ hidden, 0) @ output
