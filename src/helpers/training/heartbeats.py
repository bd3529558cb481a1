"""Train a few equal networks on heartbeats and let them answer together; boosted trees are their classical opponent.

Between patients the chance of the first weights decides much about a rare class: with a handful of people who have
supraventricular beats, many functions fit the training records and differ on strangers. The mean of several networks
(Lakshminarayanan et al. 2017, arXiv:1612.01474) keeps what they agree on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import keras
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.fit import STEPS_PER_EXECUTION, step_size_schedule

COMMON = 0  # the class of normal beats


@dataclass(frozen=True)
class HeartbeatRecipe:
    """How to train, apart from data, network and seed. The last weights are kept: nothing is chosen on validation.

    Attributes:
        members: networks that answer together.
        epochs: passes over the training beats.
        batch_size: beats per step.
        learning_rate: peak of the step size (warm-up, then half a cosine).
        weight_decay: AdamW's decay.
        weight_power: weight of a beat is (n / (classes * beats of its class)) to this power: 0 counts every beat alike,
            1 every class.
        normal_every: of the normal beats of training, every so many-th is used; 1 for all. The two thousand normal beats
            of one person repeat each other.
    """

    members: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    weight_power: float
    normal_every: int

    @classmethod
    def from_budget(cls, budget) -> HeartbeatRecipe:
        """Take the fields of the same names from a notebook's budget."""
        return cls(**{entry.name: getattr(budget, entry.name) for entry in fields(cls)})


def fewer_normal_beats(targets: np.ndarray, every: int) -> np.ndarray:
    """Rows of all rare beats and of every ``every``-th normal one, in their order.

    Args:
        targets: (n,) classes; 0 is normal.
        every: at least 1.
    """
    if every < 1:
        raise InputError(f"every {every}-th normal beat: give at least 1, which keeps all")
    normal = np.flatnonzero(targets == COMMON)
    return np.sort(np.concatenate([normal[::every], np.flatnonzero(targets != COMMON)]))


def rarity_weights(targets: np.ndarray, power: float) -> np.ndarray:
    """(n,) float32 weights of the beats: (n / (classes * beats of the class)) ** power, over the classes that occur."""
    _, place, counts = np.unique(targets, return_inverse=True, return_counts=True)
    return ((len(targets) / (len(counts) * counts)) ** power)[place].astype(np.float32)


def fit_members(
    build: Callable[[], keras.Model],
    inputs: Sequence[np.ndarray],
    targets: np.ndarray,
    recipe: HeartbeatRecipe,
    *,
    seed: int,
) -> list[keras.Model]:
    """Train ``recipe.members`` networks that differ in their first weights and in the order of the beats.

    Args:
        build: makes an untrained network from ``inputs`` to class probabilities.
        inputs: arrays of n rows: trace and rhythm.
        targets: (n,) classes.
        recipe: length and optimizer.
        seed: of the run; no two runs share a member.

    Returns:
        The trained networks.

    Raises:
        InputError: there is no member to train.
    """
    if recipe.members < 1:
        raise InputError(f"{recipe.members} networks: train at least one")
    rows = fewer_normal_beats(targets, recipe.normal_every)
    chosen, truth = [values[rows] for values in inputs], targets[rows]
    weights = rarity_weights(truth, recipe.weight_power)
    steps = recipe.epochs * int(np.ceil(len(rows) / recipe.batch_size))
    members = []
    for number in range(recipe.members):
        runtime.seed_everything(seed * recipe.members + number)
        model = build()
        model.compile(
            keras.optimizers.AdamW(step_size_schedule(recipe.learning_rate, steps), weight_decay=recipe.weight_decay),
            "sparse_categorical_crossentropy",
            steps_per_execution=STEPS_PER_EXECUTION,
        )
        history = model.fit(
            chosen, truth, sample_weight=weights, batch_size=recipe.batch_size, epochs=recipe.epochs, verbose=0
        ).history
        losses = history["loss"]
        print(f"network {number + 1} of {recipe.members}: training loss {losses[0]:.3f}, at the end {losses[-1]:.3f}")
        members.append(model)
    return members


def mean_probability(
    members: Sequence[keras.Model], inputs: Sequence[np.ndarray], batch_size: int = 2048
) -> np.ndarray:
    """Probabilities (n, classes) float64, averaged over the networks; ``inputs`` as for :func:`fit_members`."""
    pieces = []
    for start in range(0, len(inputs[0]), batch_size):
        piece = [values[start : start + batch_size] for values in inputs]
        pieces.append(np.mean([model.predict_on_batch(piece) for model in members], axis=0, dtype=np.float64))
    return np.concatenate(pieces)


def trees_probability(
    known: np.ndarray,
    targets: np.ndarray,
    asked: np.ndarray,
    classes: int,
    trees: int,
    bins: int,
    weight_power: float,
    seed: int = 0,
) -> np.ndarray:
    """Probabilities of beats by boosted trees (Friedman 2001, Ann Stat 29:1189), grown on measured numbers of other beats.

    Args:
        known: (n, numbers) of the beats to learn from.
        targets: (n,) their classes.
        asked: (m, numbers) of the beats to answer for.
        classes: how many there are, also where some do not occur among ``targets``.
        trees: rounds of boosting.
        bins: into which each number is sorted, at most 255.
        weight_power: of :func:`rarity_weights`.
        seed: of the trees.

    Returns:
        (m, classes) float64; a class that was never seen gets 0.
    """
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_bins=bins, learning_rate=0.08, max_leaf_nodes=12, l2_regularization=5, random_state=seed
    )
    model.fit(known, targets, sample_weight=rarity_weights(targets, weight_power))
    probability = np.zeros((len(asked), classes))
    probability[:, model.classes_] = model.predict_proba(asked)
    return probability


def called_in_folds(
    answers: Callable[[np.ndarray, np.ndarray], np.ndarray], rows: np.ndarray, groups: np.ndarray, folds: int = 5
) -> np.ndarray:
    """Class of every beat by a model of the other folds, (n,).

    Args:
        answers: from rows to learn from and rows to answer for to probabilities (rows asked, classes).
        rows: (n,) of the beats.
        groups: (n,) what stays together in a fold: recordings, or every beat by itself.
        folds: at least 2.
    """
    called = np.zeros(len(rows), dtype=int)
    for known, asked in GroupKFold(folds).split(rows, groups=groups):
        called[asked] = answers(rows[known], rows[asked]).argmax(axis=1)
    return called
