"""The article's questions answered from numbers: judged by intervals, each outcome worded, nothing made up."""

import copy
import json
import math

import pytest
from scipy.stats import norm

from helpers.data import catalog
from helpers.report import answers, answers_record, answers_sources, batch
from helpers.report.answers import News, Reason, Rung, Verdict
from helpers.report.answers_entries import parse_answers, read_answers
from helpers.report.answers_sources import Finding, Measure, Source
from helpers.runtime import InputError, project_root

TABLE = """
[words]
pixels = "coarse pixels"
[data]
[caveats]
[[themes]]
name = "diagnosis"
label = "Diagnosis"
question = "What are the advantages?"
says = "Diagnosis becomes more accurate."
open = "No physician took part."
"""
ENTRY = {
    "theme": "diagnosis",
    "notebook": "07_tumor_evaluation",
    "asks": "Is it better?",
    "measure": "test_auroc",
    "scale": "AUROC",
    "difference": "auroc_difference",
    "yes_when": "above",
    "yes": "Better than {beside}.",
    "no": "Worse than {beside}.",
    "unclear": "{beside} cannot be told apart from it.",
    "good": "yes",
}


def table_with(**changes):
    """The table above with one entry; what is None is left out of it."""
    fields = {name: value for name, value in {**ENTRY, **changes}.items() if value is not None}
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items() if not isinstance(value, dict)]
    tables = [
        f"{name} = {{{', '.join(f'{key} = {json.dumps(part)}' for key, part in value.items())}}}"
        for name, value in fields.items()
        if isinstance(value, dict)
    ]
    return parse_answers("\n".join([TABLE, "[[entries]]", *lines, *tables]))


def measure(value, low, high, label="AUROC, network minus pixels", split="test"):
    return Measure(label, value, low, high, 200, 20, 1, split)


def source(row="breastmnist", **measures):
    return Source("07_tumor_evaluation", row, "full", measures, (), ())


def only(table, *sources):
    (answer,) = answers.answer_all(table, sources)
    return answer


# --- the table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"differnce": "x"}, "unknown field 'differnce'"),
        ({"theme": "weather"}, "theme 'weather': there are diagnosis"),
        ({"no": None}, "no is missing"),
        ({"good": None}, "good is missing"),
        ({"good": "maybe"}, "good is 'maybe': it takes yes or no"),
        ({"rung": "above"}, "rung is 'above': it takes elsewhere"),
        ({"yes_when": "higher"}, "yes_when is 'higher': it takes above or below"),
        ({"minus": "other"}, "difference and minus to judge by"),
        ({"reference": 0.0}, "reference and difference to judge by"),
        ({"difference": None, "beside": "aim"}, "nothing to judge by"),
        ({"difference": None, "reference": 0.9}, "beside is missing"),
        ({"tells": "So many."}, "yes_when beside tells"),
    ],
)
def test_an_entry_that_cannot_be_judged_is_refused(changes, words):
    with pytest.raises(InputError) as caught:
        table_with(**changes)
    assert words in str(caught.value)
    assert str(caught.value).startswith("answers.toml: 07_tumor_evaluation, test_auroc: ")


def test_every_theme_of_the_article_is_there_and_every_name_in_the_table_exists():
    table = read_answers()
    questions = list(dict.fromkeys(theme.question for theme in table.themes))
    assert [sum(theme.question == question for theme in table.themes) for question in questions] == [3, 3, 3]
    notebooks = {path.stem for path in (project_root() / "notebooks").glob("*.ipynb")}
    tables = [batch.make_plan(f"workflow/{name}.yaml").table for name in ("notebooks", "record")]
    variants = {row.variant for table_of_runs in tables for row in table_of_runs.rows}
    for entry in table.entries:
        assert entry.notebook in notebooks, entry.measure
        assert set(entry.on) <= variants and set(entry.on.values()) <= set(catalog.names()), entry.measure
    assert set(table.data) | set(table.caveats) <= set(catalog.names())


def test_published_figures_are_the_best_of_the_catalog():
    (entry,) = [entry for entry in read_answers().entries if entry.beside == "best published"]
    for dataset, value in entry.reference.items():
        assert value == max(figure["auroc"] for figure in catalog.describe(dataset).benchmarks if "auroc" in figure)
    published = {name for name in catalog.names() if any("auroc" in f for f in catalog.describe(name).benchmarks)}
    recorded = {row.variant for row in batch.make_plan("workflow/record.yaml").table.rows if row.notebook[:2] == "07"}
    assert set(entry.reference) == published & recorded


