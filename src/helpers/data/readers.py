"""Turn the files of a catalog entry into a :class:`~helpers.data.dataset.Dataset`."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.data.catalog.entries import Entry, File
from helpers.data.dataset import Dataset
from helpers.data.download import file_hash, mismatch
from helpers.data.splitting import group_split
from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError

MEDMNIST_PARTS = {"train": "train", "validation": "val", "test": "test"}  # our name -> prefix in the file
ROWS_AT_ONCE = 8192


def read(entry: Entry, maximum: int | None = None) -> Dataset:
    """Open a downloaded, built or embedded dataset; its files must be there and are verified first.

    Raises:
        InputError: a file is truncated, changed, or not of the expected layout.
    """
    readers = {
        "medmnist": read_medmnist,
        "lc25000": read_lc25000,
        "wisconsin": read_wisconsin,
        "mitbih": read_mitbih,
        "uci-heart": read_uci_heart,
        "molecule-table": read_molecule_table,
        "smiles-lists": read_smiles_lists,
    }
    if entry.reader not in readers:
        raise InputError(
            f"catalog entry {entry.name}: unknown reader {entry.reader!r}; known are {', '.join(sorted(readers))}"
        )
    return readers[entry.reader](entry, maximum)


def read_medmnist(entry: Entry, maximum: int | None = None) -> Dataset:
    """A MedMNIST file: arrays ``{train,val,test}_{images,labels}``, official split, gray or RGB images.

    Labels outside ``entry.source_labels`` are left out; RGB becomes gray. Patients are not published.
    """
    (path,) = entry.paths()
    checksum = verified_checksum(entry, path)
    keys = [f"{prefix}_{what}" for prefix in MEDMNIST_PARTS.values() for what in ("images", "labels")]
    with npz_arrays(entry, path, keys) as arrays:
        images, labels, split = [], [], []
        for part, prefix in MEDMNIST_PARTS.items():
            part_images, part_labels = arrays[f"{prefix}_images"], arrays[f"{prefix}_labels"]
            _require(entry, path, part_images.dtype == np.uint8, f"{prefix}_images is {part_images.dtype}, not uint8")
            color = part_images.ndim == 4 and part_images.shape[3] == 3
            _require(entry, path, part_images.ndim == 3 or color, f"{prefix}_images has shape {part_images.shape}")
            _require(
                entry,
                path,
                part_labels.shape == (len(part_images), 1),
                f"{prefix}_labels has shape {part_labels.shape}",
            )
            _require(
                entry, path, np.issubdtype(part_labels.dtype, np.integer), f"{prefix}_labels is {part_labels.dtype}"
            )
            kept = np.isin(part_labels[:, 0], entry.source_labels)
            images.append(part_images[kept])
            labels.append(part_labels[kept, 0])
            split.append(np.full(int(kept.sum()), part, dtype="<U10"))
    sides = {part.shape[1:] for part in images}
    _require(entry, path, len(sides) == 1, f"the parts have images of different shapes: {sorted(sides)}")
    split = np.concatenate(split)
    dataset = Dataset(
        name=entry.name,
        inputs=np.concatenate(images),
        targets=our_targets(entry, np.concatenate(labels)),
        task=entry.task,
        groups=np.arange(len(split)),
        groups_known=entry.groups_known,
        split=split,
        source=entry.source(checksum),
        class_names=entry.class_names,
        sites=np.array([entry.sites[part] for part in split], dtype=np.int64) if entry.sites else None,
    )
    dataset = dataset if maximum is None else dataset.limit(maximum)
    return replace(dataset, inputs=to_gray(dataset.inputs))


def read_lc25000(entry: Entry, maximum: int | None = None) -> Dataset:
    """The array file of LC25000's lung half: ``images``, ``label``, ``subtype``, ``tile_id``, split by tile.

    ``truth["subtype"]`` is the index into ``lung_n``, ``lung_aca``, ``lung_scc``.
    """
    (path,) = entry.paths()
    checksum = verified_checksum(entry, path)
    with npz_arrays(entry, path, ["images", "label", "subtype", "tile_id"]) as arrays:
        images, label, subtype, tile = (arrays[key] for key in ("images", "label", "subtype", "tile_id"))
    _require(
        entry, path, images.ndim == 3 and images.dtype == np.uint8, f"images are {images.dtype} of shape {images.shape}"
    )
    for key, values in (("label", label), ("subtype", subtype), ("tile_id", tile)):
        fits = values.shape == (len(images),) and np.issubdtype(values.dtype, np.integer)
        _require(entry, path, fits, f"{key} is {values.dtype} of shape {values.shape}")
    dataset = Dataset(
        name=entry.name,
        inputs=images[..., None],
        targets=our_targets(entry, label),
        task=entry.task,
        groups=tile.astype(np.int64),
        groups_known=entry.groups_known,
        split=group_split(tile, subtype, entry.split_seed),
        source=entry.source(checksum),
        class_names=entry.class_names,
        subtype_names=tuple(entry.subtypes.get("names", ())),
        truth={"subtype": subtype.astype(np.int64)},
    )
    return dataset if maximum is None else dataset.limit(maximum)


def read_wisconsin(entry: Entry, maximum: int | None = None) -> Dataset:
    """The table that comes with scikit-learn: (569, 30) float64 measurements of nuclei, one row per patient."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    inputs, targets = table.data.astype(np.float64), our_targets(entry, table.target)
    groups = np.arange(len(inputs))
    dataset = Dataset(
        name=entry.name,
        inputs=inputs,
        targets=targets,
        task=entry.task,
        groups=groups,
        groups_known=entry.groups_known,
        split=group_split(groups, targets, entry.split_seed),
        source=entry.source(arrays_checksum(inputs, targets)),
        class_names=entry.class_names,
        feature_names=tuple(str(name) for name in table.feature_names),
    )
    return dataset if maximum is None else dataset.limit(maximum)


