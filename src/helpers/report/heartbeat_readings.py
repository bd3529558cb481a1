"""Sentences of the ECG road of 08_heart_disease that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.heartbeat_scores import SUPRAVENTRICULAR
from helpers.evaluation.proportions import Interval

FUSION = 3  # AAMI class F in the order N, S, V, F
BUNDLE_BRANCH_BLOCK, ESCAPE = ("L", "R"), ("e", "j")  # symbols of MIT-BIH that belong to class N


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


def normal_kinds(beats: Dataset) -> str:
    """How many of the normal beats are none of a healthy conduction, where the annotation says so.

    Args:
        beats: heartbeats with the ``symbol`` of their annotation.
    """
    symbols = beats.truth["symbol"][beats.targets == 0]
    blocked, escaped = (int(np.isin(symbols, kinds).sum()) for kinds in (BUNDLE_BRANCH_BLOCK, ESCAPE))
    if not blocked + escaped:
        return f"All {len(symbols):,} normal beats here start in the sinus node and are conducted as usual."
    return (
        f"Of {len(symbols):,} normal beats {blocked:,} ({blocked / len(symbols):.0%}) run past a bundle branch block (L, R) and "
        f"{escaped:,} are escape beats (e, j): normal by the standard, strange to look at."
    )


def matrix_title(counts: np.ndarray, class_names: Sequence[str]) -> str:
    """Title for the table of classes of network and trees together: which class is found least.

    Args:
        counts: (classes, classes), rows true, columns called.
        class_names: in the order of the numbers.
    """
    beats, found = counts.sum(axis=1), np.diag(counts)
    shares = np.where(beats > 0, found / np.maximum(beats, 1), np.inf)
    worst = int(shares.argmin())
    return f"Both together: worst at {class_names[worst]} beats, {found[worst]:,.0f} of {beats[worst]:,.0f} found"


def fusion(counts: np.ndarray, class_names: Sequence[str]) -> str:
    """What becomes of fusion beats, which neither accuracy nor the jk index would tell.

    Args:
        counts: (classes, classes), rows true, columns called.
        class_names: in the order of the numbers.
    """
    if len(counts) <= FUSION or not counts[FUSION].sum():
        return "There are no fusion beats here."
    row = counts[FUSION]
    share, everywhere = row[FUSION] / row.sum(), row.sum() / counts.sum()
    first = f"Of {row.sum():,.0f} fusion beats {row[FUSION]:,.0f} ({share:.0%}) are found"
    others = np.delete(np.arange(len(row)), FUSION)
    often = others[row[others].argmax()]
    if row[often] > row[FUSION]:
        first += f"; {row[often]:,.0f} are called {class_names[often]}"
    return (
        f"{first}. They are {everywhere:.1%} of all beats, so all of them together move accuracy by no more than that, and "
        "apart from kappa the jk index asks for the two other rare classes alone: neither score would tell."
    )


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


def concentration(table: pd.DataFrame, group: str, most: int = 3) -> str:
    """How many of all errors the few records with most errors hold.

    Args:
        table: from :func:`helpers.evaluation.record_scores.record_table`.
        group: the word for a group.
        most: how many.
    """
    total = int(table["errors"].sum())
    if not total:
        return f"No beat of these {len(table)} {group}s was called wrong."
    share = table["errors"].nlargest(most).sum() / total
    clean = int((table["accuracy"] >= 0.99).sum())
    first = f"{total:,} errors; {min(most, len(table))} of {len(table)} {group}s hold {share:.0%} of them, and {clean} have at most one beat in a hundred wrong."
    if share > 2 * most / len(table):
        return f"{first} A model like this does not fail a little on everybody; it fails on somebody."
    return f"{first} The errors are spread over the {group}s."


def concentration_title(table: pd.DataFrame, group: str, most: int = 3) -> str:
    """A title for the figure of errors per record."""
    total = int(table["errors"].sum())
    share = table["errors"].nlargest(most).sum() / total if total else 0.0
    return f"The {min(most, len(table))} {group}s with most errors, of {len(table)}, hold {share:.0%} of all errors"


def whose_beats(
    by_record: pd.DataFrame, early: pd.DataFrame, counts: np.ndarray, class_names: Sequence[str], group: str
) -> str:
    """Where errors lie, whose early beats are found and what becomes of fusion beats, one line each.

    Args:
        by_record: as for :func:`concentration`.
        early: as for :func:`one_person`.
        counts: as for :func:`fusion`.
        class_names: in the order of the numbers.
        group: the word for a group.
    """
    supraventricular = one_person(early, class_names[SUPRAVENTRICULAR], group)
    return "\n".join((concentration(by_record, group), supraventricular, fusion(counts, class_names)))


def split_trap(gap: PairedComparison, by_beat: Interval, strangers: Interval, group: str) -> str:
    """What a split by single beats promises: the paired difference of the same trees on the same beats decides.

    Args:
        gap: jk index of trees split by beat minus that of trees split by group, on the beats of the training part.
        by_beat: jk index of the network on beats of the training part, split by beat.
        strangers: jk index of the network on the test part.
        group: the word for a group.
    """
    numbers = f"jk index {gap.first:.3f} split by beat, {gap.second:.3f} by {group}"
    first = f"The same trees on the same beats: {numbers}, difference {_ends(gap)}."
    if gap.low > 0:
        verdict = "A split by beat knows the person, and promises what no new patient gets."
    elif gap.high < 0:
        verdict = "Here knowing the person does not help, it harms: the trap did not snap shut."
    else:
        verdict = f"A difference is not shown here; the split has to be by {group} all the same."
    network = f"The network: {_told(by_beat)} by beat inside the training part, {_told(strangers)} on the strangers of the test part"
    return f"{first} {verdict}\n{network}. Those are different beats, so this pair alone would prove nothing."


def trap_title(gap: PairedComparison, group: str) -> str:
    """A title for scores of strangers beside those of people who are known; arguments as for :func:`split_trap`."""
    numbers = f"jk index {gap.first:.3f} split by beat, {gap.second:.3f} by {group}"
    return f"The same trees: {numbers}" if gap.low > 0 else f"The same trees: {numbers}, no difference shown"


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


def _ends(gap: PairedComparison) -> str:
    if np.isnan(gap.low):
        return f"{gap.difference:+.3f}, and how sure that is, these data do not tell"
    return f"{gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"


def _told(interval: Interval) -> str:
    return "not defined" if np.isnan(interval.value) else interval.text()


def _interval(row: pd.Series) -> Interval:
    return Interval(float(row["value"]), float(row["low"]), float(row["high"]), str(row["method"]))
