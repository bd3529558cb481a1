"""Sentences of 11_interpretability that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.known_effects import Expectation
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report import readings

GOAL = 0.95  # of the images a map has to point at the planted mark in
SURVIVES = 0.5  # rank correlation from which on a map is called the same as before
MARKED, CLEAN, SWAPPED = "mark on the ill", "no mark", "mark on the healthy"  # conditions
NEGLIGIBLE = 0.1  # of the strongest column's effect: below, a sign means little


def collapse(before: pd.DataFrame, gap: PairedComparison) -> str:
    """What the scores say with the mark and without it.

    Args:
        before: of :func:`helpers.report.explanation_tables.condition_aurocs`.
        gap: AUROC with the mark minus without, paired.
    """
    numbers = f"AUROC {_at(before, MARKED)} with the mark and {_at(before, CLEAN)} without it, difference {_gap(gap)}"
    if gap.low > 0 and before.loc[CLEAN, "low"] <= 0.5:
        return f"{numbers}. Without the mark the network cannot be told from guessing: that it knew anything besides the mark cannot be shown."
    if before.loc[SWAPPED, "high"] < 0.5:
        return (
            f"{numbers}. These images can also be told apart without the mark, and yet the network follows it wherever it is: "
            f"with the mark on the healthy AUROC is {_at(before, SWAPPED)}, worse than guessing."
        )
    if gap.low > 0:
        return f"{numbers}. It knew something besides the mark, and leaned on the mark all the same."
    return f"{numbers}. This network did not fall for the mark: the change cannot be told from none."


def mark(tables: Mapping[str, pd.DataFrame], methods: tuple[str, ...], others: tuple[str, ...]) -> str:
    """How reliably the methods find the planted mark, and who else does.

    Args:
        tables: of :func:`helpers.report.explanation_tables.localization_table`.
        methods: explanations of the network.
        others: maps that ask no network.
    """
    hits = tables["pointing"]["value"]
    good = [name for name in methods if hits[name] >= GOAL]
    poor = [f"{name} ({hits[name]:.2f})" for name in methods if name not in good]
    sentence = f"At least {GOAL:.0%} of the maps point at the mark for {readings.listed(good) or 'none of the methods'}"
    sentence += f"; below that: {readings.listed(poor)}." if poor else "."
    free = [name for name in others if hits[name] >= GOAL]
    if free:
        sentence += f" So do maps that never saw a network ({readings.listed(free)}): the mark catches the eye as well, and pointing alone proves little."
    return f"{sentence}\n{_concentrated(tables['mass'], methods, others)}"


def lesions(tables: Mapping[str, pd.DataFrame], methods: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Which methods find the lesion better than chance, by both rules; arguments as for :func:`mark`."""
    sentences = []
    for rule, words in (("pointing", "pointing into the lesion"), ("mass", "mass inside the lesion")):
        table = tables[rule].loc[list(methods)]
        above, below = (list(table.index[chosen]) for chosen in (table["above"] > 0, table["below"] < 0))
        open_ones = [name for name in methods if name not in above + below]
        groups = (("more than chance", above), ("less than chance", below), ("not to be told from chance", open_ones))
        said = "; ".join(f"{verdict}: {readings.listed(who)}" for verdict, who in groups if who)
        sentences.append(f"{words.capitalize()}, {said}.")
    return "\n".join([" ".join(sentences), _concentrated(tables["mass"], methods, others)])


def repair(before: pd.DataFrame, after: pd.DataFrame, clean: PairedComparison, swapped: PairedComparison) -> str:
    """Whether covering the marks in training repaired the network: on images without marks, and with marks on the healthy.

    Args:
        before, after: of :func:`helpers.report.explanation_tables.condition_aurocs`, trained with marks and with them covered.
        clean, swapped: AUROC after minus before under the two conditions, paired.
    """
    return "\n".join(
        f"{where} AUROC goes from {_at(before, condition)} to {_at(after, condition)}, difference {_gap(gap)}: "
        f"{_verdict(gap, after.loc[condition])}."
        for where, condition, gap in (
            ("On clean images", CLEAN, clean),
            ("With the mark on the healthy", SWAPPED, swapped),
        )
    )


