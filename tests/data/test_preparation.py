"""Resizing and normalization against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.data.preparation import Normalization, pad_to_square, resize
from helpers.runtime import InputError


def test_resizing_is_antialiased():
    """A checkerboard of single pixels becomes even gray; picking every fourth pixel would give black or white."""
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)[None, :, :, None]
    small = resize(board, 16)
    assert small.shape == (1, 16, 16, 1) and small.dtype == np.uint8
    assert np.abs(small[0, 2:-2, 2:-2].astype(int) - 127).max() <= 2


def test_constant_images_stay_constant_in_both_directions():
    images = np.full((3, 10, 10, 1), 77, dtype=np.uint8)
    assert (resize(images, 4) == 77).all() and (resize(images, 25) == 77).all()


def test_same_size_is_left_alone():
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 1), dtype=np.uint8)
    assert (resize(images, 8) == images).all()


def test_padding_centers_on_the_median_of_the_border():
    image = np.full((2, 4), 9, dtype=np.uint8)
    image[0, 0] = 200
    square = pad_to_square(image)
    assert square.shape == (4, 4)
    assert (square[1:3] == image).all() and (square[0] == 9).all() and (square[3] == 9).all()


def test_images_that_are_not_square_keep_their_proportions():
    images = np.zeros((1, 10, 20, 1), dtype=np.uint8)
    images[:, 3:7, 8:12] = 255  # a square of 4 by 4
    bright = np.argwhere(resize(images, 10)[0, :, :, 0] > 127)
    assert (np.ptp(bright, axis=0) + 1).tolist() == [2, 2]


@pytest.mark.parametrize(
    "images", [np.zeros((2, 4, 4)), np.zeros((2, 4, 4, 3), np.uint8), np.zeros((2, 4, 4, 1), np.float32)]
)
def test_other_arrays_are_refused(images):
    with pytest.raises(InputError, match="uint8"):
        resize(images, 4)


def test_normalization_of_two_levels():
    images = np.array([0, 0, 0, 200], dtype=np.uint8).reshape(1, 2, 2, 1)
    normalization = Normalization.fit(images)
    assert normalization.mean == pytest.approx(50)
    assert normalization.scale == pytest.approx(np.sqrt(7500))  # (3 * 50**2 + 150**2) / 4
    applied = normalization.apply(images)
    assert applied.dtype == np.float32 and applied.shape == images.shape
    assert applied.mean() == pytest.approx(0, abs=1e-6) and applied.std() == pytest.approx(1, abs=1e-6)


def test_constant_images_do_not_divide_by_zero():
    images = np.full((2, 3, 3, 1), 12, dtype=np.uint8)
    assert (Normalization.fit(images).apply(images) == 0).all()


def test_fitting_sees_only_training_rows():
    def dataset(level):
        inputs = np.full((6, 2, 2, 1), level, dtype=np.uint8)
        inputs[:3] = np.array([10, 20, 60], dtype=np.uint8).reshape(3, 1, 1, 1)
        split = np.array(["train"] * 3 + ["validation", "test", "test"])
        return Dataset("x", inputs, np.arange(6) % 2, "binary", np.arange(6), True, split, Source("", "", ""))

    dark, bright = Normalization.fit_training(dataset(0)), Normalization.fit_training(dataset(255))
    assert dark == bright
    assert dark.mean == pytest.approx(30)


def test_normalization_survives_the_model_bundle():
    normalization = Normalization(12.5, 3.25)
    assert Normalization.from_dict(normalization.to_dict()) == normalization


@pytest.mark.parametrize(
    "values", [{}, {"mean": 1.0}, {"mean": 1.0, "scale": 0.0}, {"mean": float("nan"), "scale": 1.0}]
)
def test_a_broken_bundle_is_refused(values):
    with pytest.raises(InputError, match="normalization"):
        Normalization.from_dict(values)
