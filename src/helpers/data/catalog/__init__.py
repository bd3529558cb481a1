"""The catalog of datasets and the one door to them: ``catalog.load(name_or_folder)``."""

from helpers.data.catalog.entries import Entry, File, Statement, describe, names
from helpers.data.catalog.opening import load, load_external, present, require, variant_name
from helpers.data.catalog.overview import readme

__all__ = [
    "Entry",
    "File",
    "Statement",
    "describe",
    "load",
    "load_external",
    "names",
    "present",
    "readme",
    "require",
    "variant_name",
]
