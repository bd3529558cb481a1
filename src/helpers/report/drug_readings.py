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
from helpers.report.drug_tables import GOALS, MODELS, of_model, published, rival_of

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
    found = f"{score['value']:.3f} (95 % interval {score['low']:.3f} to {score['high']:.3f})"
    figures = sorted(published(dataset).values())
    known = (
        f"Published models have {measure} {' and '.join(f'{value:g}' for value in figures)} on this kind of split; ours has {found}."
        if figures
        else f"No published figure on this split is known here; ours is {found}."
    )
    if dataset.name not in GOALS:
        return known
    verb = "reaches" if reached(score["value"], GOALS[dataset.name], dataset.task) else "misses"
    return f"{known} The goal set before training was {GOALS[dataset.name]:g}; it {verb} it."


def trap(found: PairedComparison, everyone: float, task: str) -> str:
    """What a random split promises, in two parts: relatives in training, and other molecules to be asked about.

    Args:
        found: score with relatives in training minus that without, on the same test molecules.
        everyone: score with relatives on all molecules, which is what a paper would print.
        task: decides whether less is better.
    """
    measure, better = property_scores.MEASURES[task], -1 if property_scores.SMALLER_IS_BETTER[task] else 1
    numbers = f"{measure} {found.first:.3f} against {found.second:.3f}, difference {found.difference:+.3f}"
    if not math.isnan(found.low):
        numbers += f", 95 % interval {found.low:+.3f} to {found.high:+.3f}"
    if not found.decided:
        first = f"relatives in training cannot be shown to change the answers about the same molecules ({numbers})"
    elif better * found.difference > 0:
        first = f"relatives in training make the answers about the same molecules better ({numbers})"
    else:
        first = f"relatives in training make the answers about the same molecules worse ({numbers})"
    rest = everyone - found.first
    kind = "easier" if better * rest > 0 else "no easier"
    return (
        f"{first}. A paper would print {everyone:.3f}: the other {rest:+.3f} come from asking about all molecules, "
        f"which are {kind} on the whole."
    )


def trap_title(found: Mapping[str, PairedComparison], task: str) -> str:
    """Title over the two splits: what relatives change for each model."""
    measure = property_scores.MEASURES[task]
    parts = [f"{one.difference:+.3f} ({MODELS[key]})" for key, one in found.items()]
    return f"Same molecules, with and without relatives in training: {measure} {', '.join(parts)}"


def traps(found: Mapping[str, PairedComparison], at_random: pd.DataFrame, task: str) -> list[str]:
    """:func:`trap` for every model of the random split, its name first.

    Args:
        found: of :func:`helpers.report.drug_tables.relatives`.
        at_random: scores of all molecules under the random split.
        task: decides whether less is better.
    """
    return [
        f"{MODELS[key].capitalize()}: {trap(one, of_model(at_random, key)['value'], task)}"
        for key, one in found.items()
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
    rival, sign = rival_of(table, opponent), -1 if property_scores.SMALLER_IS_BETTER[dataset.task] else 1
    if sign * (of_model(table, rival)["value"] - of_model(table, opponent)["value"]) > 0:
        sentences.append(
            f"The opponent was chosen on validation; on the test part {MODELS[rival]} happens to be the better baseline. "
            + gap(found["rival"], dataset.task, "committee", rival)
        )
    return [*sentences, beside_published(dataset.part("test"), table)]


def recognized(
    at_random: pd.DataFrame,
    by_scaffold: pd.DataFrame,
    found: Mapping[str, PairedComparison],
    signals: Mapping[str, Interval],
    task: str,
) -> str:
    """The trap and the warning signals in one line, numbers only.

    Args:
        at_random, by_scaffold: scores under the two splits; the best model of the first one is told about.
        found: what relatives change on the same molecules.
        signals: rank correlations with the error; for classes those beyond indecision.
        task: names the measure.
    """
    key, measure = at_random["key"].iloc[0], property_scores.MEASURES[task]
    values = of_model(at_random, key)["value"], of_model(by_scaffold, key)["value"]
    kind = "error and" if task == "regression" else "at equal indecision, error and"
    parts = "; ".join(
        f"{kind} {name} {one.value:+.2f} [{one.low:+.2f}, {one.high:+.2f}]" for name, one in signals.items()
    )
    gap = found[key]
    return (
        f"{MODELS[key]}, {measure} {values[0]:.3f} at random, {values[1]:.3f} by scaffold, of which relatives make "
        f"{gap.difference:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]; {parts}"
    )


def warning(found: Interval, signal: str, beyond: Interval | None = None) -> str:
    """Whether errors grow with a warning signal, and for classes whether more than indecision stands behind that.

    Args:
        found: rank correlation of error and signal.
        signal: in words, with its article.
        beyond: the partial correlation, indecision held fixed; None where there is none.
    """
    numbers = f"rank correlation {_with_ends(found)}"
    if found.low > 0:
        first = f"Where {signal} is large, errors are larger ({numbers})"
    elif found.high < 0:
        first = f"Where {signal} is large, errors are smaller ({numbers})"
    else:
        first = f"{signal.capitalize()} does not tell large errors from small ones here ({numbers})"
    if beyond is None:
        return first + (": as a warning it misleads here." if found.high < 0 else ".")
    partial = f"at equal indecision {_with_ends(beyond)}"
    if beyond.low > 0:
        return f"{first}; {partial}: it says more than the probability itself."
    if beyond.high < 0:
        return f"{first}; {partial}: beside the probability it misleads."
    return f"{first}; {partial}: that it says more than the probability itself is not shown."


def warning_title(found: Mapping[str, Interval], task: str) -> str:
    """Title over the warning signals: with which of them errors grow; for classes, at equal indecision."""
    growing = [name for name, one in found.items() if one.low > 0]
    silent = [name for name in found if name not in growing]
    text = f"errors grow with the {' and the '.join(growing)}" if growing else "no growth of errors is shown"
    text += f"; for the {' and the '.join(silent)} that is not shown" if growing and silent else ""
    if task == "regression":
        return text[0].upper() + text[1:]
    return f"Mean error by thirds of each signal; at equal indecision, {text}"


def _with_ends(found: Interval) -> str:
    return f"{found.value:+.2f}, 95 % interval {found.low:+.2f} to {found.high:+.2f}"
