"""Copies planted among images whose history is known; what is no copy must not be linked."""

from __future__ import annotations

import io
import os
import time

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, rotate

from helpers.data import catalog, download
from helpers.evaluation.copies import Copies, find_copies
from helpers.evaluation.copy_features import ORDERS, central_squares, contrast, copy_features
from helpers.runtime import InputError


def textures(count, side, seed, waves=1.5):
    """(count, side, side) uint8 of independent smooth noise: no two have anything in common."""
    noise = np.random.default_rng(seed).normal(size=(count, side, side))
    smooth = np.stack([gaussian_filter(image, waves, mode="wrap") for image in noise])
    return as_gray(128 + 40 * smooth / smooth.std(axis=(1, 2), keepdims=True))


def as_gray(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def turned(angle, fill):
    def turn(image):
        value = {"reflect": 0, "black": 0, "white": 255}[fill]
        mode = "reflect" if fill == "reflect" else "constant"
        return as_gray(rotate(image.astype(float), angle, reshape=False, order=3, mode=mode, cval=value))

    return turn


def turned_and_cropped(angle):
    """As augmentation does: what the rotation leaves blank is cut off and the rest enlarged to the old size."""

    def turn(image):
        side = len(image)
        inner = side / (np.sin(np.deg2rad(angle)) + np.cos(np.deg2rad(angle)))
        picture = Image.fromarray(image).rotate(angle, Image.Resampling.BICUBIC, expand=True)
        left, top = (picture.width - inner) / 2, (picture.height - inner) / 2
        box = (left, top, left + inner, top + inner)
        return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC, box=box))

    return turn


def resized(image):
    side = len(image)
    small = Image.fromarray(image).resize((round(0.7 * side),) * 2, Image.Resampling.BILINEAR)
    return np.asarray(small.resize((side, side), Image.Resampling.BICUBIC))


def reencoded(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=60)
    return np.asarray(Image.open(file))


CHANGES = {
    "flipped left to right": np.fliplr,
    "flipped upside down": np.flipud,
    "turned by 90": np.rot90,
    "turned by 180": lambda image: np.rot90(image, 2),
    "turned by 270": lambda image: np.rot90(image, 3),
    "turned by 7, reflected": turned(7, "reflect"),
    "turned by 23, black": turned(23, "black"),
    "turned by 40, white": turned(40, "white"),
    "turned by 7, cropped": turned_and_cropped(7),
    "turned by 23, cropped": turned_and_cropped(23),
    "turned by 40, cropped": turned_and_cropped(40),
    "flipped, turned, cropped": lambda image: turned_and_cropped(31)(np.fliplr(image)),
    "resized": resized,
    "reencoded": reencoded,
    "brighter": lambda image: as_gray(1.1 * image),
    "less contrast": lambda image: as_gray(0.9 * (image - image.mean()) + image.mean()),
}


def plant(images, changes):
    """One copy of each image, changed by each of ``changes`` in turn; the pairs found, and the pairs that are right."""
    copies = np.stack([changes[row % len(changes)](image) for row, image in enumerate(images)])
    result = find_copies(np.concatenate([images, copies])[..., None])
    right = [(row, len(images) + row) for row in range(len(images))]
    return set(map(tuple, result.pairs.tolist())), right


@pytest.fixture(scope="module")
def planted():
    """Every kind of change on 20 textures of 28 pixels and 6 phantom tiles of 64."""
    kinds = list(CHANGES.values())
    tiles = catalog.load("tissue-phantom", maximum=6 * len(kinds)).inputs[..., 0]
    return {"textures": plant(textures(20 * len(kinds), 28, seed=1), kinds), "tiles": plant(tiles, kinds)}


@pytest.mark.parametrize("images", ["textures", "tiles"])
@pytest.mark.parametrize("change", CHANGES)
def test_planted_copies_are_found(planted, images, change):
    pairs, right = planted[images]
    of_this_change = right[list(CHANGES).index(change) :: len(CHANGES)]
    assert np.mean([pair in pairs for pair in of_this_change]) >= 0.95


@pytest.mark.parametrize("images", ["textures", "tiles"])
def test_nothing_but_copies_is_found(planted, images):
    pairs, right = planted[images]
    assert pairs <= set(right)


