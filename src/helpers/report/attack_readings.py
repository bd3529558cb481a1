"""Sentences of 10_privacy about attacks, and about what a promise against them covers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import binomtest

from helpers.data.dataset import Dataset
from helpers.evaluation.attacks import MembershipInference, infer_membership
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.report import readings


def leak(name: str, attack: MembershipInference) -> str:
    """What an attack by the loss finds, on average and where it counts."""
    first = (
        f"{name}: a member has the smaller loss than a stranger in {attack.auroc.text()} of all pairs; with at most "
        f"{attack.accused.value:.1%} of {attack.strangers} strangers accused, {attack.found.value:.1%} of {attack.members} "
        f"members are found (95 % interval {attack.found.low:.1%} to {attack.found.high:.1%})."
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


def chance(leaks: Mapping[str, MembershipInference], gap: PairedComparison) -> str:
    """Is the attack at chance on the private network, and is that what its noise did?

    Args:
        leaks: attacks on the networks ``epsilon 3``, ``clipping only`` and ``sensible``.
        gap: AUROC of the attack, epsilon 3 minus memorizing.
    """
    held, controls = leaks["epsilon 3"].auroc, {name: leaks[name].auroc for name in ("sensible", "clipping only")}
    numbers = f"{gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.high < 0:
        first = f"The attack does worse against epsilon 3 than against the memorizing network ({numbers})."
    else:
        first = f"That epsilon 3 leaks less than the memorizing network is not shown ({numbers})."
    if held.low > 0.5:
        return f"{first} At epsilon 3 it still tells members from strangers a little ({held.text()}), as it may."
    text = readings.listed([f"{name} {auroc.text()}" for name, auroc in controls.items()])
    if controls["clipping only"].low <= 0.5:
        return (
            f"{first} But with the same steps and no noise it is at chance as well (AUROC of the attack: {text}): that it "
            "is at chance at epsilon 3 is no effect of the noise. The guarantee is."
        )
    return f"{first} Without noise the attack works ({text}), with it that is not shown ({held.text()})."


def protected_unit(members: Dataset, epsilon: float, delta: float) -> str:
    """What is left of the promise for a whole patient: (k epsilon, k e^((k - 1) epsilon) delta) for k images.

    Group privacy of (epsilon, delta): Dwork & Roth 2014 (doi:10.1561/0400000042), theorem 2.2 and lemma 2.1.
    """
    images, group = int(np.unique(members.groups, return_counts=True)[1].max()), members.source.group
    if images == 1 and not members.groups_known:
        return (
            "Which images come from one patient is not published here: who gave k of them has (k epsilon, "
            "k e^((k - 1) epsilon) delta), which soon is no promise."
        )
    if images == 1:
        return f"Every {group} gave one image here, so the promise for an image is one for the {group}."
    exponent = np.log(images) + (images - 1) * epsilon + np.log(delta)
    start = f"A {group} gave up to {images} of the members, which makes epsilon {images * epsilon:g} and delta "
    if exponent >= 0:
        return f"{start}more than 1: nothing is promised to that {group}."
    return f"{start}{np.exp(exponent):.2g} for that {group}."


def stronger_attack(losses: Mapping[str, tuple[np.ndarray, np.ndarray]], groups: np.ndarray, member: np.ndarray) -> str:
    """What the last attack adds to the first, on average and at the left end, and whom each of them finds.

    At the left end the same members are found or not by both, so these are compared by the exact test of McNemar (1947).

    Args:
        losses: name of the attack to values of members (m,) and of strangers (k,), the smaller the more like a member.
        groups: (m + k,) patient of each image.
        member: (m + k,) whether the attacked model was trained on it; members and strangers are in the same order.
    """
    sides = groups[member], groups[~member]
    found = {name: infer_membership(*pair, groups=sides) for name, pair in losses.items()}
    shares = [
        f"{attack.found.value:.1%} ({attack.found.low:.1%} to {attack.found.high:.1%}) by {name}"
        for name, attack in found.items()
    ]
    counts = next(iter(found.values()))
    first = (
        f"Of {counts.members} members, while at most 1 % of {counts.strangers} strangers are accused, "
        f"those found are {readings.listed(shares)}."
    )
    first_name, last_name = list(losses)[0], list(losses)[-1]
    by_first, by_last = (losses[name][0] < found[name].threshold for name in (first_name, last_name))
    more, fewer = int((by_last & ~by_first).sum()), int((by_first & ~by_last).sum())
    p_value = binomtest(more, more + fewer).pvalue if more + fewer else 1.0
    only = f"{more} members are found by {last_name} only and {fewer} by the {first_name} only (p = {p_value:.2g})"
    if p_value >= 0.05:
        left = f"Which of the two finds more of them stays open: {only}."
    else:
        left = f"Of the two, {last_name if more > fewer else 'the ' + first_name} finds more of them: {only}."
    return f"{first} {left} On average {shadow_gain(losses, groups, member)}."


def shadow_gain(losses: Mapping[str, tuple[np.ndarray, np.ndarray]], groups: np.ndarray, member: np.ndarray) -> str:
    """Does the last attack rank members before strangers better than the first? Arguments of :func:`stronger_attack`."""
    first, last = list(losses)[0], list(losses)[-1]
    membership = np.repeat([1, 0], [member.sum(), (~member).sum()])
    one, other = (-np.concatenate(losses[name]) for name in (last, first))
    gap = delong_paired(membership, one, other, np.concatenate([groups[member], groups[~member]]))
    numbers = (
        f"AUROC {gap.first:.3f} against {gap.second:.3f}, {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to "
        f"{gap.high:+.3f}"
    )
    if gap.low > 0:
        return f"{last} tells members from strangers better than the {first} ({numbers})"
    if gap.high < 0:
        return f"{last} tells members from strangers worse than the {first} ({numbers})"
    return f"{last} and the {first} cannot be told apart ({numbers})"
