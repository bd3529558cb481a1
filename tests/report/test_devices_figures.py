"""Figures, tables and sentences of 14_devices: everything has room, and no sentence contradicts its numbers."""

import numpy as np
import pandas as pd
import pytest

from helpers.evaluation.alarms import AlarmCount, Monitored
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.monitoring import Prices, program_table
from helpers.evaluation.proportions import Interval, wilson
from helpers.evaluation.signal_watch import Watched
from helpers.report import devices_plots, devices_tables, monitor_plots, monitor_readings, monitor_tables
from helpers.report import devices_readings as readings
from helpers.report.writing import Run
from helpers.runtime import InputError
from helpers.training.litert_file import FileParts

PRICES = Prices(150.0, 400.0)
CANDIDATES = ("original", "float", "dynamic range", "full integer", "student as float", "student as full integer")


def interval(value, low, high):
    return Interval(value, low, high, "any")


def gap(low, high, first=0.9):
    middle = (low + high) / 2
    return PairedComparison(first, first - middle, middle, low, high, 0.5, "any")


def candidates():
    auroc = np.array([0.9, 0.9, 0.901, 0.899, 0.88, 0.87])
    numbers = pd.DataFrame({"auroc": auroc, "auroc_low": auroc - 0.04, "auroc_high": auroc + 0.03}, index=CANDIDATES)
    numbers["agreement"], numbers["agreement_low"], numbers["agreement_high"] = 0.95, 0.9, 0.97
    numbers.loc["original", ["agreement", "agreement_low", "agreement_high"]] = 1.0
    numbers["file"] = [np.nan, 120_000, 36_000, 39_000, 35_000, 16_000]
    numbers["memory"] = [np.nan, 180_000, 180_000, 45_000, 82_000, 20_000]
    numbers["microseconds"] = [700, 100, 95, 200, 50, 52.0]
    numbers["against_float"] = 100 / numbers["microseconds"]
    return numbers


def programs(flagged_healthy=2):
    ill = np.repeat([1, 0], [10, 20])
    flagged = np.r_[np.ones(8), np.zeros(2), np.ones(flagged_healthy), np.zeros(20 - flagged_healthy)]
    return program_table(ill, flagged, [0.02, 0.1, 0.3], PRICES)


def watched(alarms=()):
    minutes = np.arange(1.0, 41.0)
    sums = np.column_stack([np.abs(np.sin(minutes)), np.linspace(0, 6, 40)])
    return Watched(minutes, sums, np.array(alarms, dtype=int))


def stretch():
    beats = pd.DataFrame({"time": np.arange(1.0, 11.0), "score": np.linspace(0, 1, 10)})
    return beats.assign(known=beats["time"] + 0.55, ventricular=beats["score"] > 0.7)


def figures():
    generator = np.random.default_rng(0)
    probability, targets = generator.random(60), np.arange(60) % 2
    counted = AlarmCount(np.arange(20) % 7, np.arange(20) % 3, np.arange(20) % 2, np.full(20, 0.5))
    copies = {"scales from prepared images": probability, "scales from flat images": 1 - probability}
    return {
        "pareto": devices_plots.pareto_plot(candidates(), "against_float", readings.front(candidates())),
        "agreement": devices_plots.agreement_plot(targets, probability, copies, 0.4, ("healthy", "tumor"), "Decided"),
        "stream": monitor_plots.stream_plot(
            generator.normal(size=12 * 360), stretch(), 0.4, monitor_readings.stream_title(0.55)
        ),
        "alarms": monitor_plots.alarm_plot(counted, "patient", monitor_readings.alarm_title(counted, 4.0)),
        "drift": monitor_plots.cusum_plot({"as it is": watched(), "weaker": watched([30])}, 4.8, 20.0, "Sums"),
        "program": monitor_plots.program_plot(programs(), monitor_readings.program_title(programs())),
    }


