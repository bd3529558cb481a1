"""Errors over the size of something, stored with their intervals, and the paired differences between sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.intervals import metric_interval
from helpers.report.writing import Run
from helpers.runtime import InputError


@dataclass(frozen=True)
class Scaling:
    """What more of something does to the error, 1 - AUROC.

    Attributes:
        errors: index: size, from the least to the most; columns value, low, high.
        whole: AUROC with the most minus AUROC with the least.
        last: AUROC with the most minus AUROC with the second most.
        unit: of the sizes.
    """

    errors: pd.DataFrame
    whole: PairedComparison
    last: PairedComparison
    unit: str

    @property
    def sizes(self) -> list[int]:
        """From the least to the most."""
        return self.errors.index.tolist()


def scaling_scores(run: Run, part: Dataset, answers: Mapping[int, np.ndarray], unit: str) -> Scaling:
    """Measure each size on the same samples.

    Args:
        run: gets an estimate ``auroc_<size>_<unit>`` for each size, and ``auroc_gain_<unit>`` for the whole.
        part: one part of a binary dataset.
        answers: size to (n,) or (repeats, n) probabilities.
        unit: of the sizes, such as ``parameters``.
    """
    if len(answers) < 2:
        raise InputError(f"{len(answers)} size(s) of {unit}: give at least two to compare")
    ordered, rows, where, slug = sorted(answers), {}, part.split[0], unit.replace(" ", "_")
    for size in ordered:
        auroc = metric_interval("auroc", part.targets, answers[size], part.groups, 0.5)
        rows[size] = {"value": 1 - auroc.value, "low": 1 - auroc.high, "high": 1 - auroc.low}
        run.add_interval(f"auroc_{size}_{slug}", f"AUROC with {size:,} {unit}", auroc, part.groups, where)
    most, least, second = answers[ordered[-1]], answers[ordered[0]], answers[ordered[-2]]
    whole, last = (delong_paired(part.targets, most, other, part.groups) for other in (least, second))
    run.add_interval(f"auroc_gain_{slug}", f"AUROC, most minus fewest {unit}", whole, part.groups, where)
    return Scaling(pd.DataFrame.from_dict(rows, orient="index"), whole, last, unit)