# --- judging --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "yes_when", "verdict"),
    [
        (0.51, 0.7, "above", Verdict.YES),
        (0.3, 0.49, "above", Verdict.NO),
        (0.51, 0.7, "below", Verdict.NO),
        (0.3, 0.49, "below", Verdict.YES),
        (0.4, 0.6, "above", Verdict.UNCLEAR),
        (0.5, 0.6, "above", Verdict.UNCLEAR),
        (0.4, 0.5, "below", Verdict.UNCLEAR),
        (None, None, "above", Verdict.UNCLEAR),
    ],
)
def test_yes_and_no_need_the_whole_interval_on_one_side(low, high, yes_when, verdict):
    assert answers.judge(low, high, 0.5, yes_when) is verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict", "sentence"),
    [
        (0.05, 0.15, Verdict.YES, "Better than coarse pixels."),
        (-0.2, -0.01, Verdict.NO, "Worse than coarse pixels."),
        (-0.1, 0.2, Verdict.UNCLEAR, "Coarse pixels cannot be told apart from it."),
    ],
)
def test_a_paired_difference_decides_and_names_the_rival(low, high, verdict, sentence):
    middle = (low + high) / 2
    found = {"test_auroc": measure(0.9, 0.85, 0.94, "AUROC, test"), "auroc_difference": measure(middle, low, high)}
    answer = only(table_with(), source(**found))
    assert (answer.verdict, answer.sentence, answer.reference) == (verdict, sentence, 0.0)
    assert answer.anchor == pytest.approx(0.9 - middle)
    assert answer.rung is Rung.INTERNAL


def test_without_what_it_is_judged_by_a_number_answers_nothing():
    alone = source(test_auroc=measure(0.9, 0.85, 0.94))
    assert answers.answer_all(table_with(), [alone]) == []
    by_dataset = {"difference": None, "reference": {"pneumoniamnist": 0.99}, "beside": "published"}
    assert answers.answer_all(table_with(**by_dataset), [alone]) == []
    other = Source("06_tumor_diagnosis", "breastmnist", "full", alone.measures, (), ())
    assert answers.answer_all(table_with(difference=None, reference=0.5, beside="chance"), [other]) == []


def test_an_aim_is_judged_by_the_interval_of_the_number_itself():
    table = table_with(difference=None, reference=0.85, beside="the aim")
    answer = only(table, source(test_auroc=measure(0.9, 0.86, 0.94)))
    assert (answer.verdict, answer.anchor, answer.judged) == (Verdict.YES, 0.85, (0.9, 0.86, 0.94))
    zero = only(table_with(difference=None, reference=0.0, beside="nothing"), source(test_auroc=measure(0.1, 0, 0.2)))
    assert zero.verdict is Verdict.UNCLEAR and zero.reference == 0.0


def test_two_samples_are_compared_with_both_intervals():
    """Newcombe's method by hand: .7 (.6 to .8) minus .9 (.86 to .95)."""
    gap, low, high = answers.independent_difference(measure(0.7, 0.6, 0.8), measure(0.9, 0.86, 0.95))
    assert gap == pytest.approx(-0.2)
    assert low == pytest.approx(-0.2 - math.sqrt(0.1**2 + 0.05**2))
    assert high == pytest.approx(-0.2 + math.sqrt(0.1**2 + 0.04**2))
    assert answers.independent_difference(measure(0.7, None, None), measure(0.9, 0.8, 0.95)) == (None, None, None)
    entry = {"difference": None, "minus": "home", "beside": "at home", "yes_when": "below", "measure": "travel_*"}
    found = {
        "home": measure(0.9, 0.86, 0.95),
        "travel_a": measure(0.7, 0.6, 0.8, "AUROC, left out, Basel", "hospital left out"),
        "travel_b": measure(0.9, 0.8, 0.95, "AUROC, left out, Bern", "hospital left out"),
    }
    first, second = answers.answer_all(table_with(**entry), [source(row="uci-heart", **found)])
    assert (first.part, first.verdict, first.anchor, first.rung) == ("Basel", Verdict.YES, 0.9, Rung.ELSEWHERE)
    assert (second.part, second.verdict) == ("Bern", Verdict.UNCLEAR)


def test_a_number_without_an_aim_is_told():
    nothing = dict.fromkeys(("difference", "yes_when", "yes", "no", "unclear", "good"))
    answer = only(table_with(**nothing, tells="So many are spared."), source(test_auroc=measure(0.9, 0.86, 0.94)))
    assert (answer.verdict, answer.sentence, answer.anchor) == (Verdict.TOLD, "So many are spared.", None)
    assert not answer.is_judged and answer.news is None and math.isnan(answers.p_value(answer))


