"""Train a binary classifier: seeded, class-weighted, best weights on validation, one status line per epoch.

The optimizer is AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with a warm-up and a cosine decay of the step
size (arXiv:1608.03983); ``06_tumor_diagnosis`` derives the plain gradient step that it refines.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import keras
import numpy as np
import pandas as pd

from helpers import runtime
from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError
from helpers.training import streaming

WARM_UP_SHARE = 0.1
STEPS_PER_EXECUTION = 8  # saves Python's share of a step; batches of small models train up to twice as fast


@dataclass(frozen=True)
class Recipe:
    """How to train, apart from data, network and seed.

    Attributes:
        epochs: at most this many passes over the training part.
        batch_size: samples per step.
        learning_rate: peak of the step size.
        weight_decay: AdamW's decay.
        label_smoothing: share of the target that is spread over both classes.
        weight_averaging: momentum of a moving average of the weights (Polyak and Juditsky 1992), which is what is
            validated and kept; 0 for none. It needs many steps: the average looks back about 1 / (1 - momentum) of them.
        patience: stop after so many epochs without a better validation loss.
    """

    epochs: int
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.0
    weight_averaging: float = 0.0
    patience: int = 10

    @classmethod
    def from_budget(cls, budget) -> Recipe:
        """Take the fields of the same names from a notebook's budget."""
        return cls(**{entry.name: getattr(budget, entry.name) for entry in fields(cls)})


class EpochLine(keras.callbacks.Callback):
    """Print one line per epoch; a mark stands where validation was best so far."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs
        self._best = np.inf

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        mark = ""
        if logs["val_loss"] < self._best:
            self._best, mark = logs["val_loss"], "  best"
        print(
            f"epoch {epoch + 1:3d}/{self._epochs}  loss {logs['loss']:.4f}  validation {logs['val_loss']:.4f}  "
            f"AUROC {logs['val_auroc']:.4f}{mark}"
        )


def class_weights(targets: np.ndarray) -> dict[int, float]:
    """Weights that make both classes count alike: n / (2 n_k) for class k.

    Args:
        targets: (n,) of 0 and 1.

    Raises:
        InputError: a class is missing.
    """
    counts = np.bincount(np.asarray(targets, dtype=int), minlength=2)
    if counts.min() == 0:
        raise InputError(
            f"the training part holds {counts[0]} samples of class 0 and {counts[1]} of class 1: both are needed"
        )
    return {label: len(targets) / (2 * count) for label, count in enumerate(counts)}


def step_size_schedule(peak: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Linear warm-up to ``peak`` over a tenth of the steps, then half a cosine down to zero."""
    warm_up = max(1, round(WARM_UP_SHARE * steps))
    return keras.optimizers.schedules.CosineDecay(
        peak / 10, max(1, steps - warm_up), warmup_target=peak, warmup_steps=warm_up
    )


