"""The rhythm around a beat and the patient's usual beat: against intervals and shapes that are known."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.data import beat_context, catalog
from helpers.data.beat_context import CONTEXT, REACH, SMALLEST_CHANGE
from helpers.data.dataset import Dataset
from helpers.data.phantoms.ecg import SOURCE
from helpers.runtime import InputError

BEFORE, AFTER = CONTEXT.index("interval before"), CONTEXT.index("interval after")


def record(intervals, group=1, inputs=None):
    """Beats between these intervals: the first before the first beat, the last after the last one."""
    count = len(intervals) - 1
    return Dataset(
        name="few-beats",
        inputs=np.zeros((count, 8, 2), "float32") if inputs is None else inputs,
        targets=np.zeros(count, dtype=int),
        task="multiclass",
        groups=np.full(count, group),
        groups_known=True,
        split=np.full(count, "train"),
        source=SOURCE,
        class_names=("normal", "other"),
        truth={"rr_before": np.array(intervals[:-1]), "rr_after": np.array(intervals[1:])},
    )


def test_a_steady_rhythm_has_nothing_to_tell_but_its_rate():
    context = beat_context.rhythm_context(record([0.8] * 30))
    named = dict(zip(CONTEXT, context.T, strict=True))
    np.testing.assert_allclose(named.pop("usual interval"), np.log(0.8), atol=1e-6)
    for name in ("usual change", "usual distance"):
        np.testing.assert_allclose(named.pop(name), np.log(SMALLEST_CHANGE), atol=1e-5)
    assert len(named) == len(CONTEXT) - 3 and all(np.abs(values).max() < 1e-6 for values in named.values())


def test_a_premature_beat_stands_in_the_strip_of_its_neighbors():
    intervals = np.full(41, 0.8)
    intervals[20:22] = 0.4, 1.2  # beat 20 comes early, and a pause follows
    context = beat_context.rhythm_context(record(intervals))
    assert context[20, BEFORE] == pytest.approx(np.log(0.5), abs=1e-6)
    assert context[20, AFTER] == pytest.approx(np.log(1.5), abs=1e-6)
    # The rhythm is steady, so this is as unusual as can be told.
    assert context[20, CONTEXT.index("interval before, in usual distances")] == -beat_context.FARTHEST
    # A beat later it is the interval before the one before, and so on to both sides.
    for shift in range(-REACH - 1, REACH + 1):
        assert context[20 + shift, BEFORE - shift] == pytest.approx(np.log(0.5), abs=1e-6)
    assert context[20, CONTEXT.index("interval before, against that of the record")] == pytest.approx(
        np.log(0.5), abs=1e-6
    )


def test_usual_follows_a_change_of_rate_and_the_record_remembers_both():
    context = beat_context.rhythm_context(record([1.0] * 600 + [0.5] * 401))
    early, late = context[300], context[800]
    here, against = CONTEXT.index("usual interval"), CONTEXT.index("usual interval, against that of the record")
    assert np.exp(early[here]) == pytest.approx(1.0) and np.exp(late[here]) == pytest.approx(0.5)
    assert early[BEFORE] == pytest.approx(0, abs=1e-6) and late[BEFORE] == pytest.approx(0, abs=1e-6)
    mean = (600 * 1.0 + 401 * 0.5) / 1001
    assert np.exp(early[against]) == pytest.approx(1 / mean) and np.exp(late[against]) == pytest.approx(0.5 / mean)


def test_in_a_run_of_premature_beats_each_is_early_against_what_is_usual():
    intervals = np.full(601, 0.8)
    intervals[300:380] = 0.4
    context = beat_context.rhythm_context(record(intervals))[340]
    usual = 0.8 - 80 / 301 * 0.4  # 80 of the 301 intervals around the beat are early
    assert np.exp(context[BEFORE]) == pytest.approx(0.4 / usual)
    assert np.exp(context[CONTEXT.index("median of the near intervals")]) == pytest.approx(0.4 / usual)


def test_where_most_beats_are_premature_they_are_early_all_the_same():
    intervals = np.tile([0.7, 0.7, 0.7, 1.9], 100)  # runs of three, and a pause: the usual interval is 1 s
    context = beat_context.rhythm_context(record(intervals))
    assert np.exp(context[200, BEFORE]) == pytest.approx(0.7, rel=0.01)
    assert np.exp(context[203, BEFORE]) == pytest.approx(1.9, rel=0.01)


def test_irregular_rhythms_are_told_from_steady_ones():
    generator = np.random.default_rng(0)
    steady = beat_context.rhythm_context(record(0.8 * np.exp(0.02 * generator.normal(size=200))))
    chaotic = beat_context.rhythm_context(record(0.8 * np.exp(0.25 * generator.normal(size=200))))
    for name in ("usual change", "usual distance"):
        place = CONTEXT.index(name)
        assert chaotic[:, place].min() > steady[:, place].max() + 1


def test_early_is_not_unusual_where_every_interval_differs():
    generator = np.random.default_rng(0)
    intervals = 0.8 * np.exp(0.25 * generator.normal(size=200))
    intervals[100] = 0.8 * np.exp(-0.25)
    unusual = CONTEXT.index("interval before, in usual distances")
    in_chaos = beat_context.rhythm_context(record(intervals))[100]
    in_order = beat_context.rhythm_context(record(np.where(np.arange(200) == 100, intervals, 0.8)))[100]
    assert in_chaos[BEFORE] == pytest.approx(in_order[BEFORE], abs=0.15)
    assert abs(in_chaos[unusual]) < 3 < abs(in_order[unusual])


def test_fibrillation_is_simulated_for_a_share_of_the_normal_beats():
    context = beat_context.rhythm_context(record([0.8] * 601))
    targets = np.arange(600) % 3
    changed = beat_context.with_fibrillation(context, targets, 0.5, seed=0)
    moved = (changed != context).any(axis=1)
    assert moved.sum() == 100 and (targets[moved] == 0).all()
    place = CONTEXT.index("usual distance")
    assert changed[moved, place].min() > np.log(0.05) > context[:, place].max()
    assert (changed[moved, BEFORE] < np.log(0.9)).sum() > 15  # early, and normal all the same
    np.testing.assert_array_equal(changed, beat_context.with_fibrillation(context, targets, 0.5, seed=0))
    np.testing.assert_array_equal(beat_context.with_fibrillation(context, targets, 0.0, seed=0), context)
    with pytest.raises(InputError, match="between 0 and 1"):
        beat_context.with_fibrillation(context, targets, 1.5, seed=0)


def test_gaps_are_cut_off():
    context = beat_context.rhythm_context(record([0.8] * 40 + [100.0] + [0.8] * 40))
    assert np.isfinite(context).all()
    assert context[40, BEFORE] == pytest.approx(beat_context.LARGEST)


def test_records_do_not_touch_each_other():
    first, second = record([0.8] * 20, 1), record([0.5] * 20, 2)
    both = beat_context.rhythm_context(joined(first, second))
    np.testing.assert_array_equal(both[:19], beat_context.rhythm_context(first))
    np.testing.assert_array_equal(both[19:], beat_context.rhythm_context(second))


def joined(first, second):
    parts = first, second
    return replace(
        first,
        inputs=np.concatenate([part.inputs for part in parts]),
        targets=np.concatenate([part.targets for part in parts]),
        groups=np.concatenate([part.groups for part in parts]),
        split=np.concatenate([part.split for part in parts]),
        truth={name: np.concatenate([part.truth[name] for part in parts]) for name in first.truth},
    )


def test_beats_that_were_left_out_are_noticed():
    whole = record([0.8, 0.4, 1.2, 0.8, 0.9])
    with pytest.raises(InputError, match="without a maximum"):
        beat_context.rhythm_context(whole.select(np.array([0, 2, 3])))


def test_traces_lose_gain_and_offset_and_show_what_is_unusual():
    generator = np.random.default_rng(0)
    usual = np.concatenate([np.zeros((12, 2)), [[1.0, -0.5], [0.4, -0.2], [0.2, 0.0], [0.1, 0.0]]])
    beats = np.repeat(usual[None], 9, axis=0)
    beats[4] *= -2  # one strange beat
    factors = np.array([0.7, 3.0])
    levels = generator.normal(size=(9, 1, 2))
    ones = record([0.8] * 10, inputs=(beats * factors + levels).astype("float32"))
    traces = beat_context.patient_traces(ones, 1, 2)
    assert traces.shape == (9, 16, 4) and traces.dtype == np.float32
    np.testing.assert_allclose(traces[0, :, :2], usual / [1.0, 0.5], atol=1e-5)
    np.testing.assert_allclose(traces[np.arange(9) != 4, :, 2:], 0, atol=1e-5)
    # The others do not differ at all, so a difference of 2 % of the height is one unit, and ten of them are told.
    told = 0.2 * np.clip(-3 * usual / [1.0, 0.5] / 0.02, -10, 10)
    np.testing.assert_allclose(traces[4, :, 2:], told, atol=1e-5)
    assert beat_context.patient_traces(ones, 4, 1).shape == (9, 4, 2)


def test_differences_are_told_in_usual_ones():
    noise = np.random.default_rng(0).normal(size=(40, 16, 2)).astype("float32") * [0.05, 0.5]
    usual = np.eye(16, dtype="float32")[8][None, :, None]  # 1 mV in both leads, under little and under much noise
    traces = beat_context.patient_traces(record([0.8] * 41, inputs=(usual + noise).astype("float32")), 1, 2)
    sizes = np.median(np.abs(traces[:, :, 2:]), axis=(0, 1))
    # Ten times the noise, but nearly the same told: the usual difference is 0.2 less what stands for no noise at all.
    assert 0.1 < sizes[0] < sizes[1] < 0.2


def test_a_lead_that_fell_off_stays_quiet():
    noise = np.random.default_rng(0).normal(0, 0.001, (9, 16, 2)).astype("float32")
    traces = np.abs(beat_context.patient_traces(record([0.8] * 10, inputs=noise), 1, 2))
    assert traces[:, :, :2].max() < 0.1  # a thousandth of a mV against the smallest height of 0.1 mV
    assert traces[:, :, 2:].max() < 0.2 * 0.05 / 0.02  # and against the smallest difference


def test_waves_are_measured_where_they_lie():
    traces = np.zeros((2, 90, 2), "float32")  # 90 steps of 11 ms around a beat in the middle
    traces[0, 45, 0], traces[1, 30, 1] = 2.0, -1.0  # a tall R in the trace; a P wave that differs from the usual one
    numbers = beat_context.wave_numbers(traces).reshape(2, 3, 3, 2)  # beat, part, measure, trace and difference
    assert numbers[0, 1, 0].tolist() == [2, 0] and numbers[0, 0].max() == numbers[0, 2].max() == 0
    assert numbers[1, 0, 1].tolist() == [0, -1] and numbers[1, 1:].max() == 0
    assert numbers[1, 0, 2, 1] == pytest.approx(np.sqrt(1 / 17))  # one of 17 steps from -0.25 to -0.07 s


def test_leads_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="2 leads, so 3"):
        beat_context.patient_traces(record([0.8] * 10), 1, 3)
    with pytest.raises(InputError, match="ecg-phantom or mitdb"):
        beat_context.rhythm_context(replace(record([0.8] * 10), truth={}))


def test_on_the_phantom_premature_beats_come_early_against_their_neighbors():
    beats = catalog.load("ecg-phantom", maximum=400)
    early = beat_context.rhythm_context(beats)[:, BEFORE]
    medians = [np.median(early[beats.targets == label]) for label in range(3)]
    assert abs(medians[0]) < 0.05 and max(medians[1:]) < -0.1
