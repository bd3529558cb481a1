"""What a source of one's own images holds, before anything is decoded: files, classes, groups, sites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
DICOM_SUFFIXES = (".dcm", ".dicom")
PREAMBLE = 128  # bytes before the letters DICM of a DICOM file (PS3.10, 7.1)
NAMED = 3


@dataclass(frozen=True)
class Listing:
    """The image files of a source, sorted by class and path. The names stay here: no dataset or report repeats them.

    Attributes:
        root: folder that the names are relative to.
        names: path of each file with forward slashes; strings, because a million path objects take a gigabyte.
        class_names: names of the classes, sorted.
        labels: (files,) int64, index into ``class_names``.
        groups: (files,) int64, or None where nothing says which files belong together.
        grouping: where the groups come from: a key of :data:`helpers.data.image_rows.GROUPINGS`.
        sites: (files,) int64, or None.
        positions: (files,) int64 place of each file in the source's own order, or None where it has none.
    """

    root: Path
    names: list[str]
    class_names: tuple[str, ...]
    labels: np.ndarray
    groups: np.ndarray | None = None
    grouping: str = "none"
    sites: np.ndarray | None = None
    positions: np.ndarray | None = None

    def path(self, index: int) -> Path:
        """Where a file lies."""
        return self.root / self.names[index]


def enumerate_words(words: Iterable[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """The distinct words in alphabetical order, and the number of each: independent of the order of the files."""
    distinct, numbers = np.unique(np.asarray(list(words), dtype=object), return_inverse=True)
    return tuple(distinct.tolist()), numbers.astype(np.int64)


def is_image(path: Path) -> bool:
    """Whether a file counts as an image by its suffix; without one (or a UID's last number), by DICOM's preamble."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES or suffix in DICOM_SUFFIXES:
        return True
    nameless = not suffix or suffix[1:].isdigit()
    return nameless and path.name.upper() != "DICOMDIR" and has_preamble(path)


def is_dicom(path: Path) -> bool:
    """Whether a file has to be read as DICOM; a file with the suffix of another format does not."""
    suffix = path.suffix.lower()
    return suffix in DICOM_SUFFIXES or (suffix not in SUFFIXES and has_preamble(path))


def has_preamble(path: Path) -> bool:
    """Whether a file says by its first 132 bytes that it is DICOM."""
    try:
        if not path.is_file():  # opening a pipe would wait for somebody to write
            return False
        with path.open("rb") as file:
            return file.read(PREAMBLE + 4)[PREAMBLE:] == b"DICM"
    except OSError:
        return False


def visible(name: str) -> bool:
    """False for what file managers and archives leave behind (.DS_Store, ._copy.png, __MACOSX)."""
    return not name.startswith(".") and name != "__MACOSX"


def first_of(names: Iterable[str]) -> str:
    """The first three names and how many more there are, on one line whatever the names hold."""
    names = list(names)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(one_line(name) for name in names[:NAMED]) + more


def one_line(name: str | PurePath) -> str:
    """A name as it can stand in a message: line breaks and other control characters are written as escapes."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode("ascii")
        for letter in str(name)
    )