def test_what_all_images_share_does_not_count():
    """A common picture makes any two images correlate by more than .9; it is taken out before they are compared."""
    common, own = textures(1, 28, seed=2, waves=4)[0], textures(200, 28, seed=3)
    images = as_gray(common + 0.2 * (own - 128.0))
    correlation = np.corrcoef(images.reshape(len(images), -1))[np.triu_indices(len(images), 1)]
    assert np.median(correlation) > 0.9
    pairs, right = plant(images, [turned(23, "reflect")])
    assert pairs <= set(right) and len(pairs) >= 0.95 * len(right)


def chests(count, seed):
    """(count, 28, 28) uint8: two dark lungs of slightly different place, size and shade, a spine, little detail."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:28, :28] / 28 - 0.5
    images = 190 + 30 * np.exp(-((x / 0.06) ** 2)) + 0.15 * (textures(count, 28, seed + 1) - 128.0)
    for side in (-1, 1):
        place, size = generator.normal(0, 0.02, (2, count, 1, 1)), generator.normal(1, 0.1, (2, count, 1, 1))
        distance = np.hypot((x - side * 0.22 - place[0]) / (0.13 * size[0]), (y - place[1]) / (0.3 * size[1]))
        images -= generator.uniform(70, 100, (count, 1, 1)) / (1 + np.exp(8 * (distance - 1)))
    return as_gray(images)


@pytest.mark.parametrize("seed", [20, 30])
def test_the_threshold_rises_where_patients_look_alike(seed):
    images = chests(400, seed)
    alone = find_copies(images[..., None])
    assert not len(alone.pairs)
    assert alone.threshold > find_copies(textures(100, 64, seed=22)[..., None]).threshold + 0.1
    pairs, right = plant(images, [np.fliplr, np.rot90])
    assert pairs == set(right)


def test_a_quarter_turn_multiplies_each_order_by_a_phase_and_a_flip_conjugates():
    images = textures(30, 32, seed=4)
    turned_images, flipped = np.rot90(images, axes=(1, 2)), images[:, ::-1]
    squares = central_squares(np.concatenate([images, turned_images, flipped]))
    features = copy_features(squares)
    plain, quarter, mirrored = np.split(features.coefficients, 3, axis=1)
    assert quarter == pytest.approx(plain * 1j**features.orders, abs=1e-4)
    assert mirrored == pytest.approx(plain.conj(), abs=1e-4)
    assert np.linalg.norm(features.coefficients, axis=2) == pytest.approx(1, abs=1e-5)
    assert set(features.orders) <= set(range(ORDERS))


def test_squares_are_averages_of_the_center():
    images = np.zeros((1, 96, 120), dtype=np.uint8)
    images[0, :, 12:60] = 100
    squares = central_squares(images)
    assert squares.shape == (1, 48, 48)
    assert squares[0, :, :24] == pytest.approx(100) and squares[0, :, 24:] == pytest.approx(0)
    assert contrast(squares) == pytest.approx(50)
    assert central_squares(np.full((1, 9, 7), 30, dtype=np.uint8)) == pytest.approx(30, abs=1e-3)


def test_exact_copies_hang_on_the_first_one():
    images = textures(12, 32, seed=5)[[0, 1, 2, 1, 3, 1, 0, *range(4, 12)]]
    result = find_copies(images[..., None])
    assert result.pairs.tolist() == [[0, 6], [1, 3], [1, 5]]
    assert result.exact.all() and (result.similarity == 1).all()
    families = result.families(len(images))
    assert families[1] == families[3] == families[5] and families[0] == families[6]
    assert len(np.unique(families)) == 12


def test_an_exact_copy_does_not_hide_a_turned_one():
    images = textures(40, 32, seed=6)
    images = np.concatenate([images, np.repeat(images[:1], 20, axis=0), np.rot90(images[:1], axes=(1, 2))])
    families = find_copies(images[..., None]).families(len(images))
    assert set(np.flatnonzero(families == families[0])) == {0, *range(40, 61)}


def test_families_join_chains_and_leave_others_alone():
    result = Copies(np.array([[0, 4], [2, 4], [3, 5]]), np.zeros(3, dtype=bool), np.ones(3), 0.5)
    families = result.families(7)
    assert families[0] == families[4] == families[2] and families[3] == families[5]
    assert len(np.unique(families)) == 4 and families.dtype == np.int64


def test_flat_images_are_copies_only_when_equal():
    levels = np.arange(20, 60, 2)
    constant = np.broadcast_to(levels[:, None, None], (20, 32, 32)).astype(np.uint8)
    grainy = as_gray(100 + np.random.default_rng(8).normal(0, 0.4, size=(20, 32, 32)))
    images = np.concatenate([constant, constant[3:4], grainy, textures(30, 32, seed=9)])
    result = find_copies(images[..., None])
    assert result.pairs.tolist() == [[3, 20]] and result.exact.tolist() == [True]


def test_images_that_show_little_are_not_linked_by_chance():
    """Shaded blank tiles among tissue: any two gradients are alike at some angle."""
    generator = np.random.default_rng(10)
    y, x = np.mgrid[:64, :64] / 64 - 0.5
    angle, steepness = generator.uniform(0, 2 * np.pi, (30, 1, 1)), generator.uniform(20, 60, (30, 1, 1))
    shaded = 180 + steepness * (x * np.cos(angle) + y * np.sin(angle)) + generator.normal(0, 2, (30, 64, 64))
    images = np.concatenate([textures(150, 64, seed=11), as_gray(shaded)])
    assert not len(find_copies(images[..., None]).pairs)


def test_images_that_differ_outside_the_disc_do_not_make_every_pair_a_candidate():
    images = np.repeat(textures(1, 32, seed=12), 1000, axis=0)
    images[:, 0, 0], images[:, 0, 31] = np.divmod(np.arange(1000), 32)
    result = find_copies(images[..., None])
    assert len(result.pairs) <= 8 * 1000
    assert set(result.pairs.ravel().tolist()) == set(range(1000))


def test_oblong_images():
    pairs, right = plant(textures(60, 64, seed=13)[:, 10:50], [np.fliplr])
    assert pairs == set(right)


def test_the_order_of_the_images_does_not_matter():
    images = textures(100, 28, seed=14)
    images = np.concatenate([images, np.stack([turned_and_cropped(15)(image) for image in images[:30]])])
    order = np.random.default_rng(15).permutation(len(images))
    pairs = set(map(tuple, find_copies(images[..., None]).pairs.tolist()))
    shuffled = find_copies(images[order][..., None]).pairs
    assert {tuple(sorted(pair)) for pair in order[shuffled].tolist()} == pairs
    assert len(pairs) == 30


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images(count):
    images = textures(2, 28, seed=16)[:count, ..., None]
    result = find_copies(images)
    assert result.pairs.shape == (0, 2) and result.pairs.dtype == np.int64
    assert result.families(count).tolist() == list(range(count))


@pytest.mark.parametrize("change", ["flipped left to right", "reencoded", "turned by 40, cropped"])
def test_an_image_and_its_copy_alone(change):
    image = textures(1, 28, seed=17)[0]
    result = find_copies(np.stack([image, CHANGES[change](image)])[..., None])
    assert result.pairs.tolist() == [[0, 1]] and not result.exact[0]
    assert 0.9 < result.similarity[0] <= 1


def test_tiny_images_are_compared_exactly():
    images = np.random.default_rng(18).integers(0, 256, (20, 4, 4, 1), dtype=np.uint8)
    images = np.concatenate([images, images[:1], images[1:2, ::-1]])
    assert find_copies(images).pairs.tolist() == [[0, 20]]


def test_bad_input():
    with pytest.raises(InputError, match="uint8"):
        find_copies(np.zeros((3, 28, 28, 1)))
    with pytest.raises(InputError, match="shape"):
        find_copies(np.zeros((3, 28, 28), dtype=np.uint8))
    with pytest.raises(InputError, match="gray"):
        find_copies(np.zeros((3, 28, 28, 3), dtype=np.uint8))
    with pytest.raises(InputError, match="neighbors"):
        find_copies(np.zeros((3, 28, 28, 1), dtype=np.uint8), neighbors=0)


@pytest.mark.notebooks
def test_augmented_copies_of_published_tiles(tmp_path, monkeypatch):
    """lc25000-lung without its table of tiles: what augmentation made of one tile is brought together again."""
    if not os.environ.get("MEDLAB_MIRROR"):
        pytest.skip("MEDLAB_MIRROR is not set: real data are not tested")
    monkeypatch.setenv("MEDLAB_DATA", str(tmp_path))
    download.fetch("lc25000-lung", progress=False)
    dataset = catalog.load("lc25000-lung")
    start = time.process_time()
    result = find_copies(dataset.inputs)
    assert time.process_time() - start < 120
    tile = dataset.groups[result.pairs]
    same = tile[:, 0] == tile[:, 1]
    assert same.mean() >= 0.99
    assert len(np.unique(result.pairs[same])) >= 0.9 * len(dataset.inputs)
