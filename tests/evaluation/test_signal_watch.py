"""Watching the strength of a signal: a calm one stays calm, a planted loss is noticed, and nothing before it."""

import numpy as np
import pytest

from helpers.evaluation import drift, signal_watch
from helpers.runtime import InputError


def recording(seed, beats=900):
    """A spike at every beat whose height varies by three percent, on a little noise."""
    generator = np.random.default_rng(seed)
    positions = 200 + 300 * np.arange(beats)
    signal = generator.normal(0, 0.003, (positions[-1] + 300, 2)).astype(np.float32)
    signal[positions] += np.exp(0.03 * generator.normal(size=beats))[:, None]
    return signal, positions


def test_a_loss_is_noticed_after_it_began():
    limit = drift.limit_for(400.0)
    waits = []
    for seed in range(10):
        signal, positions = recording(seed)
        half = len(signal) / 2 / 360 / 60
        seen = signal_watch.watch_height(signal_watch.weakened(signal, 0.2), positions, 8, limit)
        waits.append(seen.wait_after(half))
        assert seen.sums.shape == (900 // 8, 2) and len(seen.minutes) == 900 // 8
        assert seen.minutes[0] == positions[7] / 360 / 60  # a block is known when its last beat has come
    assert np.isfinite(waits).all() and max(waits) < 1
    found = signal_watch.noticed_share(np.array([*waits, np.nan]))
    assert found.value == pytest.approx(10 / 11)


def test_calm_recordings_alarm_as_often_as_derived():
    limit = drift.limit_for(100.0)
    seen = [signal_watch.watch_height(*recording(seed), 8, limit) for seed in range(30)]
    times = signal_watch.times_derived(seen, limit)
    assert times.low <= 1 <= times.high
    derived = signal_watch.derived_alarms(seen, limit)
    assert derived.tolist() == [drift.expected_alarms(900 // 8, limit)] * 30
    assert times.value == pytest.approx(sum(len(one.alarms) for one in seen) / derived.sum())


def test_recordings_too_short_for_a_block_count_for_nothing():
    signal, positions = recording(0, beats=5)
    short = signal_watch.watch_height(signal, positions, 8, 4.0)
    assert not len(short.minutes) and np.isnan(short.wait_after(0.0))
    long = signal_watch.watch_height(*recording(1), 8, 4.0)
    assert signal_watch.times_derived([short, long], 4.0) == signal_watch.times_derived([long], 4.0)


def test_only_the_second_half_is_weakened():
    signal = np.ones((10, 2), dtype=np.float32)
    changed = signal_watch.weakened(signal, 0.25)
    assert changed[:5].tolist() == signal[:5].tolist() and (changed[5:] == 0.75).all() and (signal == 1).all()
    with pytest.raises(InputError, match="between 0 and 1"):
        signal_watch.weakened(signal, 1.0)
