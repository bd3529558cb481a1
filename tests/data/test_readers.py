"""Readers of npz files: layouts, label order, hostile files; the real files where a mirror is set."""

from __future__ import annotations

import io
import pickle
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers.data import catalog
from helpers.data.readers import read, to_gray
from helpers.runtime import InputError


def medmnist_arrays(color: bool = False, classes: int = 2) -> dict[str, np.ndarray]:
    """Arrays of a MedMNIST file: 12, 6 and 6 images of 28 px whose labels run through the classes."""
    generator = np.random.default_rng(1)
    arrays = {}
    for part, count in (("train", 12), ("val", 6), ("test", 6)):
        shape = (count, 28, 28, 3) if color else (count, 28, 28)
        arrays[f"{part}_images"] = generator.integers(0, 256, shape, dtype=np.uint8)
        arrays[f"{part}_labels"] = (np.arange(count) % classes).astype(np.uint8)[:, None]
    return arrays


def packed(arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def put(data_folder, content: bytes) -> None:
    (data_folder / "small_folder").mkdir(parents=True, exist_ok=True)
    (data_folder / "small_folder" / "small.npz").write_bytes(content)


def refusal(small, data_folder, content: bytes) -> str:
    """The one line that a file with the right checksum but the wrong content is answered with."""
    small(content)
    put(data_folder, content)
    with pytest.raises(InputError) as caught:
        catalog.load("small")
    message = str(caught.value)
    assert "\n" not in message and "`medlab fetch small`" in message and "small.npz" in message
    return message


def test_inverted_labels_and_official_split(small, data_folder):
    arrays = medmnist_arrays()
    content = packed(arrays)
    small(content)
    put(data_folder, content)
    dataset = catalog.load("small")
    source_labels = np.concatenate([arrays[f"{part}_labels"][:, 0] for part in ("train", "val", "test")])
    assert (dataset.targets == 1 - source_labels).all() and dataset.targets.dtype == np.int64
    assert dataset.split.tolist() == ["train"] * 12 + ["validation"] * 6 + ["test"] * 6
    assert dataset.inputs.shape == (24, 28, 28, 1) and dataset.inputs.dtype == np.uint8
    assert (dataset.inputs[12:18, :, :, 0] == arrays["val_images"]).all()
    assert not dataset.groups_known and len(set(dataset.groups)) == 24 and dataset.sites is None
    assert dataset.source.checksum.startswith("sha256:")


def test_limit_keeps_parts(small, data_folder):
    content = packed(medmnist_arrays())
    small(content)
    put(data_folder, content)
    assert set(catalog.load("small", maximum=12).split) == {"train", "validation", "test"}
    with pytest.raises(InputError, match="maximum is 0"):
        catalog.load("small", maximum=0)


def path_mnist(name, data_folder):
    """A generated file in the place and layout of PathMNIST, and the entry without the checksum of the real one."""
    arrays = medmnist_arrays(color=True, classes=9)
    entry = catalog.describe(name)
    (path,) = entry.paths()
    path.parent.mkdir(parents=True)
    path.write_bytes(packed(arrays))
    return replace(entry, files=(replace(entry.files[0], md5=""),)), arrays


def test_pathmnist_of_nine_tissues_turns_gray(data_folder):
    entry, arrays = path_mnist("pathmnist", data_folder)
    dataset = read(entry)
    assert dataset.task == "multiclass" and len(dataset.class_names) == 9
    assert dataset.targets[:12].tolist() == (np.arange(12) % 9).tolist()
    expected = np.asarray(Image.fromarray(arrays["train_images"][5]).convert("L"))
    assert (dataset.inputs[5, :, :, 0] == expected).all()
    assert dataset.sites.tolist() == [0] * 18 + [1] * 6  # the test set comes from another center


def test_pathmnist_tumor_keeps_two_tissues(data_folder):
    entry, arrays = path_mnist("pathmnist-tumor", data_folder)
    dataset = read(entry)
    assert dataset.task == "binary" and dataset.class_names[1] == "colorectal adenocarcinoma epithelium"
    # labels run 0..8: training has images 6 (label 6) and 8 (label 8); validation and test stop at label 5
    assert dataset.targets.tolist() == [0, 1]
    expected = np.asarray(Image.fromarray(arrays["train_images"][8]).convert("L"))
    assert (dataset.inputs[1, :, :, 0] == expected).all()


def test_gray_is_pillows_luma():
    colors = np.random.default_rng(0).integers(0, 256, (5, 6, 7, 3), dtype=np.uint8)
    expected = np.stack([np.asarray(Image.fromarray(color).convert("L")) for color in colors])
    assert (to_gray(colors)[..., 0] == expected).all()


def test_missing_file_names_the_command(small, data_folder):
    small(packed(medmnist_arrays()))
    for action in (catalog.load, catalog.require):
        with pytest.raises(InputError, match="`medlab fetch small`"):
            action("small")


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:-100], lambda content: content[:500] + b"x" + content[501:], lambda content: b""],
)
def test_truncated_or_changed_files_are_refused_by_checksum(small, data_folder, damage):
    content = packed(medmnist_arrays())
    small(content)
    put(data_folder, damage(content))
    with pytest.raises(InputError, match=r"truncated or changed .*`medlab fetch small`"):
        catalog.load("small")


