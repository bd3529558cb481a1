"""Feed a network from images on disk with tf.data: memory does not grow with their number.

Rows that are neighbors on disk tend to be of one class, and single rows in random order would make a disk search for
each. So short runs of neighbors are put into random order, and many of them together are mixed in memory (a block
shuffle with a buffer): every batch draws on hundreds of places in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from helpers.data.stored_images import StoredImages

RUN = 32  # neighbors that are read together: 128 kB of 64 px, so that reading outweighs searching
BUFFER_BYTES = 2**25  # images mixed in memory: 8,192 of 64 px, from 256 runs
AHEAD = 2  # batches prepared while the network works on another


def shuffled_order(rows: int, generator: np.random.Generator, run: int = RUN, buffer: int = 8192) -> np.ndarray:
    """All numbers below ``rows``, each once, in the order in which a pass over the data takes them.

    Args:
        rows: how many there are.
        generator: decides the order; the same state gives the same order.
        run: neighbors that stay together until they are in the buffer.
        buffer: rows that are mixed with each other.
    """
    # Where runs begin is random too, so that other neighbors travel together in every pass.
    begin = int(generator.integers(run)) if rows > run else 0
    edges = np.unique([0, *range(begin, rows, run), rows])
    pieces = [np.arange(edges[place], edges[place + 1]) for place in generator.permutation(len(edges) - 1)]
    order = np.concatenate(pieces) if pieces else np.arange(0)
    for start in range(0, rows, buffer):
        generator.shuffle(order[start : start + buffer])
    return order


def training_batches(
    images: StoredImages, targets: np.ndarray, weights: np.ndarray, batch_size: int, seed: int
) -> tf.data.Dataset:
    """Batches of (images, targets, weights) in another order in every pass; the same seed gives the same orders.

    Args:
        images: prepared, as the network takes them; n of them.
        targets: (n,).
        weights: (n,) of the samples in the loss.
        batch_size: samples per batch; the last one may be smaller.
        seed: of the run.
    """
    passes = 0
    buffer = _buffer_rows(images, batch_size)

    def batches() -> Iterator[tuple[np.ndarray, ...]]:
        nonlocal passes
        order = shuffled_order(len(images), np.random.default_rng([seed, passes]), buffer=buffer)
        passes += 1
        for start in range(0, len(order), buffer):
            rows = order[start : start + buffer]
            # Mixed as they lie on disk and prepared batch by batch: prepared images take four times as much.
            block = images.stored(rows)
            for first in range(0, len(rows), batch_size):
                chosen = slice(first, first + batch_size)
                yield images.prepared(block[chosen]), targets[rows[chosen]], weights[rows[chosen]]

    return _dataset(batches, images, batch_size)


def validation_batches(
    images: StoredImages, targets: np.ndarray, weights: np.ndarray, batch_size: int
) -> tf.data.Dataset:
    """Batches of (images, targets, weights) in their own order."""

    def batches() -> Iterator[tuple[np.ndarray, ...]]:
        for start in range(0, len(images), batch_size):
            chosen = slice(start, start + batch_size)
            yield images[chosen], targets[chosen], weights[chosen]

    return _dataset(batches, images, batch_size)


def _buffer_rows(images: StoredImages, batch_size: int) -> int:
    """Rows that fit the buffer, a multiple of the batch, so that only the last batch of a pass can be smaller."""
    fitting = BUFFER_BYTES // max(1, images.stored_bytes)
    return max(1, fitting // batch_size) * batch_size


def _dataset(batches: Callable[[], Iterator], images: StoredImages, batch_size: int) -> tf.data.Dataset:
    column = tf.TensorSpec((None,), tf.float32)
    signature = (tf.TensorSpec((None, *images.shape[1:]), tf.as_dtype(images.dtype)), column, column)
    steps = -(-len(images) // batch_size)
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(AHEAD)
