"""Marks on generated noise: where they are found, and what is not one."""

import numpy as np
from scipy.ndimage import gaussian_filter

from helpers.evaluation.audit.marks import Mark, band_counts, banded, find_marks, mark_scores


def images(count=200, side=32, seed=3):
    generator = np.random.default_rng(seed)
    smooth = gaussian_filter(generator.standard_normal((count, side, side)), (0, 2, 2))
    return np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)[..., None]


def marks_of(pictures, positive):
    bands = banded(pictures)
    return find_marks(bands, positive, (band_counts(bands[positive]), band_counts(bands[~positive])))


def test_counts_by_hand():
    bands = banded(np.array([[[0, 3], [4, 255]], [[1, 8], [7, 254]]], np.uint8)[..., None])
    counts = band_counts(bands)
    assert counts.shape == (4, 64)
    assert counts[0, 0] == 2
    assert counts[1, [0, 2]].tolist() == [1, 1]
    assert counts[2, 1] == 2
    assert counts[3, 63] == 2
    assert counts.sum() == 8


def test_a_mark_is_found_where_it_is():
    positive = np.arange(200) % 2 == 1
    pictures = images()
    pictures[positive, 20:25, 3:9] = 250
    mark, same = marks_of(pictures, positive)  # 250 lies in band 62, and so in the pairs 61, 62 and 62, 63
    assert (mark.band, same.band) == (61, 62)
    expected = np.zeros((32, 32), bool)
    expected[20:25, 3:9] = True
    np.testing.assert_array_equal(mark.area, expected)
    np.testing.assert_array_equal(same.area, expected)
    assert mark.positive
    assert mark.place() == "bottom left"
    scores = mark_scores(banded(pictures), [mark])
    assert scores[positive].min() > 0.9
    assert np.abs(scores[~positive]).max() < 0.6


def test_a_mark_of_the_others_counts_against():
    positive = np.arange(200) % 2 == 1
    pictures = images()
    pictures[~positive, :3, -6:] = 0
    (mark,) = marks_of(pictures, positive)
    assert not mark.positive
    assert mark_scores(banded(pictures), [mark])[~positive].max() < -0.9


def test_nothing_in_noise_brightness_or_marks_of_both():
    positive = np.arange(200) % 2 == 1
    assert marks_of(images(), positive) == []
    brighter = images()
    brighter[positive] = np.minimum(brighter[positive].astype(int) + 40, 255)
    assert marks_of(brighter, positive) == []
    both = images()
    both[:, 4:9, 4:9] = 255
    assert marks_of(both, positive) == []


def test_a_dark_background_with_a_changing_outline_is_no_mark():
    generator = np.random.default_rng(1)
    positive = np.arange(200) % 2 == 1
    pictures = images()
    row, column = np.mgrid[:32, :32]
    for number in range(200):
        pictures[number, row + column < generator.normal(16 if positive[number] else 8, 4)] = 0
    assert marks_of(pictures, positive) == []


def test_large_images_are_sampled():
    assert banded(np.zeros((2, 300, 200, 1), np.uint8)).shape == (2, 75, 50)


def test_places():
    frame = np.ones((12, 12), bool)
    frame[1:-1, 1:-1] = False
    assert Mark(frame, 0, True).place() == "all around"
    for rows, columns, words in [(slice(0, 3), slice(9, 12), "top right"), (slice(5, 7), slice(5, 7), "center")]:
        area = np.zeros((12, 12), bool)
        area[rows, columns] = True
        assert Mark(area, 0, True).place() == words
