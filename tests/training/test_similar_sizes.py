"""Batches of similar size hold every row once and little padding."""

import numpy as np
import pytest

from helpers.training.similar_sizes import batches_of_similar_size

SIZES = np.random.default_rng(0).integers(1, 50, 103)


@pytest.mark.parametrize("together", [1, 5, 1000])
def test_every_row_is_in_one_batch(together):
    batches = batches_of_similar_size(SIZES, 8, together, np.random.default_rng(1))
    assert sorted(np.concatenate(batches)) == list(range(103))
    assert sorted(len(batch) for batch in batches) == [7, *[8] * 12]


def test_the_more_are_sorted_together_the_less_is_padded():
    def padding(together):
        batches = batches_of_similar_size(SIZES, 8, together, np.random.default_rng(1))
        return sum((SIZES[batch].max() - SIZES[batch]).sum() for batch in batches)

    assert padding(1000) < padding(4) < padding(1)
