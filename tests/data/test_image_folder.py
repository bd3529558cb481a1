"""Bring your own images: layouts, groups, pixel types, and everything that can be wrong with a folder."""

from __future__ import annotations

import logging
import re

import numpy as np
import pytest
import tifffile
from PIL import Image

from helpers.data import catalog, decoding
from helpers.data.classes import class_order
from helpers.runtime import InputError

pytestmark = pytest.mark.usefixtures("data_folder")


def refusal(folder, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        catalog.load(folder, **arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


def write_groups(folder, lines):
    (folder / "groups.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def grouped(image_folder, per_class=6, name="images"):
    """Two classes, two images per patient, patients named so that no integer could stand for them."""
    folder = image_folder({"normal": per_class, "tumor": per_class}, name=name)
    lines = ["file,group"]
    for label in ("normal", "tumor"):
        lines += [f"{label}/{label}-{number}.png,{label} patient {number // 2}" for number in range(per_class)]
    write_groups(folder, lines)
    return folder


def test_two_classes_without_groups(image_folder):
    folder = image_folder({"tumor": 10, "normal": 20})
    dataset = catalog.load(str(folder))
    assert dataset.inputs.shape == (30, 64, 64, 1) and dataset.inputs.dtype == np.uint8
    assert dataset.class_names == ("normal", "tumor") and dataset.task == "binary"
    assert dataset.targets.tolist() == [0] * 20 + [1] * 10
    assert not dataset.groups_known and len(set(dataset.groups)) == 30
    assert "groups.csv" in dataset.source.caveats[0]
    for part, count in (("train", 18), ("validation", 6), ("test", 6)):
        assert len(dataset.part(part)) == count


def test_nothing_tells_where_the_images_came_from(image_folder):
    folder = grouped(image_folder, name="saint_elsewhere")
    dataset = catalog.load(folder)
    assert re.fullmatch(r"own-images-[0-9a-f]{8}", dataset.name)
    text = repr([dataset.name, dataset.source, dataset.class_names, dataset.groups, dataset.truth, dataset.sites])
    for secret in (folder.name, folder.parent.name, "patient", "-0.png"):
        assert secret not in text


def test_known_groups_stay_together(image_folder):
    dataset = catalog.load(grouped(image_folder, per_class=20))
    assert dataset.groups_known and dataset.groups.dtype == np.int64 and len(set(dataset.groups)) == 20
    assert all(len(set(dataset.split[dataset.groups == group])) == 1 for group in set(dataset.groups))
    assert "groups.csv" in dataset.source.caveats[0] and dataset.source.group == "group"


def test_the_split_does_not_depend_on_size_or_maximum(image_folder):
    folder = image_folder({"normal": 40, "tumor": 40})
    small, large, few = (
        catalog.load(folder, size=8),
        catalog.load(folder, size=16),
        catalog.load(folder, size=8, maximum=20),
    )
    assert (small.split == large.split).all() and large.inputs.shape[1:] == (16, 16, 1)
    assert len(few) < 30 and set(few.split) == {"train", "validation", "test"}
    rows = few.groups  # without groups.csv, the group is the row
    assert (few.inputs == small.inputs[rows]).all() and (few.split == small.split[rows]).all()


def test_sites_and_semicolons_and_base_names(image_folder):
    folder = image_folder({"benign": 3, "malignant": 3})
    lines = ["\ufefffile;group;site"]
    lines += [
        f"{label}-{number}.png;{label}{number};{'Bern' if number else 'Aarau'}"
        for label in ("benign", "malignant")
        for number in range(3)
    ]
    write_groups(folder, lines)
    dataset = catalog.load(folder)
    assert dataset.sites.tolist() == [0, 1, 1, 0, 1, 1] and dataset.groups.tolist() == [0, 1, 2, 3, 4, 5]


def test_groups_written_007_and_7_are_two_patients(image_folder):
    folder = image_folder({"no": 3, "yes": 4})
    lines = ["file,group"] + [f"no-{n}.png,n{n}" for n in range(3)]
    write_groups(folder, [*lines, "yes-0.png,007", "yes-1.png,7", "yes-2.png,NA", "yes-3.png,x"])
    assert len(set(catalog.load(folder).groups[3:])) == 4


def test_nested_folders_and_upper_case_and_litter(image_folder):
    folder = image_folder({"control": 3, "case": 3})
    nested = folder / "case" / "2024" / "march"
    nested.mkdir(parents=True)
    Image.new("L", (5, 5)).save(nested / "A.PNG")
    for litter in (
        "case/.hidden.png",
        "case/._copy.png",
        "case/notes.txt",
        ".ipynb_checkpoints/x.png",
        "__MACOSX/case/x.png",
    ):
        (folder / litter).parent.mkdir(parents=True, exist_ok=True)
        (folder / litter).write_bytes(b"litter")
    dataset = catalog.load(folder)
    assert dataset.class_names == ("control", "case")
    assert np.bincount(dataset.targets).tolist() == [3, 4]


def test_three_classes_are_multiclass_by_name(image_folder):
    dataset = catalog.load(image_folder({"b": 3, "c": 4, "a": 5}))
    assert dataset.task == "multiclass" and dataset.class_names == ("a", "b", "c")
    assert np.bincount(dataset.targets).tolist() == [5, 3, 4]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("cancer", "Normal"), ("Normal", "cancer")),
        (("abnormal", "normal"), ("normal", "abnormal")),
        (("tumor", "no_tumor"), ("no_tumor", "tumor")),
        (("lung_benign", "lung_malignant"), ("lung_benign", "lung_malignant")),
        (("1", "0"), ("0", "1")),
        (("1_healthy_looking_melanoma", "0_mole"), None),
        (("0_b", "1_a"), ("0_b", "1_a")),
        (("0_tumor", "1_normal"), None),
        (("cats", "dogs"), None),
        (("benign", "normal"), None),
        (("10x", "20x"), None),
    ],
)
def test_which_class_is_the_disease(names, expected):
    if expected is None:
        with pytest.raises(InputError, match="rename"):
            class_order(names)
    else:
        assert class_order(names) == class_order(names[::-1]) == expected


