"""Baselines: features by hand, each model sees what it should and nothing else."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from helpers.evaluation.baselines import (
    BASELINES,
    coarse_pixels,
    fit_baselines,
    histogram_features,
    predict_probability,
)
from helpers.runtime import InputError


def noise(count, side=32, seed=0):
    return np.random.default_rng(seed).integers(60, 160, (count, side, side, 1), dtype=np.uint8)


def test_histogram_by_hand():
    image = np.array([[0, 15], [16, 255]], dtype=np.uint8).reshape(1, 2, 2, 1)
    expected = np.zeros(16)
    expected[[0, 1, 15]] = 0.5, 0.25, 0.25
    np.testing.assert_allclose(histogram_features(image), [expected])


def test_histogram_with_bins_that_do_not_divide_256():
    features = histogram_features(noise(3), bins=10)
    expected = np.stack([np.histogram(image, np.linspace(0, 256, 11))[0] / 1024 for image in noise(3)])
    np.testing.assert_allclose(features, expected)


def test_coarse_pixels_are_block_means():
    images = noise(5, side=32)
    blocks = images.reshape(5, 16, 2, 16, 2).mean(axis=(2, 4)).reshape(5, -1) / 255
    np.testing.assert_allclose(coarse_pixels(images), blocks, atol=1e-6)


def test_coarse_pixels_of_28_keep_the_mean():
    images = noise(4, side=28)
    assert coarse_pixels(images).shape == (4, 256)
    np.testing.assert_allclose(coarse_pixels(images).mean(axis=1), images.mean(axis=(1, 2, 3)) / 255, atol=1e-6)


def test_small_images_keep_their_pixels():
    images = noise(4, side=8)
    np.testing.assert_allclose(coarse_pixels(images), images.reshape(4, -1) / 255, atol=1e-6)


def test_majority_says_the_prevalence():
    targets = np.repeat([0, 1], [30, 10])
    fitted = fit_baselines(noise(40), targets)
    assert tuple(fitted) == tuple(BASELINES)
    np.testing.assert_allclose(predict_probability(fitted["majority"], noise(7, seed=1)), 0.25)


def test_brightness_is_seen_by_the_histogram():
    targets = np.arange(200) % 2
    images = noise(200) + (40 * targets).astype(np.uint8)[:, None, None, None]
    fitted = fit_baselines(images[:120], targets[:120])
    assert roc_auc_score(targets[120:], predict_probability(fitted["histogram"], images[120:])) > 0.99


def test_place_is_seen_by_the_pixels_only():
    """A bright square at the left or at the right: the histogram of both is the same."""
    targets = np.arange(400) % 2
    images = noise(400)
    images[targets == 0, 8:16, 4:12] = 200
    images[targets == 1, 8:16, 20:28] = 200
    fitted = fit_baselines(images[:200], targets[:200])
    scores = {name: predict_probability(model, images[200:]) for name, model in fitted.items()}
    assert roc_auc_score(targets[200:], scores["pixels"]) > 0.99
    assert abs(roc_auc_score(targets[200:], scores["histogram"]) - 0.5) < 0.15


def test_deterministic():
    targets = np.arange(60) % 2
    runs = [predict_probability(fit_baselines(noise(60), targets, seed)["pixels"], noise(9, seed=2)) for seed in (0, 0)]
    np.testing.assert_array_equal(*runs)


def test_fewer_samples_than_components():
    fitted = fit_baselines(noise(6), np.array([0, 1, 0, 1, 0, 1]))
    probability = predict_probability(fitted["pixels"], noise(3, seed=1))
    assert probability.shape == (3,) and np.isfinite(probability).all()


@pytest.mark.parametrize(
    ("images", "targets", "word"),
    [
        (noise(4), [0, 0, 0, 0], "one class"),
        (noise(4), [0, 1, 0], "one target per image"),
        (noise(4).astype(float), [0, 1, 0, 1], "uint8"),
        (noise(4)[..., 0], [0, 1, 0, 1], "shape"),
        (noise(4)[:0], [], "shape"),
    ],
)
def test_bad_input(images, targets, word):
    with pytest.raises(InputError, match=word):
        fit_baselines(images, targets)
