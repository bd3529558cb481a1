"""What goes into results.json about written molecules: shares beside the goals set for them, judges and what they saw."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.molecule_judges import Judge, judge_errors
from helpers.evaluation.molecule_properties import mean_gain
from helpers.evaluation.proportions import Interval, wilson
from helpers.report.writing import Run

# By the molecules that writing was learned from: what was to be reached, written down before anything was trained, and what
# was published. Polykovskiy et al. (2020, Front Pharmacol 11:565644), table 2: CharRNN, whose texts are drawn at temperature 1.
GOALS = {"zinc": {"valid": 0.97, "unique": 0.998, "novel": 0.90}}
PUBLISHED = {"zinc": {"valid": 0.975, "unique": 0.999, "novel": 0.842}}


def goals_of(dataset: Dataset) -> dict[str, float]:
    """Share to the goal that was set for these molecules; empty where none was."""
    return GOALS.get(dataset.name, {})


def add_shares(run: Run, dataset: Dataset, shares: Mapping[str, Interval], number: int) -> None:
    """Store the shares of ``number`` written texts, and the findings about goals where some were set.

    Args:
        run: takes ``written_<share>`` and ``goal_<share>``.
        dataset: the molecules that writing was learned from.
        shares: of :func:`helpers.evaluation.molecule_generation.generation_shares`.
        number: of texts.
    """
    for name in ("valid", "unique", "novel"):
        run.add_interval(
            f"written_{name}", f"Written molecules, {name}", shares[name], np.arange(number), "test", "generator"
        )
    for name, goal in goals_of(dataset).items():
        run.add_claim(f"goal_{name}", f"Of these texts at least {goal:g} are {name}.", shares[name].value >= goal)


def add_judges(run: Run, judges: Mapping[str, Judge], dataset: Dataset) -> dict[str, Interval]:
    """Errors of the judges on scaffolds that none was trained on, stored as ``judge_rmse_<last word of the judge>``."""
    found, groups = judge_errors(judges, dataset), dataset.groups[dataset.split == "test"]
    for judge, interval in found.items():
        run.add_interval(
            f"judge_rmse_{judge.split()[-1]}", f"RMSE of a judge: {judge}", interval, groups, "test", "judge"
        )
    return found


def add_gains(run: Run, values: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, Interval]:
    """Gain of each judge, stored as ``steering_gain_<last word of the judge>``, and the finding that the forest sees one.

    Args:
        run: takes them.
        values: judge to (``steered`` and ``not steered`` to what it says of each molecule).
    """
    gains = {}
    for judge, by in values.items():
        gains[judge] = mean_gain(by["steered"], by["not steered"])
        everyone = np.arange(sum(map(len, by.values())))
        key = f"steering_gain_{judge.split()[-1]}"
        run.add_interval(key, f"Gain in log solubility by {judge}", gains[judge], everyone, "test", "generator")
    seen = gains["the forest"].low > 0
    run.add_claim("steering_proved", "The forest, which took no part in steering, sees more soluble molecules.", seen)
    return gains


def add_yield(run: Run, name: str, hits: int, texts: int) -> Interval:
    """Share of all texts that gave what was wanted, stored as ``yield_<name>``; ``texts`` counts every one that was written."""
    found = wilson(hits, texts)
    key, label = f"yield_{name.replace(' ', '_')}", f"New soluble molecules per text, {name}"
    run.add_interval(key, label, found, np.arange(texts), "test", "generator")
    return found
