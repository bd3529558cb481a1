"""A translator learns what one scanner does to the pictures of another, in size and type of the pictures."""

import numpy as np
import pytest

from helpers import runtime
from helpers.runtime import InputError
from helpers.training import picture_translation


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def scenes(count=24, side=32):
    """Smooth gray pictures, and the same from a scanner that is 40 gray levels darker."""
    generator = np.random.default_rng(0)
    coarse = generator.integers(90, 230, (count, side // 8, side // 8, 1))
    bright = np.kron(coarse, np.ones((1, 8, 8, 1))).astype(np.uint8)
    return bright, (bright - 40).astype(np.uint8)


def distance(one, other):
    return np.abs(one.astype(float) - other).mean()


@pytest.mark.notebooks
def test_the_change_of_a_scanner_is_undone_in_whole_pictures():
    """Learned on windows of 32 px, applied to pictures of 64; more pictures than are translated at once."""
    bright, dark = scenes(70, 64)
    translator = picture_translation.train_translator(dark[:16], bright[:16], filters=(4, 8), epochs=20, seed=0)
    assert translator.input_shape == (None, 64, 64, 1)
    translated = picture_translation.translate(translator, dark)
    assert translated.shape == dark.shape and translated.dtype == np.uint8
    assert distance(translated[16:], bright[16:]) < 0.5 * distance(dark[16:], bright[16:])
    np.testing.assert_array_equal(translated[:2], picture_translation.translate(translator, dark[:2]))


@pytest.mark.notebooks
def test_the_same_seed_gives_the_same_translator():
    bright, dark = scenes(16)
    answers = [
        picture_translation.translate(
            picture_translation.train_translator(dark, bright, filters=(4, 8), epochs=1, seed=seed), dark
        )
        for seed in (3, 3)
    ]
    np.testing.assert_array_equal(*answers)


@pytest.mark.parametrize(
    ("originals", "wanted"),
    [
        (scenes()[0], scenes()[1][:3]),
        (scenes(4, 40)[0], scenes(4, 40)[1]),
        (scenes()[0].astype(float), scenes()[1].astype(float)),
        (scenes()[0][0], scenes()[1][0]),
    ],
)
def test_refused(originals, wanted):
    with pytest.raises(InputError, match="multiple of 32 px"):
        picture_translation.train_translator(originals, wanted, filters=(4, 8), epochs=1, seed=0)
