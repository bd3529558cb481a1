"""The heart disease table: what a line becomes, hostile files, and the real files where a mirror has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.data import catalog, heart_columns, heart_table
from helpers.data.readers import read
from helpers.runtime import InputError

LINE = "63.0,1.0,1.0,145.0,233.0,1.0,2.0,150.0,0.0,2.3,3.0,0.0,6.0,0"
ILL = "55,0,4,0,0,?,0,?,?,?,?,?,?,3"


@pytest.fixture
def table(tmp_path):
    """Writes lines into a file of a hospital; gives its path."""

    def write(*lines: str):
        path = tmp_path / "processed.cleveland.data"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def test_a_line_becomes_a_patient(table):
    first, second = heart_table.read_table(table(LINE, ILL))
    assert first.tolist() == [63, 1, 1, 145, 233, 1, 2, 150, 0, 2.3, 3, 0, 6, 0]
    missing = dict(zip((*heart_columns.KEYS, "num"), np.isnan(second), strict=True))
    assert missing["trestbps"] and missing["chol"], "a pressure or a cholesterol of 0 was not measured"
    assert not missing["restecg"] and second[6] == 0, "an ECG of 0 is normal"
    assert missing["thalach"] and second[-1] == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LINE.rsplit(",", 1)[0], "line 2: 13 columns, but a patient has 14"),
        (LINE + ",1", "line 2: 15 columns"),
        (LINE.replace("63.0", "old"), "line 2: age is 'old', which is no number"),
        (LINE.replace("63.0", "6_3"), "age is '6_3', which is no number"),
        (LINE.replace("63.0", "nan"), "age is 'nan', which is no number"),
        (LINE.replace("63.0", "630"), "age is 630, but it takes 0 to 120"),
        (LINE.replace(",6.0,0", ",5.0,0"), "thal is 5.0, but it takes 3, 6, 7, or ? where missing"),
        (LINE[:-1] + "7", "num is 7, but a diagnosis is 0 to 4"),
        (LINE[:-1] + "?", "num is ?, but a diagnosis is 0 to 4"),
    ],
)
def test_a_bad_line_is_named_with_file_and_place(table, line, words):
    with pytest.raises(InputError) as error:
        heart_table.read_table(table(LINE, line))
    assert str(error.value).startswith("processed.cleveland.data, line 2: ") and words in str(error.value)
    assert "\n" not in str(error.value)


def test_files_without_patients(tmp_path, table):
    with pytest.raises(InputError, match="holds no patients"):
        heart_table.read_table(table(""))
    path = tmp_path / "processed.va.data"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match=r"processed.va.data is not a table of text"):
        heart_table.read_table(path)


def test_hospitals_are_joined_in_their_order(data_folder):
    folder = data_folder / "uci_heart_disease"
    folder.mkdir(parents=True)
    for number, name in enumerate(heart_table.HOSPITALS):
        (folder / name).write_text("\n".join([LINE] * (number + 1) + [ILL]) + "\n", encoding="utf-8")
    entry = catalog.describe("uci-heart")
    entry = replace(entry, files=tuple(replace(file, sha256="") for file in reversed(entry.files)))
    dataset = read(entry)
    assert np.bincount(dataset.sites).tolist() == [2, 3, 4, 5]
    assert dataset.site_names == ("Cleveland", "Budapest", "Switzerland", "Long Beach")
    assert set(dataset.split[dataset.sites == 0]) == {"train"} and set(dataset.split[dataset.sites > 0]) == {"test"}
    assert dataset.targets.sum() == 4 and dataset.truth["severity"].max() == 3
    assert not dataset.truth["graded"][dataset.sites == 1].any() and dataset.truth["graded"][dataset.sites != 1].all()
    assert heart_columns.require_heart_table(dataset) is dataset


def test_the_ladder_asks_for_at_least_so_severe_and_knows_what_it_does_not_know():
    ladder = heart_columns.severity_ladder(np.array([0, 1, 3, 0, 1]), np.array([True, True, True, False, False]))
    expected = [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [0, np.nan, np.nan, np.nan], [1, np.nan, np.nan, np.nan]]
    np.testing.assert_array_equal(ladder, expected)


def test_a_hospital_that_does_not_grade_teaches_nothing_about_severity():
    graded = np.array([True, False] * 20)
    ladder = heart_columns.severity_ladder(np.arange(40) // 2 % 2, graded)
    assert np.isnan(ladder[~graded, 1:]).all(), "its healthy are no evidence that nobody there is severely ill"
    assert np.isfinite(ladder[:, 0]).all() and np.isfinite(ladder[graded]).all()


def test_other_data_are_turned_away():
    with pytest.raises(InputError, match="take heart-phantom or uci-heart"):
        heart_columns.require_heart_table(catalog.load("wisconsin"))
    phantom = catalog.load("heart-phantom")
    only_ill = phantom.select((phantom.sites != 2) | (phantom.targets == 1))
    with pytest.raises(InputError, match="hospital C needs patients with and without disease"):
        heart_columns.require_heart_table(only_ill)


def test_the_real_hospitals(real_data):
    dataset = real_data("uci-heart")
    assert np.bincount(dataset.sites).tolist() == [303, 294, 123, 200]
    assert [int(dataset.targets[dataset.sites == site].sum()) for site in range(4)] == [139, 106, 115, 149]
    cholesterol = np.isnan(dataset.inputs[:, heart_columns.KEYS.index("chol")])
    assert [int(cholesterol[dataset.sites == site].sum()) for site in range(4)] == [0, 23, 123, 56]
