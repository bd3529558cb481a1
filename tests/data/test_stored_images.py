"""Images on disk behave as the array they stand for, and read no more than they are asked for."""

from __future__ import annotations

import gc
import os

import numpy as np
import pytest

from helpers.data import stored_images
from helpers.data.dataset import Dataset, Source
from helpers.data.preparation import Normalization, resize
from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError


@pytest.fixture
def array():
    return np.random.default_rng(0).integers(0, 256, (50, 6, 5, 1), dtype=np.uint8)


@pytest.fixture
def stored(array, tmp_path):
    np.save(tmp_path / "images.npy", array)
    return StoredImages(tmp_path / "images.npy")


@pytest.fixture
def bytes_read(monkeypatch):
    """Bytes read from files of images so far, in a list of one number per read."""
    reads = []
    original = stored_images._File._read_into

    def read_into(self, piece, number):
        reads.append(piece.nbytes)
        return original(self, piece, number)

    monkeypatch.setattr(stored_images._File, "_read_into", read_into)
    return reads


MASK = np.arange(50) % 3 == 1
KEYS = [
    7,
    -1,
    np.int64(49),
    slice(10, 20),
    slice(None, None, 7),
    slice(40, 4, -3),
    slice(60, 70),
    [3, 3, 49, 0],
    np.array([], dtype=int),
    np.array([-1, 5]),
    MASK,
    (slice(5, 9), slice(None), slice(None), 0),
    (3, 2, 1, 0),
    (MASK, slice(2, 4)),
    Ellipsis,
]


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_indexing_is_that_of_the_array(array, stored, key):
    order = np.random.default_rng(2).permutation(50)
    for ours, theirs in ((stored, array), (stored.select(order), array[order])):
        found = ours[key]
        assert isinstance(found, (np.ndarray, np.uint8)) and np.shape(found) == theirs[key].shape
        np.testing.assert_array_equal(found, theirs[key])


@pytest.mark.parametrize("key", [50, -51])
def test_outside_is_an_error(stored, key):
    with pytest.raises(IndexError):
        stored[key]


def test_it_looks_like_the_array(array, stored):
    assert (stored.shape, stored.dtype, stored.ndim, stored.size, stored.nbytes, len(stored)) == (
        array.shape, array.dtype, array.ndim, array.size, array.nbytes, len(array),
    )  # fmt: skip
    np.testing.assert_array_equal(np.asarray(stored), array)
    np.testing.assert_array_equal(np.asarray(stored, dtype=float), array.astype(float))
    np.testing.assert_array_equal(np.stack(list(stored)), array)
    np.testing.assert_array_equal(np.concatenate(list(stored.blocks(7))), array)
    assert [len(block) for block in stored.blocks(20)] == [20, 20, 10]


def test_selections_of_selections(array, stored):
    first = np.random.default_rng(1).permutation(50)[:30]
    second = np.arange(30) % 2 == 0
    chosen = stored.select(first).select(second).select(slice(2, None))
    np.testing.assert_array_equal(np.asarray(chosen), array[first][second][2:])
    np.testing.assert_array_equal(np.asarray(stored), array)  # the one selected from is as before


def test_only_what_is_asked_for_is_read(stored, bytes_read):
    part = stored.select(MASK).map(lambda block: block.astype(np.float32), dtype=np.float32)
    assert (part.shape, part.dtype, part.nbytes) == ((17, 6, 5, 1), np.float32, 17 * 30 * 4)
    assert bytes_read == []
    assert stored[10:20].shape == (10, 6, 5, 1)
    assert bytes_read == [300]  # neighbors in one piece
    bytes_read.clear()
    assert stored[[4, 30, 5, 6, 31]].shape == (5, 6, 5, 1)
    assert sorted(bytes_read) == [60, 90]


def test_steps_are_applied_in_their_order(array, stored):
    prepared = (
        stored.map(lambda block: block // 2).select(MASK).map(lambda block: block + np.float32(0.5), None, np.float32)
    )
    np.testing.assert_array_equal(np.asarray(prepared), array[MASK] // 2 + np.float32(0.5))
    np.testing.assert_array_equal(prepared.stored([0]), array[MASK][:1])


def test_preparation_of_images_on_disk_gives_the_same(array, stored):
    assert Normalization.fit(stored) == Normalization.fit(array)
    normalization = Normalization.fit(array)
    prepared, expected = normalization.apply(resize(stored, 4)), normalization.apply(resize(array, 4))
    assert (prepared.shape, prepared.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(np.asarray(prepared), expected)
    assert isinstance(prepared, StoredImages)
    for summary in ("min", "max", "mean", "std"):
        for ours, theirs in ((stored, array), (prepared, expected.astype(float))):
            assert getattr(ours, summary)() == pytest.approx(getattr(theirs, summary)(), abs=1e-6)


def test_a_dataset_selects_without_reading(array, stored, bytes_read):
    split = np.array(["train", "validation", "test", "train", "train"] * 10)
    arguments = (np.arange(50) % 2, "binary", np.arange(50) // 5, True, split, Source("", "", ""))
    dataset, same = (Dataset("x", inputs, *arguments) for inputs in (stored, array))
    part = dataset.part("train").limit(10)
    assert bytes_read == [] and dataset.overview().equals(same.overview())
    np.testing.assert_array_equal(np.asarray(part.inputs), same.part("train").limit(10).inputs)


def test_an_open_file_outlives_its_name(array, stored, tmp_path):
    (tmp_path / "images.npy").unlink()
    np.save(tmp_path / "images.npy", array * 0)
    np.testing.assert_array_equal(stored[:], array)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files where the system lists them")
def test_the_file_is_closed_with_its_last_selection(array, tmp_path):
    np.save(tmp_path / "images.npy", array)
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    part = StoredImages(tmp_path / "images.npy").select(MASK)
    assert len(os.listdir("/proc/self/fd")) == before + 1 and part[0].shape == (6, 5, 1)
    del part
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    "content",
    [np.zeros((3, 4)), np.zeros((3, 4, 4, 1)), np.zeros((3, 4, 4, 3), np.uint8), np.zeros(()), b"", b"\x93NUMPY"],
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "other.npy"
    path.write_bytes(content) if isinstance(content, bytes) else np.save(path, content)
    with pytest.raises(InputError, match="broken"):
        StoredImages(path)
