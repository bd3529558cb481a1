"""Pictures that ``medlab predict`` leaves beside its answers: the image, and what spoke for the disease in it (Grad-CAM)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers.data.listing import one_line
from helpers.report.figures import png
from helpers.report.images import image_sheet
from helpers.report.notebook_rules import DISCLAIMER
from helpers.runtime import InputError

if TYPE_CHECKING:  # whoever has predictions has TensorFlow; reports are made without it
    from helpers.evaluation.prediction import Picture, Prediction

SUFFIX = "-grad-cam.png"


def write_heat_maps(
    folder: Path, pictures: Sequence[Picture], predictions: Sequence[Prediction], maps: np.ndarray, disease: str
) -> list[Path]:
    """One PNG per picture: the image beside its heat map, with the probability and the disclaimer.

    Written under a temporary name, then renamed; pictures of an earlier call are replaced.

    Args:
        folder: made where it is missing.
        pictures, predictions: of :mod:`helpers.evaluation.prediction`.
        maps: (n, size, size) of :func:`helpers.evaluation.prediction.explain`.
        disease: name of class 1.

    Raises:
        InputError: the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("the heat maps need a folder, and there is a file of that name: name another")
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for picture, prediction, heat in zip(pictures, predictions, maps, strict=True):
        target = _free(folder, picture, written)
        texts = ["image", f"Grad-CAM for {disease}"]
        overlays = np.stack([np.zeros_like(heat), heat])
        title = f"{disease} {prediction.probability:.3f}, {DISCLAIMER}"
        figure = image_sheet(np.stack([picture.gray] * 2), texts, 2, overlays, title)
        temporary = target.with_name(f".{target.name}.partial-{os.getpid()}")
        temporary.write_bytes(png(figure))
        temporary.replace(target)
        written.append(target)
    return written


def _free(folder: Path, picture: Picture, taken: Sequence[Path]) -> Path:
    """``scan-grad-cam.png`` for ``somewhere/scan.dcm``; numbered where another picture of this call has that name."""
    stem = one_line(picture.path.stem) + (f"-frame-{picture.frame}" if picture.frame else "")
    target, number = folder / f"{stem}{SUFFIX}", 2
    while target in taken:
        target, number = folder / f"{stem}-{number}{SUFFIX}", number + 1
    return target
