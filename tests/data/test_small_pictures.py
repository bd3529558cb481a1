"""Small pictures: nuclei where their places are known, whole images elsewhere; patients and split stay."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.data import small_pictures
from helpers.data.phantoms.cohort import DATASET_SEED
from helpers.data.phantoms.tissue import sample_tissue, tissue_phantom
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def tiles():
    return tissue_phantom(60)


@pytest.fixture(scope="module")
def nuclei(tiles):
    return small_pictures.small_pictures(tiles, 12, 4)


def test_pictures_are_a_binary_dataset_with_factors(nuclei):
    assert nuclei.inputs.shape[1:] == (12, 12, 1) and nuclei.inputs.dtype == np.uint8
    assert set(nuclei.truth) == {"diameter", "elongation", "irregularity", "chromatin"} <= set(small_pictures.UNITS)
    assert (nuclei.truth["elongation"] >= 1).all()
    malignant = nuclei.targets == 1
    assert 0.3 < malignant.mean() < 0.7
    assert nuclei.truth["diameter"][malignant].mean() > nuclei.truth["diameter"][~malignant].mean() + 0.5


def test_patients_keep_their_side_of_the_split(tiles, nuclei):
    side = dict(zip(tiles.groups, tiles.split, strict=True))
    assert all(side[group] == part for group, part in zip(nuclei.groups, nuclei.split, strict=True))
    assert len(nuclei) <= 4 * len(tiles)


def test_a_nucleus_is_dark_in_the_middle_and_its_surroundings_fade(nuclei):
    picture = nuclei.inputs.astype(float).mean(axis=0)[:, :, 0]
    assert picture[5:8, 5:8].mean() < 128 - 20
    assert np.abs(picture[0] - 128).max() < 10


def test_every_picture_is_cut_around_a_nucleus_of_its_tile(tiles, nuclei):
    tissue = sample_tissue(DATASET_SEED, int(tiles.groups[0]), bool(tiles.targets[0]), 0)
    diameters = 2 * np.sqrt(tissue.nuclei.major * tissue.nuclei.minor)
    first = nuclei.truth["diameter"][nuclei.groups == tiles.groups[0]][:2]
    assert np.isin(first.round(6), diameters.astype(float).round(6)).all()


def test_other_images_are_made_smaller_and_their_brightness_is_known(tiles):
    other = replace(tiles, name="other", source=replace(tiles.source, checksum="other"))
    found = small_pictures.small_pictures(other, 16)
    assert found.inputs.shape == (len(tiles), 16, 16, 1)
    np.testing.assert_allclose(found.truth["brightness"], found.inputs.mean(axis=(1, 2, 3)))


def test_tiles_out_of_their_order_and_odd_sides_are_refused(tiles):
    with pytest.raises(InputError, match="first ones of their patients"):
        small_pictures.nucleus_pictures(tiles.select(np.arange(len(tiles))[::-1]), 12, 4)
    with pytest.raises(InputError, match="even side"):
        small_pictures.nucleus_pictures(tiles, 11, 4)


def test_numbers_within_groups():
    assert small_pictures._number_within_group(np.array([3, 1, 3, 3, 1])).tolist() == [0, 0, 1, 2, 1]
