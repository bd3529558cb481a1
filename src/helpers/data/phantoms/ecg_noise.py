"""What an electrode records besides the heart: wander, mains, muscle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAINS = 60.0  # Hz, as in the MIT-BIH records


@dataclass(frozen=True)
class Noise:
    """Strengths of the disturbances of one recording, mV.

    Attributes:
        wander: standard deviation of slow drift of the baseline, below half a hertz.
        breathing: amplitude of the baseline's swing with respiration.
        mains: amplitude of the hum.
        muscle: standard deviation of muscle noise at rest; in bursts it is three times as strong.
        bursts: bursts of muscle noise per minute.
        motion: movements of an electrode per minute and lead; each shifts its lead for a moment by up to a millivolt.
    """

    wander: float
    breathing: float
    mains: float
    muscle: float
    bursts: float
    motion: float


def record_noise(
    generator: np.random.Generator, noise: Noise, respiration: float, samples: int, frequency: float, leads: int
) -> np.ndarray:
    """Noise (samples, leads) in mV. Leads share times of bursts and of breaths, the rest is their own.

    Args:
        generator: source of the noise.
        noise: strengths.
        respiration: breaths per second.
        samples: length.
        frequency: samples per second; mains are left out where it is too low to hold them.
        leads: how many.
    """
    time = np.arange(samples) / frequency
    breath = np.sin(2 * np.pi * (respiration * time + generator.random()))
    envelope = np.ones(samples)
    for _ in range(generator.poisson(noise.bursts * samples / frequency / 60)):
        center, width = generator.random() * time[-1], generator.uniform(0.3, 1.5)
        envelope += 2 * np.exp(-0.5 * ((time - center) / width) ** 2)
    columns = []
    for _ in range(leads):
        share = generator.uniform(0.5, 1.5)
        column = noise.wander * _band(generator, samples, frequency, 0.03, 0.5, slope=-1.0)
        column += share * noise.breathing * breath
        column += noise.muscle * envelope * _band(generator, samples, frequency, 8.0, 120.0, slope=-0.4)
        hum = noise.mains * (1 + 0.3 * _band(generator, samples, frequency, 0.03, 1.0, slope=0.0))
        if frequency > 2 * MAINS:
            column += generator.uniform(0.5, 1.5) * hum * np.sin(2 * np.pi * (MAINS * time + generator.random()))
        for _ in range(generator.poisson(noise.motion * samples / frequency / 60)):
            height, start, settle = generator.normal(0, 0.4), generator.random() * time[-1], generator.uniform(0.1, 0.6)
            # Up within a tenth of a second, back as the amplifier recovers.
            after = np.clip(time - start, 0, None)
            column += np.clip(height, -1, 1) * (np.exp(-after / settle) - np.exp(-after / 0.03))
        columns.append(column)
    return np.stack(columns, axis=1)


def _band(
    generator: np.random.Generator, samples: int, frequency: float, low: float, high: float, slope: float
) -> np.ndarray:
    """Gaussian noise (samples,) of standard deviation one between two frequencies; amplitude goes as f to ``slope``."""
    # Drawn for a longer time than needed: the inverse transform is periodic, and a record does not end as it began.
    length = samples + int(8 * frequency)
    at = np.fft.rfftfreq(length, 1 / frequency)
    inside = (at >= low) & (at <= high)
    spectrum = np.zeros(len(at), complex)
    drawn = generator.standard_normal((int(inside.sum()), 2))
    spectrum[inside] = at[inside] ** slope * (drawn[:, 0] + 1j * drawn[:, 1])
    power = (2 * at[inside] ** (2 * slope)).sum()
    return np.fft.irfft(spectrum, length)[:samples] * length / np.sqrt(2 * power)