def test_truncated_file_without_a_checksum(data_folder):
    """What was built here has no published checksum; the archive itself must then give it away."""
    entry, _ = path_mnist("pathmnist", data_folder)
    (path,) = entry.paths()
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="not a readable npz file"):
        read(entry)


def test_damaged_array_without_a_checksum(data_folder):
    entry, _ = path_mnist("pathmnist", data_folder)
    (path,) = entry.paths()
    content = bytearray(path.read_bytes())
    content[2000:2100] = bytes(100)
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="not a readable npz file"):
        read(entry)


def test_pickled_arrays_are_never_opened(small, data_folder):
    arrays = medmnist_arrays() | {"train_labels": np.array([{"a": 1}] * 12, dtype=object)[:, None]}
    assert "pickled objects" in refusal(small, data_folder, packed(arrays))


def test_a_pickle_instead_of_an_archive(small, data_folder):
    assert "pickled objects" in refusal(small, data_folder, pickle.dumps({"train_images": [1]}))


def test_one_array_instead_of_an_archive(small, data_folder):
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    assert "not an archive" in refusal(small, data_folder, buffer.getvalue())


def test_a_web_page_instead_of_an_archive(small, data_folder):
    refusal(small, data_folder, b"<html>please sign in</html>")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("val_images", None, "val_images missing"),
        ("train_images", np.zeros((12, 28, 28), np.float32), "not uint8"),
        ("train_images", np.zeros((12, 28), np.uint8), "shape"),
        ("train_images", np.zeros((12, 28, 28, 4), np.uint8), "shape"),
        ("test_images", np.zeros((6, 32, 32), np.uint8), "different shapes"),
        ("train_labels", np.zeros((11, 1), np.uint8), "train_labels has shape"),
        ("train_labels", np.zeros((12, 1), np.float64), "train_labels is float64"),
    ],
)
def test_other_layouts_are_refused(small, data_folder, key, value, words):
    arrays = medmnist_arrays()
    arrays.pop(key)
    if value is not None:
        arrays[key] = value
    assert words in refusal(small, data_folder, packed(arrays))


def test_wisconsin_malignant_is_one():
    dataset = catalog.load("wisconsin")
    assert dataset.inputs.shape == (569, 30) and len(dataset.feature_names) == 30
    assert int(dataset.targets.sum()) == 212  # malignant, as documented by its authors
    assert dataset.class_names == ("benign", "malignant") and not dataset.source.synthetic
    radius = dataset.inputs[:, 0]
    assert radius[dataset.targets == 1].mean() > radius[dataset.targets == 0].mean()  # tumors have larger nuclei
    assert {part: round(float(np.mean(dataset.split == part)), 1) for part in ("train", "validation", "test")} == {
        "train": 0.6,
        "validation": 0.2,
        "test": 0.2,
    }


@pytest.mark.parametrize("name", ["breastmnist", "pneumoniamnist"])
def test_real_medmnist_has_the_official_counts(real_data, name):
    dataset = real_data(name)
    for part, counts in catalog.describe(name).parts.items():
        assert np.bincount(dataset.part(part).targets).tolist() == list(counts)
    assert dataset.inputs.shape[1:] == (28, 28, 1)
    # Positives of the test sets as published: malignant in 42 of 156, pneumonia in 390 of 624.
    assert int(dataset.part("test").targets.sum()) == {"breastmnist": 42, "pneumoniamnist": 390}[name]


def test_real_lc25000_is_split_by_tile(real_data):
    dataset = real_data("lc25000-lung")
    assert dataset.inputs.shape == (15000, 64, 64, 1) and dataset.groups_known
    assert np.bincount(dataset.targets).tolist() == [5000, 10000]
    assert np.bincount(dataset.truth["subtype"]).tolist() == [5000, 5000, 5000]
    tiles = {part: set(dataset.part(part).groups.tolist()) for part in ("train", "validation", "test")}
    assert sum(len(part) for part in tiles.values()) == 740 == len(set.union(*tiles.values()))
    for part, share in (("train", 0.6), ("validation", 0.2), ("test", 0.2)):
        counts = np.bincount(dataset.part(part).truth["subtype"], minlength=3)
        assert np.abs(counts / 5000 - share).max() < 0.01
    assert dataset.inputs[dataset.targets == 0].mean() > dataset.inputs[dataset.targets == 1].mean()  # air is bright


def test_real_lc25000_opens_quickly(real_data):
    real_data("lc25000-lung")
    start = time.perf_counter()
    real_data("lc25000-lung")
    assert time.perf_counter() - start < 10