def fit_classifier(
    model: keras.Model,
    train: tuple[np.ndarray | StoredImages, np.ndarray],
    validation: tuple[np.ndarray | StoredImages, np.ndarray],
    recipe: Recipe,
    *,
    seed: int,
    status: bool = True,
) -> pd.DataFrame:
    """Minimize class-weighted cross-entropy; the model ends with its best weights on validation.

    Args:
        model: maps inputs to (batch, 1) probabilities; trained in place.
        train: inputs float32 and targets (n,) of 0 and 1. Inputs on disk are streamed: the same losses in another order
            of samples.
        validation: the same; decides which epoch is kept and when to stop, weighted like training.
        recipe: optimizer and length of training.
        seed: decides shuffling, dropout and augmentation.
        status: print one line per epoch.

    Returns:
        One row per epoch: epoch, loss, auroc, validation_loss, validation_auroc, best (True in the epoch that was kept).
    """
    inputs, targets = train
    validation_inputs, validation_targets = validation
    weights = class_weights(targets)
    validation_weights = np.vectorize(weights.get)(validation_targets).astype("float32")
    runtime.seed_everything(seed)
    steps = recipe.epochs * int(np.ceil(len(targets) / recipe.batch_size))
    model.compile(
        optimizer=keras.optimizers.AdamW(
            step_size_schedule(recipe.learning_rate, steps),
            weight_decay=recipe.weight_decay,
            use_ema=recipe.weight_averaging > 0,
            ema_momentum=recipe.weight_averaging or None,
        ),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=recipe.label_smoothing),
        weighted_metrics=[],
        metrics=[keras.metrics.AUC(name="auroc")],
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    callbacks: list[keras.callbacks.Callback] = [
        keras.callbacks.EarlyStopping(
            monitor="val_loss", mode="min", patience=recipe.patience, restore_best_weights=True
        )
    ]
    if recipe.weight_averaging:
        # First in the list, so that early stopping sees, and keeps, the averaged weights.
        callbacks.insert(0, keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    if status:
        callbacks.append(EpochLine(recipe.epochs))
    labels, batch_size = np.asarray(targets, dtype="float32"), recipe.batch_size
    if isinstance(inputs, StoredImages):
        sample_weights = np.array([weights[0], weights[1]], dtype="float32")[np.asarray(targets, dtype=int)]
        batches = streaming.training_batches(inputs, labels, sample_weights, batch_size, seed)
        samples = {"x": batches, "shuffle": False}  # every pass shuffles by itself
    else:
        samples = {"x": inputs, "y": labels, "batch_size": batch_size, "class_weight": weights}
    checking = validation_inputs, np.asarray(validation_targets, dtype="float32"), validation_weights
    if isinstance(validation_inputs, StoredImages):
        checking = streaming.validation_batches(*checking, batch_size)
    record = model.fit(
        **samples,
        validation_data=checking,
        validation_batch_size=None if isinstance(validation_inputs, StoredImages) else batch_size,
        epochs=recipe.epochs,
        callbacks=callbacks,
        verbose=0,
    )
    return tidy_history(record.history)


def tidy_history(history: dict[str, list[float]]) -> pd.DataFrame:
    """Keras' history as a table with plain names; ``best`` marks the epoch whose weights were kept."""
    table = pd.DataFrame(
        {
            "epoch": np.arange(1, len(history["loss"]) + 1),
            "loss": history["loss"],
            "auroc": history["auroc"],
            "validation_loss": history["val_loss"],
            "validation_auroc": history["val_auroc"],
        }
    )
    table["best"] = table.index == table["validation_loss"].idxmin()
    return table


def predict_probability(model: keras.Model, inputs: np.ndarray | StoredImages, batch_size: int = 256) -> np.ndarray:
    """Probability of the disease for prepared inputs, in memory or on disk, (n,) float64.

    Batch by batch, because ``Model.predict`` reuses training's steps per execution and retraces for the remainder.
    """
    batches = [
        model.predict_on_batch(inputs[start : start + batch_size]) for start in range(0, len(inputs), batch_size)
    ]
    return np.concatenate(batches)[:, 0].astype("float64")


def predict_logits(model: keras.Model, inputs: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """Log odds of class 1 for prepared inputs in memory, (n,) float64: the answer before the sigmoid rounds it.

    Single precision knows no probability between 1 - 6e-8 and 1, so a network that is sure says exactly 1, of many images
    alike. Their logits still differ, and an attack on privacy, which lives on how sure a network is, has to see them.

    Args:
        model: functional, ends in a dense layer of one unit with a sigmoid.
        inputs: (n, ...) prepared inputs.
        batch_size: examples at a time.

    Raises:
        InputError: the model ends in something else.
    """
    head = model.layers[-1]
    if not isinstance(head, keras.layers.Dense) or head.units != 1 or head.activation is not keras.activations.sigmoid:
        raise InputError(
            f"{model.name}: its last layer is no dense layer of one unit with a sigmoid, so it has no logit"
        )
    below = keras.Model(model.input, head.input)
    # Called directly: it is asked once or twice, and tracing would cost more than it saves.
    batches = [
        np.asarray(below(inputs[start : start + batch_size], training=False))
        for start in range(0, len(inputs), batch_size)
    ]
    kernel, *bias = (np.asarray(array, dtype=np.float64) for array in head.get_weights())
    return np.concatenate(batches).astype(np.float64) @ kernel[:, 0] + (bias[0][0] if bias else 0.0)
