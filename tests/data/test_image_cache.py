"""The cache of decoded images: used when nothing changed, made again when anything did, never an error."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from helpers.data import catalog, image_cache, images, own_images

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture
def decoded(monkeypatch):
    """Paths that were decoded since the last look."""
    paths = []
    original = images.decode

    def decode(path, *arguments):
        paths.append(path)
        return original(path, *arguments)

    monkeypatch.setattr(images, "decode", decode)

    def look() -> int:
        count = len(paths)
        paths.clear()
        return count

    return look


def files_of(data_folder):
    (folder,) = (data_folder / "own-images").iterdir()
    return {path.name: path for path in folder.iterdir()}


def test_the_second_time_nothing_is_decoded(image_folder, data_folder, decoded):
    folder = image_folder({"normal": 5, "tumor": 5})
    first = catalog.load(folder)
    assert decoded() == 10
    second = catalog.load(folder)
    assert decoded() == 0
    assert (first.inputs == second.inputs).all() and first.source == second.source
    assert all((first.file_facts[name] == second.file_facts[name]).all() for name in first.file_facts)
    assert sorted(files_of(data_folder)) == ["facts.npz", "images.npy", "index.json"]
    second.inputs[:] = 0  # what a caller does to an array stays there
    assert (catalog.load(folder).inputs == first.inputs).all()


def test_every_way_of_reading_has_its_own(image_folder, data_folder, decoded):
    folder = image_folder({"normal": 10, "tumor": 10})
    for arguments in ({"size": 8}, {"size": 16}, {"size": 8, "maximum": 10}):
        catalog.load(folder, **arguments)
    assert decoded() == 50
    few = catalog.load(folder, size=8, maximum=10)
    assert decoded() == 0 and len(few) == 10
    catalog.load(folder, size=8, cache=False)
    assert decoded() == 20
    assert len(list((data_folder / "own-images").iterdir())) == 3


def test_a_change_of_any_file_is_seen(image_folder, data_folder, decoded):
    folder = image_folder({"normal": 5, "tumor": 5})
    catalog.load(folder, size=16)
    decoded()
    target = folder / "normal" / "normal-2.png"

    def same_size_other_pixels():
        status = target.stat()
        target.write_bytes(target.read_bytes())
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns + 1))

    changes = (
        same_size_other_pixels,
        lambda: Image.new("L", (30, 30), 9).save(target),
        lambda: target.rename(target.with_name("renamed.png")),
        lambda: shutil.copy(folder / "tumor" / "tumor-1.png", folder / "tumor" / "more.png"),
        lambda: (folder / "tumor" / "more.png").unlink(),
    )
    for change, count in zip(changes, (10, 10, 10, 11, 10), strict=True):
        change()
        catalog.load(folder, size=16)
        assert decoded() == count, change
    assert len(list((data_folder / "own-images").iterdir())) == 1


def test_other_groups_choose_other_files(image_folder, decoded):
    folder = image_folder({"normal": 12, "tumor": 12})
    first = catalog.load(folder, size=16, maximum=12)
    rows = [f"{label}-{n}.png,{label}{n % 3}" for label in ("normal", "tumor") for n in range(12)]
    (folder / "groups.csv").write_text("\n".join(["file,group", *rows]))
    decoded()
    second = catalog.load(folder, size=16, maximum=12)
    assert decoded() == len(second) and len(second) != len(first)
    whole = catalog.load(folder, size=16, cache=False)
    assert (second.inputs == whole.inputs[np.isin(whole.groups, second.groups)]).all()


def spoil_pixels(files):
    content = bytearray(files["images.npy"].read_bytes())
    content[-100] ^= 1
    files["images.npy"].write_bytes(content)


def spoil_index(**changes):
    def spoil(files):
        index = json.loads(files["index.json"].read_text()) | changes
        files["index.json"].write_text(json.dumps(index))

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_pixels,
        lambda files: files["images.npy"].write_bytes(files["images.npy"].read_bytes()[:-1]),
        lambda files: files["images.npy"].write_bytes(b""),
        lambda files: files["images.npy"].unlink(),
        lambda files: np.save(files["images.npy"], np.zeros(3)),
        lambda files: files["facts.npz"].write_bytes(b"no archive"),
        lambda files: files["facts.npz"].unlink(),
        lambda files: files["index.json"].write_text("{"),
        lambda files: files["index.json"].write_text("[]"),
        lambda files: files["index.json"].write_bytes(b"\xff\xfe"),
        spoil_index(version=0),
        spoil_index(chosen=""),
        spoil_index(problems=[[1]]),
        spoil_index(images_sha256=""),
    ],
)
def test_a_broken_cache_is_made_again_silently(image_folder, data_folder, decoded, capfd, spoil):
    folder = image_folder({"normal": 4, "tumor": 4})
    first = catalog.load(folder, size=16)
    spoil(files_of(data_folder))
    decoded()
    again = catalog.load(folder, size=16)
    assert decoded() == 8 and (again.inputs == first.inputs).all()
    catalog.load(folder, size=16)
    assert decoded() == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("store_from", [0, 2**30])
def test_a_data_folder_that_cannot_be_written_is_no_error(image_folder, tmp_path, monkeypatch, store_from):
    monkeypatch.setenv("MEDLAB_DATA", "/dev/null/closed")  # nobody can write below a file, root included
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    folder = image_folder({"normal": 4, "tumor": 4})
    dataset = own_images.read_own_images(folder, "x", 16, store_from=store_from)
    assert np.asarray(dataset.inputs).std() > 0
    assert not list((tmp_path / "temporary").iterdir())


def test_a_failed_rename_is_no_error(image_folder, data_folder, monkeypatch):
    (data_folder / "own-images").mkdir(parents=True)
    folder = image_folder({"normal": 4, "tumor": 4})
    place = image_cache.cache_folder(folder, 16, None)
    (place / "images.npy").mkdir(parents=True)  # in the way
    assert len(catalog.load(folder, size=16)) == 8
    assert [path.name for path in place.iterdir()] == ["images.npy"]


def test_two_at_once(image_folder, data_folder):
    folder = image_folder({"normal": 30, "tumor": 30})
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(lambda _: catalog.load(folder, size=16), range(8)))
    assert all((dataset.inputs == loaded[0].inputs).all() for dataset in loaded)
    assert sorted(files_of(data_folder)) == ["facts.npz", "images.npy", "index.json"]


def test_what_a_killed_process_left_is_removed_when_it_is_old(image_folder, data_folder):
    folder = image_folder({"normal": 4, "tumor": 4})
    place = image_cache.cache_folder(folder, 16, None)
    for name, age in ((".part-old", 2 * image_cache.STALE_SECONDS), (".part-young", 0)):
        (place / name).mkdir(parents=True)
        (place / name / "images.npy").write_bytes(b"half")
        changed = (place / name).stat().st_mtime - age
        os.utime(place / name, (changed, changed))
    catalog.load(folder, size=16)
    assert sorted(path.name for path in place.glob(".part-*")) == [".part-young"]


def test_only_so_many_results_wait():
    """Files are decoded little ahead of what was taken, however many there are."""
    started, taken = [], 0
    for result in images.iterate_files(lambda number: started.append(number) or number, range(60), False, 10):
        assert result == taken and len(started) <= taken + 10
        taken += 1
    assert taken == 60
