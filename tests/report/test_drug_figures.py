"""Tables, figures and sentences of 09: every outcome is worded, nothing is stored twice, pictures have their labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data import catalog
from helpers.data.dataset import Dataset, Source
from helpers.data.molecule_requirements import SOLUBILITY
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
        target_names=(SOLUBILITY,) if task == "regression" else (),
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
    gaps = drug_tables.paired_gaps(run, data, answers_of(data), table, "boosting", 200)
    assert set(gaps) == {"committee", "fused", "messages", "rival"}
    assert len(drug_readings.verdict(gaps, data, "boosting", table)) == 4
    stronger = drug_readings.verdict(gaps, data, "forest", table)[3]  # as if validation had preferred the forest
    assert stronger.startswith("The opponent was chosen on validation; on the test part boosting on descriptors")
    assert f"test_{measure}_gap_committee" in run.metrics
    assert drug_tables.rival_of(table, "boosting") == "forest" and drug_tables.rival_of(table, "forest") == "boosting"
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


def test_the_rival_is_the_best_other_baseline():
    table = pd.DataFrame({"key": ["committee", "boosting", "formula", "messages", "forest", "mean"]})
    assert drug_tables.rival_of(table, "boosting") == "formula"
    assert drug_tables.rival_of(table, "formula") == "boosting"


def test_relatives_are_judged_on_the_same_molecules():
    data, run = molecules(), Recorder()
    truth, tested = data.targets[:, None], data.split == "test"
    noise = np.where(np.arange(40) % 2, 1.0, -1.0)[:, None] * np.linspace(0.5, 1.5, 40)[:, None]
    # With relatives the error is halved on the test part; everywhere else it is far larger, and that must not count.
    answers = {"forest": truth + noise, "boosting": truth + noise}
    mixed = {"forest": truth + np.where(tested[:, None], noise / 2, 9.0), "boosting": truth + noise}
    found = drug_tables.relatives(run, data, mixed, answers, 200)
    size = np.sqrt(np.mean(noise[tested] ** 2))
    assert found["forest"].difference == pytest.approx(-size / 2) and found["forest"].high < 0
    assert found["boosting"].difference == 0
    assert run.claims == {"relatives_help_forest": True, "relatives_help_boosting": False}
    assert run.metrics["test_rmse_relatives_forest"][1:] == ("test", 20)
    at_random = drug_tables.score_table(data, mixed, "random", 200)
    tables = drug_tables.two_splits(data, mixed, drug_tables.score_table(data, answers, "test", 200), at_random, 200)
    first, second, third = (drug_tables.of_model(table, "forest")["value"] for table in tables.values())
    assert first == pytest.approx(size) and second == pytest.approx(size / 2) and third > 5


def test_warnings_are_ranked_and_cut_into_thirds():
    data, run = molecules(), Recorder()
    part = data.part("test")
    errors = np.linspace(0, 1, 20)
    answers = (part.targets + errors)[:, None]
    found, beyond, panels = drug_tables.warnings(run, part, {"spread": errors**3, "distance": -errors}, answers)
    assert found["spread"].value == pytest.approx(1) and found["distance"].value == pytest.approx(-1) and not beyond
    assert run.claims == {"errors_grow_with_spread": True, "errors_grow_with_distance": False}
    spread = panels["spread of the ensemble\n(log units)"]
    assert spread["molecules"].sum() == 20 and spread["value"].is_monotonic_increasing
    equal = drug_tables.errors_by_third(np.ones(20), errors, part.groups)
    assert len(equal) == 1 and equal["value"].iloc[0] == pytest.approx(0.5)


def test_with_classes_only_what_is_left_at_equal_indecision_is_a_finding():
    generator = np.random.default_rng(0)
    probability = generator.random(400)
    part = Dataset(
        name="bace",
        inputs=np.array(["C"] * 400, dtype=object),
        targets=(generator.random(400) < probability).astype(np.int64),
        task="binary",
        groups=np.arange(400),
        groups_known=True,
        split=np.full(400, "test"),
        source=Source("Chains", "none", "nobody", group="scaffold"),
    )
    # A spread that only repeats how near the probability is to one half: errors grow with it, and it says nothing more.
    spread = 0.5 - np.abs(probability - 0.5) + 0.05 * generator.random(400)
    run = Recorder()
    found, beyond, panels = drug_tables.warnings(run, part, {"spread": spread}, probability[:, None])
    assert list(found) == ["indecision", "spread"] and list(beyond) == ["spread"] and len(panels) == 2
    assert found["spread"].low > 0 and found["indecision"].low > 0
    assert beyond["spread"].low < 0 < beyond["spread"].high
    assert run.claims == {"errors_grow_with_spread_beyond_indecision": False}
    assert set(run.metrics) == {
        "test_error_and_indecision", "test_error_and_spread", "test_error_and_spread_beyond_indecision"
    }  # fmt: skip


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
    upper = drug_tables.errors_by_third(np.arange(20.0), 2 * np.arange(20.0), np.arange(20))
    axes = drug_plots.doubt_plot({"one": thirds, "two": upper}, data, "Doubt").axes[1]
    assert axes.get_ylim()[1] > upper["high"].max()  # the second panel may reach higher than the first
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
    ("task", "difference", "half", "everyone", "words", "kind"),
    [
        ("regression", -0.3, 0.1, 0.3, "molecules better", "which are easier"),
        ("regression", 0.3, 0.1, 1.5, "molecules worse", "which are no easier"),
        ("regression", -0.1, 0.2, 0.4, "cannot be shown", "which are easier"),
        ("binary", 0.1, 0.05, 0.95, "molecules better", "which are easier"),
        ("binary", -0.1, 0.05, 0.4, "molecules worse", "which are no easier"),
        ("binary", 0.1, np.nan, 0.95, "cannot be shown", "which are easier"),
    ],
)
def test_every_trap_is_worded(task, difference, half, everyone, words, kind):
    first = 0.7 + difference
    found = PairedComparison(first, 0.7, difference, difference - half, difference + half, 0.5, "paired")
    text = drug_readings.trap(found, everyone, task)
    assert words in text and kind in text and f"print {everyone:.3f}" in text and "nan" not in text
    assert f"{difference:+.3f} (boosting on descriptors)" in drug_readings.trap_title({"boosting": found}, task)


def interval(value, half=0.1):
    return Interval(value, value - half, value + half, "test")


@pytest.mark.parametrize(("value", "words"), [(0.3, "errors are larger"), (-0.3, "misleads"), (0.0, "does not tell")])
def test_every_warning_is_worded(value, words):
    assert words in drug_readings.warning(interval(value), "the spread")


@pytest.mark.parametrize(("value", "words"), [(0.3, "says more than"), (-0.3, "it misleads"), (0.0, "is not shown")])
def test_with_classes_every_warning_is_read_at_equal_indecision(value, words):
    text = drug_readings.warning(interval(0.5), "the spread", interval(value))
    assert "errors are larger" in text and "at equal indecision" in text and words in text
    title = drug_readings.warning_title({"spread": interval(value)}, "binary")
    assert "at equal indecision, " in title and ("grow with the spread" in title) == (value > 0)


def test_a_title_names_which_signals_warn():
    both = {"spread": interval(0.3), "distance": interval(0.3)}
    assert drug_readings.warning_title(both, "regression") == "Errors grow with the spread and the distance"
    one = both | {"distance": interval(0.0)}
    assert drug_readings.warning_title(one, "regression").endswith("; for the distance that is not shown")


def test_the_summary_says_what_of_the_random_split_is_due_to_relatives():
    data = molecules(task="binary")
    table = drug_tables.score_table(data, answers_of(data), "test", 200)
    found = {key: PairedComparison(0.8, 0.7, 0.1, 0.05, 0.15, 0.01, "paired") for key in ("forest", "boosting")}
    text = drug_readings.recognized(table[table["key"] == "forest"], table, found, {"spread": interval(0.3)}, "binary")
    assert "of which relatives make +0.100 [+0.050, +0.150]" in text and "at equal indecision, error and spread" in text


def test_published_figures_are_the_catalogs():
    data = molecules(name="bace", task="binary")
    table = pd.DataFrame({"key": ["committee"], "value": [0.9], "low": [0.8], "high": [0.95]})
    assert "it reaches it" in drug_readings.beside_published(data, table)
    assert "it misses it" in drug_readings.beside_published(data, table.assign(value=0.87))
    assert "No published figure" in drug_readings.beside_published(molecules(name="another"), table)
    toxic = drug_readings.beside_published(molecules(name="tox21", task="multilabel"), table)
    assert "No published figure" in toxic and "The goal set before training was 0.8" in toxic
    known = [figure["auroc"] for figure in catalog.describe("bace").benchmarks]
    assert known and sorted(drug_tables.published(data).values()) == sorted(known)
    assert all(f"{value:g}" in name for name, value in drug_tables.published(data).items())
    assert drug_readings.cleaning(data) == "Of 41 lines, 1 hold no molecule."
