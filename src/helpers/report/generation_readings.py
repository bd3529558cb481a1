"""Sentences about written molecules that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.smiles_tokens import SIGNS, Vocabulary, tokenize
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


def anchor(found: Mapping[str, Interval], published: Mapping[str, float], name: str) -> str:
    """Which of our shares lie above, below or at a published network's.

    Args:
        found: of :func:`helpers.evaluation.molecule_generation.generation_shares`.
        published: the same names to a share.
        name: of the published network.
    """
    words = {"above": [], "not told apart": [], "below": []}
    for key, value in published.items():
        place = "above" if found[key].low > value else "below" if found[key].high < value else "not told apart"
        words[place].append(f"{key} {found[key].value:.3f} ({value:.3f})")
    parts = [f"{place}: {', '.join(entries)}" for place, entries in words.items() if entries]
    return (
        f"Beside {name}, in brackets, {'; '.join(parts)}. Other molecules and other sizes: the two are set side by side, "
        "not ranked."
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


def memory(similarity: np.ndarray, reference: np.ndarray) -> str:
    """Whether new written molecules lie nearer to training molecules than held-out ones do.

    Args:
        similarity: of new written molecules to their nearest training molecule.
        reference: of held-out molecules to theirs.
    """
    written, real = float(np.median(similarity)), float(np.median(reference))
    numbers = f"median similarity to the nearest training molecule {written:.2f}, of held-out molecules {real:.2f}"
    if written > real + 0.05:
        return f"It stays near what it read ({numbers}): new molecules here are mostly variations."
    if written < real - 0.05:
        return f"It strays from what it read ({numbers}): further than held-out molecules do."
    return f"It keeps about the distance that held-out molecules keep ({numbers})."


def proof(gains: Mapping[str, Interval], steered_by: str, quantity: str) -> str:
    """Whether judges that took no part in steering see the gain, too.

    Args:
        gains: name of a judge to the difference of means, steered minus not steered; ``steered_by`` is one of them.
        steered_by: the judge that the network learned to please.
        quantity: what is judged, with its unit.
    """
    own = gains[steered_by]
    others = {name: gain for name, gain in gains.items() if name != steered_by}
    first = f"{quantity}: {steered_by}, which it learned to please, sees {own.value:+.2f} ({own.low:+.2f} to {own.high:+.2f})"
    parts = ", ".join(
        f"{name} {gain.value:+.2f} ({gain.low:+.2f} to {gain.high:+.2f})" for name, gain in others.items()
    )
    agreeing = [name for name, gain in others.items() if gain.low > 0]
    if own.low <= 0:
        return f"{first}: steering has not worked even there. The others: {parts}."
    if len(agreeing) == len(others):
        return f"{first}. What took no part in steering sees a gain, too: {parts}."
    if agreeing:
        return f"{first}. Of those that took no part only {', '.join(agreeing)} sees a gain: {parts}."
    return f"{first}. No judge that took no part sees a gain ({parts}): it has learned to please, and nothing else is shown."


def price(before: Mapping[str, Interval], after: Mapping[str, Interval]) -> str:
    """What steering did to validity, uniqueness and novelty; a share whose intervals do not meet has changed."""
    parts, changed = [], []
    for key in ("valid", "unique", "novel"):
        parts.append(f"{key} {before[key].value:.3f} to {after[key].value:.3f}")
        if after[key].high < before[key].low:
            changed.append(f"{key} falls")
        elif after[key].low > before[key].high:
            changed.append(f"{key} rises")
    verdict = " and ".join(changed) if changed else "none of the three has changed beyond its interval"
    collapsed = "; it has collapsed onto a few molecules" if after["unique"].value < before["unique"].value / 2 else ""
    return f"{', '.join(parts)}: {verdict}{collapsed}."


def yields(found: Mapping[str, Interval], bar: float) -> str:
    """How many texts give a new molecule above the bar, before and after steering: choosing alone costs no training.

    Args:
        found: ``not steered`` and ``steered`` to the share of all texts.
        bar: of judged log solubility, mol/L.
    """
    before, after = found["not steered"], found["steered"]
    first = (
        f"New molecules above {bar:.2f}, of all texts: {before.text()} without steering (write, judge, choose), {after.text()} "
        "with it"
    )
    if after.low > before.high:
        times = f", {after.value / before.value:.1f} times as many" if before.value > 0 else ""
        return f"{first}{times}: steering earns its cost."
    if after.high < before.low:
        return f"{first}: writing more and choosing finds more of them, without any steering."
    return f"{first}: no difference can be shown; writing more and choosing does as well."
