"""The trivial generator draws what it measured."""

import numpy as np
import pytest

from helpers.evaluation.class_gaussians import ClassGaussians
from helpers.runtime import InputError


def test_draws_have_the_moments_of_their_class():
    generator = np.random.default_rng(0)
    mixing = generator.normal(size=(4, 4))
    classes = np.tile([0, 1], 1000)
    pictures = (generator.normal(size=(2000, 4)) @ mixing + 3 * classes[:, None]).reshape(2000, 2, 2, 1)
    drawn = ClassGaussians.fit(pictures, classes, 10).draw(
        np.repeat([1, 0], 20000), (2, 2, 1), seed=1, limits=(-np.inf, np.inf)
    )
    assert drawn.shape == (40000, 2, 2, 1) and drawn.dtype == np.float32
    for label, some in ((1, drawn[:20000]), (0, drawn[20000:])):
        real = pictures[classes == label].reshape(-1, 4)
        np.testing.assert_allclose(some.reshape(-1, 4).mean(axis=0), real.mean(axis=0), atol=0.1)
        np.testing.assert_allclose(np.cov(some.reshape(-1, 4).T), np.cov(real.T), atol=0.25)


def test_only_the_kept_directions_vary():
    pictures = np.random.default_rng(0).normal(size=(50, 3, 3, 1))
    drawn = ClassGaussians.fit(pictures, np.tile([0, 1], 25), 2).draw(
        np.zeros(100, int), (3, 3, 1), seed=0, limits=(-np.inf, np.inf)
    )
    assert np.linalg.matrix_rank(drawn.reshape(100, 9) - drawn.reshape(100, 9).mean(axis=0), tol=1e-3) == 2


def test_draws_keep_to_the_gray_range():
    pictures = np.random.default_rng(0).choice([-1.0, 1.0], size=(50, 3, 3, 1))
    model, classes = ClassGaussians.fit(pictures, np.tile([0, 1], 25), 9), np.zeros(200, int)
    beyond = model.draw(classes, (3, 3, 1), seed=0, limits=(-np.inf, np.inf))
    assert np.abs(beyond).max() > 1.5
    np.testing.assert_array_equal(model.draw(classes, (3, 3, 1), seed=0), np.clip(beyond, -1, 1))


def test_a_class_of_one_picture_is_refused():
    with pytest.raises(InputError, match="spread"):
        ClassGaussians.fit(np.zeros((3, 2, 2, 1)), np.array([0, 0, 1]), 2)
