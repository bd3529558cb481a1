"""What the page of answers shows: figures, tables and sentences that follow their numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest

from helpers.report import answers, answers_plots, answers_readings, answers_record, answers_tables, batch
from helpers.report.answers import News, Reason
from helpers.report.answers_entries import read_answers
from helpers.report.answers_sources import Finding, Measure, Source
from helpers.report.figures import png
from helpers.runtime import InputError, project_root

TABLE = read_answers()


def evaluation(row, value, low, high, seeds=1, findings=()):
    """A run of 07: AUROC .85, and its difference to the histogram."""
    numbers = {"n": 300, "groups": 30, "seeds": seeds, "split": "test"}
    measures = {
        "test_auroc": Measure("AUROC, test", 0.85, 0.8, 0.9, **numbers),
        "auroc_difference": Measure("AUROC, network minus histogram", value, low, high, **numbers),
    }
    return Source("07_tumor_evaluation", row, "full", measures, findings, ())


BETTER = evaluation("lc25000-lung", 0.1, 0.05, 0.15, seeds=5)
WORSE = evaluation("tissue-phantom", -0.1, -0.15, -0.05)
ALIKE = evaluation("wisconsin", 0.1, -0.05, 0.25)


def answered(*sources):
    return answers.answer_all(TABLE, sources)


@pytest.fixture(scope="module")
def recorded():
    document = json.loads((project_root() / "reports" / "results.json").read_text(encoding="utf-8"))
    return document, answers.answer_all(TABLE, answers_record.sources_of_record(document))


def test_the_figure_of_the_record_holds_its_words_and_is_the_same_every_time(recorded, assert_inside):
    document, found = recorded
    figure = answers_plots.record_figure(document)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert "breast ultrasound: ill or not" in labels
    drawn_themes = {answer.entry.theme for answer in answers_plots.drawn(found)}
    for theme in TABLE.themes:
        assert (theme.label in labels) == (theme.name in drawn_themes)
    assert png(figure) == png(answers_plots.record_figure(document))
    assert_inside(figure, texts=True)


def test_the_title_counts_what_the_colors_show():
    shown = answered(BETTER, WORSE, ALIKE)
    assert answers_plots.title(shown) == (
        "3 scores on all data, beside what they had to beat or reach: 1 above, 1 below, 1 without a difference that can be "
        "shown"
    )
    assert "1 scores on public data" in answers_plots.title(answered(BETTER))
    assert "on synthetic data" in answers_plots.title(answered(WORSE))
    words = answers_plots.alternative(shown)
    assert "above the gray mark: ill or not (lc25000-lung)" in words
    assert "below the gray mark: ill or not (tissue-phantom)" in words
    assert "no difference can be shown: ill or not (wisconsin)" in words


def test_nothing_is_drawn_of_nothing():
    with pytest.raises(InputError, match="nothing to draw"):
        answers_plots.answers_plot(TABLE, [])
    hollow = replace(
        BETTER, measures=BETTER.measures | {"test_auroc": Measure("AUROC", 0.9, None, None, 9, 9, 1, "test")}
    )
    assert answers_plots.drawn(answered(hollow)) == []


@pytest.mark.parametrize(
    ("sources", "title"),
    [
        ((), "No answer stands on any rung"),
        ((WORSE,), "The highest rung that an answer stands on: synthetic data"),
        ((WORSE, BETTER), "The highest rung that an answer stands on: real data, same source"),
    ],
)
def test_the_ladder_says_how_high_it_goes(sources, title, assert_inside):
    figure = answers_plots.ladder_plot(answered(*sources))
    assert figure.get_suptitle().replace("\n", " ") == title
    assert_inside(figure, texts=True)


def test_missed_intervals_are_counted_and_the_chance_of_a_false_alarm_is_named(assert_inside):
    values = np.array([0.9, 0.8, 0.95])
    figure = answers_plots.intervals_plot(values, values - 0.05, values + 0.05, 0.9, 42)
    assert figure.get_suptitle() == "3 studies of 42 patients each; intervals that miss the truth: 1"
    assert_inside(figure)
    numbers = np.arange(1, 40)
    figure = answers_plots.chance_plot(numbers, 1 - 0.95**numbers, 14, 0.05)
    assert "14 tests of nothing: at least one false alarm with a chance of 51%" in figure.get_suptitle()  # 1 - .95^14
    assert_inside(figure, texts=True)


# --- tables ---------------------------------------------------------------------------------------------------------


def test_the_overview_answers_in_one_line_each():
    other = evaluation("breastmnist", 0.1, 0.05, 0.15)
    found = answered(BETTER, ALIKE, other)
    lines = answers_tables.overview(TABLE, found, []).splitlines()
    # The same words on two datasets are one line; the best published model stands beside breast ultrasound alone.
    (line,) = [line for line in lines if line.startswith("- **Yes.** The network ranks better than the gray values.")]
    assert line == (
        "- **Yes.** The network ranks better than the gray values. AUROC: lung tissue 0.850 against 0.750 (difference "
        "+0.050 to +0.150); breast ultrasound 0.850 against 0.750 (difference +0.050 to +0.150) "
        "[07](07_tumor_evaluation.ipynb)"
    )
    assert any(line.startswith("- **Open.** The network and the gray values cannot") for line in lines)
    (published,) = [line for line in lines if "best published model" in line]
    assert "breast ultrasound 0.850 (0.800 to 0.900; best published: 0.919)" in published
    assert "- *No physician was compared with a model, and none was watched while using one.*" in lines


def test_questions_without_a_number_are_counted_by_theme_and_listed_by_notebook():
    gaps = answers.unanswered(TABLE, [BETTER], answered(BETTER))
    privacy = [entry for entry in TABLE.entries if entry.theme == "privacy"]
    overview = answers_tables.overview(TABLE, answered(BETTER), gaps)
    assert f"- No number was read for {len(privacy)} of {len(privacy)} questions." in overview
    listed = answers_tables.gap_list(gaps).splitlines()
    assert sum(line.count("?") for line in listed) == len(gaps)
    (tenth,) = [line for line in listed if line.startswith("- [10]")]
    assert tenth.startswith(f"- [10](10_privacy.ipynb), {Reason.NOT_READ}: Does a network that memorizes")
    of_seventh = [line for line in listed if line.startswith("- [07]")]
    assert of_seventh[0].startswith(
        f"- [07](07_tumor_evaluation.ipynb), {Reason.NO_MARK}: Does the network rank better"
    )
    words = answers_readings.without_number(gaps, TABLE)
    assert words == f"{len(gaps)} of {len(TABLE.entries)} questions have no number here:"
    assert answers_tables.gap_list([]) == ""
    assert answers_readings.without_number([], TABLE) == f"All {len(TABLE.entries)} questions have a number here."


def test_details_show_number_interval_data_and_link():
    text = answers_tables.details(TABLE, answered(BETTER, WORSE), "What are the advantages?")
    first, second = [line for line in text.splitlines() if "the gray values: " in line]
    assert "[07](07_tumor_evaluation.ipynb) Does a network rank" in first
    assert "**Yes.** The network ranks better than the gray values." in first
    assert "AUROC 0.850 (0.800 to 0.900); the gray values: 0.750; difference +0.100 (+0.050 to +0.150)" in first
    assert "lung tissue; 300 from 30 groups, 5 seeds; real data, same source" in first
    assert second.startswith("|  | **No.** The simple model (the gray values) ranks better")
    assert "the tissue phantom; 300 from 30 groups; synthetic data" in second
    assert "No number was read." in text  # treatment: 07 has nothing to say about it


def test_every_row_on_synthetic_data_says_so(recorded):
    everything = answered(WORSE) + list(recorded[1])
    for answer in everything:
        assert ("synthetic" in answers_tables.place(TABLE, answer)) == answer.synthetic


def test_a_caveat_stands_beside_every_number_of_its_dataset(recorded):
    on_heartbeats = [answer for answer in recorded[1] if answer.dataset == "mitdb"]
    assert on_heartbeats
    assert all("development result" in answers_tables.place(TABLE, answer) for answer in on_heartbeats)


FINDINGS = (Finding("a", "Grass is blue.", 0, 1), Finding("b", "Rain is wet.", 1, 1), Finding("c", "Ice is hot.", 2, 5))


def test_findings_that_did_not_hold_are_listed():
    found = evaluation("lc25000-lung", 0.1, 0.05, 0.15, findings=FINDINGS)
    assert answers_tables.findings_counts([found]) == {"07_tumor_evaluation": (3, 1)}
    assert answers_tables.fallen([found]).splitlines() == [
        "- [07](07_tumor_evaluation.ipynb) lc25000-lung: Grass is blue.",
        "- [07](07_tumor_evaluation.ipynb) lc25000-lung: Ice is hot. (held in 2 of 5 seeds)",
    ]
    assert answers_readings.fell([found]).startswith("2 of 3 findings")
    assert answers_readings.fell([evaluation("wisconsin", 0, 0, 0, findings=FINDINGS[1:2])]).startswith(
        "All 1 findings"
    )
    assert answers_readings.fell([replace(found, findings=None)]).startswith("This record does not tell")
    assert answers_readings.fell([]) == "No finding was read."
    assert answers_tables.findings_table([]) == ""


def test_what_is_missing_comes_with_the_command_that_makes_it():
    plan = batch.make_plan(notebooks=("06",), data="embedded", profile="full", seeds="2")
    assert (
        "| [06](06_tumor_diagnosis.ipynb) | tissue-phantom | `medlab run 06 --data embedded --profile full --seeds 2` |"
        in (answers_tables.missing_table(plan.runs))
    )
    assert answers_tables.missing_table([]) == ""


# --- sentences ------------------------------------------------------------------------------------------------------


def test_what_was_read_is_said_in_every_case():
    runs = list(batch.make_plan(notebooks=("06", "07")).runs)
    recorded = answers_readings.gathered([BETTER, WORSE, replace(BETTER, notebook="06_tumor_diagnosis")], [], True)
    assert recorded == "Read: the record of 2 datasets and 2 notebooks; profile full, 1 to 5 seeds."
    assert answers_readings.gathered([WORSE], [], True).endswith("profile full, 1 seed.")
    assert "(profile full, 5 seeds)" in answers_readings.limit_of_record([BETTER])
    assert answers_readings.gathered([], runs, False).startswith("None of the 2 runs")
    assert answers_readings.gathered([BETTER], runs, False).startswith("Read: 1 of 3 runs.")
    assert answers_readings.gathered([BETTER], [], False) == "Read: all 1 runs."


def test_the_kind_of_data_is_said_in_every_case():
    assert answers_readings.all_in_all([]).startswith("No question could be answered")
    assert "say nothing about patients" in answers_readings.all_in_all(answered(WORSE))
    assert "1 of all 2 numbers rest on synthetic data" in answers_readings.all_in_all(answered(WORSE, BETTER))
    assert "public data that others had collected" in answers_readings.all_in_all(answered(BETTER))
    assert answers_readings.all_in_all(answered(BETTER, ALIKE)).startswith("2 answers: 1 open, 1 good news.")
    assert "planted" not in answers_readings.all_in_all(answered(BETTER))


def marked(row, value=0.3):
    """A run of 11: how far the AUROC falls without a mark that was planted."""
    fall = Measure("AUROC", value, value - 0.05, value + 0.05, 300, 30, 1, "test")
    return Source("11_interpretability", row, "full", {"auroc_drop": fall}, (), ())


def test_what_was_planted_in_real_data_is_counted_and_said():
    found = answered(BETTER, marked("lc25000-lung"))
    assert "1 of the 2 is about something planted or generated." in answers_readings.all_in_all(found)
    assert "1 of the 2 is about something planted" in answers_readings.rungs(found)
    assert answers_tables.place(TABLE, found[-1]).endswith("real data, same source, but the mark was planted")
    assert "planted" not in answers_readings.all_in_all(answered(BETTER, marked("tissue-phantom")))
    assert "(The mark was planted.)" in answers_tables.overview(TABLE, found, [])


def test_news_that_the_verdict_does_not_tell_is_said():
    bad, good = (answers_tables.overview(TABLE, answered(marked("lc25000-lung", fall)), []) for fall in (0.3, 0.1))
    assert "- **Yes, bad news.** A network had read" in bad and "- **No, good news.** Without" in good
    undecided = answers_tables.overview(TABLE, answered(marked("lc25000-lung", 0.2)), [])
    assert "- **Open.** Whether the AUROC falls" in undecided


def test_the_closest_call_is_the_one_nearest_to_its_reference():
    close = evaluation("breastmnist", 0.1, 0.001, 0.199)
    assert "breast ultrasound" in answers_readings.nearest(TABLE, answered(BETTER, close, WORSE, ALIKE))
    assert answers_readings.nearest(TABLE, answered(ALIKE)).startswith("No interval leaves its reference outside")


def test_points_promise_more_than_intervals_keep():
    assert answers_readings.by_points(answered(BETTER, ALIKE, WORSE)).startswith(
        "Read by the point alone, 2 of 3 answers are yes; the intervals leave 1 of them. The other 1 may be luck."
    )
    assert "the intervals agree with all of them" in answers_readings.by_points(answered(BETTER, WORSE))
    assert answers_readings.by_points([]).startswith("There is nothing to compare")


def test_holm_takes_what_many_tests_gave():
    """One p value of .04 among three of 1: Holm multiplies it by four."""
    alike = [evaluation(row, 0.0, -0.1, 0.1) for row in ("breastmnist", "pneumoniamnist", "wisconsin")]
    weak = evaluation("tissue-phantom", 0.1, 0.1 * (1 - 1.959964 / 2.0537), 0.2)  # 2.0537 standard errors: p = .04
    text = answers_readings.several(answered(weak, *alike))
    judged = len([answer for answer in answered(weak, *alike) if answer.is_judged])
    assert text.startswith(f"{judged} intervals were judged.")
    assert "tissue-phantom" in text.split("Those that do not: ")[1]
    strong = answers_readings.several(answered(BETTER))
    assert strong.endswith("1 do. All of these stand after Holm's correction.")
    assert answers_readings.several(answered(ALIKE)).endswith("There is nothing to correct.")
    assert answers_readings.several([]).startswith("No interval was judged")


def test_the_ladder_never_promises_a_patient():
    assert "None is prospective" in answers_readings.rungs(answered(BETTER, WORSE))
    assert answers_readings.rungs(answered(BETTER, WORSE)).startswith(
        "1 on synthetic data, 1 on real data, same source, 0 "
    )
    assert answers_readings.rungs([]) == "Without answers there is nothing on the ladder."


def test_news_are_counted_with_words():
    found = answered(BETTER, WORSE, ALIKE)
    assert answers.counts(found) == {News.OPEN: 1, News.GOOD: 1, News.BAD: 1}
    assert answers_tables.tally(found) == "1 open, 1 good news, 1 bad news"
