"""Sentences about written molecules that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.data.smiles_tokens import SIGNS, Vocabulary, tokenize
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.molecule_properties import PROPERTIES
from helpers.evaluation.proportions import Interval


def material(train: Sequence[str], held_out: Sequence[str], vocabulary: Vocabulary) -> str:
    """How much there is to learn from, and one molecule cut into its tokens."""
    return (
        f"{len(train):,} molecules to learn from, {len(held_out):,} held out, {len(vocabulary) - len(SIGNS)} tokens. "
        f"{train[0]} becomes {' '.join(tokenize(train[0]))}"
    )


def perplexity(value: float, frequencies: float, tokens: int) -> str:
    """What a perplexity means, beside two models that remember nothing.

    Args:
        value: of the network on held-out molecules.
        frequencies: of a model that knows only how frequent each token is.
        tokens: of the vocabulary that can be drawn: the perplexity of knowing nothing.
    """
    first = f"Perplexity {value:.2f}: on average the network is as unsure as among {value:.2f} tokens that are equally likely"
    beside = f"knowing nothing gives {tokens}, knowing only how frequent each token is gives {frequencies:.1f}"
    if value < frequencies:
        return f"{first} ({beside})."
    return f"{first} ({beside}): what came before a token has not helped it yet."


def shares(found: Mapping[str, Interval], count: int) -> str:
    """Validity, uniqueness and novelty in one line, with the number that were written."""
    parts = ", ".join(f"{name} {found[name].text()}" for name in ("valid", "unique", "novel"))
    return f"Of {count:,} written: {parts}."


def anchor(
    found: Mapping[str, Interval],
    published: Mapping[str, float],
    temperature: float,
    hottest: Mapping[str, Interval] | None,
) -> str:
    """Which of our shares lie above, below or at those of the CharRNN of MOSES, which writes at temperature 1.

    Args:
        found: of :func:`helpers.evaluation.molecule_generation.generation_shares`, at our temperature.
        published: the same names to a share; empty where the molecules are of another kind.
        temperature: ours.
        hottest: shares of our trial at temperature 1, or None where it was not tried.
    """
    if not published:
        return "No published figure belongs to these molecules."
    words = {"above": [], "not told apart": [], "below": []}
    for key, value in published.items():
        place = "above" if found[key].low > value else "below" if found[key].high < value else "not told apart"
        words[place].append(f"{key} {found[key].value:.3f} ({value:.3f})")
    parts = [f"{place}: {', '.join(entries)}" for place, entries in words.items() if entries]
    text = (
        f"At temperature {temperature:g} beside the CharRNN of MOSES at temperature 1, in brackets, {'; '.join(parts)}."
    )
    if temperature != 1 and hottest is not None:
        text += f" At its temperature ours has, in the trial, valid {hottest['valid'].text()}."
    return f"{text} Other molecules and other sizes: the two are set side by side, not ranked."


def temperature_title(table: Mapping[float, Mapping[str, Interval]]) -> str:
    """Title over the temperatures: validity and repeats from the highest to the lowest."""
    high, low = (table[end] for end in (max(table), min(table)))
    return (
        f"Temperature {max(table):g} to {min(table):g}: valid {high['valid'].value:.3f} to {low['valid'].value:.3f}, "
        f"repeats {1 - high['unique'].value:.3f} to {1 - low['unique'].value:.3f}"
    )


def temperatures(table: Mapping[float, Mapping[str, Interval]], chosen: float, wanted: float) -> str:
    """What lowering the temperature bought and what it cost, from the highest to the lowest that was tried, and the choice.

    Args:
        table: temperature to its shares.
        chosen: the highest temperature at which at least ``wanted`` are valid, or the lowest one if there is none.
        wanted: a share of valid texts.
    """
    high, low = max(table), min(table)
    change = {key: table[low][key].value - table[high][key].value for key in ("valid", "unique", "novel")}
    gained = [f"{key} {value:+.3f}" for key, value in change.items() if value > 0]
    lost = [f"{key} {value:+.3f}" for key, value in change.items() if value < 0]
    first = f"From temperature {high:g} to {low:g}: " + ", ".join(gained + lost or ["nothing changes"])
    if gained and lost:
        first += ". What is gained on one side is paid for on the other"
    if table[chosen]["valid"].value >= wanted:
        return f"{first}. Chosen: {chosen:g}, the highest at which at least {wanted:g} are valid."
    return f"{first}. Nowhere are {wanted:g} valid; chosen is the lowest, {chosen:g}."


def foretold(repeats: Mapping[float, Interval], texts: int) -> str:
    """How many of the valid texts of the final count are to be expected as unique at each temperature.

    Args:
        repeats: temperature to :func:`helpers.evaluation.molecule_generation.foretold_repeats` in the final count.
        texts: of the final count.
    """
    parts = "; ".join(f"{_unique(repeats[one])} at {one:g}" for one in sorted(repeats, reverse=True))
    return (
        f"From the equal pairs of the trial, unique of the valid among {texts:,} texts, with 95 % intervals: {parts}. Where "
        "repeats are frequent, more are unique than this says."
    )


def goals(
    found: Mapping[str, Interval],
    wanted: Mapping[str, float],
    table: Mapping[float, Mapping[str, Interval]],
    repeats: Mapping[float, Interval],
    chosen: float,
) -> str:
    """Which goals the final count reaches, and what uniqueness has to do with the temperature where it misses.

    Args:
        found: shares of the final count.
        wanted: share to its goal; empty where none was set.
        table: temperature to the shares of the trial.
        repeats: as for :func:`foretold`.
        chosen: the temperature of the final count.
    """
    if not wanted:
        return "No goal was set for writing these molecules."
    parts = [f"{key} {'reached' if found[key].value >= goal else 'missed'} ({goal:g})" for key, goal in wanted.items()]
    text = f"Goals: {', '.join(parts)}."
    if found["unique"].value >= wanted["unique"]:
        return text
    hottest, coldest = max(table), min(table)
    ends = f"{_unique(repeats[hottest])} at {hottest:g}, {_unique(repeats[coldest])} at {coldest:g}"
    if repeats[hottest].high < repeats[coldest].low:
        text += f" Repeats come with a low temperature (unique to be expected: {ends})."
    else:
        text += (
            f" That the temperature is the cause of the repeats, the trial cannot show (unique to be expected: {ends})."
        )
    if found["valid"].value < wanted["valid"]:
        return text
    hotter_fail = all(table[one]["valid"].value < wanted["valid"] for one in table if one > chosen)
    colder_repeat = all(repeats[one].value >= repeats[chosen].value for one in table if one < chosen)
    if hotter_fail and colder_repeat:
        below = ", below it no fewer repeat each other" if chosen > coldest else ""
        text += f" Above {chosen:g} too few texts are valid{below}: no temperature that was tried meets both goals."
    return text


def _unique(repeats: Interval) -> str:
    return f"{1 - repeats.value:.3f} ({1 - repeats.high:.3f} to {1 - repeats.low:.3f})"


def faults(counts: Mapping[str, int], texts: int) -> str:
    """Why texts are no molecules, the most frequent fault first."""
    wrong = sum(counts.values())
    if not wrong:
        return f"Every one of {texts:,} texts is a molecule."
    ordered = sorted(counts, key=lambda fault: -counts[fault])
    parts = ", ".join(f"{fault} {counts[fault]}" for fault in ordered if counts[fault])
    grammar = sum(counts[fault] for fault in ("empty", "branch left open", "ring left open", "other spelling"))
    kind = "spelling" if grammar > wrong - grammar else "chemistry" if grammar < wrong - grammar else "both alike"
    reason = {
        "spelling": "Most faults are of spelling: something was opened and, many tokens later, forgotten",
        "chemistry": "Most faults are of chemistry: the text is well formed, the molecule is not",
        "both alike": "Faults of spelling and of chemistry are equally many",
    }[kind]
    return f"{wrong:,} of {texts:,} texts are no molecules: {parts}. {reason}."


def properties(distances: pd.DataFrame) -> str:
    """Which properties are distributed otherwise than in the data, beyond chance.

    Args:
        distances: of :func:`helpers.evaluation.molecule_properties.property_distances`.
    """
    far = distances.index[distances["distance"] > distances["chance"]]
    if not len(far):
        return "No property is distributed otherwise than in the molecules of the data, as far as chance lets one see."
    parts = "; ".join(
        f"{PROPERTIES.get(name, name)} by {distances.loc[name, 'distance']:.3g}, "
        f"{distances.loc[name, 'relative']:.2f} standard deviations"
        for name in far
    )
    small = distances.loc[far, "relative"].max() < 0.2
    size = "Small, but more than chance" if small else "More than chance"
    return f"{size}: written molecules differ from those of the data in {parts}."


def memory(written: float, real: float, gap: Interval) -> str:
    """Whether new written molecules lie nearer to training molecules than held-out ones do.

    Args:
        written: median similarity of new written molecules to their nearest training molecule.
        real: of held-out molecules to theirs.
        gap: the first minus the second, of :func:`helpers.evaluation.molecule_properties.median_gap`.
    """
    numbers = (
        f"median similarity to the nearest training molecule {written:.2f}, of held-out molecules {real:.2f}, difference "
        f"{gap.value:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    )
    if gap.low > 0:
        return f"It stays nearer to what it read than held-out molecules do ({numbers}): some of the new is variation."
    if gap.high < 0:
        return f"It strays from what it read ({numbers}): further than held-out molecules do."
    return f"That it lies nearer to what it read than held-out molecules do, or further, is not shown ({numbers})."


def diversity(gap: PairedComparison, temperature: float) -> str:
    """Whether written molecules differ from each other as much as those of the data do.

    Args:
        gap: internal diversity of the written ones minus that of the data.
        temperature: of writing.
    """
    numbers = (
        f"internal diversity {gap.first:.3f} against {gap.second:.3f} of the data, difference {gap.difference:+.3f}, "
        f"95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    )
    if gap.low > 0:
        return f"What is written is more varied than the data ({numbers}): some of it may be odd."
    if gap.high < 0:
        reason = (
            "a low temperature costs variety" if temperature < 1 else "not all of the data's breadth has been learned"
        )
        return f"What is written is narrower than the data ({numbers}): {reason}."
    return f"That it is narrower than the data or wider is not shown ({numbers})."