def test_a_number_about_generated_data_is_synthetic_also_in_a_run_on_real_data():
    aim = {"difference": None, "reference": 0.5, "beside": "chance"}
    real, moved = (
        only(table_with(**aim, **change), source(test_auroc=measure(0.9, 0.86, 0.94)))
        for change in ({}, {"on": {"breastmnist": "tissue-phantom"}})
    )
    assert (real.dataset, real.rung, real.synthetic) == ("breastmnist", Rung.INTERNAL, False)
    assert (moved.dataset, moved.rung, moved.synthetic) == ("tissue-phantom", Rung.PHANTOM, True)


@pytest.mark.parametrize(
    ("good", "low", "high", "news"),
    [
        ("yes", 0.6, 0.9, News.GOOD),
        ("yes", 0.1, 0.4, News.BAD),
        ("no", 0.6, 0.9, News.BAD),
        ("no", 0.1, 0.4, News.GOOD),
        ("no", 0.4, 0.9, News.OPEN),
    ],
)
def test_yes_is_good_news_only_where_the_question_asks_for_something_good(good, low, high, news):
    table = table_with(difference=None, reference=0.5, beside="chance", good=good)
    answer = only(table, source(test_auroc=measure((low + high) / 2, low, high)))
    assert answer.news is news and answers.counts([answer]) == {**dict.fromkeys(News, 0), news: 1}


def test_a_model_from_elsewhere_stands_higher_also_where_the_split_does_not_say_so():
    aim = {"difference": None, "reference": 0.0, "beside": "no loss", "rung": "elsewhere"}
    found = measure(0.03, 0.01, 0.05, split="cross-validation")
    assert only(table_with(**aim), source(test_auroc=found)).rung is Rung.ELSEWHERE
    assert only(table_with(**aim), source("tissue-phantom", test_auroc=found)).rung is Rung.PHANTOM


def test_what_was_planted_is_said_of_real_data():
    aim = {"difference": None, "reference": 0.5, "beside": "limit", "made": "the mark was planted"}
    real, phantom = (
        only(table_with(**aim), source(row, test_auroc=measure(0.9, 0.86, 0.94)))
        for row in ("wisconsin", "tissue-phantom")
    )
    assert (real.made, phantom.made) == ("the mark was planted", "")


def test_questions_without_an_answer_are_named_with_the_reason():
    aim = {"difference": None, "reference": {"pneumoniamnist": 0.99}, "beside": "published"}
    there = source(test_auroc=measure(0.9, 0.86, 0.94))
    for table, sources, reason in (
        (table_with(), [], Reason.NOT_READ),
        (table_with(), [source(other=measure(0.9, 0.86, 0.94))], Reason.NO_NUMBER),
        (table_with(), [there], Reason.NO_NUMBER),  # its rival is not there
        (table_with(measure="test_*"), [source()], Reason.NO_NUMBER),
        (table_with(**aim), [there], Reason.NO_MARK),
    ):
        found = answers.answer_all(table, sources)
        assert answers.unanswered(table, sources, found) == [(table.entries[0], reason)]
    answered = source(test_auroc=measure(0.9, 0.86, 0.94), auroc_difference=measure(0.1, 0.05, 0.15))
    table = table_with()
    assert answers.unanswered(table, [answered], answers.answer_all(table, [answered])) == []


def test_every_question_is_answered_or_named(record):
    table, sources = read_answers(), answers_record.sources_of_record(record)
    found = answers.answer_all(table, sources)
    gaps = answers.unanswered(table, sources, found)
    asked = {(entry.notebook, entry.measure, entry.asks) for entry in table.entries}
    answered = {(answer.entry.notebook, answer.entry.measure, answer.entry.asks) for answer in found}
    unanswered = {(entry.notebook, entry.measure, entry.asks) for entry, _ in gaps}
    assert answered | unanswered == asked and not answered & unanswered
    read = {found.notebook for found in sources}
    assert all((entry.notebook in read) == (reason is not Reason.NOT_READ) for entry, reason in gaps)


