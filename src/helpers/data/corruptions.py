"""What can happen to a picture between the tissue and the file, in five steps of severity.

The kinds are those that differ between laboratories and scanners: more or less stain, contrast, focus, noise of the
sensor, and JPEG. Severities are named before any network is asked, after the manner of Hendrycks and Dietterich (2019,
arXiv:1903.12261) and, for histology, Tellez et al. (2019, Med Image Anal 58:101544).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from helpers.runtime import InputError

SEVERITIES = (1, 2, 3, 4, 5)
STAIN = (1.2, 1.4, 1.6, 1.8, 2.0)  # factor on the optical density
CONTRAST = (0.85, 0.7, 0.55, 0.4, 0.25)  # of the distance from the picture's own mean that is left
BLUR = (0.5, 0.8, 1.1, 1.4, 1.8)  # standard deviation of the point spread, px at 64 px
NOISE = (4.0, 8.0, 14.0, 20.0, 28.0)  # standard deviation, gray levels of 255
JPEG = (70, 45, 25, 15, 8)  # quality
RANDOM_RANGES = {
    "gain": (0.75, 1.15),
    "exponent of the tone curve": (0.7, 1.5),
    "blur": (0.0, 1.2),
    "noise": (0.0, 10.0),
}
STORED_SIDE = 64  # blur is meant for pictures of this side and grows with them


def stronger_stain(images: np.ndarray, severity: int, seed: int = 0) -> np.ndarray:
    """More stain: optical densities, -log of the light that passes, grow by a factor (Beer-Lambert)."""
    light = (images.astype(np.float64) + 1) / 256
    return _gray(256 * light ** STAIN[severity - 1] - 1)


def less_contrast(images: np.ndarray, severity: int, seed: int = 0) -> np.ndarray:
    """Every picture drawn toward its own mean, and rounded: what is lost in rounding does not come back."""
    values = images.astype(np.float64)
    mean = values.mean(axis=(1, 2, 3), keepdims=True)
    return _gray(mean + CONTRAST[severity - 1] * (values - mean))


def out_of_focus(images: np.ndarray, severity: int, seed: int = 0) -> np.ndarray:
    """A Gaussian point spread, in proportion to the side of the picture."""
    spread = BLUR[severity - 1] * images.shape[1] / STORED_SIDE
    return _gray(gaussian_filter(images.astype(np.float64), (0, spread, spread, 0), mode="nearest"))


def sensor_noise(images: np.ndarray, severity: int, seed: int = 0) -> np.ndarray:
    """Independent noise in every pixel; the same seed gives the same noise, stronger with severity."""
    noise = np.random.default_rng(seed).standard_normal(images.shape)
    return _gray(images + NOISE[severity - 1] * noise)


def compression(images: np.ndarray, severity: int, seed: int = 0) -> np.ndarray:
    """JPEG, saved and opened again."""
    result = np.empty_like(images)
    for row, image in enumerate(images[..., 0]):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "JPEG", quality=JPEG[severity - 1])
        result[row, :, :, 0] = np.asarray(Image.open(buffer))
    return result


Corruption = Callable[[np.ndarray, int, int], np.ndarray]
CORRUPTIONS: Mapping[str, Corruption] = {
    "stain": stronger_stain,
    "contrast": less_contrast,
    "blur": out_of_focus,
    "noise": sensor_noise,
    "compression": compression,
}


def corrupt(images: np.ndarray, kind: str, severity: int, seed: int = 0) -> np.ndarray:
    """Pictures after one kind of corruption.

    Args:
        images: (n, height, width, 1) uint8; severity 0 gives them back as they are.
        kind: one of :data:`CORRUPTIONS`.
        severity: 0 to 5.
        seed: of the noise.

    Returns:
        uint8 of the same shape.
    """
    if kind not in CORRUPTIONS:
        raise InputError(f"unknown corruption {kind!r}: choose one of {', '.join(CORRUPTIONS)}")
    if severity not in (0, *SEVERITIES):
        raise InputError(f"severity is {severity!r}: it is a whole number from 0 (none) to {SEVERITIES[-1]}")
    _check(images)
    return images if severity == 0 else CORRUPTIONS[kind](images, severity, seed)


def random_scanners(images: np.ndarray, seed: int) -> np.ndarray:
    """Every picture as another scanner might have made it: exposure, tone curve, focus and noise drawn at random.

    What a network is trained on when it shall not learn one machine by heart. The ranges of :data:`RANDOM_RANGES` are wide
    on purpose: those of a maker of phantoms who knows what scanners do. All three of
    :mod:`helpers.data.phantoms.scanner_series` lie inside, so no scanner there is one that nobody could foresee.

    Args:
        images: (n, height, width, 1) uint8.
        seed: of the drawing.

    Returns:
        uint8 of the same shape.
    """
    _check(images)
    generator, result = np.random.default_rng(seed), np.empty_like(images)
    for row, image in enumerate(images[..., 0]):
        gain, gamma, spread, deviation = (generator.uniform(*ends) for ends in RANDOM_RANGES.values())
        light = gaussian_filter((gain * image / 255.0) ** gamma, spread * images.shape[1] / STORED_SIDE, mode="nearest")
        result[row, :, :, 0] = _gray(255 * light + deviation * generator.standard_normal(image.shape))
    return result


def _gray(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _check(images: np.ndarray) -> None:
    if images.ndim != 4 or images.shape[3] != 1 or images.dtype != np.uint8:
        raise InputError(f"expected images (n, height, width, 1) of uint8, got {images.shape} {images.dtype}")
