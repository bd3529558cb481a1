"""The ECG phantom: heartbeats of several patients whose truth is known, and the door to everything that makes them.

Latents first (who, when, which beat), the trace after (:func:`simulate_record`), windows of beats last
(:func:`ecg_phantom`). The classes are those of the AAMI that MIT-BIH beats have too, as far as they occur here.
"""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.heartbeats import FREQUENCY, beat_windows, rr_intervals
from helpers.data.phantoms.ecg_patient import EcgPatient, StShift, sample_patient
from helpers.data.phantoms.ecg_record import EcgRecord, simulate_record
from helpers.data.phantoms.ecg_waves import LEADS, WAVES, Morphology, Waves, paper_waves
from helpers.runtime import InputError

__all__ = [
    "LEADS",
    "WAVES",
    "EcgPatient",
    "EcgRecord",
    "Morphology",
    "StShift",
    "Waves",
    "ecg_phantom",
    "paper_waves",
    "sample_patient",
    "simulate_record",
]

VERSION = "ecg-phantom-1"  # to be raised with every change of the bytes
DATASET_SEED = 12  # of patients, beats, noise and split; a constant of the dataset, never a run's seed
PATIENTS = 100
BEATS_PER_PATIENT = 40
SECONDS = 75.0  # of the record that the beats of a patient come from: 40 beats at 50 a minute, with pauses
CLASS_NAMES = ("normal", "supraventricular", "ventricular")  # AAMI classes N, S, V
SYMBOLS = "NAV"

# Three of five pairs of patients train, one validates, one tests.
_BLOCK = ("train", "train", "train", "validation", "test")
_PATIENTS_PER_BLOCK = 2 * len(_BLOCK)
_FEWEST_BEATS = 20
_SPLIT_STREAM = 5

SOURCE = Source(
    title="ECG phantom",
    licence="MIT",
    citation="The medlab contributors: medlab, deep learning in medicine, one notebook at a time; model of the beat after "
    "McSharry, Clifford, Tarassenko, Smith, IEEE Trans Biomed Eng 50:289-294 (2003).",
    checksum=VERSION,
    synthetic=True,
    group="patient",
    caveats=(
        "Synthetic: no patient stands behind a beat, and no score on it says anything about a clinic.",
        "Premature beats are far more frequent than in most people.",
    ),
)


def ecg_phantom(maximum: int | None = None) -> Dataset:
    """Generate the dataset ``ecg-phantom``: 40 beats in a row of each of 100 patients, two leads, 360 Hz.

    A smaller dataset holds beats of the whole one: the first beats of the first patients. Patients come in blocks of
    ten, each with six in training, two in validation and two in test; see :func:`cohort_size`.

    Args:
        maximum: generate at most so many beats; None for all 4,000.

    Returns:
        ``inputs`` (n, 360, 2) float32 mV, leads MLII and V1, the beat at sample 180; ``targets`` 0 normal, 1
        supraventricular (atrial premature), 2 ventricular (ventricular premature). ``truth`` holds, per beat,
        ``rr_before`` and ``rr_after`` (seconds to the neighboring beats), ``position`` (sample in the record),
        ``symbol`` (N, A, V), ``sinus_interval`` (seconds of the sinus cycle that ends with the beat, or that a
        premature beat cuts short: what is early is early against it), ``st_level`` (mV, elevation of ST in MLII), ``qrs`` and ``pr`` (seconds; pr is 0 where there
        is no P wave).

    Raises:
        InputError: ``maximum`` is below 200.
    """
    patients, beats = cohort_size(maximum)
    parts = [_patient_beats(number, beats) for number in range(patients)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Dataset(
        name="ecg-phantom",
        inputs=columns.pop("inputs"),
        targets=np.array([SYMBOLS.index(symbol) for symbol in columns["symbol"]], dtype=np.int64),
        task="multiclass",
        groups=np.repeat(np.arange(patients), beats),
        groups_known=True,
        split=np.repeat(_split(patients), beats),
        class_names=CLASS_NAMES,
        truth=columns,
        source=SOURCE,
    )


def cohort_size(maximum: int | None) -> tuple[int, int]:
    """Patients and beats per patient for at most ``maximum`` beats.

    Beats go first and patients last, because intervals depend on the number of patients: down to 20 beats of each of
    the 100 patients, then fewer patients, in tens.

    Raises:
        InputError: fewer than 200 beats, 20 of each of ten patients: too few for premature beats of both kinds.
    """
    if maximum is None:
        return PATIENTS, BEATS_PER_PATIENT
    if maximum < _PATIENTS_PER_BLOCK * _FEWEST_BEATS:
        raise InputError(
            f"{maximum} beats are too few for the ECG phantom: ask for at least {_PATIENTS_PER_BLOCK * _FEWEST_BEATS}"
        )
    blocks = min(PATIENTS // _PATIENTS_PER_BLOCK, maximum // (_FEWEST_BEATS * _PATIENTS_PER_BLOCK))
    patients = blocks * _PATIENTS_PER_BLOCK
    return patients, min(BEATS_PER_PATIENT, maximum // patients)


def _patient_beats(number: int, beats: int) -> dict[str, np.ndarray]:
    record = simulate_record(DATASET_SEED, number, SECONDS, FREQUENCY)
    before, after = rr_intervals(record.positions, FREQUENCY)
    # The first beat of the record has nothing before it.
    kept = np.arange(1, 1 + beats)
    symbols, morphology = record.symbols[kept], record.patient.morphology
    return {
        "inputs": beat_windows(record.signal, record.positions[kept]),
        "rr_before": before[kept],
        "rr_after": after[kept],
        "position": record.positions[kept],
        "symbol": symbols,
        "sinus_interval": record.sinus_interval[kept],
        "st_level": record.st_level[kept],
        "qrs": np.where(symbols == "V", morphology.focus.qrs, morphology.qrs),
        "pr": np.select([symbols == "N", symbols == "A"], [morphology.pr, morphology.atrial_pr], 0.0),
    }


def _split(patients: int) -> np.ndarray:
    """Part of each patient; neighbors of a pair (one mostly with S, one mostly with V beats) are in the same part."""
    parts = []
    for block in range(patients // _PATIENTS_PER_BLOCK):
        order = np.random.default_rng([DATASET_SEED, _SPLIT_STREAM, block]).permutation(len(_BLOCK))
        parts.extend(_BLOCK[place] for place in order for _ in range(2))
    return np.array(parts, dtype="<U10")
