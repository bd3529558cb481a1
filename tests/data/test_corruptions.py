"""Corruptions: physics by formula, severities in order, nothing happens at severity 0."""

import numpy as np
import pytest

from helpers.data import corruptions
from helpers.data.phantoms.scanner_series import THREE_SCANNERS
from helpers.runtime import InputError

PICTURES = np.random.default_rng(0).integers(40, 216, (3, 64, 64, 1), dtype=np.uint8)


@pytest.mark.parametrize("kind", corruptions.CORRUPTIONS)
def test_shape_order_and_repetition(kind):
    far = [
        np.abs(corruptions.corrupt(PICTURES, kind, severity).astype(float) - PICTURES).mean() for severity in range(6)
    ]
    assert far[0] == 0 and all(np.diff(far) > 0)
    once, again = (corruptions.corrupt(PICTURES, kind, 3, seed=5) for _ in range(2))
    assert once.shape == PICTURES.shape and once.dtype == np.uint8
    np.testing.assert_array_equal(once, again)


def test_stain_multiplies_optical_density():
    strong = corruptions.stronger_stain(PICTURES, 5).astype(float)
    density, before = (-np.log((some + 1) / 256) for some in (strong, PICTURES.astype(float)))
    np.testing.assert_allclose(density, corruptions.STAIN[4] * before, atol=0.5 / (strong.min() + 0.5))


def test_stain_leaves_empty_glass_empty():
    assert (corruptions.stronger_stain(np.full((1, 4, 4, 1), 255, np.uint8), 3) == 255).all()


def test_contrast_keeps_each_mean_and_shrinks_the_spread():
    weak = corruptions.less_contrast(PICTURES, 4).astype(float)
    np.testing.assert_allclose(weak.mean(axis=(1, 2, 3)), PICTURES.mean(axis=(1, 2, 3)), atol=0.5)
    np.testing.assert_allclose(weak.std(axis=(1, 2, 3)), 0.4 * PICTURES.std(axis=(1, 2, 3)), rtol=0.01)


def test_blur_spreads_a_point_without_losing_light():
    point = np.zeros((1, 64, 64, 1), np.uint8)
    point[0, 32, 32] = 255
    seen = corruptions.out_of_focus(point, 3)[0, :, :, 0].astype(float)
    # A Gaussian of 1.1 px: the peak is 1 / (2 pi 1.21) of the light, up to the size of a pixel.
    assert seen.max() == pytest.approx(255 / (2 * np.pi * 1.21), rel=0.08)
    assert seen.sum() == pytest.approx(255, rel=0.06)


def test_blur_grows_with_the_picture():
    """A picture shown twice as large is blurred twice as far: halving it again gives what halving first gives."""
    large = np.kron(PICTURES[0, :, :, 0], np.ones((2, 2), np.uint8))[None, :, :, None]
    blurred = corruptions.out_of_focus(large, 5)[0, :, :, 0].astype(float)
    halved = blurred.reshape(64, 2, 64, 2).mean(axis=(1, 3))
    small = corruptions.out_of_focus(PICTURES[:1], 5)[0, :, :, 0].astype(float)
    assert np.corrcoef(halved.ravel(), small.ravel())[0, 1] > 0.98


def test_noise_has_the_stated_deviation():
    gray = np.full((4, 64, 64, 1), 128, np.uint8)
    noise = corruptions.sensor_noise(gray, 2, seed=1).astype(float) - 128
    assert noise.std() == pytest.approx(8, rel=0.03) and abs(noise.mean()) < 0.3


def test_random_scanners_differ_from_picture_to_picture_and_seed_to_seed():
    same = np.repeat(PICTURES[:1], 40, axis=0)
    one, other = (corruptions.random_scanners(same, seed) for seed in (0, 1))
    assert one.dtype == np.uint8 and one.shape == same.shape
    assert one.mean(axis=(1, 2, 3)).std() > 5 and (one != other).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(one, corruptions.random_scanners(same, 0))
    # Brightness lies between the darkest and the brightest machine that can be drawn.
    level = same[0].mean() / 255
    lowest, highest = 255 * (0.75 * level) ** 1.5, 255 * (1.15 * level) ** 0.7
    assert lowest - 10 < one.mean(axis=(1, 2, 3)).min() and one.mean(axis=(1, 2, 3)).max() < highest + 10


def test_the_phantom_scanners_are_among_those_that_can_be_drawn():
    """So training on random scanners is not a test with unforeseen machines; the prose says so."""
    for scanner in THREE_SCANNERS:
        settings = scanner.gain, scanner.gamma, scanner.blur, scanner.noise
        assert all(
            low <= value <= high
            for value, (low, high) in zip(settings, corruptions.RANDOM_RANGES.values(), strict=True)
        )


def test_more_stain_is_a_steeper_tone_curve():
    """Light to the power k, so the first two severities are tone curves that random scanners have, too."""
    for severity in corruptions.SEVERITIES:
        steeper = 255 * (PICTURES / 255.0) ** corruptions.STAIN[severity - 1]
        assert np.abs(corruptions.stronger_stain(PICTURES, severity) - steeper).max() < 1.5
    inside = [exponent <= corruptions.RANDOM_RANGES["exponent of the tone curve"][1] for exponent in corruptions.STAIN]
    assert inside == [True, True, False, False, False]


def test_refused():
    with pytest.raises(InputError, match="choose one of stain"):
        corruptions.corrupt(PICTURES, "rain", 1)
    with pytest.raises(InputError, match="severity is 6"):
        corruptions.corrupt(PICTURES, "blur", 6)
    with pytest.raises(InputError, match="of uint8"):
        corruptions.corrupt(PICTURES.astype(float), "blur", 1)
