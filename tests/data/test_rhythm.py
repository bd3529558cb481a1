"""What a recurrent network is given of a heartbeat: means over samples, intervals against the usual one."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.data import rhythm
from helpers.data.dataset import Dataset
from helpers.data.phantoms.ecg import SOURCE
from helpers.runtime import InputError


def beats(before, after, groups):
    count = len(before)
    return Dataset(
        name="few-beats",
        inputs=np.zeros((count, 8, 2), "float32"),
        targets=np.zeros(count, dtype=int),
        task="multiclass",
        groups=np.array(groups),
        groups_known=True,
        split=np.full(count, "train"),
        source=SOURCE,
        class_names=("normal", "other"),
        truth={"rr_before": np.array(before), "rr_after": np.array(after)},
    )


def test_intervals_are_taken_against_the_patients_median():
    context = rhythm.rhythm_context(beats([1.0, 1.0, 0.5, 2.0], [1.0, 0.5, 1.5, 1.0], [7, 7, 7, 9]))
    np.testing.assert_allclose(context[:, 0], np.log([1, 1, 0.5, 1]), atol=1e-6)
    np.testing.assert_allclose(context[:, 1], np.log([1, 0.5, 1.5, 0.5]), atol=1e-6)
    np.testing.assert_allclose(context[:, 2], np.log([1, 1, 1, 2]), atol=1e-6)


def test_gaps_in_the_annotation_are_cut_off():
    context = rhythm.rhythm_context(beats([100.0], [0.001], [1]))
    np.testing.assert_allclose(context[0], np.log([1, rhythm.SHORTEST / rhythm.LONGEST, rhythm.LONGEST]), rtol=1e-6)


def test_a_coarse_trace_is_made_of_averages_in_order():
    trace = np.arange(16.0).reshape(1, 8, 2)  # leads: even and odd numbers
    np.testing.assert_array_equal(rhythm.coarse_trace(trace, 2)[0], [[1, 2], [5, 6], [9, 10], [13, 14]])
    np.testing.assert_array_equal(rhythm.coarse_trace(trace, 2, 2)[0], [[1, 2, 5, 6], [9, 10, 13, 14]])
    np.testing.assert_array_equal(rhythm.coarse_trace(trace, 1), trace)
    with pytest.raises(InputError, match="8 samples"):
        rhythm.coarse_trace(trace, 3)


def test_other_data_are_refused():
    good = beats([1.0], [1.0], [1])
    assert rhythm.require_heartbeats(good) is good
    for wrong in (replace(good, truth={}), replace(good, task="binary"), replace(good, inputs=np.zeros((1, 8)))):
        with pytest.raises(InputError, match="ecg-phantom or mitdb"):
            rhythm.require_heartbeats(wrong)


def test_own_units_do_not_depend_on_gain_offset_or_other_patients():
    generator = np.random.default_rng(0)
    few = replace(beats([1.0] * 6, [1.0] * 6, [1, 1, 1, 2, 2, 2]), inputs=generator.normal(size=(6, 8, 2)))
    traces = rhythm.own_units(few)
    np.testing.assert_allclose(traces.mean(axis=1), 0, atol=1e-12)
    for group in (1, 2):
        np.testing.assert_allclose(traces[few.groups == group].std(axis=(0, 1)), 1)
    other_gain = replace(few, inputs=few.inputs * np.where(few.groups == 2, 5.0, 1.0)[:, None, None] + 3)
    np.testing.assert_allclose(rhythm.own_units(other_gain), traces)
    assert np.ptp(few.inputs.mean(axis=1)) > 0  # the dataset itself is left as it was
    silent = replace(few, inputs=np.zeros((6, 8, 2)))
    assert not rhythm.own_units(silent).any()