@pytest.mark.parametrize("name", ["pareto", "agreement", "stream", "alarms", "drift", "program"])
def test_titles_labels_and_legends_lie_inside_the_figure(name, assert_inside):
    assert_inside(figures()[name])


def test_the_front_by_hand():
    costs, values = np.array([1.0, 2, 2, 3, 4, 1]), np.array([0.5, 0.7, 0.6, 0.7, 0.9, 0.5])
    assert devices_plots.on_front(costs, values).tolist() == [True, True, False, False, True, True]


def test_what_has_no_file_is_not_drawn_where_files_are():
    panels = figures()["pareto"].axes
    assert [len(axes.containers) for axes in panels] == [5, 6, 5]
    legend = [text.get_text() for text in figures()["pareto"].legends[0].get_texts()]
    assert len(legend) == 6 and legend[4] == "student as float: agreement 0.950"


def test_recordings_with_most_false_alarms_come_first():
    bars = figures()["alarms"].axes[0].patches
    heights = [bar.get_height() for bar in bars[:20]]
    assert heights == sorted(heights, reverse=True) and heights[0] == 4  # two in half an hour


def test_nothing_to_draw_is_refused():
    with pytest.raises(InputError, match="at least one candidate"):
        devices_plots.pareto_plot(candidates().iloc[:0], "against_float")


@pytest.fixture
def run(tmp_path):
    run = Run("14_devices", "Devices", "tissue-phantom", "quick", 0, str(tmp_path))
    run.add_limit("Nothing was measured.")
    return run


def stored(run):
    return {metric["name"]: metric for metric in run.save()["metrics"]}


def test_sizes_are_exact_and_told_in_kilobytes(run):
    parts = {"float": FileParts(100_000, 400, 5_000), "full integer": FileParts(25_000, 400, 8_000)}
    table = devices_tables.file_table(run, parts, {"float": 180_000, "full integer": 45_000})
    assert table.loc["float", "file (kB)"] == 105.4 and table.loc["full integer", "activations (kB)"] == 45.0
    assert stored(run)["file_full_integer"]["value"] == 33_400
    words = readings.sizes(parts, "float", "full integer")
    assert "0.250" in words and "0.317" in words and "8.4 kB of 33.4" in words


def test_timings_are_kept_apart(run):
    seconds = pd.DataFrame({"float": np.full(30, 2e-4), "full integer": np.full(30, 1e-4)})
    table = devices_tables.timing_table(run, seconds, {"against_float": "float"})
    assert table.loc["full integer", "microseconds"] == pytest.approx(100)
    assert table.loc["full integer", "against_float"] == 2.0
    assert {metric["kind"] for metric in stored(run).values()} == {"timing"}


def test_the_one_table():
    numbers = candidates().assign(against_keras=700 / candidates()["microseconds"])
    table = devices_tables.candidate_table(numbers, "against_float", "against_keras")
    assert table.loc["original", "file; activations (kB)"] == "no file"
    assert table.loc["original", "agreement"] == "is the original"
    assert table.loc["student as full integer", "file; activations (kB)"] == "16.0; 20.0"
    assert table.loc["full integer", "speed: float file = 1; Keras = 1"] == "0.50; 3.5"


def test_a_program_nobody_is_flagged_in_says_so(run):
    ill = np.repeat([1, 0], [10, 20])
    table = monitor_tables.program_table(run, program_table(ill, np.zeros(30), [0.1], PRICES), 30)
    assert table.loc["share of the flagged who are ill"].tolist() == ["none"]
    assert table.loc["cost of one found"].tolist() == ["none"]
    assert "program_cost_per_found_100" not in stored(run) and "program_missed_100" in stored(run)


