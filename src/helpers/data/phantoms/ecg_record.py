"""Records of the ECG phantom: latents (beats, their shapes, episodes) first, then the trace, then the noise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from helpers.data.phantoms.ecg_noise import record_noise
from helpers.data.phantoms.ecg_patient import EcgPatient, sample_patient
from helpers.data.phantoms.ecg_rhythm import Beats, draw_beats
from helpers.data.phantoms.ecg_waves import LEADS, WAVES
from helpers.runtime import InputError

_RHYTHM_STREAM, _JITTER_STREAM, _NOISE_STREAM = 2, 3, 4
_SEEN_BEFORE, _SEEN_AFTER = 0.45, 0.85  # seconds around a beat in which its waves are not yet zero
_RAMP = 3.0  # seconds in which ST moves to its new level


@dataclass(frozen=True)
class EcgRecord:
    """A recording and what is known about it.

    Attributes:
        signal: (samples, leads) float32, mV.
        clean: (samples, leads) float32, mV: the same heart without noise.
        frequency: samples per second.
        leads: names of the leads.
        positions: (n,) int64, samples of the beats (the peak of R, or of the main deflection).
        symbols: (n,) N (normal), A (atrial premature), V (ventricular premature), as in MIT-BIH annotations.
        sinus_interval: (n,) seconds of the sinus cycle that ends with the beat, or that a premature beat cuts short.
        st_level: (n,) mV, elevation of ST in MLII; 0 for ventricular premature beats.
        st_spans: (first sample, sample after the last, level in mV) of each episode of ST shift, from half of its level.
        patient: who was recorded.
    """

    signal: np.ndarray
    clean: np.ndarray
    frequency: float
    leads: tuple[str, ...]
    positions: np.ndarray
    symbols: np.ndarray
    sinus_interval: np.ndarray
    st_level: np.ndarray
    st_spans: tuple[tuple[int, int, float], ...]
    patient: EcgPatient


def simulate_record(
    seed: int,
    patient: int | EcgPatient,
    seconds: float,
    frequency: float = 360.0,
    leads: int = 2,
    recording: int = 0,
) -> EcgRecord:
    """Record a patient.

    Beats, their small variations and the noise come from streams of random numbers of their own: the same heart can be
    recorded with more leads or at another frequency.

    Args:
        seed: of the dataset.
        patient: number of the patient, or the patient.
        seconds: length, at least 5.
        frequency: samples per second, at least 100.
        leads: the first so many of MLII, V1, V5.
        recording: number of the recording of this patient.

    Raises:
        InputError: a length, a frequency or a number of leads that there is not.
    """
    if not 1 <= leads <= len(LEADS):
        raise InputError(f"{leads} leads: the ECG phantom has 1 to {len(LEADS)} ({', '.join(LEADS)})")
    if not (seconds >= 5 and frequency >= 100):
        raise InputError(f"a record of {seconds:g} s at {frequency:g} Hz: at least 5 s and 100 Hz are needed")
    patient = patient if isinstance(patient, EcgPatient) else sample_patient(seed, patient)
    streams = {
        stream: np.random.default_rng([seed, stream, patient.number, recording])
        for stream in (_RHYTHM_STREAM, _JITTER_STREAM, _NOISE_STREAM)
    }
    beats = draw_beats(streams[_RHYTHM_STREAM], patient.rhythm, seconds)
    levels = np.where(beats.symbol == "V", 0.0, st_level(patient, beats.time, seconds))
    samples = round(seconds * frequency)
    clean = _render(streams[_JITTER_STREAM], patient, beats, levels, samples, frequency, leads)
    noise = record_noise(streams[_NOISE_STREAM], patient.noise, patient.rhythm.respiration, samples, frequency, leads)
    positions = np.rint(beats.time * frequency).astype(np.int64)
    inside = (positions >= 0) & (positions < samples)
    shift = patient.st_shift
    span = (round(shift.begin * samples), round(shift.end * samples), shift.level)
    return EcgRecord(
        signal=(clean + noise).astype(np.float32),
        clean=clean.astype(np.float32),
        frequency=float(frequency),
        leads=LEADS[:leads],
        positions=positions[inside],
        symbols=beats.symbol[inside],
        sinus_interval=beats.sinus_interval[inside],
        st_level=levels[inside],
        st_spans=(span,) if shift.level else (),
        patient=patient,
    )


def st_level(patient: EcgPatient, time: np.ndarray, seconds: float) -> np.ndarray:
    """Elevation of ST in MLII, mV, at times (n,) of a record of ``seconds``: it comes and goes within a few beats."""
    shift = patient.st_shift
    rise, fall = (np.tanh((time - share * seconds) / (_RAMP / 2)) for share in (shift.begin, shift.end))
    return shift.level * (rise - fall) / 2


def _render(
    generator: np.random.Generator,
    patient: EcgPatient,
    beats: Beats,
    levels: np.ndarray,
    samples: int,
    frequency: float,
    leads: int,
) -> np.ndarray:
    """The trace of all beats (samples, leads), mV: each is a sum of waves in phase, neighbors add up."""
    trace = np.zeros((samples, leads))
    breath = np.sin(2 * np.pi * (patient.rhythm.respiration * beats.time + generator.random()))
    jitter = generator.standard_normal((len(beats.time), 2)).clip(-2.5, 2.5)
    # The heart turns with each breath and leads see it from different sides.
    side = generator.uniform(-1, 1, len(LEADS))
    for time, symbol, interval, level, swing, (size, t_size) in zip(
        beats.time, beats.symbol, beats.sinus_interval, levels, breath, jitter, strict=True
    ):
        first = max(0, int(np.ceil((time - _SEEN_BEFORE) * frequency)))
        last = min(samples, int((time + _SEEN_AFTER) * frequency))
        if first >= last:
            continue
        waves = patient.morphology.beat(symbol, interval, level)
        gain = (1 + 0.015 * size) * (1 + patient.breathing_gain * swing * side)
        amplitude = (waves.amplitude * gain)[:, :leads]
        amplitude[3 if symbol == "V" else WAVES.index("T")] *= 1 + 0.04 * t_size
        phase = 2 * np.pi * (np.arange(first, last) / frequency - time) / interval
        trace[first:last] += replace(waves, amplitude=amplitude).trace(phase)
    return trace
