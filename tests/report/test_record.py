"""The record brings seeds together; the README's table is what the file says."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from helpers.data import catalog
from helpers.evaluation.audit import Audit, Finding
from helpers.evaluation.audit.copied import ACROSS
from helpers.evaluation.intervals import Interval
from helpers.report import batch, record, record_measures, record_table, results, writing
from helpers.runtime import InputError, project_root

SEEDS = (0, 1, 2)
TARGETS = np.array([0, 0, 0, 0, 1, 1, 1, 1] * 5)
GROUPS = np.repeat(np.arange(20), 2)


def write_runs(variant, generator, groups_known=True, copied=()):
    for notebook in (record.TRAINING, record.EVALUATION):
        for seed in SEEDS:
            run = writing.Run(notebook, "A run", variant, "full", seed)
            run._document["datasets"].append(
                {
                    "name": variant,
                    "title": variant,
                    "checksum": "sha256:1",
                    "synthetic": False,
                    "task": "binary",
                    "group": "tile",
                    "groups_known": groups_known,
                    "parts": {"test": {"samples": 40, "groups": 20, "positive": 20}},
                }
            )
            for split, value in (("random", 0.9), ("group", 0.7)):
                run.add_estimate(
                    f"network_{split}_split",
                    "AUROC",
                    value + 0.01 * seed,
                    0.5,
                    0.99,
                    method="DeLong",
                    n=40,
                    groups=20,
                    split="validation",
                )
            run.add_interval("calibration_slope", "Slope", Interval(1.0 + seed, 0.5, 4.0, "sandwich"), GROUPS)
            run.add_limit("Nothing about other hospitals.")
            across = Finding(ACROSS, "severe", "Two images have a copy.", cases=copied)
            run.save_audit(Audit(variant, (across,)))
            run.save()
            noise = generator.normal(size=len(TARGETS))
            run.save_predictions(
                test_targets=TARGETS,
                test_groups=GROUPS,
                models=np.array(["majority", "histogram", "network"]),
                thresholds=np.array([0.5, 0.5, 0.5]),
                test__majority=np.full(len(TARGETS), 0.5),
                test__pixels=np.full(len(TARGETS), 0.25),
                test__histogram=1 / (1 + np.exp(-noise)),
                test__network=1 / (1 + np.exp(-(3 * TARGETS - 1.5 + noise))),
            )


@pytest.fixture
def reports(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    write_runs("lc25000-lung", np.random.default_rng(0))
    return tmp_path


def test_values_are_means_over_seeds(reports):
    document = record.aggregate({(record.EVALUATION, "lc25000-lung"): SEEDS}, "full")
    row = next(row for row in document["rows"] if (row["model"], row["metric"]) == ("network", "accuracy"))
    by_seed = []
    for seed in SEEDS:
        stored = results.load_predictions(results.run_folder(record.EVALUATION, "lc25000-lung", "full", seed))
        by_seed.append(np.mean((stored["test__network"] >= 0.5) == TARGETS))
    assert row["value"] == pytest.approx(np.mean(by_seed))
    assert row["seed_sd"] == pytest.approx(np.std(by_seed, ddof=1))
    assert row["low"] < row["value"] < row["high"]
    assert (row["seeds"], row["n"], row["groups"]) == (3, 40, 20)


def test_both_splits_and_whole_groups_are_in_the_record(reports):
    document = record.aggregate({(record.EVALUATION, "lc25000-lung"): SEEDS}, "full")
    splits = {row["split"]: row["value"] for row in document["rows"] if row["notebook"] == record.TRAINING}
    assert splits == pytest.approx({"validation, random": 0.91, "validation, by group": 0.71})
    units = {row["unit_of_analysis"] for row in document["rows"] if row["model"] == "network"}
    assert units == {"image", "group"}


def test_the_network_is_compared_with_every_baseline(reports):
    rows = [
        row
        for row in record.aggregate({(record.EVALUATION, "lc25000-lung"): SEEDS}, "full")["rows"]
        if row["metric"] == "auroc_difference"
    ]
    assert [row["model"] for row in rows] == ["network minus histogram"]  # the fixture has one baseline beside majority
    assert rows[0]["low"] < rows[0]["value"] < rows[0]["high"]


def test_numbers_of_the_runs_are_averaged_over_seeds(reports):
    rows = record.aggregate({(record.EVALUATION, "lc25000-lung"): SEEDS}, "full")["rows"]
    (slope,) = [row for row in rows if row["metric"] == "calibration_slope"]
    assert (slope["value"], slope["low"], slope["high"], slope["seed_sd"]) == (2.0, 0.5, 4.0, 1.0)
    assert "| lc25000-lung | no copies | 2.000 [0.500, 4.000] |" in record_table.readme_table({"rows": rows})


def test_images_with_a_copy_elsewhere_are_set_aside(tmp_path, monkeypatch):
    """Ten training images, then the forty of the test part: the first and the last of them have a copy."""
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    write_runs("lc25000-lung", np.random.default_rng(0), copied=(3, 10, 49))
    dataset = SimpleNamespace(split=np.repeat(["train", "test"], [10, 40]))
    monkeypatch.setattr(catalog, "load", lambda name: dataset)
    rows = record.aggregate({(record.EVALUATION, "lc25000-lung"): SEEDS}, "full")["rows"]
    kept = {row["model"]: row for row in rows if row["split"] == "test without copies"}
    assert set(kept) == {"network", "histogram", "pixels"}
    assert kept["network"]["n"] == 38
    folders = [results.run_folder(record.EVALUATION, "lc25000-lung", "full", seed) for seed in SEEDS]
    scores = [results.load_predictions(folder)["test__network"][1:-1] for folder in folders]
    scores = [roc_auc_score(TARGETS[1:-1], score) for score in scores]
    assert kept["network"]["value"] == pytest.approx(np.mean(scores))
    assert ", 38 images |" in record_table.readme_table({"rows": rows})


def test_a_missing_seed_is_named(reports):
    with pytest.raises(InputError, match="seed 3"):
        record.aggregate({(record.EVALUATION, "lc25000-lung"): (*SEEDS, 3)}, "full")


def test_other_test_cases_are_refused(reports):
    folder = results.run_folder(record.EVALUATION, "lc25000-lung", "full", 1)
    stored = results.load_predictions(folder)
    stored["test_targets"] = 1 - stored["test_targets"]
    np.savez(folder / "predictions.npz", **stored)
    with pytest.raises(InputError, match="different cases"):
        record.aggregate({(record.EVALUATION, "lc25000-lung"): SEEDS}, "full")


def test_findings_are_counted_over_the_seeds(reports):
    other = results.run_folder(record.EVALUATION, "lc25000-lung", "full", 0)
    for seed in SEEDS:
        run = writing.Run("03_rnn", "A run", "mitdb", "full", seed)
        run.add_estimate("accuracy_network", "Accuracy", 0.9, 0.8, 0.95, method="Wilson", n=40, groups=20)
        run.add_described(results.load(other)["datasets"])
        run.add_claim("wet", f"Rain is wet, says seed {seed}.", seed != 1)
        if seed == 2:
            run.add_claim("seldom", "Only seed 2 can tell.", False)
        run.add_claim("equal", "Two ways give the same.", True, "identity")
        run.add_limit("Nothing about other hospitals.")
        run.save()
    document = record.aggregate({("03_rnn", "mitdb"): SEEDS}, "full")
    place = {"notebook": "03_rnn", "dataset": "mitdb"}
    assert document["findings"] == [
        place | {"name": "wet", "sentence": "Rain is wet, says seed 0.", "held": 2, "seeds": 3},
        place | {"name": "seldom", "sentence": "Only seed 2 can tell.", "held": 0, "seeds": 1},
    ]


def test_the_record_is_written_with_table_and_figure_and_twice_the_same(reports, tmp_path):
    (tmp_path / "README.md").write_text(f"# medlab\n{record.BEGIN}\nold\n{record.END}\nend\n")
    document = record.aggregate({(record.EVALUATION, "lc25000-lung"): SEEDS}, "full")
    written = []
    for _ in range(2):
        (tmp_path / "reports").mkdir(exist_ok=True)
        record.write_record(document, tmp_path)
        files = ("README.md", "reports/results.json", "reports/figures/record.png")
        written.append([(tmp_path / name).read_bytes() for name in files])
    assert written[0] == written[1]
    readme, stored, picture = written[0]
    assert json.loads(stored) == document
    assert record.readme_table(document) in readme.decode() and "old" not in readme.decode()
    assert picture.startswith(b"\x89PNG")
    assert not list(tmp_path.rglob("*.partial*"))


def test_readme_without_markers_loses_nothing(tmp_path):
    (tmp_path / "README.md").write_text("# no place for a table\n")
    with pytest.raises(InputError, match="markers"):
        record.write_record({"rows": []}, tmp_path)
    assert (tmp_path / "README.md").read_text() == "# no place for a table\n"


def test_table_of_the_readme_is_that_of_the_file():
    root = project_root()
    document = json.loads((root / "reports" / "results.json").read_text(encoding="utf-8"))
    text = (root / "README.md").read_text(encoding="utf-8")
    shown = text.split(record.BEGIN)[1].split(record.END)[0].strip()
    assert shown == record.readme_table(document)
    assert len(document["rows"]) > 20


def write_measured_run(variant, seed, value, low=0.0, high=0.9):
    run = writing.Run("03_rnn", "A run", variant, "full", seed)
    entry = {"name": variant, "title": variant, "checksum": "sha256:1", "synthetic": False, "task": "binary"}
    run._document["datasets"].append(entry | {"group": "record", "groups_known": True, "parts": {}})
    ends = {"low": low, "high": high, "method": "bootstrap", "n": 40, "groups": 20}
    run.add_estimate("accuracy_network", "Accuracy, network", value, **ends)
    if value > 0:
        run.add_estimate("error_difference", "Difference of errors", value, **ends)
    run.add_limit("Nothing about other hospitals.")
    run.save()


def test_measures_of_other_notebooks_are_averaged_and_shown_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    for seed, value in ((0, 0.2), (1, 0.4)):
        write_measured_run("mitdb", seed, value, low=value - 0.1, high=value + 0.3)
    rows = record.aggregate({("03_rnn", "mitdb"): (0, 1)}, "full")["rows"]
    assert [row["metric"] for row in rows] == ["accuracy_network", "error_difference"]
    assert (rows[0]["value"], rows[0]["low"], rows[0]["high"]) == pytest.approx((0.3, 0.2, 0.6))
    assert rows[0]["seed_sd"] == pytest.approx(0.2 / np.sqrt(2))
    first, second = record_table.readme_table({"rows": rows}).splitlines()[-2:]
    assert first.startswith(
        "| **mitdb**, 2 seeds | Accuracy, network (test: 40 / 20) | network | 0.300 [0.200, 0.600] | ± 0.141 |"
    )
    assert second.startswith("|  | Difference of errors (test: 40 / 20) |")


def test_a_measure_that_one_seed_could_not_tell_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    write_measured_run("mitdb", 0, 0.2)
    write_measured_run("mitdb", 1, 0.0)  # without the difference
    rows = record.aggregate({("03_rnn", "mitdb"): (0, 1)}, "full")["rows"]
    assert [row["metric"] for row in rows] == ["accuracy_network"]


def test_a_measure_may_count_on_one_dataset_only(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    names = ("mitdb.accuracy_network", "ecg-phantom.error_difference")
    monkeypatch.setattr(
        record_measures, "read_measures", lambda: {"03_rnn": record_measures.Measures("A title", names, {})}
    )
    for variant, metric in (("mitdb", "accuracy_network"), ("ecg-phantom", "error_difference")):
        write_measured_run(variant, 0, 0.2)
        assert [row["metric"] for row in record_measures.measure_rows("03_rnn", variant, "full", (0,))] == [metric]


def test_a_run_without_any_measure_of_the_table_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDLAB_REPORTS", str(tmp_path))
    write_measured_run("mitdb", 0, 0.2)
    measures = record_measures.Measures("A title", ("of another notebook",), {})
    monkeypatch.setattr(record_measures, "read_measures", lambda: {"03_rnn": measures})
    with pytest.raises(InputError, match="03_rnn on mitdb"):
        record.aggregate({("03_rnn", "mitdb"): (0,)}, "full")


def test_every_notebook_of_the_record_says_what_goes_on_record():
    plan = batch.make_plan("workflow/record.yaml")
    notebooks = {run.row.notebook for run in plan.runs} - {record.TRAINING, record.EVALUATION}
    assert notebooks == set(record_measures.read_measures())
