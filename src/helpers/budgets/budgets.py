"""Read the sizes of a notebook: ``NN_name.toml`` beside this file holds one table per profile.

No notebook asks which profile it runs under; it asks its budget for sizes. A table ``[profile.DATASET]`` (for example
``[full.breastmnist]``) changes single sizes for one dataset.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

from helpers.runtime import InputError

FOLDER = Path(__file__).parent


class Budget(SimpleNamespace):
    """The sizes of one notebook in one profile, as attributes."""


def _read(notebook: str) -> dict:
    path = FOLDER / f"{notebook}.toml"
    if not path.is_file():
        known = ", ".join(sorted(entry.stem for entry in FOLDER.glob("*.toml")))
        raise InputError(f"no budget for notebook {notebook!r}: known are {known}")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def profiles(notebook: str) -> tuple[str, ...]:
    """Names of the profiles that a notebook has sizes for."""
    return tuple(_read(notebook))


def load_budget(notebook: str, profile: str, dataset: str = "") -> Budget:
    """Sizes of a notebook.

    Args:
        notebook: for example ``06_tumor_diagnosis``.
        profile: ``quick`` or ``full``.
        dataset: sizes of a table ``[profile.dataset]`` take precedence where there is one.

    Raises:
        InputError: the notebook or the profile is unknown.
    """
    tables = _read(notebook)
    if profile not in tables:
        raise InputError(f"unknown profile {profile!r}: {notebook} has {' and '.join(tables)}")
    table = tables[profile]
    sizes = {name: value for name, value in table.items() if not isinstance(value, dict)}
    sizes.update(table.get(dataset, {}))
    return Budget(**sizes)
