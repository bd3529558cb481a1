"""A trained model together with everything needed to use it: ``model.keras`` and ``model.json`` in one folder."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from helpers.data.dataset import Dataset
from helpers.data.preparation import Normalization, resize
from helpers.runtime import InputError
from helpers.training.fit import predict_probability
from helpers.training.recalibration import recalibrated

FORMAT = 2


@dataclass(frozen=True)
class Card:
    """What ``model.json`` says.

    Attributes:
        size: height and width of the network's input in pixels.
        normalization: mean and scale of the pixel values, from the training part.
        class_names: names of class 0 and class 1.
        threshold: probability from which on a case is called positive, chosen on validation.
        recalibration: ``kind`` and ``parameters`` of the map from the network's probability to the one that is meant,
            chosen on validation (see :mod:`helpers.training.recalibration`); further keys say how it was chosen.
        conformal: how prediction sets are made of it, as :mod:`helpers.evaluation.conformal` writes it; empty for none.
        reading: how own images were read, further arguments of :func:`helpers.data.catalog.load` (``disease``,
            ``skip_unreadable``); whoever evaluates the model reads them the same way.
        dataset: catalog name of the training data.
        checksum: of the training data.
        notebook, profile, seed: the run that made it.
    """

    size: int
    normalization: dict[str, float]
    class_names: tuple[str, ...]
    threshold: float
    recalibration: dict[str, Any]
    conformal: dict[str, Any]
    reading: dict[str, Any]
    dataset: str
    checksum: str
    notebook: str
    profile: str
    seed: int


@dataclass(frozen=True)
class Bundle:
    """A loaded bundle; :meth:`predict` takes images as they come from a file."""

    model: keras.Model
    card: Card

    def require_data(self, dataset: Dataset) -> Bundle:
        """This bundle, if it was trained on that dataset: evaluation and training must mean the same split.

        Raises:
            InputError: the checksums differ.
        """
        if dataset.source.checksum != self.card.checksum:
            raise InputError(
                "these are not the data that the model was trained on: they have changed since; execute the notebook "
                "that trains the model again"
            )
        return self

    def prepare(self, images: np.ndarray) -> np.ndarray:
        """Resize and normalize uint8 images (n, height, width, 1) as in training."""
        resized = resize(images, self.card.size)
        return Normalization.from_dict(self.card.normalization).apply(resized)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Recalibrated probability of class 1 for uint8 images (n, height, width, 1), shape (n,) float64."""
        probability = predict_probability(self.model, self.prepare(images))
        return recalibrated(probability, self.card.recalibration["kind"], self.card.recalibration["parameters"])

    def decide(self, images: np.ndarray) -> np.ndarray:
        """Class 0 or 1 at the stored threshold, shape (n,) int64."""
        return (self.predict(images) >= self.card.threshold).astype("int64")


def save_bundle(folder: Path, model: keras.Model, card: Card) -> Path:
    """Write a bundle under a temporary name, then rename; an older bundle of the same place is replaced."""
    folder = Path(folder)
    temporary = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    model.save(temporary / "model.keras")
    text = json.dumps({"format": FORMAT, **asdict(card)}, indent=1, ensure_ascii=False)
    (temporary / "model.json").write_text(text + "\n", encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    temporary.rename(folder)
    return folder


def _check_types(card: Card) -> None:
    """Raise ValueError where ``model.json`` holds something that no bundle was written with."""
    numbers = (card.threshold, card.size, *(card.conformal[key] for key in ("alpha",) if key in card.conformal))
    if any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
        raise ValueError("threshold, size and alpha are numbers")
    if not 0 <= card.threshold <= 1 or not 0 < card.conformal.get("alpha", 0.5) < 1:
        raise ValueError("threshold and alpha are shares")
    if not all(isinstance(name, str) for name in card.class_names):
        raise ValueError("classes have names")


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle; Keras' safe mode refuses code inside the model file.

    Raises:
        InputError: a file is missing or unreadable, or the bundle has another format.
    """
    folder = Path(folder)
    for name in ("model.json", "model.keras"):
        if not (folder / name).is_file():
            raise InputError(f"the model bundle has no {name}: execute the notebook that trains the model first")
    try:
        content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        raise InputError(
            "model.json of the bundle is not JSON: execute the notebook that trains the model again"
        ) from None
    if content.pop("format", None) != FORMAT:
        raise InputError(
            "the model bundle was written by another version: execute the notebook that trains the model again"
        )
    try:
        card = Card(**{**content, "class_names": tuple(content["class_names"])})
        _check_types(card)
        recalibrated(np.array([0.5]), card.recalibration["kind"], card.recalibration["parameters"])
    except (KeyError, TypeError, ValueError, InputError):
        raise InputError(
            "model.json of the bundle is incomplete: execute the notebook that trains the model again"
        ) from None
    try:
        model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"model.keras of the bundle cannot be loaded ({type(error).__name__}): train the model again"
        ) from None
    return Bundle(model, card)
