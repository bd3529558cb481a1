"""Sentences of 14_devices that depend on numbers: every outcome is worded. What rests on timings says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.alarms import AlarmCount, dispersion
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.monitoring import Prices
from helpers.evaluation.proportions import Interval
from helpers.evaluation.signal_watch import Watched
from helpers.report.devices_plots import on_front
from helpers.report.readings import listed
from helpers.training.litert_file import FileParts

TIMED = "on this machine, in this run"


def sizes(parts: Mapping[str, FileParts], original: str, small: str) -> str:
    """How much smaller the kernels and the file became."""
    first, second = parts[original], parts[small]
    kernels, whole = second.kernels / first.kernels, second.total / first.total
    words = f"Kernels shrink to {kernels:.3f} of their size, the file to {whole:.3f}."
    if whole > kernels + 0.02:
        return f"{words} The gap is what does not shrink: biases, scales and structure, {(second.total - second.kernels) / 1000:.1f} kB of {second.total / 1000:.1f}."
    return f"{words} Next to its kernels the rest of the file hardly counts."


def drop(gap: PairedComparison, most: float, what: str) -> str:
    """What AUROC a smaller copy lost, judged by the end of the interval, not by its middle."""
    numbers = f"{gap.difference:+.4f}, 95 % interval {gap.low:+.4f} to {gap.high:+.4f}"
    if gap.high <= most:
        return f"AUROC lost by {what}: {numbers}. A loss of more than {most} is excluded."
    if gap.low > most:
        return f"AUROC lost by {what}: {numbers}. It is more than the {most} that were allowed."
    return f"AUROC lost by {what}: {numbers}. Whether it is more than the allowed {most}, these samples do not tell."


def changed_decisions(table: pd.DataFrame, original: np.ndarray, copy: np.ndarray) -> str:
    """Who is told something else by the copy, and how many different answers it has.

    Args:
        table: of :func:`helpers.evaluation.agreement.disagreements`.
        original, copy: (n,) probabilities.
    """
    cases, farthest = len(original), float(np.abs(original - copy).max())
    right, near = int(table["copy_right"].sum()), float(table["distance"].max()) if len(table) else 0.0
    if table.empty:
        first = f"None of {cases} cases is called differently."
    elif len(table) == 1:
        better = "copy" if right else "original"
        first = f"1 of {cases} cases is called differently; it lay within {near:.3f} of the threshold, and the {better} is right."
    else:
        first = f"{len(table)} of {cases} cases are called differently; all of them lay within {near:.3f} of the threshold. The copy is right in {right} of them, the original in {len(table) - right}."
    answers = f"It gives {len(np.unique(copy))} different answers, the original {len(np.unique(original))}"
    return f"{first} {answers}; the largest change of a probability is {farthest:.3f}."


def careless(gap: PairedComparison, alike: Interval) -> str:
    """What a representative set that does not represent did."""
    numbers = f"AUROC {gap.second:.3f} instead of {gap.first:.3f}; {alike.value:.0%} of the decisions stay the same"
    if gap.low > 0:
        return f"{numbers}. The wrong scales cost AUROC (difference {gap.difference:.3f}, {gap.low:.3f} to {gap.high:.3f}), and nothing in the file says so."
    if alike.high < 0.95:
        return f"{numbers}. Whether the ranking suffered, these samples do not settle; the decisions did."
    return f"{numbers}. Here the network forgave it; that was luck, not a method."


def careless_title(same: Interval, alike: Interval) -> str:
    """A title for the probabilities with the right and with the wrong scales."""
    return f"Decided as the original: {same.value:.1%} with the right scales, {alike.value:.1%} with the wrong ones"


def speed(ratio: Interval, against_keras: Interval, goal: float) -> str:
    """Whether 8 bits are as much faster as hoped."""
    numbers = f"{ratio.value:.2f} times the speed of the float file ({ratio.low:.2f} to {ratio.high:.2f})"
    also = f"The compiled Keras network takes {against_keras.value:.1f} times as long as the 8-bit file."
    if ratio.low >= goal:
        return f"Full integer has {numbers}, {TIMED}: the goal of {goal:g} is reached. {also}"
    if ratio.low > 1:
        return f"Full integer has {numbers}, {TIMED}: faster, but short of the goal of {goal:g}. {also}"
    if ratio.high < 1:
        return f"Full integer has {numbers}, {TIMED}: it is slower. The goal of {goal:g} is missed. {also}"
    return f"Full integer has {numbers}, {TIMED}: no faster. The goal of {goal:g} is missed. {also}"


def where_time_goes(microseconds: Mapping[str, float]) -> str:
    """Which part of the network 8 bits helped, from the medians of its two parts.

    Args:
        microseconds: ``first float``, ``first integer``, ``rest float``, ``rest integer``.
    """
    first = microseconds["first float"] / microseconds["first integer"]
    rest = microseconds["rest float"] / microseconds["rest integer"]
    words = f"First convolution: {first:.2f} times as fast in 8 bits; everything after it: {rest:.2f} times ({TIMED})."
    share = microseconds["first integer"] / (microseconds["first integer"] + microseconds["rest integer"])
    if first < rest:
        return f"{words} So the first layer is what holds it back: it takes {share:.0%} of the 8-bit time."
    return f"{words} Here the first layer is not what decides."


def student(gap: PairedComparison, soft: float, plain: float, teacher: float) -> str:
    """What the teacher's soft targets were worth.

    Args:
        gap: AUROC with soft targets minus with labels alone.
        soft, plain: share of decisions as the teacher's, with either.
        teacher: AUROC of the teacher itself.
    """
    numbers = f"AUROC {teacher:.3f} of the teacher; student {gap.first:.3f} with it, {gap.second:.3f} with labels alone, difference {gap.difference:+.3f} (95 % interval {gap.low:+.3f} to {gap.high:+.3f})"
    alike = f"It decides as the teacher in {soft:.1%} of the cases; without the teacher, {plain:.1%}."
    if gap.low > 0:
        return f"{numbers}: the teacher helped. {alike}"
    if gap.high < 0:
        weak = ", itself weaker than a student without it," if teacher < gap.second else ""
        return f"{numbers}: the teacher{weak} did harm. {alike}"
    return f"{numbers}: the labels alone would have done as well, as far as these cases tell. {alike}"


def front(numbers: pd.DataFrame) -> str:
    """A title for the Pareto plot: what nothing else beats in size and AUROC at once; the same in every run of a seed.

    Args:
        numbers: of :func:`helpers.report.devices_tables.candidate_numbers`.
    """
    filed = numbers[numbers["file"].notna()]
    names = list(filed.index[on_front(filed["file"], filed["auroc"])])
    return f"Not beaten in size and AUROC at once: {listed(names)}"


def stream_title(delay: float) -> str:
    """A title for the figure of the stream."""
    return f"A beat's score comes {delay:.2f} s after the beat: the window has to end first"


def alarm_burden(counted: AlarmCount, allowed: float, group: str) -> str:
    """False alarms an hour on strangers, against what was allowed on validation."""
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
        return f"{numbers} {kept} False alarms come in clusters: they vary {excess:.1f} times as much between {group}s as chance would, and the interval allows for it."
    return f"{numbers} {kept}"


def alarm_title(counted: AlarmCount, allowed: float) -> str:
    """A title for the alarms of every recording."""
    false = counted.false_rate
    if false.high <= allowed:
        return f"False alarms: {false.value:.2f} an hour, below the {allowed:g} allowed"
    if false.low > allowed:
        return f"False alarms: {false.value:.2f} an hour, above the {allowed:g} allowed"
    return f"False alarms: {false.value:.2f} an hour, {allowed:g} allowed: not decided"


def drift_rate(rate: Interval, derived: float, undisturbed: Sequence[Watched]) -> str:
    """False drift alarms counted against the rate that was derived."""
    alarms, blocks = (sum(len(getattr(one, name)) for one in undisturbed) for name in ("alarms", "minutes"))
    ends = f"{rate.low / derived:.1f} to {rate.high / derived:.1f} times the derived one"
    noun = "alarm" if alarms == 1 else "alarms"
    numbers = f"Where nothing was changed: {alarms} {noun} in {blocks:,} blocks, {derived * blocks:.1f} derived; the exact interval of the rate is {ends}."
    if rate.low > derived:
        return f"{numbers} More than derived: these hearts and electrodes do change by themselves, and neighboring blocks are not independent."
    if rate.high < derived:
        return f"{numbers} Fewer than derived: the values have lighter tails than normal ones."
    return f"{numbers} That is compatible with the derived rate."


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
    costs = [f"{tables[one].loc['cost_per_found', 'value']:,.0f}" for one in (rare, common)]
    words = f"Where {rare:.0%} are ill, {ends[0]} of the flagged are ill; where {common:.0%} are, {ends[1]}: the same monitor."
    if np.isfinite(tables[rare].loc["cost_per_found", "value"]):
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
    found = f"Of 1,000, {min(tables):.0%} of them ill, {rare.loc['found', 'value']:.0f} are found"
    return f"{found} and {value:.0f} healthy people flagged ({low:.0f} to {high:.0f})"
