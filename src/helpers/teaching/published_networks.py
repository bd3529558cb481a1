"""Sizes of networks that were published, each with the paper that states it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from helpers.data.tables import read_words

FILE = Path(__file__).with_suffix(".csv")
COLUMNS = ("name", "year", "for", "parameters", "multiply_adds", "per", "source")


@cache
def _table() -> pd.DataFrame:
    table = read_words(FILE, FILE.name, COLUMNS).set_index("name")
    for column in ("year", "parameters", "multiply_adds"):
        table[column] = pd.to_numeric(table[column])
    return table


def published_networks() -> pd.DataFrame:
    """One row per network: year, for, parameters, multiply_adds (NaN where not stated), per (image, token), source."""
    return _table().copy()