def test_findings_of_the_monitor_are_judged_by_the_ends_of_intervals(run):
    seen = [listened([0.9, 0.9, 0.1], [1, 0, 1])] * 4
    counted, found = monitor_tables.alarm_scores(run, seen, 0.5, allowed=4.0)
    assert counted.false.tolist() == [1] * 4 and found.value == 0.5
    waits = np.array([1.0] * 8 + [np.nan] * 2)
    noticed = monitor_tables.drift_scores(run, interval(1.0, 0.1, 5.6), waits, waits)
    assert noticed.value == 0.8
    holds = {claim["name"]: claim["holds"] for claim in run.save()["claims"]}
    # As many as derived, but up to 5.6 times would be as compatible: nothing is shown.
    assert holds == {"alarms_as_allowed": True, "drift_at_most_twice": False, "drift_found": False}


def test_few_false_drift_alarms_are_a_finding_only_where_many_were_excluded(run):
    monitor_tables.drift_scores(run, interval(0.9, 0.5, 2.0), np.ones(4), np.ones(4))
    assert run.save()["claims"][0] | {"sentence": ""} == {
        "name": "drift_at_most_twice",
        "sentence": "",
        "kind": "finding",
        "holds": True,
    }


def listened(scores, targets):
    return Monitored(np.arange(len(scores)) * 20.0, np.asarray(scores), np.asarray(targets), 1.0)


def test_the_monitor_is_set_against_a_rule_on_the_same_beats(run):
    """Each recording: three ventricular beats, of which the network finds all and the rule one."""
    network = [listened([0.9, 0.8, 0.9, 0.1], [1, 1, 1, 0])] * 6
    rule = [listened([1.5, 1.0, 1.0, 1.6], [1, 1, 1, 0])] * 6
    words = monitor_tables.rule_scores(run, network, rule, (0.5, 1.4))
    assert "from 1.40 times shorter on" in words and "1.000 by the network, 0.333 by the rule" in words
    metrics = stored(run)
    assert metrics["beats_gain_over_rule"]["value"] == pytest.approx(2 / 3)
    assert metrics["beats_gain_over_rule"]["n"] == 18 and metrics["beats_gain_over_rule"]["groups"] == 6
    assert metrics["alarms_false_rule"]["value"] == 1.0


def alarming(false):
    return AlarmCount(np.ones(20), np.full(20, false), np.zeros(20), np.ones(20))


@pytest.mark.parametrize(
    ("ends", "ours", "theirs", "words"),
    [
        ((0.1, 0.3), 1, 9, "finds more of them, with fewer false alarms"),
        ((0.1, 0.3), 9, 1, "but with more false alarms"),
        ((0.1, 0.3), 4, 4, "by false alarms the two cannot be told apart"),
        ((-0.1, 0.3), 1, 9, "the rule needs no network"),
        ((-0.3, -0.1), 1, 9, "does better than the network"),
    ],
)
def test_network_against_rule_in_words(ends, ours, theirs, words):
    assert words in monitor_readings.against_rule(gap(*ends), alarming(ours), alarming(theirs))


def test_alarms_that_count_neither_way_are_drawn_apart():
    labels = [text.get_text() for text in figures()["alarms"].legends[0].get_texts()]
    assert labels == ["false", "true", "neither: fusion or unclassified beats"]
    alone = monitor_plots.alarm_plot(alarming(2), "patient")
    assert [text.get_text() for text in alone.legends[0].get_texts()] == ["false", "true"]


def test_parts_of_a_program_keep_their_color_where_a_bar_has_no_height():
    axes = figures()["program"].axes[0]
    whiskers = [container for container in axes.containers if hasattr(container, "has_yerr")]
    bars = [container for container in axes.containers if not hasattr(container, "has_yerr")]
    for bar, whisker in zip(bars, whiskers, strict=True):
        point, _, (line,) = whisker.lines
        assert point.get_marker() != "None"
        np.testing.assert_allclose(line.get_color()[0][:3], bar.patches[0].get_facecolor()[:3])


@pytest.mark.parametrize(
    ("ends", "words"),
    [((-0.001, 0.004), "is excluded"), ((0.01, 0.02), "more than the 0.005"), ((-0.01, 0.02), "do not tell")],
)
def test_a_loss_is_judged_by_the_end_of_its_interval(ends, words):
    assert words in readings.drop(gap(*ends), 0.005, "full integer")


