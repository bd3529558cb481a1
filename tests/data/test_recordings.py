"""Recordings: the same people as the dataset, sample by sample."""

import dataclasses

import numpy as np
import pytest

from helpers.data import catalog, recordings
from helpers.data.phantoms.ecg import ecg_phantom
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def beats():
    return ecg_phantom(200)


def test_every_person_of_the_part_once(beats):
    opened = recordings.open_recordings(beats, "test", 0.5)
    assert [one.group for one in opened] == np.unique(beats.groups[beats.split == "test"]).tolist()
    for one in opened:
        assert one.signal.shape == (0.5 * 60 * 360, 2) and one.hours == pytest.approx(0.5 / 60)
        assert (np.diff(one.positions) > 0).all() and one.seconds[-1] < 30
        assert one.targets.shape == one.positions.shape and set(one.targets) <= {0, 1, 2}


def test_what_is_to_be_found():
    one = recordings.Recording(0, np.zeros((720, 2)), np.arange(5), np.array([0, 1, 2, 3, 4]))
    assert one.to_find.tolist() == [0, 0, 1, -1, -1]


def test_windows_of_recordings_have_their_beat_in_the_middle(beats):
    opened = recordings.open_recordings(beats, "validation", 0.5)
    windows = recordings.heartbeats_of(opened, beats.class_names, beats.source)
    assert len(windows) == sum(len(one.positions) for one in opened)
    second = opened[1]
    row = len(opened[0].positions) + 3
    assert windows.groups[row] == second.group
    np.testing.assert_array_equal(windows.inputs[row, 180], second.signal[second.positions[3]])
    expected = (second.positions[3] - second.positions[2]) / 360
    assert windows.truth["rr_before"][row] == pytest.approx(expected)


def test_other_data_and_no_time_are_refused(beats):
    with pytest.raises(InputError, match="choose one of ecg-phantom, mitdb"):
        recordings.open_recordings(dataclasses.replace(beats, name="my-beats"), "test", 1.0)
    with pytest.raises(InputError, match="above 0"):
        recordings.open_recordings(beats, "test", 0.0)


@pytest.mark.skipif(not catalog.present("mitdb"), reason="mitdb is not there")
def test_real_recordings_are_those_of_the_dataset():
    beats = catalog.load("mitdb", 4000)
    one = recordings.open_recordings(beats.select(beats.groups == 100), "test", 30.1)[0]
    kept = beats.groups == 100
    at = np.searchsorted(one.positions, beats.truth["position"][kept])
    np.testing.assert_array_equal(one.positions[at], beats.truth["position"][kept])
    np.testing.assert_array_equal(one.targets[at], beats.targets[kept])
    middle = beats.inputs[kept][1:-1, 180]
    np.testing.assert_array_equal(one.signal[one.positions[at]][1:-1], middle)
