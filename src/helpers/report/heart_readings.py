"""Sentences of the table road of 08_heart_disease that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.calibration import Recalibration
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report import readings

TOLERABLE = 0.5  # of an intercept, on the logit scale: 50 % become 62 %
NEGLIGIBLE = 0.01  # of a mean log loss; always saying 0.5 has 0.693


def missing_by_disease(table: pd.DataFrame, measurement: str) -> str:
    """Whether what is missing tells the diagnosis, and the same thing everywhere.

    Args:
        table: index hospital; columns ``healthy`` and ``ill``, share without the measurement.
        measurement: its name.
    """
    gap = table["ill"] - table["healthy"]
    telling = gap[gap.abs() > 0.1]
    if telling.empty:
        return f"Nowhere does a missing {measurement} tell much about the diagnosis."
    words = ", ".join(f"in {name} {_direction(value)} ({_shares(table, name)})" for name, value in telling.items())
    if (telling > 0).any() and (telling < 0).any():
        return f"A missing {measurement} speaks {words}. The same gap points one way here and the other way there."
    silent = [name for name in table.index if name not in telling.index]
    rest = f"; in {readings.listed(silent)} it says little or nothing" if silent else ""
    return f"A missing {measurement} speaks {words}{rest}. A model can learn this, and it is no property of a heart."


def _direction(gap: float) -> str:
    return "for disease" if gap > 0 else "against disease"


def _shares(table: pd.DataFrame, name: str) -> str:
    return f"{table.loc[name, 'ill']:.0%} of the ill, {table.loc[name, 'healthy']:.0%} of the healthy lack it"


def home_title(gap: PairedComparison) -> str:
    """Title for network against logistic regression; the paired interval decides."""
    if gap.low > 0:
        return "The network ranks better than logistic regression"
    if gap.high < 0:
        return "The network does not beat logistic regression: it ranks worse"
    return "The network does not beat logistic regression: the two cannot be told apart"


def calibration_verdict(fitted: Recalibration, low: float, high: float) -> str:
    """Whether a calibration slope lies inside a range that was fixed beforehand."""
    inside = low <= fitted.slope.value <= high
    where = "inside" if inside else "outside"
    return f"slope {fitted.slope.text(2)}, {where} the {low:.2f} to {high:.2f} that were asked for"


def travel(home: float, away: Mapping[str, Interval]) -> str:
    """What ranking is worth where the model was not made.

    Args:
        home: AUROC by cross-validation inside the first hospital.
        away: AUROC at each hospital when it was left out of the training.
    """
    lower = [name for name, interval in away.items() if interval.high < home]
    sure = [name for name, interval in away.items() if interval.low > 0.5]
    first = f"At {len(sure)} of {len(away)} hospitals the interval excludes guessing."
    if not lower:
        return (
            f"{first} No interval lies wholly below the {home:.3f} that cross-validation at home promised, so a loss on the way "
            "cannot be shown; intervals as wide as these could also hide one."
        )
    return f"{first} At {readings.listed(lower)} the interval lies wholly below the {home:.3f} that cross-validation at home promised."


def travel_title(home: float, away: Mapping[str, Interval]) -> str:
    """Title for the journey of a model; arguments as for :func:`travel`."""
    lower = sum(interval.high < home for interval in away.values())
    if not lower:
        return "No loss of ranking can be shown away from home"
    return f"At {lower} of {len(away)} other hospitals the whole interval lies below the AUROC at home"


def levels_title(states: Mapping[str, pd.DataFrame]) -> str:
    """Title for the intercepts before and after repairs; argument as for :func:`levels`."""
    wrong = [sum(one.low > 0 or one.high < 0 for one in table["intercept"]) for table in states.values()]
    names = list(states)
    return f"Level shown to be wrong: {names[0]} at {wrong[0]} of {len(states[names[0]])} hospitals, {names[-1]} at {wrong[-1]}"


def gains_title(table: pd.DataFrame) -> str:
    """Title for the decision curves; argument as for :func:`gains`."""
    useful = int((table["low"] > 0).sum())
    return f"Shown to be worth more than the better simple policy at {useful} of {len(table)} hospitals"


def levels(states: Mapping[str, pd.DataFrame]) -> str:
    """How far the intercepts are from 0 under each repair, and at how many hospitals the interval misses 0.

    Args:
        states: name of the repair, the untouched first and the fullest last, to the table of
            :func:`helpers.evaluation.site_recalibration.site_scores`.
    """
    parts, farthest = [], []
    for name, table in states.items():
        farthest.append(max(abs(one.value) for one in table["intercept"]))
        missed = sum(one.low > 0 or one.high < 0 for one in table["intercept"])
        parts.append(f"{name}: largest {farthest[-1]:.2f}, interval without 0 at {missed} of {len(table)}")
    if farthest[0] < TOLERABLE:
        verdict = "The level was about right from the start."
    elif farthest[-1] < TOLERABLE:
        verdict = "Local patients repair the level."
    else:
        verdict = "Even with local patients the level is not right everywhere."
    return "Distance of the intercept from 0\n- " + "\n- ".join(parts) + f"\n{verdict}"


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


def marks(gap: float, per_hospital: Mapping[str, float]) -> str:
    """What marking missing values did to the log loss at hospitals left out: marked minus unmarked, mean and single.

    Args:
        gap: over all patients.
        per_hospital: the same within each hospital.
    """
    numbers = ", ".join(f"{name} {value:+.3f}" for name, value in per_hospital.items())
    helped = [name for name, value in per_hospital.items() if value < -NEGLIGIBLE]
    harmed = [name for name, value in per_hospital.items() if value > NEGLIGIBLE]
    first = f"Over all patients left out marks change the log loss by {gap:+.3f} ({numbers})."
    if helped and harmed:
        return f"{first} They help in {readings.listed(helped)} and harm in {readings.listed(harmed)}: a mark means what the custom of a hospital makes it mean."
    if harmed:
        return (
            f"{first} They harm in {readings.listed(harmed)} and help nowhere: what they mean at home does not travel."
        )
    if helped:
        return f"{first} They help in {readings.listed(helped)} and harm nowhere: here the danger did not come true."
    return f"{first} Nowhere does it matter much."


def ceiling(home: Dataset) -> str:
    """The best AUROC that anybody could reach at the first hospital, where the truth is known."""
    if "oracle" not in home.truth:
        return "Nobody knows how much better a model of these patients could be."
    best = auroc_delong(home.targets, home.truth["oracle"], home.groups)
    return f"Best reachable AUROC, by Bayes' rule from the model that generated the patients: {best.text()}."
