"""Sentences about the monitor of 14_devices that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.alarms import AlarmCount, dispersion
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.monitoring import Prices
from helpers.evaluation.proportions import Interval
from helpers.evaluation.signal_watch import Watched

MOST_TIMES = 2  # as often as derived may a drift alarm be wrong; fixed beforehand


def stream_title(delay: float) -> str:
    """A title for the figure of the stream."""
    return f"A beat's score comes {delay:.2f} s after the beat: the window has to end first"


def alarm_burden(counted: AlarmCount, found: Interval, allowed: float, group: str) -> str:
    """False alarms an hour on strangers against what was allowed on validation, and the share of the beats found."""
    false, every = counted.false_rate, counted.rate
    ends = f"95 % interval {false.low:.2f} to {false.high:.2f}; allowed on validation {allowed:g}"
    numbers = f"In {counted.hours.sum():.1f} hours of strangers: {every.value:.1f} alarms an hour, of them {false.value:.2f} false ({ends})."
    if false.high <= allowed:
        kept = "The promise holds on strangers."
    elif false.low > allowed:
        kept = "The promise does not hold on strangers."
    else:
        kept = "Whether the promise holds, so few hours do not tell."
    excess = dispersion(counted.false, counted.hours)
    if excess > 1.5:
        kept = f"{kept} False alarms come in clusters: they vary {excess:.1f} times as much between {group}s as chance would, and the interval allows for it."
    return f"{numbers} {kept} Of the ventricular beats {found.text()} are found."


def alarm_title(counted: AlarmCount, allowed: float) -> str:
    """A title for the alarms of every recording."""
    false = counted.false_rate
    if false.high <= allowed:
        return f"False alarms: {false.value:.2f} an hour, below the {allowed:g} allowed"
    if false.low > allowed:
        return f"False alarms: {false.value:.2f} an hour, above the {allowed:g} allowed"
    return f"False alarms: {false.value:.2f} an hour, {allowed:g} allowed: not decided"


def against_rule(gap: PairedComparison, network: AlarmCount, rule: AlarmCount) -> str:
    """Whether the network is worth more than a rule of one number, each at the threshold chosen for it.

    Args:
        gap: share of the ventricular beats found, network minus rule.
        network, rule: alarms of both.
    """
    found = f"found {gap.first:.3f} by the network, {gap.second:.3f} by the rule, difference {gap.difference:+.3f} (95 % interval {gap.low:+.3f} to {gap.high:+.3f})"
    ours, theirs = network.false_rate, rule.false_rate
    numbers = f"Ventricular beats {found}; false alarms an hour {ours.text(2)} and {theirs.text(2)}."
    if gap.high < 0:
        return f"{numbers} The rule finds more of them: one number of the rhythm does better than the network."
    if gap.low <= 0:
        return f"{numbers} By the beats found the two cannot be told apart, and the rule needs no network."
    if ours.high < theirs.low:
        return f"{numbers} The network finds more of them, with fewer false alarms."
    if ours.low > theirs.high:
        return f"{numbers} The network finds more of them, but with more false alarms."
    return f"{numbers} The network finds more of them; by false alarms the two cannot be told apart."


def drift_rate(times: Interval, derived: np.ndarray, undisturbed: Sequence[Watched]) -> str:
    """False drift alarms counted against those that were derived.

    Args:
        times: counted alarms in multiples of the derived ones.
        derived: (n,) alarms derived for each recording.
        undisturbed: n recordings.
    """
    alarms, blocks = (sum(len(getattr(one, name)) for one in undisturbed) for name in ("alarms", "minutes"))
    noun = "alarm" if alarms == 1 else "alarms"
    numbers = f"Where nothing was changed: {alarms} {noun} in {blocks:,} blocks; for recordings of this length {derived.sum():.2f} are derived. That is {times.value:.1f} times the derived number (exact interval {times.low:.1f} to {times.high:.1f})."
    if times.high <= MOST_TIMES:
        return f"{numbers} More than {MOST_TIMES} times is excluded."
    if times.low > MOST_TIMES:
        return f"{numbers} It is more than {MOST_TIMES} times: these hearts and electrodes do change by themselves, and neighboring blocks are not independent."
    return f"{numbers} Not decided: these recordings allow for less than {MOST_TIMES} times and for more."


def planted(found: Interval, waits: np.ndarray, idle: np.ndarray, loss: float) -> str:
    """How many planted changes were noticed, how fast, and how many recordings alarm there without any.

    Args:
        found: share of the recordings.
        waits: (n,) minutes from the change to the next alarm; nan where none came.
        idle: (n,) the same of the undisturbed recordings: minutes from their middle.
        loss: share of the signal's strength.
    """
    known, calm = waits[np.isfinite(waits)], int(np.isfinite(idle).sum())
    first = f"A signal weaker by {loss:.0%} from the middle on is noticed in {len(known)} of {len(waits)} recordings ({found.text(2)})"
    if not len(known):
        return f"{first}."
    fast = f"{first}, after {np.median(known):.1f} minutes in the median and {np.max(known):.1f} at the latest."
    if calm > len(idle) / 2:
        return f"{fast} But {calm} of {len(idle)} alarm in that half without any change, so these alarms tell nothing."
    return f"{fast} Without the change, {calm} of {len(idle)} alarm in that half."


def drift_title(waits: np.ndarray, idle: np.ndarray) -> str:
    """A title for the figure of the sums; arguments as of :func:`planted`."""
    found, calm = int(np.isfinite(waits).sum()), int(np.isfinite(idle).sum())
    return f"{found} of {len(waits)} recordings alarm after the planted change, {calm} of {len(idle)} without any"


def people(ill: np.ndarray, flagged: np.ndarray, burden: float) -> str:
    """Who was tested, and how they were told apart."""
    ill, flagged = np.asarray(ill), np.asarray(flagged)
    found, wrong = int(flagged[ill == 1].sum()), int(flagged[ill == 0].sum())
    return f"Of {len(ill)} strangers, {int(ill.sum())} have at least {burden:.0%} ventricular beats; the monitor flags {found} of them, and {wrong} of the {int((ill == 0).sum())} others."


def program(tables: Mapping[float, pd.DataFrame], prices: Prices) -> str:
    """What the share of the ill does to the meaning and the price of a flag."""
    rare, common = min(tables), max(tables)
    shares = [tables[one].loc["true_share"] for one in (rare, common)]
    if np.isnan(shares[0]["value"]):
        return "Nobody would be flagged."
    ends = [f"{share['value']:.0%} ({share['low']:.0%} to {share['high']:.0%})" for share in shares]
    prices_found = [tables[one].loc["cost_per_found"] for one in (rare, common)]
    costs = [f"{cost['value']:,.0f} ({cost['low']:,.0f} to {cost['high']:,.0f})" for cost in prices_found]
    words = f"Where {rare:.0%} are ill, {ends[0]} of the flagged are ill; where {common:.0%} are, {ends[1]}: the same monitor."
    if np.isfinite(prices_found[0]["value"]):
        assumed = f"{prices.monitor:g} to monitor and {prices.work_up:g} to examine"
        words = f"{words} A found case costs {costs[0]} there and {costs[1]} here, assuming {assumed}."
    if shares[0]["value"] <= 0.5:
        return f"{words} Where the disease is rare, most of the flagged are healthy."
    if shares[0]["low"] < 0.5:
        return f"{words} With so few people tested it is open whether most of the flagged are ill where it is rare."
    return words


def program_title(tables: Mapping[float, pd.DataFrame]) -> str:
    """A title for the figure of the program."""
    rare = tables[min(tables)]
    value, low, high = rare.loc["flagged_healthy", ["value", "low", "high"]]
    found = f"Of 1,000, {min(tables):.0%} of them ill: {rare.loc['found', 'value']:.0f} found"
    return f"{found}, {value:.0f} healthy people flagged ({low:.0f} to {high:.0f})"
