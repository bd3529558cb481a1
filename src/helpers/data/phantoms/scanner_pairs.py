"""The same tissue photographed by both scanners: what image translation learns from, and is judged on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.phantoms.anatomy import TILE_SIZE, sample_tissue
from helpers.data.phantoms.cohort import DATASET_SEED, cohort_size, draw_cohort
from helpers.data.phantoms.rendering import SCANNERS, render


@dataclass(frozen=True)
class ScannerPairs:
    """Tiles of the tissue phantom, each seen twice; the first axis of every array is the tile.

    Attributes:
        first, second: (n, 64, 64, 1) uint8, by :data:`SCANNERS` 0 and 1.
        targets: (n,) 1 is cancer.
        groups: (n,) patient.
        split: (n,) train, validation or test; one per patient.
    """

    first: np.ndarray
    second: np.ndarray
    targets: np.ndarray
    groups: np.ndarray
    split: np.ndarray


def scanner_pairs(maximum: int) -> ScannerPairs:
    """The tiles of ``tissue_phantom(maximum)``, whatever scanner their patient has there.

    Raises:
        InputError: ``maximum`` is below 10.
    """
    cohort = draw_cohort(DATASET_SEED, *cohort_size(maximum))
    seen = np.empty((2, len(cohort.patients), TILE_SIZE, TILE_SIZE, 1), np.uint8)
    tiles = zip(cohort.patients, cohort.malignant, cohort.tiles, strict=True)
    for row, (patient, malignant, tile) in enumerate(tiles):
        tissue = sample_tissue(DATASET_SEED, int(patient), bool(malignant), int(tile))
        for place, scanner in enumerate(SCANNERS):
            seen[place, row, :, :, 0] = render(tissue, scanner)
    return ScannerPairs(*seen, cohort.malignant.astype(np.int64), cohort.patients.astype(np.int64), cohort.split)
