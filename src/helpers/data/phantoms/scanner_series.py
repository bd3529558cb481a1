"""The same tissue photographed by several scanners: what a change of machine does, with nothing else changed.

Patients, labels and split are those of the tissue phantom; only the scanner is given here instead of drawn. So every
difference between two columns of pictures is the machine's, and two scanners are compared on pairs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.data.dataset import Dataset
from helpers.data.phantoms.anatomy import TILE_SIZE, sample_tissue
from helpers.data.phantoms.cohort import DATASET_SEED, PATIENTS, TILES_PER_PATIENT, draw_cohort
from helpers.data.phantoms.rendering import SCANNERS, Scanner, render
from helpers.data.phantoms.tissue import SOURCE
from helpers.runtime import InputError

VERSION = "scanner-series-1"  # to be raised with every change of the bytes
# Older optics and a sensor that is too dark: further from A than B is, in the same respects.
SCANNER_C = Scanner("scanner C", gain=0.85, gamma=1.35, blur=1.00, noise=7.0)
THREE_SCANNERS = (*SCANNERS, SCANNER_C)


def scanner_series(tiles_per_patient: int) -> dict[str, Dataset]:
    """Tiles of all 100 patients of the tissue phantom, as each of three scanners sees them.

    Three photographs are taken of each tile, so their noise is independent. The one by the scanner that the patient has in
    ``tissue-phantom`` is the picture that is found there.

    Args:
        tiles_per_patient: the first ones of each patient, 1 to 20.

    Returns:
        Name of a scanner to its dataset; row k is the same tissue in all of them, so targets, groups and split are equal.

    Raises:
        InputError: another number of tiles.
    """
    if not 1 <= tiles_per_patient <= TILES_PER_PATIENT:
        raise InputError(f"{tiles_per_patient} tiles per patient: the tissue phantom has 1 to {TILES_PER_PATIENT}")
    cohort = draw_cohort(DATASET_SEED, PATIENTS, tiles_per_patient)
    seen = np.empty((len(THREE_SCANNERS), len(cohort.patients), TILE_SIZE, TILE_SIZE, 1), np.uint8)
    tiles = zip(cohort.patients, cohort.malignant, cohort.tiles, cohort.sites, strict=True)
    for row, (patient, malignant, tile, site) in enumerate(tiles):
        tissue = sample_tissue(DATASET_SEED, int(patient), bool(malignant), int(tile))
        for place, scanner in enumerate(THREE_SCANNERS):
            exposure = 0 if place == site else place + 1
            seen[place, row, :, :, 0] = render(tissue, scanner, exposure)
    source = replace(SOURCE, title="Tissue phantom, tiles seen by three scanners", checksum=VERSION)
    return {
        scanner.name: Dataset(
            name="scanner-series",
            inputs=pictures,
            targets=cohort.malignant.astype(np.int64),
            task="binary",
            groups=cohort.patients.astype(np.int64),
            groups_known=True,
            split=cohort.split,
            source=source,
            class_names=("normal", "cancer"),
        )
        for scanner, pictures in zip(THREE_SCANNERS, seen, strict=True)
    }
