"""The same tiles with another question: how many nuclei, instead of cancer or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.data.dataset import Dataset
from helpers.runtime import InputError


def nucleus_counts(dataset: Dataset) -> Dataset:
    """A dataset whose targets are the numbers of nuclei that are known to lie in each image.

    Args:
        dataset: with ``nucleus_count`` in its truth; a phantom.

    Returns:
        The same images, groups and split as a task of regression; targets (n,) float64.

    Raises:
        InputError: nobody knows the number of nuclei in these images.
    """
    if "nucleus_count" not in dataset.truth:
        raise InputError(f"{dataset.name}: its nuclei are not counted; count those of tissue-phantom")
    counts = np.asarray(dataset.truth["nucleus_count"], dtype=np.float64)
    return replace(dataset, targets=counts, task="regression", class_names=())
