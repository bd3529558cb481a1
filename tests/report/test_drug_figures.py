"""Tables, figures and sentences of 09: every outcome is worded, nothing is stored twice, pictures have their labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report import drug_plots, drug_readings, drug_tables
from helpers.runtime import InputError

SMILES = ["C" * length for length in range(1, 41)]


def molecules(task: str = "regression", name: str = "esol") -> Dataset:
    generator = np.random.default_rng(0)
    values = {
        "regression": generator.normal(size=40),
        "binary": np.arange(40) % 2,
        "multilabel": np.where(generator.random((40, 2)) < 0.1, np.nan, (generator.random((40, 2)) < 0.4)).astype(
            float
        ),
    }[task]
    return Dataset(
        name=name,
        inputs=np.array(SMILES, dtype=object),
        targets=values,
        task=task,
        groups=np.arange(40),
        groups_known=True,
        split=np.repeat(["train", "validation", "test"], [10, 10, 20]),
        source=Source("Chains", "none", "nobody", group="scaffold", caveats=("Of 41 lines, 1 hold no molecule.",)),
        class_names=() if task == "regression" else ("no", "yes"),
        target_names=(drug_tables.SOLUBILITY,) if task == "regression" else (),
    )


def answers_of(data: Dataset) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(1)
    truth = np.nan_to_num(data.targets.reshape(40, -1)).astype(float)

    def near(noise):
        return truth + noise * generator.normal(size=truth.shape)

    return {
        "mean": np.full_like(truth, truth.mean()),
        "forest": near(2.0),
        "boosting": near(0.7),
        "messages": near(1.2),
        "fused": near(0.5),
        "committee": near(0.1),
    }


class Recorder:
    """Takes what a run would take."""

    def __init__(self):
        self.metrics, self.claims = {}, {}

    def add_interval(self, name, label, interval, groups, split="test", model="network"):
        assert name not in self.metrics, f"{name} is stored twice"
        self.metrics[name] = (interval, split, len(groups))

    def add_claim(self, name, sentence, holds, kind="finding"):
        self.claims[name] = bool(holds)


@pytest.mark.parametrize("task", ["regression", "binary", "multilabel"])
def test_tables_have_the_best_first(task):
    data, run = molecules(task), Recorder()
    table = drug_tables.scores(run, data, answers_of(data), "test", 200)
    measure = {"regression": "rmse", "binary": "auroc", "multilabel": "mean_auroc"}[task]
    assert table["key"].iloc[0] == "committee" and ("mean" in set(table["key"])) == (task == "regression")
    assert set(run.metrics) == {f"test_{measure}_{key}" for key in table["key"]}
    assert all(count == 20 for _, _, count in run.metrics.values())
    assert drug_tables.best_baseline(table) == "boosting"
    gaps = drug_tables.paired_gaps(run, data, answers_of(data), "boosting", 200)
    assert set(gaps) == {"committee", "fused", "messages", "rival"}
    assert len(drug_readings.verdict(gaps, data, "boosting", table)) == 4
    stronger = drug_readings.verdict(gaps, data, "forest", table)[3]  # as if validation had preferred the forest
    assert stronger.startswith("The opponent was chosen on validation; on the test part boosting on descriptors")
    assert f"test_{measure}_gap_committee" in run.metrics
    random = drug_tables.scores(run, data, {"forest": answers_of(data)["forest"]}, "random", 200)
    assert run.metrics[f"random_{measure}_forest"][1:] == ("test", 40) and len(random) == 1


def test_findings_are_reported_either_way():
    data, run = molecules(), Recorder()
    table = drug_tables.score_table(data, answers_of(data), "test", 200)
    better = PairedComparison(0.5, 1.0, -0.5, -0.7, -0.3, 0.01, "paired")
    drug_tables.add_claims(run, data, better, table)
    assert run.claims == {"committee_better": True, "goal_property": True}
    run = Recorder()
    drug_tables.add_claims(
        run, molecules(name="another"), PairedComparison(1, 0.5, 0.5, 0.3, 0.7, 0.01, "paired"), table
    )
    assert run.claims == {"committee_better": False}


def test_warnings_are_ranked_and_cut_into_thirds():
    data, run = molecules(), Recorder()
    part = data.part("test")
    errors = np.linspace(0, 1, 20)
    found, panels = drug_tables.warnings(run, part, {"spread": errors**3, "distance": -errors}, errors)
    assert found["spread"].value == pytest.approx(1) and found["distance"].value == pytest.approx(-1)
    assert run.claims == {"errors_grow_with_spread": True, "errors_grow_with_distance": False}
    spread = panels["spread of the ensemble (log units)"]
    assert spread["molecules"].sum() == 20 and spread["value"].is_monotonic_increasing
    equal = drug_tables.errors_by_third(np.ones(20), errors, part.groups)
    assert len(equal) == 1 and equal["value"].iloc[0] == pytest.approx(0.5)


@pytest.mark.parametrize("task", ["regression", "binary", "multilabel"])
def test_figures_name_what_they_show(task):
    data = molecules(task)
    table = drug_tables.score_table(data, answers_of(data), "test", 200)
    drawn = drug_plots.extremes(data)
    captions = [axes.get_title() for axes in drawn.axes]
    assert len(captions) == 8 and all(captions)
    if task == "binary":
        assert captions == ["no"] * 4 + ["yes"] * 4
    scores = drug_plots.score_plot({"test": table, "other": table[2:]}, data, "Title", {"published": 0.8})
    axes = scores.axes[0]
    assert axes.get_xlabel() == drug_tables.axis(data) and len(axes.get_yticklabels()) == len(table) - 2
    assert axes.get_yticklabels()[-1].get_text() == table.index[2]
    with pytest.raises(InputError, match="no scores to draw"):
        drug_plots.score_plot({}, data)


def test_doubt_plot():
    data = molecules()
    thirds = drug_tables.errors_by_third(np.arange(20.0), np.arange(20.0), np.arange(20))
    figure = drug_plots.doubt_plot({"one": thirds, "two": thirds}, data, "Doubt")
    assert [axes.get_xlabel() for axes in figure.axes] == ["one", "two"]
    assert figure.axes[0].get_ylabel() == "mean error (log units)" and figure.axes[0].get_ylim()[0] == 0
    with pytest.raises(InputError, match="no warning signal"):
        drug_plots.doubt_plot({}, data)


@pytest.mark.parametrize(
    ("task", "low", "high", "words"),
    [
        ("regression", -0.4, -0.1, "is better than"),
        ("regression", 0.1, 0.4, "the simpler model wins"),
        ("regression", -0.1, 0.1, "cannot be told apart"),
        ("binary", 0.1, 0.4, "is better than"),
        ("binary", -0.4, -0.1, "the simpler model wins"),
        ("binary", np.nan, np.nan, "is not defined"),
    ],
)
def test_every_gap_is_worded(task, low, high, words):
    middle = 0.0 if np.isnan(low) else (low + high) / 2
    found = PairedComparison(0.8, 0.8 - middle, middle, low, high, 0.5, "paired")
    assert words in drug_readings.gap(found, task, "committee", "boosting")
    title = drug_readings.gap_title(found, task)
    verb = {"is better than": "beats", "the simpler model wins": "loses against"}.get(words, "cannot be told apart")
    assert verb in title


@pytest.mark.parametrize(
    ("task", "random", "scaffold", "words"),
    [
        ("regression", 0.5, 1.0, "promises more"),
        ("regression", 1.0, 0.5, "looks worse"),
        ("binary", 0.95, 0.7, "promises more"),
        ("binary", 0.7, 0.95, "looks worse"),
        ("binary", 0.8, 0.8, "No difference can be shown"),
    ],
)
def test_every_trap_is_worded(task, random, scaffold, words):
    def row(value):
        return pd.Series({"value": value, "low": value - 0.05, "high": value + 0.05})

    assert words in drug_readings.trap(row(random), row(scaffold), task)


@pytest.mark.parametrize(
    ("low", "high", "words"), [(0.1, 0.5, "errors are larger"), (-0.5, -0.1, "misleads"), (-0.1, 0.1, "does not tell")]
)
def test_every_warning_is_worded(low, high, words):
    assert words in drug_readings.warning(Interval((low + high) / 2, low, high, "test"), "the spread")


def test_published_figures_and_the_noise():
    data = molecules(name="bace", task="binary")
    table = pd.DataFrame({"key": ["committee"], "value": [0.9], "low": [0.8], "high": [0.95]})
    assert "reaches it" in drug_readings.beside_published(data, table)
    assert "misses it" in drug_readings.beside_published(data, table.assign(value=0.87))
    assert "No published figure" in drug_readings.beside_published(molecules(name="another"), table)
    assert drug_tables.published(data) == {"published 0.851": 0.851, "published 0.86": 0.86}
    assert drug_readings.cleaning(data) == "Of 41 lines, 1 hold no molecule."
