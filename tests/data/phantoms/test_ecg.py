"""The ECG phantom: what it promises about waves, rhythm, premature beats, difficulty and reproducibility."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson
from scipy.signal import periodogram, welch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data.dataset import PARTS
from helpers.data.phantoms.ecg import (
    DATASET_SEED,
    StShift,
    cohort_size,
    ecg_phantom,
    paper_waves,
    sample_patient,
    simulate_record,
)
from helpers.data.phantoms.ecg_noise import Noise, record_noise
from helpers.data.phantoms.ecg_rhythm import STEP, Rhythm, draw_beats, tachogram
from helpers.runtime import InputError

STEADY = Rhythm(
    interval=0.8,
    deviation=1e-9,
    ratio=1.0,
    respiration=0.25,
    irregularity=0.0,
    atrial_rate=0.0,
    ventricular_rate=0.0,
    repeat=0.0,
    atrial_coupling=0.8,
    ventricular_coupling=0.7,
)


@pytest.fixture(scope="module")
def phantom():
    started = time.process_time()
    dataset = ecg_phantom()
    seconds = time.process_time() - started
    print(f"ECG phantom: {len(np.unique(dataset.groups)) / seconds:.0f} records of 75 s per CPU-second")
    assert seconds < 60
    return dataset


@pytest.fixture(scope="module")
def patients():
    return [sample_patient(DATASET_SEED, number) for number in range(100)]


@pytest.fixture(scope="module")
def records():
    return [simulate_record(DATASET_SEED, number, 75) for number in range(20)]


def interval_features(dataset) -> np.ndarray:
    return np.column_stack([dataset.truth["rr_before"], dataset.truth["rr_after"]])


def amplitudes(dataset) -> np.ndarray:
    """Highest and lowest value of each lead, and the value at the beat."""
    return np.concatenate([dataset.inputs.max(axis=1), dataset.inputs.min(axis=1), dataset.inputs[:, 180]], axis=1)


def test_the_sum_of_waves_solves_the_equation_of_the_paper():
    centers = np.array([-np.pi / 3, -np.pi / 12, 0, np.pi / 12, np.pi / 2])
    forcing, width = np.array([1.2, -5, 30, -7.5, 0.75]), np.array([0.25, 0.1, 0.1, 0.1, 0.4])
    angle = np.linspace(-np.pi, np.pi, 20001)
    for rate in (60, 90):
        away = angle[:, None] - centers
        slope = -(forcing * away * np.exp(-(away**2) / (2 * width**2))).sum(axis=1) / (2 * np.pi * rate / 60)
        expected = cumulative_simpson(slope, x=angle, initial=0)
        found = paper_waves(rate).trace(angle)[:, 0]
        np.testing.assert_allclose(found - found[0], expected, atol=1e-10)


@pytest.mark.parametrize("rr", [0.55, 0.8, 1.2])
def test_intervals_lie_in_the_normal_ranges(patients, rr):
    for patient in patients:
        sinus, atrial, ventricular = (patient.morphology.beat(symbol, rr) for symbol in "NAV")
        second = rr / (2 * np.pi)
        begin, end = {}, {}
        for name, waves in (("N", sinus), ("A", atrial), ("V", ventricular)):
            begin[name] = second * (waves.angle - 2 * waves.rise)
            end[name] = second * (waves.angle + 2 * waves.fall)
        for symbol in "NA":  # waves P, Q, R, S, T
            assert 0.120 <= begin[symbol][1] - begin[symbol][0] <= 0.200
            assert end[symbol][3] - begin[symbol][1] < 0.110
            assert end[symbol][0] < begin[symbol][1]
        assert 0.120 < end["V"][:3].max() - begin["V"][:3].min() < 0.200
        assert 0.350 <= (end["N"][4] - begin["N"][1]) / np.sqrt(rr) <= 0.460
        np.testing.assert_allclose(sinus.angle[1:], atrial.angle[1:])  # a premature atrial beat has a normal QRS
        np.testing.assert_allclose(sinus.amplitude[1:], atrial.amplitude[1:])


def test_heart_rates_are_those_of_adults_at_rest(patients):
    rates = np.array([patient.heart_rate for patient in patients])
    assert rates.min() >= 50 and rates.max() <= 110 and rates.std() > 8
    for patient in patients[:6]:
        quiet = replace(patient.rhythm, atrial_rate=0.0, ventricular_rate=0.0, repeat=0.0)
        beats = draw_beats(np.random.default_rng(0), quiet, 600)
        assert 60 / np.diff(beats.time).mean() == pytest.approx(patient.heart_rate, rel=0.03)


def test_r_waves_in_lead_ii_are_half_to_two_millivolts(records):
    for record in records:
        height = record.clean[record.positions[record.symbols != "V"], 0]
        assert height.min() >= 0.5 and height.max() <= 2.0


def test_a_ventricular_beat_is_wide_and_has_no_p_wave(patients):
    at = np.linspace(-0.3, 0.3, 601)  # seconds at one beat a second
    for patient in patients[:30]:
        normal, ventricular = (
            np.abs(patient.morphology.beat(symbol, 1.0).trace(2 * np.pi * at)) for symbol in ("N", "V")
        )
        before = (at > -0.3) & (at < -patient.morphology.focus.qrs / 2 - 0.03)
        assert ventricular[before, 0].max() < 0.1 * patient.morphology.amplitude[0, 0]
        assert normal[before, 0].max() > 0.8 * patient.morphology.amplitude[0, 0]


def test_ventricular_qrs_is_wider_than_any_normal_one_to_the_eye(patients):
    at = np.linspace(-0.15, 0.15, 1201)  # seconds at one beat a second

    def visible(waves, of_qrs: slice) -> np.ndarray:
        """Seconds from the first to the last value above 5 % of the peak, in each lead, of the QRS alone."""
        only = np.zeros((len(waves.angle), 1))
        only[of_qrs] = 1
        trace = np.abs(replace(waves, amplitude=waves.amplitude * only).trace(2 * np.pi * at))[:, :2]
        above = trace > 0.05 * trace.max(axis=0)
        return at[-1 - above[::-1].argmax(axis=0)] - at[above.argmax(axis=0)]

    normal = [visible(patient.morphology.beat("N", 1.0), slice(1, 4)) for patient in patients]
    ventricular = [visible(patient.morphology.beat("V", 1.0), slice(0, 3)) for patient in patients]
    assert np.max(normal) < 0.108 < 0.115 < np.min(ventricular)


def test_rate_variability_has_the_spectrum_asked_for():
    for ratio, respiration in ((0.5, 0.25), (2.0, 0.3)):
        rhythm = replace(STEADY, deviation=0.05, ratio=ratio, respiration=respiration)
        series = tachogram(np.random.default_rng(3), rhythm, 4000)
        assert series.mean() == pytest.approx(0.8, rel=0.005) and series.std() == pytest.approx(0.04, rel=0.05)
        frequency, power = periodogram(series, 1 / STEP)
        low, high = (power[np.abs(frequency - center) < 0.04].sum() for center in (0.1, respiration))
        assert low / high == pytest.approx(ratio, rel=0.05)
        assert (low + high) / power.sum() > 0.97


def test_the_beats_themselves_show_both_peaks():
    rhythm = replace(STEADY, deviation=0.05, ratio=1.0, respiration=0.28)
    beats = draw_beats(np.random.default_rng(1), rhythm, 1800)
    grid = np.arange(0, 1800, STEP)
    intervals = np.interp(grid, beats.time[1:], np.diff(beats.time))
    frequency, power = welch(intervals - intervals.mean(), 1 / STEP, nperseg=1024)
    low, high = ((frequency > 0.04) & (frequency < 0.15)), ((frequency > 0.15) & (frequency < 0.40))
    assert frequency[low][power[low].argmax()] == pytest.approx(0.10, abs=0.02)
    assert frequency[high][power[high].argmax()] == pytest.approx(0.28, abs=0.02)


@pytest.mark.parametrize(("rates", "symbol", "coupling"), [((0.0, 0.2), "V", 0.7), ((0.2, 0.0), "A", 0.8)])
def test_pauses_after_premature_beats(rates, symbol, coupling):
    rhythm = replace(STEADY, atrial_rate=rates[0], ventricular_rate=rates[1])
    beats = draw_beats(np.random.default_rng(0), rhythm, 400)
    assert set(beats.symbol) == {"N", symbol}
    places = np.flatnonzero(beats.symbol == symbol)
    places = places[places < len(beats.time) - 1]
    assert len(places) > 50 and (np.diff(places) > 1).all()
    before, after = beats.time[places] - beats.time[places - 1], beats.time[places + 1] - beats.time[places]
    np.testing.assert_allclose(before / 0.8, coupling, atol=0.031)
    if symbol == "V":
        np.testing.assert_allclose(before + after, 1.6, atol=1e-6)  # full compensatory pause
    else:
        assert (after > 0.8 - 1e-6).all() and (before + after < 1.6 - 0.05).all()  # the sinus node was reset
    np.testing.assert_allclose(beats.sinus_interval, 0.8, atol=1e-6)
    normal = np.diff(beats.time)[(beats.symbol[1:] == "N") & (beats.symbol[:-1] == "N")]
    np.testing.assert_allclose(normal, 0.8, atol=1e-6)


def test_premature_beats_are_early_in_every_patient(phantom):
    early = phantom.truth["rr_before"] / phantom.truth["sinus_interval"]
    assert early[phantom.targets == 1].max() < 1 and early[phantom.targets == 2].max() < 1
    assert np.median(early[phantom.targets == 0]) == pytest.approx(1, abs=0.03)
    pause = phantom.truth["rr_after"] / phantom.truth["sinus_interval"]
    assert np.median(pause[phantom.targets == 2]) > 1.15 > np.median(pause[phantom.targets == 1]) > 0.95


def test_bigeminy_repeats_premature_beats():
    rhythm = replace(STEADY, ventricular_rate=0.02, repeat=0.9)
    symbols = "".join(draw_beats(np.random.default_rng(0), rhythm, 600).symbol)
    assert "VNVNVNV" in symbols and "VV" not in symbols


def test_st_shift_is_where_and_as_high_as_it_says():
    patient = sample_patient(DATASET_SEED, 3)
    plain = replace(patient, st_shift=StShift(0.0, 0.2, 0.6), rhythm=replace(STEADY, respiration=0.25))
    raised = replace(plain, st_shift=StShift(0.2, 0.2, 0.6))
    without, within = (simulate_record(1, one, 60) for one in (plain, raised))
    assert without.st_spans == () and within.st_spans == ((4320, 12960, 0.2),)
    difference = within.clean[:, 0] - without.clean[:, 0]
    morphology = patient.morphology
    for position, level in zip(within.positions[2:-2], within.st_level[2:-2], strict=True):
        # From 50 ms after QRS to well before T falls.
        segment = difference[position + round(360 * (morphology.qrs / 2 + 0.05)) : position + round(360 * 0.2)]
        np.testing.assert_allclose(segment, level, atol=0.03)
        assert np.abs(difference[position - 60 : position + 2]).max() < 0.1 * abs(level) + 1e-5
    inside = (within.positions > 4320 + 1100) & (within.positions < 12960 - 1100)
    np.testing.assert_allclose(within.st_level[inside], 0.2, atol=0.01)
    outside = (within.positions < 4320 - 1100) | (within.positions > 12960 + 1100)
    np.testing.assert_allclose(within.st_level[outside], 0, atol=0.01)


def test_a_quarter_of_the_patients_has_an_episode(patients):
    shifted = [patient.st_shift.level for patient in patients if patient.st_shift.level]
    assert 15 <= len(shifted) <= 35 and min(shifted) < -0.1 and max(shifted) > 0.1


def test_noise_has_the_parts_asked_for():
    silent = Noise(wander=0, breathing=0, mains=0, muscle=0, bursts=0, motion=0)

    def spectrum(**parts):
        noise = record_noise(np.random.default_rng(0), replace(silent, **parts), 0.25, 360 * 120, 360, 2)
        frequency, power = periodogram(noise, 360, axis=0)
        return noise, frequency, power.sum(axis=1)

    assert not spectrum()[0].any()
    noise, frequency, power = spectrum(wander=0.1)
    assert power[frequency <= 0.51].sum() > 0.99 * power.sum()
    noise, frequency, power = spectrum(breathing=0.1)
    assert frequency[power.argmax()] == pytest.approx(0.25, abs=0.01)
    noise, frequency, power = spectrum(mains=0.1)
    assert frequency[power.argmax()] == pytest.approx(60, abs=0.01)
    assert noise.std(axis=0).min() > 0.03 and noise.std(axis=0).max() < 0.13
    noise, frequency, power = spectrum(muscle=0.1)
    np.testing.assert_allclose(noise.std(axis=0), 0.1, rtol=0.05)
    assert power[(frequency > 7) & (frequency < 121)].sum() > 0.99 * power.sum()
    assert spectrum(muscle=0.1, bursts=10)[0].std() > 0.12
    moved = spectrum(motion=10)[0]
    assert np.abs(moved).max() > 0.05 and np.median(np.abs(moved)) < 0.02


def test_same_seed_same_bytes():
    first, second = (simulate_record(4, 2, 20) for _ in range(2))
    assert first.signal.tobytes() == second.signal.tobytes()
    for changed in (simulate_record(5, 2, 20), simulate_record(4, 3, 20), simulate_record(4, 2, 20, recording=1)):
        assert (changed.signal != first.signal).mean() > 0.9
    assert first.signal.dtype == np.float32 and first.signal.shape == (7200, 2)


def test_leads_and_frequency_do_not_change_the_heart():
    first, more, faster = (
        simulate_record(4, 2, 20),
        simulate_record(4, 2, 20, leads=3),
        simulate_record(4, 2, 20, frequency=720),
    )
    np.testing.assert_array_equal(first.signal, more.signal[:, :2])
    assert more.leads == ("MLII", "V1", "V5")
    np.testing.assert_allclose(first.clean, faster.clean[::2], atol=1e-6)
    assert np.abs(faster.positions - 2 * first.positions).max() <= 1
    np.testing.assert_array_equal(first.symbols, faster.symbols)


@pytest.mark.parametrize("wrong", [{"leads": 4}, {"leads": 0}, {"seconds": 2}, {"frequency": 20}])
def test_records_that_cannot_be_made_are_refused(wrong):
    with pytest.raises(InputError):
        simulate_record(**{"seed": 1, "patient": 1, "seconds": 10} | wrong)


def test_default_dataset_has_the_promised_shape(phantom):
    assert phantom.inputs.shape == (4000, 360, 2) and phantom.inputs.dtype == np.float32
    assert phantom.class_names == ("normal", "supraventricular", "ventricular")
    assert phantom.groups_known and phantom.source.synthetic and phantom.source.group == "patient"
    assert np.unique(phantom.groups, return_counts=True)[1].tolist() == [40] * 100
    shares = np.bincount(phantom.targets) / 4000
    assert 0.70 < shares[0] < 0.85 and shares[1:].min() > 0.08
    assert (phantom.truth["symbol"] == np.array(list("NAV"))[phantom.targets]).all()
    assert ((phantom.truth["pr"] > 0) == (phantom.targets != 2)).all()
    assert ((phantom.truth["qrs"] > 0.12) == (phantom.targets == 2)).all()


def test_windows_are_the_record_around_each_beat(phantom):
    record = simulate_record(DATASET_SEED, 7, 75)
    rows = np.flatnonzero(phantom.groups == 7)
    for row in rows[[0, 11, 39]]:
        position = phantom.truth["position"][row]
        np.testing.assert_array_equal(phantom.inputs[row], record.signal[position - 180 : position + 180])
        place = np.flatnonzero(record.positions == position)[0]
        assert phantom.truth["rr_before"][row] == (position - record.positions[place - 1]) / 360
        assert phantom.truth["rr_after"][row] == (record.positions[place + 1] - position) / 360


def test_split_is_by_patient_and_every_part_has_every_class(phantom):
    patients = {name: set(phantom.part(name).groups) for name in PARTS}
    assert [len(patients[name]) for name in PARTS] == [60, 20, 20]
    assert len(set.union(*patients.values())) == 100
    for dataset in (phantom, ecg_phantom(200)):
        for name in PARTS:
            assert set(dataset.part(name).targets) == {0, 1, 2}


def test_limited_dataset_holds_beats_of_the_whole_one(phantom):
    limited = ecg_phantom(300)
    rows = np.concatenate([np.flatnonzero(phantom.groups == patient)[:30] for patient in range(10)])
    expected = phantom.select(rows)
    np.testing.assert_array_equal(limited.inputs, expected.inputs)
    np.testing.assert_array_equal(limited.targets, expected.targets)
    np.testing.assert_array_equal(limited.split, expected.split)
    for name, values in limited.truth.items():
        np.testing.assert_array_equal(values, expected.truth[name])


@pytest.mark.parametrize(
    ("maximum", "patients", "beats"),
    [(None, 100, 40), (9000, 100, 40), (3000, 100, 30), (2000, 100, 20), (1000, 50, 20), (399, 10, 39), (200, 10, 20)],
)
def test_size_of_a_limited_cohort(maximum, patients, beats):
    assert cohort_size(maximum) == (patients, beats)


def test_too_few_beats_are_refused():
    with pytest.raises(InputError, match="at least 200"):
        ecg_phantom(199)


def test_intervals_and_amplitudes_help_but_do_not_solve_it(phantom):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    features = np.column_stack([interval_features(phantom), amplitudes(phantom)])
    folds = GroupKFold(5, shuffle=True, random_state=0)
    found = cross_val_predict(model, features, phantom.targets, groups=phantom.groups, cv=folds)
    supraventricular = recall_score(phantom.targets, found, labels=[1], average="macro")
    assert 0.40 < supraventricular < 0.75
    # The majority class alone has a macro-F1 of about .29.
    assert 0.70 < f1_score(phantom.targets, found, average="macro") < 0.92


def test_a_split_by_beat_is_too_good(phantom):
    """Beats of one patient are alike: the nearest neighbor finds them when a random split lets it."""
    waves = phantom.inputs[:, 72:288:4] - np.median(phantom.inputs, axis=1, keepdims=True)
    features = np.column_stack([waves.reshape(len(phantom), -1), 2 * interval_features(phantom)])
    neighbor = KNeighborsClassifier(1)
    by_beat = cross_val_predict(
        neighbor, features, phantom.targets, cv=StratifiedKFold(5, shuffle=True, random_state=0)
    )
    by_patient = cross_val_predict(
        neighbor, features, phantom.targets, groups=phantom.groups, cv=GroupKFold(5, shuffle=True, random_state=0)
    )
    gap = balanced_accuracy_score(phantom.targets, by_beat) - balanced_accuracy_score(phantom.targets, by_patient)
    assert gap > 0.04
