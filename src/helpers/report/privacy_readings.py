"""Sentences of 10_privacy that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.attacks import MembershipInference, infer_membership
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.intervals import auroc_delong
from helpers.evaluation.within_sites import auroc_within
from helpers.report import readings


def leak(name: str, attack: MembershipInference) -> str:
    """What an attack by the loss finds, on average and where it counts."""
    first = (
        f"{name}: a member has the smaller loss than a stranger in {attack.auroc.text()} of all pairs; with at most "
        f"{attack.accused.value:.1%} of {attack.strangers} strangers accused, {attack.found.value:.1%} of {attack.members} "
        f"members are found (exact 95 % interval {attack.found.low:.1%} to {attack.found.high:.1%})."
    )
    if attack.auroc.low > 0.5 and attack.found.low > attack.accused.high:
        return f"{first} It leaks on average, and single images can be named."
    if attack.auroc.low > 0.5:
        return (
            f"{first} It leaks on average; that single images can be named with few false accusations, this attack does "
            "not show."
        )
    if attack.found.low > attack.accused.high:
        return f"{first} The average looks like guessing, and yet single images can be named."
    return f"{first} That this attack is better than guessing is not shown, which is no proof that none would be."


def stronger_attack(losses: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """What the last attack adds to the first, on average, and whom each of them finds.

    Args:
        losses: name of the attack to values of members (m,) and of strangers (k,), the smaller the more like a member.
    """
    found = {name: infer_membership(*pair) for name, pair in losses.items()}
    shares = [
        f"{attack.found.value:.1%} ({attack.found.low:.1%} to {attack.found.high:.1%}) by {name}"
        for name, attack in found.items()
    ]
    counts = next(iter(found.values()))
    first = (
        f"Of {counts.members} members, while at most 1 % of {counts.strangers} strangers are accused, "
        f"those found are {readings.listed(shares)}."
    )
    names = list(losses)
    membership = np.repeat([1, 0], [counts.members, counts.strangers])
    one, other = (-np.concatenate(losses[name]) for name in (names[-1], names[0]))
    gap = delong_paired(membership, one, other)
    numbers = f"AUROC {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.low > 0:
        return f"{first} {names[-1]} tells members from strangers better than the {names[0]} ({numbers})."
    if gap.high < 0:
        return f"{first} {names[-1]} tells members from strangers worse than the {names[0]} ({numbers})."
    return f"{first} On average {names[-1]} and the {names[0]} cannot be told apart here ({numbers})."


def price(gap: PairedComparison, epsilon: float, margin: float) -> str:
    """What privacy costs: AUROC of the private network minus that of the plain one.

    Args:
        gap: private minus plain.
        epsilon: of the private one.
        margin: loss that was called acceptable beforehand.
    """
    numbers = f"AUROC {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.low > -margin:
        return f"Epsilon {epsilon:g} costs less than {margin:g} ({numbers})."
    if gap.high < -margin:
        return f"Epsilon {epsilon:g} costs more than {margin:g} ({numbers}): so few images are too few for that much privacy."
    if gap.high < 0:
        return f"Epsilon {epsilon:g} has a price; whether it exceeds {margin:g}, these images do not tell ({numbers})."
    return f"Whether epsilon {epsilon:g} costs more or less than {margin:g}, these images do not tell ({numbers})."


def non_inferior(gap: PairedComparison, margin: float, first: str, second: str) -> str:
    """What an interval of ``first - second`` says about a margin that was fixed beforehand."""
    numbers = f"difference {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.low > 0:
        return f"{first} is better than {second} ({numbers})."
    if gap.low > -margin:
        return f"{first} is not worse than {second} by {margin:g} or more ({numbers})."
    if gap.high < -margin:
        return f"{first} is worse than {second} by more than {margin:g} ({numbers})."
    if gap.high < 0:
        return f"{first} is worse than {second}; whether by {margin:g} or more stays open ({numbers})."
    return f"It stays open whether {first} loses {margin:g} or more against {second} ({numbers})."


def federations(gaps: Mapping[tuple[str, str], PairedComparison], margin: float) -> str:
    """:func:`non_inferior` for several pairs (first, second) of models, one line each."""
    return "\n".join(non_inferior(gap, margin, *names) for names, gap in gaps.items())


def hospital_bonus(patients: Dataset, scores: Mapping[str, np.ndarray]) -> str:
    """What forming pairs across hospitals adds to an AUROC, model by model.

    Args:
        patients: with sites.
        scores: model to (n,).
    """
    targets, groups = patients.targets, patients.groups
    gains = {
        name: auroc_delong(targets, score, groups).value - auroc_within(targets, score, patients.sites, groups).value
        for name, score in scores.items()
    }
    text = readings.listed([f"{name} {gain:+.3f}" for name, gain in gains.items()])
    first = f"AUROC over all pairs minus AUROC within hospitals: {text}."
    if min(gains.values()) > 0.01:
        return f"{first} That part comes from pairs of different hospitals, between which no doctor ever chooses."
    if max(gains.values()) > 0.01:
        return f"{first} Some of the models owe a part of their AUROC to pairs of different hospitals."
    return f"{first} Here pairs of different hospitals change next to nothing."


def recovered(errors: Mapping[str, float]) -> str:
    """How alike the recovered picture and the true one are: largest difference in gray values of 0 to 255."""
    text = readings.listed([f"{name} by up to {error:.2g}" for name, error in errors.items()])
    return f"In gray values of 0 to 255, the recovered picture is off for {text}."


def skew(shares: np.ndarray) -> str:
    """Share of the ill at each site."""
    return f"Share of the diseased at the sites: {readings.listed([f'{share:.0%}' for share in shares])}."
