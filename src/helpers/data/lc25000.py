"""Build the array file of LC25000's lung half from the published images and the published tables of source tiles.

LC25000 (Borkowski et al. 2019, arXiv:1912.12142) holds about 20 turned copies of each photographed tile, without saying
which belong together. LC25000-clean (Batchkala, Li, Rittscher, DEMI 2024, doi:10.1007/978-3-031-73748-0_2) published
that as ``final_clusters.csv``: columns ``cluster_label`` and ``img_path``, one table per class.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data.catalog.entries import Entry, describe
from helpers.data.decoding import decode_gray
from helpers.data.download import mirror, place, reason, stream
from helpers.data.images import complain_about, map_files
from helpers.data.preparation import resize_image
from helpers.runtime import InputError, data_root

TABLE = "final_clusters.csv"
SIZE = 64
BUILT = "lc25000-lung-built"


@dataclass(frozen=True)
class Expected:
    """What the published material holds: images and source tiles of each class folder, and the tiles as a whole.

    ``tiles_sha256`` is the SHA-256 of ``tile_id`` as little-endian int16; empty: not compared.
    """

    images: Mapping[str, int]
    tiles: Mapping[str, int]
    tiles_sha256: str = ""

    @classmethod
    def of(cls, entry: Entry) -> Expected:
        """The published counts, from the catalog."""
        names = entry.subtypes["names"]
        images, tiles = (dict(zip(names, entry.subtypes[key], strict=True)) for key in ("images", "tiles"))
        return cls(images, tiles, str(entry.build["tiles_sha256"]))


def build_lc25000(
    folder: Path, target: Path, expected: Expected | None = None, tables: Path | None = None, progress: bool = True
) -> Path:
    """Make the array file from the folders ``lung_n``, ``lung_aca``, ``lung_scc`` and their tables of source tiles.

    Arrays in ``target``, ordered by class and file number: ``images`` uint8 (n, 64, 64) gray, ``label`` (1 = cancer),
    ``subtype``, ``tile_id``, ``file_number``. No official checksum exists for the images, so the structure is verified:
    images and tiles per class, every image in one tile, and the assignment of tiles as a whole.

    Args:
        folder: holds the class folders (``lung_n/lungn17.jpeg``, …) at any depth.
        target: npz file to write.
        expected: counts to verify; by default those of the published material.
        tables: holds ``final_clusters.csv`` at any depth below a folder named as the class; by default ``folder``.
        progress: show a bar on stderr.

    Raises:
        InputError: a class or a table is missing, counts differ, an image is in no tile, or images are corrupt.
    """
    expected = expected or Expected.of(describe(BUILT))
    files: list[Path] = []
    columns: list[pd.DataFrame] = []
    offset = 0
    for subtype, (name, count) in enumerate(expected.images.items()):
        by_number = _numbered_images(folder, name)
        if len(by_number) != count:
            raise InputError(
                f"{name} has {len(by_number):,} images, expected {count:,}: unpack the whole archive again"
            )
        numbers = sorted(by_number)
        tiles = _tiles_of(numbers, find_table(tables or folder, name), name)
        if tiles.max() + 1 != expected.tiles[name]:
            counts = f"{tiles.max() + 1} tiles, expected {expected.tiles[name]}"
            raise InputError(f"{TABLE} of {name} has {counts}: get the published table")
        files.extend(by_number[number] for number in numbers)
        columns.append(pd.DataFrame({"subtype": subtype, "tile_id": tiles + offset, "file_number": numbers}))
        offset += expected.tiles[name]
    table = pd.concat(columns)
    tile_id = table["tile_id"].to_numpy().astype("<i2")
    found = hashlib.sha256(tile_id.tobytes()).hexdigest()
    if expected.tiles_sha256 and found != expected.tiles_sha256:
        raise InputError(
            f"the tables {TABLE} do not hold the published tiles (sha256 of the tiles is {found}): get them again"
        )
    decoded = map_files(lambda path: resize_image(decode_gray(path), SIZE), files, progress)
    complain_about(files, decoded, folder)
    subtype_of = table["subtype"].to_numpy().astype(np.uint8)
    arrays = {
        "images": np.stack(decoded),
        "label": (subtype_of > 0).astype(np.uint8),  # the first class folder is the normal one
        "subtype": subtype_of,
        "tile_id": tile_id,
        "file_number": table["file_number"].to_numpy().astype(np.int16),
    }

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)

    place(target, write)
    return target


def build_from_catalog(entry: Entry, progress: bool = True) -> list[Path]:
    """What ``medlab fetch`` does for a built dataset: fetch the tables that are missing, then build.

    A whole file that is there is left alone; delete it to build again.
    """
    (target,) = entry.paths()
    if target.is_file() and _is_whole(target):
        return [target]
    folder = source_folder(entry)
    tables = folder
    if any(_tables_below(folder, name) == [] for name in entry.subtypes["names"]):
        # Not into the source folder itself: that may be a mirror nobody may write to.
        tables = data_root() / str(entry.build["source_folder"])
        for name, address in zip(entry.subtypes["names"], entry.build["table_addresses"], strict=True):
            if not _tables_below(tables, name):
                _fetch_table(tables / name / TABLE, address, progress)
    return [build_lc25000(folder, target, Expected.of(entry), tables, progress)]


def _is_whole(archive: Path) -> bool:
    """Whether the check sums inside an npz archive hold: what is built here has none published to compare with."""
    try:
        with zipfile.ZipFile(archive) as members:
            return members.testzip() is None
    except (OSError, zipfile.BadZipFile, zlib.error):
        return False


def source_folder(entry: Entry) -> Path:
    """Folder with what a built dataset is made from: in the data folder, else in a mirror that is a folder.

    Raises:
        InputError: neither holds the class folders.
    """
    name = str(entry.build["source_folder"])
    candidates = [data_root() / name]
    if mirror() and not mirror().startswith("http"):
        candidates.append(Path(mirror()) / name)
    for folder in candidates:
        if any(folder.glob(f"**/{entry.subtypes['names'][0]}/*.jp*g")):
            return folder
    raise InputError(
        f"{entry.name} is built from published images: get them from {entry.home} and unpack the folders "
        f"{', '.join(entry.subtypes['names'])} into {name}/ of the data folder, then `medlab fetch {entry.name}` again"
    )


def find_table(folder: Path, name: str) -> Path:
    """The one ``final_clusters.csv`` in or below a folder called ``name``.

    Raises:
        InputError: there is none, or there are several.
    """
    found = _tables_below(folder, name)
    if len(found) != 1:
        raise InputError(f"{len(found)} tables {TABLE} for {name}, expected one: put it at {name}/{TABLE}")
    return found[0]


def _tables_below(folder: Path, name: str) -> list[Path]:
    return sorted(path for path in folder.rglob(TABLE) if name in path.relative_to(folder).parts)


def _fetch_table(target: Path, address: str, progress: bool) -> None:
    """Tables have no checksum of their own; :func:`build_lc25000` verifies the tiles they assign."""
    try:
        place(target, lambda temporary: stream(address, temporary, f"{target.parent.name}/{TABLE}", progress))
    except OSError as error:
        raise InputError(
            f"cannot get {TABLE} of {target.parent.name} from {address} ({reason(error)}): put a copy beside its images"
        ) from error


def _numbered_images(folder: Path, name: str) -> dict[int, Path]:
    """Images of one class by the number in their file name: ``lung_n`` holds ``lungn1.jpeg`` and so on."""
    pattern = re.compile(rf"{name.replace('_', '')}([0-9]+)\.jpe?g", re.IGNORECASE)
    by_number: dict[int, Path] = {}
    for path in sorted(folder.glob(f"**/{name}/*")):
        match = pattern.fullmatch(path.name)
        if match and by_number.setdefault(int(match.group(1)), path) != path:
            raise InputError(f"{path.name} is there twice below {name} folders: keep one copy of the archive")
    if not by_number:
        raise InputError(
            f"no images {name.replace('_', '')}1.jpeg, … in a folder {name}: unpack the published archive there"
        )
    return by_number


def _tiles_of(numbers: list[int], table: Path, name: str) -> np.ndarray:
    """Tile of each image (0, 1, … in the order of the table's labels) by the number in its file name."""
    try:
        rows = pd.read_csv(table, usecols=["cluster_label", "img_path"])
        labels = rows["cluster_label"].astype(int)
        file_numbers = rows["img_path"].str.extract(r"([0-9]+)\.jpe?g$", flags=re.IGNORECASE)[0].astype(int)
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{TABLE} of {name} cannot be read: its columns are cluster_label,img_path") from error
    if file_numbers.duplicated().any():
        first = file_numbers[file_numbers.duplicated()].iloc[0]
        raise InputError(f"{TABLE} of {name} lists image {first} twice: get the published table")
    label_of = dict(zip(file_numbers, labels, strict=True))
    without = [number for number in numbers if number not in label_of]
    if without:
        raise InputError(
            f"{TABLE} of {name} gives no tile for {len(without)} images, first {name.replace('_', '')}{without[0]}.jpeg"
        )
    return np.unique([label_of[number] for number in numbers], return_inverse=True)[1]
