"""What private training refuses: examples that see each other, memory without noise, weights nobody accounts for."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import runtime
from helpers.models import cnn
from helpers.runtime import InputError
from helpers.training.separate_examples import require_separate_examples


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def model_with(*inner, shape=(8,)):
    inputs = keras.Input(shape)
    features = inputs
    for layer in inner:
        features = layer(features)
    return keras.Model(inputs, layers.Dense(1)(layers.Flatten()(features)))


def test_case_study_network_is_allowed_with_group_normalization_and_augmentation():
    augmentation = cnn.augmentation_layers("both", rotation=20, shift=0.1, contrast=0.2)
    model = cnn.tumor_cnn(28, (4,), 1, normalization="group", augmentation=augmentation, standardize=True)
    before = [weight.numpy() for weight in model.variables]
    require_separate_examples(model)
    for old, weight in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, weight.numpy())


def test_several_inputs_are_allowed():
    image, age = keras.Input((6, 6, 1), name="image"), keras.Input((1,), name="age")
    features = layers.Concatenate()([layers.Flatten()(layers.Conv2D(2, 3)(image)), age])
    require_separate_examples(keras.Model([image, age], layers.Dense(1)(features)))
    require_separate_examples(keras.Model({"image": image, "age": age}, layers.Dense(1)(features)))


def test_batch_normalization_is_refused_and_group_normalization_suggested():
    with pytest.raises(InputError, match="normalization_1_1 is a batch normalization.*GroupNormalization"):
        require_separate_examples(cnn.tumor_cnn(28, (4,), 1))
    with pytest.raises(InputError, match="batch normalization"):
        require_separate_examples(model_with(keras.Sequential([layers.BatchNormalization()])))


def test_frozen_batch_normalization_is_only_a_scale():
    frozen = layers.BatchNormalization()
    model = model_with(layers.Dense(3), frozen, layers.Dense(3))
    frozen.trainable = False
    require_separate_examples(model)


class MeanOfBatch(layers.Layer):
    """Batch statistics in disguise."""

    def call(self, inputs):
        return inputs - keras.ops.mean(inputs, axis=0, keepdims=True)


class Backward(layers.Layer):
    """Examples in another order."""

    def call(self, inputs):
        return keras.ops.flip(inputs, axis=0)


class Merged(layers.Layer):
    """Examples and positions on one axis."""

    def call(self, inputs):
        return keras.ops.reshape(inputs, (-1, inputs.shape[-1]))


class Back(layers.Layer):
    """The axes apart again."""

    def call(self, inputs):
        return keras.ops.reshape(inputs, (-1, 4, inputs.shape[-1]))


class Counting(layers.Layer):
    """Keeps a sum of what it has seen."""

    def build(self, shape):
        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")

    def call(self, inputs):
        self.seen.assign_add(keras.ops.sum(inputs))
        return inputs


class Penalty(layers.Layer):
    """Adds a loss during the call."""

    def call(self, inputs):
        self.add_loss(keras.ops.mean(keras.ops.square(inputs)))
        return inputs


@pytest.mark.parametrize(
    ("inner", "shape", "message"),
    [
        (lambda: [MeanOfBatch()], (8,), "sees other examples"),
        (lambda: [layers.Dense(3), Backward(), layers.Dense(3), Backward()], (8,), "sees other examples"),
        (lambda: [Merged(), layers.Dense(3), Back()], (4, 8), "first axis has to be the examples"),
        (lambda: [Counting()], (8,), "seen changes while training"),
        (lambda: [Penalty()], (8,), "add_loss"),
        (lambda: [layers.Dense(3, kernel_regularizer="l2")], (8,), "regularizer.*weight decay"),
        (lambda: [layers.Dense(3, activity_regularizer="l2")], (8,), "regularizer.*weight decay"),
        (lambda: [layers.Dense(3, dtype="mixed_bfloat16")], (8,), "bfloat16.*float32"),
        (lambda: [layers.GRU(3, dropout=0.5)], (4, 8), "draws at random.*Dropout layer"),
    ],
)
def test_refusals_say_what_to_do(inner, shape, message):
    with pytest.raises(InputError, match=message) as refused:
        require_separate_examples(model_with(*inner(), shape=shape))
    assert "\n" not in str(refused.value)


def test_recurrent_layer_without_dropout_is_allowed():
    require_separate_examples(model_with(layers.GRU(3), shape=(4, 8)))


class Tied(layers.Layer):
    """Multiplies with the kernel of another layer."""

    def __init__(self, other):
        super().__init__()
        self.other = other

    def call(self, inputs):
        return keras.ops.matmul(inputs, keras.ops.transpose(self.other.kernel))


def test_two_layers_with_one_weight_are_refused():
    first = layers.Dense(6, name="first")
    with pytest.raises(InputError, match="first and tied.* share a weight"):
        require_separate_examples(model_with(first, Tied(first)))


def test_a_weight_used_behind_the_back_of_its_layer_is_refused():
    first = layers.Dense(6, name="first")
    again = layers.Lambda(lambda values: keras.ops.matmul(values, keras.ops.transpose(first.kernel)))
    with pytest.raises(InputError, match="first/kernel is used outside"):
        require_separate_examples(model_with(first, again))


def test_nothing_to_train_and_no_functional_model_are_refused():
    model = model_with()
    model.trainable = False
    with pytest.raises(InputError, match="no trainable weights"):
        require_separate_examples(model)
    with pytest.raises(InputError, match="no functional model"):
        require_separate_examples(keras.Sequential([layers.Dense(1)]))
