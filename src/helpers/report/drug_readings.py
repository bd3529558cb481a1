"""Sentences about foretold properties that depend on numbers: every outcome is worded."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import property_scores
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report.drug_tables import ANCHORS, GOALS, MODELS, of_model, rival_of

SUBJECTS = {"committee": "The committee", "fused": "The fused network"}  # names that need an article in a sentence


def cleaning(dataset: Dataset) -> str:
    """What was cleaned away, where the source was read line by line."""
    counted = [caveat for caveat in dataset.source.caveats if caveat.startswith("Of ") and " lines, " in caveat]
    return counted[0] if counted else f"{len(dataset):,} molecules, all different and readable: they were generated so."


def extremes(dataset: Dataset) -> str:
    """Title over the drawings of the lowest and the highest molecules."""
    if dataset.task == "binary":
        return f"Above: {dataset.class_names[0]}; below: {dataset.class_names[1]}"
    what = dataset.target_names[0] if dataset.task == "regression" else "share of assays in which it is active"
    return f"Above the lowest, below the highest of training: {what}"


def gap_title(found: PairedComparison, task: str) -> str:
    """Title over the scores of the test part: what the committee's paired interval says."""
    measure, sign = property_scores.MEASURES[task], -1 if property_scores.SMALLER_IS_BETTER[task] else 1
    if found.decided:
        verb = "beats" if sign * found.difference > 0 else "loses against"
        return f"Test part: the committee {verb} the chosen baseline ({measure} {found.difference:+.3f})"
    return f"Test part: committee and chosen baseline cannot be told apart ({measure} {found.difference:+.3f})"


def ranking(table: pd.DataFrame, measure: str, part: str) -> str:
    """Which model has the best score of a table, and by how much the next one follows."""
    first, second = table.index[:2]
    best, next_one = table["value"].iloc[:2]
    return (
        f"On {part} the best {measure} is that of {first}, {best:.3f}; then comes {second}, {next_one:.3f}. Which of two "
        "neighbors is really better, one part cannot tell."
    )


def gap(found: PairedComparison, task: str, model: str, opponent: str) -> str:
    """What the paired interval of a model against its opponent allows one to say.

    Args:
        found: score of the model minus that of the opponent.
        task: decides whether less is better.
        model, opponent: keys of :data:`helpers.report.drug_tables.MODELS`.
    """
    measure, sign = property_scores.MEASURES[task], -1 if property_scores.SMALLER_IS_BETTER[task] else 1
    first = SUBJECTS.get(model, MODELS[model].capitalize())
    second = MODELS[opponent]
    numbers = f"{measure} {found.first:.3f} against {found.second:.3f}, difference {found.difference:+.3f}"
    if math.isnan(found.low):
        return f"{first} against {second}: {numbers}; an interval is not defined."
    numbers += f", 95 % interval {found.low:+.3f} to {found.high:+.3f}"
    if sign * found.low > 0 and sign * found.high > 0:
        return f"{first} is better than {second} ({numbers})."
    if sign * found.low < 0 and sign * found.high < 0:
        return f"{first} is worse than {second} ({numbers}): the simpler model wins."
    return f"{first} and {second} cannot be told apart on these molecules ({numbers})."


def reached(score: float, goal: float, task: str) -> bool:
    """Whether a score is at least as good as a goal."""
    return score <= goal if property_scores.SMALLER_IS_BETTER[task] else score >= goal


def beside_published(dataset: Dataset, table: pd.DataFrame) -> str:
    """The score beside the published figures on the same split, or the best that any model could reach."""
    measure, score = property_scores.MEASURES[dataset.task], of_model(table, "committee")
    if "noiseless" in dataset.truth:
        floor = float(np.sqrt(np.mean((dataset.truth["noiseless"] - dataset.targets) ** 2)))
        return f"Who knew the rule of the phantom would have an RMSE of {floor:.3f} here, which is the noise; ours is {score['value']:.3f}."
    if dataset.name not in ANCHORS:
        return "No published figure for this dataset is known here."
    low, high = ANCHORS[dataset.name]
    figures = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    found = f"{score['value']:.3f} (95 % interval {score['low']:.3f} to {score['high']:.3f})"
    verb = "reaches" if reached(score["value"], GOALS[dataset.name], dataset.task) else "misses"
    return (
        f"Published models have {measure} {figures} on this kind of split. The goal set before training was "
        f"{GOALS[dataset.name]:g}: {found} {verb} it."
    )