def one_image(image_folder, name, save):
    """A folder in which the first image of class normal is the one that ``save`` writes, read at 16 px."""
    folder = image_folder({"normal": 2, "tumor": 3}, size=(16, 16))
    save(folder / "normal" / f"a{name}")
    return catalog.load(folder, size=16).inputs[0, :, :, 0]


def test_color_turns_gray_by_itu_r_601(image_folder):
    read = one_image(image_folder, "x.png", lambda path: Image.new("RGB", (16, 16), (255, 0, 0)).save(path))
    assert (read == 76).all()  # .299 * 255


def test_transparent_pixels_are_white(image_folder):
    read = one_image(image_folder, "x.png", lambda path: Image.new("RGBA", (16, 16), (0, 0, 0, 0)).save(path))
    assert (read == 255).all()


@pytest.mark.parametrize("suffix", [".bmp", ".jpg", ".jpeg", ".tif", ".tiff", ".png"])
def test_formats(image_folder, suffix):
    read = one_image(image_folder, suffix, lambda path: Image.new("L", (16, 16), 90).save(path))
    assert np.abs(read.astype(int) - 90).max() <= 1


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "LA"])
def test_other_modes(image_folder, mode):
    name = "x.tif" if mode == "CMYK" else "x.png"
    read = one_image(image_folder, name, lambda path: Image.new("L", (16, 16), 255).convert(mode).save(path))
    assert (read == 255).all()


RAMP = np.linspace(0, 1, 16)[None, :].repeat(16, axis=0)


