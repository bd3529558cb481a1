"""Bring your own images: ``folder/class_name/*.png``, and ``groups.csv`` where several images share a patient."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.image_groups import GROUPS_FILE, read_groups
from helpers.data.images import read_images
from helpers.data.readers import arrays_checksum
from helpers.data.splitting import MINIMUM_GROUPS, group_split
from helpers.runtime import InputError

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
NORMAL_WORDS = frozenset({"normal", "benign", "healthy", "negative", "control", "no", "non", "none", "0"})
SPLIT_SEED = 2024  # a constant: the same folder is always divided the same way, whatever the seed of a run
LARGEST_SIZE = 4096
NO_GROUPS = (
    f"No {GROUPS_FILE}: every image counts as a group of its own; if patients have several images, they stand on both "
    "sides of the split and every figure here is too good."
)


def read_image_folder(folder: Path, name: str, size: int, maximum: int | None = None, progress: bool = True) -> Dataset:
    """Read a folder of images as a dataset; of all names only those of the class folders are kept.

    Args:
        folder: one subfolder per class, images at any depth below; optional ``groups.csv`` at the top.
        name: of the dataset, see :func:`helpers.data.catalog.variant_name`.
        size: pixels of the squares that images of any size become.
        maximum: decode only about this many images, whole groups; the split is drawn before, on all of them.
        progress: show a bar on stderr for more than 500 images.

    Returns:
        inputs (n, size, size, 1) uint8; binary with two classes (1 is the disease), else multiclass sorted by name.

    Raises:
        InputError: no images, one class, unclear which is the disease, unreadable images or groups, too few groups.
    """
    if not 1 <= size <= LARGEST_SIZE:
        raise InputError(f"size is {size}: images are read at 1 to {LARGEST_SIZE} pixels")
    classes = list_classes(folder)
    class_names = class_order(tuple(classes))
    files = [path for label in class_names for path in classes[label]]
    targets = np.repeat(np.arange(len(class_names)), [len(classes[label]) for label in class_names])
    table = read_groups(folder, files)
    groups = np.arange(len(files)) if table is None else table.groups
    _require_enough_groups(class_names, targets, groups, "groups" if table else "images")
    # The row numbers stand in for the images until it is known which of them are kept: only those are decoded.
    dataset = Dataset(
        name=name,
        inputs=np.arange(len(files)),
        targets=targets.astype(np.int64),
        task="binary" if len(class_names) == 2 else "multiclass",
        groups=groups.astype(np.int64),
        groups_known=table is not None,
        split=group_split(groups, targets, SPLIT_SEED),
        source=Source(
            title="Own images",
            licence="not stated",
            citation="not stated",
            group="image" if table is None else "group",
            caveats=(NO_GROUPS,) if table is None else (),
        ),
        class_names=class_names,
        sites=None if table is None else table.sites,
    )
    if maximum is not None:
        dataset = dataset.limit(maximum)
    images = read_images([files[row] for row in dataset.inputs], folder, size, progress)
    checksum = arrays_checksum(images, dataset.targets, dataset.groups)
    return replace(dataset, inputs=images, source=replace(dataset.source, checksum=checksum))


def list_classes(folder: Path) -> dict[str, list[Path]]:
    """The image files of each class, sorted by path; hidden files and folders are skipped. Opens nothing.

    Raises:
        InputError: no such folder, no images in it, or fewer than two class folders with images.
    """
    if not folder.exists():
        raise InputError(f"there is no folder {str(folder)!r}: give a folder with one subfolder of images per class")
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file: give a folder with one subfolder of images per class")
    classes = {}
    try:
        for subfolder in sorted(path for path in folder.iterdir() if path.is_dir() and _visible(path.name)):
            files = _images_below(subfolder)
            if files:
                classes[subfolder.name] = files
        loose = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and _visible(path.name)]
    except PermissionError as error:
        raise InputError(f"no permission to read the folder {str(folder)!r}") from error
    if not classes and loose:
        raise InputError(
            f"{len(loose)} images lie directly in the folder: "
            "put them into one subfolder per class, such as normal/ and tumor/"
        )
    if not classes:
        kinds = ", ".join(suffix.removeprefix(".") for suffix in SUFFIXES)
        raise InputError(f"no images in {str(folder)!r}: give a folder with one subfolder per class ({kinds})")
    if len(classes) == 1:
        raise InputError(f"only one class folder holds images ({next(iter(classes))}): a comparison needs at least two")
    return classes


def class_order(class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Class folders in the order of their targets: of two, the disease is the second.

    Two folders are ordered by a leading 0 and 1, else by the one that has a known word for normal in its name.

    Raises:
        InputError: it is unclear which of two folders is the disease.
    """
    if len(class_names) != 2:
        return tuple(sorted(class_names))
    first, second = sorted(class_names)
    known = sorted(NORMAL_WORDS - {"0"})
    if _leading_digit(first) == "0" and _leading_digit(second) == "1":
        if _is_normal(second[1:]) and not _is_normal(first[1:]):
            raise InputError(f"the folders {first} and {second} contradict themselves: 1 is the disease; rename them")
        return first, second
    normal = [name for name in (first, second) if _is_normal(name)]
    if len(normal) != 1:
        raise InputError(
            f"unclear which of {first} and {second} is the disease: rename the folders to 0_{first} and 1_{second} "
            f"(1 is the disease), or give the normal one a name with one of the words {', '.join(known)}"
        )
    return (first, second) if normal[0] == first else (second, first)


def _is_normal(name: str) -> bool:
    return not NORMAL_WORDS.isdisjoint(re.split(r"[^0-9a-z]+", name.casefold()))


def _leading_digit(name: str) -> str:
    """``0`` or ``1`` where it stands alone at the front (``0``, ``0_x``, ``1-y``, ``0x``), not as part of a number."""
    match = re.match(r"([01])(?![0-9])", name)
    return match.group(1) if match else ""


def _images_below(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise InputError(
            f"folder {Path(error.filename).name} cannot be read ({error.strerror}): give it the right to be read"
        )

    found = []
    for current, subfolders, names in os.walk(folder, onerror=refuse):
        subfolders[:] = [name for name in subfolders if _visible(name)]
        found.extend(Path(current) / name for name in names if _visible(name) and Path(name).suffix.lower() in SUFFIXES)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _visible(name: str) -> bool:
    """False for what file managers and archives leave behind (.DS_Store, ._copy.png, __MACOSX)."""
    return not name.startswith(".") and name != "__MACOSX"


def _require_enough_groups(class_names: tuple[str, ...], targets: np.ndarray, groups: np.ndarray, unit: str) -> None:
    for target, label in enumerate(class_names):
        count = len(np.unique(groups[targets == target]))
        if count < MINIMUM_GROUPS:
            raise InputError(
                f"class {label} has only {count} {unit}: "
                f"training, validation and test need at least {MINIMUM_GROUPS} of each class"
            )
