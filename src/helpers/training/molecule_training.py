"""Train a language model of molecules: at each token, the next one is to be foretold (teacher forcing).

The loss is the cross-entropy per token; the true beginning is always given, whatever the network would have written
(Williams and Zipser 1989, Neural Computation 1:270).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from helpers import runtime
from helpers.data.smiles_tokens import PADDING, lengths
from helpers.runtime import InputError
from helpers.training.fit import step_size_schedule
from helpers.training.similar_sizes import batches_of_similar_size

SORTED_TOGETHER = 20  # batches whose SMILES are sorted by length among themselves, so that little padding is computed


@dataclass(frozen=True)
class LanguageRecipe:
    """How to train, apart from data, network and seed.

    Attributes:
        batch_size: SMILES per step.
        learning_rate: peak of the step size, which rises over a tenth of the steps and falls to zero along a cosine.
        weight_decay: AdamW's decay.
        largest_gradient: norm of all gradients together above which they are shortened (Pascanu et al. 2013,
            arXiv:1211.5063).
    """

    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    largest_gradient: float = 1.0

    @classmethod
    def from_budget(cls, budget) -> LanguageRecipe:
        """Take the fields of the same names from a notebook's budget."""
        return cls(**{entry.name: getattr(budget, entry.name) for entry in fields(cls)})


def token_loss() -> keras.losses.Loss:
    """Cross-entropy in nats, the mean over all tokens of a batch that are not padding; takes scores, not probabilities."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PADDING)


class LengthBatches:
    """Batches (read, foretold) of SMILES of similar length, cut after the longest of each; arranged anew in every epoch.

    Going through them once is an epoch: the first time the first pass is read, and so on.

    Args:
        passes: encoded SMILES (n, steps) of each epoch, all of the same shape; the last ones also of every later epoch.
        batch_size: SMILES per batch; one batch may be smaller.
        seed: of the order, a number or several.
    """

    def __init__(self, passes: Sequence[np.ndarray], batch_size: int, seed: int | Sequence[int]) -> None:
        self._passes, self._batch_size, self._seed = passes, batch_size, seed
        self._samples, self._epoch = len(passes[0]), 0

    def __len__(self) -> int:
        return -(-self._samples // self._batch_size)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        numbers, generator = self._passes[min(self._epoch, len(self._passes) - 1)], self._generator()
        self._epoch += 1
        for rows in batches_of_similar_size(lengths(numbers), self._batch_size, SORTED_TOGETHER, generator):
            batch = numbers[rows]
            batch = batch[:, : lengths(batch).max()]
            yield batch[:, :-1], batch[:, 1:]

    def stream(self) -> tf.data.Dataset:
        """The batches as TensorFlow takes them, of any length; Keras would guess one from the first two."""
        texts = tf.TensorSpec((None, None), tf.int64)
        stream = tf.data.Dataset.from_generator(self.__iter__, output_signature=(texts, texts))
        return stream.apply(tf.data.experimental.assert_cardinality(len(self)))

    def _generator(self) -> np.random.Generator:
        return np.random.default_rng([*np.atleast_1d(self._seed), self._epoch])


def fit_language_model(
    model: keras.Model,
    passes: Sequence[np.ndarray],
    validation: np.ndarray,
    recipe: LanguageRecipe,
    *,
    seed: int,
    status: bool = True,
) -> pd.DataFrame:
    """Train for as many epochs as there are passes; the last weights stay.

    Args:
        model: of :func:`helpers.models.smiles.smiles_rnn`; trained in place.
        passes: what is read in each epoch, encoded SMILES (n, steps) of one shape: the same ones again and again, or
            first other spellings of the molecules and then the canonical ones.
        validation: encoded SMILES (n, steps), never trained on; nothing is chosen by them here.
        recipe: optimizer and size of the steps.
        seed: order and dropout.
        status: print one line per epoch.

    Returns:
        One row per epoch: ``epoch``, ``loss`` (with dropout, nats per token, the mean over batches),
        ``validation_loss`` (nats per token) and ``perplexity``, the exponential of the latter.

    Raises:
        InputError: there is no pass.
    """
    if not len(passes):
        raise InputError("no epoch to train: give the encoded SMILES of at least one")
    runtime.seed_everything(seed)
    batches = LengthBatches(passes, recipe.batch_size, seed)
    model.compile(
        keras.optimizers.AdamW(
            step_size_schedule(recipe.learning_rate, len(passes) * len(batches)),
            weight_decay=recipe.weight_decay,
            global_clipnorm=recipe.largest_gradient,
        ),
        token_loss(),
    )
    callback = _Validation(validation, recipe.batch_size, len(passes), status)
    history = model.fit(batches.stream(), epochs=len(passes), callbacks=[callback], shuffle=False, verbose=0).history
    return pd.DataFrame(
        {
            "epoch": np.arange(1, len(passes) + 1),
            "loss": history["loss"],
            "validation_loss": callback.losses,
            "perplexity": np.exp(callback.losses),
        }
    )


def surprise(model: keras.Model, numbers: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """How little each SMILES was expected: minus the logarithm of its probability in nats, (n,) float64.

    By the chain rule it is the sum over its tokens, the end included; divided by their number it is the loss.

    Args:
        model: trained or not.
        numbers: (n, steps) encoded.
        batch_size: SMILES computed together.
    """
    total = np.empty(len(numbers))
    order = np.argsort(lengths(numbers), kind="stable")
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        batch = numbers[rows][:, : lengths(numbers[rows]).max()]
        scores = model.predict_on_batch(batch[:, :-1]).astype(np.float64)
        total[rows] = _negative_log_likelihood(scores, batch[:, 1:])
    return total


def loss_per_token(model: keras.Model, numbers: np.ndarray, batch_size: int = 256) -> float:
    """Cross-entropy in nats over all tokens of encoded SMILES (n, steps)."""
    return float(surprise(model, numbers, batch_size).sum() / (lengths(numbers) - 1).sum())


class _Validation(keras.callbacks.Callback):
    """Loss on validation after each epoch, without dropout, every token counted once."""

    def __init__(self, numbers: np.ndarray, batch_size: int, epochs: int, status: bool) -> None:
        super().__init__()
        self.losses: list[float] = []
        self._numbers, self._batch_size, self._epochs, self._status = numbers, batch_size, epochs, status

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(loss_per_token(self.model, self._numbers, self._batch_size))
        if self._status:
            loss, last = (logs or {})["loss"], self.losses[-1]
            print(
                f"epoch {epoch + 1:3d}/{self._epochs}  loss {loss:.4f}  validation {last:.4f}  perplexity {np.exp(last):.3f}"
            )


def _negative_log_likelihood(scores: np.ndarray, foretold: np.ndarray) -> np.ndarray:
    """(n,) nats from scores (n, steps, tokens) and the true next tokens (n, steps), padding left out."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    logarithm = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    at_truth = np.take_along_axis(logarithm, foretold[..., None].astype(np.int64), axis=-1)[..., 0]
    return -np.sum(at_truth * (foretold != PADDING), axis=1)
