"""Images in front of a network: standardized one by one, and mirrored."""

import numpy as np
import pytest

from helpers.data import device_images
from helpers.runtime import InputError


def test_exposure_and_contrast_change_nothing():
    image = np.random.default_rng(0).integers(0, 100, (1, 32, 32, 1)).astype(np.uint8)
    images = np.concatenate([image, 2 * image + 30, np.full_like(image, 77)])
    prepared = device_images.standardize_each(images, 32)
    assert prepared.dtype == np.float32
    np.testing.assert_allclose(prepared[0], prepared[1], atol=1e-5)
    assert prepared[:2].mean() == pytest.approx(0, abs=1e-5) and prepared[0].std() == pytest.approx(1, abs=1e-4)
    assert (prepared[2] == 0).all()
    assert device_images.standardize_each(images, 28).shape == (3, 28, 28, 1)


def test_mirror_images_by_hand():
    image = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
    found = device_images.mirrored(image, "both")[..., 0].tolist()
    assert found == [[[1, 2], [3, 4]], [[2, 1], [4, 3]], [[3, 4], [1, 2]], [[4, 3], [2, 1]]]
    assert device_images.mirrored(image, "horizontal")[..., 0].tolist() == found[:2]
    assert len(device_images.mirrored(image, "")) == 1
    with pytest.raises(InputError, match="unknown flip"):
        device_images.mirrored(image, "vertical")
