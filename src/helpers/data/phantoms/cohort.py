"""Patients, labels, scanners and the split of the tissue phantom, drawn before a single tile is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.runtime import InputError

DATASET_SEED = 20  # of patients, labels, split and tiles; a constant of the dataset, never a run's seed
PATIENTS = 100
TILES_PER_PATIENT = 20
# Three of five pairs of patients train, one validates, one tests.
_BLOCK = ("train", "train", "train", "validation", "test")
_PATIENTS_PER_BLOCK = 2 * len(_BLOCK)
_FEW_PATIENTS, _FEW_TILES = 30, 10
_PAIR_STREAM, _BLOCK_STREAM = 5, 6


@dataclass(frozen=True)
class Cohort:
    """Who is examined: one entry per tile, all arrays (n,).

    Attributes:
        patients: number of the patient.
        tiles: number of the tile within the patient.
        malignant: bool.
        sites: index of the scanner; one per patient.
        split: train, validation or test; one per patient.
    """

    patients: np.ndarray
    tiles: np.ndarray
    malignant: np.ndarray
    sites: np.ndarray
    split: np.ndarray


def cohort_size(maximum: int | None) -> tuple[int, int]:
    """Patients and tiles per patient for at most ``maximum`` tiles.

    Tiles go first and patients last, because intervals depend on the number of patients: down to 10 tiles of each of
    the 100 patients, then fewer patients, and below 30 patients' worth of 10 tiles again fewer tiles. Patients come in
    blocks of ten, each with the proportions of the whole.

    Raises:
        InputError: fewer than 10 tiles do not fill three parts with both classes.
    """
    if maximum is None:
        return PATIENTS, TILES_PER_PATIENT
    if maximum < _PATIENTS_PER_BLOCK:
        raise InputError(f"{maximum} tiles are too few for the tissue phantom: ask for at least {_PATIENTS_PER_BLOCK}")

    def whole_blocks(patients: int) -> int:
        return patients // _PATIENTS_PER_BLOCK * _PATIENTS_PER_BLOCK

    patients = min(PATIENTS, max(_FEW_PATIENTS, whole_blocks(maximum // _FEW_TILES)))
    patients = min(patients, whole_blocks(maximum))
    return patients, min(TILES_PER_PATIENT, maximum // patients)


def draw_cohort(seed: int, patients: int, tiles_per_patient: int) -> Cohort:
    """Draw labels, scanners and split.

    How much of a patient's tissue is cancer is drawn from Beta(0.6, 0.6): most patients have mostly one class, so a
    network that recognizes patients by their staining seems to recognize cancer, until the split is by patient.

    Patients come in pairs with the same scanner and part whose labels are each other's opposite. So half of the tiles
    are cancer in every part and at every scanner, also when only the first patients and tiles are taken.

    Args:
        seed: of the dataset.
        patients: how many, a multiple of 10; the first ones of the whole cohort.
        tiles_per_patient: how many; the first ones of each patient.
    """
    shape = (patients, tiles_per_patient)
    malignant = np.zeros(shape, bool)
    sites = np.zeros(patients, np.int64)
    split = np.empty(patients, dtype="<U10")
    for pair in range(patients // 2):
        generator = np.random.default_rng([seed, _PAIR_STREAM, pair])
        prevalence = generator.beta(0.6, 0.6)
        labels = generator.random(TILES_PER_PATIENT)[:tiles_per_patient] < prevalence
        malignant[2 * pair], malignant[2 * pair + 1] = labels, ~labels
        sites[2 * pair : 2 * pair + 2] = generator.integers(2)
        block, place = divmod(pair, len(_BLOCK))
        order = np.random.default_rng([seed, _BLOCK_STREAM, block]).permutation(len(_BLOCK))
        split[2 * pair : 2 * pair + 2] = _BLOCK[order[place]]
    return Cohort(
        patients=np.repeat(np.arange(patients), tiles_per_patient),
        tiles=np.tile(np.arange(tiles_per_patient), patients),
        malignant=malignant.ravel(),
        sites=np.repeat(sites, tiles_per_patient),
        split=np.repeat(split, tiles_per_patient),
    )
