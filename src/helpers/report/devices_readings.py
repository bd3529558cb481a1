"""Sentences of 14_devices that depend on numbers: every outcome is worded. What rests on timings says so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report.devices_plots import on_front
from helpers.report.readings import difference, listed
from helpers.training.litert_file import FileParts

TIMED = "on this machine, in this run"


def against_histogram(gap: PairedComparison) -> str:
    """Whether the network is worth more than its own baseline; ``gap``: AUROC of the network minus the histogram's."""
    told = difference(gap.difference, gap.low, gap.high, "The network", "the histogram", "AUROC")
    numbers = f"AUROC of the network {gap.first:.3f}, of the histogram {gap.second:.3f}. {told}"
    if gap.second >= 0.5:
        return numbers
    return f"{numbers} Below 0.5: what the histogram learned in training is reversed in these test groups."


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


def speed(ratio: Interval, goal: float) -> str:
    """Whether 8 bits are as much faster as hoped."""
    numbers = f"{ratio.value:.2f} times the speed of the float file ({ratio.low:.2f} to {ratio.high:.2f})"
    if ratio.low >= goal:
        return f"Full integer has {numbers}, {TIMED}: the goal of {goal:g} is reached."
    if ratio.low > 1:
        return f"Full integer has {numbers}, {TIMED}: faster, but short of the goal of {goal:g}."
    if ratio.high < 1:
        return f"Full integer has {numbers}, {TIMED}: it is slower. The goal of {goal:g} is missed."
    return f"Full integer has {numbers}, {TIMED}: no faster. The goal of {goal:g} is missed."


def timed_again(first: Interval, second: Interval, against_keras: Interval) -> str:
    """The same two files timed twice, and what is faster than Keras and may change with the load.

    Args:
        first, second: full integer against the float file, earlier and now.
        against_keras: full integer against the compiled Keras network, now.
    """
    both = f"Full integer against the float file, timed twice: {first.text(2)} and {second.text(2)} times its speed"
    together = max(first.low, second.low) <= min(first.high, second.high)
    kept = "the intervals overlap" if together else "the intervals do not overlap, though the files are the same"
    keras = f"Against the compiled Keras network it has {against_keras.text(1)} times the speed {TIMED}"
    return f"{both}; {kept}. {keras}, which is mostly the overhead of one call, and changes with the load."


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
