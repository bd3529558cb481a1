"""One's own images as a dataset: classes, patients from folders, unreadable files, facts, images of another place."""

from __future__ import annotations

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from helpers.data import catalog
from helpers.data.classes import arrange_classes
from helpers.data.own_images import list_unreadable, read_own_images
from helpers.runtime import InputError

pytestmark = pytest.mark.usefixtures("data_folder")
CAVEAT = "could not be read and"


def refusal(folder, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        catalog.load(folder, size=16, **arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def in_folders(tmp_path, layout: dict[str, int]):
    """``{"normal/anna": 2}``: two images in that folder."""
    folder = tmp_path / "images"
    for place, count in layout.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.new("L", (16, 16), 20 * number).save(folder / place / f"image {number}.png")
    return folder


# Classes


@pytest.mark.parametrize(
    ("names", "disease", "class_names", "order", "targets"),
    [
        (("squamous", "normal", "adeno"), "", ("normal", "disease"), ("normal", "adeno", "squamous"), (0, 1, 1)),
        (("0", "1", "2"), "", ("0", "disease"), ("0", "1", "2"), (0, 1, 1)),
        (("c", "b", "a"), " a ,C", ("b", "disease"), ("b", "a", "c"), (0, 1, 1)),
        (("c", "b", "a"), "b", ("no disease", "b"), ("a", "c", "b"), (0, 0, 1)),
        (("normal", "benign", "cancer"), "cancer", ("no disease", "cancer"), ("benign", "normal", "cancer"), (0, 0, 1)),
        (("cats", "dogs"), "cats", ("dogs", "cats"), ("dogs", "cats"), (0, 1)),
        (("normal", "tumor"), "normal", ("tumor", "normal"), ("tumor", "normal"), (0, 1)),
        (("a", "A", "b"), "A", ("no disease", "A"), ("a", "b", "A"), (0, 0, 1)),
    ],
)
def test_what_counts_as_the_disease(names, disease, class_names, order, targets):
    classes = arrange_classes(names, disease)
    assert (classes.task, classes.class_names, classes.order, classes.targets) == (
        "binary",
        class_names,
        order,
        targets,
    )
    assert classes.subtype_names == (order if len(order) > 2 else ())


@pytest.mark.parametrize("names", [("a", "b", "c"), ("normal", "benign", "cancer")])
def test_without_one_normal_class_more_than_two_stay_classes(names):
    classes = arrange_classes(names)
    assert classes.task == "multiclass" and classes.class_names == tuple(sorted(names)) and not classes.subtype_names


@pytest.mark.parametrize(
    ("disease", "words"),
    [
        ("tumour", "disease names 'tumour', which is none of the classes: they are b, normal, tumor"),
        ("normal,b,tumor", "every class"),
        (",", "names no class"),
        ("b;tumor", "none of the classes"),
    ],
)
def test_a_disease_that_cannot_be_meant(image_folder, disease, words):
    assert words in refusal(image_folder({"normal": 4, "tumor": 4, "b": 4}), disease=disease)


def test_several_diseases_become_one_and_are_remembered(image_folder):
    folder = image_folder({"adeno": 10, "normal": 20, "squamous": 5})
    dataset = catalog.load(folder, size=16)
    assert dataset.task == "binary" and dataset.class_names == ("normal", "disease")
    assert dataset.subtype_names == ("normal", "adeno", "squamous")
    assert np.bincount(dataset.truth["subtype"]).tolist() == [20, 10, 5] and dataset.targets.sum() == 15
    assert (dataset.targets == (dataset.truth["subtype"] > 0)).all()
    for part, counts in (("train", [12, 6, 3]), ("validation", [4, 2, 1]), ("test", [4, 2, 1])):
        assert np.bincount(dataset.part(part).truth["subtype"]).tolist() == counts
    other = catalog.load(folder, size=16, disease="adeno")
    assert other.class_names == ("no disease", "adeno") and other.targets.sum() == 10
    assert other.subtype_names == ("normal", "squamous", "adeno")


def test_a_rare_subtype_is_divided_with_its_side(image_folder):
    dataset = catalog.load(image_folder({"adeno": 9, "normal": 9, "rare": 1}), size=16)
    assert np.bincount(dataset.truth["subtype"]).tolist() == [9, 9, 1]
    assert "class disease has only 2 images" in refusal(image_folder({"a": 1, "normal": 9, "b": 1}, name="other"))


def test_disease_is_for_own_images():
    with pytest.raises(InputError, match="which classes of tissue-phantom are ill is settled"):
        catalog.load("tissue-phantom", maximum=10, disease="tumor")


# Patients


def test_folders_inside_the_class_folders_are_patients(tmp_path):
    layout = {f"normal/n{number}/day 1": 2 for number in range(4)} | {f"tumor/t{number}": 2 for number in range(4)}
    dataset = catalog.load(in_folders(tmp_path, layout | {"normal/both": 1, "tumor/both": 1}), size=16)
    assert dataset.groups_known and dataset.source.group == "patient" and len(set(dataset.groups)) == 9
    assert "names of the folders" in dataset.source.caveats[0]
    both = dataset.groups == 0  # "both" comes first in the alphabet
    assert dataset.targets[both].tolist() == [0, 1] and len(set(dataset.split[both])) == 1


def test_some_images_in_folders_and_some_not(tmp_path):
    layout = {f"normal/n{number}": 2 for number in range(3)} | {"tumor": 4}
    dataset = catalog.load(in_folders(tmp_path, layout), size=16)
    assert not dataset.groups_known and "Only some images" in dataset.source.caveats[0]
    assert len(set(dataset.groups)) == 7
    assert len(set(dataset.groups[dataset.targets == 0])) == 3


def test_a_table_of_groups_comes_before_folders(tmp_path):
    folder = in_folders(tmp_path, {f"{label}/x": 4 for label in ("normal", "tumor")})
    assert "class normal has only 1 patients (a folder inside a class folder counts as one" in refusal(folder)
    names = [f"{label}/x/image {number}.png" for label in ("normal", "tumor") for number in range(4)]
    (folder / "groups.csv").write_text("file,group\n" + "".join(f"{name},{n}\n" for n, name in enumerate(names)))
    dataset = catalog.load(folder, size=16)
    assert len(set(dataset.groups)) == 8 and "groups.csv" in dataset.source.caveats[0]


# What cannot be read


def bomb(path, side) -> None:
    """A valid PNG of so many black pixels that it fits into a few kilobytes and hardly into memory."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    row = zlib.compressobj(9)
    content = b"".join(row.compress(bytes(side // 8 + 1)) for _ in range(side)) + row.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", content) + chunk(b"IEND", b""))


@pytest.fixture
def mixed(image_folder):
    """Images of each class, seven files that cannot be read and a pipe that would be waited for."""
    folder = image_folder({"normal": 20, "tumor": 20}, size=(16, 16))
    (folder / "normal" / "zero.png").write_bytes(b"")
    (folder / "normal" / 'umlaut ä "quote"\nline.jpg').write_bytes(b"no image")
    (folder / "tumor" / "a.dcm").write_bytes(b"x" * 200)
    (folder / "tumor" / "broken link.png").symlink_to(folder / "nowhere.png")
    os.mkfifo(folder / "tumor" / "pipe.png")
    os.mkfifo(folder / "tumor" / "pipe")
    Image.new("L", (4, 4)).save(folder / "tumor" / "pages.tif", save_all=True, append_images=[Image.new("L", (4, 4))])
    bomb(folder / "tumor" / "huge.png", 14_000)
    (folder / "tumor" / "tumor-3.png").write_bytes((folder / "tumor" / "tumor-3.png").read_bytes()[:-40])
    return folder


def test_unreadable_files_are_refused_listed_or_left_out(mixed, data_folder):
    message = refusal(mixed)
    assert message.startswith("8 of 47 images cannot be read: normal/umlaut ä")
    assert "and 5 more" in message and message.endswith("leave them out with --skip-unreadable")
    assert not list(data_folder.rglob("*.npy")) and not list(data_folder.rglob(".part*"))
    listed = dict(list_unreadable(mixed))
    assert (
        len(listed) == 8
        and listed["tumor/pages.tif"].startswith("has 2 pages")
        and "too many" in listed["tumor/huge.png"]
    )
    for _ in range(2):  # decoded, then from the cache
        dataset = catalog.load(mixed, size=16, skip_unreadable=True)
        assert len(dataset) == 39 and np.bincount(dataset.targets).tolist() == [20, 19]
        assert dataset.source.caveats[-1] == (
            "8 of 47 files could not be read and were left out: 3 corrupt, 2 missing, 1 no DICOM, 1 several pages, 1 too many pixels."
        )
        assert (dataset.inputs.reshape(39, -1).std(axis=1) > 0).all()  # none of the empty rows
        assert "umlaut" not in repr(dataset) and "tumor-3" not in repr(dataset)
    assert refusal(mixed) == message  # a cache with gaps is no excuse


def test_the_readable_ones_are_as_without_the_others(mixed, tmp_path):
    left = catalog.load(mixed, size=16, skip_unreadable=True)
    for name in dict(list_unreadable(mixed)):
        (mixed / name).unlink()
    alone = catalog.load(mixed, size=16)
    assert (left.inputs == alone.inputs).all() and (left.targets == alone.targets).all()
    assert not any(CAVEAT in caveat for caveat in alone.source.caveats)


def test_too_little_is_left(image_folder):
    folder = image_folder({"normal": 6, "tumor": 3})
    (folder / "tumor" / "tumor-0.png").write_bytes(b"")
    assert "part holds nothing of class tumor" in refusal(folder, skip_unreadable=True)


# What is known of files, and of other places


def test_facts_of_files(image_folder, write_dicom):
    folder = image_folder({"normal": 3, "tumor": 3}, size=(20, 30))
    Image.fromarray(np.zeros((8, 9), dtype=np.uint16)).save(folder / "normal" / "deep.tif")
    Image.new("1", (7, 5)).save(folder / "normal" / "line.png")
    write_dicom(folder / "tumor" / "x.dcm", np.zeros((2, 6, 4)), 12)
    facts = catalog.load(folder, size=16).file_facts
    assert facts["width"].tolist() == [9, 7, 30, 30, 30, 30, 30, 30, 4, 4]
    assert facts["height"].tolist() == [8, 5, 20, 20, 20, 20, 20, 20, 6, 6]
    assert facts["bit_depth"].tolist() == [16, 1, 8, 8, 8, 8, 8, 8, 12, 12]
    assert facts["format"].tolist() == [3, 1, 1, 1, 1, 1, 1, 1, 5, 5]
    assert facts["bytes"][0] == (folder / "normal" / "deep.tif").stat().st_size


def test_a_numbering_shared_by_all_classes_is_an_order(tmp_path):
    folder = tmp_path / "images"
    for label, numbers in (("normal", (3, 10, 7)), ("tumor", (9, 1, 12))):
        (folder / label).mkdir(parents=True)
        for number in numbers:
            Image.new("L", (4, 4)).save(folder / label / f"IMG {number}.png")
    # sorted by name: 10, 3, 7 and 1, 12, 9
    assert catalog.load(folder, size=4).file_facts["position"].tolist() == [4, 1, 2, 0, 5, 3]
    Image.new("L", (4, 4)).save(folder / "tumor" / "IMG 3.png")  # each class counts for itself: no common order
    assert "position" not in catalog.load(folder, size=4).file_facts


def test_images_of_another_place_are_all_for_testing(image_folder):
    dataset = catalog.load_external(image_folder({"normal": 1, "cancer": 2}), size=16)
    assert dataset.split.tolist() == ["test"] * 3 and dataset.targets.tolist() == [0, 1, 1]
    assert dataset.inputs.shape == (3, 16, 16, 1) and dataset.source.checksum
    with pytest.raises(InputError, match="takes a folder or a table"):
        catalog.load_external("tissue-phantom")


def test_images_that_stay_on_disk_are_the_same(image_folder):
    folder = image_folder({"normal": 12, "tumor": 12})
    loaded, stored = (read_own_images(folder, "x", 16, store_from=start) for start in (2**30, 1))
    assert loaded.source.checksum == stored.source.checksum
    assert isinstance(loaded.inputs, np.ndarray) and not isinstance(stored.inputs, np.ndarray)
    for part in ("train", "validation", "test"):
        assert (loaded.part(part).inputs == np.asarray(stored.part(part).inputs)).all()
    assert (loaded.limit(9).inputs == np.asarray(stored.limit(9).inputs)).all()
    stored.require_images_of_two_classes(cases=1)
