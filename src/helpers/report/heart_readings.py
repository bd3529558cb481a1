"""Sentences of the table road of 08_heart_disease that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.calibration import Recalibration
from helpers.evaluation.comparison import PairedComparison, from_separate_intervals
from helpers.evaluation.proportions import Interval
from helpers.report import readings

TELLING = 0.1  # of a difference of two shares: below it a gap tells little about anybody


def missing_by_disease(table: pd.DataFrame, measurement: str) -> str:
    """Whether what is missing tells the diagnosis, and the same thing everywhere.

    Args:
        table: from :func:`helpers.evaluation.missing_measurements.missing_by_diagnosis`.
        measurement: its name.
    """
    decided = (table["low"] > 0) | (table["high"] < 0)
    telling = table[decided & (table["gap"].abs() > TELLING)]
    open_still = table[(table["low"] < -TELLING) | (table["high"] > TELLING)].drop(index=telling.index)
    silent = [name for name in table.index if name not in {*telling.index, *open_still.index}]
    parts = [f"in {name} {_direction(row)}" for name, row in telling.iterrows()]
    if silent:
        parts.append(f"in {readings.listed(silent)} it says little or nothing")
    parts += [f"in {name} it cannot be told ({_fewest(row)})" for name, row in open_still.iterrows()]
    if telling.empty:
        words = f"Nowhere is a missing {measurement} shown to tell the diagnosis"
        return f"{words}: {', '.join(parts)}." if open_still.size else f"{words}."
    words = f"A missing {measurement} speaks {', '.join(parts)}."
    if (telling["gap"] > 0).any() and (telling["gap"] < 0).any():
        return f"{words} The same gap points one way here and the other way there."
    return f"{words} A model can learn this, and it is no property of a heart."


def _direction(row: pd.Series) -> str:
    side = "for" if row["gap"] > 0 else "against"
    return f"{side} disease ({row['ill']:.0%} of the ill, {row['healthy']:.0%} of the healthy lack it)"


def _fewest(row: pd.Series) -> str:
    word = min(("healthy", "ill"), key=lambda diagnosis: row[f"{diagnosis}_patients"])
    return f"{row[f'{word}_patients']:.0f} {word}"


def calibration_verdict(fitted: Recalibration, low: float, high: float, patients: int) -> str:
    """Whether a calibration slope lies inside a range that was fixed beforehand; the interval decides, or nothing does.

    Args:
        fitted: slope with its interval.
        low, high: the range.
        patients: behind the interval.
    """
    slope = fitted.slope
    asked = f"the {low:.2f} to {high:.2f} that were asked for"
    if low <= slope.low and slope.high <= high:
        return f"slope {slope.text(2)}, inside {asked}"
    if slope.high < low or slope.low > high:
        return f"slope {slope.text(2)}, beyond {asked}"
    place = "inside" if low <= slope.value <= high else "outside"
    return f"slope {slope.text(2)}: the estimate lies {place} {asked}, and {patients} patients cannot tell"


def calibration_title(fitted: Recalibration, low: float, high: float, patients: int) -> str:
    """Title for the curves of :func:`calibration_verdict`; same arguments."""
    return f"The network: {calibration_verdict(fitted, low, high, patients)}"


def travel(local: Mapping[str, Interval], away: Mapping[str, Interval], losses: Mapping[str, PairedComparison]) -> str:
    """What a model lost where it was not made: the difference to one that was made there decides, on the same patients.

    Args:
        local: AUROC of a model made at each hospital; the first hospital is the measure for how hard the others are.
        away: AUROC at each hospital of a model made at the others.
        losses: AUROC of that model minus that of one made at the other hospitals.
    """
    home = next(iter(local))
    lines = []
    for hospital, loss in losses.items():
        numbers = f"{loss.first:.3f} made there, {loss.second:.3f} travelled, difference {_signed(loss)}"
        if loss.low > 0:
            verdict = "the travelled model ranks worse than one made there, a loss on the way"
        elif loss.high < 0:
            verdict = "the travelled model ranks better than one made there of fewer patients"
        else:
            verdict = "no loss on the way is shown"
        here = local[hospital], away[hospital]
        hard = all(from_separate_intervals(local[home], one).low > 0 for one in here)
        rest = f"; both rank worse than one made in {home} does at home: these patients are hard" if hard else ""
        lines.append(f"- {hospital}: {numbers}; {verdict}{rest}.")
    return "AUROC at each hospital\n" + "\n".join(lines)


def travel_title(losses: Mapping[str, PairedComparison]) -> str:
    """Title for the journey of a model; argument as for :func:`travel`."""
    lost = [hospital for hospital, loss in losses.items() if loss.low > 0]
    if not lost:
        return "At no hospital is the travelled model shown to rank worse than one made there"
    return f"Shown to rank worse than a model made there: {readings.listed(lost)}"


def levels_title(changes: Mapping[str, Mapping[str, PairedComparison]]) -> str:
    """Title for the calibration before and after repairs: what the last of them does to the log loss.

    Args:
        changes: as for :func:`repairs`.
    """
    name, hospitals = list(changes.items())[-1]
    better = sum(change.high < 0 for change in hospitals.values())
    worse = sum(change.low > 0 for change in hospitals.values())
    harm = f", higher at {worse}" if worse else ""
    return f"{name.capitalize()}: log loss shown to be lower at {better} of {len(hospitals)} hospitals{harm}"


def repairs(states: Mapping[str, pd.DataFrame], changes: Mapping[str, Mapping[str, PairedComparison]]) -> str:
    """What repairs did to the level, to the log loss and to the spread, hospital by hospital.

    Args:
        states: name of the repair, the untouched one first and the one fitted to outcomes last, to the table of
            :func:`helpers.evaluation.site_recalibration.site_scores`.
        changes: the same without the untouched: hospital to log loss after the repair minus before.
    """
    (untouched, before), *others = states.items()
    wrong = _wrong_level(before)
    lines = [f"{untouched}: level shown to be wrong {_among(wrong)}"]
    for name, table in others:
        now = _wrong_level(table)
        right = [hospital for hospital in wrong if hospital not in now]
        spoiled = [hospital for hospital in now if hospital not in wrong]
        level = f"the interval of the intercept holds 0 again {_among(right)} and has lost it {_among(spoiled)}"
        if name == others[-1][0] and not now:
            level += " (by construction: the folds that taught it hold the same share of the ill)"
        helped = [hospital for hospital, change in changes[name].items() if change.high < 0]
        harmed = [hospital for hospital, change in changes[name].items() if change.low > 0]
        loss = f"log loss shown to be lower {_among(helped)}, higher {_among(harmed)}"
        numbers = ", ".join(f"{hospital} {_signed(change)}" for hospital, change in changes[name].items())
        lines.append(f"{name}: {level}; {loss} ({numbers})")
    return "- " + "\n- ".join(lines) + _unknown_slopes(others[-1][1])


def _wrong_level(table: pd.DataFrame) -> list[str]:
    return [name for name, one in table["intercept"].items() if one.low > 0 or one.high < 0]


def _unknown_slopes(table: pd.DataFrame) -> str:
    """A word on hospitals where the slope may as well be 0 (the probabilities are worth nothing) as 1."""
    unknown = [name for name, one in table["slope"].items() if one.low <= 0 and one.high >= 1]
    if not unknown:
        return ""
    rarer = [
        round(min(share, 1 - share) * count)
        for share, count in zip(table.loc[unknown, "ill"], table.loc[unknown, "patients"], strict=True)
    ]
    counts = readings.listed([str(count) for count in rarer])
    return (
        f"\nNo slope can be learned {_among(unknown)}: with {counts} patients of the rarer class it may be 0 "
        "(worthless) as well as 1 (right)."
    )


def _signed(change: PairedComparison) -> str:
    if np.isnan(change.low):
        return f"{change.difference:+.3f}"
    return f"{change.difference:+.3f} ({change.low:+.3f} to {change.high:+.3f})"


def gains_title(table: pd.DataFrame) -> str:
    """Title for the decision curves; argument as for :func:`gains`."""
    useful = int((table["low"] > 0).sum())
    return f"Shown to be worth more than the better simple policy at {useful} of {len(table)} hospitals"


def gains(table: pd.DataFrame, threshold: float) -> str:
    """Where acting on the model is worth more than the better simple policy.

    Args:
        table: index hospital; columns policy (name of the simple one), gain, low, high (nan: same decisions).
        threshold: of the policy.
    """
    useful = [name for name, row in table.iterrows() if row["low"] > 0]
    harmful = [name for name, row in table.iterrows() if row["high"] < 0]
    parts = [
        f"Treating from {threshold:.0%} on, {_among(useful)} the model is shown to be worth more than the better simple policy"
    ]
    if harmful:
        parts.append(f"{_among(harmful)} it is shown to be worth less")
    same = [name for name, row in table.iterrows() if np.isnan(row["low"])]
    if same:
        parts.append(f"{_among(same)} it decides the same for everybody as the simple policy, and needs no computer")
    return "; ".join(parts) + "."


def _among(names: Sequence[str]) -> str:
    return f"in {readings.listed(names)}" if names else "nowhere"


def marks(changes: Mapping[str, PairedComparison]) -> str:
    """What marking missing values did to the log loss at hospitals left out.

    Args:
        changes: hospital to the log loss with marks minus without.
    """
    numbers = ", ".join(f"{name} {_signed(change)}" for name, change in changes.items())
    helped = [name for name, change in changes.items() if change.high < 0]
    harmed = [name for name, change in changes.items() if change.low > 0]
    first = f"Log loss with marks minus without: {numbers}."
    if helped and harmed:
        return f"{first} They help in {readings.listed(helped)} and harm in {readings.listed(harmed)}: a mark means what the custom of a hospital makes it mean."
    if harmed:
        return f"{first} They harm in {readings.listed(harmed)} and are not shown to help anywhere: what they mean elsewhere does not travel."
    if helped:
        return f"{first} They help in {readings.listed(helped)} and are not shown to harm anywhere: here the danger did not come true."
    return f"{first} Nowhere is help or harm shown."


def ceiling(home: Dataset) -> str:
    """The best AUROC that anybody could reach at the first hospital, where the truth is known."""
    if "oracle" not in home.truth:
        return "Nobody knows how much better a model of these patients could be."
    best = auroc_delong(home.targets, home.truth["oracle"], home.groups)
    return f"Best reachable AUROC, by Bayes' rule from the model that generated the patients: {best.text()}."