def _verdict(gap: PairedComparison, after: pd.Series) -> str:
    if gap.low > 0 and after["high"] < 0.5:
        return "less wrong than before, and still worse than guessing: not repaired"
    if gap.low > 0 and not after["low"] > 0.5:
        return "better than before, and not to be told from guessing: whether it is repaired stays open"
    if gap.low > 0:
        return "covering the mark in training helped"
    if gap.high < 0:
        return "covering the mark has made it worse, so something else must have been wrong"
    return "whether covering the mark helped cannot be told here"


def immune(after: pd.DataFrame, gap: PairedComparison) -> str:
    """Whether a mark still moves the repaired network, which has never seen one: to it, all conditions should be alike.

    Args:
        after: of :func:`helpers.report.explanation_tables.condition_aurocs`.
        gap: AUROC with marks on the ill minus that with marks on the healthy, paired.
    """
    numbers = f"The repaired network has AUROC {_at(after, MARKED)} with marks on the ill, {_at(after, SWAPPED)} on the healthy"
    if gap.low > 0:
        return (
            f"{numbers}: in this training a mark it never saw looks like disease. Repaired is not immune, and another "
            "seed may turn the direction around."
        )
    if gap.high < 0:
        return (
            f"{numbers}: in this training a mark it never saw looks like health. Repaired is not immune, and another "
            "seed may turn the direction around."
        )
    return f"{numbers}: that a mark moves it cannot be shown (difference {_gap(gap)}), which is not the same as being immune."


