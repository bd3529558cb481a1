"""The contract of results.json: what is written is valid, what is invalid is refused in one line."""

import copy
import json

import numpy as np
import pandas as pd
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.evaluation.audit import Audit, Finding
from helpers.report import results, writing
from helpers.runtime import InputError


@pytest.fixture
def reports(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    return tmp_path


@pytest.fixture
def dataset():
    return Dataset(
        name="wisconsin",
        inputs=np.zeros((6, 2)),
        targets=np.array([0, 1, 0, 1, 1, 0]),
        task="binary",
        groups=np.array([1, 1, 2, 2, 3, 3]),
        groups_known=True,
        split=np.array(["train"] * 4 + ["test"] * 2),
        source=Source("Six rows", "MIT", "nobody", checksum="sha256:1"),
    )


def make_run(dataset):
    run = writing.Run("07_tumor_evaluation", "Tumor evaluation", "wisconsin", "quick", 0)
    run.add_dataset(dataset)
    run.add_estimate("test_auroc", "AUROC", 0.9, 0.8, 0.95, method="DeLong", n=2, groups=1)
    run.add_exact("parameters", "Parameters", 12)
    run.add_timing("fit_seconds", "Training", 1.5)
    run.add_claim("equal", "Both computations agree to 1e-6.", np.True_, "identity")
    run.set_headline("test_auroc")
    return run


def test_a_run_that_reads_others_states_their_data_once(reports, dataset):
    read = make_run(dataset)
    read.add_limit("Nothing about other hospitals.")
    run = writing.Run("15_answers", "Answers", "", "quick", 0, variant="embedded")
    assert run.folder == reports / "runs" / "15_answers" / "embedded" / "quick-seed0"
    for _ in range(2):
        run.add_described(read.save()["datasets"])
    run.add_limit("Nothing about patients.")
    assert [entry["name"] for entry in run.save()["datasets"]] == ["wisconsin"]


def test_written_run_can_be_read_back(reports, dataset):
    run = make_run(dataset)
    run.save()
    folder = reports / "runs" / "07_tumor_evaluation" / "wisconsin" / "quick-seed0"
    assert run.folder == folder == results.run_folder("07_tumor_evaluation", "wisconsin", "quick", 0)
    document = results.load(folder)
    assert document["datasets"][0]["parts"] == {
        "train": {"samples": 4, "groups": 2, "positive": 2},
        "test": {"samples": 2, "groups": 1, "positive": 1},
    }
    assert document["metrics"][0]["value"] == 0.9
    assert not list(folder.glob(".*"))


def test_undefined_numbers_become_null(reports, dataset):
    run = make_run(dataset)
    run.add_estimate("slope", "Slope", float("nan"), -np.inf, np.inf, method="none", n=2, groups=1)
    run.save()
    text = (run.folder / "results.json").read_text()
    assert "NaN" not in text and "Infinity" not in text
    assert json.loads(text)["metrics"][-1]["value"] is None


def without_interval(document):
    del document["metrics"][0]["low"]


def outside_its_interval(document):
    document["metrics"][0]["value"] = 0.99


def twice(document):
    document["metrics"].append(copy.deepcopy(document["metrics"][0]))


def unknown_headline(document):
    document["headline"] = "nothing"


def unknown_key(document):
    document["remark"] = "free text"


def unknown_kind_of_claim(document):
    document["claims"][0]["kind"] = "hope"


@pytest.mark.parametrize(
    "damage", [without_interval, outside_its_interval, twice, unknown_headline, unknown_key, unknown_kind_of_claim]
)
def test_damaged_documents_are_refused_in_one_line(reports, dataset, damage):
    document = make_run(dataset).save()
    results.validate(document)
    damage(document)
    with pytest.raises(InputError, match="results.json") as caught:
        results.validate(document)
    assert "\n" not in str(caught.value)


def test_missing_run_names_the_command_that_makes_it(reports, tmp_path):
    with pytest.raises(
        InputError, match="medlab execute 06_tumor_diagnosis -p dataset wisconsin -p profile quick -p seed 3"
    ):
        results.require_run("06_tumor_diagnosis", "wisconsin", "quick", 3)
    folder = tmp_path / "patient Smith"
    folder.mkdir()
    with pytest.raises(InputError) as caught:
        results.require_run("06_tumor_diagnosis", str(folder), "quick", 3)
    assert "Smith" not in str(caught.value)


def test_predictions_round_trip_and_refuse_rubbish(reports, dataset):
    run = make_run(dataset)
    run.save_predictions(test_targets=dataset.targets, models=np.array(["network"]))
    stored = results.load_predictions(run.folder)
    np.testing.assert_array_equal(stored["test_targets"], dataset.targets)
    assert stored["models"].tolist() == ["network"]
    (run.folder / "predictions.npz").write_bytes(b"half")
    with pytest.raises(InputError, match="execute the notebook again"):
        results.load_predictions(run.folder)


def test_a_table_of_scores_becomes_one_metric_each_and_baselines_keep_their_name(reports, dataset):
    table = pd.DataFrame(
        {"value": [0.9, 0.5], "low": [0.8, 0.3], "high": [0.95, 0.7], "method": ["DeLong", "Wilson"]},
        index=["auroc", "accuracy"],
    )
    run = make_run(dataset)
    for model in ("network", "histogram"):
        run.add_scores("external", {"auroc": "AUROC", "accuracy": "accuracy"}, table, np.array([7, 7, 9]), model)
    metrics = {metric["name"]: metric for metric in run.save()["metrics"]}
    assert metrics["external_auroc"] | {"n": 3, "groups": 2, "model": "network"} == metrics["external_auroc"]
    assert metrics["external_accuracy_histogram"]["value"] == 0.5
    assert metrics["external_accuracy_histogram"]["split"] == "external"


def test_subsets_are_named_and_what_is_unknown_is_null(reports, dataset):
    table = pd.DataFrame(
        {"value": [0.9, np.nan], "low": [0.8, np.nan], "high": [1.0, np.nan], "samples": [40, 3], "groups": [20, 1]},
        index=pd.MultiIndex.from_tuples([("site", "1"), ("brightness", "1 dark")]),
    )
    run = make_run(dataset)
    run.add_subsets("subgroup_sensitivity", "Sensitivity", table, "Wilson")
    metrics = {metric["name"]: metric for metric in run.save()["metrics"]}
    first, second = metrics["subgroup_sensitivity_site_1"], metrics["subgroup_sensitivity_brightness_1_dark"]
    assert (first["value"], first["n"], first["groups"]) == (0.9, 40, 20)
    assert (second["value"], second["low"], second["n"]) == (None, None, 3)
    assert second["label"] == "Sensitivity, brightness 1 dark"


def test_subsets_whose_names_differ_in_signs_only_are_all_kept(reports, dataset):
    table = pd.DataFrame(
        {"value": 0.9, "low": 0.8, "high": 1.0, "samples": 40, "groups": 20}, index=["IDC+", "IDC-", "癌"]
    )
    run = make_run(dataset)
    run.add_subsets("kind", "Sensitivity", table, "Wilson")
    run.add_subsets("kind", "Sensitivity", table.iloc[2:], "Wilson")
    names = [metric["name"] for metric in run.save()["metrics"] if metric["name"].startswith("kind")]
    assert len(names) == len(set(names)) == 4


@pytest.mark.parametrize("severity", ["severe", "warning"])
def test_an_audit_is_kept_beside_the_results(reports, dataset, severity):
    run = make_run(dataset)
    run.save_audit(Audit("wisconsin", (Finding("empty images", severity, "Two images are empty.", cases=(3, 5)),)))
    document = run.save()
    claim = next(claim for claim in document["claims"] if claim["name"] == "audit_clean")
    assert (claim["kind"], claim["holds"]) == ("finding", severity != "severe")
    counts = {metric["name"]: metric["value"] for metric in document["metrics"]}
    assert counts["audit_severe"] + counts["audit_warning"] == 1
    kept = json.loads((run.folder / "audit.json").read_text())
    assert kept["findings"][0]["cases"] == [3, 5]


@pytest.mark.parametrize(
    ("synthetic", "origin"),
    [([True, True], "synthetic"), ([False], "real"), ([False, True], "mixed"), ([], "real")],
)
def test_origin_of_a_run_is_that_of_all_its_data(synthetic, origin):
    assert results.origin([{"synthetic": one} for one in synthetic]) == origin
