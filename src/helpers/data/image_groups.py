"""Read ``groups.csv``: which image belongs to which patient (or slide, or tile), and optionally to which site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from helpers.data.listing import enumerate_words, first_of, one_line
from helpers.data.tables import read_words
from helpers.runtime import InputError

GROUPS_FILE = "groups.csv"


@dataclass(frozen=True)
class Groups:
    """Integers for each image, in the order of the files asked for; the names in the table are not kept."""

    groups: np.ndarray
    sites: np.ndarray | None


def read_groups(folder: Path, names: Sequence[str]) -> Groups | None:
    """The groups of the files ``names`` (relative to ``folder``), or None when the folder has no ``groups.csv``.

    The table has the columns ``file`` (path relative to the folder, or a base name that only one image has), ``group``
    and optionally ``site``; separated by commas or semicolons. Rows for images that are not there are ignored.

    Raises:
        InputError: the table is unreadable, contradicts itself, is ambiguous, or leaves an image without a group.
    """
    # However it is capitalized: a table that is overlooked would put patients on both sides of the split.
    path = next((entry for entry in sorted(folder.iterdir()) if entry.name.lower() == GROUPS_FILE), None)
    if path is None:
        return None
    table = read_words(path, GROUPS_FILE, required=("file", "group"), optional=("site",))
    by_path: dict[str, tuple[str, str]] = {}
    for name, *row in table[["file", "group", "site"]].itertuples(index=False):
        key = name.replace("\\", "/").removeprefix("./")
        if by_path.setdefault(key, tuple(row)) != tuple(row):
            raise InputError(
                f"{GROUPS_FILE} gives {one_line(key)} two different groups or sites: keep one line per file"
            )
    bases = [PurePosixPath(name).name for name in names]
    copies = Counter(bases)
    rows = []
    for key, base in zip(names, bases, strict=True):
        if key not in by_path and base in by_path and copies[base] > 1:
            raise InputError(
                f"{GROUPS_FILE}: {copies[base]} images are named {one_line(base)}; write the path, as in {one_line(key)}"
            )
        rows.append(by_path.get(key) or by_path.get(base))
    missing = [key for key, row in zip(names, rows, strict=True) if row is None or not row[0]]
    if missing:
        raise InputError(f"{GROUPS_FILE} gives no group for {first_of(missing)}: every image needs one")
    sites = complete_column(GROUPS_FILE, "site", [row[1] for row in rows], names)
    return Groups(enumerate_words(row[0] for row in rows)[1], sites)


def complete_column(table: str, column: str, words: Sequence[str], names: Sequence[str]) -> np.ndarray | None:
    """A column as integers; None when it is empty throughout.

    Raises:
        InputError: it is filled for some images only.
    """
    if not any(words):
        return None
    if not all(words):
        empty = one_line(names[list(words).index("")])
        raise InputError(f"{table} gives no {column} for {empty}: fill the column for every image, or remove it")
    return enumerate_words(words)[1]
