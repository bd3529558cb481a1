"""Open a dataset by its name in the catalog, or one's own images: a folder, or a table that names the files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from helpers.data.catalog.entries import Entry, describe, names
from helpers.data.dataset import Dataset
from helpers.runtime import InputError

DEFAULT_SIZE = 64  # pixels that one's own images are read at
TABLE_SUFFIX = ".csv"


def load(
    name_or_folder: str | Path,
    maximum: int | None = None,
    size: int | None = None,
    skip_unreadable: bool = False,
    disease: str = "",
    cache: bool = True,
) -> Dataset:
    """Open a dataset.

    Args:
        name_or_folder: a name from :func:`names`; a folder with one subfolder of images per class; or a table (.csv)
            with the columns ``path,label`` and, where known, ``group,site``.
        maximum: at most about this many samples, whole groups; a phantom generates no more than that.
        size: pixels that own images are read at (default 64); other datasets have the size they have.
        skip_unreadable: leave out own images that cannot be read, and say how many in the caveats.
        disease: classes of own images that count as 1, separated by commas; empty to go by their names.
        cache: keep own images, once decoded, in the data folder.

    Raises:
        InputError: unknown name, missing, truncated or changed files, unreadable images, or ``disease`` for a dataset
            whose classes are settled.
    """
    if maximum is not None and maximum < 1:
        raise InputError(f"maximum is {maximum}: a dataset has at least one sample")
    if not _is_catalog_name(name_or_folder):
        from helpers.data.own_images import read_own_images

        source = _folder(name_or_folder)
        size = DEFAULT_SIZE if size is None else size
        return read_own_images(source, variant_name(source), size, maximum, skip_unreadable, disease, cache)
    if disease.strip():
        raise InputError(f"disease is for own images: which classes of {name_or_folder} are ill is settled")
    entry = describe(str(name_or_folder))
    _require_files(entry)
    if entry.origin == "generated":
        return _generate(entry, maximum)
    from helpers.data.readers import read

    return read(entry, maximum)


def load_external(
    folder: str | Path, size: int | None = None, skip_unreadable: bool = False, disease: str = "", cache: bool = True
) -> Dataset:
    """Open images of another place to test on, a folder or a table as for :func:`load`: all of them are the test part.

    Raises:
        InputError: it is a dataset of the catalog, whose split is settled, or it cannot be read.
    """
    if _is_catalog_name(folder):
        raise InputError(f"{folder} is a dataset of the catalog: an external test takes a folder or a table of images")
    from helpers.data.own_images import read_external_images

    source = _folder(folder)
    size = DEFAULT_SIZE if size is None else size
    return read_external_images(source, variant_name(source), size, skip_unreadable, disease, cache)


def present(name: str) -> bool:
    """Whether a dataset of the catalog can be opened without fetching anything. Looks, but verifies nothing."""
    return all(path.is_file() for path in describe(name).paths())


def require(name_or_folder: str | Path) -> None:
    """Check cheaply that :func:`load` has something to open: nothing is decoded.

    Raises:
        InputError: unknown name, files not fetched, a folder or table that is missing or names no images.
    """
    if _is_catalog_name(name_or_folder):
        _require_files(describe(str(name_or_folder)))
        return
    from helpers.data.image_rows import list_images

    list_images(_folder(name_or_folder))


def variant_name(name_or_folder: str | Path) -> str:
    """The name reports use: the catalog name, or ``own-images-`` and 8 digits of a hash of the path.

    The own name of a folder or table may be a patient's or a hospital's, so it never appears.
    """
    if _is_catalog_name(name_or_folder):
        return str(name_or_folder)
    resolved = str(_folder(name_or_folder).resolve())
    return f"own-images-{hashlib.sha256(resolved.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def _generate(entry: Entry, maximum: int | None) -> Dataset:
    """A phantom; only the one asked for is imported."""
    if entry.reader == "ecg-phantom":
        from helpers.data.phantoms.ecg import ecg_phantom

        return ecg_phantom(maximum)
    if entry.reader == "molecule-phantom":
        from helpers.data.phantoms.molecules import molecule_phantom

        return molecule_phantom(maximum)
    if entry.reader == "heart-phantom":
        from helpers.data.phantoms.hospitals import heart_phantom

        return heart_phantom(maximum)
    from helpers.data.phantoms.tissue import tissue_phantom

    return tissue_phantom(maximum)


def _is_catalog_name(name_or_folder: str | Path) -> bool:
    return isinstance(name_or_folder, str) and name_or_folder in names()


def _folder(name_or_folder: str | Path) -> Path:
    """The folder or table meant; a single word that is neither of them nor a dataset is a mistyped dataset."""
    text = str(name_or_folder)
    if not text.strip():
        raise InputError(f"no dataset given: take one of {', '.join(names())}, or a folder or table of images")
    folder = Path(text).expanduser()
    looks_like_a_path = (
        isinstance(name_or_folder, Path)
        or "/" in text
        or "\\" in text
        or text.startswith((".", "~"))
        or text.lower().endswith(TABLE_SUFFIX)
    )
    if not looks_like_a_path and not folder.is_dir():
        describe(text)
    return folder


def _require_files(entry: Entry) -> None:
    missing = [path for path in entry.paths() if not path.is_file()]
    if missing:
        raise InputError(
            f"{entry.name} is not here ({missing[0].name} is missing): get it with `medlab fetch {entry.name}`"
        )
