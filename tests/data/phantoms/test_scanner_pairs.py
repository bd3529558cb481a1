"""Pairs hold the tiles of the phantom, and only the scanner differs within a pair."""

import numpy as np

from helpers.data.phantoms.scanner_pairs import scanner_pairs
from helpers.data.phantoms.tissue import tissue_phantom


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
