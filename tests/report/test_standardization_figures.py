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
from helpers.evaluation.variance_components import seeds_needed
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
    "seed, on one split": Interval(0.01, 0.008, 0.015, ""),
    "of it, the seed by itself": Interval(0.0, 0.0, 0.01, ""),
    "of it, seed and split together": Interval(0.01, 0.008, 0.013, ""),
    "sums in two pieces": 0.0002,
    "double precision": 0.0,
    tables.ONE_BIT: 0.013,
}
SEEDS = pd.DataFrame(
    {"textbook": [880.0, 27.2], "needed": [900, 30], "low": [600, 20], "high": [1900, 66]}, [0.002, 0.01]
)
FIGURES = {
    "gains": lambda run: standardization_plots.gain_plot(remedy(LONG), "What each remedy gains"),
    "severities": lambda run: standardization_plots.severity_plot(robust(run), "Five corruptions, two networks"),
    "units": lambda run: standardization_plots.unit_plot(
        COLUMN, check_unit(COLUMN, CHOLESTEROL, "mg/dL"), CHOLESTEROL, "mg/dL", "A column that mixes two units"
    ),
    "crossed": lambda run: standardization_plots.crossed_plot(GENERATOR.normal(0.8, 0.02, (20, 20)), "Every seed"),
    "spread": lambda run: standardization_plots.spread_plot(PARTS, "What moves a score, by cause"),
    "nothing spreads": lambda run: standardization_plots.spread_plot({"a": 0.0, "b": 0.0}, "Nothing"),
    "seeds": lambda run: standardization_plots.seeds_plot(SEEDS, 5, "Expensive"),
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


def test_only_a_change_that_moved_nothing_is_said_to_have_moved_none():
    """An estimate that is cut off at zero has an interval that is not: its bar is drawn, to where it ends."""
    axes = standardization_plots.spread_plot(PARTS, "x").axes[0]
    assert [(text.get_text(), text.get_position()[1]) for text in axes.texts] == [("none at all", 5)]
    bars = [line.get_xydata() for line in axes.lines if len(line.get_xydata()) == 2]
    reach = {bar[0, 1]: bar[:, 0] for bar in bars}
    assert reach[2][1] == 0.01 and reach[2][0] == axes.get_xlim()[0]
    points = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert [place for _, place in points] == [0, 1, 3, 4, 6]
    (arrow,) = (line for line in axes.lines if line.get_marker() == "<")
    assert arrow.get_xydata()[0, 1] == 2


def test_seeds_are_drawn_with_their_uncertainty():
    axes = standardization_plots.seeds_plot(SEEDS, 5, "x").axes[0]
    (band,) = axes.collections
    np.testing.assert_allclose(np.unique(band.get_paths()[0].vertices[:, 1]), [20, 66, 600, 1900])


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
    parts = tables.spread_parts(
        run, scores, {"two pieces": scores[:, 0] + 0.003, "double": scores[:, 0]}, gap(0.01, 0.03)
    )
    assert parts["two pieces"] == pytest.approx(0.003) and parts["double"] == 0
    names = {f"spread_{name}" for name in ("split", "seed_on_one_split", "seed", "rest")}
    assert names | {"moved_two_pieces", "moved_double"} == set(saved(run))
    assert parts[tables.ONE_BIT] == pytest.approx(0.02)
    said = standardization_readings.spread(parts)
    assert "the split moves AUROC more than the seed" in said and "0.003" in said
    assert "does not carry over" in said and "moved AUROC by 0.0200 in this run, more than" in said
    still = {name: part if isinstance(part, Interval) else 0.0 for name, part in parts.items()}
    assert "changed no score of this small network" in standardization_readings.spread(still)
    assert "less than the small network's" in standardization_readings.spread(still)


def test_the_seed_on_one_split_is_what_the_split_is_compared_with():
    """The seed by itself may be nothing while seeds of one split lie far apart."""
    parts = PARTS | {"split": Interval(0.009, 0.0, 0.03, ""), "seed, on one split": Interval(0.01, 0.008, 0.015, "")}
    assert "seed moves AUROC as much as the split, or more" in standardization_readings.spread(parts)
    assert standardization_readings.spread_title(parts).startswith("The seed moves a score at least")
    assert standardization_readings.spread_title(PARTS) == "The split moves a score more than the seed"


def test_seed_table_is_as_uncertain_as_the_deviation(run):
    scores, deviation = np.zeros((6, 6)), Interval(1.0, 0.5, 2.0, "some method")
    table = tables.seed_table(run, deviation, scores, (0.5, 1.0))
    # Cohen (1988): 17 for a difference of one deviation, 64 for half of one.
    assert list(table.loc[1.0, ["needed", "low"]]) == [17, seeds_needed(2.0, 1.0)] and table.loc[1.0, "high"] == 64
    assert table.loc[1.0, "textbook"] == pytest.approx(15.7, abs=0.05)
    written = saved(run)["seeds_1.0"]
    assert (written["value"], written["high"], written["n"], written["groups"]) == (17, 64, 36, 6)
    found = tables.found_with(run, 17, deviation, scores)
    assert found.low == pytest.approx(found.value / 2) and found.high == pytest.approx(2 * found.value)
    assert 0.97 < found.value < 1.0 and saved(run)["found_with_17_seeds"]["value"] == found.value


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
    # What stands in a document that only a command writes is said with the command.
    elsewhere = set(table["stands in"]) - {"results.json", "nowhere"}
    assert elsewhere == {"executed.ipynb, by medlab execute", "manifest.json, by medlab site"}
    poorer = tables.manifest_table(document | {"datasets": []})
    assert (poorer["stands in"] == "nowhere").sum() == 3
    document["environment"]["processor"] = "x"
    assert standardization_readings.missing(tables.manifest_table(document)).startswith("Everything")


def test_remedies_in_words():
    gains = {("matched", "scanner A"): 0.04, ("translated", "scanner C"): -0.1, ("matched", "scanner C"): 0.2}
    said = standardization_readings.remedies(remedy(gains), "scanner A").splitlines()
    assert "decidedly lost with none of them" in said[0] and said[0].endswith("ruled out for matched.")
    assert "rises with matched (+0.200, +0.150 to +0.250); it falls with translated (-0.100" in said[1]
    both = standardization_readings.remedies(remedy({("matched", "scanner A"): 0.07}), "scanner A")
    assert "gained with matched (+0.070, +0.020 to +0.120): what rises at home, too" in both
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
    assert said.startswith("Elements of the outermost level: 2 removed, 1 kept. Before, the check, counting")
    assert "found 2 things amiss" in said and words in said


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
        (True, False, "Twice the same bits. One bit at the start has grown through 10 passes"),
        (True, True, "rounded away"),
        (False, False, "does not repeat"),
    ],
)
def test_same_twice(same, nudged, words):
    said = standardization_readings.same_twice(same, nudged, 0.15, gap(-0.01, 0.03), 10)
    assert words in said
    assert nudged or "AUROC 0.700 has become 0.800 (+0.010, -0.010 to +0.030)" in said


