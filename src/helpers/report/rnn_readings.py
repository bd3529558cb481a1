"""Sentences of 03_rnn that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.evaluation.comparison import PairedComparison


def fading(shares: Mapping[str, np.ndarray], limit: float = 0.01) -> str:
    """After how many steps less than ``limit`` of the gradient is left for good, network by network.

    Args:
        shares: name to (steps,) share of the gradient by distance.
        limit: a share.
    """
    parts = []
    for name, share in shares.items():
        kept = np.flatnonzero(share >= limit)
        if len(kept) == len(share) or kept[-1] == len(share) - 1:
            grown = ", where it has grown" if share[-1] > 1 else ""
            parts.append(f"{name}: more than that over all {len(share)} steps ({share[-1]:.1g} at the end{grown})")
        else:
            parts.append(f"{name}: after {kept[-1] + 1} steps")
    return f"Less than {limit:.0%} of the gradient is left\n- " + "\n- ".join(parts)


def as_built(simple: float, gated: Mapping[str, float], distance: int) -> str:
    """Whether gated cells, before any training, keep more of a gradient than a simple network; all are shares."""
    text = ", ".join(f"{name} {share:.1g}" for name, share in gated.items())
    first = f"As built, over {distance} steps: simple network {simple:.1g}, {text}."
    if min(gated.values()) > simple:
        return f"{first} The common saying holds before anything is learned."
    if max(gated.values()) <= simple:
        return f"{first} The common saying does not hold here: gates that stand half open let only a part pass, at every step."
    return f"{first} The common saying holds for one of the cells and not for the other."


def open_gates(shares: Mapping[str, np.ndarray], opened: Sequence[str], distance: int, limit: float = 0.01) -> str:
    """Whether cells with open gates keep their gradient where the same cells, as built, have lost it."""
    kept = [name for name in opened if shares[name][distance] >= limit]
    lost = [name for name in shares if name not in opened and shares[name][distance] < limit]
    first = f"Over {distance} steps {len(kept)} of {len(opened)} cells with open gates keep at least {limit:.0%}"
    if len(kept) == len(opened) and lost:
        return (
            f"{first}; {', '.join(lost)}: less. It is not the name of the cell that helps but where its gates stand, and gates "
            "are learned: a network that needs a long memory can get one."
        )
    return f"{first}: here opening the gates does not decide alone."


def error_gap(gap: PairedComparison, first: str, second: str, what: str = "beats") -> str:
    """What a paired difference ``first - second`` of shares of errors allows one to say."""
    if np.isnan(gap.low):
        return f"{first} and {second} differ by {gap.difference:+.1%} of errors; how sure that is, these groups do not tell."
    numbers = f"{gap.first:.1%} against {gap.second:.1%} of the {what}, difference {gap.difference:+.1%}, 95 % interval {gap.low:+.1%} to {gap.high:+.1%}"
    if gap.high < 0:
        return f"{first} makes fewer errors than {second} ({numbers})."
    if gap.low > 0:
        return f"{first} makes more errors than {second} ({numbers}): the simpler model wins here."
    return f"{first} and {second} cannot be told apart by their errors ({numbers}). The simpler model is enough here, as far as these data can tell."


def losses(history, group: str) -> str:
    """Where training and validation loss ended.

    Args:
        history: table with the columns loss and validation_loss.
        group: the word for a group.
    """
    last = history.iloc[-1]
    ratio = last["validation_loss"] / max(last["loss"], 1e-12)
    numbers = f"training loss {last['loss']:.3f}, validation loss {last['validation_loss']:.3f}"
    if ratio > 1.5:
        return f"At the end ({numbers}) it knows its own {group}s better than strangers."
    return f"At the end ({numbers}) strangers are known about as well as its own {group}s."


def decided(courses: np.ndarray, seconds: np.ndarray, targets: np.ndarray, class_names: Sequence[str]) -> str:
    """From when on each course names the true class and does not change its mind again.

    Args:
        courses: (n, steps, classes) probabilities.
        seconds: (steps,) against the beat.
        targets: (n,) true classes.
        class_names: in the order of the classes.
    """
    return "\n".join(
        f"{class_names[target]}: {_when_settled(course.argmax(axis=1) == target, seconds)}"
        for course, target in zip(courses, targets, strict=True)
    )


def _when_settled(right: np.ndarray, seconds: np.ndarray) -> str:
    wrong = np.flatnonzero(~right)
    if not right[-1]:
        return "called something else in the end"
    if not len(wrong):
        return "named from the first step on"
    when = seconds[wrong[-1] + 1]
    return f"settled {abs(when):.2f} s {'before' if when < 0 else 'after'} the beat"


def word_models(shares: Mapping[str, float], gap: PairedComparison) -> str:
    """What the models of text make of twins.

    Args:
        shares: share of right answers among twins, by model; the bag of words first, the network last.
        gap: errors of the network minus those of the bag of phrases.
    """
    first = "Right among twins: " + ", ".join(f"{name} {value:.1%}" for name, value in shares.items())
    interval = f"errors {gap.difference:+.1%}, 95 % interval {gap.low:+.1%} to {gap.high:+.1%}"
    if gap.high < 0:
        return f"{first}. Order has to be read, and the network does it better than phrases ({interval})."
    if gap.low > 0:
        return f"{first}. Here phrases do better than the network ({interval})."
    return f"{first}. So few phrases cannot tell whether the network reads better than a bag of phrases ({interval})."


def unfamiliar(familiar: float, share: float) -> str:
    """Twins in known and in new constructions, shares of right answers."""
    numbers = f"{familiar:.0%} in constructions it knows, {share:.0%} in new ones"
    if share >= 0.9 * familiar:
        return f"Twins are told apart about as well in new constructions ({numbers})."
    if share <= 0.6:
        return (
            f"In new constructions the answers are hardly better than a coin's ({numbers}), although every word is known. What was "
            "learned are the constructions of the training part, not what *no* means."
        )
    return f"New constructions cost a good part of what was learned ({numbers}), although every word is known."


def turning_word(sentence: str, course: np.ndarray) -> str:
    """At which word a probability (words,) last changes sides of one half."""
    words, side = sentence.split(), course > 0.5
    changes = np.flatnonzero(np.diff(side.astype(int)))
    answer = "possible" if side[-1] else "ruled out"
    if not len(changes):
        return f"The answer '{answer}' stands from the first word to the last."
    return f"The answer '{answer}' is settled by the word '{words[changes[-1] + 1]}', word {changes[-1] + 2} of {len(words)}."
