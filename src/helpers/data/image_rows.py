"""The rows of a dataset of one's own images before any is decoded: classes, groups, sites, one row per frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from helpers.data.classes import Classes, arrange_classes
from helpers.data.dataset import Dataset, Source
from helpers.data.image_cache import Stored, cache_folder, file_sizes_and_fingerprint, open_cache
from helpers.data.image_folder import list_folder
from helpers.data.image_table import SUFFIX, list_table
from helpers.data.images import iterate_files
from helpers.data.listing import Listing, is_dicom, one_line
from helpers.data.splitting import MINIMUM_GROUPS
from helpers.runtime import InputError

LARGEST_SIZE = 4096
NO_GROUPS = (
    "No patients are given (groups.csv, a column group, or a folder per patient): every file counts as a group of its "
    "own; if patients have several files, they stand on both sides of the split and every figure here is too good."
)
# Where groups come from: what a group is called, whether that is known, and what it leaves open.
GROUPINGS = {
    "none": ("image", False, NO_GROUPS),
    "groups.csv": ("group", True, "Which images belong together is taken from groups.csv and was not checked."),
    "column": ("group", True, "Which images belong together is taken from the table's column group, unchecked."),
    "folders": (
        "patient",
        True,
        "Patients are taken from the names of the folders inside the class folders: a patient whose images lie in "
        "folders of different names stands on both sides of the split.",
    ),
    "some folders": (
        "patient",
        False,
        "Only some images lie in a folder inside their class folder, which counts as their patient; every other image "
        "counts as a patient of its own.",
    ),
}


@dataclass(frozen=True)
class Rows:
    """A source before decoding.

    Attributes:
        listing: its files in the order of the targets.
        dataset: everything but the images; ``inputs`` are the numbers of the rows.
        strata: (rows,) what the split is stratified by.
        frames: (files,) rows of each file.
        sizes: (files,) bytes.
        fingerprint: of all files, see :func:`helpers.data.image_cache.file_sizes_and_fingerprint`.
        stored: the cache of these files, if there is one.
    """

    listing: Listing
    dataset: Dataset
    strata: np.ndarray
    frames: np.ndarray
    sizes: np.ndarray
    fingerprint: str
    stored: Stored | None


def list_images(source: Path) -> Listing:
    """The files of a folder or of a table (.csv), with classes and groups. Decodes nothing.

    Raises:
        InputError: there is no such source, it holds no two classes of images, or its tables are wrong.
    """
    return list_table(source) if source.suffix.lower() == SUFFIX and not source.is_dir() else list_folder(source)


def list_rows(source: Path, name: str, size: int, maximum: int | None, disease: str, cache: bool) -> Rows:
    """List a source and settle its classes and groups; the split of the dataset is not drawn yet, all rows are test.

    Args:
        source, name, size, maximum, disease, cache: as for :func:`helpers.data.own_images.read_own_images`.

    Raises:
        InputError: an impossible size, or what :func:`list_images` and :func:`arrange_classes` refuse.
    """
    if not 1 <= size <= LARGEST_SIZE:
        raise InputError(f"size is {size}: images are read at 1 to {LARGEST_SIZE} pixels")
    listing = list_images(source)
    classes = arrange_classes(listing.class_names, disease)
    listing = _in_order(listing, classes)
    sizes, fingerprint = file_sizes_and_fingerprint(listing)
    stored = open_cache(cache_folder(source, size, maximum), fingerprint) if cache else None
    frames = stored.frames if stored else count_frames(listing, progress=False)
    number = np.repeat(np.arange(len(listing.names)), frames)
    subtypes = listing.labels[number]
    groups = np.arange(len(listing.names)) if listing.groups is None else listing.groups
    word, known, caveat = GROUPINGS[listing.grouping]
    dataset = Dataset(
        name=name,
        inputs=np.arange(len(number)),
        targets=np.asarray(classes.targets, dtype=np.int64)[subtypes],
        task=classes.task,
        groups=groups[number].astype(np.int64),
        groups_known=known,
        split=np.full(len(number), "test", dtype="<U10"),
        source=Source(
            title="Own images",
            licence="not stated",
            citation="not stated",
            group="file" if listing.grouping == "none" and len(number) > len(frames) else word,
            caveats=(caveat,),
        ),
        class_names=classes.class_names,
        subtype_names=classes.subtype_names,
        sites=None if listing.sites is None else listing.sites[number],
        truth={"subtype": subtypes} if classes.subtype_names else {},
    )
    return Rows(listing, dataset, _strata(dataset, subtypes), frames, sizes, fingerprint, stored)


def _in_order(listing: Listing, classes: Classes) -> Listing:
    """The listing with its files in the order of the classes, and labels that are numbers in that order."""
    place = np.array([classes.order.index(name) for name in listing.class_names], dtype=np.int64)
    labels = place[listing.labels]
    order = np.argsort(labels, kind="stable")

    def pick(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[order]

    return replace(
        listing,
        names=[listing.names[number] for number in order],
        class_names=classes.order,
        labels=labels[order],
        groups=pick(listing.groups),
        sites=pick(listing.sites),
        positions=pick(listing.positions),
    )


def count_frames(listing: Listing, progress: bool) -> np.ndarray:
    """(files,) int64 images in each file: only DICOM files may hold several, and their headers say how many."""
    frames = np.ones(len(listing.names), dtype=np.int64)
    numbers = [number for number in range(len(listing.names)) if is_dicom(listing.path(number))]
    if numbers:
        from helpers.data import dicom

        counts = iterate_files(lambda number: dicom.count_frames(listing.path(number)), numbers, progress, 4096)
        frames[numbers] = list(counts)
    return frames


def _strata(dataset: Dataset, subtypes: np.ndarray) -> np.ndarray:
    """What the split is stratified by: the source's classes; one of too few groups goes with the largest of its side."""
    strata = subtypes.copy()
    if not dataset.subtype_names:
        return strata
    counts = {label: len(np.unique(dataset.groups[subtypes == label])) for label in np.unique(subtypes).tolist()}
    for label, count in counts.items():
        if count < MINIMUM_GROUPS:
            target = dataset.targets[subtypes == label][0]
            side = np.unique(subtypes[dataset.targets == target]).tolist()
            strata[subtypes == label] = max(side, key=lambda other: (counts[other], -other))
    return strata


def require_enough_groups(rows: Rows) -> None:
    """Refuse rows that cannot be divided into three parts.

    Raises:
        InputError: a class of the dataset comes from fewer than three groups.
    """
    dataset, grouping = rows.dataset, rows.listing.grouping
    unit = "images" if grouping == "none" else f"{dataset.source.group}s"
    for target, class_name in enumerate(dataset.class_names):
        count = len(np.unique(dataset.groups[dataset.targets == target]))
        if count < MINIMUM_GROUPS:
            folders = " (a folder inside a class folder counts as one; groups.csv decides otherwise)"
            raise InputError(
                f"class {one_line(class_name)} has only {count} {unit}{folders if 'folders' in grouping else ''}: "
                f"training, validation and test need at least {MINIMUM_GROUPS} of each class"
            )
