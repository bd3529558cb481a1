"""Batches of samples of similar size, so that little padding is computed: of texts by length, of molecules by atoms."""

from __future__ import annotations

import numpy as np


def batches_of_similar_size(
    sizes: np.ndarray, batch_size: int, sorted_together: int, generator: np.random.Generator
) -> list[np.ndarray]:
    """Rows of each batch, in random order; every row once.

    Args:
        sizes: (n,) of the samples.
        batch_size: samples per batch; one batch may be smaller.
        sorted_together: batches whose samples are drawn together and sorted by size among themselves: 1 for wholly
            random batches, many for equal sizes and the same company in every epoch.
        generator: of the order.
    """
    order, chunk = generator.permutation(len(sizes)), batch_size * sorted_together
    parts = (order[start : start + chunk] for start in range(0, len(order), chunk))
    order = np.concatenate([part[np.argsort(sizes[part], kind="stable")] for part in parts])
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [batches[place] for place in generator.permutation(len(batches))]
