"""Images to carry a network over to: scanners by name, datasets as the catalog opens them."""

import numpy as np
import pytest

from helpers.data import catalog
from helpers.data.transfer_images import transfer_images
from helpers.runtime import InputError


def test_scanner_shows_the_tissue_of_every_patient():
    series = transfer_images("scanner C", maximum=100, size=64)
    assert len(series) == 100 == len(np.unique(series.groups))
    assert series.require_images_of_two_classes() is series


def test_other_names_are_the_catalogs():
    np.testing.assert_array_equal(
        transfer_images("tissue-phantom", 100, 64).inputs, catalog.load("tissue-phantom", 100).inputs
    )
    with pytest.raises(InputError, match="unknown dataset"):
        transfer_images("scanner Z", 100, 64)
