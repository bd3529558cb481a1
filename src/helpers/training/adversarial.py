"""Train two networks against each other: noise, generate, judge, both losses, and each network's weights move.

Losses are computed from logits, so that nothing overflows when the discriminator is sure: with the logistic function s,
-log s(a) = softplus(-a) and -log(1 - s(a)) = softplus(a). Taught in ``05_gan``, which writes the step out.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.fit import STEPS_PER_EXECUTION

FIRST_MOMENT = 0.5  # of Adam: the usual 0.9 remembers an opponent that has moved on (Radford et al. 2016)
RECENT = 0.995  # momentum of the generator's averaged weights (Yazıcı et al. 2019, arXiv:1806.04498)


def discriminator_loss(real, generated):
    """-log D(x) - log(1 - D(G(z))): means over logits of real and of generated samples, any shape; a scalar."""
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(generated))


def generator_loss(generated):
    """-log D(G(z)): the non-saturating loss, whose slope is largest where the discriminator is sure; a scalar."""
    return ops.mean(ops.softplus(-generated))


def saturating_generator_loss(generated):
    """log(1 - D(G(z))): the generator's part of the min-max objective, without slope where the discriminator is sure."""
    return -ops.mean(ops.softplus(generated))


def _move(network: keras.Model, tape: tf.GradientTape, loss, optimizer: keras.optimizers.Optimizer) -> None:
    """One step of one network against its own loss; the other one stays as it is."""
    optimizer.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)


class _TwoNetworks(keras.Model):
    """A generator and a discriminator with an optimizer each; subclasses say what a step is.

    Args:
        generator, discriminator: built; trained in place.
        watched: names of the numbers that a step reports.
    """

    def __init__(self, generator: keras.Model, discriminator: keras.Model, watched: Sequence[str]) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.means = {name: keras.metrics.Mean(name=name) for name in watched}
        self.built = True

    def compile(self, generator_optimizer, discriminator_optimizer, **other) -> None:
        """Set both optimizers; ``other`` goes to :meth:`keras.Model.compile`."""
        super().compile(**other)
        self.generator_optimizer, self.discriminator_optimizer = generator_optimizer, discriminator_optimizer

    def report(self, **numbers) -> dict:
        """Means over the epoch so far: single batches of two opponents jump too much to be read."""
        for name, number in numbers.items():
            self.means[name].update_state(number)
        return {name: self.means[name].result() for name in numbers}


