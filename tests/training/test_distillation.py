"""Distillation: the loss by hand, its gradient, and a student that takes after its teacher."""

import dataclasses

import keras
import numpy as np
import pytest
from scipy.special import expit

from helpers import runtime
from helpers.models.patch_cnn import patch_cnn
from helpers.runtime import InputError
from helpers.training import distillation

RECIPE = distillation.DistillationRecipe(16, 16, 2e-2, 1e-4, temperature=2.0, soft_share=1.0)


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def entropy(target, probability):
    return -target * np.log(probability) - (1 - target) * np.log(1 - probability)


@pytest.mark.parametrize(("temperature", "share"), [(1.0, 0.0), (1.0, 1.0), (4.0, 0.3)])
def test_loss_by_hand(temperature, share):
    label, teacher, student = np.array([0.0, 1, 1]), np.array([-2.0, 0.5, 3]), np.array([-1.0, 2, -0.5])
    soft = entropy(expit(teacher / temperature), expit(student / temperature))
    expected = (1 - share) * entropy(label, expit(student)) + share * temperature**2 * soft
    loss = distillation.DistillationLoss(temperature, share, reduction=None, dtype="float64")
    found = loss(np.column_stack([label, teacher]), student[:, None])
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_hot_soft_targets_compare_logits():
    """For a large T the gradient is that of the squared difference of the logits, (z - t) / 4."""
    import tensorflow as tf

    logit = tf.Variable([[0.7]], dtype=tf.float64)
    loss = distillation.DistillationLoss(200.0, 1.0, dtype="float64")
    with tf.GradientTape() as tape:
        value = loss(np.array([[1.0, -1.3]]), logit)
    assert float(tape.gradient(value, logit)[0, 0]) == pytest.approx((0.7 + 1.3) / 4, rel=1e-3)


def test_certain_answers_stay_finite():
    loss = distillation.DistillationLoss(1.0, 0.5)
    assert np.isfinite(float(loss(np.array([[1.0, 300.0]]), np.array([[-300.0]]))))
    np.testing.assert_allclose(distillation.logits([0.5, 1.0, 0.0, expit(2.0)]), [0, 15, -15, 2])


def test_a_loss_survives_being_saved():
    loss = distillation.DistillationLoss(3.0, 0.4)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert (again.temperature, again.soft_share) == (3.0, 0.4)


def test_a_student_follows_its_teacher_where_labels_are_noise():
    generator = np.random.default_rng(0)
    images = generator.normal(size=(160, 8, 8, 1)).astype("float32")
    strength = images[:, :4].mean(axis=(1, 2, 3)) - images[:, 4:].mean(axis=(1, 2, 3))
    teacher, labels = 12 * strength, generator.integers(0, 2, 160)
    student = patch_cnn(8, 2, (8,), 8)
    losses = distillation.fit_student(student, images, labels, teacher, RECIPE, seed=0)
    answer = distillation.logits(student.predict_on_batch(images)[:, 0])
    assert losses[-1] < losses[0]
    assert np.corrcoef(answer, teacher)[0, 1] > 0.8


def test_the_same_seed_gives_the_same_student():
    images = np.random.default_rng(1).normal(size=(32, 8, 8, 1)).astype("float32")
    weights = []
    for _ in range(2):
        runtime.seed_everything(3)
        student = patch_cnn(8, 2, (4,), 4)
        short = dataclasses.replace(RECIPE, epochs=2)
        distillation.fit_student(student, images, np.arange(32) % 2, np.zeros(32), short, seed=3)
        weights.append(student.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_bad_input_is_one_line():
    with pytest.raises(InputError, match="at least 1"):
        distillation.DistillationLoss(0.5, 0.5)
    with pytest.raises(InputError, match="one of each per sample"):
        distillation.fit_student(
            patch_cnn(8, 2, (4,)), np.zeros((3, 8, 8, 1)), np.zeros(3), np.zeros(2), RECIPE, seed=0
        )
