"""What no model can show on a dataset: follows from where the data come from and how many groups there are.

Every report has a box with these sentences. A notebook adds to them what follows from its own results.
"""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.proportions import wilson

FEW_GROUPS = 400  # from here on a share of 0.9 is known to within ± 3 points
TYPICAL_SHARE = 0.9


def limits_of(dataset: Dataset) -> list[str]:
    """Sentences that begin with what is *not* shown: origin, hospitals, groups, size of the test part, caveats."""
    group = dataset.source.group
    sentences = []
    if dataset.source.synthetic:
        sentences.append(f"Nothing about patients ({dataset.source.title}): the data are generated.")
    else:
        sentences.append(_hospitals(dataset))
    if not dataset.groups_known:
        sentences.append(
            "Nothing about whole patients: the source does not publish which samples belong together, so every interval "
            "counts them as strangers and may be too narrow."
        )
    held_out = len(np.unique(dataset.groups[dataset.split == "test"]))
    if held_out and held_out < FEW_GROUPS:
        interval = wilson(TYPICAL_SHARE * held_out, held_out)
        sentences.append(
            f"Nothing finer than the test part allows: it holds {held_out:,} {group}s, so a measured share of "
            f"{TYPICAL_SHARE:.2f} may be {interval.low:.2f} as well as {interval.high:.2f}."
        )
    return sentences + list(dataset.source.caveats)


def _hospitals(dataset: Dataset) -> str:
    if dataset.sites is None:
        return "Nothing about other hospitals and scanners: the source does not say which ones the data come from."
    tested = dataset.sites[dataset.split == "test"]
    if np.isin(tested, dataset.sites[dataset.split != "test"]).any():
        return "Nothing about hospitals and scanners that are not in the data."
    return "Nothing about a third hospital: training and test part come from different ones, and there are no more."
