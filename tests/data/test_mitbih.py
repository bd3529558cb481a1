"""The MIT-BIH reader: classes, leads, split and hostile files on generated records; exact counts on the real ones."""

from __future__ import annotations

import re
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest

from helpers.data import catalog, mitbih
from helpers.data.catalog.entries import File
from helpers.data.dataset import PARTS
from helpers.data.heartbeats import beat_windows, rr_intervals, spread
from helpers.data.readers import read
from helpers.runtime import InputError

# wfdb calls pandas in ways that pandas 4 will no longer know; the reader keeps that to itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SAMPLES = 4000
POSITIONS = np.array([100, 400, 500, 900, 1250, 1600, 3950])
SYMBOLS = ["+", "N", "A", "V", "L", "F", "/"]


@pytest.fixture
def records(data_folder):
    """Writes records into the data folder: ``records({101: {}, 100: {"leads": ["V5", "MLII"]}})``; gives the entry."""

    import wfdb

    def write(settings: dict[int, dict]):
        folder = data_folder / "mitdb"
        folder.mkdir(parents=True)
        for number, setting in settings.items():
            generator = np.random.default_rng(number)
            signal = np.round(generator.normal(0, 0.5, (SAMPLES, 2)), 2)
            wfdb.wrsamp(
                str(number),
                fs=setting.get("fs", 360),
                units=["mV", "mV"],
                sig_name=setting.get("leads", ["MLII", "V1"]),
                p_signal=signal,
                fmt=["212", "212"],
                adc_gain=[200.0, 200.0],
                baseline=[0, 0],
                write_dir=str(folder),
            )
            wfdb.wrann(
                str(number),
                "atr",
                setting.get("positions", POSITIONS),
                setting.get("symbols", SYMBOLS),
                write_dir=str(folder),
            )
        names = [f"{number}.{ending}" for number in settings for ending in ("atr", "dat", "hea")]
        return replace(catalog.describe("mitdb"), files=tuple(File(name) for name in names), sha256={})

    return write


def refusal(entry) -> str:
    with pytest.raises(InputError) as caught:
        read(entry)
    assert "\n" not in str(caught.value) and "`medlab fetch mitdb`" in str(caught.value)
    return str(caught.value)


def test_beats_get_their_aami_classes_and_records_their_parts(records):
    entry = records({101: {}, 106: {}, 100: {}})  # 101 validates, 106 trains, 100 tests
    dataset = read(entry)
    assert dataset.inputs.shape == (18, 360, 2) and dataset.inputs.dtype == np.float32
    assert dataset.targets.reshape(3, 6).tolist() == [[0, 1, 2, 0, 3, 4]] * 3  # N A V L F /; the rhythm mark is no beat
    assert dataset.groups.tolist() == [100] * 6 + [101] * 6 + [106] * 6
    assert dataset.split.tolist() == ["test"] * 6 + ["validation"] * 6 + ["train"] * 6
    assert dataset.truth["symbol"][:6].tolist() == SYMBOLS[1:]
    assert dataset.truth["position"][:6].tolist() == POSITIONS[1:].tolist()
    np.testing.assert_allclose(dataset.truth["rr_before"][:6] * 360, [100, 100, 400, 350, 350, 2350])
    np.testing.assert_allclose(dataset.truth["rr_after"][:6] * 360, [100, 400, 350, 350, 2350, 2350])
    signal = np.round(np.random.default_rng(106).normal(0, 0.5, (SAMPLES, 2)), 2)
    np.testing.assert_allclose(dataset.inputs[12], signal[220:580], atol=0.0051)
    assert dataset.source.checksum.startswith("sha256:") and not dataset.source.synthetic


def test_lead_mlii_comes_first_wherever_it_lies(records):
    dataset = read(records({114: {"leads": ["V5", "MLII"]}}))
    signal = np.round(np.random.default_rng(114).normal(0, 0.5, (SAMPLES, 2)), 2)
    np.testing.assert_allclose(dataset.inputs[0], signal[220:580, ::-1], atol=0.0051)


@pytest.mark.filterwarnings("error")
def test_reading_warns_of_nothing(records):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entry = records({100: {}})
    assert len(read(entry)) == 6


def test_every_symbol_belongs_to_the_class_of_the_standard():
    symbols = list("NLRejAaJSVEF/fQ") + ["+", "~", "|", "!", "x", '"']
    assert mitbih.aami_classes(np.array(symbols)).tolist() == [0] * 5 + [1] * 4 + [2] * 2 + [3] + [4] * 3 + [-1] * 6


# Table III of de Chazal, O'Dwyer and Reilly (2004).
PUBLISHED = {
    "learned": "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230",
    "tested": "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234",
}


def test_the_split_between_patients_is_that_of_the_paper(records):
    part_of = {int(number): part for part, numbers in PUBLISHED.items() for number in numbers.split()}
    assert dict.fromkeys(mitbih.DS1, "learned") | dict.fromkeys(mitbih.DS2, "tested") == part_of
    dataset = read(records({number: {} for number in part_of}))
    for number, part in part_of.items():
        found = set(dataset.split[dataset.groups == number])
        assert len(found) == 1 and found <= ({"test"} if part == "tested" else {"train", "validation"}), number
    assert len(mitbih.DS1) == len(mitbih.DS2) == 22 and not set(mitbih.DS1) & set(mitbih.DS2)
    assert not {102, 104, 107, 217} & set(mitbih.DS1 + mitbih.DS2)
    assert set(mitbih.VALIDATION) < set(mitbih.DS1) and 201 not in mitbih.VALIDATION


