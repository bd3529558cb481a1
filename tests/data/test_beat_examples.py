"""Which beats are shown."""

import numpy as np
import pytest

from helpers.data.beat_examples import first_of_each_class, stretch_of_beats
from helpers.data.phantoms.ecg import ecg_phantom
from helpers.runtime import InputError


def test_a_stretch_lies_in_the_recording_with_most_beats_of_the_class():
    beats = ecg_phantom(400)
    rows = np.flatnonzero(beats.split == "train")
    shown = stretch_of_beats(beats, rows, label=1, length=12)
    assert len(np.unique(beats.groups[shown])) == 1 and (np.diff(shown) == 1).all() and 1 in beats.targets[shown]
    counts = np.bincount(beats.groups[rows], beats.targets[rows] == 1)
    assert counts[beats.groups[shown[0]]] == counts.max()
    with pytest.raises(InputError, match="no beat of class 3"):
        stretch_of_beats(beats, rows, label=3)


def test_each_class_is_shown_beside_the_median_of_its_recording():
    beats = ecg_phantom(200)
    rows = np.flatnonzero(beats.split == "train")
    shown, usual = first_of_each_class(beats, rows, beats.inputs)
    assert list(shown) == list(beats.class_names) and usual.shape == (3, beats.inputs.shape[1])
    row = rows[beats.targets[rows] == 2][0]
    np.testing.assert_array_equal(shown["ventricular"], beats.inputs[row, :, 0])
    same = beats.inputs[beats.groups == beats.groups[row], :, 0]
    np.testing.assert_array_equal(usual[2], np.median(same, axis=0))