class AdversarialNetworks(_TwoNetworks):
    """The game of Goodfellow et al. (2014, arXiv:1406.2661), told the class: ``fit(pictures, classes)``.

    Generated pictures are drawn once per step and serve both losses; batch normalization in the generator therefore
    moves its statistics once per step. The discriminator moves first, so the generator answers the newer one.

    Args:
        generator: (noise, class) to picture.
        discriminator: (picture, class) to logit.
        seed: of the noise.
        augmentation: layers that change what the discriminator sees, real and generated alike, so that few pictures
            cannot be learned by heart (Zhao et al. 2020, arXiv:2006.10738).
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int = 0,
        augmentation: Sequence[keras.layers.Layer] = (),
    ) -> None:
        super().__init__(generator, discriminator, ("discriminator", "generator", "accuracy"))
        self.draws = keras.random.SeedGenerator(seed)
        self.augmentation = list(augmentation)

    def augmented(self, pictures):
        """Random changes of one kind, drawn anew for each call; gradients pass through."""
        for layer in self.augmentation:
            pictures = layer(pictures, training=True)
        return pictures

    def train_step(self, data):
        real, classes = data
        noise = keras.random.normal((ops.shape(real)[0], self.generator.input_shape[0][1]), seed=self.draws)  # 1 noise
        with tf.GradientTape() as generator_tape:
            generated = self.augmented(self.generator([noise, classes], training=True))  # 2 generate
            with tf.GradientTape() as discriminator_tape:  # 3 judge both, the discriminator's loss, its weights move
                both = ops.concatenate([self.augmented(real), ops.stop_gradient(generated)])
                logits = self.discriminator([both, ops.concatenate([classes, classes])], training=True)
                judged_real, judged_generated = ops.split(logits, 2)
                loss_of_discriminator = discriminator_loss(judged_real, judged_generated)
            _move(self.discriminator, discriminator_tape, loss_of_discriminator, self.discriminator_optimizer)
            # 4 judge the generated ones again, by the discriminator that has just moved
            loss_of_generator = generator_loss(self.discriminator([generated, classes], training=False))
        _move(self.generator, generator_tape, loss_of_generator, self.generator_optimizer)  # 5 its weights move
        right = ops.concatenate([judged_real > 0, judged_generated < 0])
        accuracy = ops.mean(ops.cast(right, "float32"))
        return self.report(discriminator=loss_of_discriminator, generator=loss_of_generator, accuracy=accuracy)


class PairedTranslation(_TwoNetworks):
    """pix2pix, Isola et al. (2017, arXiv:1611.07004): ``fit(originals, translations)`` of the same scenes.

    Args:
        generator: original to translation.
        discriminator: (original, translation) to logits of patches.
        distance_weight: of the mean absolute difference from the true translation, beside the adversarial loss.
    """

    def __init__(self, generator: keras.Model, discriminator: keras.Model, distance_weight: float) -> None:
        super().__init__(generator, discriminator, ("discriminator", "generator", "distance"))
        self.distance_weight = distance_weight

    def train_step(self, data):
        originals, wanted = data
        with tf.GradientTape() as generator_tape:
            translated = self.generator(originals, training=True)
            with tf.GradientTape() as discriminator_tape:
                judged_real = self.discriminator([originals, wanted], training=True)
                judged_translated = self.discriminator([originals, ops.stop_gradient(translated)], training=True)
                loss_of_discriminator = discriminator_loss(judged_real, judged_translated)
            _move(self.discriminator, discriminator_tape, loss_of_discriminator, self.discriminator_optimizer)
            adversarial = generator_loss(self.discriminator([originals, translated], training=False))
            distance = ops.mean(ops.abs(wanted - translated))
            loss_of_generator = adversarial + self.distance_weight * distance
        _move(self.generator, generator_tape, loss_of_generator, self.generator_optimizer)
        return self.report(discriminator=loss_of_discriminator, generator=loss_of_generator, distance=distance)


def play(
    networks: _TwoNetworks,
    inputs: np.ndarray,
    others: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    averaging: float = RECENT,
) -> dict[str, list[float]]:
    """Let both networks learn for a fixed number of epochs, in whole batches; the generator ends with averaged weights.

    Averaging smooths the circles that two opponents run around each other.

    Args:
        networks: trained in place.
        inputs, others: what ``train_step`` takes: pictures and classes, or originals and translations.
        epochs, batch_size, learning_rate: length and size of the steps, the same for both networks.
        seed: of shuffling.
        averaging: momentum of the moving average of the generator's weights.

    Returns:
        Keras' history: name of a number to its mean over each epoch. Both losses, and the discriminator's ``accuracy`` (0.5
        where it cannot tell) or the ``distance`` to the true translation.

    Raises:
        InputError: fewer samples than one batch.
    """
    order = whole_batches(len(inputs), batch_size, seed)
    runtime.seed_everything(seed)
    optimizers = averaging_adam(learning_rate, averaging), keras.optimizers.Adam(learning_rate, FIRST_MOMENT)
    networks.compile(*optimizers, steps_per_execution=STEPS_PER_EXECUTION)
    history = networks.fit(inputs[order], others[order], batch_size=batch_size, epochs=epochs, verbose=0).history
    networks.generator_optimizer.finalize_variable_values(networks.generator.trainable_variables)
    return history


def averaging_adam(learning_rate: float, averaging: float) -> keras.optimizers.Optimizer:
    """Adam of a generator, with a moving average of the weights of momentum ``averaging``."""
    return keras.optimizers.Adam(learning_rate, FIRST_MOMENT, use_ema=True, ema_momentum=averaging)


def whole_batches(samples: int, batch_size: int, seed: int) -> np.ndarray:
    """Shuffled sample numbers, as many as fill whole batches: as many real pictures as generated ones in each."""
    whole = samples // batch_size * batch_size
    if not whole:
        raise InputError(f"{samples} samples do not fill a batch of {batch_size}: choose a smaller batch in the budget")
    return np.random.default_rng(seed).permutation(samples)[:whole]


def answer_alone(
    networks: AdversarialNetworks, *, steps: int, batch_size: int, learning_rate: float, seed: int
) -> None:
    """Let the generator go on while the discriminator waits: its best answer is the one place that is judged best.

    Goodfellow et al. (2014, section 4) name it as what must not happen. Without augmentation; class 0 throughout.

    Args:
        networks: that have played; only the generator's weights change.
        steps: of the generator.
        batch_size: drawn at each step.
        learning_rate: of Adam.
        seed: of the noise.
    """
    optimizer, weights = keras.optimizers.Adam(learning_rate), networks.generator.trainable_variables
    optimizer.build(weights)
    numbers, classes = networks.generator.input_shape[0][1], tf.zeros(batch_size, tf.int32)

    @tf.function
    def step(number):
        noise = tf.random.stateless_normal((batch_size, numbers), (seed, number))
        with tf.GradientTape() as tape:
            generated = networks.generator([noise, classes], training=True)
            value = generator_loss(networks.discriminator([generated, classes], training=False))
        optimizer.apply(tape.gradient(value, weights), weights)

    for number in tf.range(steps):
        step(number)


def generate(generator: keras.Model, classes: np.ndarray, seed: int, batch_size: int = 256) -> np.ndarray:
    """Draw one picture or point for each class number; the same seed draws the same ones.

    Args:
        generator: (noise, class) to picture or point.
        classes: (n,) what to draw.
        seed: of the noise.
        batch_size: drawn at once.

    Returns:
        (n, size, size, 1) or (n, 2) float32.

    Raises:
        InputError: nothing is to be drawn.
    """
    if not len(classes):
        raise InputError("no classes are given: there is one for each picture to draw")
    noise = np.random.default_rng(seed).normal(size=(len(classes), generator.input_shape[0][1])).astype("float32")
    labels = np.asarray(classes, dtype="int32")
    batches = [
        generator.predict_on_batch([noise[start : start + batch_size], labels[start : start + batch_size]])
        for start in range(0, len(labels), batch_size)
    ]
    return np.concatenate(batches)
