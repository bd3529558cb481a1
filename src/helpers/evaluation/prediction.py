"""One answer per image file: calibrated probability, the classes that cannot be ruled out, and where the network looked.

From a model bundle and image files, as somebody would use the model on the next case. Preparation and recalibration are
those of training and evaluation, and nothing is fitted here; 16-bit files are scaled one by one, though, where training
scales a whole source by one bit depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data.color import holds_color
from helpers.data.decoding import decode
from helpers.data.images import BIT_DEPTHS
from helpers.data.listing import first_of, is_dicom, one_line
from helpers.data.unreadable import UnreadableError
from helpers.evaluation.conformal import ConformalPredictor
from helpers.evaluation.explanation import class_score, grad_cam
from helpers.runtime import InputError
from helpers.training.bundle import Bundle, load_bundle


@dataclass(frozen=True)
class Picture:
    """One image of a file.

    Attributes:
        path: of the file.
        gray: (size, size, 1) uint8.
        frame: its number, from 1, where the file holds several; None otherwise.
    """

    path: Path
    gray: np.ndarray
    frame: int | None = None

    @property
    def name(self) -> str:
        """The file in one line, with the number of the frame where it holds several."""
        return one_line(self.path) + (f", frame {self.frame}" if self.frame else "")


@dataclass(frozen=True)
class Prediction:
    """What the model says about one image.

    Attributes:
        name: of the image.
        probability: of the disease, recalibrated.
        called: class at the stored threshold.
        not_ruled_out: classes in the conformal set; None where the bundle holds no sets.
        level: share of new cases whose set holds the true class, by the promise; None without sets.
    """

    name: str
    probability: float
    called: str
    not_ruled_out: tuple[str, ...] | None
    level: float | None

    def line(self, disease: str) -> str:
        """``name: cancer 0.931, called cancer; at 90 % not ruled out: cancer``."""
        words = f"{self.name}: {one_line(disease)} {self.probability:.3f}, called {one_line(self.called)}"
        if self.not_ruled_out is None:
            return f"{words}; the model has no prediction sets"
        return f"{words}; at {self.level:.0%} not ruled out: {one_line(' or '.join(self.not_ruled_out)) or 'no class'}"


def open_model(place: Path) -> Bundle:
    """The bundle in a folder: ``model/`` itself, the run folder around it, or the ``model.keras`` in it.

    Raises:
        InputError: there is none, it is broken, or it is no classifier of gray images with two classes.
    """
    place = Path(place)
    if not place.exists():
        raise InputError(f"there is no model {one_line(place)}: give the folder model/ of a run")
    if place.is_file():
        if place.name != "model.keras":
            raise InputError(f"{one_line(place)} is no model: give the folder model/ of a run, with model.keras in it")
        place = place.parent
    folder = place / "model" if (place / "model").is_dir() else place
    try:
        bundle = load_bundle(folder)
        size, classes = bundle.card.size, bundle.card.class_names
        predicts = bundle.model.input_shape == (None, size, size, 1) and bundle.model.output_shape == (None, 1)
        answer = bundle.predict(np.zeros((1, size, size, 1), dtype=np.uint8))
        if not np.isfinite(answer).all():
            raise InputError("the network answers no number: train the model again")
        if bundle.card.conformal:
            ConformalPredictor.from_dict(bundle.card.conformal)
    except InputError as error:
        raise InputError(f"{one_line(place)}: {error}") from None
    except Exception as error:  # noqa: BLE001 - Keras raises errors of many kinds on a broken or hostile file
        kind = type(error).__name__
        raise InputError(f"{one_line(place)}: the model bundle is broken ({kind}): train the model again") from None
    if not predicts or len(classes) != 2:
        raise InputError(f"{one_line(place)}: this model is no classifier of gray images with two classes")
    return bundle


def read_pictures(paths: Sequence[Path], size: int, gray: bool = False) -> list[Picture]:
    """Image files as the network takes them; every frame of a DICOM file is a picture of its own.

    16-bit files are scaled by the smallest bit depth that holds their brightest pixel, each by itself, so that an answer
    does not depend on what else was asked; DICOM files say themselves what is black and white.

    Args:
        paths: at least one.
        size: pixels of the network's input.
        gray: turn color gray instead of refusing it.

    Raises:
        InputError: files that cannot be read, or color without ``gray``; one line that names them.
    """
    if not paths:
        raise InputError("no image given: name at least one file")
    pictures, bad, colored = [], [], []
    for path in map(Path, paths):
        try:
            frames = _frames(path, size)
        except UnreadableError as error:
            bad.append(f"{path} ({error})")
            continue
        if not gray and holds_color(path):
            colored.append(str(path))
        several = len(frames) > 1
        pictures += [Picture(path, frame, number if several else None) for number, frame in enumerate(frames, start=1)]
    if bad:
        raise InputError(f"{len(bad)} of {len(paths)} images cannot be read: {first_of(bad)}")
    if colored:
        raise InputError(f"color, and the model takes gray: {first_of(colored)}; --gray turns color into gray")
    return pictures


def predict(bundle: Bundle, pictures: Sequence[Picture]) -> list[Prediction]:
    """What the model says about each picture."""
    probability = bundle.predict(np.stack([picture.gray for picture in pictures]))
    names = bundle.card.class_names
    sets, level = [None] * len(pictures), None
    if bundle.card.conformal:
        predictor = ConformalPredictor.from_dict(bundle.card.conformal)
        level = 1 - predictor.alpha
        sets = [tuple(np.array(names)[row].tolist()) for row in predictor.sets(probability)]
    called = [names[int(value >= bundle.card.threshold)] for value in probability]
    return [
        Prediction(picture.name, float(value), word, chosen, level)
        for picture, value, word, chosen in zip(pictures, probability, called, sets, strict=True)
    ]


def explain(bundle: Bundle, pictures: Sequence[Picture]) -> np.ndarray:
    """Grad-CAM for the disease, (n, size, size): what spoke for it, also where the model calls the case healthy.

    Raises:
        InputError: the network has no convolution.
    """
    images = np.stack([picture.gray for picture in pictures])
    return grad_cam(class_score(bundle.model), bundle.prepare(images))


def _frames(path: Path, size: int) -> np.ndarray:
    """(frames, size, size, 1) uint8."""
    count = 1
    if path.is_file() and is_dicom(path):
        from helpers.data.dicom import count_frames

        count = count_frames(path)
    decoded = decode(path, size, count)
    images = decoded.images
    if images.dtype != np.uint8:
        bits = next(depth for depth in BIT_DEPTHS if decoded.brightest < 2**depth)
        images = np.clip(np.rint(images * (255 / (2**bits - 1))), 0, 255).astype(np.uint8)
    return images[..., None]