@pytest.mark.parametrize("bits", [16, 12])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_files_are_scaled_by_their_bit_depth(image_folder, suffix, bits):
    values = np.rint(RAMP * (2**bits - 1)).astype(np.uint16)
    read = one_image(image_folder, suffix, lambda path: Image.fromarray(values).save(path))
    assert np.abs(read.astype(float) - RAMP * 255).max() <= 1


def test_sixteen_bit_images_are_scaled_together(image_folder):
    """The darker of two images must stay darker: each by its own maximum would make them equal."""
    folder = image_folder({"normal": 1, "tumor": 3})
    for name, level in (("a", 2000), ("b", 4000)):
        Image.fromarray(np.full((16, 16), level, dtype=np.uint16)).save(folder / "normal" / f"{name}.png")
    read = catalog.load(folder, size=16).inputs
    assert read[0].mean() == pytest.approx(255 * 2000 / 4095, abs=1)
    assert read[1].mean() == pytest.approx(255 * 4000 / 4095, abs=1)


def test_color_tiff_of_sixteen_bit(image_folder):
    pixels = np.zeros((16, 16, 3), dtype=np.uint16)
    pixels[..., 1] = 65535
    read = one_image(image_folder, ".tif", lambda path: tifffile.imwrite(path, pixels, photometric="rgb"))
    assert np.abs(read.astype(int) - 150).max() <= 1  # .587 * 255


def test_odd_sizes_are_padded_with_their_background(image_folder):
    pixels = np.full((37, 11), 200, dtype=np.uint8)
    pixels[10:27, 3:8] = 0
    read = one_image(image_folder, ".png", lambda path: Image.fromarray(pixels).save(path))
    assert read.shape == (16, 16)
    assert (read[:, :4] == 200).all() and (read[:, -4:] == 200).all() and read.min() < 20


def test_rotation_of_phones_is_applied(image_folder):
    def save(path):
        pixels = np.zeros((16, 16), dtype=np.uint8)
        pixels[:8] = 255
        exif = Image.Exif()
        exif[0x0112] = 3  # turned by 180 degrees
        Image.fromarray(pixels).save(path, exif=exif)

    read = one_image(image_folder, ".png", save)
    assert read[:7].max() < 20 and read[9:].min() > 235


def test_folder_that_does_not_exist(tmp_path):
    assert "there is no folder" in refusal(tmp_path / "gone")
    assert "there is no folder" in refusal(str(tmp_path / "gone"))


def test_file_instead_of_a_folder(tmp_path):
    (tmp_path / "x.png").write_bytes(b"")
    assert "is a file" in refusal(tmp_path / "x.png")


def test_empty_folder(tmp_path):
    (tmp_path / "empty" / "normal").mkdir(parents=True)
    assert "no images" in refusal(tmp_path / "empty")
    with pytest.raises(InputError, match="no images"):
        catalog.require(str(tmp_path / "empty"))


