"""Pictures small enough for an autoencoder that is trained in seconds, with what is known of each of them.

Of the tissue phantom: single nuclei, whose size and shape are known. Of anything else: the whole image, made smaller,
of which at least the brightness is known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.data import preparation
from helpers.data.dataset import Dataset
from helpers.data.phantoms.cohort import DATASET_SEED
from helpers.data.phantoms.nuclei import EPITHELIAL, Nuclei
from helpers.data.phantoms.tissue import VERSION, sample_tissue
from helpers.runtime import InputError

FADING = 3.0  # standard deviation of the window that fades the surroundings, px; a normal nucleus is 5 px across
MIDDLE, GRAY_LEVELS_PER_DEVIATION = 128, 45
_CHOICE_STREAM = 7  # which nuclei are taken: a constant of the data, never a run's seed
UNITS = {"diameter": "px", "elongation": "", "irregularity": "share of the radius", "chromatin": "", "brightness": ""}


def small_pictures(dataset: Dataset, side: int, per_tile: int = 5) -> Dataset:
    """The same patients and split as small pictures with known factors.

    Args:
        dataset: a binary dataset of images (n, height, width, 1) uint8.
        side: of the pictures, px.
        per_tile: nuclei taken from each tile of the tissue phantom; nothing else asks for it.

    Returns:
        For the tissue phantom :func:`nucleus_pictures`; for another dataset its images at ``side`` px, whose only known
        factor (``truth``) is ``brightness``, the mean gray value from 0 to 255.
    """
    if dataset.source.checksum == VERSION:
        return nucleus_pictures(dataset, side, per_tile)
    pictures = np.asarray(preparation.resize(dataset.inputs, side)[:])
    return replace(dataset, inputs=pictures, truth={"brightness": pictures.mean(axis=(1, 2, 3))})


def nucleus_pictures(dataset: Dataset, side: int, per_tile: int) -> Dataset:
    """Single epithelial nuclei of the tissue phantom, centered: malignant ones of cancer, the others of normal tiles.

    The window of ``side`` px around a nucleus is brought to mean 0 and standard deviation 1, because neither stain nor
    scanner is of interest here, and its surroundings fade toward 0. That is stored as gray levels, 128 for 0 and 45 for
    one standard deviation.

    Args:
        dataset: the tissue phantom or samples of it in their order, every patient from the first tile on.
        side: of the pictures, px, even, 6 to 32.
        per_tile: at most so many nuclei of each tile, drawn once and for all.

    Returns:
        A binary dataset whose targets say whether the nucleus is malignant. Its ``truth`` holds for each nucleus
        ``diameter`` (of the disk of equal area, px), ``elongation`` (major over minor axis), ``irregularity`` (root mean
        square deviation of the outline from an ellipse, share of the radius) and ``chromatin`` (coarseness, 0 to 1).

    Raises:
        InputError: an odd or impossible side, or samples that are not the first tiles of their patients.
    """
    if side % 2 or not 6 <= side <= 32 or per_tile < 1:
        raise InputError(f"pictures of {side} pixels, {per_tile} per tile: an even side of 6 to 32, and at least one")
    pictures, rows, factors = [], [], []
    tile_numbers = _number_within_group(dataset.groups)
    for row, (patient, malignant, tile) in enumerate(zip(dataset.groups, dataset.targets, tile_numbers, strict=True)):
        tissue = sample_tissue(DATASET_SEED, int(patient), bool(malignant), int(tile))
        if tissue.nucleus_count != dataset.truth["nucleus_count"][row]:
            raise InputError(
                "these tiles are not the first ones of their patients: their nuclei cannot be found again; take the "
                "dataset as it is loaded"
            )
        chosen = _choose(tissue.nuclei, tissue.size, side, bool(malignant), per_tile, [int(patient), int(tile)])
        pictures += [_cut(dataset.inputs[row, :, :, 0], nucleus.row, nucleus.column, side) for nucleus in chosen]
        rows += [row] * len(chosen)
        factors.append(_factors(chosen))
    if not rows:
        raise InputError(f"no nucleus lies far enough from the borders for pictures of {side} pixels")
    known = np.concatenate(factors)
    of_tile = np.array(rows)
    return replace(
        dataset,
        inputs=np.stack(pictures)[..., None],
        targets=dataset.targets[of_tile],
        groups=dataset.groups[of_tile],
        split=dataset.split[of_tile],
        sites=None if dataset.sites is None else dataset.sites[of_tile],
        truth=dict(zip(("diameter", "elongation", "irregularity", "chromatin"), known.T, strict=True)),
        source=replace(dataset.source, title="Tissue phantom, single nuclei"),
    )


def _number_within_group(groups: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... within each group, in order of appearance."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], groups[order], side="left")
    numbers = np.empty(len(groups), dtype=np.int64)
    numbers[order] = np.arange(len(groups)) - starts
    return numbers


def _choose(nuclei: Nuclei, size: int, side: int, malignant: bool, count: int, key: list[int]) -> Nuclei:
    half = side // 2
    whole = np.ones(len(nuclei), dtype=bool)
    for place in (np.rint(nuclei.row), np.rint(nuclei.column)):
        whole &= (place >= half) & (place <= size - half)
    fitting = np.flatnonzero(whole & (nuclei.kind == EPITHELIAL) & (nuclei.malignant == malignant))
    generator = np.random.default_rng([DATASET_SEED, _CHOICE_STREAM, *key])
    return nuclei.select(np.sort(generator.permutation(fitting)[:count]))


def _cut(tile: np.ndarray, row: float, column: float, side: int) -> np.ndarray:
    """(side, side) uint8 around a place, standardized and faded."""
    top, left = round(row) - side // 2, round(column) - side // 2
    window = tile[top : top + side, left : left + side].astype(np.float64)
    offset = np.arange(side) - side // 2
    fading = np.exp(-(offset[:, None] ** 2 + offset**2) / (2 * FADING**2))
    standardized = (window - window.mean()) / max(window.std(), 1.0)
    return np.clip(np.rint(MIDDLE + GRAY_LEVELS_PER_DEVIATION * standardized * fading), 0, 255).astype(np.uint8)


def _factors(nuclei: Nuclei) -> np.ndarray:
    """(n, 4): diameter, elongation, irregularity, chromatin."""
    long = np.maximum(nuclei.major, nuclei.minor)
    short = np.minimum(nuclei.major, nuclei.minor)
    # A cosine of amplitude a has the mean square a² / 2, and harmonics do not interfere.
    irregularity = np.sqrt(np.sum(nuclei.amplitudes**2, axis=1) / 2)
    return np.stack([2 * np.sqrt(long * short), long / short, irregularity, nuclei.chromatin], axis=1)
