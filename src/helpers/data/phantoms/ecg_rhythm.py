"""When the heart beats: rate variability with two spectral peaks, premature beats and their pauses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEP = 0.25  # seconds between values of a tachogram
COUPLING_SPREAD = 0.06  # range of the coupling of one focus, share of the sinus interval
RESET_DELAY = 0.05  # how much longer than a cycle the sinus node may take after an atrial premature beat
LOW_FREQUENCY, PEAK_WIDTH = 0.1, 0.01  # Hz, Mayer waves and the width of both peaks, as in the paper


@dataclass(frozen=True)
class Rhythm:
    """How one patient's heart keeps time.

    Attributes:
        interval: mean interval of the sinus rhythm, seconds.
        deviation: standard deviation of the intervals, share of the mean.
        ratio: power of the low-frequency peak over that of the high-frequency one (LF/HF).
        respiration: breaths per second, where the high-frequency peak lies.
        irregularity: standard deviation of what one interval differs from the next without any rhythm, share of the
            interval: a sinus node that wanders.
        atrial_rate, ventricular_rate: probability that a beat is premature.
        repeat: probability that a premature beat, after one normal beat, is followed by another (bigeminy).
        atrial_coupling, ventricular_coupling: from the beat before to a premature one, share of the sinus interval.
    """

    interval: float
    deviation: float
    ratio: float
    respiration: float
    irregularity: float
    atrial_rate: float
    ventricular_rate: float
    repeat: float
    atrial_coupling: float
    ventricular_coupling: float


@dataclass(frozen=True)
class Beats:
    """Beats in time, all arrays (n,).

    Attributes:
        time: seconds.
        symbol: N, A or V.
        sinus_interval: seconds of the cycle of the sinus node that ends with the beat, or that a premature beat cuts
            short. After a premature beat: of the cycle that began with it.
    """

    time: np.ndarray
    symbol: np.ndarray
    sinus_interval: np.ndarray


def tachogram(generator: np.random.Generator, rhythm: Rhythm, seconds: float) -> np.ndarray:
    """Sinus interval at every :data:`STEP` for ``seconds``: Gaussian noise with the paper's bimodal power spectrum.

    S(f) = s1^2 / sqrt(2 pi c^2) exp(-(f - f1)^2 / (2 c^2)) + the same with s2 and f2, with f1 = .1 Hz (Mayer waves), f2 the
    respiration, c = .01 Hz, s1^2 / s2^2 the LF/HF ratio: amplitudes from S, phases drawn at random.
    """
    count = max(8, int(np.ceil(seconds / STEP)))
    frequency = np.fft.rfftfreq(count, STEP)

    def peak(center: float) -> np.ndarray:
        # A short series has few frequencies: no peak may fall between them.
        width = max(PEAK_WIDTH, 0.5 * frequency[1])
        shape = np.exp(-0.5 * ((frequency - center) / width) ** 2)
        return shape / shape.sum()

    power = rhythm.ratio / (1 + rhythm.ratio) * peak(LOW_FREQUENCY) + peak(rhythm.respiration) / (1 + rhythm.ratio)
    power[0] = 0
    phases = np.exp(2j * np.pi * generator.random(len(frequency)))
    series = np.fft.irfft(np.sqrt(power) * phases, count)
    return rhythm.interval * (1 + rhythm.deviation * np.clip(series / series.std(), -2.5, 2.5))


def draw_beats(generator: np.random.Generator, rhythm: Rhythm, seconds: float) -> Beats:
    """Beats from a little before 0 to a little after ``seconds``.

    The sinus node fires whenever the integral of 1 / interval has grown by one. A ventricular premature beat leaves it
    alone: one firing is lost, and the two intervals around the beat are together as long as two normal ones (full
    compensatory pause). An atrial premature beat resets it: the next beat follows after hardly more than one interval.
    """
    lead_in, tail = 2.0, 4.0
    intervals = tachogram(generator, rhythm, seconds + lead_in + tail)
    grid = STEP * np.arange(len(intervals)) - lead_in
    fired = np.concatenate([[0.0], np.cumsum(STEP * 2 / (intervals[1:] + intervals[:-1]))])

    def sinus(after: float, firings: int) -> float:
        return float(np.interp(np.interp(after, grid, fired) + firings, fired, grid))

    time = sinus(-lead_in, 0) + generator.random() * rhythm.interval
    times, symbols, cycles = [time], ["N"], [sinus(time, 1) - time]
    since, kind = 9, "V"  # normal beats since the last premature one, and what that was
    # Two cycles and a little: the longest step below.
    while time + 2.5 * rhythm.interval < grid[-1]:
        cycle = sinus(time, 1) - time
        chance, repeats, jitter, delay = generator.random(4)
        wandered = rhythm.irregularity * cycle * np.clip(generator.standard_normal(), -2, 2)
        if since == 1 and repeats < rhythm.repeat:
            symbol = kind
        elif chance < rhythm.atrial_rate + rhythm.ventricular_rate:
            symbol = "A" if chance < rhythm.atrial_rate else "V"
        else:
            symbol = "N"
        if symbol == "N":
            times.append(sinus(time, 1) + wandered)
            cycles.append(cycle)
            since += 1
        else:
            coupling = rhythm.atrial_coupling if symbol == "A" else rhythm.ventricular_coupling
            early = time + cycle * (coupling + COUPLING_SPREAD * (jitter - 0.5))
            # No two premature beats in a row: a normal one follows.
            following = sinus(time, 2) if symbol == "V" else sinus(early, 1) + RESET_DELAY * delay * cycle
            times.extend([early, following])
            cycles.extend([cycle, sinus(early, 1) - early])
            since, kind = 1, symbol
        symbols.extend(["N"] if symbol == "N" else [symbol, "N"])
        time = times[-1]
    return Beats(np.array(times), np.array(symbols, dtype="<U1"), np.array(cycles))
