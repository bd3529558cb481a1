"""Bring your own images as a folder: ``folder/class_name/*.png``, or ``folder/class_name/patient/*.png``."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from helpers.data.image_groups import read_groups
from helpers.data.listing import DICOM_SUFFIXES, SUFFIXES, Listing, enumerate_words, is_image, one_line, visible
from helpers.runtime import InputError


def list_folder(folder: Path) -> Listing:
    """The image files below the class folders; hidden files and folders are skipped. Decodes nothing.

    Groups come from ``groups.csv`` at the top where there is one. Else, where files lie in subfolders of the class
    folders, the name of the first subfolder is the patient's, and the same name under two classes is one patient.

    Raises:
        InputError: no such folder, no images in it, fewer than two class folders with images, or bad ``groups.csv``.
    """
    if not folder.exists():
        raise InputError(f"there is no folder {str(folder)!r}: give a folder with one subfolder of images per class")
    if not folder.is_dir():
        raise InputError(
            f"{str(folder)!r} is a file: give a folder with one subfolder of images per class, or a table (.csv) with "
            "the columns path,label"
        )
    classes: dict[str, list[str]] = {}
    try:
        for subfolder in sorted(path for path in folder.iterdir() if path.is_dir() and visible(path.name)):
            names = _images_below(subfolder)
            if names:
                classes[subfolder.name] = [f"{subfolder.name}/{name}" for name in names]
        loose = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and visible(path.name)]
    except PermissionError as error:
        raise InputError(f"no permission to read the folder {str(folder)!r}") from error
    _require_classes(folder, classes, len(loose))
    class_names = tuple(classes)
    labels = np.repeat(np.arange(len(class_names)), [len(classes[label]) for label in class_names])
    names = [name for label in class_names for name in classes.pop(label)]
    table = read_groups(folder, names)
    positions = _shared_numbering(names)
    if table is not None:
        return Listing(folder, names, class_names, labels, table.groups, "groups.csv", table.sites, positions)
    groups, grouping = _patients_from_folders(names)
    return Listing(folder, names, class_names, labels, groups, grouping, None, positions)


def _require_classes(folder: Path, classes: dict[str, list[str]], loose: int) -> None:
    if not classes and loose:
        raise InputError(
            f"{loose} images lie directly in the folder: "
            "put them into one subfolder per class, such as normal/ and tumor/"
        )
    if not classes:
        kinds = ", ".join(suffix.removeprefix(".") for suffix in (*SUFFIXES, *DICOM_SUFFIXES))
        raise InputError(f"no images in {str(folder)!r}: give a folder with one subfolder per class ({kinds})")
    if len(classes) == 1:
        only = one_line(next(iter(classes)))
        raise InputError(f"only one class folder holds images ({only}): a comparison needs at least two")


def _images_below(folder: Path) -> list[str]:
    """Names of the image files at any depth, relative to ``folder``, sorted."""

    def refuse(error: OSError) -> None:
        name = one_line(Path(error.filename).name)
        raise InputError(f"folder {name} cannot be read ({error.strerror}): give it the right to be read")

    found = []
    for current, subfolders, names in os.walk(folder, onerror=refuse):
        subfolders[:] = [name for name in subfolders if visible(name)]
        place = Path(current)
        inside = place.relative_to(folder).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        found.extend(prefix + name for name in names if visible(name) and is_image(place / name))
    return sorted(found)


def _patients_from_folders(names: list[str]) -> tuple[np.ndarray | None, str]:
    """Groups by the first folder below the class folder; a file without one is a group of its own.

    Where only some files lie in subfolders, the others may belong to the same patients: that counts as not known.
    """
    folders = [parts[1] if len(parts := name.split("/", 2)) == 3 else "" for name in names]
    loose = folders.count("")
    if loose == len(names):
        return None, "none"
    # "/" cannot stand in the name of a folder, so no file can fall into a patient's group by accident.
    words = [folder or f"/{number}" for number, folder in enumerate(folders)]
    return enumerate_words(words)[1], "some folders" if loose else "folders"


def _shared_numbering(names: list[str]) -> np.ndarray | None:
    """Places by the last number in the file names, where one numbering runs through all classes; else None.

    The order of the listing is no fact about a file: it goes by class. A number that comes twice means that something
    (each class, each patient) was counted by itself.
    """
    place_of: dict[int, int] = {}
    for place, name in enumerate(names):
        found = re.findall(r"[0-9]+", name.rsplit("/", 1)[-1].rsplit(".", 1)[0])
        if not found or place_of.setdefault(int(found[-1]), place) != place:
            return None
    positions = np.empty(len(names), dtype=np.int64)
    positions[[place_of[number] for number in sorted(place_of)]] = np.arange(len(names))
    return positions
