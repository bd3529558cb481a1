"""One's own images as a dataset: a folder with a subfolder per class, or a table with a path and a label per image."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.data.dataset import PARTS, Dataset
from helpers.data.image_cache import (
    IMAGES,
    Stored,
    cache_folder,
    keep,
    numbers_digest,
    workplace,
)
from helpers.data.image_rows import Rows, count_frames, list_images, list_rows, require_enough_groups
from helpers.data.images import FACTS, decode, decode_into, iterate_files, unreadable_line
from helpers.data.listing import Listing, one_line
from helpers.data.readers import arrays_checksum, digest_array
from helpers.data.splitting import group_split
from helpers.data.stored_images import StoredImages
from helpers.data.unreadable import UnreadableError
from helpers.runtime import InputError

SPLIT_SEED = 2024  # a constant: the same images are always divided the same way, whatever the seed of a run
# From a gigabyte on images stay on disk: normalized they take four times as much, beside copies for the parts.
STORED_FROM_BYTES = 2**30


def read_own_images(
    source: Path,
    name: str,
    size: int,
    maximum: int | None = None,
    skip_unreadable: bool = False,
    disease: str = "",
    cache: bool = True,
    progress: bool = True,
    store_from: int = STORED_FROM_BYTES,
) -> Dataset:
    """Read images as a dataset, divided by group; of all names only those of the classes are kept.

    Args:
        source: a folder with one subfolder per class, or a table with the columns ``path,label`` (and ``group,site``).
        name: of the dataset, see :func:`helpers.data.catalog.variant_name`.
        size: pixels of the squares that images of any size become.
        maximum: decode only about this many images, whole groups; the split is drawn before, on all of them.
        skip_unreadable: leave out files that cannot be read; the dataset's caveats count them.
        disease: classes that count as 1, separated by commas; empty to go by the names.
        cache: keep decoded images in the data folder, and use them when no file has changed.
        progress: show a bar on stderr for more than 500 files.
        store_from: bytes from which on the inputs stay on disk (:class:`~helpers.data.stored_images.StoredImages`).

    Returns:
        inputs (n, size, size, 1) uint8, one per frame of a file; ``truth["subtype"]`` and ``subtype_names`` where
        several classes of the source became one.

    Raises:
        InputError: no images, one class, unclear which is the disease, unreadable images or groups, too few groups.
    """
    rows = list_rows(source, name, size, maximum, disease, cache)
    require_enough_groups(rows)
    split = group_split(rows.dataset.groups, rows.strata, SPLIT_SEED)
    dataset = replace(rows.dataset, split=split)
    if maximum is not None:
        dataset = dataset.limit(maximum)
    folder = cache_folder(source, size, maximum) if cache else None
    dataset = _with_images(rows, dataset, folder, size, skip_unreadable, progress, store_from)
    for label, class_name in enumerate(dataset.class_names):
        for part in PARTS:
            if skip_unreadable and not (dataset.split[dataset.targets == label] == part).any():
                raise InputError(
                    f"without the unreadable files the {part} part holds nothing of class {one_line(class_name)}: "
                    "repair them or add images"
                )
    return dataset


def read_external_images(
    source: Path,
    name: str,
    size: int,
    skip_unreadable: bool = False,
    disease: str = "",
    cache: bool = True,
    progress: bool = True,
    store_from: int = STORED_FROM_BYTES,
) -> Dataset:
    """Read images of another place to test on: as :func:`read_own_images`, but all of them are the test part.

    Nothing is divided, so one group per class is enough, and not every kind of disease has to be there.
    """
    there = {class_name.casefold() for class_name in list_images(source).class_names}
    found = [word for word in disease.split(",") if word.strip().casefold() in there]
    disease = ",".join(found) or disease
    rows = list_rows(source, name, size, None, disease, cache)
    folder = cache_folder(source, size, None) if cache else None
    return _with_images(rows, rows.dataset, folder, size, skip_unreadable, progress, store_from)


def list_unreadable(source: Path, size: int = 8, progress: bool = True) -> list[tuple[str, str]]:
    """Name and reason of every file that cannot be read, for a person to repair; never for a report."""
    listing = list_images(source)
    frames = count_frames(listing, progress)

    def work(number: int) -> None:
        decode(listing.path(number), size, int(frames[number]))

    results = iterate_files(work, range(len(listing.names)), progress, len(listing.names))
    return [
        (listing.names[number], str(result))
        for number, result in enumerate(results)
        if isinstance(result, UnreadableError)
    ]


def _with_images(
    rows: Rows, dataset: Dataset, folder: Path | None, size: int, skip: bool, progress: bool, store_from: int
) -> Dataset:
    """The dataset with images in place of row numbers: from the cache, or decoded (and then kept)."""
    listing, frames = rows.listing, rows.frames
    number = np.repeat(np.arange(len(frames)), frames)[dataset.inputs]
    chosen = np.unique(number)  # whole files: the frames of one file are in one group
    stored = rows.stored
    content = _verified(stored, store_from) if stored and stored.chosen == numbers_digest(chosen) else None
    decoding = stored.decoding if content else None
    if content is None:
        with workplace(folder) as (place, keeps):
            files = _Paths(listing, chosen)
            decoding = decode_into(place / IMAGES, files, frames[chosen], size, progress)
            if not skip:
                _refuse_unreadable(listing, chosen, decoding.problems)
            content = _read(StoredImages(place / IMAGES), store_from)
            if keeps:
                sha256 = content[1].hexdigest()
                keep(place, folder, rows.fingerprint, frames, numbers_digest(chosen), decoding, sha256)
    images, digest = content
    if not skip:
        _refuse_unreadable(listing, chosen, decoding.problems)
    place_of = np.searchsorted(chosen, number)
    facts = {name: decoding.facts[:, column].astype(np.int32)[place_of] for column, name in enumerate(FACTS)}
    facts["bytes"] = rows.sizes[number]
    if listing.positions is not None:
        facts["position"] = listing.positions[number]
    dataset = replace(dataset, inputs=images, file_facts=facts)
    if decoding.problems:
        bad = np.isin(place_of, [place for place, _, _ in decoding.problems])
        dataset = dataset.select(~bad)
        checksum = arrays_checksum(dataset.inputs, dataset.targets, dataset.groups)
        caveats = (*dataset.source.caveats, _left_out(decoding.problems, len(chosen)))
    else:
        digest_array(digest, dataset.targets)
        digest_array(digest, dataset.groups)
        checksum, caveats = f"sha256:{digest.hexdigest()}", dataset.source.caveats
    return replace(dataset, source=replace(dataset.source, checksum=checksum, caveats=caveats))


def _read(stored: StoredImages, store_from: int):
    """The images, in memory where they are few, and a digest that has taken them in."""
    images = stored if stored.nbytes >= store_from else np.asarray(stored)
    digest = hashlib.sha256()
    digest_array(digest, images)
    return images, digest


def _verified(stored: Stored, store_from: int):
    """As :func:`_read`, or None when the images are not those that the index speaks of."""
    try:
        content = _read(stored.images, store_from)
    except (OSError, InputError):
        return None
    return content if content[1].hexdigest() == stored.sha256 else None


def _refuse_unreadable(listing: Listing, chosen: np.ndarray, problems: Sequence[tuple[int, str, str]]) -> None:
    if problems:
        bad = [(listing.names[chosen[place]], why) for place, why, _ in problems]
        raise InputError(
            f"{unreadable_line(bad, len(chosen))}; repair or remove them, or leave them out with --skip-unreadable"
        )


def _left_out(problems: Sequence[tuple[int, str, str]], total: int) -> str:
    kinds = Counter(kind for _, _, kind in problems)
    reasons = ", ".join(
        f"{count:,} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    )
    verb = "was" if len(problems) == 1 else "were"
    return f"{len(problems):,} of {total:,} files could not be read and {verb} left out: {reasons}."


class _Paths(Sequence):
    """Paths of the chosen files of a listing, made when they are asked for."""

    def __init__(self, listing: Listing, chosen: np.ndarray) -> None:
        self._listing, self._chosen = listing, chosen

    def __len__(self) -> int:
        return len(self._chosen)

    def __getitem__(self, place: int) -> Path:
        return self._listing.path(self._chosen[place])
