"""Figures, tables and sentences of 12_standardization: everything has room, and no sentence contradicts its numbers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers.data import corruptions
from helpers.data.dataset import Dataset, Source
from helpers.data.units import analyte, check_unit
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.proportions import Interval
from helpers.report import standardization_plots, standardization_readings, writing
from helpers.report import standardization_tables as tables
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
SCANNERS = ("scanner A", "scanner B", "scanner C")


def cohort(count=120):
    """Small bright pictures of two classes; the brighter ones are ill, up to noise."""
    targets = np.arange(count) % 2
    level = 90 + 60 * targets[:, None, None, None] + GENERATOR.normal(0, 25, (count, 1, 1, 1))
    pictures = np.clip(level + GENERATOR.normal(0, 10, (count, 16, 16, 1)), 0, 255).astype(np.uint8)
    whole = np.arange(count)
    return Dataset(
        "phantom", pictures, targets, "binary", whole // 3, True, np.full(count, "validation"), Source("", "", "")
    )


PART = cohort()


def brightness(pictures):
    return pictures.mean(axis=(1, 2, 3)) / 255


def luck(pictures):
    return np.random.default_rng(1).random(len(pictures))


@pytest.fixture
def run(tmp_path):
    return writing.Run("12_standardization", "Standardization", "tissue-phantom", "quick", 0, str(tmp_path))


def saved(run):
    return {metric["name"]: metric for metric in run._document["metrics"]}


def remedy(gains):
    """A table of remedies behind scanners with these gains; intervals reach 0.05 to either side."""
    rows = {
        key: {"value": 0.7, "low": 0.6, "high": 0.8, "gain": gain, "gain_low": gain - 0.05, "gain_high": gain + 0.05}
        for key, gain in gains.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["remedy", "scanner"])


def gap(low, high):
    return PairedComparison(0.8, 0.7, (low + high) / 2, low, high, 0.1, "test")


LONG = {
    (name, scanner): gain
    for name, gain in (("gray values matched", 0.2), ("batch statistics", 0.1), ("random scanners in training", -0.1))
    for scanner in SCANNERS
} | {("translated", "scanner B"): 0.01}


def robust(run):
    models = {"plain": brightness, "random scanners": luck}
    return tables.corruption_table(run, models, PART, [1, 3, 5], 0)[0]


COLUMN = np.where(np.arange(200) % 2, 5.3, 205.0) * GENERATOR.uniform(0.8, 1.25, 200)
CHOLESTEROL = analyte("cholesterol")
PARTS = {
    "split": Interval(0.02, 0.01, 0.05, ""),
    "seed": Interval(0.0, 0.0, 0.01, ""),
    "seed and split together": Interval(0.01, 0.008, 0.013, ""),
    "sums in two pieces": 0.0002,
    "double precision": 0.0,
}
FIGURES = {
    "gains": lambda run: standardization_plots.gain_plot(remedy(LONG), "What each remedy gains"),
    "severities": lambda run: standardization_plots.severity_plot(robust(run), "Five corruptions, two networks"),
    "units": lambda run: standardization_plots.unit_plot(
        COLUMN, check_unit(COLUMN, CHOLESTEROL, "mg/dL"), CHOLESTEROL, "mg/dL", "A column that mixes two units"
    ),
    "crossed": lambda run: standardization_plots.crossed_plot(GENERATOR.normal(0.8, 0.02, (20, 20)), "Every seed"),
    "spread": lambda run: standardization_plots.spread_plot(PARTS, "What moves a score, by cause"),
    "nothing spreads": lambda run: standardization_plots.spread_plot({"a": 0.0, "b": 0.0}, "Nothing"),
    "seeds": lambda run: standardization_plots.seeds_plot([0.002, 0.01, 0.05], [900, 30, 3], 5, "Expensive"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_titles_labels_and_legends_lie_inside_the_figure(name, run, assert_inside):
    assert_inside(FIGURES[name](run), texts=True)


def test_titles_of_the_panels_do_not_touch(run):
    figure = FIGURES["severities"](run)
    FigureCanvasAgg(figure).draw()
    boxes = [axes.title.get_window_extent() for axes in figure.axes]
    assert len(boxes) == len(corruptions.CORRUPTIONS)
    assert all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:], strict=False))


def test_gains_are_drawn_where_they_are(run):
    figure = standardization_plots.gain_plot(remedy({("one", "scanner A"): 0.1, ("two", "scanner A"): -0.2}), "x")
    (container,) = figure.axes[0].containers
    np.testing.assert_allclose(container.lines[0].get_xydata()[:, 0], [0.1, -0.2])


def test_an_empty_column_is_refused():
    nothing = np.full(3, np.nan)
    with pytest.raises(InputError, match="no value"):
        standardization_plots.unit_plot(nothing, check_unit(nothing, CHOLESTEROL, "mg/dL"), CHOLESTEROL, "mg/dL", "x")


def test_scanner_table_compares_on_the_same_tissue(run):
    good, poor = brightness(PART.inputs), luck(PART.inputs)
    scores = {"network": dict(zip(SCANNERS, (good, good, poor), strict=True))}
    scores["texture"] = dict.fromkeys(SCANNERS, poor)
    table = tables.scanner_table(run, scores, PART, "some")
    known = delong_paired(PART.targets, good, poor, PART.groups)
    assert table.loc[("network", "scanner B"), "drop"] == 0
    assert table.loc[("network", "scanner C"), "drop"] == pytest.approx(known.difference)
    assert table.loc[("texture", "scanner A"), "ahead"] == pytest.approx(known.difference)
    written = saved(run)
    assert written["drop_network_scanner_c"]["low"] == pytest.approx(known.low)
    assert written["ahead_texture_scanner_a"]["groups"] == 40 and "drop_network_scanner_a" not in written
    said = standardization_readings.shift(table).splitlines()
    assert "scanner C" in said[0] and "lost (+" in said[0]
    assert "higher behind scanner A and scanner B; not to be told apart behind scanner C" in (
        standardization_readings.beside(table)
    )


def test_remedy_table_is_against_doing_nothing(run):
    good, poor = brightness(PART.inputs), luck(PART.inputs)
    table = tables.remedy_table(run, {"scanner C": {tables.AS_IT_COMES: poor, "matched": good}}, PART, "some")
    assert list(table.index) == [("matched", "scanner C")]
    assert table["gain"].iloc[0] == pytest.approx(delong_paired(PART.targets, good, poor, PART.groups).difference)
    assert set(saved(run)) == {"auroc_matched_scanner_c", "gain_matched_scanner_c"}


def test_corruption_table_starts_at_the_clean_pictures(run):
    table, ahead = tables.corruption_table(run, {"plain": brightness, "random scanners": luck}, PART, [2, 5], 0)
    clean = table.xs("plain", level=2).xs(0, level=1)
    assert clean["value"].nunique() == 1 and (clean["lost"] == 0).all()
    noisy = corruptions.corrupt(PART.inputs, "noise", 5, 0)
    known = delong_paired(PART.targets, brightness(PART.inputs), brightness(noisy), PART.groups)
    assert table.loc[("noise", 5, "plain"), "lost"] == pytest.approx(known.difference)
    assert set(ahead) == {"none", *corruptions.CORRUPTIONS} and all(pair.high < 0 for pair in ahead.values())
    written = saved(run)
    assert {"corrupted_noise_2_plain", "corrupted_noise_5_plain", "lost_noise_plain"} <= set(written)
    assert "lost_noise_2_plain" not in written and written["lost_noise_plain"]["split"] == "validation"
    assert "worse under stain, contrast, blur, noise and compression" in standardization_readings.protection(ahead)


def test_reading_table_and_its_words(run):
    good, poor = brightness(PART.inputs), luck(PART.inputs)
    table = tables.reading_table(
        run, {"as meant": good, "inverted": -good, "doubled": 2 * good, "lost": poor}, PART, "some"
    )
    assert table.loc["doubled", "drop"] == 0
    assert table.loc["inverted", "value"] == pytest.approx(1 - table.loc["as meant", "value"])
    said = standardization_readings.reading(table)
    assert "inverted (+" in said and "no decided loss of ranking with doubled" in said
    unhurt = standardization_readings.reading(table.loc[["as meant", "doubled"]])
    assert "Decidedly lost when read wrong: nothing" in unhurt


def test_mixup_table_tells_ranking_from_level(run):
    chance = np.clip(
        0.5 + 0.4 * (2 * PART.targets - 1) * GENERATOR.random(len(PART)) - 0.1 * GENERATOR.random(120), 0.02, 0.98
    )
    odds = np.log(chance / (1 - chance))
    states = {"as stated": chance, "all in the other unit": 1 / (1 + np.exp(-(odds - 2)))}
    table = tables.mixup_table(run, states, PART, "some")
    assert table.loc["all in the other unit", "drop"] == 0
    moved = table["level"].diff().iloc[1]
    assert moved == pytest.approx(2, abs=0.01)
    said = standardization_readings.mixup(table).splitlines()
    assert len(said) == 2 and "no loss of ranking can be told" in said[1]
    assert saved(run)["unit_intercept_all_in_the_other_unit"]["value"] == pytest.approx(table["level"].iloc[1])


def test_spread_parts_and_their_words(run):
    scores = np.array([[0.8, 0.82], [0.7, 0.71], [0.9, 0.89]])
    parts = tables.spread_parts(run, scores, {"two pieces": scores[:, 0] + 0.003, "double": scores[:, 0]})
    assert parts["two pieces"] == pytest.approx(0.003) and parts["double"] == 0
    assert {"spread_split", "spread_seed", "spread_rest", "moved_two_pieces", "moved_double"} == set(saved(run))
    assert "The largest is that of split" in standardization_readings.spread(parts)
    assert "0.003" in standardization_readings.spread(parts)
    still = {name: part if isinstance(part, Interval) else 0.0 for name, part in parts.items()}
    assert "changed no score at all" in standardization_readings.spread(still)


@pytest.mark.parametrize(("step", "words"), [(0.1, "differ more than"), (0.01, "do not differ more than")])
def test_crossed(step, words):
    scores = 0.7 + step * np.arange(3)[:, None] + np.array([-0.02, 0.0, 0.02])
    said = standardization_readings.crossed(scores)
    assert f"range over {2 * step:.3f}" in said and "over 0.040 on average" in said and words in said


def test_manifest_table_looks_into_the_document():
    document = {
        "profile": "quick",
        "seed": 0,
        "datasets": [{"checksum": "abc", "parts": {"train": 1}}],
        "environment": {"threads": 1, "tensorflow": "2", "platform": "Linux"},
    }
    table = tables.manifest_table(document)
    assert list(table.index[table["stands in"] == "nowhere"]) == ["exact processor and its extensions"]
    assert "exact processor" in standardization_readings.missing(table)
    poorer = tables.manifest_table(document | {"datasets": []})
    assert (poorer["stands in"] == "nowhere").sum() == 3
    document["environment"]["processor"] = "x"
    assert standardization_readings.missing(tables.manifest_table(document)).startswith("Everything")


def test_remedies_in_words():
    gains = {("matched", "scanner A"): 0.04, ("translated", "scanner C"): -0.1, ("matched", "scanner C"): 0.2}
    said = standardization_readings.remedies(remedy(gains), "scanner A").splitlines()
    assert "decidedly lost with none of them" in said[0] and "ruled out for matched" in said[0]
    assert "rises with matched (+0.200, +0.150 to +0.250); it falls with translated (-0.100" in said[1]
    dear = standardization_readings.remedies(remedy({("matched", "scanner A"): -0.1}), "scanner A")
    assert "decidedly lost with matched" in dear and "ruled out for none of them" in dear
    open_one = standardization_readings.remedies(remedy({("matched", "scanner C"): 0.01}), "scanner A")
    assert "no remedy that could be told from none" in open_one


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.01, 0.1, "The company matters"), (-0.1, -0.01, "even better"), (-0.1, 0.1, "cannot tell")],
)
def test_company(low, high, words):
    assert words in standardization_readings.company(gap(low, high))


def test_corruptions_in_words(run):
    said = standardization_readings.corruptions(robust(run)).splitlines()
    assert len(said) == 2 and said[0].startswith("At severity 5, plain decidedly loses AUROC to")
    assert "random scanners decidedly loses AUROC to none of the corruptions" in said[1]


def test_protection_names_both_sides():
    ahead = {"none": gap(-0.1, 0.1), "blur": gap(0.1, 0.2), "noise": gap(-0.2, -0.1)}
    said = standardization_readings.protection(ahead)
    assert "better under blur and worse under noise; on the pictures as they were" in said
    assert "better under none of them;" in standardization_readings.protection({"none": gap(-0.1, 0.1)})


def test_distances_leave_out_the_home_scanner():
    seen = {"scanner A": np.zeros((1, 2, 2, 1)), "scanner B": np.full((1, 2, 2, 1), 4)}
    repaired = {"scanner A": seen["scanner A"], "scanner B": np.ones((1, 2, 2, 1))}
    said = standardization_readings.distances(seen, repaired, "scanner A", "matching")
    assert said == "Mean distance from scanner A in gray levels: scanner B 4.0 before matching, 1.0 after it."


@pytest.mark.parametrize(
    ("after", "leaked", "words"), [([], 0, "finds nothing"), (["PatientName"], 2, "1 elements and 2")]
)
def test_deidentified(after, leaked, words):
    fate = {"removed": ["a", "b"], "kept": ["c"]}
    said = standardization_readings.deidentified(fate, ["a", "b"], after, leaked)
    assert said.startswith("Elements: 2 removed, 1 kept. The check found 2 things") and words in said


def test_mixed_column():
    touched = np.arange(200) % 2 == 1
    found = check_unit(COLUMN, CHOLESTEROL, "mg/dL")
    said = standardization_readings.mixed_column(found, touched)
    assert said == "100 of 100 values in the other unit are found, 0 right ones are accused; none is left in doubt."
    glucose = check_unit(np.array([25.0, 300.0]), analyte("glucose"), "mg/dL")
    assert "1 could be either" in standardization_readings.mixed_column(glucose, np.array([True, False]))


@pytest.mark.parametrize(
    ("same", "nudged", "words"),
    [
        (True, False, "Twice the same bits. After the nudge"),
        (True, True, "rounded away"),
        (False, False, "does not repeat"),
    ],
)
def test_same_twice(same, nudged, words):
    assert words in standardization_readings.same_twice(same, nudged, 1e-6)


def test_seeds():
    said = standardization_readings.seeds({0.01: 30, 0.05: 3}, 0.012, 5)
    assert "30 for a difference of 0.01 and 3 for a difference of 0.05" in said
    assert "With 5 seeds a difference of 0.05 or more is found" in said
    assert "none of these is found" in standardization_readings.seeds({0.01: 30}, 0.012, 5)


def test_refusals(tmp_path):
    def refuse(path):
        raise InputError(f"{path.name} is wrong")

    files = {"a kind": tmp_path / "x"}
    assert standardization_readings.refusals(refuse, files).endswith("x is wrong")
    assert standardization_readings.refusals(lambda path: None, files).endswith("x was read without complaint")
