"""Batches are a matter of speed: results, their order and their number do not depend on them."""

import numpy as np
import pytest

from helpers.runtime import InputError
from helpers.training import image_batches


def sums(batch):
    assert len(batch) <= image_batches.BATCH
    return np.asarray(batch).sum(axis=(1, 2, 3))


@pytest.mark.parametrize("count", [1, 127, 128, 300])
def test_every_image_has_its_result(count):
    images = np.arange(4 * count, dtype=np.float32).reshape(count, 2, 2, 1)
    np.testing.assert_array_equal(image_batches.in_batches(sums, images), images.sum(axis=(1, 2, 3)))


@pytest.mark.parametrize("count", [1, 50, 100, 200])
def test_every_version_has_its_result_in_order(count):
    versions = [np.full((count, 2, 2, 1), number, dtype=np.float32) for number in range(7)]
    found = list(image_batches.of_versions(sums, iter(versions)))
    assert [len(values) for values in found] == [count] * 7
    assert [values[0] for values in found] == [0, 4, 8, 12, 16, 20, 24]


def test_no_images():
    with pytest.raises(InputError, match="at least one image"):
        image_batches.in_batches(sums, np.empty((0, 2, 2, 1)))
