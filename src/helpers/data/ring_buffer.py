"""The last seconds of a signal in a fixed piece of memory: what a monitor that never stops can afford."""

from __future__ import annotations

import numpy as np

from helpers.data.heartbeats import AFTER, BEFORE
from helpers.runtime import InputError


class RingBuffer:
    """The newest ``capacity`` samples of a signal; older ones are overwritten in place.

    Args:
        capacity: samples kept.
        channels: values per sample.

    Attributes:
        seen: samples that have arrived since the start.
    """

    def __init__(self, capacity: int, channels: int) -> None:
        if capacity < 1 or channels < 1:
            raise InputError(
                f"a ring buffer of {capacity} samples and {channels} channels: it needs at least one of each"
            )
        self._values = np.zeros((capacity, channels), dtype=np.float32)
        self.seen = 0

    @property
    def memory(self) -> int:
        """Bytes of the samples kept."""
        return self._values.nbytes

    def append(self, samples: np.ndarray) -> None:
        """Take over the next samples (n, channels), n at most the capacity."""
        capacity = len(self._values)
        if samples.ndim != 2 or samples.shape[1] != self._values.shape[1] or len(samples) > capacity:
            raise InputError(f"a packet of shape {samples.shape} for a ring of {self._values.shape}: send less at once")
        self._values[(self.seen + np.arange(len(samples))) % capacity] = samples
        self.seen += len(samples)

    def between(self, first: int, end: int) -> np.ndarray:
        """Samples number ``first`` up to ``end`` (without it), counted from the start of the signal; a copy.

        Raises:
            InputError: some of them have not arrived yet or are overwritten already.
        """
        oldest = max(0, self.seen - len(self._values))
        if not oldest <= first <= end <= self.seen:
            raise InputError(f"samples {first} to {end} are not in the ring, which holds {oldest} to {self.seen}")
        return self._values[np.arange(first, end) % len(self._values)]


class BeatWindows:
    """Cuts windows of one second around beats out of a signal that arrives in packets.

    A window is complete half a second after its beat: that is the least a monitor of this kind is late. Places before the
    start of the signal repeat its first sample, as in :func:`helpers.data.heartbeats.beat_windows`.

    Args:
        channels: leads of the signal.
        packet: samples of the largest packet.
    """

    def __init__(self, channels: int, packet: int) -> None:
        self._ring = RingBuffer(BEFORE + AFTER + packet, channels)
        self._first = np.zeros(channels, dtype=np.float32)
        self._waiting: list[int] = []

    @property
    def memory(self) -> int:
        """Bytes of the ring."""
        return self._ring.memory

    def feed(self, samples: np.ndarray, beats: np.ndarray) -> list[tuple[int, np.ndarray]]:
        """Take over a packet and give back the windows that it completes.

        Args:
            samples: (n, channels) mV.
            beats: sample numbers of the beats found in this packet, in order.

        Returns:
            Sample number of each beat and its window (360, channels).
        """
        if not self._ring.seen and len(samples):
            self._first = np.asarray(samples[0], dtype=np.float32)
        self._ring.append(samples)
        self._waiting.extend(int(beat) for beat in beats)
        complete = [beat for beat in self._waiting if beat + AFTER <= self._ring.seen]
        self._waiting = self._waiting[len(complete) :]
        return [(beat, self._window(beat)) for beat in complete]

    def _window(self, beat: int) -> np.ndarray:
        missing = max(0, BEFORE - beat)
        window = self._ring.between(beat - BEFORE + missing, beat + AFTER)
        return np.concatenate([np.repeat(self._first[None], missing, axis=0), window])
