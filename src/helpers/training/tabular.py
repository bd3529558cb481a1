"""The tabular network behind the interface of scikit-learn: ``fit`` and ``predict_proba``, to be cloned and cross-validated.

Cross-validation trains hundreds of networks of one shape. Each of them starts from the weights that its seed draws, and all of them
share one compiled training step: tracing it anew would take longer than the training.
"""

from __future__ import annotations

from functools import lru_cache

import keras
import numpy as np
import tensorflow as tf
from sklearn.base import BaseEstimator, ClassifierMixin

from helpers.models.tabular import tabular_network
from helpers.runtime import InputError


class TabularNetwork(ClassifierMixin, BaseEstimator):
    """Binary classifier; where it is given more answers than the diagnosis, it learns all of them together.

    All rows are read at every step (they are few), by Adam with a fixed number of steps; nothing is chosen on the way.

    Attributes (after ``fit``):
        weights_: arrays of the trained network.
        classes_: 0 and 1.
    """

    def __init__(
        self, units: int = 16, shrinkage: float = 4e-3, steps: int = 150, learning_rate: float = 1e-2, seed: int = 0
    ) -> None:
        self.units = units
        self.shrinkage = shrinkage
        self.steps = steps
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, inputs: np.ndarray, targets: np.ndarray) -> TabularNetwork:
        """Train on a table (n, features) without gaps.

        Args:
            targets: (n,) of 0 and 1, or (n, answers) with the diagnosis first and NaN where an answer is not known.
        """
        inputs = np.asarray(inputs, dtype="float32")
        answers = np.asarray(targets, dtype="float32").reshape(len(inputs), -1)
        if not np.isfinite(inputs).all() or not np.isin(answers[:, 0], (0, 1)).all():
            raise InputError("the table has gaps, or a diagnosis is not 0 or 1: prepare the table first")
        network, start = self._compiled(inputs.shape[1], answers.shape[1])
        for variable, value in zip(network.weights + network.optimizer.variables, start, strict=True):
            variable.assign(value)
        rows = tf.data.Dataset.from_tensors((inputs, answers)).repeat(self.steps)
        network.fit(rows, epochs=1, shuffle=False, verbose=0)
        self.weights_ = network.get_weights()
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        """(n, 2) float64: probability of no disease and of disease."""
        inputs = np.asarray(inputs, dtype="float32")
        network, _ = self._compiled(inputs.shape[1], self.weights_[-1].shape[0])
        network.set_weights(self.weights_)
        disease = network.predict_on_batch(inputs)[:, 0].astype("float64")
        return np.column_stack([1 - disease, disease])

    def _compiled(self, features: int, answers: int) -> tuple[keras.Model, list[np.ndarray]]:
        sizes = features, self.units, answers, self.shrinkage
        return _compiled_network(*sizes, self.learning_rate, self.steps, self.seed)


def known_answers_loss(truth: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Cross-entropy of the known answers over the number of *all* answers: (batch,) from (batch, answers).

    An answer that is not known (NaN) adds nothing, so the diagnosis weighs the same for everybody.
    """
    known = tf.cast(tf.math.is_finite(truth), probability.dtype)
    asked = tf.where(tf.math.is_finite(truth), truth, tf.zeros_like(truth))
    clipped = tf.clip_by_value(probability, keras.config.epsilon(), 1 - keras.config.epsilon())
    loss = -(asked * tf.math.log(clipped) + (1 - asked) * tf.math.log(1 - clipped))
    return tf.reduce_mean(loss * known, axis=-1)


@lru_cache(maxsize=16)
def _compiled_network(
    features: int, units: int, answers: int, shrinkage: float, learning_rate: float, steps: int, seed: int
) -> tuple[keras.Model, list[np.ndarray]]:
    """A compiled network, and the values of its weights and of its optimizer before the first step."""
    network = tabular_network(features, units, answers, shrinkage, seed)
    optimizer = keras.optimizers.Adam(learning_rate)
    network.compile(optimizer=optimizer, loss=known_answers_loss, steps_per_execution=steps)
    optimizer.build(network.trainable_variables)
    return network, [variable.numpy() for variable in network.weights + optimizer.variables]
