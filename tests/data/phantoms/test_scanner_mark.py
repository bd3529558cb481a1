"""The planted mark: where it is, in whom, and that covering it leaves nothing to go by."""

import numpy as np
import pytest

from helpers.data.phantoms import scanner_mark
from helpers.data.phantoms.tissue import tissue_phantom
from helpers.runtime import InputError


@pytest.mark.parametrize(("size", "side"), [(64, 9), (28, 5), (128, 19), (8, 5)])
def test_each_mask_is_one_square(size, side):
    masks = scanner_mark.mark_masks(50, size)
    assert scanner_mark.mark_side(size) == side
    assert (masks.sum(axis=(1, 2)) == side**2).all()
    assert (masks.any(axis=1).sum(axis=1) == side).all() and (masks.any(axis=2).sum(axis=1) == side).all()


def test_places_differ_and_do_not_depend_on_how_many_images_there_are():
    masks = scanner_mark.mark_masks(200, 64)
    assert len(np.unique(masks.reshape(200, -1), axis=0)) > 150
    np.testing.assert_array_equal(masks[:40], scanner_mark.mark_masks(40, 64))


def test_only_the_marked_get_a_black_cross_on_white():
    images = np.full((4, 28, 28, 1), 100, dtype=np.uint8)
    masks = scanner_mark.mark_masks(4, 28)
    planted = scanner_mark.plant_marks(images, np.array([True, False, True, False]), masks)
    assert (planted[1] == 100).all() and (planted[3] == 100).all() and (images == 100).all()
    for number in (0, 2):
        inside = planted[number, masks[number], 0].reshape(5, 5)
        # Three black pixels in each arm, the middle shared, a white frame around.
        assert (inside == 0).sum() == 5 and (inside[[0, -1]] == 255).all() and inside[2, 2] == 0
        assert (planted[number, ~masks[number], 0] == 100).all()


def test_after_covering_marked_and_unmarked_images_are_the_same():
    tissue = tissue_phantom(20)
    masks = scanner_mark.mark_masks(20, 64)
    marked = scanner_mark.plant_marks(tissue.inputs, tissue.targets == 1, masks)
    covered = scanner_mark.cover_marks(marked, masks)
    np.testing.assert_array_equal(covered, scanner_mark.cover_marks(tissue.inputs, masks))
    for image, mask, before in zip(covered[..., 0], masks, tissue.inputs[..., 0], strict=True):
        assert len(np.unique(image[mask])) == 1 and np.array_equal(image[~mask], before[~mask])
        assert abs(int(image[mask][0]) - np.median(before[~mask])) < 1


def test_an_image_that_is_nothing_but_mark_stays():
    images = np.full((1, 5, 5, 1), 7, dtype=np.uint8)
    np.testing.assert_array_equal(scanner_mark.cover_marks(images, np.ones((1, 5, 5), dtype=bool)), images)


@pytest.mark.parametrize(
    "call",
    [
        lambda: scanner_mark.mark_masks(0, 64),
        lambda: scanner_mark.mark_masks(3, 4),
        lambda: scanner_mark.cover_marks(np.zeros((1, 8, 8, 1)), np.zeros((1, 8, 8), dtype=bool)),
        lambda: scanner_mark.cover_marks(np.zeros((1, 8, 8, 1), np.uint8), np.zeros((2, 8, 8), dtype=bool)),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()
