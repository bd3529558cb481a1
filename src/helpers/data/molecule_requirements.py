"""What a dataset has to hold before molecules are judged, written or scored; what does not fit is said in one line."""

from __future__ import annotations

from helpers.data.dataset import PARTS, Dataset
from helpers.runtime import InputError

LEAST_HELD_OUT = 20  # molecules in each part; with fewer no interval says anything
SOLUBILITY = "log10 solubility (mol/L)"


def is_solubility(dataset: Dataset) -> bool:
    """Whether Delaney's formula answers the question of this dataset."""
    return dataset.target_names == (SOLUBILITY,)


def require_properties(dataset: Dataset) -> Dataset:
    """This dataset, if it holds molecules on which something was measured, in all three parts.

    Raises:
        InputError: it holds something else, nothing was measured, or a part is too small to judge a model on.
    """
    _require_molecules(dataset, "esol, bbbp, bace, tox21, molecule-phantom")
    if dataset.task not in ("regression", "binary", "multilabel"):
        raise InputError(f"{dataset.name}: nothing was measured on these molecules, so there is nothing to foretell")
    _require_parts(dataset, PARTS)
    return dataset


def require_solubility(dataset: Dataset) -> Dataset:
    """This dataset, if solubilities were measured in it: from something else the judge of steering would learn in silence.

    Raises:
        InputError: it holds no molecules, something else was measured, or a part is too small to judge the judge on.
    """
    _require_molecules(dataset, "esol, molecule-phantom")
    if not is_solubility(dataset):
        raise InputError(f"{dataset.name}: no {SOLUBILITY} was measured here: choose one of esol, molecule-phantom")
    _require_parts(dataset, PARTS)
    return dataset


def require_texts(dataset: Dataset) -> Dataset:
    """This dataset, if it holds molecules to learn writing from, and some to validate on.

    Raises:
        InputError: it holds no molecules, or too few.
    """
    _require_molecules(dataset, "zinc, molecule-phantom, esol, bbbp, bace, tox21")
    _require_parts(dataset, ("train", "validation"))
    return dataset


def _require_molecules(dataset: Dataset, known: str) -> None:
    if dataset.inputs.ndim != 1 or dataset.inputs.dtype != object:
        raise InputError(f"{dataset.name}: no molecules: choose one of {known}")


def _require_parts(dataset: Dataset, parts: tuple[str, ...]) -> None:
    smallest = min(parts, key=lambda part: int((dataset.split == part).sum()))
    held = int((dataset.split == smallest).sum())
    if held < LEAST_HELD_OUT:
        raise InputError(
            f"{dataset.name}: the {smallest} part holds {held} molecules; at least {LEAST_HELD_OUT} are needed"
        )
