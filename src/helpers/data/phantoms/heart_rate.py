"""Heart rates, beat by beat, of the patients of the ECG phantom's kind: series to be continued by one beat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.phantoms.ecg_patient import sample_patient
from helpers.data.phantoms.ecg_rhythm import draw_beats
from helpers.data.splitting import group_split
from helpers.runtime import InputError

VERSION = "heart-rate-phantom-1"  # to be raised with every change of the bytes
DATASET_SEED = 47  # of patients, beats and split; a constant of the dataset, never a run's seed
FEWEST_PATIENTS = 10
_BEATS_STREAM = 1
_SLOWEST = 1.4  # seconds between two beats, more than any sinus interval of the phantom

SOURCE = Source(
    title="Heart rate phantom",
    licence="MIT",
    citation="The medlab contributors: medlab, deep learning in medicine, one notebook at a time; variability of the heart rate "
    "after McSharry, Clifford, Tarassenko, Smith, IEEE Trans Biomed Eng 50:289-294 (2003).",
    checksum=VERSION,
    synthetic=True,
    group="patient",
    caveats=(
        "A steady patient at rest, without premature beats: the rate swings with breath and blood pressure, and never rises "
        "with effort, fever or fear.",
    ),
)


def heart_rate_phantom(patients: int = 60, windows: int = 40, seen: int = 32) -> Dataset:
    """Generate the dataset ``heart-rate-phantom``: the sinus rhythm of each patient, cut into series.

    Args:
        patients: at least ten.
        windows: series per patient, at least one; neighbors overlap by half.
        seen: beats of a series, at least two and even.

    Returns:
        ``inputs`` (n, seen, 1) float32, beats per minute, 60 over the seconds between one beat and the next; ``targets``
        (n,) float64, the rate at the beat that follows. Groups are patients, in parts of about 60, 20 and 20 %.

    Raises:
        InputError: too few patients, windows or beats.
    """
    if patients < FEWEST_PATIENTS or windows < 1 or seen < 2 or seen % 2:
        raise InputError(
            f"{patients} patients, {windows} series of {seen} beats: at least {FEWEST_PATIENTS} patients, one series and "
            "two beats are needed, and an even number of beats"
        )
    starts = np.arange(windows) * (seen // 2)
    places = starts[:, None] + np.arange(seen + 1)
    rates = np.stack([_rates(number, int(places.max()) + 1)[places] for number in range(patients)])
    rates = rates.reshape(-1, seen + 1)
    groups = np.repeat(np.arange(patients), windows)
    return Dataset(
        name="heart-rate-phantom",
        inputs=rates[:, :-1, None].astype(np.float32),
        targets=rates[:, -1],
        task="regression",
        groups=groups,
        groups_known=True,
        split=group_split(groups, np.zeros(len(groups), dtype=int), DATASET_SEED),
        source=SOURCE,
    )


def _rates(number: int, count: int) -> np.ndarray:
    """The first ``count`` heart rates of a patient, beats per minute."""
    rhythm = replace(sample_patient(DATASET_SEED, number).rhythm, atrial_rate=0.0, ventricular_rate=0.0)
    generator = np.random.default_rng([DATASET_SEED, _BEATS_STREAM, number])
    beats = draw_beats(generator, rhythm, seconds=(count + 2) * _SLOWEST * rhythm.interval)
    return 60 / np.diff(beats.time)[:count]
