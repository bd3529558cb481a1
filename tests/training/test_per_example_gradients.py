"""Gradients of single examples: every rule against one tape per example, shared layers, clipping, clear refusals."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import runtime
from helpers.models import cnn
from helpers.runtime import InputError
from helpers.training import per_example_gradients
from helpers.training.layer_gradients import rule_of
from helpers.training.separate_examples import require_separate_examples
from helpers.training.weight_gradients import FactoredGradients, StoredGradients, added

EXAMPLES = 3


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def picture(channels=4):
    return keras.Input((6, 7, channels))


def trace(channels=4):
    return keras.Input((9, channels))


def head(features):
    """One probability, through a nonlinearity, so that no layer's output gradient is constant."""
    return layers.Dense(1, activation="sigmoid")(layers.Flatten()(layers.Activation("tanh")(features)))


def shifted(model):
    """Weights away from zeros and ones, where a missing factor would not show."""
    for weight in model.trainable_variables:
        weight.assign(weight + 0.3 * tf.random.normal(weight.shape))
    return model


def questions(model, seed=0):
    generator = np.random.default_rng(seed)
    tensor = model.inputs[0]
    shape = (EXAMPLES, *(axis or 9 for axis in tensor.shape[1:]))
    if "int" in tensor.dtype:
        inputs = generator.integers(0, 5, shape)
    else:
        inputs = generator.normal(size=shape).astype("float32")
    return tf.convert_to_tensor(inputs), tf.constant([[0.0], [1.0], [1.0]])


cross_entropy = per_example_gradients.per_example_losses("binary_crossentropy")


def found(model, inputs, targets):
    return per_example_gradients.weight_gradients(
        model, inputs, lambda predictions: cross_entropy(targets, predictions)
    )


def one_by_one(model, inputs, targets):
    """For each example the gradients with respect to all weights, by plain differentiation."""
    rows = []
    for row in range(len(inputs)):
        with tf.GradientTape() as tape:
            answer = model(inputs[row : row + 1], training=True)
            loss = tf.reduce_mean(keras.losses.binary_crossentropy(targets[row : row + 1], answer))
        gradients = tape.gradient(loss, model.trainable_variables, unconnected_gradients="zero")
        rows.append([tf.convert_to_tensor(gradient).numpy() for gradient in gradients])
    return rows


def norm(gradients):
    return np.sqrt(sum(float(np.sum(np.float64(gradient) ** 2)) for gradient in gradients))


def assert_like_one_by_one(model):
    inputs, targets = questions(model)
    gradients, rows = found(model, inputs, targets), one_by_one(model, inputs, targets)
    lengths = np.array([norm(row) for row in rows])
    np.testing.assert_allclose(per_example_gradients.norms(gradients), lengths, rtol=1e-5)
    limit = float(np.median(lengths))  # half of the examples are clipped
    sums = per_example_gradients.clipped_sum(gradients, model.trainable_variables, limit)
    factors = np.minimum(1, limit / lengths)
    for position, total in enumerate(sums):
        expected = sum(factor * row[position] for factor, row in zip(factors, rows, strict=True))
        np.testing.assert_allclose(total, expected, rtol=1e-4, atol=1e-6 * limit)


