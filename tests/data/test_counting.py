"""Tiles asked for a number: what changes, what stays, and who cannot be asked."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.data.counting import nucleus_counts
from helpers.data.phantoms.tissue import tissue_phantom
from helpers.runtime import InputError


def test_targets_are_the_known_counts_and_the_rest_stays():
    tissue = tissue_phantom(20)
    counted = nucleus_counts(tissue)
    assert counted.task == "regression" and counted.class_names == ()
    np.testing.assert_array_equal(counted.targets, tissue.truth["nucleus_count"])
    assert counted.inputs is tissue.inputs
    np.testing.assert_array_equal(counted.split, tissue.split)
    assert counted.part("train").overview().loc["train", "samples"] == len(tissue.part("train"))


def test_uncounted_images_are_refused():
    tissue = tissue_phantom(20)
    with pytest.raises(InputError, match="not counted"):
        nucleus_counts(replace(tissue, truth={}))