def test_changed_decisions_count_who_is_right():
    table = pd.DataFrame({"distance": [0.01, 0.03], "copy_right": [True, False]})
    original = np.arange(100) / 100
    copy = np.round(original, 1) + 0.04
    words = readings.changed_decisions(table, original, copy)
    assert "11 different answers, the original 100" in words and "is 0.090" in words
    assert "2 of 100" in words and "within 0.030" in words and "The copy is right in 1 of them" in words
    assert "1 of 100 cases is" in readings.changed_decisions(table.iloc[1:], original, copy)
    assert "the original is right" in readings.changed_decisions(table.iloc[1:], original, copy)
    assert "None of 100" in readings.changed_decisions(table.iloc[:0], original, copy)


def test_careless_scales():
    assert "cost AUROC" in readings.careless(gap(0.05, 0.2), interval(0.6, 0.5, 0.7))
    assert "the decisions did" in readings.careless(gap(-0.1, 0.2), interval(0.6, 0.5, 0.7))
    assert "luck" in readings.careless(gap(-0.1, 0.2), interval(0.99, 0.9, 1.0))
    title = readings.careless_title(interval(1.0, 0.9, 1.0), interval(0.6, 0.5, 0.7))
    assert title == "Decided as the original: 100.0% with the right scales, 60.0% with the wrong ones"


@pytest.mark.parametrize(
    ("ends", "words"),
    [((2.1, 2.5), "is reached"), ((1.5, 1.9), "short of the goal"), ((0.4, 0.6), "slower"), ((0.9, 1.1), "no faster")],
)
def test_speed_is_read_from_the_interval_and_says_where_it_was_measured(ends, words):
    sentence = readings.speed(interval(sum(ends) / 2, *ends), 2.0)
    assert words in sentence and "on this machine, in this run" in sentence


@pytest.mark.parametrize(("again", "words"), [((0.49, 0.55), "intervals overlap"), ((0.6, 0.7), "do not overlap")])
def test_two_timings_of_the_same_files_stand_side_by_side(again, words):
    sentence = readings.timed_again(interval(0.5, 0.45, 0.52), interval(0.5, *again), interval(12.3, 10.1, 14.2))
    assert words in sentence and "12.3 (10.1 to 14.2) times" in sentence and "changes with the load" in sentence


@pytest.mark.parametrize(
    ("ends", "words"),
    [((0.1, 0.3), "The network has the higher AUROC"), ((-0.1, 0.2), "cannot be told apart"), ((-0.3, -0.1), "lower")],
)
def test_the_network_is_set_against_its_baseline(ends, words):
    sentence = readings.against_histogram(gap(*ends))
    assert words in sentence and "Below 0.5" not in sentence


def test_a_baseline_that_ranks_the_wrong_way_is_explained():
    sentence = readings.against_histogram(gap(0.4, 0.8))
    assert "of the histogram 0.300" in sentence and "reversed in these test groups" in sentence


def test_where_the_time_goes():
    times = {"first float": 20, "first integer": 100, "rest float": 80, "rest integer": 40}
    words = readings.where_time_goes(times)
    assert "0.20 times" in words and "2.00 times" in words and "71%" in words
    assert "not what decides" in readings.where_time_goes(times | {"first integer": 5})


@pytest.mark.parametrize(
    ("ends", "words"), [((0.01, 0.05), "teacher helped"), ((-0.05, -0.01), "did harm"), ((-0.1, 0.1), "as well")]
)
def test_the_teacher_is_judged_by_a_paired_interval(ends, words):
    assert words in readings.student(gap(*ends), 0.9, 0.8, teacher=0.95)
    assert ("itself weaker" in readings.student(gap(*ends), 0.9, 0.8, teacher=0.5)) == (words == "did harm")


