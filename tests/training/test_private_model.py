"""Private steps: noise of the right size, once per batch; without noise and clipping plain SGD; batches of any size."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import chi2, kstest

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.poisson_sampling import poisson_batches
from helpers.training.private_model import PrivateModel


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def network():
    runtime.seed_everything(0)
    inputs = keras.Input((6, 6, 1))
    features = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    features = keras.layers.GroupNormalization(2)(features)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(features)))


def samples(count):
    generator = np.random.default_rng(1)
    return generator.normal(size=(count, 6, 6, 1)).astype("float32"), (generator.random(count) < 0.5).astype("float32")


def compiled(inner, optimizer="sgd", **options):
    settings = {"clip_norm": 1.0, "noise_multiplier": 1.0, "expected_batch_size": 8, "seed": 5} | options
    private = PrivateModel(inner, **settings)
    private.compile(optimizer, "binary_crossentropy")
    return private


def sums(private, inputs, targets, weights=None):
    tensors = [None if value is None else tf.constant(value) for value in (inputs, targets, weights)]
    return [value.numpy() for value in private.clipped_gradient_sum(*tensors)]


def test_without_noise_and_clipping_a_step_is_plain_gradient_descent():
    inputs, targets = samples(20)
    plain, inner = network(), network()
    plain.compile(keras.optimizers.SGD(0.5, momentum=0.9), "binary_crossentropy")
    plain.fit(inputs, targets, batch_size=20, epochs=5, shuffle=False, verbose=0)
    private = compiled(
        inner,
        keras.optimizers.SGD(0.5, momentum=0.9),
        clip_norm=np.inf,
        noise_multiplier=0.0,
        expected_batch_size=20,
        microbatch_size=7,
    )
    everybody = poisson_batches(inputs, targets, 1.0, np.random.default_rng(0))
    private.fit(everybody, epochs=5, steps_per_epoch=1, shuffle=False, verbose=0)
    for left, right in zip(plain.get_weights(), inner.get_weights(), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-6)
    assert np.abs(plain.get_weights()[0] - network().get_weights()[0]).max() > 1e-2


@pytest.mark.parametrize("size", [1, 3, 100])
def test_pieces_make_no_difference(size):
    inputs, targets = samples(11)
    whole, pieces = (sums(compiled(network(), microbatch_size=count), inputs, targets) for count in (11, size))
    for left, right in zip(whole, pieces, strict=True):
        np.testing.assert_allclose(left, right, atol=1e-5)


def test_double_precision_is_clipped_in_double_precision():
    """By hand: the gradients of a logistic regression, cut to norm 0.2, to 1e-12."""
    inputs, targets = samples(9)
    table = inputs.reshape(9, 36).astype("float64")
    entry = keras.Input((36,), dtype="float64")
    layer = keras.layers.Dense(1, activation="sigmoid", use_bias=False, kernel_initializer="zeros", dtype="float64")
    (found,) = sums(compiled(keras.Model(entry, layer(entry)), clip_norm=0.2), table, targets.astype("float64"))
    gradients = (0.5 - targets)[:, None] * table
    lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
    assert lengths.min() > 0.2 and found.dtype == np.float64
    np.testing.assert_allclose(found[:, 0], (0.2 * gradients / lengths).sum(axis=0), rtol=1e-6, atol=1e-12)


def test_one_example_moves_the_sum_by_no_more_than_the_clip_norm():
    inputs, targets = samples(9)
    private = compiled(network(), clip_norm=0.2)
    with_all, without_last = sums(private, inputs, targets), sums(private, inputs[:-1], targets[:-1])
    moved = np.sqrt(sum(np.sum((left - right) ** 2) for left, right in zip(with_all, without_last, strict=True)))
    assert moved == pytest.approx(0.2, rel=1e-4)  # its gradient is longer, so it is clipped to just that


def test_weights_scale_losses_before_clipping():
    inputs, targets = samples(6)
    private = compiled(network(), clip_norm=0.2)
    weights = np.array([0, 1, 0, 1, 1, 0], dtype="float32")
    chosen = weights == 1
    for left, right in zip(
        sums(private, inputs, targets, 1000 * weights), sums(private, inputs[chosen], targets[chosen]), strict=True
    ):
        np.testing.assert_allclose(left, right, atol=1e-5)


def step_without_examples(private):
    """Weights after a step on an empty batch with learning rate 1, minus those before, times the expected batch."""
    before = private.network.get_weights()
    empty = tf.zeros((0, 6, 6, 1)), tf.zeros((0,))
    private.train_step(empty)
    after = private.network.get_weights()
    steps = [(old - new).ravel() for old, new in zip(before, after, strict=True)]
    return private.expected_batch_size * np.concatenate(steps)


def test_noise_is_gaussian_of_the_stated_size_once_per_batch():
    # 4,001 weights at 0, so that a step on no example leaves the noise alone, divided by the expected batch.
    inputs = keras.Input((4000,))
    layer = keras.layers.Dense(1, kernel_initializer="zeros")
    inner = keras.Model(inputs, layer(inputs))
    private = compiled(
        inner, keras.optimizers.SGD(1.0), clip_norm=0.5, noise_multiplier=3.0, expected_batch_size=16, microbatch_size=2
    )
    for count in (0, 7):  # as much noise for seven examples in four pieces, whose gradients are zero here
        before = np.concatenate([weight.ravel() for weight in inner.get_weights()])
        private.train_step((tf.zeros((count, 4000)), tf.zeros((count,)), tf.zeros((count,))))
        after = np.concatenate([weight.ravel() for weight in inner.get_weights()])
        noise = 16 * (before - after)
        # The sum of squares over (sigma C)² is chi-squared: outside these quantiles once in a million times.
        low, high = chi2.ppf([5e-7, 1 - 5e-7], len(noise))
        assert low < np.sum(noise**2) / (3.0 * 0.5) ** 2 < high
        assert kstest(noise / 1.5, "norm").pvalue > 1e-6


def test_noise_differs_between_steps_weights_and_seeds_and_repeats_with_the_seed():
    def noises(seed):
        private = compiled(network(), keras.optimizers.SGD(1.0), seed=seed)
        return [step_without_examples(private) for _ in range(2)]

    first, again, other = noises(3), noises(3), noises(4)
    np.testing.assert_array_equal(first, again)
    drawn = np.concatenate([*first, *other])
    assert len(np.unique(np.round(drawn, 4))) > 0.9 * len(drawn)


def test_recompiling_goes_on_with_new_noise():
    private = compiled(network(), keras.optimizers.SGD(1.0))
    first = step_without_examples(private)
    private.compile(keras.optimizers.SGD(1.0), "binary_crossentropy")
    assert np.abs(first - step_without_examples(private)).min() > 0


def test_dropout_is_repeatable_and_training_says_nothing_about_examples():
    inputs, targets = np.random.default_rng(1).normal(size=(40, 4)).astype("float32"), np.repeat([0.0, 1.0], 20)
    targets = targets.astype("float32")

    def trained():
        start = keras.Input((4,))
        dropped = keras.layers.Dropout(0.5, seed=7)(start)
        head = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones")
        inner = keras.Model(start, head(dropped))
        private = compiled(inner, microbatch_size=5)
        batches = poisson_batches(inputs, targets, 0.2, np.random.default_rng(3))
        record = private.fit(
            batches, epochs=2, steps_per_epoch=6, validation_data=(inputs, targets), shuffle=False, verbose=0
        )
        return inner.get_weights(), record.history

    (first, history), (second, _) = trained(), trained()
    for left, right in zip(first, second, strict=True):
        np.testing.assert_array_equal(left, right)
    assert set(history) == {"steps", "val_loss"}
    assert history["steps"] == [6, 12]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"clip_norm": 0.0}, "clip norm 0.0"),
        ({"clip_norm": float("nan")}, "clip norm nan"),
        ({"noise_multiplier": -1.0}, "noise -1.0"),
        ({"clip_norm": np.inf}, "noise without clipping"),
        ({"expected_batch_size": 0}, "batches of 0"),
        ({"microbatch_size": 0}, "pieces of 0"),
    ],
)
def test_senseless_settings_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        compiled(network(), **options)


def test_batch_normalization_is_refused_at_once():
    inputs = keras.Input((4,))
    normalized = keras.layers.BatchNormalization()(keras.layers.Dense(3)(inputs))
    with pytest.raises(InputError, match="GroupNormalization"):
        compiled(keras.Model(inputs, keras.layers.Dense(1)(normalized)))


def test_several_outputs_are_refused():
    inputs = keras.Input((4,))
    with pytest.raises(InputError, match="several outputs"):
        compiled(keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(2)(inputs)]))
