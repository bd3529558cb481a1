"""Images of another hospital, opened once: the same model, the same threshold, other patients.

The only answer to whether a model travels. What was fixed stays fixed: weights, recalibration and threshold come with
the model; nothing is chosen here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from helpers.data import catalog
from helpers.data.dataset import Dataset
from helpers.data.preparation import resize
from helpers.evaluation.calibration import Recalibration, recalibration
from helpers.evaluation.copies import find_copies
from helpers.evaluation.intervals import metric_intervals
from helpers.runtime import InputError

MOST_KNOWN = 20_000  # images on either side among which copies are looked for: more would take minutes


class FixedModel(Protocol):
    """What is needed of a bundle: it predicts from images as they come from a file; its card holds ``threshold`` and
    ``reading``, how the images it knows were read."""

    card: Any

    def predict(self, images: np.ndarray) -> np.ndarray:
        """(n,) probability of class 1 for images (n, height, width, 1) uint8."""


@dataclass(frozen=True)
class ExternalTest:
    """What came out elsewhere.

    Attributes:
        dataset: the external images, all of them in the part ``test``.
        probability: (n,) of class 1.
        scores: table of :func:`helpers.evaluation.intervals.metric_intervals` at the model's own threshold.
        calibration: slope and intercept there.
        copied: external images that are a copy of one the model may have seen; such an image tests memory.
    """

    dataset: Dataset
    probability: np.ndarray
    scores: pd.DataFrame
    calibration: Recalibration
    copied: int


def evaluate_external(
    model: FixedModel, external: str, known: Dataset, resamples: int = 1000, skip_unreadable: bool = False
) -> ExternalTest | None:
    """Open external images and score them; None when ``external`` is empty.

    Args:
        model: a bundle.
        external: a folder or a table of images of another place.
        known: the dataset the model comes from: external images are read at its size and looked for in it.
        resamples: of the bootstrap.
        skip_unreadable: leave out external images that cannot be read.

    Raises:
        InputError: the images cannot be read, or do not show both classes.
    """
    if not external:
        return None
    reading = {
        **model.card.reading,
        "skip_unreadable": skip_unreadable or model.card.reading.get("skip_unreadable", False),
    }
    dataset = catalog.load_external(external, known.inputs.shape[1], **reading)
    if dataset.task != "binary" or len(np.unique(dataset.targets)) < 2:
        raise InputError(
            "the external images must show two classes, as those of the model do: give both, or name the disease"
        )
    probability = model.predict(dataset.inputs)
    scores = metric_intervals(dataset.targets, probability, dataset.groups, model.card.threshold, resamples=resamples)
    calibrated = recalibration(dataset.targets, probability, dataset.groups)
    return ExternalTest(dataset, probability, scores, calibrated, _copied(known, dataset))


def _copied(known: Dataset, external: Dataset) -> int:
    """How many external images have a copy among the known ones (of very many, a part is looked at on both sides)."""
    known, external = known.limit(MOST_KNOWN), external.limit(MOST_KNOWN)
    side = known.inputs.shape[1]
    both = np.concatenate([np.asarray(resize(dataset.inputs, side)) for dataset in (known, external)])
    family = find_copies(both).families(len(both))
    return int(np.isin(family[len(known) :], family[: len(known)]).sum())
