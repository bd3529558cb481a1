"""Distances from normal pictures against their definitions; strangers get the larger scores."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from helpers.evaluation import novelty
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
NORMAL = GENERATOR.normal(size=(300, 3, 2, 1)) * np.array([1.0, 2.0])[:, None]


def test_mahalanobis_distance_with_all_components_is_that_of_the_covariance():
    familiar = novelty.NormalPictures.fit(NORMAL, 6)
    others = GENERATOR.normal(size=(5, 3, 2, 1))
    flat, of_normal = others.reshape(5, 6), NORMAL.reshape(300, 6)
    offset = flat - of_normal.mean(axis=0)
    expected = np.einsum("ni,ij,nj->n", offset, np.linalg.inv(np.cov(of_normal.T)), offset)
    np.testing.assert_allclose(familiar.scores(others)["mahalanobis"], expected)


def test_a_normal_picture_is_its_own_nearest_neighbor():
    familiar = novelty.NormalPictures.fit(NORMAL, 6)
    np.testing.assert_allclose(familiar.scores(NORMAL[:4])["nearest neighbor"], 0, atol=1e-6)
    moved = NORMAL[:1] + 100
    distance = np.linalg.norm((NORMAL - moved).reshape(300, -1), axis=1).min()
    assert familiar.scores(moved)["nearest neighbor"][0] == pytest.approx(distance)


def test_brightness_counts_in_both_directions():
    familiar = novelty.NormalPictures.fit(NORMAL, 2)
    scores = familiar.scores(np.stack([NORMAL[0] * 0 + NORMAL.mean() + shift for shift in (-3, 0, 3)]))
    np.testing.assert_allclose(scores["brightness"], [3, 0, 3], atol=1e-12)


def test_strangers_are_found_and_names_belong_to_scores():
    scores = novelty.NormalPictures.fit(NORMAL, 6).scores(np.concatenate([NORMAL[:50] * 0.9, NORMAL[50:100] + 5]))
    assert set(scores) == set(novelty.NAMES)
    assert all(roc_auc_score(np.repeat([0, 1], 50), score) > 0.95 for score in scores.values())


def test_fewer_pictures_than_components():
    assert novelty.NormalPictures.fit(NORMAL[:3], 6).components.n_components_ == 2
    with pytest.raises(InputError):
        novelty.NormalPictures.fit(NORMAL[:1], 6)
