"""Sentences on calibration, prediction sets, subgroups, sample size and coverage: every outcome is worded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.brier import BrierParts
from helpers.evaluation.external_test import ExternalTest
from helpers.evaluation.operating_points import CautiousThreshold
from helpers.evaluation.proportions import Interval
from helpers.evaluation.recalibrators import Recalibrator
from helpers.report.readings import with_interval

RECALIBRATIONS = {
    "none": "The probabilities are left as they are",
    "temperature": "A temperature is chosen, which repairs how far the probabilities are spread",
    "logistic": "A logistic recalibration is chosen, which repairs spread and level",
    "isotonic": "An isotonic curve is chosen, which repairs any shape",
}


def recalibration_choice(choice: Recalibrator) -> str:
    """Which repair was chosen on validation, and why."""
    sentence = RECALIBRATIONS[choice.kind]
    if not choice.losses:
        return f"{sentence}: {choice.reason or 'nothing was compared'}."
    losses = {row["kind"]: row["loss"] for row in choice.losses}
    gain = losses.get("none", math.nan) - losses[choice.kind]
    if choice.kind == "none":
        best = min(losses.values())
        if best == losses["none"]:
            return f"{sentence}: no repair had a smaller log loss than theirs, {best:.4f}, on samples left out."
        return (
            f"{sentence} ({choice.reason}): the best repair would save {losses['none'] - best:.4f} of a log loss of "
            f"{losses['none']:.4f} on samples left out, which is within its own error."
        )
    if math.isnan(gain):
        return f"{sentence} ({choice.reason})."
    verb = "falls" if gain > 0 else "rises"
    return (
        f"{sentence} ({choice.reason}): on samples left out the log loss {verb} from {losses['none']:.4f} to "
        f"{losses[choice.kind]:.4f}."
    )


def brier_parts(parts: BrierParts) -> str:
    """Read the decomposition: what is lost to calibration, what is gained by telling cases apart."""
    if math.isnan(parts.skill):
        return (
            "All cases have one outcome, so there is nothing to tell apart and the Brier score has no parts to compare."
        )
    against = f"Brier score {parts.brier:.3f}; always saying the observed share gets {parts.uncertainty:.3f}."
    if parts.brier >= parts.uncertainty:
        return f"{against} These probabilities are no better than that, wherever they lose it."
    share = parts.reliability / parts.brier if parts.brier else 0.0
    return (
        f"{against} Calibration costs {parts.reliability:.3f} of it ({share:.0%}), which a recalibration on such cases could "
        f"repair; the other {1 - share:.0%} is lost because the cases are not told apart."
    )


def prediction_sets(table: pd.DataFrame, alpha: float, class_names: Sequence[str] = ("healthy", "diseased")) -> str:
    """Whether the sets hold their promise on test, over all cases and by class, and how often they decide.

    Args:
        table: of :func:`helpers.evaluation.conformal.coverage_of_sets`.
        alpha: share of misses that was allowed.
        class_names: of class 0, class 1 ...
    """
    promised = 1 - alpha
    words = []
    for name, row in table.iterrows():
        place = "over all cases" if name == "all" else str(class_names[int(str(name).removeprefix("class "))])
        interval = f"{row['value']:.3f}, 95 % interval {row['low']:.3f} to {row['high']:.3f}"
        if row["high"] < promised:
            words.append(f"{place}: too few ({interval})")
        elif row["low"] > promised:
            words.append(f"{place}: more than promised ({interval})")
        else:
            words.append(f"{place}: compatible with the promise ({interval})")
    every = table.iloc[0]
    decided = f"The set names one class in {every['single']:.0%} of the cases, several in {every['several']:.0%}"
    nothing = f", none in {every['empty']:.0%}" if every["empty"] > 0 else ""
    return (
        f"The sets promise to hold the true class in {promised:.0%} of the cases. Measured "
        + "; ".join(words)
        + f". {decided}{nothing}."
    )


def subgroups(table: pd.DataFrame, measure: str, level: float = 0.05) -> str:
    """Which subgroups differ, what the number of comparisons does to that, and which are too small to say.

    Args:
        table: of :func:`helpers.evaluation.subgroups.subgroup_table`.
        measure: the word for the metric.
        level: below it an adjusted p value counts.
    """
    tests = int(table.attrs.get("tests", table["p_value"].notna().sum()))
    few = int((table["note"] != "").sum())
    missing = f" {_count(few, 'subgroup')} too small to say anything: that is no sign of safety." if few else ""
    if not tests:
        return f"No subgroup is large enough to be compared with the rest by {measure}.{missing}"
    found = table[table["p_adjusted"] < level]
    chance = 1 - (1 - level) ** tests
    note = (
        f"{tests} comparisons were made; without any difference one or more of them would have p < {level:g} in about "
        f"{chance:.0%} of such tables if they were independent, so the p values are adjusted (Holm)."
        if tests > 1
        else "One comparison was made, so its p value needs no adjustment."
    )
    if not len(found):
        unadjusted = int((table["p_value"] < level).sum())
        hint = " Some would have without the adjustment: a hint for the next study, no result." if unadjusted else ""
        return f"No subgroup can be told from the rest by {measure}.{hint} {note}{missing} Not found is not equal."
    words = [
        f"{name} = {word}: {row['difference']:+.3f} (95 % interval {row['difference_low']:+.3f} to "
        f"{row['difference_high']:+.3f}, adjusted p {_p(row['p_adjusted'])})"
        for (name, word), row in found.iterrows()
    ]
    return f"By {measure} these differ from the rest: " + "; ".join(words) + f". {note}{missing}"


def sample_size(
    measure: str, half: float, groups: int, needed: int, wanted: float = 0.02, unit: str = "patients"
) -> str:
    """How precise the test is, and how many would make it as precise as wanted.

    Args:
        measure: the word for the metric.
        half: half width of its interval today.
        groups: behind it.
        needed: groups for ``wanted``.
        wanted: half width asked for.
        unit: what a group is, in the plural.
    """
    today = f"With {groups:,} {unit} {measure} is known to ± {100 * half:.1f} points"
    if half <= wanted:
        return f"{today}, which is at least as precise as the ± {100 * wanted:g} that were asked for."
    times = needed / groups
    return f"{today}. For ± {100 * wanted:g} points about {needed:,} {unit} like these are needed, {times:.1f} times as many."


def promise(chosen: CautiousThreshold, cost: Interval | None = None, level: float = 0.95) -> str:
    """What the cautious threshold promises, or why it cannot, and what it costs on test.

    Args:
        chosen: from :func:`helpers.evaluation.operating_points.cautious_threshold`.
        cost: from :func:`helpers.evaluation.operating_points.cost_of_caution`, on the test samples.
        level: of the bound.
    """
    if not chosen.reached:
        return (
            f"No threshold can promise a sensitivity of {chosen.sensitivity:.2f}: even without a miss, at least "
            f"{chosen.needed} independent diseased groups in the validation part are needed. "
            f"Calling everybody diseased would be the only safe rule."
        )
    sentence = (
        f"At {chosen.threshold:.3f} the lower {level:.0%} bound of sensitivity on validation is {chosen.bound:.3f}, so "
        f"{chosen.sensitivity:.2f} can be promised for cases of the same kind."
    )
    if cost is None or math.isnan(cost.value):
        return sentence
    if cost.value == 0:
        return f"{sentence} On the test part the promise costs no specificity."
    return f"{sentence} On the test part it costs {with_interval(cost.value, cost.low, cost.high, 2)} of specificity."


def coverage_holds(table: pd.DataFrame, method: str = "default", low: float = 0.93, high: float = 0.97) -> str:
    """Whether a method's intervals hold their level over the simulated studies.

    Args:
        table: of :func:`helpers.evaluation.coverage.coverage_table`.
        method: whose rows are read.
        low, high: range that counts as holding 95 %.
    """
    rows = table.xs(method, level="method")
    below, above = int((rows["covered_high"] < low).sum()), int((rows["covered_low"] > high).sum())
    seen = f"{rows['covered'].min():.3f} to {rows['covered'].max():.3f} over {_plain_count(len(rows), 'simulated kind')} of study"
    if below:
        return f"The {method} interval fails: coverage {seen}, clearly below {low:g} in {below} of them."
    if above:
        return f"The {method} interval is wider than it needs to be: coverage {seen}, clearly above {high:g} in {above} of them."
    return f"The {method} interval holds its level as far as these simulations can tell: coverage {seen}."


def copies(kept: int, images: int, everything: Interval, alone: Interval) -> str:
    """What is left of the AUROC when images with a copy outside the test part are set aside.

    Args:
        kept: images of the test part without a copy elsewhere.
        images: of the test part.
        everything: AUROC of all of them.
        alone: AUROC of those kept.
    """
    if kept == images:
        return "The audit found no copy of a test image in another part: nothing is set aside."
    if not kept:
        return f"Every one of {images:,} test images has a copy in another part: they test memory, not recognition."
    numbers = (
        f"AUROC {with_interval(alone.value, alone.low, alone.high)}, with all {images:,} images {everything.value:.3f}"
    )
    return (
        f"{images - kept:,} of {images:,} test images have a copy in another part and may be remembered rather than "
        f"recognized. Without them: {numbers}."
    )


def external(test: ExternalTest | None, here: pd.DataFrame, class_names: Sequence[str]) -> str:
    """Whether the model travels: AUROC and sensitivity elsewhere beside those of its own test part.

    Args:
        test: of :func:`helpers.evaluation.external_test.evaluate_external`; None where no images were given.
        here: scores of the test part, of :func:`helpers.evaluation.intervals.metric_intervals`.
        class_names: of the model.
    """
    if test is None:
        return "No images of another hospital were given, so nothing is known about any."
    words = []
    for metric, name in (("auroc", "AUROC"), ("sensitivity", "sensitivity")):
        there, before = test.scores.loc[metric], here.loc[metric]
        # Other patients on either side, so the two estimates are independent (Newcombe 1998, method 10).
        gap = there["value"] - before["value"]
        low = gap - math.hypot(there["value"] - there["low"], before["high"] - before["value"])
        high = gap + math.hypot(there["high"] - there["value"], before["value"] - before["low"])
        verdict = "lower" if high < 0 else "higher" if low > 0 else "not shown to differ"
        words.append(f"{name} is {verdict} ({gap:+.3f}, 95 % interval {low:+.3f} to {high:+.3f})")
    names = ""
    if tuple(test.dataset.class_names) != tuple(class_names):
        pairs = zip(test.dataset.class_names, class_names, strict=True)
        names = " Counted alike: " + ", ".join(f"{there} and {own}" for there, own in pairs) + "."
    copied = (
        f" {_count(test.copied, 'image')} a copy of one of the model's own data: remove them." if test.copied else ""
    )
    number = f"{len(test.dataset):,} external images from {len(np.unique(test.dataset.groups)):,} {test.dataset.source.group}s"
    return f"On {number}, against the own test part: {'; '.join(words)}.{names}{copied}"


def external_limit(test: ExternalTest | None) -> str:
    """What the external test leaves open."""
    if test is None:
        return "Nothing about another hospital: no external images were tested."
    return "Nothing about a third hospital: the external images come from one place."


def simulation_error(repetitions: int) -> str:
    """How far a coverage of 0.95 counted in so many simulated studies may be off by chance."""
    half = 1.96 * math.sqrt(0.95 * 0.05 / repetitions)
    return f"With {repetitions:,} simulated studies per row a coverage of 0.95 is counted to about ± {half:.3f}."


def _count(number: int, word: str) -> str:
    return f"{number} {word} is" if number == 1 else f"{number} {word}s are"


def _plain_count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