RULES = {
    "dense": (trace, lambda: layers.Dense(3, activation="relu")),
    "dense without bias": (trace, lambda: layers.Dense(3, use_bias=False)),
    "wide dense": (lambda: keras.Input((12,)), lambda: layers.Dense(40, activation="gelu")),
    "convolution": (picture, lambda: layers.Conv2D(3, 3)),
    "same": (picture, lambda: layers.Conv2D(3, (2, 3), padding="same", activation="relu")),
    "strided same": (picture, lambda: layers.Conv2D(3, 3, strides=2, padding="same", use_bias=False)),
    "unequal strides": (picture, lambda: layers.Conv2D(3, 2, strides=(1, 3))),
    "dilated": (picture, lambda: layers.Conv2D(3, 3, dilation_rate=(1, 2), padding="same")),
    "grouped": (picture, lambda: layers.Conv2D(6, 3, groups=2, padding="same")),
    "few positions": (lambda: picture(16), lambda: layers.Conv2D(24, 5, strides=2)),
    "convolution of a trace": (trace, lambda: layers.Conv1D(3, 4, strides=2, activation="tanh")),
    "causal": (trace, lambda: layers.Conv1D(3, 3, dilation_rate=2, padding="causal")),
    "depthwise": (picture, lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu")),
    "strided depthwise": (picture, lambda: layers.DepthwiseConv2D(2, strides=2, use_bias=False)),
    "depthwise of a trace": (trace, lambda: layers.DepthwiseConv1D(3)),
    "separable": (picture, lambda: layers.SeparableConv2D(5, 3, depth_multiplier=2, activation="relu")),
    "separable of a trace": (trace, lambda: layers.SeparableConv1D(5, 3, strides=2, padding="same")),
    "embedding": (lambda: keras.Input((9,), dtype="int32"), lambda: layers.Embedding(5, 3)),
    "group normalization": (picture, lambda: layers.GroupNormalization(2)),
    "one group": (trace, lambda: layers.GroupNormalization(1, center=False)),
    "layer normalization": (picture, lambda: layers.LayerNormalization()),
    "over an image": (picture, lambda: layers.LayerNormalization(axis=(1, 2), scale=False)),
}
WITHOUT_RULE = {
    "groups of rows": (picture, lambda: layers.GroupNormalization(2, axis=1)),
    "root mean square": (trace, lambda: layers.RMSNormalization()),
    "transposed convolution": (picture, lambda: layers.Conv2DTranspose(3, 3, strides=2)),
    "in three dimensions": (lambda: keras.Input((4, 4, 4, 2)), lambda: layers.Conv3D(2, 2)),
    "recurrent": (lambda: keras.Input((3, 2)), lambda: layers.Bidirectional(layers.GRU(2, return_sequences=True))),
}


@pytest.mark.parametrize("name", RULES)
def test_rule_finds_what_one_tape_per_example_finds(name):
    shape, layer = RULES[name]
    inputs, layer = shape(), layer()
    model = shifted(keras.Model(inputs, head(layer(inputs))))
    assert rule_of(layer) is not None
    assert_like_one_by_one(model)


@pytest.mark.parametrize("name", WITHOUT_RULE)
def test_layers_without_a_rule_are_differentiated(name):
    shape, layer = WITHOUT_RULE[name]
    inputs, layer = shape(), layer()
    model = shifted(keras.Model(inputs, head(layer(inputs))))
    assert rule_of(layer) is None
    assert_like_one_by_one(model)


def test_attention_with_several_arguments_and_a_mask():
    words = keras.Input((9,), dtype="int32")
    vectors = layers.Embedding(5, 4, mask_zero=True)(words)
    attended = layers.MultiHeadAttention(2, 3)(vectors, vectors)
    model = shifted(keras.Model(words, layers.Dense(1, "sigmoid")(layers.GlobalAveragePooling1D()(attended))))
    require_separate_examples(model)
    assert_like_one_by_one(model)


def test_a_layer_called_twice_adds_up():
    inputs = keras.Input((5,))
    twice = layers.Dense(5, activation="tanh")
    assert_like_one_by_one(shifted(keras.Model(inputs, head(twice(twice(inputs))))))


def test_a_convolution_called_at_two_sizes_adds_up():
    inputs = picture(8)
    twice = layers.Conv2D(8, 3, padding="same", activation="relu")
    once = twice(inputs)  # many positions: stored; then few: factors
    model = shifted(keras.Model(inputs, head(twice(layers.AveragePooling2D(3)(once)))))
    assert_like_one_by_one(model)


def test_models_inside_models_are_opened_and_frozen_weights_left_alone():
    inputs = picture()
    inner = keras.Sequential([layers.Conv2D(3, 3), layers.GroupNormalization(3)])
    frozen = layers.Conv2D(3, 1)
    model = shifted(keras.Model(inputs, head(frozen(inner(inputs)))))
    frozen.trainable = False
    names = [layer.name for layer in per_example_gradients.layers_to_record(model)]
    assert names == [*(layer.name for layer in inner.layers), model.layers[-1].name]
    assert_like_one_by_one(model)


def test_bias_alone_may_be_trained():
    inputs = trace()
    layer = layers.Dense(3)
    model = shifted(keras.Model(inputs, head(layer(inputs))))
    layer._kernel.trainable = False
    assert len(model.trainable_variables) == 3
    assert_like_one_by_one(model)


def test_two_forms_of_the_same_gradients_agree():
    generator = np.random.default_rng(0)
    left, right = (tf.constant(generator.normal(size=(5, 3, width)), "float32") for width in (6, 4))
    factors = tf.constant(generator.random(5), "float32")
    product = FactoredGradients(left, right, (2, 3, 4))
    for one, other in (
        (product, product.stored()),
        (added(product, product), added(product.stored(), product)),
        (product.cheaper_form(), product.stored()),
    ):
        np.testing.assert_allclose(one.squared_norms(), other.squared_norms(), rtol=1e-5)
        np.testing.assert_allclose(one.weighted_sum(factors), other.weighted_sum(factors), rtol=1e-4, atol=1e-5)
    assert isinstance(product.cheaper_form(), StoredGradients)
    assert isinstance(FactoredGradients(left[:, :1], right[:, :1], (6, 4)).cheaper_form(), FactoredGradients)


def test_norms_of_the_case_study_network_in_batches():
    model = cnn.tumor_cnn(28, filters=(4,), convolutions=1, dropout=0.0, normalization="group")
    images = np.random.default_rng(0).normal(size=(3, 28, 28, 1)).astype("float32")
    labels = np.array([0, 1, 1], dtype="float32")
    lengths = per_example_gradients.gradient_norms(model, images, labels, "binary_crossentropy", batch_size=2)
    rows = one_by_one(model, tf.constant(images), tf.constant(labels[:, None]))
    np.testing.assert_allclose(lengths, [norm(row) for row in rows], rtol=1e-5)


def test_recording_leaves_the_layers_as_they_were():
    inputs = trace()
    layer = layers.Dense(3, activation="relu")
    model = keras.Model(inputs, head(layer(inputs)))
    activation = layer.activation
    with pytest.raises(RuntimeError), per_example_gradients.recorded_calls([layer]) as calls:
        model(np.ones((2, 9, 4)))
        assert "call" in vars(layer) and len(calls) == 1
        raise RuntimeError
    assert "call" not in vars(layer) and layer.activation is activation


def test_losses_are_one_per_example():
    targets, answers = tf.constant([1.0, 0.0]), tf.constant([[0.8], [0.4]])
    expected = -np.log([0.8, 0.6])
    for loss in ("binary_crossentropy", "BinaryCrossentropy", keras.losses.BinaryCrossentropy()):
        losses = per_example_gradients.per_example_losses(loss)
        np.testing.assert_allclose(losses(targets, answers), expected, rtol=1e-5)
        np.testing.assert_allclose(losses(targets[:, None], answers), expected, rtol=1e-5)
    of_traces = per_example_gradients.per_example_losses("mean_squared_error")
    np.testing.assert_allclose(of_traces(tf.zeros((2, 3, 1)), tf.constant([[[1.0]] * 3, [[2.0]] * 3])), [1, 4])


def test_losses_of_the_whole_batch_are_refused():
    losses = per_example_gradients.per_example_losses(lambda targets, answers: tf.reduce_mean(targets - answers))
    with pytest.raises(InputError, match="one for each example"):
        losses(tf.zeros((2, 1)), tf.zeros((2, 1)))
    with pytest.raises(InputError, match="compile"):
        per_example_gradients.per_example_losses(None)