@pytest.mark.parametrize(("value", "low", "high"), [(0.6, 0.52, 0.65), (0.4, 0.3, 0.48), (0.55, 0.49, 0.7)])
def test_p_value_is_that_of_the_half_that_looks_to_the_reference(value, low, high):
    table = table_with(difference=None, reference=0.5, beside="chance")
    answer = only(table, source(test_auroc=measure(value, low, high)))
    half = value - low if value > 0.5 else high - value
    expected = 2 * norm.sf(abs(value - 0.5) / (half / norm.ppf(0.975)))
    assert answers.p_value(answer) == pytest.approx(expected, rel=1e-5)
    assert (answers.p_value(answer) < answers.LEVEL) == (answer.verdict is not Verdict.UNCLEAR)


def test_a_reference_on_the_end_of_the_interval_is_not_excluded():
    answer = only(
        table_with(difference=None, reference=0.5, beside="chance"), source(test_auroc=measure(0.6, 0.5, 0.7))
    )
    assert answer.verdict is Verdict.UNCLEAR
    assert answers.p_value(answer) == answers.LEVEL == pytest.approx(0.05, abs=1e-8)


# --- the record -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def record():
    return json.loads((project_root() / "reports" / "results.json").read_text(encoding="utf-8"))


def test_measures_that_the_record_promises_are_in_it(record):
    """An entry for data of the record alone must find its number there."""
    table, sources = read_answers(), answers_record.sources_of_record(record)
    found = answers.answer_all(table, sources)
    embedded = {row.variant for row in batch.make_plan().table.rows if row.kind == "embedded"}
    for entry in table.entries:
        needed = set(entry.reference) if isinstance(entry.reference, dict) else set()
        answered = {answer.dataset for answer in found if answer.entry is entry}
        assert needed - embedded <= answered, entry.measure
    assert len(found) >= 20
    assert len({answer.entry.theme for answer in found}) >= 6
    for answer in found:
        number, compared = answer.measure, answer.judged
        if number.low is None:  # both policies decided alike, so there is nothing an interval could say
            assert number.value == 0 and number.high is None and answer.verdict is answers.Verdict.UNCLEAR
            continue
        assert number.low <= number.value <= number.high
        assert not answer.is_judged or compared[1] <= compared[0] <= compared[2]


def test_anchors_of_the_record_are_the_scores_of_the_rivals(record):
    """The number beside a network is computed from the difference; the rival's own row says the same."""
    found = answers.answer_all(read_answers(), answers_record.sources_of_record(record))
    words = {"coarse pixels": "pixels", "the gray values": "histogram"}
    checked = 0
    for answer in found:
        if answer.entry.notebook == "07_tumor_evaluation" and answer.entry.difference:
            (row,) = [
                row
                for row in record["rows"]
                if (row["dataset"], row["split"], row["metric"]) == (answer.dataset, "test", "auroc")
                and (row["model"], row["unit_of_analysis"]) == (words[answer.beside], "image")
            ]
            assert answer.anchor == pytest.approx(row["value"], abs=1e-9)
            checked += 1
    assert checked == 3


def test_of_several_rivals_the_strongest_is_beside_the_network(record):
    evaluated = [found for found in answers_record.sources_of_record(record) if found.notebook[:2] == "07"]
    for found in evaluated:
        rows = [row for row in record["rows"] if (row["notebook"], row["dataset"]) == (found.notebook, found.row)]
        rivals = {row["model"]: row["value"] for row in rows if row["metric"] == "auroc_difference"}
        assert found.measures["auroc_difference"].value == min(rivals.values())
        assert found.measures["auroc_difference"].label.removeprefix("AUROC, ") == min(rivals, key=rivals.get)
    assert len(evaluated) == 3


def test_findings_of_the_record_stay_unknown_where_it_has_none(record):
    older = {name: value for name, value in record.items() if name != "findings"}
    assert {found.findings for found in answers_record.sources_of_record(older)} == {None}
    finding = {"name": "x", "sentence": "The sun is cold.", "held": 1, "seeds": 5}
    place = {"notebook": "07_tumor_evaluation", "dataset": "breastmnist"}
    told = answers_record.sources_of_record(older | {"findings": [finding | place]})
    assert [found.findings for found in told if found.findings] == [(Finding("x", "The sun is cold.", 1, 5),)]


def test_findings_of_a_notebook_without_rows_are_kept(record):
    finding = {"notebook": "06_tumor_diagnosis", "dataset": "breastmnist"}
    finding |= {"name": "x", "sentence": "The audit finds nothing.", "held": 0, "seeds": 5}
    told = answers_record.sources_of_record(record | {"findings": [finding]})
    (found,) = [entry for entry in told if (entry.notebook, entry.row) == (finding["notebook"], finding["dataset"])]
    assert found.findings[0].held == 0 and not found.measures


