"""Differentially private steps for any functional Keras model on TensorFlow (DP-SGD, Abadi et al. 2016, arXiv:1607.00133).

A step clips the gradient of every example to a norm C, adds them up, adds Gaussian noise of standard deviation sigma C
once, and divides by the batch size that was *expected*: the real one is a fact about the examples too. The optimizer
then does with the result what it likes.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from helpers.runtime import InputError
from helpers.training.per_example_gradients import clipped_sum, per_example_losses, weight_gradients
from helpers.training.separate_examples import require_separate_examples


class PrivateModel(keras.Model):
    """A model around a network: compiled, fitted and evaluated as usual, its training steps are private.

    ::

        private = PrivateModel(network, clip_norm=1.0, noise_multiplier=1.1, expected_batch_size=256, seed=0)
        private.compile("sgd", "binary_crossentropy")
        batches = poisson_batches(inputs, targets, 256 / len(inputs), generator)
        private.fit(batches, steps_per_epoch=len(inputs) // 256, epochs=20, shuffle=False)

    The batches have to be drawn by :func:`helpers.training.poisson_sampling.poisson_batches` for an epsilon to hold;
    :func:`helpers.training.private.fit_private` does all of it. Batches may be empty and of any size. A third element
    of a batch, weights (n,), multiplies each example's loss before clipping; it may depend on that example alone.

    Training reports nothing: losses, accuracies or shares of clipped gradients of training examples are not covered by
    an epsilon. Look at validation.
    """

    def __init__(
        self,
        network: keras.Model,
        clip_norm: float,
        noise_multiplier: float,
        expected_batch_size: float,
        seed: int,
        microbatch_size: int = 32,
    ) -> None:
        """Check the network and wrap it; its weights are trained in place, and it is the one to save.

        Args:
            network: functional, with one output tensor.
            clip_norm: C; infinite for no clipping, without noise.
            noise_multiplier: sigma; 0 for no noise, and no privacy.
            expected_batch_size: number of examples times sampling rate.
            seed: of the noise. Who knows it can subtract the noise; the same seed twice is the same noise twice.
            microbatch_size: examples at a time; decides memory, not the result.

        Raises:
            InputError: the network mixes examples (batch normalization ...) or a number makes no sense.
        """
        super().__init__(name=f"private_{network.name}")
        if not clip_norm > 0 or not 0 <= noise_multiplier < math.inf:
            raise InputError(f"clip norm {clip_norm}, noise {noise_multiplier}: one is above 0, the other not below 0")
        if math.isinf(clip_norm) and noise_multiplier:
            raise InputError("noise without clipping protects nobody: choose a finite clip norm")
        if not expected_batch_size > 0 or microbatch_size < 1:
            raise InputError(f"batches of {expected_batch_size} in pieces of {microbatch_size}: both are above 0")
        require_separate_examples(network)
        self.network = network
        self.clip_norm, self.noise_multiplier = float(clip_norm), float(noise_multiplier)
        self.expected_batch_size, self.microbatch_size = float(expected_batch_size), int(microbatch_size)
        self.noise_seed = keras.random.SeedGenerator(seed)
        self.supports_jit = False  # batches have no fixed size
        self.built = True

    def call(self, inputs, training=None):
        """The network's answer."""
        return self.network(inputs, training=training)

    def get_metrics_result(self) -> dict[str, Any]:
        """Metrics of the last validation; none before the first, because training measures nothing."""
        if self._compile_metrics is not None and not self._compile_metrics.built:
            return {}
        return super().get_metrics_result()

    def clipped_gradient_sum(
        self, inputs: Any, targets: tf.Tensor, weights: tf.Tensor | None = None
    ) -> list[tf.Tensor]:
        """Sum of the clipped gradients of a batch, one tensor per trainable weight, computed in pieces.

        Args:
            inputs: of n examples; n may be 0.
            targets: (n, ...).
            weights: (n,) of the losses, or None.
        """
        losses, size = per_example_losses(self.loss), self.microbatch_size
        variables = self.trainable_variables
        batch = (inputs, targets) if weights is None else (inputs, targets, weights)
        count = tf.shape(targets)[0]

        def piece(start: tf.Tensor, *sums: tf.Tensor) -> tuple[tf.Tensor, ...]:
            part = keras.tree.map_structure(lambda values: values[start : start + size], batch)

            def weighted_losses(predictions: tf.Tensor) -> tf.Tensor:
                values = losses(part[1], predictions)
                return values if weights is None else values * tf.cast(part[2], values.dtype)

            gradients = weight_gradients(self.network, part[0], weighted_losses)
            added = clipped_sum(gradients, variables, self.clip_norm)
            return start + size, *(one + other for one, other in zip(sums, added, strict=True))

        zeros = [tf.zeros(variable.shape, variable.dtype) for variable in variables]
        # One piece after the other, so that memory holds the gradients of one.
        _, *sums = tf.while_loop(
            lambda start, *_: start < count, piece, (tf.constant(0), *zeros), parallel_iterations=1
        )
        return sums

    def train_step(self, data: Any) -> dict[str, Any]:
        """One private step; returns how many there were, and nothing about the training examples."""
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        sums = self.clipped_gradient_sum(inputs, targets, weights)
        if self.noise_multiplier:
            deviation = self.noise_multiplier * self.clip_norm
            sums = [
                value + keras.random.normal(value.shape, 0.0, deviation, value.dtype, self.noise_seed) for value in sums
            ]
        gradients = [value / self.expected_batch_size for value in sums]
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"steps": self.optimizer.iterations}
