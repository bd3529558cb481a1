"""Train a classifier with differential privacy: how much of it, for how many epochs, and what may be claimed afterwards.

DP-SGD (Abadi et al. 2016, arXiv:1607.00133) with what De et al. (2022, arXiv:2204.13650) found to help: large batches,
group normalization, a moving average of the weights. :mod:`helpers.training.private_model` makes the steps,
:mod:`helpers.training.poisson_sampling` the batches, :mod:`helpers.training.privacy_accounting` the noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras
import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from helpers import runtime
from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError
from helpers.training.fit import predict_probability, step_size_schedule
from helpers.training.poisson_sampling import poisson_batches
from helpers.training.privacy_accounting import PrivacyStatement, noise_multiplier_for
from helpers.training.private_model import PrivateModel

MOMENTUM = 0.9


@dataclass(frozen=True)
class PrivateRecipe:
    """How to train privately, apart from data, network and seed.

    Attributes:
        epsilon: of the whole training; infinite to leave out the noise and keep the rest, to compare with.
        epochs: expected number of times that an example takes part.
        batch_size: expected number of examples per step; large ones drown less in noise.
        learning_rate: peak of the step size of gradient descent with momentum; steps grow with the clip norm too.
        clip_norm: longest gradient of an example; infinite to leave out clipping, which takes an infinite epsilon.
        weight_averaging: momentum of a moving average of the weights, which is what is validated and kept; 0 for none.
        delta: of the claim; 0 for one over the number of training examples.
        microbatch_size: examples at a time; decides memory, not the result.
    """

    epsilon: float
    epochs: int
    batch_size: int = 512
    learning_rate: float = 2.0
    clip_norm: float = 0.25
    weight_averaging: float = 0.9
    delta: float = 0.0
    microbatch_size: int = 32


class _Watch(keras.callbacks.Callback):
    """Loss and AUROC on validation after every epoch.

    Exact, not Keras' AUC: noise makes weights large and probabilities extreme, and its thresholds are too far apart there.
    """

    def __init__(self, network: keras.Model, inputs: np.ndarray | StoredImages, targets: np.ndarray) -> None:
        super().__init__()
        self._network, self._inputs, self._targets = network, inputs, np.asarray(targets)
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch, logs=None):
        probability = predict_probability(self._network, self._inputs)
        self.rows.append(
            {
                "epoch": epoch + 1,
                "validation_loss": float(log_loss(self._targets, probability, labels=[0, 1])),
                "validation_auroc": float(roc_auc_score(self._targets, probability)),
            }
        )


def fit_private(
    model: keras.Model,
    train: tuple[np.ndarray | StoredImages, np.ndarray],
    validation: tuple[np.ndarray | StoredImages, np.ndarray],
    recipe: PrivateRecipe,
    *,
    seed: int,
    unit: str = "one training example",
) -> tuple[pd.DataFrame, PrivacyStatement]:
    """Minimize cross-entropy with the noise that the wanted epsilon asks for; the last (averaged) weights stay.

    No epoch is chosen, no class weighted and no loss of training examples shown: counts and losses of training examples
    are not covered by epsilon. Validation examples are not protected by it either.

    Args:
        model: functional, without batch normalization, maps inputs to (batch, 1) probabilities; trained in place.
        train: inputs float32, in memory or on disk, and targets (n,) of 0 and 1.
        validation: the same; is watched, decides nothing.
        recipe: how private, how long.
        seed: of sampling, noise and dropout. Keep it secret where the weights are given away.
        unit: what one example is, in words, for the statement: with several images per patient it is not the patient.

    Returns:
        One row per epoch: epoch, validation_loss, validation_auroc. And the claim.

    Raises:
        InputError: the batch is larger than the training part, a class is missing in validation, the model mixes
            examples, or a number makes no sense.
    """
    inputs, targets = train
    if len(np.unique(validation[1])) < 2:
        raise InputError("validation holds one class only: both are needed to watch AUROC")
    examples = len(targets)
    if not 0 < recipe.batch_size <= examples:
        raise InputError(
            f"batches of {recipe.batch_size} from {examples} training examples: choose a smaller batch size"
        )
    if recipe.epochs < 1 or not recipe.learning_rate > 0 or not 0 <= recipe.weight_averaging < 1:
        raise InputError(
            f"{recipe.epochs} epochs, step size {recipe.learning_rate}, averaging {recipe.weight_averaging}: at least "
            "one, above 0, and from 0 to below 1"
        )
    runtime.seed_everything(seed)
    steps_per_epoch = max(1, round(examples / recipe.batch_size))
    statement = PrivacyStatement(
        noise_multiplier=0.0,
        clip_norm=recipe.clip_norm,
        examples=examples,
        expected_batch_size=recipe.batch_size,
        steps=steps_per_epoch * recipe.epochs,
        delta=recipe.delta or 1 / examples,
        unit=unit,
    )
    if recipe.epsilon != np.inf:
        noise = noise_multiplier_for(recipe.epsilon, statement.sampling_rate, statement.steps, statement.delta)
        statement = replace(statement, noise_multiplier=noise)
    # Noise, sampling and dropout must not share random numbers.
    of_sampling, of_noise = np.random.SeedSequence(seed).spawn(2)
    private = PrivateModel(
        model,
        clip_norm=statement.clip_norm,
        noise_multiplier=statement.noise_multiplier,
        expected_batch_size=recipe.batch_size,
        seed=int(of_noise.generate_state(1)[0] >> 1),
        microbatch_size=recipe.microbatch_size,
    )
    private.compile(
        # Not Adam: its second moments would measure the noise and divide by it.
        keras.optimizers.SGD(
            step_size_schedule(recipe.learning_rate, statement.steps),
            momentum=MOMENTUM,
            use_ema=recipe.weight_averaging > 0,
            ema_momentum=recipe.weight_averaging or None,
        ),
        keras.losses.BinaryCrossentropy(),
    )
    private.optimizer.build(private.trainable_variables)  # or the first step would be traced twice
    watch = _Watch(model, *validation)
    # First in the list, so that the averaged weights are watched, and kept at the end.
    averaging = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if recipe.weight_averaging else []
    private.fit(
        poisson_batches(
            inputs, np.asarray(targets, "float32"), statement.sampling_rate, np.random.default_rng(of_sampling)
        ),
        steps_per_epoch=steps_per_epoch,
        epochs=recipe.epochs,
        callbacks=[*averaging, watch],
        shuffle=False,
        verbose=0,
    )
    return pd.DataFrame(watch.rows), statement
