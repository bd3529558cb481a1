"""Read a small table that a person wrote: text as it stands, in the columns that are asked for."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from helpers.runtime import InputError


def read_words(path: Path, shown: str, required: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """The columns asked for, as stripped text; pandas' own guesses would make 7 and 007 one patient.

    Args:
        path: UTF-8 with or without a byte order mark, separated by commas or semicolons, column names in any case.
        shown: what messages call the table; its own name may be a patient's or a hospital's.
        required: columns that must be there.
        optional: columns that come back empty where they are missing.

    Raises:
        InputError: no such file, no text, no table, or a column is missing or there twice.
    """
    wanted = ",".join(required) + (f" (and {','.join(optional)})" if optional else "")
    try:
        with path.open(encoding="utf-8-sig") as file:
            first_line = file.readline()
        separator = ";" if ";" in first_line and "," not in first_line else ","
        table = pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            header=None,
            keep_default_na=False,
            encoding="utf-8-sig",
            skipinitialspace=True,
        )
    except (OSError, ValueError, csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{shown} cannot be read: save it as UTF-8 text with the columns {wanted}") from error
    columns = [str(column).strip().lower() for column in table.iloc[0]]
    missing = [column for column in required if column not in columns]
    if missing:
        raise InputError(f"{shown} has no column {missing[0]!r}: its first line names the columns {wanted}")
    for column in (*required, *optional):
        if columns.count(column) > 1:
            raise InputError(f"{shown} has the column {column!r} twice: keep one")
    table = table.iloc[1:].set_axis(range(len(columns)), axis=1)
    picked = {
        column: table[columns.index(column)].fillna("").str.strip() if column in columns else ""
        for column in (*required, *optional)
    }
    return pd.DataFrame(picked, index=table.index).reset_index(drop=True)
