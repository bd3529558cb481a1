"""The page of answers after all notebooks have run, and alone."""

import json

import nbformat
import pytest

from helpers.report import answers, answers_record, answers_sources, batch, results
from helpers.report.answers_entries import read_answers
from helpers.runtime import project_root

pytestmark = pytest.mark.notebooks

NOTEBOOK = "15_answers"
RECORD = project_root() / "reports" / "results.json"


def printed(folder, cell):
    """What a cell of an executed notebook put out, as text."""
    notebook = nbformat.read(folder / "executed.ipynb", as_version=4)
    (outputs,) = [entry.outputs for entry in notebook.cells if entry.id == cell]
    return "".join(output.get("text", "") or output.data.get("text/markdown", "") for output in outputs)


def test_every_question_finds_its_number_in_the_runs_or_in_the_record(suite, monkeypatch):
    monkeypatch.setenv("MEDLAB_REPORTS", str(suite))
    runs, missing = answers_sources.sources_of_runs("embedded", "quick", 0, NOTEBOOK)
    assert not missing
    table = read_answers()
    sources = [*runs, *answers_record.sources_of_record(answers_record.read_record(RECORD))]
    answered = {(answer.entry.notebook, answer.entry.asks) for answer in answers.answer_all(table, sources)}
    in_table = {row.notebook for row in batch.make_plan().table.rows}
    for entry in table.entries:
        if entry.notebook in in_table:
            assert (entry.notebook, entry.asks) in answered


def test_the_page_reads_every_run_of_the_suite(suite):
    folder = suite / "runs" / NOTEBOOK / "embedded" / "quick-seed0"
    others = {path.parts[-4] for path in suite.glob("runs/*/*/*/results.json")} - {NOTEBOOK}
    assert printed(folder, "read-results").startswith(
        f"Read: all {len(list(suite.glob('runs/*/*/*/results.json'))) - 1} runs."
    )
    page = (folder / "report.html").read_text(encoding="utf-8")
    for name in sorted(others & {entry.notebook for entry in read_answers().entries}):
        assert f"#{name}" in page
    assert any(dataset["synthetic"] for dataset in results.load(folder)["datasets"])


def test_alone_it_names_what_is_missing_and_with_the_record_it_answers(command, tmp_path):
    alone = command("execute", "15", reports=tmp_path)
    assert alone.returncode == 0, alone.stderr
    folder = tmp_path / "runs" / NOTEBOOK / "embedded" / "quick-seed0"
    text = printed(folder, "read-results")
    runs = [row for row in batch.make_plan().table.rows if row.kind == "embedded" and row.notebook != NOTEBOOK]
    assert text.count("`medlab run ") == len(runs)
    assert results.load(folder)["datasets"] == []

    recorded = command("execute", "15", "-p", "results", RECORD, reports=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    folder = tmp_path / "runs" / NOTEBOOK / "record" / "quick-seed0"
    counts = {metric["name"]: metric["value"] for metric in results.load(folder)["metrics"]}
    assert counts["answers_good"] + counts["answers_bad"] + counts["answers_open"] >= 20
    assert "runs_missing" not in counts
    listed = printed(folder, "read-results")
    assert f"{counts['questions_unanswered']:.0f} of {len(read_answers().entries)} questions have no number" in listed
    assert str(project_root()) not in (folder / "results.json").read_text() + (folder / "report.html").read_text()


def test_a_file_that_is_no_record_is_one_line(command, tmp_path):
    run = tmp_path / "one run.json"
    run.write_text(json.dumps({"metrics": []}), encoding="utf-8")
    answer = command("execute", "15", "-p", "results", run, reports=tmp_path / "reports")
    assert answer.returncode == 2
    assert answer.stderr.splitlines()[-1].startswith("medlab: results: one run.json holds one run: give the record")
    assert not list((tmp_path / "reports").rglob("results.json"))