@pytest.mark.parametrize(
    ("false", "words"), [([0] * 20, "holds on"), ([40] * 20, "does not hold"), ([2] * 20, "do not tell")]
)
def test_alarms_against_what_was_allowed(false, words):
    counted = AlarmCount(np.ones(20), np.array(false), np.zeros(20), np.full(20, 0.5))
    sentence, title = (
        monitor_readings.alarm_burden(counted, wilson(9, 10), 4.0, "patient"),
        monitor_readings.alarm_title(counted, 4.0),
    )
    assert words in sentence and "clusters" not in sentence
    expected = {"holds on": "below", "does not hold": "above", "do not tell": "not decided"}[words]
    assert expected in title


@pytest.mark.parametrize(("calm", "holds"), [(5, True), (6, False)])
def test_a_change_is_found_only_where_calm_recordings_stay_calm(run, calm, holds):
    idle = np.where(np.arange(10) < calm, 1.0, np.nan)
    noticed = monitor_tables.drift_scores(run, interval(1.0, 0.5, 2.0), np.ones(40), np.tile(idle, 4))
    assert noticed.low > 0.8
    document = run.save()
    assert {claim["name"]: claim["holds"] for claim in document["claims"]}["drift_found"] is holds
    told = {metric["name"]: metric["value"] for metric in document["metrics"]}["drift_noticed_beyond_idle"]
    assert told == pytest.approx(1 - calm / 10)


def test_alarms_of_one_person_are_called_a_cluster():
    counted = AlarmCount(np.zeros(20), np.array([30] + [0] * 19), np.zeros(20), np.full(20, 0.5))
    assert "clusters" in monitor_readings.alarm_burden(counted, wilson(9, 10), 4.0, "record")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((2.1, 9.0), "more than 2 times: these"),
        ((0.4, 1.9), "More than 2 times is excluded"),
        ((0.0, 5.6), "Not decided"),
    ],
)
def test_drift_alarms_against_the_derived_number(ends, words):
    sentence = monitor_readings.drift_rate(interval(1.0, *ends), np.full(2, 0.06), [watched([3]), watched()])
    assert words in sentence and "1 alarm in 80 blocks" in sentence and "0.12 are derived" in sentence


def test_planted_changes_stand_beside_alarms_without_any():
    waits, calm, restless = (np.array(one) for one in ([0.5, np.nan, 1.5], [np.nan] * 3, [2.0, 3.0, np.nan]))
    words = monitor_readings.planted(wilson(2, 3), waits, calm, 0.2)
    assert "2 of 3" in words and "1.0 minutes in the median" in words and "1.5 at the latest" in words
    assert "0 of 3 alarm in that half" in words
    assert "tell nothing" in monitor_readings.planted(wilson(2, 3), waits, restless, 0.2)
    assert monitor_readings.planted(wilson(0, 3), calm, calm, 0.2).endswith("(0.00 (0.00 to 0.56)).")
    title = monitor_readings.drift_title(waits, restless)
    assert title == "2 of 3 recordings alarm after the planted change, 2 of 3 without any"


def test_a_program_in_words():
    assert "most of the flagged are healthy" in monitor_readings.program(programs(), PRICES)
    assert "it is open" in monitor_readings.program(programs(flagged_healthy=0), PRICES)
    cost = programs()[0.02].loc["cost_per_found"]
    ends = f"{cost['value']:,.0f} ({cost['low']:,.0f} to {cost['high']:,.0f}) there"
    assert ends in monitor_readings.program(programs(), PRICES) and cost["low"] < cost["value"] < cost["high"]
    nobody = program_table(np.repeat([1, 0], [10, 20]), np.zeros(30), [0.1], PRICES)
    assert monitor_readings.program(nobody, PRICES) == "Nobody would be flagged."
    people = monitor_readings.people(np.array([1, 1, 0]), np.array([1, 0, 1]), 0.1)
    assert "Of 3 strangers, 2" in people and "flags 1 of them, and 1 of the 1 others" in people
