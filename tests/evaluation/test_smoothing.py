"""Which filter is chosen where the answer is known, and that pictures stay apart."""

import numpy as np
import pytest

from helpers.evaluation import smoothing
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)


def test_single_wrong_pixels_call_for_a_median():
    clean = np.repeat((np.arange(24) > 12).astype(float)[None, None, :, None], 24, axis=1).repeat(4, axis=0)
    noisy = np.where(GENERATOR.random(clean.shape) < 0.08, 5.0, clean)
    assert smoothing.best_filter(noisy, clean)[0].startswith("median")


def test_noise_on_nothing_calls_for_the_widest_blur_and_no_noise_for_the_narrowest():
    flat = np.zeros((4, 24, 24, 1))
    assert smoothing.best_filter(flat + GENERATOR.normal(size=flat.shape), flat)[0] == "Gaussian, 2.0 px"
    detailed = GENERATOR.normal(size=flat.shape)
    assert smoothing.best_filter(detailed, detailed)[0] == "Gaussian, 0.4 px"


@pytest.mark.parametrize("name", smoothing.candidates())
def test_filters_do_not_mix_pictures(name):
    pictures = np.zeros((3, 12, 12, 1))
    pictures[1] = 1.0
    filtered = smoothing.candidates()[name](pictures)
    np.testing.assert_allclose(filtered, pictures, atol=1e-12)


def test_shapes_must_agree():
    with pytest.raises(InputError):
        smoothing.best_filter(np.zeros((2, 4, 4, 1)), np.zeros((2, 5, 5, 1)))
