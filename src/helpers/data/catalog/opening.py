"""Open a dataset by its name in the catalog, or a folder of one's own images."""

from __future__ import annotations

import hashlib
from pathlib import Path

from helpers.data.catalog.entries import Entry, describe, names
from helpers.data.dataset import Dataset
from helpers.runtime import InputError

DEFAULT_SIZE = 64  # pixels that a folder of images is read at


def load(name_or_folder: str | Path, maximum: int | None = None, size: int | None = None) -> Dataset:
    """Open a dataset.

    Args:
        name_or_folder: a name from :func:`names`, or a folder with one subfolder of images per class.
        maximum: at most about this many samples, whole groups; a phantom generates no more than that.
        size: pixels that a folder of images is read at (default 64); other datasets have the size they have.

    Raises:
        InputError: unknown name, missing, truncated or changed files, an unreadable folder.
    """
    if maximum is not None and maximum < 1:
        raise InputError(f"maximum is {maximum}: a dataset has at least one sample")
    if not _is_catalog_name(name_or_folder):
        from helpers.data.image_folder import read_image_folder

        folder = _folder(name_or_folder)
        return read_image_folder(folder, variant_name(folder), size=size or DEFAULT_SIZE, maximum=maximum)
    entry = describe(str(name_or_folder))
    _require_files(entry)
    if entry.origin == "generated":
        from helpers.data.phantoms.tissue import tissue_phantom

        return tissue_phantom(maximum)
    from helpers.data.readers import read

    return read(entry, maximum)


def present(name: str) -> bool:
    """Whether a dataset of the catalog can be opened without fetching anything. Looks, but verifies nothing."""
    return all(path.is_file() for path in describe(name).paths())


def require(name_or_folder: str | Path) -> None:
    """Check cheaply that :func:`load` has something to open: nothing is decoded.

    Raises:
        InputError: unknown name, files not fetched, a folder that is missing or holds no images.
    """
    if _is_catalog_name(name_or_folder):
        _require_files(describe(str(name_or_folder)))
        return
    from helpers.data.image_folder import list_classes

    list_classes(_folder(name_or_folder))


def variant_name(name_or_folder: str | Path) -> str:
    """The name reports use: the catalog name, or ``own-images-`` and 8 digits of a hash of the folder's path.

    A folder's own name may be a patient's or a hospital's, so it never appears.
    """
    if _is_catalog_name(name_or_folder):
        return str(name_or_folder)
    resolved = str(_folder(name_or_folder).resolve())
    return f"own-images-{hashlib.sha256(resolved.encode('utf-8')).hexdigest()[:8]}"


def _is_catalog_name(name_or_folder: str | Path) -> bool:
    return isinstance(name_or_folder, str) and name_or_folder in names()


def _folder(name_or_folder: str | Path) -> Path:
    """The folder meant; a single word that is neither a dataset nor a folder is a mistyped dataset."""
    text = str(name_or_folder)
    if not text.strip():
        raise InputError(f"no dataset given: take one of {', '.join(names())}, or a folder of images")
    folder = Path(text).expanduser()
    looks_like_a_path = isinstance(name_or_folder, Path) or "/" in text or "\\" in text or text.startswith((".", "~"))
    if not looks_like_a_path and not folder.is_dir():
        describe(text)
    return folder


def _require_files(entry: Entry) -> None:
    missing = [path for path in entry.paths() if not path.is_file()]
    if missing:
        raise InputError(
            f"{entry.name} is not here ({missing[0].name} is missing): get it with `medlab fetch {entry.name}`"
        )
