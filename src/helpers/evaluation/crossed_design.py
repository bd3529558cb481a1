"""Run every seed on every split, so that the luck of the one can be told from the luck of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.evaluation.placements import placements
from helpers.evaluation.samples import checked_groups, checked_targets
from helpers.runtime import InputError
from helpers.training.small_network import small_network_logits, train_small_network

HELD_OUT = 3  # one group of so many is held out


def crossed_aurocs(
    features: np.ndarray,
    targets: np.ndarray,
    groups: np.ndarray,
    *,
    splits: int,
    seeds: Sequence[int],
    epochs: int,
    pieces: int = 1,
    precision: str = "float32",
) -> np.ndarray:
    """AUROC of the small network for every split and seed.

    A split holds out a third of the groups, drawn by its number alone: split k is the same for every seed. Features are
    standardized by the rows that train.

    Args:
        features: (n, columns).
        targets: (n,) of 0 and 1.
        groups: (n,) patient of each row.
        splits: numbered 0, 1, ...
        seeds: of initialization and shuffling.
        epochs, pieces, precision: of :func:`helpers.training.small_network.train_small_network`.

    Returns:
        (splits, seeds).

    Raises:
        InputError: a split leaves only one class on either side.
    """
    targets, group = checked_targets(targets), checked_groups(groups, len(targets))
    people = np.unique(group)
    scores = np.empty((splits, len(seeds)))
    for split in range(splits):
        drawn = np.random.default_rng(split).permutation(people)[: len(people) // HELD_OUT]
        held = np.isin(group, drawn)
        if min(len(np.unique(targets[part])) for part in (held, ~held)) < 2:
            raise InputError(f"split {split} leaves one class only on one side: more groups are needed")
        center, width = features[~held].mean(axis=0), features[~held].std(axis=0)
        ready = (features - center) / np.where(width > 0, width, 1.0)
        for place, seed in enumerate(seeds):
            options = {"seed": seed, "epochs": epochs, "pieces": pieces, "precision": precision}
            weights = train_small_network(ready[~held], targets[~held], **options)
            scores[split, place] = placements(targets[held], small_network_logits(weights, ready[held])).auroc
    return scores