def test_seeds():
    said = standardization_readings.seeds(
        SEEDS, Interval(0.0112, 0.0092, 0.0168, ""), 5, Interval(0.0228, 0.0186, 0.0339, "")
    )
    assert "900 (600 to 1,900) for a difference of 0.002 and 30 (20 to 66) for a difference of 0.01" in said
    assert "What 5 seeds find four times out of five is a difference of 0.0228 (0.0186 to 0.0339)" in said


def scanners(lost):
    rows = {("network", name): {"drop_low": low} for name, low in zip(SCANNERS, (0.0, *lost), strict=True)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["model", "scanner"])


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ((0.1, 0.1), "behind scanner B and scanner C"),
        ((-0.1, 0.1), "behind scanner C"),
        ((-0.1, -0.1), "behind no other"),
    ],
)
def test_titles_say_what_the_figures_show(lost, words):
    assert words in standardization_readings.shift_title(scanners(lost))


def test_the_title_of_the_remedies_counts_them():
    gains = {("matched", "scanner C"): 0.2, ("translated", "scanner C"): 0.01, ("matched", "scanner A"): 0.3}
    assert standardization_readings.remedies_title(remedy(gains), "scanner C").startswith("1 of 2 remedies help")


def test_the_title_of_the_corruptions_names_the_hardest(run):
    table = robust(run)
    lost = table.xs(5, level=1).xs("plain", level=1)["lost"]
    said = standardization_readings.corruptions_title(table)
    assert said.startswith(f"{lost.idxmax().capitalize()} costs most AUROC: plain {lost.max():.2f}, random scanners")


