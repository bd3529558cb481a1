"""Deal the samples of one dataset to sites that differ in their share of each class, as hospitals do.

The Dirichlet partition of Hsu et al. (2019, arXiv:1909.06335) and Yurochkin et al. (2019, arXiv:1905.12022), for groups:
all samples of a patient go to one site.
"""

from __future__ import annotations

import numpy as np

from helpers.runtime import InputError

DRAWS = 1000  # tries to find shares that leave no site too small


def dirichlet_sites(
    groups: np.ndarray, targets: np.ndarray, sites: int, concentration: float, seed: int, minimum: int = 2
) -> np.ndarray:
    """Site of each sample: for every class, the sites' shares of it are drawn from a symmetric Dirichlet distribution.

    A group belongs to the class that most of its samples have (the lowest of equals). The groups of a class, in seeded
    order, are laid in a row, and the row is cut by the shares; a group goes where its middle lies. Shares are drawn again
    until every site has enough groups.

    Args:
        groups: (n,) integers or strings; a group is never divided.
        targets: (n,) labels.
        sites: how many, at least two.
        concentration: large: all sites alike; 1: all shares equally likely; near 0: each class at one site.
        seed: a constant of the dataset, never the seed of a run.
        minimum: groups that every site gets at least.

    Returns:
        (n,) int64 from 0 to ``sites - 1``.

    Raises:
        InputError: lengths differ, a setting is out of range, or the groups do not suffice.
    """
    groups, targets = np.asarray(groups), np.asarray(targets)
    if groups.shape != targets.shape or groups.ndim != 1:
        raise InputError(
            f"a partition needs one group and one label per sample, got {groups.shape} and {targets.shape}"
        )
    if sites < 2 or not concentration > 0 or minimum < 1:
        raise InputError(
            f"{sites} sites, concentration {concentration}, at least {minimum} groups each: it takes two sites or more, a "
            "concentration above 0 and a group per site"
        )
    _, group_of = np.unique(groups, return_inverse=True)
    classes, class_of = np.unique(targets, return_inverse=True)
    counts = np.zeros((group_of.max(initial=-1) + 1, len(classes)), dtype=np.int64)
    np.add.at(counts, (group_of, class_of), 1)
    if len(counts) < sites * minimum:
        raise InputError(
            f"{len(counts)} groups for {sites} sites of at least {minimum}: take fewer sites, or more samples"
        )
    generator = np.random.default_rng(seed)
    label_of_group, size_of_group = counts.argmax(axis=1), counts.sum(axis=1)
    for _ in range(DRAWS):
        site_of_group = _deal(label_of_group, size_of_group, sites, concentration, generator)
        if np.bincount(site_of_group, minlength=sites).min() >= minimum:
            return site_of_group[group_of]
    raise InputError(
        f"concentration {concentration} leaves one of {sites} sites with fewer than {minimum} groups in {DRAWS} draws: take "
        "a larger concentration or fewer sites"
    )


def _deal(
    labels: np.ndarray, sizes: np.ndarray, sites: int, concentration: float, generator: np.random.Generator
) -> np.ndarray:
    """Site of each group."""
    site_of_group = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        ends = np.cumsum(generator.dirichlet(np.full(sites, concentration)))
        middles = (np.cumsum(sizes[members]) - sizes[members] / 2) / sizes[members].sum()
        site_of_group[members] = np.searchsorted(ends[:-1], middles, side="right")
    return site_of_group
