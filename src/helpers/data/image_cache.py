"""Keep decoded images of a source in the data folder, so that the second run does not decode them again.

One folder per source and size: ``images.npy``, ``facts.npz`` (frames and facts of the files) and ``index.json``. The
index holds a fingerprint of all files (path, size, time of change), the parameters of the reading, and the SHA-256 of
both arrays. It is written last, and whatever does not match what it says is decoded anew. Names of files or folders
stand nowhere, only hashes of them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data.images import Decoding
from helpers.data.listing import Listing
from helpers.data.stored_images import StoredImages
from helpers.runtime import data_root

VERSION = 1  # count up when decoding changes: older caches are then decoded anew
FOLDER = "own-images"
IMAGES, FACTS, INDEX = "images.npy", "facts.npz", "index.json"
STALE_SECONDS = 86400  # a part older than this is what a killed process left behind


@dataclass(frozen=True)
class Stored:
    """What a cache holds: images (of the chosen files, in their order), and what is known of the files.

    Attributes:
        images: on disk; their content was not verified yet.
        sha256: what their digest has to be.
        frames: (all files,) int64 frames of each file.
        chosen: digest of the numbers of the chosen files.
        decoding: facts and problems of the chosen files.
    """

    images: StoredImages
    sha256: str
    frames: np.ndarray
    chosen: str
    decoding: Decoding


def cache_folder(source: Path, size: int, maximum: int | None) -> Path:
    """Where the images of a source lie once they are read with these parameters."""
    key = hashlib.sha256(f"{source.resolve()}\n{size}\n{maximum}".encode("utf-8", "surrogateescape")).hexdigest()
    return data_root() / FOLDER / key[:32]


def file_sizes_and_fingerprint(listing: Listing) -> tuple[np.ndarray, str]:
    """Bytes of each file, and one digest over the path, size and time of change of all of them."""
    sizes = np.zeros(len(listing.names), dtype=np.int64)
    digest = hashlib.sha256()
    for number, name in enumerate(listing.names):
        try:
            status = os.stat(listing.root / name)
            sizes[number], changed = status.st_size, status.st_mtime_ns
        except OSError:
            changed = 0  # decoding will say that it cannot be read
        line = hashlib.sha256(name.encode("utf-8", "surrogateescape"))
        line.update(f"\0{sizes[number]}\0{changed}".encode())
        digest.update(line.digest())
    return sizes, digest.hexdigest()


def numbers_digest(numbers: np.ndarray) -> str:
    """Digest of whole numbers in their order."""
    return hashlib.sha256(np.ascontiguousarray(numbers, dtype="<i8").tobytes()).hexdigest()


def open_cache(folder: Path, fingerprint: str) -> Stored | None:
    """The cache of a source whose files have this fingerprint; None when there is none, or it is broken."""
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if index["version"] != VERSION or index["fingerprint"] != fingerprint:
            return None
        content = (folder / FACTS).read_bytes()
        if hashlib.sha256(content).hexdigest() != index["facts_sha256"]:
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            frames, facts = arrays["frames"], arrays["facts"]
        problems = tuple((int(number), str(why), str(kind)) for number, why, kind in index["problems"])
        images = StoredImages(folder / IMAGES)
        return Stored(images, index["images_sha256"], frames, index["chosen"], Decoding(facts, problems))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile):
        return None  # InputError is a ValueError


@contextmanager
def workplace(folder: Path | None) -> Iterator[tuple[Path, bool]]:
    """A folder of our own to decode into, gone afterwards, and whether its files can be moved into the cache.

    It lies in the cache's folder, or, where nothing can be written there (or no cache is wanted), in the system's
    temporary folder.
    """
    place, keeps = None, False
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _sweep(folder)
            place = folder / f".part-{uuid.uuid4().hex}"
            place.mkdir()
            keeps = True
        except OSError:
            place = None
    place = place or Path(tempfile.mkdtemp(prefix="medlab-"))
    try:
        yield place, keeps
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if folder is not None:
            _remove_empty(folder)


def keep(
    place: Path, folder: Path, fingerprint: str, frames: np.ndarray, chosen: str, decoding: Decoding, sha256: str
) -> None:
    """Move what was decoded in ``place`` into the cache; where that fails, there is none, which is no error.

    Every file is renamed by itself and the index last. Two processes may mix their files: the digests in the index then
    do not fit, and the next reader decodes anew.
    """
    content = io.BytesIO()
    np.savez(content, frames=frames, facts=decoding.facts)
    index = {
        "version": VERSION,
        "fingerprint": fingerprint,
        "chosen": chosen,
        "problems": decoding.problems,
        "images_sha256": sha256,
        "facts_sha256": hashlib.sha256(content.getvalue()).hexdigest(),
    }
    try:
        (place / FACTS).write_bytes(content.getvalue())
        (place / INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
        for name in (IMAGES, FACTS, INDEX):
            (place / name).replace(folder / name)
    except OSError:
        return


def _sweep(folder: Path) -> None:
    for leftover in folder.glob(".part-*"):
        if time.time() - leftover.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)


def _remove_empty(folder: Path) -> None:
    """Leave no empty folders behind when nothing was kept."""
    for place in (folder, folder.parent):
        try:
            place.rmdir()
        except OSError:
            return
