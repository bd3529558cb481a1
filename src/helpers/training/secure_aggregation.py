"""Secure aggregation: the server learns the sum of the sites' numbers and of no single site anything.

The arithmetic of Bonawitz et al. (2017, CCS, doi:10.1145/3133956.3133982): every two sites share a secret, from which both
draw the same mask; one adds it, the other subtracts it, and in the sum over all sites the masks are gone. Numbers are whole
numbers modulo 2^64, and masks are uniform among them, so that a masked number is uniform too, whatever it hides: a one-time
pad. Not here: how two sites come to share a secret over a line that the server reads (Diffie and Hellman), and how the sum is
saved when a site drops out (secret sharing).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.runtime import InputError

FRACTION_BITS = 32  # what is after the binary point; 31 bits and the sign are left for what is before it
LARGEST = 2.0**31


def to_ring(values: np.ndarray, terms: int = 1) -> np.ndarray:
    """Fixed-point numbers modulo 2^64: ``round(value * 2^32)``, negative ones counted down from 2^64.

    Args:
        values: floats.
        terms: how many such numbers will be added up; the sum must stay between -2^31 and 2^31.

    Returns:
        uint64 in the shape of the values.

    Raises:
        InputError: a value is not finite, or so large that the sum may leave its range.
    """
    values = np.asarray(values, dtype=np.float64)
    if not (np.abs(values) < LARGEST / terms).all():
        raise InputError(
            f"numbers up to {np.abs(values).max():g} cannot be added up safely: each must be finite and below "
            f"{LARGEST / terms:g}; scale them down, or look whether training diverged"
        )
    return np.round(values * 2.0**FRACTION_BITS).astype(np.int64).view(np.uint64)


def from_ring(total: np.ndarray) -> np.ndarray:
    """Back to float64, to within 2^-33 for each number that was added."""
    return total.view(np.int64) / 2.0**FRACTION_BITS


def pair_masks(sites: int, length: int, seed: int | Sequence[int]) -> np.ndarray:
    """Mask that each two sites share, uniform modulo 2^64.

    Args:
        sites: how many take part, at least two.
        length: numbers per site.
        seed: stands for the secrets; in a real federation every pair has its own and nobody has this one.

    Returns:
        (sites, sites, length) uint64, symmetric in the two sites; what is on the diagonal is 0.
    """
    if sites < 2:
        raise InputError("secure aggregation needs at least two sites: the sum over one site is that site")
    masks = np.zeros((sites, sites, length), dtype=np.uint64)
    for first in range(sites):
        for second in range(first + 1, sites):
            shared = np.random.default_rng([*np.atleast_1d(seed), first, second])
            masks[first, second] = masks[second, first] = shared.integers(0, 2**64, length, dtype=np.uint64)
    return masks


def mask_updates(updates: np.ndarray, seed: int | Sequence[int]) -> np.ndarray:
    """What each site sends: its numbers plus the masks shared with later sites, minus those shared with earlier ones.

    Args:
        updates: (sites, length) floats.
        seed: of the masks; never use one twice, or the difference of two messages is the difference of two updates.

    Returns:
        (sites, length) uint64.
    """
    messages = to_ring(updates, terms=len(updates))
    sites, length = messages.shape
    masks = pair_masks(sites, length, seed)
    for site in range(sites):
        messages[site] += masks[site, site + 1 :].sum(axis=0, dtype=np.uint64)
        messages[site] -= masks[site, :site].sum(axis=0, dtype=np.uint64)
    return messages


def secure_sum(messages: np.ndarray) -> np.ndarray:
    """What the server computes: the sum (length,) over the messages of *all* sites, in which every mask cancels."""
    return from_ring(messages.sum(axis=0, dtype=np.uint64))


class SecureAverage:
    """The mean of :func:`helpers.training.federated.average_weights`, by a server that sees masked numbers only.

    Args:
        seed: of the masks; every round has new ones.
    """

    def __init__(self, seed: int) -> None:
        self._seed, self._round = seed, 0

    def __call__(self, weights: Sequence[list[np.ndarray]], samples: Sequence[int]) -> list[np.ndarray]:
        """Every site sends its weights times its samples, and its samples; the server divides one sum by the other."""
        self._round += 1
        flat = [np.concatenate([array.ravel() for array in site]).astype(np.float64) for site in weights]
        updates = np.array([[*(count * numbers), count] for numbers, count in zip(flat, samples, strict=True)])
        total = secure_sum(mask_updates(updates, (self._seed, self._round)))
        mean = np.split(total[:-1] / total[-1], np.cumsum([array.size for array in weights[0]])[:-1])
        return [part.reshape(array.shape).astype(array.dtype) for part, array in zip(mean, weights[0], strict=True)]
