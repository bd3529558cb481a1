"""The terms that the notebooks use, in English and Chinese."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from helpers.data.tables import read_words
from helpers.runtime import InputError

FILE = Path(__file__).with_suffix(".csv")
COLUMNS = ("field", "term", "chinese", "definition")


@cache
def _table() -> pd.DataFrame:
    return read_words(FILE, FILE.name, COLUMNS).set_index("term")


def glossary(field: str = "") -> pd.DataFrame:
    """The terms in the order in which they are best read.

    Args:
        field: only those of one field (data, networks, training, evaluation, decisions, use); empty for all.

    Returns:
        Index: term; columns: field, chinese, definition.

    Raises:
        InputError: there is no such field.
    """
    table = _table()
    if field and field not in set(table["field"]):
        raise InputError(f"the glossary has no field {field!r}: it has {', '.join(table['field'].unique())}")
    return table[table["field"] == field].copy() if field else table.copy()
