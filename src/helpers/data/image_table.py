"""Bring your own images as a table: a CSV with the columns ``path,label`` and, where known, ``group,site``."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path

import numpy as np

from helpers.data.image_groups import complete_column
from helpers.data.listing import Listing, enumerate_words, first_of, one_line
from helpers.data.tables import read_words
from helpers.runtime import InputError

SHOWN = "the table of images"
SUFFIX = ".csv"


def list_table(table: Path) -> Listing:
    """The files that a table names, sorted by label and path; paths are relative to the table. Decodes nothing.

    Rows that repeat each other count once.

    Raises:
        InputError: no such table, unreadable, without images, with one label only, an empty path or label, a file that
            is missing or stands there twice with different labels, groups or sites.
    """
    if not table.exists():
        raise InputError(f"there is no table {str(table)!r}: give a CSV with the columns path,label, or a folder")
    frame = read_words(table, SHOWN, required=("path", "label"), optional=("group", "site"))
    if not len(frame):
        raise InputError(f"{SHOWN} names no images: below the line of the columns stands one line per image")
    root = table.parent
    rows: dict[str, tuple[int, str, str, str]] = {}
    for position, (written, *values) in enumerate(frame.itertuples(index=False)):
        if not written:
            raise InputError(f"{SHOWN} has no path in image {position + 1}: fill it, or remove the line")
        name = posixpath.normpath(written.replace("\\", "/"))
        earlier = rows.setdefault(name, (position, *values))
        for column, first, second in zip(("label", "group", "site"), earlier[1:], values, strict=True):
            if first != second:
                raise InputError(
                    f"{SHOWN} gives {one_line(name)} two different {column}s ({one_line(first)!r} and "
                    f"{one_line(second)!r}): keep one line per image"
                )
    without = [name for name, row in rows.items() if not row[1]]
    if without:
        raise InputError(f"{SHOWN} gives no label for {first_of(without)}: every image needs one")
    missing = [name for name in rows if not os.path.isfile(root / name)]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(rows)} images of the table are not there: {first_of(missing)}; paths are relative "
            "to the table"
        )
    names = sorted(rows, key=lambda name: (rows[name][1], name))
    class_names, labels = enumerate_words(rows[name][1] for name in names)
    if len(class_names) < 2:
        raise InputError(f"{SHOWN} has only one label ({one_line(class_names[0])}): a comparison needs at least two")
    groups = complete_column(SHOWN, "group", [rows[name][2] for name in names], names)
    return Listing(
        root,
        names,
        class_names,
        labels,
        groups,
        "none" if groups is None else "column",
        sites=complete_column(SHOWN, "site", [rows[name][3] for name in names], names),
        positions=np.array([rows[name][0] for name in names], dtype=np.int64),
    )
