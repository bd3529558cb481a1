"""Who is recorded: heart rate, intervals, shapes of waves, premature beats and noise of a patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.phantoms.ecg_noise import Noise
from helpers.data.phantoms.ecg_rhythm import Rhythm
from helpers.data.phantoms.ecg_waves import LEADS, Focus, Morphology

_PATIENT_STREAM = 1  # second entry of the seed: keeps patients, beats and noise apart

# Typical amplitudes, mV: P, Q, R, S, T in MLII, V1, V5.
_TYPICAL = np.array(
    [
        [0.13, 0.06, 0.07],
        [-0.08, 0.00, -0.07],
        [1.05, 0.22, 1.05],
        [-0.20, -0.90, -0.25],
        [0.26, 0.05, 0.26],
    ]
)
_SPREAD = np.array([0.40, 0.70, 0.35, 0.60, 0.50])  # of the logarithm, from patient to patient
R_RANGE = (0.6, 1.8)  # mV in MLII, before breathing and jitter


@dataclass(frozen=True)
class StShift:
    """An episode of raised or lowered ST.

    Attributes:
        level: mV in MLII, positive is elevation; 0 is no episode.
        begin, end: shares of the record.
    """

    level: float
    begin: float
    end: float


@dataclass(frozen=True)
class EcgPatient:
    """What all beats of a patient share.

    Attributes:
        number: of the patient, 0 and up.
        rhythm: rate, its variability, premature beats.
        morphology: shapes of the beats.
        breathing_gain: how much amplitudes swing with respiration (the heart turns), share.
        noise: of the recording.
        st_shift: an episode of ST shift, in one of four patients.
    """

    number: int
    rhythm: Rhythm
    morphology: Morphology
    breathing_gain: float
    noise: Noise
    st_shift: StShift

    @property
    def heart_rate(self) -> float:
        """Mean rate of the sinus rhythm, beats per minute."""
        return 60 / self.rhythm.interval


def sample_patient(seed: int, number: int) -> EcgPatient:
    """Draw a patient; ranges are those of adults at rest, and noise that of an ambulatory recording.

    Patients with an even number have mostly atrial premature beats, those with an odd one mostly ventricular ones, so
    that any two neighbors have both.
    """
    generator = np.random.default_rng([seed, _PATIENT_STREAM, number])
    # Drawn in a fixed order: heart, then electrode.
    rhythm = _draw_rhythm(generator, atrial=number % 2 == 0)
    morphology = _draw_morphology(generator)
    breathing_gain = float(generator.uniform(0.01, 0.08))
    shifted, sign = generator.random(2)
    height = float(generator.uniform(0.12, 0.30))
    level = (height if sign < 0.5 else -height) if shifted < 0.25 else 0.0
    begin = generator.uniform(0.1, 0.4)
    st_shift = StShift(level, float(begin), float(begin + generator.uniform(0.25, 0.5)))
    noise = Noise(
        wander=float(generator.lognormal(np.log(0.05), 0.5)),
        breathing=float(generator.uniform(0.01, 0.08)),
        mains=float(generator.lognormal(np.log(0.004), 0.6)),
        muscle=float(generator.lognormal(np.log(0.022), 0.5)),
        bursts=float(generator.uniform(0, 4)),
        motion=float(generator.uniform(0, 5)),
    )
    return EcgPatient(number, rhythm, morphology, breathing_gain, noise, st_shift)


def _draw_rhythm(generator: np.random.Generator, atrial: bool) -> Rhythm:
    rate = float(np.clip(generator.normal(74, 13), 50, 110))
    often, seldom = generator.uniform(0.10, 0.26), generator.uniform(0.0, 0.06)
    return Rhythm(
        interval=60 / rate,
        # Slow hearts vary more, and some follow every breath: their normal beats come as early as premature ones.
        deviation=float(np.clip(generator.lognormal(np.log(0.06), 0.5), 0.015, 0.12) * min(1.0, 75 / rate)),
        ratio=float(generator.lognormal(np.log(0.8), 0.5)),
        respiration=float(generator.uniform(0.20, 0.33)),
        # Most sinus nodes are steady; where one wanders, the interval alone does not tell what is premature.
        irregularity=float(0.11 * generator.beta(0.7, 1.0)),
        atrial_rate=float(often if atrial else seldom),
        ventricular_rate=float(seldom if atrial else often),
        repeat=float(generator.uniform(0.0, 0.5)),
        atrial_coupling=float(generator.uniform(0.78, 0.94)),
        ventricular_coupling=float(generator.uniform(0.60, 0.90)),
    )


def _draw_morphology(generator: np.random.Generator) -> Morphology:
    leads = len(LEADS)
    factor = np.exp(_SPREAD[:, None] * generator.standard_normal((len(_SPREAD), leads)).clip(-2, 2))
    amplitude = _TYPICAL * factor
    amplitude[2, 0] = np.clip(amplitude[2, 0], *R_RANGE)
    # T is flat or turned over in some patients, and in V1 of about half of all.
    turned = generator.random(leads) < np.array([0.2, 0.5, 0.2])
    amplitude[4] *= np.where(turned, -generator.uniform(0.3, 0.9), 1.0)
    # A QS complex in V1, without the small R before S, is common too.
    amplitude[2, 1] *= -1 if generator.random() < 0.25 else 1
    pr = float(np.clip(generator.normal(0.158, 0.018), 0.125, 0.195))
    # Lower in the atria than the sinus node: P is small, flat or upside down in MLII, and conducts a little faster.
    atrial_p = amplitude[0] * generator.uniform([-0.9, 0.3, -0.6], [0.7, 1.3, 0.8])
    return Morphology(
        pr=pr,
        atrial_pr=float(np.clip(pr * generator.uniform(0.85, 1.05), 0.122, 0.198)),
        p_duration=float(generator.uniform(0.085, 0.110)),
        qrs=float(generator.uniform(0.082, 0.107)),
        qtc=float(np.clip(generator.normal(0.405, 0.020), 0.355, 0.455)),
        amplitude=amplitude,
        atrial_p=atrial_p,
        st=np.array([1.0, -generator.uniform(0.2, 0.6), generator.uniform(0.5, 1.1)]),
        focus=_draw_focus(generator, amplitude),
    )


def _draw_focus(generator: np.random.Generator, amplitude: np.ndarray) -> Focus:
    """A focus whose beats are about as high as the patient's normal ones: what sets them apart is their shape.

    Args:
        generator: source of the focus.
        amplitude: (5, leads) of the normal beat.
    """
    leads = amplitude.shape[1]
    normal = np.where(np.abs(amplitude[2]) > np.abs(amplitude[3]), amplitude[2], amplitude[3])
    # Most foci lie high in the right ventricle: the beat points where the normal one does, in three of four leads.
    sign = np.where(generator.random(leads) < 0.75, 1.0, -1.0)
    main = (sign * normal * generator.lognormal(-0.15, 0.3, leads)).clip(-2.5, 2.5)
    # A slurred begin and an end that goes on or swings back; neither is so small that the beat would look narrow.
    first = main * generator.uniform(0.2, 0.55, leads)
    last = main * generator.uniform(0.25, 0.6, leads) * np.where(generator.random(leads) < 0.5, 1.0, -1.0)
    t = -main * generator.uniform(0.1, 0.4, leads)
    # Leads do not peak together: the beat is annotated at the peak in MLII, others may have theirs later.
    late = generator.random(leads) < np.where(np.arange(leads) == 0, 0.0, 0.6)
    main, last = np.where(late, last, main), np.where(late, main, last)
    return Focus(qrs=float(generator.uniform(0.122, 0.160)), amplitude=np.stack([first, main, last, t]))
