"""The builder of LC25000's array file on a small generated tree of the published layout."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers.data import download, lc25000
from helpers.data.catalog import describe
from helpers.data.lc25000 import Expected, build_lc25000
from helpers.data.readers import read
from helpers.runtime import InputError

CLASSES = ("lung_n", "lung_aca", "lung_scc")
COPIES, TILES = 2, 4


def tile_of(number):
    """Copies of a tile are not neighbors in the published numbering."""
    return number % TILES


@pytest.fixture
def tree(tmp_path):
    """``archive/lung_image_sets/lung_n/lungn1.jpeg`` and so on, with gray levels of class and tile, and tables."""
    folder = tmp_path / "archive"
    for subtype, name in enumerate(CLASSES):
        images, tables = folder / "lung_image_sets" / name, folder / "annotations" / name / "UNI"
        images.mkdir(parents=True)
        tables.mkdir(parents=True)
        lines = ["cluster_label,img_path"]
        for number in range(1, COPIES * TILES + 1):
            file = f"{name.replace('_', '')}{number}.jpeg"
            Image.new("RGB", (96, 96), (50 * subtype + 10 * tile_of(number),) * 3).save(images / file, quality=95)
            lines.append(f"{tile_of(number)},./LC25000/{name}/{file}")
        (tables / "final_clusters.csv").write_text("\n".join(sorted(lines[1:] + lines[:1], reverse=True)) + "\n")
    return folder


EXPECTED = Expected(dict.fromkeys(CLASSES, COPIES * TILES), dict.fromkeys(CLASSES, TILES))


def table(tree, name):
    return tree / "annotations" / name / "UNI" / "final_clusters.csv"


def test_build_and_read(tree, data_folder):
    entry = describe("lc25000-lung-built")
    (target,) = entry.paths()
    assert build_lc25000(tree, target, EXPECTED) == target
    with np.load(target) as arrays:
        assert arrays["images"].shape == (24, 64, 64) and arrays["images"].dtype == np.uint8
        assert arrays["label"].tolist() == [0] * 8 + [1] * 16
        assert arrays["subtype"].tolist() == [0] * 8 + [1] * 8 + [2] * 8
        assert arrays["file_number"].tolist() == list(range(1, 9)) * 3
        assert arrays["tile_id"].tolist() == [TILES * subtype + tile_of(n) for subtype in range(3) for n in range(1, 9)]
        levels = arrays["images"].mean(axis=(1, 2))
        expected_levels = [50 * subtype + 10 * tile_of(n) for subtype in range(3) for n in range(1, 9)]
        assert np.abs(levels - expected_levels).max() < 2
    dataset = read(entry)
    assert dataset.name == "lc25000-lung-built" and dataset.groups_known
    for part in ("train", "validation", "test"):
        assert set(dataset.part(part).truth["subtype"]) == {0, 1, 2}
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_published_tiles_are_compared(tree, tmp_path):
    tile_id = np.array([TILES * subtype + tile_of(n) for subtype in range(3) for n in range(1, 9)], dtype="<i2")
    digest = hashlib.sha256(tile_id.tobytes()).hexdigest()
    build_lc25000(tree, tmp_path / "good.npz", replace(EXPECTED, tiles_sha256=digest))
    path = table(tree, "lung_scc")
    text = path.read_text()
    path.write_text(text.replace("0,./LC25000/lung_scc/lungscc4.jpeg", "1,./LC25000/lung_scc/lungscc4.jpeg"))
    assert path.read_text() != text
    with pytest.raises(InputError, match="do not hold the published tiles"):
        build_lc25000(tree, tmp_path / "bad.npz", replace(EXPECTED, tiles_sha256=digest))
    assert not (tmp_path / "bad.npz").exists()


def remove_image(tree):
    (tree / "lung_image_sets" / "lung_aca" / "lungaca3.jpeg").unlink()


def remove_class(tree):
    for path in (tree / "lung_image_sets" / "lung_scc").iterdir():
        path.unlink()


def remove_table(tree):
    table(tree, "lung_n").unlink()


def remove_row(tree):
    path = table(tree, "lung_n")
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "lungn5.jpeg" not in line))


def repeat_row(tree):
    path = table(tree, "lung_n")
    path.write_text(path.read_text() + "3,./LC25000/lung_n/lungn5.jpeg\n")


def merge_tiles(tree):
    path = table(tree, "lung_n")
    path.write_text(path.read_text().replace("\n3,", "\n2,"))


def spoil_table(tree):
    table(tree, "lung_n").write_text("<html>404</html>")


def spoil_image(tree):
    (tree / "lung_image_sets" / "lung_n" / "lungn2.jpeg").write_bytes(b"no image")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (remove_image, "lung_aca has 7 images, expected 8"),
        (remove_class, "no images lungscc1.jpeg"),
        (remove_table, "0 tables final_clusters.csv for lung_n"),
        (remove_row, "no tile for 1 images, first lungn5.jpeg"),
        (repeat_row, "lists image 5 twice"),
        (merge_tiles, "lung_n has 3 tiles, expected 4"),
        (spoil_table, "cannot be read"),
        (spoil_image, "lung_n/lungn2.jpeg"),
    ],
)
def test_incomplete_material_is_refused(tree, tmp_path, damage, words):
    damage(tree)
    with pytest.raises(InputError) as caught:
        build_lc25000(tree, tmp_path / "out" / "x.npz", EXPECTED)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_fetch_without_the_images_says_where_they_are(data_folder):
    with pytest.raises(InputError, match="lc25000_source/ of the data folder"):
        download.fetch("lc25000-lung-built")


def test_fetch_builds_from_a_mirror_and_fetches_tables(tree, data_folder, monkeypatch):
    """Tables come from their public address when they do not lie beside the images; a mirror is never written to."""
    mirror = tree.parent / "mirror"
    mirror.mkdir()
    (tree / "lung_image_sets").rename(mirror / "lc25000_source")
    monkeypatch.setenv("MEDLAB_MIRROR", str(mirror))
    monkeypatch.setattr(Expected, "of", classmethod(lambda cls, entry: EXPECTED))

    def from_tree(address, temporary, label, progress):
        (name,) = (name for name in CLASSES if f"/{name}/" in address)
        temporary.write_bytes(table(tree, name).read_bytes())

    monkeypatch.setattr(lc25000, "stream", from_tree)
    before = sorted(mirror.rglob("*"))
    (path,) = download.fetch("lc25000-lung-built")
    assert path.parent == data_folder / "lc25000_lung" and np.load(path)["images"].shape == (24, 64, 64)
    assert sorted(mirror.rglob("*")) == before
    written = path.stat().st_mtime_ns
    assert download.fetch("lc25000-lung-built")[0].stat().st_mtime_ns == written
    whole = path.read_bytes()
    path.write_bytes(whole[:-50])
    assert download.fetch("lc25000-lung-built")[0].read_bytes() == whole


def test_published_counts_are_those_of_the_catalog():
    expected = Expected.of(describe("lc25000-lung-built"))
    assert sum(expected.images.values()) == 15000 and sum(expected.tiles.values()) == 740


def test_tiles_of_the_mirrored_file_have_the_published_digest(real_data):
    dataset = real_data("lc25000-lung")
    digest = hashlib.sha256(dataset.groups.astype("<i2").tobytes()).hexdigest()
    assert digest == Expected.of(describe("lc25000-lung-built")).tiles_sha256
