"""The tissue phantom: gray H&E-like tiles whose truth is known, and the door to everything that makes them.

Latents first (:func:`sample_tissue`), pixels after (:func:`render`), so that one tissue can be seen by several
scanners. Class 1 is cancer: the tile holds a focal lesion. See :mod:`~helpers.data.phantoms.atypia` for what
separates the classes and how well anybody could tell them apart.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.phantoms import atypia
from helpers.data.phantoms.anatomy import TILE_SIZE, Patient, Tissue, sample_patient, sample_tissue
from helpers.data.phantoms.cohort import DATASET_SEED, cohort_size, draw_cohort
from helpers.data.phantoms.nuclei import Nuclei, Nucleus
from helpers.data.phantoms.rendering import SCANNERS, Scanner, render

__all__ = [
    "SCANNERS",
    "Nuclei",
    "Nucleus",
    "Patient",
    "Scanner",
    "Tissue",
    "render",
    "sample_patient",
    "sample_tissue",
    "tissue_phantom",
]

VERSION = "tissue-phantom-1"  # to be raised with every change of the bytes

SOURCE = Source(
    title="Tissue phantom",
    licence="MIT",
    citation="The medlab contributors: medlab, deep learning in medicine, one notebook at a time.",
    checksum=VERSION,
    synthetic=True,
    group="patient",
    caveats=(
        "Synthetic: no patient stands behind a tile, and no score on it says anything about a clinic.",
        "In normal tiles the focus is reactive epithelium; it overlaps with well differentiated cancer on purpose.",
    ),
)


def tissue_phantom(maximum: int | None = None) -> Dataset:
    """Generate the dataset ``tissue-phantom``: 100 patients with 20 tiles of 64 px each, half of them cancer.

    Every tile depends on its patient's and its own number only, so a smaller dataset holds tiles of the whole one:
    the first tiles of the first patients.

    Args:
        maximum: generate at most so many tiles; None for all 2,000. See :func:`~.cohort.cohort_size`.

    Returns:
        A dataset whose ``sites`` are scanners and whose ``truth`` holds, for each of n tiles:
        ``lesion_mask`` (n, 64, 64) bool, empty in normal tiles; ``lesion_fraction``, its share of the tile;
        ``nucleus_count``, nuclei centered inside the tile; the factors of the focus ``size`` (median diameter of its
        nuclei, px), ``irregularity`` (deviation of outlines, share of the radius), ``crowding`` (diameter over
        spacing), ``chromatin`` (coarseness, 0 to 1) and ``disorder`` (loss of glands, 0 to 1); ``grade``, 0 or 1 to 3;
        ``oracle``, the log-likelihood ratio of the factors, the best score there is.

    Raises:
        InputError: ``maximum`` is below 10.
    """
    cohort = draw_cohort(DATASET_SEED, *cohort_size(maximum))
    count = len(cohort.patients)
    inputs = np.empty((count, TILE_SIZE, TILE_SIZE, 1), np.uint8)
    truth = {
        "lesion_mask": np.empty((count, TILE_SIZE, TILE_SIZE), bool),
        "lesion_fraction": np.empty(count),
        "nucleus_count": np.empty(count, np.int64),
        **{factor: np.empty(count) for factor in atypia.FACTORS},
        "grade": np.empty(count, np.int64),
        "oracle": np.empty(count),
    }
    for number in range(count):
        tissue = sample_tissue(
            DATASET_SEED, int(cohort.patients[number]), bool(cohort.malignant[number]), int(cohort.tiles[number])
        )
        inputs[number, :, :, 0] = render(tissue, SCANNERS[cohort.sites[number]])
        values = {
            "lesion_mask": tissue.lesion_mask,
            "lesion_fraction": tissue.lesion_mask.mean(),
            "nucleus_count": tissue.nucleus_count,
            **asdict(tissue.morphology),
            "grade": tissue.grade,
            "oracle": tissue.oracle,
        }
        for name, value in values.items():
            truth[name][number] = value
    return Dataset(
        name="tissue-phantom",
        inputs=inputs,
        targets=cohort.malignant.astype(np.int64),
        task="binary",
        groups=cohort.patients.astype(np.int64),
        groups_known=True,
        split=cohort.split,
        class_names=("normal", "cancer"),
        sites=cohort.sites,
        truth=truth,
        source=SOURCE,
    )
