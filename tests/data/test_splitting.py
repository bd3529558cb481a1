"""Splits: nothing leaks, shares are kept, the order of the rows does not matter."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.data.splitting import group_split, random_subset
from helpers.runtime import InputError

PARTS = {"train", "validation", "test"}


def parts_of(split, groups):
    return {group: set(split[groups == group]) for group in np.unique(groups)}


def random_structure(seed):
    """Groups of very different sizes; about a third of them hold both classes; at least three per class."""
    generator = np.random.default_rng(seed)
    groups, targets = [], []
    for group in range(int(generator.integers(6, 60))):
        size = int(generator.geometric(0.15))
        kind = group % 2 if group < 6 else int(generator.integers(0, 3))
        labels = generator.integers(0, 2, size) if kind == 2 else np.full(size, kind)
        groups.extend([group * 7] * size)
        targets.extend(labels.tolist())
    return np.array(groups), np.array(targets)


@pytest.mark.parametrize("seed", range(60))
def test_no_group_leaks_and_every_part_has_every_class(seed):
    groups, targets = random_structure(seed)
    split = group_split(groups, targets, seed=3)
    assert all(len(parts) == 1 for parts in parts_of(split, groups).values())
    for part in PARTS:
        assert set(targets[split == part]) == {0, 1}


@pytest.mark.parametrize("seed", range(10))
def test_rows_in_another_order_stay_in_their_parts(seed):
    groups, targets = random_structure(seed)
    order = np.random.default_rng(seed).permutation(len(groups))
    split = group_split(groups, targets, seed=3)
    assert (group_split(groups[order], targets[order], seed=3) == split[order]).all()


def test_equal_groups_meet_the_shares_exactly():
    groups = np.repeat(np.arange(100), 5)
    targets = np.repeat(np.arange(100) % 2, 5)
    split = group_split(groups, targets, seed=0)
    for label in (0, 1):
        counts = {part: int(((split == part) & (targets == label)).sum()) for part in PARTS}
        assert counts == {"train": 150, "validation": 50, "test": 50}


def test_shares_of_unequal_groups_are_near():
    generator = np.random.default_rng(0)
    sizes = generator.integers(5, 40, 300)
    groups = np.repeat(np.arange(300), sizes)
    targets = np.repeat(np.arange(300) % 3, sizes)
    split = group_split(groups, targets, seed=1)
    for label in range(3):
        for part, share in (("train", 0.6), ("validation", 0.2), ("test", 0.2)):
            assert abs(np.mean(split[targets == label] == part) - share) < 0.02


def test_large_groups_reach_every_part():
    """Dealing the largest first must not send all of them to training."""
    groups = np.concatenate([np.repeat(np.arange(50), 20), np.arange(50, 150)])
    split = group_split(groups, np.zeros(len(groups), dtype=int), seed=0)
    assert set(split[groups < 50]) == PARTS


@pytest.mark.parametrize("seed", range(8))
def test_one_giant_group_does_not_upset_the_shares(seed):
    """40 of 100 samples in one patient: dealt first, it goes to training and the single ones fill up the rest."""
    groups = np.concatenate([np.zeros(40, dtype=int), np.arange(1, 61)])
    split = group_split(groups, np.zeros(100, dtype=int), seed=seed)
    assert [int((split == part).sum()) for part in ("train", "validation", "test")] == [60, 20, 20]


@pytest.mark.parametrize("seed", range(300))
def test_a_handful_of_mixed_groups_still_gives_every_part_every_class(seed):
    """Four to seven groups with both classes, three groups of each: shares alone would leave a part without a class."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(0, 4, (int(generator.integers(4, 8)), 2))
    counts[np.arange(3), 0] += 1
    counts[np.arange(1, 4), 1] += 1
    groups = np.repeat(np.arange(len(counts)), counts.sum(axis=1))
    targets = np.concatenate([np.repeat([0, 1], row) for row in counts])
    split = group_split(groups, targets, seed=0)
    for part in PARTS:
        assert set(targets[split == part]) == {0, 1}
    assert all(len(parts) == 1 for parts in parts_of(split, groups).values())


def test_the_seed_decides_which_groups():
    groups, targets = np.arange(60), np.arange(60) % 2
    first = group_split(groups, targets, seed=0)
    assert (first == group_split(groups, targets, seed=0)).all()
    assert (first != group_split(groups, targets, seed=1)).any()


def test_three_groups_of_a_class_suffice_and_two_do_not():
    split = group_split(np.array([1, 1, 2, 3, 4, 5, 6]), np.array([0, 0, 0, 0, 1, 1, 1]), seed=0)
    assert set(split[:4]) == set(split[4:]) == PARTS
    with pytest.raises(InputError, match="class 1 has 2 group"):
        group_split(np.array([1, 2, 3, 4, 5]), np.array([0, 0, 0, 1, 1]), seed=0)


def test_groups_that_hold_both_classes_can_be_split():
    split = group_split(np.repeat([1, 2, 3], 4), np.tile([0, 1], 6), seed=0)
    assert set(split) == PARTS


@pytest.mark.parametrize(
    ("groups", "targets", "shares"),
    [
        ([1, 2], [0], (0.6, 0.2, 0.2)),
        ([], [], (0.6, 0.2, 0.2)),
        ([1, 2, 3], [0, 0, 0], (0.6, 0.2, 0.1)),
        ([1, 2, 3], [0, 0, 0], (0.8, 0.2, 0.0)),
    ],
)
def test_bad_arguments_are_one_clear_line(groups, targets, shares):
    with pytest.raises(InputError) as caught:
        group_split(np.array(groups), np.array(targets), 0, shares)
    assert "\n" not in str(caught.value)


def test_random_subset_keeps_the_shares_and_ignores_groups():
    targets = np.array([0] * 60 + [1] * 20)
    drawn = random_subset(targets, 20, seed=0)
    assert drawn.sum() == 20
    assert targets[drawn].sum() == 5
    assert not np.array_equal(drawn, random_subset(targets, 20, seed=1))
