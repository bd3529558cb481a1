"""Train networks that foretell properties of molecules, several at a time: their mean answers, their spread doubts.

An ensemble of equal networks from different initial weights (Lakshminarayanan et al. 2017, arXiv:1612.01474) is the simplest
way to a better answer and to an idea of how sure it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.fit import step_size_schedule
from helpers.training.similar_sizes import batches_of_similar_size

SORTED_TOGETHER = 8  # batches whose molecules are sorted by size among themselves, so that little padding is computed
STEPS_PER_EXECUTION = 4


@dataclass(frozen=True)
class PropertyRecipe:
    """How to train, apart from data, network and seed.

    Attributes:
        members: networks in the ensemble.
        property_epochs: passes over the molecules; the last weights stay, so nothing is chosen here.
        property_batch_size: molecules per step.
        property_learning_rate: peak of the step size, which rises over a tenth of the steps and falls to zero along a cosine.
        property_weight_decay: AdamW's decay.
    """

    members: int
    property_epochs: int
    property_batch_size: int = 64
    property_learning_rate: float = 1e-3
    property_weight_decay: float = 1e-2

    @classmethod
    def from_budget(cls, budget) -> PropertyRecipe:
        """Take the fields of the same names from a notebook's budget."""
        return cls(**{entry.name: getattr(budget, entry.name) for entry in fields(cls)})


