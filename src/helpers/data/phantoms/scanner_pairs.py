"""The same tissue photographed by both scanners: what image translation learns from, and is judged on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from helpers.data.dataset import Dataset
from helpers.data.phantoms.anatomy import TILE_SIZE, sample_tissue
from helpers.data.phantoms.cohort import DATASET_SEED, cohort_size, draw_cohort
from helpers.data.phantoms.rendering import SCANNERS, render
from helpers.data.phantoms.tissue import SOURCE

VERSION = "scanner-pairs-1"  # to be raised with every change of the bytes


@dataclass(frozen=True)
class ScannerPairs:
    """Tiles of the tissue phantom, each seen twice; the first axis of every array is the tile.

    Attributes:
        first, second: (n, 64, 64, 1) uint8, by :data:`SCANNERS` 0 and 1; two photographs, so their noise is independent.
        targets: (n,) 1 is cancer.
        groups: (n,) patient.
        split: (n,) train, validation or test; one per patient.
    """

    first: np.ndarray
    second: np.ndarray
    targets: np.ndarray
    groups: np.ndarray
    split: np.ndarray

    def dataset(self) -> Dataset:
        """The tiles as the second scanner sees them, with their source: what a report has to name."""
        return Dataset(
            name="scanner-pairs",
            inputs=self.second,
            targets=self.targets,
            task="binary",
            groups=self.groups,
            groups_known=True,
            split=self.split,
            class_names=("normal", "cancer"),
            source=replace(SOURCE, title="Tissue phantom, tiles seen by two scanners", checksum=VERSION),
        )


def scanner_pairs(maximum: int) -> ScannerPairs:
    """The tiles of ``tissue_phantom(maximum)`` by the scanner their patient has there, and by the other one.

    Raises:
        InputError: ``maximum`` is below 10.
    """
    cohort = draw_cohort(DATASET_SEED, *cohort_size(maximum))
    seen = np.empty((2, len(cohort.patients), TILE_SIZE, TILE_SIZE, 1), np.uint8)
    tiles = zip(cohort.patients, cohort.malignant, cohort.tiles, cohort.sites, strict=True)
    for row, (patient, malignant, tile, site) in enumerate(tiles):
        tissue = sample_tissue(DATASET_SEED, int(patient), bool(malignant), int(tile))
        for place, scanner in enumerate(SCANNERS):
            seen[place, row, :, :, 0] = render(tissue, scanner, exposure=int(place != site))
    return ScannerPairs(*seen, cohort.malignant.astype(np.int64), cohort.patients.astype(np.int64), cohort.split)
