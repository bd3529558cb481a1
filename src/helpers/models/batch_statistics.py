"""A network whose batch normalization looks at the batch in front of it, not at what it remembers from training.

Batch normalization remembers mean and variance of each feature map from training; pictures of another scanner have others. Taking
those of the pictures that are to be judged needs no label and no training: Schneider et al. (2020, arXiv:2006.16971), Nado et al.
(2020, arXiv:2006.10963). The price: the answer for one picture depends on the company it is judged in. Taught in
``12_standardization``.
"""

from __future__ import annotations

import keras
from keras import layers, ops

from helpers.runtime import InputError


@keras.saving.register_keras_serializable("medlab")
class BatchStatistics(layers.BatchNormalization):
    """Batch normalization by mean and variance of the batch, always; what was remembered is neither used nor changed."""

    def call(self, inputs, training=None, mask=None):
        """(batch, ..., channels) to the same shape; ``training`` and ``mask`` change nothing."""
        axis = self.axis % len(inputs.shape)
        others = [place for place in range(len(inputs.shape)) if place != axis]
        mean, variance = ops.moments(inputs, axes=others)
        return ops.batch_normalization(inputs, mean, variance, axis, self.beta, self.gamma, self.epsilon)


def with_batch_statistics(model: keras.Model) -> keras.Model:
    """A copy of a functional model, weights and all, whose batch normalization takes its statistics from each batch.

    Call it on many pictures at once, ``copy(pictures, training=False)``: on one alone every feature map would be normalized by
    itself. The original stays as it is.

    Raises:
        InputError: the model has no batch normalization.
    """
    if not any(isinstance(layer, layers.BatchNormalization) for layer in model.layers):
        raise InputError(f"{model.name} has no batch normalization: there are no statistics to replace")

    def changed(layer: layers.Layer) -> layers.Layer:
        kind = BatchStatistics if isinstance(layer, layers.BatchNormalization) else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=changed)
    copy.set_weights(model.get_weights())
    return copy
