"""From stored images to what a network takes: size and normalization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from PIL import Image

from helpers.data.dataset import Dataset
from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError

GRAY_LEVELS = 256
ROWS_AT_ONCE = 1024  # images counted at once: counting turns each of their bytes into eight


def pad_to_square(image: np.ndarray) -> np.ndarray:
    """Center an image (height, width) on a square of its longer side, filled with the median of its border.

    Padding keeps proportions; the median of the border continues the background, black in ultrasound, bright in
    histology.
    """
    height, width = image.shape
    side = max(height, width)
    if height == width:
        return image
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    square = np.full((side, side), np.median(border).astype(image.dtype), dtype=image.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    return square


def resize_image(image: np.ndarray, size: int) -> np.ndarray:
    """Resize one image (height, width) to (size, size) with Pillow's antialiasing Lanczos filter.

    uint8 stays uint8; other types come back as float32, unclipped, so that 16-bit images keep their depth.
    """
    square = pad_to_square(image)
    square = square if square.dtype == np.uint8 else square.astype(np.float32, copy=False)
    if square.shape[0] == size:
        return square
    return np.asarray(Image.fromarray(square).resize((size, size), Image.Resampling.LANCZOS))


def resize(images: np.ndarray | StoredImages, size: int) -> np.ndarray | StoredImages:
    """Resize images with antialiasing; images that are not square are padded first.

    Args:
        images: (n, height, width, 1) uint8; those on disk stay there and are resized when they are read.
        size: pixels of the result.

    Returns:
        (n, size, size, 1) uint8.

    Raises:
        InputError: another shape or type, or a size below 1.
    """
    _require_images(images)
    if size < 1:
        raise InputError(f"size is {size}: an image has at least one pixel")
    if images.shape[1:3] == (size, size):
        return images
    if isinstance(images, StoredImages):
        return images.map(lambda block: resize(block, size), side=size)
    result = np.empty((len(images), size, size, 1), dtype=np.uint8)
    for row, image in enumerate(images):
        result[row, :, :, 0] = resize_image(image[:, :, 0], size)
    return result


@dataclass(frozen=True)
class Normalization:
    """Subtract the mean, divide by the scale: both measured on training images, both in gray levels of 0 to 255."""

    mean: float
    scale: float

    @classmethod
    def fit(cls, images: np.ndarray | StoredImages) -> Normalization:
        """Mean and standard deviation over all pixels of ``images`` (n, height, width, 1) uint8.

        Pass training images only: with validation or test images in it, a little of the answer leaks into the question.
        Constant images get scale 1, because dividing by 0 would make NaN of them.
        """
        _require_images(images)
        if not images.size:
            raise InputError("normalization needs at least one training image")
        # Counting gray levels is exact and needs no copy of the images as floats.
        counts = np.zeros(GRAY_LEVELS, dtype=np.int64)
        for start in range(0, len(images), ROWS_AT_ONCE):
            counts += np.bincount(images[start : start + ROWS_AT_ONCE].ravel(), minlength=GRAY_LEVELS)
        weights = counts / images.size
        levels = np.arange(GRAY_LEVELS)
        mean = float(weights @ levels)
        scale = float(np.sqrt(weights @ (levels - mean) ** 2))
        return cls(mean, scale if scale > 0 else 1.0)

    @classmethod
    def fit_training(cls, dataset: Dataset) -> Normalization:
        """:meth:`fit` on the training part of a dataset and on nothing else."""
        return cls.fit(dataset.part("train").inputs)

    def apply(self, images: np.ndarray | StoredImages) -> np.ndarray | StoredImages:
        """Normalized images as float32, in the shape they came in; those on disk stay there."""
        if isinstance(images, StoredImages):
            return images.map(self.apply, dtype=np.float32)
        return (images.astype(np.float32) - np.float32(self.mean)) / np.float32(self.scale)

    def to_dict(self) -> dict[str, float]:
        """As stored in a model bundle."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> Normalization:
        """Back from a model bundle.

        Raises:
            InputError: the values are incomplete or no normalization.
        """
        try:
            normalization = cls(float(values["mean"]), float(values["scale"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"not a normalization: {dict(values)}; it has a mean and a scale") from error
        if not np.isfinite([normalization.mean, normalization.scale]).all() or normalization.scale <= 0:
            raise InputError(f"not a normalization: {dict(values)}; mean and scale are finite, scale is positive")
        return normalization


def _require_images(images: np.ndarray | StoredImages) -> None:
    if images.ndim != 4 or images.shape[3] != 1 or images.dtype != np.uint8:
        raise InputError(
            f"expected images of shape (n, height, width, 1) and type uint8, got {images.shape} {images.dtype}"
        )
