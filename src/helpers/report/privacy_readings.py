"""Sentences of 10_privacy about what remedies cost and hide: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.intervals import Interval, auroc_delong
from helpers.evaluation.within_sites import auroc_within
from helpers.report import readings

HARDLY_BETTER = 0.55  # AUROC; a margin of 0.02 below it is nearly guessing
NOTICEABLE = 0.05  # share by which distances have to differ to be called different
VISIBLE = 0.5  # correlation: a quarter of the variance of the pixels


def price(prices: Mapping[str, PairedComparison], margin: float) -> str:
    """What epsilon 3 costs, and which part of it is the noise's, which that of few and clipped steps.

    Args:
        prices: of :func:`helpers.report.privacy_tables.price_of_privacy`.
        margin: loss that was called acceptable beforehand.
    """
    gap = prices["whole"]
    numbers = f"AUROC {gap.difference:+.3f}, 95 % interval {gap.low:+.3f} to {gap.high:+.3f}"
    if gap.low > -margin:
        first = f"Epsilon 3 costs less than {margin:g} ({numbers})."
    elif gap.high < -margin:
        first = f"Epsilon 3 costs more than {margin:g} ({numbers})."
    elif gap.high < 0:
        first = f"Epsilon 3 has a price; whether it exceeds {margin:g}, these images do not tell ({numbers})."
    else:
        first = f"Whether epsilon 3 costs more or less than {margin:g}, these images do not tell ({numbers})."
    parts = {f"the {name}": prices[name] for name in ("noise", "recipe")}
    listed = [f"{name} {one.difference:+.3f} ({one.low:+.3f} to {one.high:+.3f})" for name, one in parts.items()]
    decided = [name for name, one in parts.items() if one.decided]
    verdict = f"different from zero: {readings.listed(decided)}" if decided else "neither differs from zero for certain"
    return f"{first} Its parts: {readings.listed(listed)}; {verdict}."


def against_baseline(
    part: Dataset, scores: Mapping[str, np.ndarray], names: Sequence[str] = ("no privacy", "epsilon 3")
) -> str:
    """Do networks beat the logistic regression? One line each.

    Args:
        part: whose diagnoses are judged.
        scores: model to (n,) probabilities, ``logistic regression`` among them.
        names: of the networks.
    """
    lines = []
    for name in names:
        gap = delong_paired(part.targets, scores[name], scores["logistic regression"], part.groups)
        lines.append(readings.difference(gap.difference, gap.low, gap.high, name, "the logistic regression", "AUROC"))
    return "\n".join(lines)


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


def federations(gaps: Mapping[tuple[str, str], PairedComparison], margin: float, pooled: Interval | None = None) -> str:
    """:func:`non_inferior` for several pairs (first, second) of models, one line each.

    Args:
        gaps: (first, second) to first minus second.
        margin: fixed beforehand.
        pooled: AUROC of the pooled model, to ask whether there was anything to lose.
    """
    lines = [non_inferior(gap, margin, *names) for names, gap in gaps.items()]
    if pooled is not None and pooled.low <= HARDLY_BETTER:
        lines.append(
            f"The pooled network itself may be hardly better than guessing (AUROC {pooled.text()}): against it the margin "
            "says little."
        )
    return "\n".join(lines)


def pull(courses: Mapping[str, pd.DataFrame]) -> str:
    """Does the proximal term hold the sites together?

    Args:
        courses: ``federated`` and ``proximal`` to tables of :func:`helpers.training.federated.train_federated`.
    """
    free, held = (float(courses[name]["drift"].mean()) for name in ("federated", "proximal"))
    first = (
        f"A site ends a round {free:.3g} from the average without the pull of FedProx and {held:.3g} with it (mean over "
        "rounds and sites)"
    )
    change = held / free - 1
    if change < -NOTICEABLE:
        return f"{first}: it holds them closer together, by {-change:.0%}."
    if change > NOTICEABLE:
        return f"{first}: it does not hold them together here, they end {change:.0%} farther away."
    return f"{first}: so weak a pull changes next to nothing."


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


def recovered(error: float, alike: Mapping[str, float]) -> str:
    """How alike the recovered pictures and the true one are.

    Args:
        error: largest difference of the picture from one image's gradient, in gray values of 0 to 255.
        alike: what was sent to the correlation of the recovered picture with the true one, over its pixels.
    """
    text = readings.listed([f"{name} {value:+.2f}" for name, value in alike.items()])
    first = (
        f"From one gradient the picture is read to {error:.1g} gray values. Correlation with the true picture: {text}."
    )
    visible = [name for name, value in alike.items() if value > VISIBLE]
    hidden = [name for name in alike if name not in visible]
    if not hidden:
        return f"{first} None of these hides it."
    return f"{first} It can be made out from {readings.listed(visible)}, and not from {readings.listed(hidden)}."


def skew(shares: np.ndarray) -> str:
    """Share of the ill at each site."""
    return f"Share of the diseased at the sites: {readings.listed([f'{share:.0%}' for share in shares])}."
