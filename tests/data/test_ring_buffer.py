"""The ring buffer: the newest samples, whatever the packets, and windows that are those of the whole signal."""

import numpy as np
import pytest

from helpers.data.heartbeats import beat_windows
from helpers.data.ring_buffer import BeatWindows, RingBuffer
from helpers.runtime import InputError


def test_old_samples_are_overwritten():
    ring = RingBuffer(5, 1)
    for start in range(0, 9, 3):
        ring.append(np.arange(start, start + 3, dtype=float)[:, None])
    assert ring.seen == 9 and ring.memory == 20
    assert ring.between(4, 9)[:, 0].tolist() == [4, 5, 6, 7, 8]
    with pytest.raises(InputError, match="holds 4 to 9"):
        ring.between(3, 6)
    with pytest.raises(InputError, match="holds 4 to 9"):
        ring.between(7, 10)


def test_what_does_not_fit_is_refused():
    for wrong in (np.zeros((6, 1)), np.zeros((2, 2)), np.zeros(3)):
        with pytest.raises(InputError, match="packet"):
            RingBuffer(5, 1).append(wrong)
    with pytest.raises(InputError, match="at least one of each"):
        RingBuffer(0, 1)


@pytest.mark.parametrize("packet", [1, 7, 36, 500])
def test_windows_are_those_of_the_whole_signal(packet):
    signal = np.random.default_rng(0).normal(size=(2000, 2)).astype(np.float32)
    beats = np.array([20, 150, 500, 790, 795, 1400, 1819, 1820, 1950])
    windows, found = BeatWindows(2, packet), []
    for start in range(0, len(signal), packet):
        inside = (beats >= start) & (beats < start + packet)
        for beat, window in windows.feed(signal[start : start + packet], beats[inside]):
            assert beat + 180 <= start + packet  # nothing of the future
            assert start < beat + 180  # in the first packet that completes it
            found.append((beat, window))
    assert [beat for beat, _ in found] == [20, 150, 500, 790, 795, 1400, 1819, 1820]  # the last has no end yet
    expected = beat_windows(signal, beats)[:-1]
    np.testing.assert_array_equal([window for _, window in found], expected)


def test_memory_does_not_grow():
    windows = BeatWindows(2, 36)
    before = windows.memory
    for _ in range(100):
        windows.feed(np.zeros((36, 2), dtype=np.float32), np.array([]))
    assert windows.memory == before == (360 + 36) * 2 * 4
