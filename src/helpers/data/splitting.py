"""Divide samples into training, validation and test so that no group (patient, tile, record) stands on two sides."""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import PARTS
from helpers.runtime import InputError

SHARES = (0.6, 0.2, 0.2)
MINIMUM_GROUPS = len(PARTS)


def group_split(
    groups: np.ndarray, targets: np.ndarray, seed: int, shares: tuple[float, float, float] = SHARES
) -> np.ndarray:
    """Part of each sample: whole groups, about the same share of every class in every part.

    Groups are dealt largest first, equal ones in seeded order, each to the part that stands furthest below its share
    (Sainte-Laguë's rule of apportionment, summed over the classes in the group). A part that a class has not reached
    then takes the group whose move disturbs the shares least. The result depends on the groups, their classes and the
    seed, not on the order of the rows.

    Args:
        groups: (n,) integers or strings.
        targets: (n,) labels to stratify by; a group may hold several.
        seed: a constant of the dataset, never the seed of a run.
        shares: shares of samples for train, validation and test.

    Returns:
        (n,) of ``train``, ``validation``, ``test``.

    Raises:
        InputError: lengths differ, or a class has too few groups for three parts.
    """
    groups, targets = np.asarray(groups), np.asarray(targets)
    if groups.shape != targets.shape or groups.ndim != 1 or not len(groups):
        raise InputError(
            f"a split needs one group and one label per sample, got shapes {groups.shape} and {targets.shape}"
        )
    if len(shares) != len(PARTS) or min(shares) <= 0 or not np.isclose(sum(shares), 1):
        raise InputError(f"shares of a split are three positive numbers that add up to 1, got {shares}")
    _, group_of = np.unique(groups, return_inverse=True)
    classes, class_of = np.unique(targets, return_inverse=True)
    counts = np.zeros((group_of.max() + 1, len(classes)))
    np.add.at(counts, (group_of, class_of), 1)
    for label, found in zip(classes.tolist(), (counts > 0).sum(axis=0).tolist(), strict=True):
        if found < MINIMUM_GROUPS:
            raise InputError(
                f"class {label} has {found} group(s): training, validation and test need at least {MINIMUM_GROUPS}"
            )
    part_of = _deal(counts, np.asarray(shares), np.random.default_rng(seed))
    _complete(counts, part_of, np.asarray(shares))
    return np.array(PARTS)[part_of][group_of]


def random_subset(targets: np.ndarray, size: int, seed: int) -> np.ndarray:
    """The trap: a mask of ``size`` single samples drawn at random, the same share of every class, that ignores groups.

    It is here to show what leaks: with several images per patient (or 20 turned copies of a tile) nearly every image
    drawn has a relative among the rest, and the result says how well the model remembers. Never use it for an estimate.

    Args:
        targets: (n,) labels.
        size: how many samples; the shares are rounded.
        seed: a constant.

    Returns:
        (n,) boolean, True for the samples drawn.
    """
    targets = np.asarray(targets)
    generator = np.random.default_rng(seed)
    drawn = np.zeros(len(targets), dtype=bool)
    for label in np.unique(targets):
        members = np.flatnonzero(targets == label)
        drawn[generator.choice(members, round(size * len(members) / len(targets)), replace=False)] = True
    return drawn


def _deal(counts: np.ndarray, shares: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Part index of each group, for ``counts`` (groups, classes)."""
    fractions = counts / counts.sum(axis=0)
    shuffled = generator.permutation(len(counts))
    # Integer sample counts decide who is larger: sums of fractions would let rounding decide between equals.
    order = shuffled[np.argsort(-counts.sum(axis=1)[shuffled], kind="stable")]
    filled = np.zeros((len(shares), counts.shape[1]))
    part_of = np.zeros(len(counts), dtype=np.int64)
    for group in order:
        share = fractions[group]
        # Rounded, so that ties are ties on every machine; then the part with the smaller share is served first.
        fullness = np.round(((filled + share / 2) / shares[:, None]) @ share, 12)
        part = int(np.lexsort((shares, fullness))[0])
        filled[part] += share
        part_of[group] = part
    return part_of


def _complete(counts: np.ndarray, part_of: np.ndarray, shares: np.ndarray) -> None:
    """Give every part a group of every class, by moves that leave no other part without one. Changes ``part_of``."""
    has = counts > 0
    fractions = counts / counts.sum(axis=0)

    def groups_per_part() -> np.ndarray:
        return np.stack([has[part_of == part].sum(axis=0) for part in range(len(shares))])

    for _ in range(has.shape[1] * len(shares)):
        holding = groups_per_part()
        missing = np.argwhere(holding == 0)
        if not len(missing):
            return
        part, label = missing[0]
        movable = [
            group
            for group in np.flatnonzero(has[:, label])
            if part_of[group] != part and (holding[part_of[group]][has[group]] > 1).all()
        ]
        if not movable:
            break
        part_of[min(movable, key=lambda group: _imbalance_after(fractions, part_of, shares, group, part))] = part
    if (groups_per_part() == 0).any():
        raise InputError(
            "the groups mix the classes so that training, validation and test cannot each hold every class"
        )


def _imbalance_after(fractions: np.ndarray, part_of: np.ndarray, shares: np.ndarray, group: int, part: int) -> float:
    """Squared deviation from the shares, summed over parts and classes, if ``group`` moved to ``part``."""
    moved = part_of.copy()
    moved[group] = part
    filled = np.stack([fractions[moved == index].sum(axis=0) for index in range(len(shares))])
    return round(float(((filled - shares[:, None]) ** 2).sum()), 12)
