"""Pairs hold the tiles of the phantom, and only the scanner differs within a pair."""

from dataclasses import replace

import numpy as np

from helpers.data.phantoms.cohort import DATASET_SEED
from helpers.data.phantoms.rendering import SCANNERS, render
from helpers.data.phantoms.scanner_pairs import scanner_pairs
from helpers.data.phantoms.tissue import sample_tissue, tissue_phantom


def test_each_tile_of_the_phantom_is_one_half_of_its_pair():
    pairs, tiles = scanner_pairs(20), tissue_phantom(20)
    seen = np.where((tiles.sites == 0)[:, None, None, None], pairs.first, pairs.second)
    np.testing.assert_array_equal(seen, tiles.inputs)
    for name in ("targets", "groups", "split"):
        np.testing.assert_array_equal(getattr(pairs, name), getattr(tiles, name))


def test_a_pair_shows_the_same_tissue_differently():
    pairs = scanner_pairs(20)
    for one, other in zip(pairs.first, pairs.second, strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9
        assert np.abs(one.astype(int) - other).mean() > 2


def test_noise_of_the_two_photographs_is_independent():
    pairs = scanner_pairs(30)  # the first tile of 30 patients
    noise = [[], []]
    for row in range(30):
        tissue = sample_tissue(DATASET_SEED, int(pairs.groups[row]), bool(pairs.targets[row]), 0)
        for place, seen in enumerate((pairs.first, pairs.second)):
            clean = render(tissue, replace(SCANNERS[place], noise=0.0))
            noise[place].append(seen[row, :, :, 0].astype(float) - clean)
    for place, residuals in enumerate(noise):
        # Rounding, twice, adds a variance of a sixth of a gray level; few pixels are cut off at 0 or 255.
        assert abs(np.std(residuals) - np.hypot(SCANNERS[place].noise, np.sqrt(1 / 6))) < 0.15
    # 122,880 pixels: the standard error of a correlation of none is 0.003.
    assert abs(np.corrcoef(np.ravel(noise[0]), np.ravel(noise[1]))[0, 1]) < 0.015


def test_the_tiles_name_their_source():
    pairs = scanner_pairs(20)
    dataset = pairs.dataset()
    assert dataset.source.synthetic and "two scanners" in dataset.source.title
    np.testing.assert_array_equal(dataset.inputs, pairs.second)
    np.testing.assert_array_equal(dataset.groups, pairs.groups)
