"""Images to carry a network over to: another scanner of the phantom, or any dataset of images with two classes."""

from __future__ import annotations

from helpers.data import catalog
from helpers.data.dataset import Dataset
from helpers.data.phantoms.scanner_series import THREE_SCANNERS, scanner_series

PATIENTS = 100  # of a scanner series


def transfer_images(name: str, maximum: int, size: int) -> Dataset:
    """Open them.

    Args:
        name: of a scanner, such as ``scanner C`` (the tissue phantom as a third scanner sees it), or what
            :func:`helpers.data.catalog.load` takes.
        maximum: images at most, about; of a scanner at least one of each patient.
        size: pixels on a side, for a folder of images.

    Raises:
        InputError: these are not images of two classes, or they are not here.
    """
    if name in {scanner.name for scanner in THREE_SCANNERS}:
        return scanner_series(max(1, min(20, maximum // PATIENTS)))[name]
    return catalog.load(name, maximum, size).require_images_of_two_classes()