def our_targets(entry: Entry, labels: np.ndarray) -> np.ndarray:
    """Labels of the file as ours (int64): the position of each in ``entry.source_labels``."""
    targets = np.full(len(labels), -1, dtype=np.int64)
    for target, label in enumerate(entry.source_labels):
        targets[labels == label] = target
    if (targets < 0).any():
        others = np.unique(labels[targets < 0])[:5].tolist()
        raise InputError(f"{entry.name}: labels {others} are none of {list(entry.source_labels)}")
    return targets


def to_gray(images: np.ndarray) -> np.ndarray:
    """(n, h, w) or (n, h, w, 3) uint8 as (n, h, w, 1) uint8: ITU-R 601 luma, rounded as Pillow does it."""
    if images.ndim == 3:
        return images[..., None]
    gray = np.empty((*images.shape[:3], 1), dtype=np.uint8)
    for start in range(0, len(images), ROWS_AT_ONCE):
        red, green, blue = np.moveaxis(images[start : start + ROWS_AT_ONCE].astype(np.uint32), -1, 0)
        gray[start : start + ROWS_AT_ONCE, ..., 0] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16
    return gray


def read_mitbih(entry: Entry, maximum: int | None = None) -> Dataset:
    """The records of the MIT-BIH Arrhythmia Database as windows around beats: see :mod:`helpers.data.mitbih`."""
    from helpers.data import mitbih

    return mitbih.read_records(entry, files_checksum(entry), maximum)


def read_uci_heart(entry: Entry, maximum: int | None = None) -> Dataset:
    """The tables of four hospitals: see :mod:`helpers.data.heart_table`."""
    from helpers.data import heart_table

    return heart_table.read_hospitals(entry, files_checksum(entry), maximum)


def read_molecule_table(entry: Entry, maximum: int | None = None) -> Dataset:
    """A table of molecules and what was measured on them: see :mod:`helpers.data.molecules`."""
    from helpers.data import molecules

    return molecules.read_table_of_molecules(entry, files_checksum(entry), maximum)


def read_smiles_lists(entry: Entry, maximum: int | None = None) -> Dataset:
    """Lists of SMILES without labels: see :mod:`helpers.data.molecules`."""
    from helpers.data import molecules

    return molecules.read_lists_of_molecules(entry, files_checksum(entry), maximum)


def files_checksum(entry: Entry) -> str:
    """One ``sha256:…`` over the verified checksums of many files."""
    checksums = [f"{path.name} {verified_checksum(entry, path)}" for path in entry.paths()]
    return f"sha256:{hashlib.sha256(chr(10).join(sorted(checksums)).encode()).hexdigest()}"


def arrays_checksum(*arrays: np.ndarray | StoredImages) -> str:
    """``sha256:…`` over shapes, types and bytes: identifies data that have no file of their own."""
    digest = hashlib.sha256()
    for array in arrays:
        digest_array(digest, array)
    return f"sha256:{digest.hexdigest()}"


def digest_array(digest, array: np.ndarray | StoredImages) -> None:
    """Let a :mod:`hashlib` digest take in shape, type and bytes of an array, block by block where it is on disk."""
    little = array.dtype.newbyteorder("<")
    digest.update(f"{array.shape}{little.str}".encode())
    for block in array.blocks() if isinstance(array, StoredImages) else (array,):
        digest.update(np.ascontiguousarray(block.astype(little, copy=False)).data)


def verified_checksum(entry: Entry, path: Path) -> str:
    """Checksum of a file as ``algorithm:hexadecimal``, after comparing it with the published one.

    A file built here has no published one; its own is returned.
    """
    (file,) = (file for file in entry.files if file.name == path.name)
    if not path.is_file():
        raise InputError(f"{entry.name} is not here ({path.name} is missing): get it with `medlab fetch {entry.name}`")
    if not file.checksum:
        return f"sha256:{file_hash(path, 'sha256')}"
    # The strongest one suffices here: both were compared when the file arrived.
    wrong = mismatch(path, replace(file, md5="" if file.sha256 else file.md5))
    if wrong:
        raise InputError(
            f"{path.name} is truncated or changed ({wrong}): get it again with `medlab fetch {entry.name}`"
        )
    return f"md5:{file.alternative_md5}" if _is_the_alternative(path, file) else file.checksum


def _is_the_alternative(path: Path, file: File) -> bool:
    return bool(file.alternative_md5) and file_hash(path, "md5") == file.alternative_md5


@contextmanager
def npz_arrays(entry: Entry, path: Path, keys: list[str]) -> Iterator[np.lib.npyio.NpzFile]:
    """The arrays of an npz file, read without unpickling; every way of being broken becomes one clear line."""
    try:
        opened = np.load(path, allow_pickle=False)
        _require(entry, path, hasattr(opened, "files"), "it is one array, not an archive of arrays")
        with opened as arrays:
            missing = [key for key in keys if key not in arrays.files]
            _require(entry, path, not missing, f"{', '.join(missing)} missing")
            yield arrays
    except InputError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        pickled = "pickled objects" if "pickle" in str(error).lower() else "not a readable npz file"
        raise InputError(
            f"{path.name} of {entry.name} cannot be read ({pickled}): get it again with `medlab fetch {entry.name}`"
        ) from error


def _require(entry: Entry, path: Path, condition: bool, wrong: str) -> None:
    if not condition:
        raise InputError(
            f"{path.name} of {entry.name} is not of the expected layout: {wrong}; "
            f"get it again with `medlab fetch {entry.name}`"
        )
