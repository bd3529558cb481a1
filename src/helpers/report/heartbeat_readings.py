"""Sentences of the ECG road of 08_heart_disease that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval


def agreement(found: Mapping[str, Interval], groups: int, group: str) -> str:
    """Accuracy beside kappa and jk index, and what their distance means.

    Args:
        found: from :func:`helpers.evaluation.heartbeat_scores.agreement_intervals`.
        groups: that were tested.
        group: the word for a group.
    """
    right, kappa, index = found["accuracy"], found["kappa"], found["jk index"]
    first = f"On {groups} {group}s: accuracy {right.text()}, kappa {kappa.text()}, jk index {_told(index)}, 95 % intervals over {group}s."
    if right.value - kappa.value > 0.1:
        return f"{first} Most beats are normal, so accuracy is high for anybody who knows that; kappa takes this away, and what is left is the model's."
    return f"{first} Kappa is nearly as high as accuracy: the common class alone explains little of it."


def comparison(gap: PairedComparison, first: str, second: str, measure: str = "jk index") -> str:
    """What a paired difference of two models allows one to say; larger is better."""
    if np.isnan(gap.low):
        return f"{first} and {second} differ by {gap.difference:+.3f} in the {measure}; how sure that is, these data do not tell."
    numbers = f"{gap.first:.3f} against {gap.second:.3f}, difference {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.low > 0:
        return f"{first} has the higher {measure} than {second} ({numbers})."
    if gap.high < 0:
        return f"{first} has the lower {measure} than {second} ({numbers}): here the simpler model wins."
    return f"{first} and {second} cannot be told apart by their {measure} ({numbers})."


def comparison_title(gap: PairedComparison, first: str, second: str) -> str:
    """A title for a figure that shows both models; their names stand inside a sentence."""
    if gap.low > 0:
        return f"Ahead on strangers: {first}, before {second}"
    if gap.high < 0:
        return f"Ahead on strangers: {second}, before {first}"
    return f"No difference shown on strangers between {first} and {second}"


def one_person(table: pd.DataFrame, class_name: str, group: str) -> str:
    """How much of a pooled sensitivity is one record's.

    Args:
        table: from :func:`helpers.evaluation.record_scores.sensitivity_without_largest`.
        class_name: of the class.
        group: the word for a group.
    """
    pooled, others = (_interval(table.loc[row]) for row in ("all records", "without the largest"))
    share = float(table.iloc[0]["largest_share"])
    counts = f"{table.iloc[0]['samples']:,} {class_name} beats from {table.iloc[0]['groups']} {group}s"
    first = f"Of {counts}, {share:.0%} come from one. All together {_told(pooled)} are found, without that {group} {_told(others)}."
    if np.isnan(others.value):
        return f"{first} Nobody else has any, so this is a statement about one {group}."
    if pooled.value - others.value > 0.05:
        return f"{first} The pooled number flatters: the {group} with most beats is an easy one."
    if others.value - pooled.value > 0.05:
        return f"{first} The pooled number is mostly that one {group}, who is harder than the others."
    return f"{first} Here that {group} does not change the picture."


def concentration(table: pd.DataFrame, group: str, worst: int = 3) -> str:
    """How many of all errors the worst few records hold.

    Args:
        table: from :func:`helpers.evaluation.record_scores.record_table`.
        group: the word for a group.
        worst: how many.
    """
    total = int(table["errors"].sum())
    if not total:
        return f"No beat of these {len(table)} {group}s was called wrong."
    share = table["errors"].nlargest(worst).sum() / total
    clean = int((table["accuracy"] >= 0.99).sum())
    first = f"{total:,} errors; the {min(worst, len(table))} worst of {len(table)} {group}s hold {share:.0%} of them, and {clean} have at most one in a hundred wrong."
    if share > 2 * worst / len(table):
        return f"{first} A model like this does not fail a little on everybody; it fails on somebody."
    return f"{first} The errors are spread over the {group}s."


def concentration_title(table: pd.DataFrame, group: str, worst: int = 3) -> str:
    """A title for the figure of errors per record."""
    total = int(table["errors"].sum())
    share = table["errors"].nlargest(worst).sum() / total if total else 0.0
    return f"The {min(worst, len(table))} worst of {len(table)} {group}s hold {share:.0%} of all errors"


def split_trap(by_beat: Mapping[str, Interval], by_record: Mapping[str, Interval], group: str) -> str:
    """What a split by single beats promises, beside what strangers get.

    The two are tested on different beats, so the gap is read from the intervals: apart or not.
    """
    parts, apart = [], []
    for measure in ("accuracy", "jk index"):
        one, other = by_beat[measure], by_record[measure]
        parts.append(f"{measure} {_told(one)} by beat, {_told(other)} by {group}")
        apart.append(one.low > other.high)
    first = f"The same network: {'; '.join(parts)}."
    if any(apart):
        return f"{first} By beat, every {group} of the test has trained the network too. It knows the person, and a new patient is not that person."
    return f"{first} Here the intervals overlap, so this run does not show the trap; with records of half an hour it snaps shut."


def against_published(found: Mapping[str, Interval], published: Mapping[str, float], words: str) -> str:
    """Where published values lie against the intervals found here.

    Args:
        found: measure to its interval.
        published: measure to the value of the publication.
        words: for the publication.
    """
    parts = []
    for measure, value in published.items():
        one = found[measure]
        place = "below" if value < one.low else "above" if value > one.high else "within"
        parts.append(f"{measure} {value:.3f} lies {place} our interval {one.low:.3f} to {one.high:.3f}")
    text = f"{words}: {'; '.join(parts)}."
    if all(found[measure].low <= value <= found[measure].high for measure, value in published.items()):
        return f"{text} With so few people a difference from it is not shown either way."
    return text


def one_person_on_both_sides(with_both: Mapping[str, Interval], strict: Mapping[str, Interval]) -> str:
    """What it costs to take a person who is on both sides of the split out of training."""
    change = strict["jk index"].value - with_both["jk index"].value
    numbers = f"jk index {_told(with_both['jk index'])} with the shared person, {_told(strict['jk index'])} without"
    if change < -0.01:
        return f"Without the shared person in training the score is lower ({numbers}): recognition, or one training record fewer; the intervals cannot tell which."
    if change > 0.01:
        return f"Without the shared person in training the score is not lower but higher ({numbers}): one record more or less decides that much."
    return f"The shared person changes little ({numbers})."


def _told(interval: Interval) -> str:
    return "not defined" if np.isnan(interval.value) else interval.text()


def _interval(row: pd.Series) -> Interval:
    return Interval(float(row["value"]), float(row["low"]), float(row["high"]), str(row["method"]))
