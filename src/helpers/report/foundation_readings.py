"""Sentences of 13_foundation_models that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.power_law import Extrapolation, PowerLaw
from helpers.report import scaling_law_readings
from helpers.report.foundation_roads import BASELINES, ROADS, percent
from helpers.report.readings import listed

LEARNED = 0.02  # share of the variance from which on a network has learned something
NOTHING_LEARNED = "For the transformer *pre-trained* means little more than other random weights below: this run shows the method, not its worth."


def reconstruction(gray: float, error: float, rival: float) -> str:
    """How much of the hidden pixels either network knows.

    Args:
        gray: mean squared error on hidden pixels of held-out images, of gray patches.
        error, rival: of the transformer and the CNN.
    """
    known = [1 - one / gray for one in (error, rival)]
    first = f"Hidden pixels of validation images: error {gray:.3f} for gray patches, {error:.3f} for the transformer, {rival:.3f} for the CNN"
    if max(known) < LEARNED:
        return f"{first}. Neither has learned to do better than gray yet. {NOTHING_LEARNED}"
    if known[0] < LEARNED:
        return f"{first}. So the CNN knows {known[1]:.0%} of the variance that was hidden, and the transformer has not got beyond gray: that neighbors belong together is built into a convolution, and attention has to learn it, which takes more steps than it was given. {NOTHING_LEARNED}"
    if known[1] < LEARNED:
        return f"{first}. So the transformer knows {known[0]:.0%} of the variance that was hidden, and the CNN has not got beyond gray."
    better = "the CNN" if rival < error else "the transformer"
    reason = ": that neighbors belong together is built into it" if rival < error else ""
    return f"{first}: they explain {known[0]:.0%} and {known[1]:.0%} of the variance that was hidden. With the steps that each was given, {better} knows more{reason}."


def reconstruction_title(gray: float, error: float, rival: float) -> str:
    """Title of the reconstructions; arguments as of :func:`reconstruction`."""
    known = {"transformer": 1 - error / gray, "CNN": 1 - rival / gray}
    words = [
        f"the {name} explains {share:.0%} of the variance"
        if share >= LEARNED
        else f"the {name} has not got beyond gray"
        for name, share in known.items()
    ]
    return f"Of what was hidden, {' and '.join(words)}"


def attention_title(shares: np.ndarray) -> str:
    """Title of the attention maps: how many of the patches hold half of a patch's attention, block by block."""
    ordered = np.sort(shares, axis=2)[..., ::-1].cumsum(axis=2)
    half = 1 + (ordered < 0.5).sum(axis=2).mean(axis=1)
    words = listed([f"{number:.0f} in block {block}" for block, number in enumerate(half, start=1)])
    return f"Patches that share half of a patch's attention, of {shares.shape[2]}: {words}"


def attention(shares: np.ndarray) -> str:
    """How much of its attention a patch keeps for itself.

    Args:
        shares: (blocks, tokens, tokens) attention of every token of one image, mean over heads.
    """
    tokens = shares.shape[2]
    own = shares.diagonal(axis1=1, axis2=2).mean(axis=1) * tokens
    words = [f"{value:.1f} times in block {block}" for block, value in enumerate(own, start=1)]
    return (
        f"A patch of this image keeps {listed(words)} of what an equal share would be (1 / {tokens} of its attention)."
    )


def labeled(counts: Mapping[float, tuple[int, int, int]], group: str) -> str:
    """How many groups and images are labeled at each share: share to groups, images and drawings.

    The last one is the whole training part. At least one group of each class is drawn, so a small share of few groups is larger than
    it says.
    """
    parts, whole = [], max(groups for groups, _, _ in counts.values())
    for share, (groups, images, drawings) in counts.items():
        times = f"{drawings} drawings" if drawings > 1 else "one drawing"
        parts.append(f"{percent(share)} %: {groups} of {whole} {group}s, {images:,} images, {times}")
    larger = [percent(share) for share, (groups, _, _) in counts.items() if groups > 1.5 * max(1.0, share * whole)]
    note = (
        f" At {listed(larger)} % more are labeled than that, because each class takes one at least." if larger else ""
    )
    return f"Labeled: {'; '.join(parts)}.{note}"


def gain(found: PairedComparison, share: float, what: str, favor: tuple[int, int] = (0, 0)) -> str:
    """What pre-training was worth at one share of the labels.

    Args:
        found: pre-trained minus from scratch.
        share: of the groups that were labeled.
        what: ``the transformer`` or ``the CNN``.
        favor: drawings in which the pre-trained network was better, and how many there were; left out for one drawing.
    """
    numbers = f"{found.difference:+.3f}, 95 % interval {found.low:+.3f} to {found.high:+.3f}"
    drawn = f"; it was ahead in {favor[0]} of {favor[1]} drawings" if favor[1] > 1 else ""
    start = f"With {percent(share)} % labeled, pre-training changed the AUROC of {what} by {numbers}{drawn}"
    if found.low > 0 and favor[0] < favor[1]:
        return f"{start}. On these drawings of labeled groups it helped on average, not in every one."
    if found.low > 0:
        return f"{start}. It helped."
    if found.high < 0 and favor[0] > 0:
        return f"{start}. On these drawings of labeled groups it did harm on average, not in every one."
    if found.high < 0:
        return f"{start}. It did harm."
    return f"{start}. Whether it helped, these test groups do not settle."