class MoleculeBatches:
    """Batches of molecules of similar size, cut after the largest of each; arranged anew every time they are gone through.

    Args:
        inputs: arrays by name, of :meth:`helpers.data.molecular_graphs.Graphs.inputs`, and ``table`` (n, columns) or none.
        targets: (n, targets) float32, NaN where not measured.
        batch_size: molecules per batch.
        seed: of the order.
    """

    def __init__(self, inputs: Mapping[str, np.ndarray], targets: np.ndarray, batch_size: int, seed: int) -> None:
        self._inputs, self._targets, self._batch_size = dict(inputs), targets, batch_size
        self._sizes = self._inputs["present"].sum(axis=1).astype(int)
        self._generator = np.random.default_rng(seed)

    def __len__(self) -> int:
        return -(-len(self._targets) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        for rows in batches_of_similar_size(self._sizes, self._batch_size, SORTED_TOGETHER, self._generator):
            yield trimmed(self._inputs, rows), self._targets[rows]

    def stream(self) -> tf.data.Dataset:
        """The batches as TensorFlow takes them, of any number of places; Keras would guess shapes from the first two."""

        def shape(name: str, values: np.ndarray) -> tf.TensorSpec:
            places = {"atoms": (None, None, values.shape[-1]), "bonds": (None, None, None), "present": (None, None)}
            return tf.TensorSpec(places.get(name, (None, values.shape[-1])), values.dtype)

        inputs = {name: shape(name, values) for name, values in self._inputs.items()}
        return tf.data.Dataset.from_generator(
            self.__iter__, output_signature=(inputs, tf.TensorSpec((None, self._targets.shape[1]), self._targets.dtype))
        ).apply(tf.data.experimental.assert_cardinality(len(self)))


def trimmed(inputs: Mapping[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    """The molecules at ``rows``, without the places that are padding in all of them."""
    most = int(inputs["present"][rows].sum(axis=1).max())
    cut = {"atoms": np.s_[:, :most], "bonds": np.s_[:, :most, :most], "present": np.s_[:, :most], "table": np.s_[:]}
    return {name: values[rows][cut[name]] for name, values in inputs.items()}


@keras.saving.register_keras_serializable("helpers.training.property_training")
def measured_cross_entropy(targets, probabilities):
    """Mean cross-entropy over the cells that were measured; NaN among the targets means that one was not."""
    measured = ops.logical_not(ops.isnan(targets))
    answers = ops.where(measured, targets, 0.0)
    kept = ops.clip(probabilities, 1e-7, 1 - 1e-7)
    losses = -(answers * ops.log(kept) + (1 - answers) * ops.log(1 - kept))
    return ops.sum(ops.where(measured, losses, 0.0)) / ops.maximum(ops.sum(ops.cast(measured, "float32")), 1.0)


@dataclass(frozen=True)
class PropertyEnsemble:
    """Trained networks of one kind.

    Attributes:
        networks: the members.
        center, scale: what their answers are multiplied by and shifted by; 0 and 1 for probabilities.
    """

    networks: tuple[keras.Model, ...]
    center: float
    scale: float

    def answers(self, inputs: Mapping[str, np.ndarray], batch_size: int = 128) -> np.ndarray:
        """What each member says, (members, n, targets) float64, in the units of the targets; their mean is the answer."""
        said = [network.predict(dict(inputs), batch_size=batch_size, verbose=0) for network in self.networks]
        return np.array(said, dtype=np.float64) * self.scale + self.center


def fit_ensemble(
    build: Callable[[], keras.Model],
    inputs: Mapping[str, np.ndarray],
    targets: np.ndarray,
    task: str,
    recipe: PropertyRecipe,
    *,
    seed: int,
) -> tuple[PropertyEnsemble, np.ndarray]:
    """Train the members one after the other, each from its own initial weights and in its own order.

    Regression minimizes squared error on standardized targets; the others minimize cross-entropy over measured cells.

    Args:
        build: makes an untrained network.
        inputs: of all training molecules, see :class:`MoleculeBatches`.
        targets: (n,) or (n, targets).
        task: ``regression``, ``binary`` or ``multilabel``.
        recipe: members and training.
        seed: of the run; member k takes seed * 1000 + k.

    Returns:
        The ensemble, and the training loss (members, epochs).

    Raises:
        InputError: no member or no epoch is asked for.
    """
    if recipe.members < 1 or recipe.property_epochs < 1:
        raise InputError(
            f"{recipe.members} members, {recipe.property_epochs} epochs: an ensemble needs at least one of each"
        )
    columns = np.asarray(targets, dtype=np.float32).reshape(len(targets), -1)
    regression = task == "regression"
    center, scale = (float(columns.mean()), float(columns.std()) or 1.0) if regression else (0.0, 1.0)
    networks, losses = [], []
    trainer = None
    for member in range(recipe.members):
        own_seed = seed * 1000 + member
        runtime.seed_everything(own_seed)
        network = build()
        batches = MoleculeBatches(inputs, (columns - center) / scale, recipe.property_batch_size, own_seed)
        if trainer is None:
            # Compiled once for all members: on small data that takes longer than the training itself.
            trainer = _compiled(keras.models.clone_model(network), regression, recipe, len(batches))
        trainer.set_weights(network.get_weights())
        for variable in trainer.optimizer.variables:
            variable.assign(ops.zeros_like(variable))
        with warnings.catch_warnings():
            # Keras says that it does not shuffle a stream; the stream does.
            warnings.filterwarnings("ignore", message=".*shuffle=True.*")
            history = trainer.fit(batches.stream(), epochs=recipe.property_epochs, verbose=0).history
        network.set_weights(trainer.get_weights())
        networks.append(network)
        losses.append(history["loss"])
    return PropertyEnsemble(tuple(networks), center, scale), np.array(losses)


def _compiled(network: keras.Model, regression: bool, recipe: PropertyRecipe, batches: int) -> keras.Model:
    """The network with its loss and optimizer; the state of the optimizer is all zeros."""
    optimizer = keras.optimizers.AdamW(
        step_size_schedule(recipe.property_learning_rate, recipe.property_epochs * batches),
        weight_decay=recipe.property_weight_decay,
    )
    optimizer.build(network.trainable_variables)
    network.compile(optimizer, "mse" if regression else measured_cross_entropy, steps_per_execution=STEPS_PER_EXECUTION)
    return network
