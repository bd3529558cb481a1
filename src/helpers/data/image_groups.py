"""Read ``groups.csv``: which image belongs to which patient (or slide, or tile), and optionally to which site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.runtime import InputError

GROUPS_FILE = "groups.csv"
NAMED = 3


@dataclass(frozen=True)
class Groups:
    """Integers for each image, in the order of the files asked for; the names in the table are not kept."""

    groups: np.ndarray
    sites: np.ndarray | None


def read_groups(folder: Path, files: Sequence[Path]) -> Groups | None:
    """The groups of ``files``, or None when the folder has no ``groups.csv``.

    The table has the columns ``file`` (path relative to the folder, or a base name that only one image has), ``group``
    and optionally ``site``; separated by commas or semicolons. Rows for images that are not there are ignored.

    Raises:
        InputError: the table is unreadable, contradicts itself, is ambiguous, or leaves an image without a group.
    """
    # However it is capitalized: a table that is overlooked would put patients on both sides of the split.
    path = next((entry for entry in sorted(folder.iterdir()) if entry.name.lower() == GROUPS_FILE), None)
    if path is None:
        return None
    table = _read_table(path)
    by_path: dict[str, tuple[str, str]] = {}
    for name, *row in table[["file", "group", "site"]].itertuples(index=False):
        key = name.replace("\\", "/").removeprefix("./")
        if by_path.setdefault(key, tuple(row)) != tuple(row):
            raise InputError(f"{GROUPS_FILE} gives {key} two different groups or sites: keep one line per file")
    relative = [file.relative_to(folder).as_posix() for file in files]
    copies = Counter(file.name for file in files)
    rows = []
    for key, file in zip(relative, files, strict=True):
        if key not in by_path and file.name in by_path and copies[file.name] > 1:
            raise InputError(
                f"{GROUPS_FILE}: {copies[file.name]} images are named {file.name}; write the path, as in {key}"
            )
        rows.append(by_path.get(key) or by_path.get(file.name))
    missing = [key for key, row in zip(relative, rows, strict=True) if row is None or not row[0]]
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise InputError(f"{GROUPS_FILE} gives no group for {', '.join(missing[:NAMED])}{more}: every image needs one")
    sites = [row[1] for row in rows]
    if any(sites) and not all(sites):
        first = relative[sites.index("")]
        raise InputError(f"{GROUPS_FILE} gives no site for {first}: fill the column for every image, or remove it")
    return Groups(_as_integers([row[0] for row in rows]), _as_integers(sites) if all(sites) else None)


def _read_table(path: Path) -> pd.DataFrame:
    """The table as stripped text; pandas' own guesses would make 7 and 007 one patient."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        first_line = text.partition("\n")[0]
        separator = ";" if ";" in first_line and "," not in first_line else ","
        table = pd.read_csv(
            path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True
        )
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{GROUPS_FILE} cannot be read: save it as UTF-8 text with the columns file,group (and site)"
        ) from error
    table.columns = [str(column).strip().lower() for column in table.columns]
    missing = [column for column in ("file", "group") if column not in table.columns]
    if missing:
        raise InputError(f"{GROUPS_FILE} has no column {missing[0]!r}: its first line is file,group or file,group,site")
    if "site" not in table.columns:
        table["site"] = ""
    return table[["file", "group", "site"]].apply(lambda column: column.str.strip())


def _as_integers(words: Sequence[str]) -> np.ndarray:
    """Numbers in the alphabetical order of the words, so that they do not depend on the order of the files."""
    return np.unique(np.asarray(words), return_inverse=True)[1].astype(np.int64)
