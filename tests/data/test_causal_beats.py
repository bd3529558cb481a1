"""What a monitor knows: nothing of the future, and the usual beat by hand."""

import dataclasses

import numpy as np
import pytest

from helpers.data import causal_beats
from helpers.data.phantoms.ecg import ecg_phantom
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def beats():
    return ecg_phantom(200)


def test_the_future_changes_nothing(beats):
    rows = np.flatnonzero(beats.groups == beats.groups[0])
    whole = causal_beats.causal_inputs(beats.select(rows), 4)
    half = causal_beats.causal_inputs(beats.select(rows[:9]), 4)
    for one, other in zip(whole, half, strict=True):
        np.testing.assert_array_equal(one[:9], other)


def test_nobody_who_is_tested_is_learned_from(beats):
    """Records 201 and 202 of MIT-BIH are one person; those of the phantom are all different ones."""
    rows = causal_beats.to_learn(beats)
    counted = np.isin(beats.targets, (0, 1, 2))
    np.testing.assert_array_equal(rows, np.flatnonzero((beats.split == "train") & counted))
    named = dataclasses.replace(beats, name="mitdb", groups=np.where(np.arange(len(beats)) % 2, 201, 207))
    assert set(named.groups[causal_beats.to_learn(named)]) == {207}


def test_other_people_change_nothing(beats):
    together = causal_beats.causal_inputs(beats, 4)
    rows = np.flatnonzero(beats.groups == beats.groups[60])
    alone = causal_beats.causal_inputs(beats.select(rows), 4)
    np.testing.assert_array_equal(together[0][rows], alone[0])
    assert together[0].shape == (200, 90, 4) and together[1].shape == (200, 4)
    assert together[0].dtype == together[1].dtype == np.float32


def test_usual_beat_is_the_mean_of_the_past():
    generator = np.random.default_rng(0)
    windows = generator.normal(size=(6, 360, 1))
    heart = causal_beats.RunningHeart(4, 1)
    for window in windows:
        trace, _ = heart.see(window, 0.8)
    centered = windows.reshape(6, 90, 4).mean(axis=2)
    centered -= np.median(centered, axis=1, keepdims=True)
    usual = centered[:5].mean(axis=0)
    np.testing.assert_allclose(trace[:, 0], centered[5] / np.ptp(usual), rtol=1e-5)


def test_rhythm_by_hand():
    heart = causal_beats.RunningHeart(4, 1)
    flat = np.zeros((360, 1))
    seen = [heart.see(flat, interval)[1] for interval in (99.0, 0.8, 0.4)]
    np.testing.assert_allclose(
        seen[0], [0, 0, np.log(0.8), 0], atol=1e-6
    )  # what came before the first beat is not known
    np.testing.assert_allclose(seen[2], [np.log(0.5), 0, np.log(0.8), 0], atol=1e-6)
    assert np.isfinite(seen).all()


def test_height_of_qrs_follows_the_strength_of_the_signal(beats):
    heights = causal_beats.qrs_heights(beats.inputs)
    np.testing.assert_allclose(causal_beats.qrs_heights(0.8 * beats.inputs) - heights, np.log(0.8), atol=1e-5)
    assert causal_beats.qrs_heights(np.zeros((1, 360, 2))) == pytest.approx(np.log(0.01))


def test_steps_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="choose a divisor"):
        causal_beats.RunningHeart(7, 2)