def test_images_without_class_folders(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    assert "one subfolder per class" in refusal(tmp_path)


def test_one_class(image_folder):
    assert "only one class folder" in refusal(image_folder({"tumor": 5}))


def test_unclear_disease(image_folder):
    assert "0_cats and 1_dogs" in refusal(image_folder({"cats": 5, "dogs": 5}))


def test_too_few_images_and_too_few_groups(image_folder):
    assert "class tumor has only 2 images" in refusal(image_folder({"normal": 5, "tumor": 2}))
    folder = image_folder({"normal": 4, "tumor": 4}, name="second")
    write_groups(
        folder, ["file,group", *[f"{label}-{n}.png,{label}{n % 2}" for label in ("normal", "tumor") for n in range(4)]]
    )
    assert "class normal has only 2 groups" in refusal(folder)


def test_corrupt_images_are_named_and_counted(image_folder):
    folder = image_folder({"normal": 9, "tumor": 9})
    whole = (folder / "tumor" / "tumor-3.png").read_bytes()
    (folder / "tumor" / "tumor-3.png").write_bytes(whole[: len(whole) // 2])
    assert "1 of 18 images cannot be read: tumor/tumor-3.png (corrupt or truncated)" in refusal(folder)
    for number in (1, 2, 3, 4, 5):
        (folder / "normal" / f"normal-{number}.png").write_bytes(b"no image")
    message = refusal(folder)
    assert "6 of 18" in message and "normal/normal-1.png" in message and "and 3 more" in message
    assert str(folder) not in message and "normal-4" not in message


def test_broken_tiff(image_folder):
    folder = image_folder({"normal": 4, "tumor": 4})
    (folder / "tumor" / "x.tif").write_bytes(b"II*\0garbage")
    assert "tumor/x.tif" in refusal(folder)


def test_pixels_of_unknown_range(image_folder):
    folder = image_folder({"normal": 4, "tumor": 4})
    tifffile.imwrite(folder / "tumor" / "x.tif", np.zeros((8, 8), np.float32))
    assert "floating-point" in refusal(folder)


def test_tiff_of_several_pages(image_folder):
    folder = image_folder({"normal": 4, "tumor": 4})
    tifffile.imwrite(folder / "tumor" / "x.tif", np.zeros((3, 8, 8), np.uint8), photometric="minisblack")
    assert "has 3 pages" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00bad\x99", b"file,patient\na,b\n", b'file,group\n"a,b\n', b"file,group\na,b,c,d\ne,f\n"],
)
def test_unreadable_groups(image_folder, content):
    folder = image_folder({"normal": 4, "tumor": 4})
    (folder / "groups.csv").write_bytes(content)
    assert "groups.csv" in refusal(folder)


def test_images_without_a_group(image_folder):
    folder = grouped(image_folder)
    for number in range(5):
        Image.new("L", (4, 4)).save(folder / "tumor" / f"new-{number}.png")
    message = refusal(folder)
    assert "no group for tumor/new-0.png, tumor/new-1.png, tumor/new-2.png and 2 more" in message


def test_a_base_name_that_two_images_have(image_folder):
    folder = image_folder({"normal": 4, "tumor": 4})
    for label in ("normal", "tumor"):
        Image.new("L", (4, 4)).save(folder / label / "same.png")
    lines = ["file,group"] + [f"{label}-{n}.png,{label}{n}" for label in ("normal", "tumor") for n in range(4)]
    write_groups(folder, [*lines, "same.png,x"])
    assert "2 images are named same.png" in refusal(folder)
    write_groups(folder, [*lines, "normal/same.png,x", "tumor\\same.png,y"])
    assert len(set(catalog.load(folder).groups)) == 10


def test_a_file_with_two_groups(image_folder):
    folder = grouped(image_folder)
    with (folder / "groups.csv").open("a", encoding="utf-8") as table:
        table.write("normal/normal-0.png,somebody else\n")
    assert "two different groups" in refusal(folder)


@pytest.mark.parametrize("size", [-1, 5000])
def test_impossible_sizes(image_folder, size):
    assert "size is" in refusal(image_folder({"normal": 4, "tumor": 4}), size=size)


def test_what_tifffile_logs_about_a_file_names_it_nowhere(tmp_path, monkeypatch):
    """What reaches the root logger lands on stderr, and the stderr of a kernel in a report."""

    def complain(path):
        logging.getLogger("tifffile").warning("%s: shaped series metadata does not match page shape", path)
        return np.zeros((8, 8), np.uint16)

    received, watching = [], logging.Handler()
    monkeypatch.setattr(decoding.tifffile, "imread", complain)
    monkeypatch.setattr(watching, "emit", received.append)
    monkeypatch.setattr(logging.getLogger(), "handlers", [watching])
    path = tmp_path / "Meier_Otto_1950.tif"
    path.write_bytes(b"II*\0 what Pillow does not know")
    decoding.decode(path, 8)
    assert received == []
