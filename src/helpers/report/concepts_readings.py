"""Sentences of 01_concepts that depend on numbers: every outcome is worded."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pydicom

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.expected_cost import People
from helpers.report.scaling_scores import Scaling


def header_table(stored: bytes) -> pd.DataFrame:
    """The header of a DICOM file that holds a phantom, without its pixels: tag, name, value. Never for a patient's file."""
    header = pydicom.dcmread(io.BytesIO(stored), stop_before_pixels=True)
    rows = [(str(element.tag), element.name, str(element.value)) for element in header]
    return pd.DataFrame(rows, columns=["tag", "name", "value"]).set_index("tag")


def missing(complete: np.ndarray, by_chance: np.ndarray, by_size: np.ndarray) -> str:
    """What the mean of the values that are left says about the mean of all.

    Args:
        complete: (n,) all values.
        by_chance: (n,) with NaN where chance took a value away.
        by_size: (n,) with NaN where large values were taken away more often.
    """
    error = np.nanstd(by_chance) / np.sqrt(np.isfinite(by_chance).sum())
    parts = []
    for name, values in (("by chance", by_chance), ("large values more often", by_size)):
        gap = np.nanmean(values) - complete.mean()
        verdict = "within the noise" if abs(gap) <= 2 * error else "beyond the noise"
        parts.append(f"{name}: mean of what is left {gap:+.2f} against all, {verdict}")
    return "Missing " + "; missing ".join(parts) + f" (two standard errors are {2 * error:.2f})."


def contest(gap: PairedComparison, groups: int, group: str) -> str:
    """Who wins, learned or hand-made features; ``gap`` is the network's AUROC minus that of the texture."""
    numbers = f"AUROC {gap.first:.3f} against {gap.second:.3f}, difference {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.low > 0:
        return f"The learned features win on these images ({numbers})."
    if gap.high < 0:
        return f"The features that somebody thought of win on these images ({numbers}). The network does not earn its size here."
    return (
        f"Nobody wins: on {groups} {group}s the difference cannot be told from chance ({numbers}). "
        "'Deep learning is better' is not what this run shows."
    )


def scaling(found: Scaling) -> str:
    """What more of something did to the error: from the least to the most, and in the last step."""
    sizes, whole, last, unit = found.sizes, found.whole, found.last, found.unit
    interval = f"95 % interval {-whole.high:+.3f} to {-whole.low:+.3f}"
    start = (
        f"From {sizes[0]:,} to {sizes[-1]:,} {unit} the error goes from {1 - whole.second:.3f} to {1 - whole.first:.3f}"
    )
    if whole.low > 0:
        first = f"{start}: it falls ({-whole.difference:+.3f}, {interval})."
    elif whole.high < 0:
        first = f"{start}: it rises ({-whole.difference:+.3f}, {interval})."
    else:
        first = (
            f"{start}: whether that is more than chance, this run cannot tell ({-whole.difference:+.3f}, {interval})."
        )
    change = f"{-last.difference:+.3f}, 95 % interval {-last.high:+.3f} to {-last.low:+.3f}"
    if last.low > 0:
        return f"{first} The last step alone, from {sizes[-2]:,} on, still helps ({change})."
    if last.high < 0:
        return f"{first} The last step alone, from {sizes[-2]:,} on, makes it worse ({change})."
    return f"{first} Whether the last step alone, from {sizes[-2]:,} on, helps is open ({change})."


def size_table(table: pd.DataFrame) -> pd.DataFrame:
    """The networks from the smallest to the largest, with short numbers, and who states them; ``table`` as for the figure."""
    table = table.sort_values("parameters", kind="stable")
    columns = {name: table[name].map(short_number) for name in ("parameters", "multiply_adds")}
    words = {name: table[name].fillna("") for name in ("for", "source")}
    named = pd.DataFrame(columns | words).rename(columns={"multiply_adds": "multiply-adds"})
    named.loc[table["ours"], "source"] = "counted here"
    return named


def short_number(value: float) -> str:
    """``28.9 thousand``, ``3.8 billion``; nothing where it is not known."""
    if np.isnan(value):
        return ""
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if value >= size:
            return f"{value / size:.3g}{word}"
    return f"{value:.0f}"


def sizes(table: pd.DataFrame) -> str:
    """How far the networks of this repository are from the largest that is listed; ``table`` as for the figure."""
    ours, largest = table.loc[table["ours"], "parameters"].max(), table["parameters"].max()
    name = table["parameters"].idxmax()
    return (
        f"The largest network here has {ours:,.0f} parameters; {name} has {largest / ours:,.0f} times as many. Multiply-adds "
        "are not a matter of parameters alone: a convolution uses each weight at every place."
    )


def cheaper(gap: PairedComparison, first: str, second: str) -> str:
    """Whether one way to decide costs less; ``gap`` is the cost per person of the first minus that of the second."""
    numbers = f"{1000 * gap.first:.0f} against {1000 * gap.second:.0f} per 1,000, difference {1000 * gap.difference:+.0f}, 95 % interval {1000 * gap.low:+.0f} to {1000 * gap.high:+.0f}"
    if gap.high < 0:
        return f"{first} costs less than {second} ({numbers})."
    if gap.low > 0:
        return f"{first} costs more than {second} ({numbers}): the probabilities are not what they say, see 07."
    return (
        f"Which of the two costs less, {first[0].lower() + first[1:]} or {second}, these cases do not tell ({numbers})."
    )


def alarm(people: People, place: str) -> str:
    """What an alarm means there, counted in people."""
    alarms = people.found + people.alarmed
    if not alarms:
        return f"{place}: nobody is alarmed, and {people.missed} ill people are missed."
    return (
        f"{place}: {alarms} of {people.number:,} people are alarmed and {people.found} of them are ill: "
        f"{people.true_share:.0%} of the alarms are true; {people.missed} ill people are missed."
    )
