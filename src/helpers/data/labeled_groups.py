"""Pretend that only some groups are labeled: whole patients or source tiles, never single images of them."""

from __future__ import annotations

import numpy as np

from helpers.runtime import InputError


def label_some_groups(groups: np.ndarray, targets: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Rows of the images that are labeled when a share of the groups is.

    The same share of the groups of either class, at least one of each; a group belongs to the class that most of its
    images have. Drawings with one seed are nested: what is labeled at 1 % is labeled at 5 % as well.

    Args:
        groups: (n,) group of each image.
        targets: (n,) of 0 and 1.
        share: of the groups, above 0 and at most 1.
        seed: of the drawing.

    Returns:
        Row numbers in rising order; both classes are among them.

    Raises:
        InputError: the share is out of range, or a class is missing.
    """
    if not 0 < share <= 1:
        raise InputError(f"a share of {share} of the groups: it lies above 0 and is at most 1")
    groups, targets = np.asarray(groups), np.asarray(targets)
    names, member = np.unique(groups, return_inverse=True)
    means = np.bincount(member, targets) / np.bincount(member)
    majority = means > 0.5
    generator, kept = np.random.default_rng(seed), []
    for label in (False, True):
        of_class = np.flatnonzero(majority == label)
        kept.extend(generator.permutation(of_class)[: max(1, round(share * len(of_class)))])
    rows = np.flatnonzero(np.isin(member, kept))
    if len(np.unique(targets[rows])) < 2:
        raise InputError(f"{len(kept)} labeled groups of {len(names)} hold one class only: take a larger share")
    return rows