@pytest.mark.parametrize(("step", "words"), [(0.1, "lie further apart"), (0.01, "at least as far apart")])
def test_the_title_of_the_crossed_design(step, words):
    scores = 0.7 + step * np.arange(3)[:, None] + np.array([-0.02, 0.0, 0.02])
    assert words in standardization_readings.crossed_title(scores)


def test_reference_ranges_stand_in_both_units():
    table = tables.reference_table()
    assert table.loc[("cholesterol", "adults"), ["mg/dL", "other unit"]].tolist() == ["below 200", "below 5.17 mmol/L"]
    assert table.loc[("HDL cholesterol", "adults"), "mg/dL"] == "40 or more"
    assert table.loc[("creatinine", "women"), "other unit"] == "52.2 to 91.9 umol/L"
    lengths = table["source"].str.len()
    assert ("creatinine", "men") in table.index and lengths.min() > 10 and lengths.max() < 50  # longer ones are cut off


def test_constant_term():
    table = pd.DataFrame(
        {"auroc": [0.7353, 0.7277, 0.7270]}, ["as stated", "all in the other unit", "all at one value"]
    )
    said = standardization_readings.constant_term(table, 0.02586, -1.32)
    assert "Times 0.026" in said and "by -1.32" in said and "0.7353 as stated, 0.7277 all" in said
    assert "no more than what cholesterol had given it" in said
    table.loc["all in the other unit", "auroc"] = 0.70
    assert "loses more than what" in standardization_readings.constant_term(table, 0.02586, -1.32)


def document(gains_at_home):
    """results.json with what the summary looks at; intervals of gains reach 0.05 to either side."""
    names = ["drop_network_scanner_c", "gain_matched_scanner_c", "read_drop_monochrome1_ignored", "spread_split"]
    names += ["unit_auroc_drop_all_in_the_other_unit", "unit_intercept_all_in_the_other_unit", "seeds_0.01"]
    names += ["spread_seed_on_one_split", "found_with_5_seeds"]
    values = dict.fromkeys(names, 0.2) | {f"gain_{name}_scanner_a": gain for name, gain in gains_at_home.items()}
    metrics = [
        {"name": name, "model": name.split("_")[1], "value": value, "low": value - 0.05, "high": value + 0.05}
        | {"n": 280, "groups": 40}
        for name, value in values.items()
    ]
    safe = all(gain - 0.05 > -0.02 for gain in gains_at_home.values())
    claims = {"helps_matched": True, "no_price_at_home": safe, "dicom": True, "nobody_left": True}
    return {"metrics": metrics, "claims": [{"name": name, "holds": holds} for name, holds in claims.items()]}


@pytest.mark.parametrize(
    ("gains", "words"),
    [
        ({"matched": 0.04}, "no remedy costs 0.02 or more at home"),
        ({"matched": 0.07}, "no remedy costs 0.02 or more at home, and it rises there, too, with matched"),
        ({"matched": 0.01}, "a loss of 0.02 at home is not ruled out for every remedy"),
        ({"matched": -0.1, "batch": 0.1}, "at home AUROC falls with matched, and it rises there, too, with batch"),
    ],
)
def test_the_summary_does_not_turn_a_doubt_into_a_price(gains, words):
    lines = standardization_readings.summary(document(gains)).splitlines()
    assert lines[1].endswith(words)
    assert "by seed on one split 0.2000 (0.1500 to 0.2500)" in lines[4] and "5 seeds find 0.2000" in lines[5]


def test_refusals(tmp_path):
    def refuse(path):
        raise InputError(f"{path.name} is wrong")

    files = {"a kind": tmp_path / "x"}
    assert standardization_readings.refusals(refuse, files).endswith("x is wrong")
    assert standardization_readings.refusals(lambda path: None, files).endswith("x was read without complaint")
