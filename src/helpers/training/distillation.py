"""Teach a small network what a large one thinks, not only what is true (Hinton, Vinyals and Dean 2015, arXiv:1503.02531).

The teacher's logits hold more than the labels: which healthy case looks nearly ill. Divided by a temperature they become
*soft targets*; the student fits these and the labels at the same time. ``14_devices`` derives the loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.fit import STEPS_PER_EXECUTION, class_weights, step_size_schedule


@dataclass(frozen=True)
class DistillationRecipe:
    """How to train a student, apart from data, networks and seed. The last weights are kept.

    Attributes:
        epochs: passes over the training images.
        batch_size: images per step.
        learning_rate: peak of the step size (warm-up, then half a cosine).
        weight_decay: AdamW's decay.
        temperature: T, by which all logits are divided for the soft part of the loss; at least 1.
        soft_share: of the soft part in the loss; 0 trains on the labels alone.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    temperature: float
    soft_share: float


@keras.saving.register_keras_serializable(package="medlab")
class DistillationLoss(keras.losses.Loss):
    """(1 - a) H(y, s(z)) + a T^2 H(s(t / T), s(z / T)) for the student's logit z and the teacher's logit t.

    H is binary cross-entropy and s the sigmoid. T^2 undoes that the gradient of the soft part shrinks with 1 / T^2.

    Args:
        temperature: T, at least 1.
        soft_share: a, from 0 to 1.

    Raises:
        InputError: a number out of its range.
    """

    def __init__(self, temperature: float, soft_share: float, name: str = "distillation", **settings) -> None:
        super().__init__(name=name, **settings)
        if temperature < 1 or not 0 <= soft_share <= 1:
            raise InputError(
                f"temperature {temperature} and soft share {soft_share}: at least 1, and between 0 and 1; see the budget"
            )
        self.temperature, self.soft_share = temperature, soft_share

    def call(self, y_true, y_pred):
        """Loss of each sample; ``y_true`` (batch, 2) holds label and teacher's logit, ``y_pred`` (batch, 1) a logit."""
        label, teacher = y_true[:, :1], y_true[:, 1:]
        hard = _cross_entropy(label, y_pred)
        soft = _cross_entropy(keras.ops.sigmoid(teacher / self.temperature), y_pred / self.temperature)
        share = self.soft_share
        return keras.ops.mean((1 - share) * hard + share * self.temperature**2 * soft, axis=-1)

    def get_config(self) -> dict:
        return {**super().get_config(), "temperature": self.temperature, "soft_share": self.soft_share}


def _cross_entropy(target, logit):
    """Binary cross-entropy from a logit, without ever forming a probability that may round to 0 or 1."""
    return keras.ops.softplus(logit) - target * logit


def logits(probability: np.ndarray, limit: float = 15.0) -> np.ndarray:
    """ln(p / (1 - p)) of (n,) probabilities, kept within plus and minus ``limit``: a float of 1.0 has no logit."""
    probability = np.asarray(probability, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.clip(np.log(probability) - np.log1p(-probability), -limit, limit)


def fit_student(
    student: keras.Model,
    inputs: np.ndarray,
    targets: np.ndarray,
    teacher_logits: np.ndarray,
    recipe: DistillationRecipe,
    *,
    seed: int,
) -> list[float]:
    """Train a student on labels and a teacher's logits; both classes count alike.

    Args:
        student: with a layer ``logit`` under its probability; trained in place.
        inputs: (n, ...) float32.
        targets: (n,) of 0 and 1.
        teacher_logits: (n,) the teacher's on the same inputs.
        recipe: length, optimizer, temperature and share of the soft part.
        seed: decides the order of the samples; the first weights belong to the caller.

    Returns:
        The mean loss of every epoch.

    Raises:
        InputError: inputs, targets and logits do not belong together, or the recipe is out of range.
    """
    if not len(inputs) == len(targets) == len(teacher_logits):
        raise InputError(
            f"{len(inputs)} inputs, {len(targets)} targets and {len(teacher_logits)} logits: give one of each per sample"
        )
    weights = class_weights(targets)
    runtime.seed_everything(seed)
    steps = recipe.epochs * int(np.ceil(len(targets) / recipe.batch_size))
    open_ended = keras.Model(student.input, student.get_layer("logit").output)
    open_ended.compile(
        keras.optimizers.AdamW(step_size_schedule(recipe.learning_rate, steps), weight_decay=recipe.weight_decay),
        DistillationLoss(recipe.temperature, recipe.soft_share),
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    history = open_ended.fit(
        inputs,
        np.column_stack([targets, teacher_logits]).astype("float32"),
        sample_weight=np.vectorize(weights.get)(targets).astype("float32"),
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        verbose=0,
    ).history
    return history["loss"]
