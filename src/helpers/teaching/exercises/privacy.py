"""Checks of 10_privacy: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close

EPSILON, DELTA = 1.0, 0.001
LOW, MIDDLE, HIGH = (
    0.01,
    0.3,
    0.9,
)  # rates where the first limit, the second by little, and the second by far are smaller


def check_most_members_found(function: Callable) -> None:
    """Exercise 1: ``function(epsilon, delta, rate)`` bounds the share of members found at this false positive rate."""
    low, middle, high, all_accused = (attempt(function, EPSILON, DELTA, rate) for rate in (LOW, MIDDLE, HIGH, 1.0))
    nothing, beyond = attempt(function, 0.0, 0.0, 0.3), attempt(function, 0.0, 0.1, 0.95)
    first, (second, third) = (
        np.e * LOW + DELTA,
        (1 - np.exp(-EPSILON) * (1 - DELTA - rate) for rate in (MIDDLE, HIGH)),
    )
    hint = "two limits: e^epsilon rate + delta, and 1 - e^-epsilon (1 - delta - rate); the smaller one holds"
    if close(low, first) and not close(high, third):
        hint = "near rate 1 this exceeds 1: there the second limit, on how many members are missed, is the smaller one"
    elif close(low, first - DELTA):
        hint = "delta is missing: with that probability the promise may fail altogether"
    elif close(low, EPSILON * LOW + DELTA):
        hint = "the factor is e to the power of epsilon, not epsilon itself"
    elif close(low, 1 - np.exp(-EPSILON) * (1 - DELTA - LOW)):
        hint = "near rate 0 the first limit, e^epsilon rate + delta, is the smaller one: take the minimum of both"
    elif close(low, first) and not close(middle, second):
        hint = "at epsilon 1 and rate 0.3 the second limit is already the smaller one: take the minimum, at every rate"
    elif close(low, first) and not (close(all_accused, 1.0) and close(beyond, 1.0)):
        hint = "a share is never above 1, and both limits can be: try epsilon 0, delta 0.1, rate 0.95"
    found = (low, middle, high, all_accused, nothing, beyond)
    expected = (first, second, third, 1.0, 0.3, 1.0)
    solved = all(close(one, other) for one, other in zip(found, expected, strict=True))
    answer(solved, "at epsilon 1 at most 2.8 % of the members can be found while 1 % are accused falsely", hint, *found)


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
        hidden = np.stack(arrays) - updates  # modulo 2^64
        later, earlier = np.triu(np.ones((sites, sites)), 1), np.tril(np.ones((sites, sites)), -1)
        signs = (later - earlier).astype(np.int64).astype(np.uint64)[:, :, None]
        wanted = (signs * masks).sum(axis=1, dtype=np.uint64)
        # Who adds and who subtracts is a matter of taste, as long as all sites have the same.
        solved = np.array_equal(hidden, wanted) or np.array_equal(hidden, -wanted)
        if (hidden == 0).all(axis=1).any():
            hint = "this is the bare update, and the server can read it"
        elif not hidden.all():
            hint = "some of the numbers are still bare: every number of every site needs its mask"
        elif np.array_equal(hidden, masks.sum(axis=1, dtype=np.uint64)):
            hint = "both sites of a pair add their mask, so nothing cancels: one of them must subtract it"
        elif not hidden.sum(axis=0, dtype=np.uint64).any():
            hint = (
                "the sum is right, but a site has to use the mask of every other site: whoever knows one could read it"
            )
    answer(solved, "every message is noise, and their sum is the sum of the updates", hint, *found)
