"""A heartbeat as a sum of Gaussian waves in phase.

In the dynamical model of McSharry, Clifford, Tarassenko and Smith (A dynamical model for generating synthetic
electrocardiogram signals, IEEE Trans Biomed Eng 50:289-294, 2003) a point runs round the unit circle, once per beat,
and is pushed up and down near the angles of the waves P, Q, R, S, T:

    dz/dt = - sum_i a_i D_i exp(-D_i^2 / (2 b_i^2)),    D_i = (angle - angle_i) mod 2 pi.

(The paper adds a pull to the baseline, -(z - z0), that wander may move; here wander is added to the signal.) While the
angle grows at a steady rate w this integrates to a sum of Gaussians, z = sum_i (a_i b_i^2 / w) exp(-D_i^2 / (2 b_i^2)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEADS = ("MLII", "V1", "V5")
WAVES = ("P", "Q", "R", "S", "T")


@dataclass(frozen=True)
class Waves:
    """Gaussian waves of one beat; an angle of 2 pi is one interval between beats, 0 is where the beat is annotated.

    Attributes:
        angle: (n,) centers, radians.
        rise, fall: (n,) widths (standard deviations) before and after the center, radians. They differ for T alone: it
            rises more slowly than it falls.
        amplitude: (n, leads) mV.
    """

    angle: np.ndarray
    rise: np.ndarray
    fall: np.ndarray
    amplitude: np.ndarray

    def trace(self, angle: np.ndarray) -> np.ndarray:
        """The beat (samples, leads), mV, at angles (samples,)."""
        away = np.asarray(angle)[:, None] - self.angle
        width = np.where(away < 0, self.rise, self.fall)
        return np.exp(-0.5 * (away / width) ** 2) @ self.amplitude


# Table I of the paper: angle, forcing a and width b of P, Q, R, S, T.
PAPER_ANGLE = np.pi * np.array([-1 / 3, -1 / 12, 0, 1 / 12, 1 / 2])
PAPER_FORCING = np.array([1.2, -5.0, 30.0, -7.5, 0.75])
PAPER_WIDTH = np.array([0.25, 0.1, 0.1, 0.1, 0.4])


def paper_waves(rate: float = 60.0) -> Waves:
    """The beat of the paper's Table I in one lead, for a heart rate in beats per minute (steady); R is .048 at 60."""
    amplitude = PAPER_FORCING * PAPER_WIDTH**2 / (2 * np.pi * rate / 60)
    return Waves(PAPER_ANGLE, PAPER_WIDTH, PAPER_WIDTH, amplitude[:, None])


# A wave begins and ends two widths from its center: that is what an interval in seconds means here.
_REACH = 2.0
# From R to Q and to S in widths of the QRS waves, as in the paper.
_QS_DISTANCE = float(PAPER_ANGLE[3] / PAPER_WIDTH[3])
_R_WIDTH = 1.2  # of R, in widths of Q and S; R of the paper is as narrow as those
_T_RISE, _T_FALL = 0.155, 0.10  # widths of T, shares of QT
_ST_WAVES, _ST_SPACING = 6, 1.5  # a flat segment is a row of Gaussians, their spacing in widths


@dataclass(frozen=True)
class Focus:
    """A place in a ventricle that fires early: broad, bizarre waves, the same each time.

    Attributes:
        qrs: duration of its QRS, seconds.
        amplitude: (4, leads) mV: first deflection, main deflection, last deflection, T (against the main one).
    """

    qrs: float
    amplitude: np.ndarray


@dataclass(frozen=True)
class Morphology:
    """What the beats of one patient look like. Durations in seconds; amplitudes in mV for all leads of :data:`LEADS`.

    Attributes:
        pr: from the begin of P to the begin of QRS, a normal beat.
        atrial_pr: the same when the beat comes from elsewhere in the atria.
        p_duration: of P.
        qrs: duration of QRS.
        qtc: from the begin of QRS to the end of T at one second between beats (Bazett: QT = qtc sqrt(RR)).
        amplitude: (5, leads) of P, Q, R, S, T.
        atrial_p: (leads,) P of an atrial premature beat.
        st: (leads,) how a shift of ST by one mV in MLII shows in each lead.
        focus: where ventricular premature beats come from.
    """

    pr: float
    atrial_pr: float
    p_duration: float
    qrs: float
    qtc: float
    amplitude: np.ndarray
    atrial_p: np.ndarray
    st: np.ndarray
    focus: Focus

    def beat(self, symbol: str, rr: float, st_level: float = 0.0) -> Waves:
        """The waves of a beat.

        Durations of P and QRS do not depend on the rate and QT follows Bazett, so angles widen as the heart speeds up:
        the correction of the paper's program (ECGSYN), which moves all waves with the square root, refined.

        Args:
            symbol: N (sinus), A (atrial premature: another P) or V (ventricular premature: no P, wide).
            rr: interval that a full circle stands for, seconds: that of the sinus rhythm, also for premature beats.
            st_level: elevation of the ST segment in MLII, mV; not used for V.
        """
        if symbol == "V":
            return self._ventricular(rr)
        pr, p_amplitude = (self.atrial_pr, self.atrial_p) if symbol == "A" else (self.pr, self.amplitude[0])
        width = self.qrs / (2 * (_QS_DISTANCE + _REACH))
        begin, qt = -self.qrs / 2, self.qtc * np.sqrt(rr)
        t_peak = begin + qt - _REACH * _T_FALL * qt
        center = [begin - pr + self.p_duration / 2, -_QS_DISTANCE * width, 0, _QS_DISTANCE * width, t_peak]
        p_width = self.p_duration / (2 * _REACH)
        rise = [p_width, width, _R_WIDTH * width, width, _T_RISE * qt]
        fall = [p_width, width, _R_WIDTH * width, width, _T_FALL * qt]
        amplitude = np.vstack([p_amplitude, self.amplitude[1:]])
        if st_level:
            # From the J point to T; neighbors at this spacing add up to a plateau of sqrt(2 pi) / spacing.
            places = np.linspace(self.qrs / 2 + 0.03, t_peak, _ST_WAVES)
            st_width = (places[1] - places[0]) / _ST_SPACING
            center, rise, fall = [*center, *places], rise + [st_width] * _ST_WAVES, fall + [st_width] * _ST_WAVES
            row = st_level * self.st * _ST_SPACING / np.sqrt(2 * np.pi)
            amplitude = np.vstack([amplitude, np.tile(row, (_ST_WAVES, 1))])
        return _in_phase(center, rise, fall, amplitude, rr)

    def _ventricular(self, rr: float) -> Waves:
        qrs, qt = self.focus.qrs, (self.qtc + 0.06) * np.sqrt(rr)
        t_peak = -qrs / 2 + qt - _REACH * _T_FALL * qt
        # Begin and end of QRS, two widths from the outer centers, lie qrs / 2 before and after.
        center = [-0.24 * qrs, 0, 0.24 * qrs, t_peak]
        rise = [0.13 * qrs, 0.15 * qrs, 0.13 * qrs, 1.1 * _T_RISE * qt]
        fall = [0.13 * qrs, 0.15 * qrs, 0.13 * qrs, _T_FALL * qt]
        return _in_phase(center, rise, fall, self.focus.amplitude, rr)


def _in_phase(center: list[float], rise: list[float], fall: list[float], amplitude: np.ndarray, rr: float) -> Waves:
    speed = 2 * np.pi / rr
    return Waves(*(speed * np.asarray(values) for values in (center, rise, fall)), amplitude=amplitude)