def faithful(table: pd.DataFrame, methods: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Whose own maps the network answers to more than to another patient's, and what maps without a network yield.

    Args:
        table: of :func:`helpers.report.explanation_tables.faithfulness_table`.
        methods: explanations of the network.
        others: maps that ask no network.
    """
    rows = table.loc[list(methods)]
    better, worse = (list(rows.index[chosen]) for chosen in (rows["own_low"] > 0, rows["own_high"] < 0))
    open_ones = [name for name in methods if name not in better + worse]
    groups = (("more", better), ("less", worse), ("not to be told apart", open_ones))
    said = "; ".join(f"{verdict}: {readings.listed(who)}" for verdict, who in groups if who)
    yields = ", ".join(f"{name} {table.loc[name, 'yield']:+.2f}" for name in (*methods, *others))
    sentence = (
        f"What a map yields beside the same method's map of another patient, {said}. Beyond a random order: {yields}."
    )
    if table.loc[list(others), "yield"].max() < rows["yield"].max():
        return sentence
    return (
        f"{sentence} A map that never saw the network has the largest of these numbers: beside a random order, the curves "
        "reward whatever upsets the network when it is gone."
    )


def scrambling(last: Mapping[str, Interval]) -> str:
    """Which maps survive a network whose weights are all shuffled.

    Args:
        last: name to the mean rank correlation with the trained network's maps. An interval that is not defined (all maps
            alike) counts as a point.
    """
    ends = {name: (one.value, one.value) if np.isnan(one.low) else (one.low, one.high) for name, one in last.items()}
    told = {name: f"{name} ({last[name].value:.2f})" for name in last}
    survivors = [told[name] for name, (low, _) in ends.items() if low >= SURVIVES]
    unknown = [told[name] for name, (low, high) in ends.items() if low < SURVIVES <= high]
    traces = [told[name] for name, (low, high) in ends.items() if high < SURVIVES and low > 0]
    gone = [name for name, (low, high) in ends.items() if high < SURVIVES and not low > 0]
    sentences = []
    if survivors:
        sentences.append(
            f"Hardly changed although nothing learned is left, so it fails the check: {readings.listed(survivors)}."
        )
    if unknown:
        sentences.append(f"Whether it survives cannot be told from so few maps: {readings.listed(unknown)}.")
    if traces:
        sentences.append(f"Passed, though some likeness is left: {readings.listed(traces)}.")
    if gone:
        sentences.append(f"Changed beyond any resemblance that could be shown: {readings.listed(gone)}.")
    return " ".join(sentences)


def all_forgotten(last: Mapping[str, Interval], methods: tuple[str, ...]) -> bool:
    """Whether the whole interval of every method lies below the correlation that counts as the same."""
    return all(last[name].high < SURVIVES for name in methods)


def agreement(signs: pd.DataFrame, expected: Mapping[str, Expectation]) -> str:
    """How many of the effects that matter have the sign medicine expects, and what to think of those that do not.

    Args:
        signs: of :func:`helpers.evaluation.table_effects.effect_signs`.
        expected: of :func:`helpers.data.known_effects.known_effects`.
    """
    judged = judged_effects(signs, expected)
    if not len(judged):
        return "Nothing is written down about what medicine expects of these columns, so there is nothing to compare."
    against = list(judged.index[judged["against"]])
    undecided = int((judged["sign"] == 0).sum())
    agree = len(judged) - len(against) - undecided
    sentence = (
        f"Of {len(judged)} effects that matter and about which something is expected, {agree} have the expected sign"
    )
    sentence += f", {undecided} cannot be decided" if undecided else ""
    if not against:
        return f"{sentence} and none the opposite one. That makes the model plausible; it does not make it right."
    reasons = "; ".join(f"{name} ({expected[name].reason}: {expected[name].citation})" for name in against)
    return (
        f"{sentence}, and {len(against)} the opposite one: {reasons}. The explanation is true of the model. Whether the "
        "data, the selection of the patients or the textbook is to blame, no explanation can say; somebody has to ask."
    )


def judged_effects(signs: pd.DataFrame, expected: Mapping[str, Expectation]) -> pd.DataFrame:
    """The effects that matter and about which something is expected; column ``against``: decidedly the opposite sign."""
    strong = signs[signs["strength"] >= NEGLIGIBLE * signs["strength"].max()]
    judged = strong[[name in expected for name in strong.index]]
    wanted = np.array([expected[name].sign for name in judged.index], dtype=int)
    return judged.assign(expected=wanted, against=judged["sign"].to_numpy() == -wanted)


def summary(document: Mapping, maps_gap: float, shapley_gap: float, compared: pd.DataFrame) -> str:
    """One line per objective, from the finished results.

    Args:
        document: results of the run.
        maps_gap, shapley_gap: largest differences of hand and helper.
        compared: of :func:`judged_effects`.
    """
    metrics = {metric["name"]: metric["value"] for metric in document["metrics"]}
    held = [claim for claim in document["claims"] if claim["kind"] == "finding"]
    hits = [
        metrics[f"mark_pointing_{name}"] for name in ("grad_cam", "integrated_gradients", "occlusion", "smoothgrad")
    ]
    against = int(compared["against"].sum())
    lines = (
        f"exposed:   AUROC {metrics['auroc_shortcut_mark_on_the_ill']:.3f} with the mark, {metrics['auroc_shortcut_no_mark']:.3f} "
        f"without, {metrics['auroc_repaired_no_mark']:.3f} repaired",
        f"computed:  four maps by hand equal the helpers to {maps_gap:.0e}",
        f"measured:  they point at the mark in {min(hits):.0%} to {max(hits):.0%} of the images; findings that hold: "
        f"{sum(claim['holds'] for claim in held)} of {len(held)}",
        f"derived:   Shapley values by hand equal the package to {shapley_gap:.0e}",
        f"said:      {against} of {len(compared)} effects run against the textbook"
        + (": ask why before anybody uses the model" if against else ": plausible, and no proof"),
    )
    return "\n".join(lines)


def _concentrated(table: pd.DataFrame, methods: tuple[str, ...], others: tuple[str, ...]) -> str:
    """How much of each map lies on the mask, beside chance and, paired, beside the best map without a network."""
    best = table.loc[list(others), "value"].idxmax()
    rows = table.loc[list(methods)]
    above, below = (list(rows.index[chosen]) for chosen in (rows["ahead"] > 0, rows["behind"] < 0))
    open_ones = [name for name in methods if name not in above + below]
    groups = (("above", above), ("below", below), ("not to be told apart", open_ones))
    said = "; ".join(f"{verdict}: {readings.listed(who)}" for verdict, who in groups if who)
    shares = ", ".join(f"{name} {table.loc[name, 'value']:.0%}" for name in methods)
    chance = f"by chance {table['chance'].mean():.0%}, {best} {table.loc[best, 'value']:.0%}"
    return f"Of each map lies there: {shares}; {chance}. Beside {best}, which never saw the network, {said}."


def _at(table: pd.DataFrame, condition: str) -> str:
    row = table.loc[condition]
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def _gap(gap: PairedComparison) -> str:
    return f"{gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
