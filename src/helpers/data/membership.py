"""Who is trained on, and who might as well have been: the two sides of an attack on privacy.

An attack that tells members from strangers must find nothing else that tells them apart. Strangers who are other
patients, or from another hospital, differ by more than membership. So a coin decides for every single sample whether it
becomes a member, also within a patient. That is the experiment in which differential privacy limits every attack (Yeom
et al. 2018, arXiv:1709.01604), and as the coins know nothing of patients, patients alone make nobody look like a member.
"""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset
from helpers.runtime import InputError

_COIN_STREAM = 11  # who is a member is a constant of the data, like a split; never a run's seed


def members_and_strangers(
    pool: Dataset, share: float, least_members: int, least_strangers: int
) -> tuple[Dataset, Dataset]:
    """Deal the samples of a pool to members and strangers, each by a coin of its own.

    Args:
        pool: samples that nothing is judged on later, usually the training part.
        share: probability of each sample to become a member, above 0 and below 1.
        least_members, least_strangers: what training and attack need.

    Returns:
        Members, to be trained on, and strangers, to be used for nothing but the attack.

    Raises:
        InputError: the share makes no sense, or the pool is too small; the message says how many samples it takes.
    """
    if not 0 < share < 1:
        raise InputError(f"share of members {share}: it lies between 0 and 1, or one side stays empty")
    member = np.random.default_rng([_COIN_STREAM, len(pool)]).random(len(pool)) < share
    members, strangers = int(member.sum()), int((~member).sum())
    if members < least_members or strangers < least_strangers:
        # Two standard deviations more than the mean, so that coins that fall badly suffice as well.
        needed = max(_enough(least_members, share), _enough(least_strangers, 1 - share))
        raise InputError(
            f"{pool.name}: {len(pool)} training samples make {members} members and {strangers} strangers, but training "
            f"needs {least_members} members and the attack {least_strangers} strangers: about {needed:,} training samples "
            f"will do; take more of them"
        )
    return pool.select(member), pool.select(~member)


def _enough(count: int, share: float) -> int:
    """So many samples that ``count`` of them fall on the side of ``share`` in all but a few percent of all draws."""
    spread = 2 * np.sqrt(share * (1 - share))
    root = (spread + np.sqrt(spread**2 + 4 * share * count)) / (2 * share)
    return int(np.ceil(root**2))