def curve_title(gains: Mapping[float, PairedComparison]) -> str:
    """Title of the curves: at which shares of labels fine-tuning beat training from scratch."""
    better = [f"{percent(share)} %" for share, gap in gains.items() if gap.low > 0]
    worse = [f"{percent(share)} %" for share, gap in gains.items() if gap.high < 0]
    if better and worse:
        return f"Pre-training helped the transformer at {listed(better)} of the labels, harmed at {listed(worse)}"
    if better:
        return f"Pre-training helped the transformer at {listed(better)} of the labels"
    if worse:
        return f"Pre-training harmed the transformer at {listed(worse)} of the labels"
    return "No share of the labels settles whether pre-training helped the transformer"


def gain_title(gains: Mapping[str, Mapping[float, PairedComparison]]) -> str:
    """Title of the paired differences: how many intervals leave out 0, and on which side."""
    every = [gap for each in gains.values() for gap in each.values()]
    up, down = sum(gap.low > 0 for gap in every), sum(gap.high < 0 for gap in every)
    return f"Pre-trained minus from scratch: {up} of {len(every)} intervals above 0, {down} below"


def against_baselines(table: pd.DataFrame, share: float) -> str:
    """Whether any network is ahead of the best simple baseline at one share, by value; and which one leads."""
    at_share = table.xs(share, level="share")["value"]
    simple = at_share[[road for road in BASELINES if road in at_share.index]].idxmax()
    networks = at_share.drop([road for road in BASELINES if road in at_share.index])
    best = networks.idxmax()
    numbers = f"{ROADS[best]} {networks[best]:.3f}, {ROADS[simple]} {at_share[simple]:.3f}"
    words = f"With {percent(share)} % labeled, the best network against the best baseline: {numbers}."
    if networks[best] > at_share[simple]:
        return f"{words} A network leads; whether by more than chance, the table's intervals say."
    return f"{words} No network is ahead of the baseline, which needs no pre-training and a fraction of a second."


def probe(found: PairedComparison, share: float) -> str:
    """Whether moving all weights of the transformer does better than a probe on its frozen features.

    Args:
        found: fine-tuned minus probed.
        share: of the groups that were labeled.
    """
    numbers = f"{found.difference:+.3f}, 95 % interval {found.low:+.3f} to {found.high:+.3f}"
    start = f"With {percent(share)} % labeled the transformer's frozen features reach {found.second:.3f}, fine-tuned {found.first:.3f} ({numbers})."
    if found.low > 0:
        return f"{start} Moving all weights pays."
    if found.high < 0:
        return f"{start} So few labels do not pay for moving all weights."
    return f"{start} These test groups do not settle which is better."


def transfer(gains: Mapping[float, PairedComparison], source: Dataset, target: str) -> str:
    """What pre-training on one kind of images was worth on another."""
    parts = [
        f"{percent(share)} %: {gap.difference:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})" for share, gap in gains.items()
    ]
    start = f"Pre-trained on {source.name}, adapted to {target}; AUROC gained over training from scratch at {'; '.join(parts)}."
    if all(gap.low > 0 for gap in gains.values()):
        return f"{start} What was learned there is of use here."
    if any(gap.low > 0 for gap in gains.values()) and any(gap.high < 0 for gap in gains.values()):
        return f"{start} It is of use at some shares of the labels and does harm at others."
    if any(gap.low > 0 for gap in gains.values()):
        return f"{start} It is of use at some shares of the labels."
    if any(gap.high < 0 for gap in gains.values()):
        return f"{start} It did harm: what was learned there stands in the way here."
    return f"{start} Whether it is of use here, these test groups do not settle."


def cost(table: pd.DataFrame) -> str:
    """Which road costs least per point of AUROC, for one task and for the mean of ten; rests on timings."""
    columns = [column for column in table if column.startswith("CPU-s per point")]
    if table[columns[0]].isna().all():
        return "No road is above guessing, so no point of AUROC has a price here."
    cheapest = [table[column].astype(float).idxmin() for column in columns]
    if cheapest[0] == cheapest[1]:
        return f"Cheapest per point above guessing, for one task as for ten: {cheapest[0]} (timed on this machine, in this run)."
    return f"Cheapest per point above guessing: {cheapest[0]} for one task, {cheapest[1]} when ten tasks share the pre-training (timed on this machine, in this run)."


def scaling(laws: Mapping[str, PowerLaw], checks: Mapping[str, Extrapolation], gray: float) -> list[str]:
    """What every law says, and whether it went on to the largest size; nothing where no size learned anything.

    Args:
        laws: of all sizes.
        checks: the same names to the extrapolations.
        gray: the loss of gray patches.
    """
    learned = {name: law for name, law in laws.items() if law.means.min() < (1 - LEARNED) * gray}
    flat = [
        f"Over {name} no network got beyond gray ({gray:.3f}): there is nothing here that a law could be fitted to."
        for name in laws
        if name not in learned
    ]
    found = [scaling_law_readings.law(law, name) for name, law in learned.items()]
    return flat + found + [scaling_law_readings.extrapolation(checks[name], name) for name in learned]


def scaling_title(laws: Mapping[str, PowerLaw], checks: Mapping[str, Extrapolation], gray: float) -> str:
    """Title of the laws; arguments as of :func:`scaling`."""
    if all(law.means.min() >= (1 - LEARNED) * gray for law in laws.values()):
        return "No network got beyond gray, so there is no law to be found"
    return scaling_law_readings.title(checks)