def trap(by_random: pd.Series, by_scaffold: pd.Series, task: str) -> str:
    """What the random split promises beyond the split by scaffold; both ``value``, ``low``, ``high`` of the same model.

    The interval combines the two as if they were independent (Newcombe 1998, method 10): nearly all molecules differ.
    """
    measure, better = property_scores.MEASURES[task], -1 if property_scores.SMALLER_IS_BETTER[task] else 1
    change = by_random["value"] - by_scaffold["value"]
    low = change - math.hypot(by_random["value"] - by_random["low"], by_scaffold["high"] - by_scaffold["value"])
    high = change + math.hypot(by_random["high"] - by_random["value"], by_scaffold["value"] - by_scaffold["low"])
    numbers = f"{measure} {change:+.3f} against the split by scaffold, 95 % interval {low:+.3f} to {high:+.3f}"
    if (better > 0 and low > 0) or (better < 0 and high < 0):
        return f"The random split promises more ({numbers}). The model is the same; the molecules it was asked about had relatives in training."
    if (better > 0 and high < 0) or (better < 0 and low > 0):
        return f"Here the random split looks worse ({numbers}): the molecules with rare scaffolds happen to be the easier ones."
    return f"No difference can be shown here ({numbers}). That is no license to split at random."


def traps(at_random: pd.DataFrame, by_scaffold: pd.DataFrame, task: str) -> list[str]:
    """:func:`trap` for every model of the random split, its name first."""
    return [
        f"{MODELS[key].capitalize()}: {trap(of_model(at_random, key), of_model(by_scaffold, key), task)}"
        for key in at_random["key"]
    ]


def verdict(found: Mapping[str, PairedComparison], dataset: Dataset, opponent: str, table: pd.DataFrame) -> list[str]:
    """What the test part says: :func:`gap` for every network, a stronger baseline if there is one, then :func:`beside_published`.

    Args:
        found: of :func:`helpers.report.drug_tables.paired_gaps`.
        dataset: all molecules.
        opponent: key of the best baseline.
        table: of :func:`helpers.report.drug_tables.score_table` on the test part.
    """
    sentences = [gap(found[key], dataset.task, key, opponent) for key in ("committee", "fused", "messages")]
    rival, sign = rival_of(opponent), -1 if property_scores.SMALLER_IS_BETTER[dataset.task] else 1
    if sign * (of_model(table, rival)["value"] - of_model(table, opponent)["value"]) > 0:
        sentences.append(
            f"The opponent was chosen on validation; on the test part {MODELS[rival]} happens to be the better baseline. "
            + gap(found["rival"], dataset.task, "committee", rival)
        )
    return [*sentences, beside_published(dataset.part("test"), table)]


def recognized(at_random: pd.DataFrame, by_scaffold: pd.DataFrame, task: str, found: Mapping[str, Interval]) -> str:
    """The trap and the warning signals in one line, numbers only: the best model of the random split under both splits."""
    key = at_random["key"].iloc[0]
    values = of_model(at_random, key)["value"], of_model(by_scaffold, key)["value"]
    signals = "; ".join(
        f"error and {name} {one.value:+.2f} [{one.low:+.2f}, {one.high:+.2f}]" for name, one in found.items()
    )
    return f"{MODELS[key]}, {property_scores.MEASURES[task]} {values[0]:.3f} at random, {values[1]:.3f} by scaffold; {signals}"


def warning(found: Interval, signal: str) -> str:
    """Whether errors grow with a warning signal."""
    numbers = f"rank correlation {found.value:+.2f}, 95 % interval {found.low:+.2f} to {found.high:+.2f}"
    if found.low > 0:
        return f"Where {signal} is large, errors are larger ({numbers}): it can tell when not to ask."
    if found.high < 0:
        return f"Where {signal} is large, errors are smaller ({numbers}): as a warning it misleads here."
    return f"{signal.capitalize()} does not tell large errors from small ones here ({numbers})."
