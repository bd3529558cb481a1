"""Prepare the training of a model once, run it many times: from other weights, on other samples, for other lengths.

``13_foundation_models`` trains the same few networks dozens of times, briefly. With ``fit`` the preparation of a
transformer's training (TensorFlow traces it twice, and Adam is a dozen operations for each of sixty variables) takes
longer than such a training, and would be repeated each time. Here a step is traced once, and Adam (Kingma and Ba 2015,
arXiv:1412.6980) is TensorFlow's one operation per variable, of the same formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import keras
import numpy as np
import tensorflow as tf

from helpers import runtime
from helpers.training.fit import WARM_UP_SHARE

FIRST_MOMENT, SECOND_MOMENT, EPSILON = 0.9, 0.999, 1e-7  # Keras' defaults


class RepeatedTraining:
    """A model and its loss, ready to be trained again and again.

    Args:
        model: trained in place.
        loss: function of the model's answer and what else a batch holds, to one number.

    Attributes:
        model: the same.
        start: the weights that it had when this was made.
    """

    def __init__(self, model: keras.Model, loss: Callable) -> None:
        self.model, self.start = model, model.get_weights()
        self._variables = [variable.value for variable in model.trainable_variables]
        self._moments = [[tf.Variable(tf.zeros_like(one)) for one in self._variables] for _ in range(2)]

        def step(rate, first_power, second_power, inputs, others):
            with tf.GradientTape() as tape:
                value = loss(model(inputs, training=True), *others)
            slopes = tape.gradient(value, self._variables)
            for variable, first, second, slope in zip(self._variables, *self._moments, slopes, strict=True):
                tf.raw_ops.ResourceApplyAdam(
                    var=variable.handle,
                    m=first.handle,
                    v=second.handle,
                    beta1_power=first_power,
                    beta2_power=second_power,
                    lr=rate,
                    beta1=FIRST_MOMENT,
                    beta2=SECOND_MOMENT,
                    epsilon=EPSILON,
                    grad=slope,
                )
            return value

        self._step = tf.function(step, autograph=False)

    def run(
        self,
        weights: Sequence[np.ndarray] | None,
        batches: Iterable[tuple],
        steps: int,
        learning_rate: float,
        seed: int,
    ) -> np.ndarray:
        """Train with Adam, warm-up and cosine decay; the last weights stay.

        Args:
            weights: to start from; None: :attr:`start`.
            batches: ``steps`` times (inputs, what else the loss takes …), float32 and int32 arrays of one shape.
            steps: how many there are.
            learning_rate: peak of the step size.
            seed: of what is random inside the model.

        Returns:
            (steps,) the loss of every batch before its step.
        """
        self.model.set_weights(self.start if weights is None else weights)
        for moment in (one for moments in self._moments for one in moments):
            moment.assign(tf.zeros_like(moment))
        runtime.seed_everything(seed)
        rates = step_sizes(learning_rate, steps)
        losses = []
        for number, (inputs, *others) in enumerate(batches, start=1):
            powers = np.float32(FIRST_MOMENT**number), np.float32(SECOND_MOMENT**number)
            losses.append(
                self._step(tf.constant(rates[number - 1]), *map(tf.constant, powers), *_tensors(inputs, others))
            )
        return np.array([float(one) for one in losses])


def step_sizes(peak: float, steps: int) -> np.ndarray:
    """(steps,) float32 values of :func:`helpers.training.fit.step_size_schedule`, all at once and without TensorFlow."""
    warm_up = max(1, round(WARM_UP_SHARE * steps))
    number = np.arange(steps)
    rising = peak / 10 + (peak - peak / 10) * number / warm_up
    falling = peak * (1 + np.cos(np.pi * np.minimum(1, (number - warm_up) / max(1, steps - warm_up)))) / 2
    return np.where(number < warm_up, rising, falling).astype("float32")


def shuffled_rows(samples: int, batch_size: int, steps: int, seed: int) -> np.ndarray:
    """(steps, batch_size) row numbers: passes over all samples, each in another order, cut into batches of one size."""
    generator = np.random.default_rng(seed)
    passes = -(-steps * batch_size // samples)
    rows = np.concatenate([generator.permutation(samples) for _ in range(passes)])
    return rows[: steps * batch_size].reshape(steps, batch_size)


def _tensors(inputs, others):
    def convert(value):
        return [tf.constant(one) for one in value] if isinstance(value, list | tuple) else tf.constant(value)

    return convert(inputs), [convert(one) for one in others]
