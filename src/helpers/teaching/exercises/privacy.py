"""Checks of 10_privacy: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_most_members_found(function: Callable) -> None:
    """Exercise 1: ``function(epsilon, delta, rate)`` bounds the share of members found at this false positive rate."""
    low = attempt(function, 1.0, 0.001, 0.01)  # e * .01 + .001
    high = attempt(function, 1.0, 0.001, 0.9)  # 1 - (1 - .001 - .9) / e
    nothing = attempt(function, 0.0, 0.0, 0.3)
    first = np.e * 0.01 + 0.001
    hint = "two limits: e^epsilon rate + delta, and 1 - e^-epsilon (1 - delta - rate); the smaller one holds"
    if close(low, first) and not close(high, 1 - 0.099 / np.e):
        hint = "near rate 1 this exceeds 1: there the second limit, on how many members are missed, is the smaller one"
    elif close(low, first - 0.001):
        hint = "delta is missing: with that probability the promise may fail altogether"
    elif close(low, 1 * 0.01 + 0.001):
        hint = "the factor is e to the power of epsilon, not epsilon itself"
    elif close(low, 1 - np.exp(-1) * (1 - 0.001 - 0.01)):
        hint = "near rate 0 the first limit, e^epsilon rate + delta, is the smaller one: take the minimum of both"
    solved = close(low, first) and close(high, 1 - 0.099 / np.e) and close(nothing, 0.3)
    answer(
        solved, "at epsilon 1 at most 2.8 % of the members can be found while 1 % are accused falsely", hint, low, high
    )


def check_masked_update(function: Callable) -> None:
    """Exercise 2: ``function(site, update, masks)`` is what a site sends; masks (sites, length) it shares, uint64."""
    generator = np.random.default_rng(0)
    sites, length = 4, 5
    updates = generator.integers(0, 1000, (sites, length), dtype=np.uint64)
    masks = np.zeros((sites, sites, length), dtype=np.uint64)
    for first in range(sites):
        for second in range(first + 1, sites):
            shared = generator.integers(0, 2**64, length, dtype=np.uint64)
            masks[first, second] = masks[second, first] = shared
    found = [attempt(function, site, updates[site].copy(), masks[site].copy()) for site in range(sites)]
    arrays = [one if isinstance(one, np.ndarray) and one.shape == (length,) else None for one in found]
    hint = "start from the update; add the masks of the sites with a larger number, subtract those of the sites before"
    solved = False
    if any(one is None for one in arrays):
        hint = "return one array as long as the update"
    elif any(one.dtype != np.uint64 for one in arrays):
        hint = "stay with uint64 throughout: floating point rounds the update away beside masks that large"
    else:
        total = np.sum(arrays, axis=0, dtype=np.uint64)
        bare = any(np.array_equal(one, update) for one, update in zip(arrays, updates, strict=True))
        solved = np.array_equal(total, updates.sum(axis=0, dtype=np.uint64)) and not bare
        if bare:
            hint = "this is the bare update, and the server can read it"
        elif np.array_equal(total, updates.sum(axis=0, dtype=np.uint64) + masks.sum(axis=(0, 1), dtype=np.uint64)):
            hint = "both sites of a pair add their mask, so nothing cancels: one of them must subtract it"
    answer(solved, "every message is noise, and their sum is the sum of the updates", hint, *found)
