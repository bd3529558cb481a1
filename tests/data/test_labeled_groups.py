"""Labeling some groups: whole ones, both classes, nested, and the same share of each class."""

import numpy as np
import pytest

from helpers.data.labeled_groups import label_some_groups
from helpers.runtime import InputError

GROUPS = np.repeat(np.arange(60), 5)
TARGETS = (GROUPS % 3 == 0).astype(int)


@pytest.mark.parametrize(("share", "diseased", "healthy"), [(0.01, 1, 1), (0.1, 2, 4), (0.5, 10, 20), (1.0, 20, 40)])
def test_whole_groups_of_both_classes(share, diseased, healthy):
    rows = label_some_groups(GROUPS, TARGETS, share, seed=0)
    chosen = np.unique(GROUPS[rows])
    assert len(rows) == 5 * len(chosen)
    assert [np.sum(chosen % 3 == 0), np.sum(chosen % 3 != 0)] == [diseased, healthy]


def test_more_labels_hold_the_fewer_ones_and_seeds_differ():
    few, more = (set(label_some_groups(GROUPS, TARGETS, share, seed=4)) for share in (0.05, 0.2))
    assert few < more
    assert few != set(label_some_groups(GROUPS, TARGETS, 0.05, seed=5))


def test_group_of_mixed_images_counts_for_its_majority():
    mixed = np.where(np.arange(300) % 5 == 0, 1 - TARGETS, TARGETS)
    np.testing.assert_array_equal(
        label_some_groups(GROUPS, mixed, 0.2, seed=0), label_some_groups(GROUPS, TARGETS, 0.2, seed=0)
    )


def test_bad_input():
    with pytest.raises(InputError, match="at most 1"):
        label_some_groups(GROUPS, TARGETS, 1.2, seed=0)
    with pytest.raises(InputError, match="one class only"):
        label_some_groups(GROUPS, np.zeros(300), 0.2, seed=0)
