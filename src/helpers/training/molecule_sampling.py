"""Let a language model write molecules: one token at a time, each drawn from the probabilities after those before it.

The recurrent state is carried from step to step, so a token costs one step of the network, however much was written.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from helpers.data.smiles_tokens import END, PADDING, START
from helpers.runtime import InputError

# What texts are drawn for: a stream of random numbers is named by the seed of a run, one of these, and the place in a series.
TRIAL, COUNT, STEERING, PROOF = range(4)


class Writer:
    """Draws SMILES from a model of :func:`helpers.models.smiles.smiles_rnn`, in steps that are compiled once.

    It shares the model's weights: after more training the same writer writes what was learned.
    """

    def __init__(self, model: keras.Model) -> None:
        self._embedding, self._scores = model.get_layer("embedding"), model.get_layer("scores")
        self._cells = [layer.cell for layer in model.layers if isinstance(layer, keras.layers.GRU)]
        if not self._cells:
            raise InputError(f"{model.name} has no GRU layer to carry a state: build it with models.smiles")
        # Neither the padding nor a second start is ever written.
        never = np.zeros(self._scores.units, dtype="float32")
        never[[PADDING, START]] = -np.inf
        self._never = tf.constant(never)
        self._write = tf.function(self._unrolled)

    def write(
        self, count: int, longest: int, *, temperature: float = 1.0, seed: int | Sequence[int], batch_size: int = 500
    ) -> np.ndarray:
        """Draw encoded SMILES, (count, longest + 1) int32, 0 after the end; the start is not repeated.

        Args:
            count: SMILES to draw.
            longest: tokens after which a SMILES is cut off; it has no end then.
            temperature: scores are divided by it before the softmax. 1 draws from what was learned; below 1 the
                likely becomes more likely, and writing safer and more uniform.
            seed: a number or several that name the stream; the same ones and the same batch size give the same SMILES,
                others share no random number with them.
            batch_size: SMILES that are written side by side.

        Raises:
            InputError: the temperature or a number is not positive.
        """
        if temperature <= 0 or count < 1 or longest < 1:
            raise InputError(
                f"{count} SMILES of {longest} tokens at temperature {temperature}: all three are above zero"
            )
        written = [
            self._write(
                tf.fill([batch_size], START),
                tf.constant(longest + 1),
                tf.constant(temperature, tf.float32),
                tf.constant(_stream(seed, number)),
            ).numpy()
            for number in range(-(-count // batch_size))
        ]
        return np.concatenate(written)[:count]

    def _unrolled(self, token: tf.Tensor, steps: tf.Tensor, temperature: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        rows = tf.shape(token)[0]
        seeds = tf.random.stateless_uniform([steps, 2], seed, None, None, tf.int32)
        states = [tf.zeros([rows, cell.units]) for cell in self._cells]
        written = tf.TensorArray(tf.int32, size=steps, element_shape=[None])
        open_rows = tf.ones([rows], tf.bool)
        for step in tf.range(steps):
            if not tf.reduce_any(open_rows):
                # Everything has ended; what is not written stays padding.
                written = written.write(step, tf.fill([rows], PADDING))
            else:
                features = self._embedding(token)
                following = []
                for cell, state in zip(self._cells, states, strict=True):
                    features, state = cell(features, [state])
                    following.append(state[0])
                states = following
                scores = self._scores(features) / temperature + self._never
                drawn = tf.random.stateless_categorical(scores, 1, seeds[step], tf.int32)[:, 0]
                token = tf.where(open_rows, drawn, PADDING)
                written = written.write(step, token)
                open_rows = tf.logical_and(open_rows, token != END)
        return tf.transpose(written.stack())


def _stream(seed: int | Sequence[int], batch: int) -> np.ndarray:
    """Two numbers from which TensorFlow draws; the batch stands first, so that no name is another one with zeros behind."""
    named = np.atleast_1d(seed).tolist()
    return np.random.SeedSequence([batch, len(named), *named]).generate_state(2).astype(np.int32)