def test_windows_at_the_ends_repeat_the_last_value():
    signal = np.arange(1000, dtype=np.float32)[:, None]
    windows = beat_windows(signal, np.array([10, 500, 990]))
    assert windows.shape == (3, 360, 1)
    assert (windows[0, :171, 0] == 0).all() and windows[0, 180, 0] == 10
    assert windows[1, [0, 180, 359], 0].tolist() == [320, 500, 679]
    assert windows[2, 180, 0] == 990 and (windows[2, 189:, 0] == 999).all()


def test_intervals_at_the_ends_repeat_the_neighbor():
    before, after = rr_intervals(np.array([0, 360, 540]), 360)
    assert before.tolist() == [1.0, 1.0, 0.5] and after.tolist() == [1.0, 0.5, 0.5]


def test_fewer_beats_are_spread_over_the_record():
    assert spread(100, 5).tolist() == [0, 25, 50, 74, 99]
    assert spread(3, 10).tolist() == [0, 1, 2]


def test_limit_keeps_every_record(records):
    entry = records({101: {}, 106: {}, 100: {}})
    limited = read(entry, 9)
    assert np.unique(limited.groups, return_counts=True)[1].tolist() == [3, 3, 3]
    whole = read(entry)
    place = np.flatnonzero((whole.groups == 100) & (whole.truth["position"] == limited.truth["position"][1]))
    # Intervals are to the neighbors in the record, not to the neighbors that were kept.
    assert limited.truth["rr_before"][1] == whole.truth["rr_before"][place]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"symbols": ["+"] * 7}, "100.atr .*marks 0 beats"),
        ({"fs": 250}, "100.hea .*250 Hz, not 360 Hz"),
        ({"leads": ["V5", "V1"]}, "100.hea .*V5, V1, not MLII"),
        ({"positions": np.append(POSITIONS[:-2], [1600, 1600])}, "100.atr .*order"),
        ({"positions": np.append(POSITIONS[:-1], 4000)}, "100.atr .*up to sample 4,000, the signal has 4,000"),
    ],
)
def test_records_of_another_kind_are_one_clear_line(records, setting, words):
    assert re.search(words, refusal(records({100: setting})))


@pytest.mark.parametrize("ending", ["dat", "hea", "atr"])
def test_a_missing_file_is_one_clear_line(records, data_folder, ending):
    entry = records({100: {}})
    (data_folder / "mitdb" / f"100.{ending}").unlink()
    assert f"100.{ending} is missing" in refusal(entry)


@pytest.mark.parametrize("ending", ["dat", "hea", "atr"])
@pytest.mark.parametrize("kept", [0, 7])
def test_a_truncated_file_without_a_checksum_is_one_clear_line(records, data_folder, ending, kept):
    entry = records({100: {}})
    path = data_folder / "mitdb" / f"100.{ending}"
    path.write_bytes(path.read_bytes()[:kept])
    assert f"100.{ending}" in refusal(entry)


def test_text_in_place_of_a_file_is_one_clear_line(records, data_folder):
    for ending in ("hea", "atr", "dat"):
        folder = data_folder / "mitdb"
        if folder.exists():
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
        entry = records({100: {}})
        (folder / f"100.{ending}").write_text("<html>not found</html>\n" * 20, encoding="utf-8")
        assert f"100.{ending}" in refusal(entry)


def test_changed_files_are_refused_by_checksum(records):
    records({100: {}})
    entry = catalog.describe("mitdb")
    ours = replace(entry, files=tuple(file for file in entry.files if file.name.startswith("100.")))
    assert "truncated or changed" in refusal(ours)


def test_the_catalog_lists_the_files_of_the_release():
    entry = catalog.describe("mitdb")
    assert len(entry.files) == 146 and all(len(file.sha256) == 64 for file in entry.files)
    assert {file.name for file in entry.files} >= {f"{number}.dat" for number in (*mitbih.DS1, *mitbih.DS2, 102, 217)}
    (file,) = (file for file in entry.files if file.name == "100.dat")
    assert file.addresses == ("https://physionet.org/files/mitdb/1.0.0/100.dat",)
    assert entry.kind == "signal" and "| `mitdb/100.dat` |" in catalog.readme()


@pytest.fixture(scope="module")
def real(real_data):
    started = time.process_time()
    dataset = real_data("mitdb")
    print(f"mitdb: {time.process_time() - started:.1f} CPU-s for {len(dataset):,} beats")
    return dataset


def test_real_beats_are_those_published(real):
    counts = {name: np.bincount(real.part(name).targets, minlength=5) for name in PARTS}
    assert (counts["train"] + counts["validation"]).tolist() == [45866, 944, 3788, 415, 8]  # DS1
    assert counts["test"].tolist() == [44259, 1837, 3221, 388, 7]  # DS2
    assert {name: tuple(values.tolist()) for name, values in counts.items()} == catalog.describe("mitdb").parts
    assert len(np.unique(real.groups)) == 44 and not np.isin([102, 104, 107, 217], real.groups).any()
    of_one_record = (real.groups == 232) & (real.targets == 1)
    assert of_one_record.sum() == 1382
    assert sorted(np.unique(real.part("validation").groups)) == [101, 118, 124, 205, 223]
    strict = real.select(real.groups != 201)
    assert {201, 202} & set(strict.groups) == {202}


def test_real_windows_show_a_heartbeat(real):
    assert real.inputs.shape == (100733, 360, 2) and np.isfinite(real.inputs).all()
    assert 2 < np.abs(real.inputs).max() < 10  # mV
    normal = real.inputs[(real.groups == 100) & (real.targets == 0)]
    # R of record 100 stands at the annotation, within a few samples.
    assert np.median(np.abs(normal[:, :, 0].argmax(axis=1) - 180)) <= 3
    rate = 60 / np.median(real.truth["rr_before"][real.groups == 100])
    assert 70 < rate < 80