def spoil(record, **changes):
    document = copy.deepcopy(record)
    document["rows"][0] |= changes
    return document


def spoil_finding(record, **changes):
    document = copy.deepcopy(record)
    document["findings"][0] |= changes
    return document


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda record: [record], "is no record of version 1"),
        (lambda record: record | {"schema_version": 2}, "is no record of version 1"),
        (lambda record: record | {"rows": []}, "has no rows"),
        (lambda record: record | {"rows": {"a": 1}}, "has no rows"),
        (lambda record: record | {"rows": [3]}, "row 1: expected names and values"),
        (lambda record: spoil(record, value="0.9"), "row 1: value is no number"),
        (lambda record: spoil(record, dataset="brain"), "row 1: unknown dataset 'brain'"),
        (lambda record: record | {"rows": [{"dataset": "breastmnist"}]}, "row 1: notebook is missing"),
        (lambda record: spoil(record, groups=None), "row 1: groups is no whole number above 0"),
        (lambda record: spoil(record, n="x"), "row 1: n is no whole number above 0"),
        (lambda record: spoil(record, seeds=0), "row 1: seeds is no whole number above 0"),
        (lambda record: spoil(record, seeds=True), "row 1: seeds is no whole number above 0"),
        (
            lambda record: spoil(record, low=0.9, value=0.8, high=0.7),
            "row 1: low, value and high are not in this order",
        ),
        (lambda record: spoil(record, value=math.nan), "row 1: value is no number"),
        (lambda record: spoil(record, split=None), "row 1: split is no text"),
        (lambda record: spoil(record, profile="quick"), "has rows of the profiles full and quick"),
        (lambda record: record | {"findings": None}, "findings is no list"),
        (lambda record: record | {"findings": [{"name": "x"}]}, "finding 1: notebook is missing"),
        (lambda record: spoil_finding(record, held="yes"), "finding 1: held is no whole number from 0 to its seeds"),
        (lambda record: spoil_finding(record, held=6, seeds=5), "finding 1: held is no whole number"),
        (lambda record: spoil_finding(record, seeds=None), "finding 1: seeds is no whole number above 0"),
        (lambda record: spoil_finding(record, dataset="nowhere"), "finding 1: unknown dataset 'nowhere'"),
        (lambda record: record | {"metrics": []}, "holds one run"),
    ],
)
def test_what_is_no_record_is_refused_in_one_line(tmp_path, record, change, words):
    path = tmp_path / "some.json"
    path.write_text(json.dumps(change(record)), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        answers_record.read_record(path)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).startswith("results: some.json")


@pytest.mark.parametrize(
    ("content", "words"), [(b"{", "is not JSON"), (b"\xff\xfe", "no text"), (None, "No such file")]
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path, content, words):
    path = tmp_path / "some.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        answers_record.read_record(path)


def test_the_record_of_this_checkout_is_one():
    assert answers_record.read_record(project_root() / "reports" / "results.json")["rows"]


# --- the runs -------------------------------------------------------------------------------------------------------


def test_runs_are_read_as_far_as_they_are_there(tmp_path, monkeypatch, add_evaluation):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    add_evaluation("tissue-phantom")
    sources, missing = answers_sources.sources_of_runs("embedded", "quick", 3, "15_answers")
    assert [found.notebook for found in sources] == ["06_tumor_diagnosis", "07_tumor_evaluation"]
    evaluation = sources[1]
    assert evaluation.measures["test_auroc"].value == 0.8
    assert evaluation.findings == (Finding("beats", "The network is better than the histogram.", 1, 1),)
    assert [entry["parts"] for entry in evaluation.datasets] == [{}]
    expected = [row for row in batch.make_plan().table.rows if row.kind == "embedded" and row.notebook != "15_answers"]
    assert {(run.row.notebook, run.seed) for run in missing} == {
        (row.notebook, 3) for row in expected if row.notebook[:2] not in ("06", "07")
    }


def test_a_damaged_run_is_named(tmp_path, monkeypatch, add_evaluation):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    folder = add_evaluation("tissue-phantom")
    (folder / "results.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="07_tumor_evaluation tissue-phantom quick seed 3"):
        answers_sources.sources_of_runs("embedded", "quick", 3, "15_answers")
    (folder / "results.json").write_bytes(b"\xff")
    with pytest.raises(InputError, match="07_tumor_evaluation tissue-phantom quick seed 3"):
        answers_sources.sources_of_runs("embedded", "quick", 3, "15_answers")
