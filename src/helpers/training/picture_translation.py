"""Translate pictures of one scanner into those of another: train on windows, apply to whole pictures. Taught in ``05_gan``."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from helpers import runtime
from helpers.models import translation
from helpers.runtime import InputError
from helpers.training import adversarial

WINDOW = 32  # px; what tells two scanners apart is seen in a window, and four windows teach more than one picture
DISTANCE_WEIGHT = 100.0  # of the mean absolute difference beside the adversarial loss, as in pix2pix
BATCH_SIZE, LEARNING_RATE, AVERAGING = 16, 2e-3, 0.9
AT_ONCE = 64  # pictures translated together


def train_translator(
    originals: np.ndarray, wanted: np.ndarray, *, filters: Sequence[int], epochs: int, seed: int
) -> keras.Model:
    """A U-Net that turns originals into the wanted pictures of the same scenes.

    Args:
        originals, wanted: (n, side, side, 1) uint8; the side is a multiple of 32 px.
        filters: of both networks, the finest resolution first.
        epochs: passes over all windows.
        seed: of initialization and shuffling.

    Returns:
        A translator of whole pictures, for :func:`translate`.

    Raises:
        InputError: the pictures are no pairs, or their side is no multiple of the window.
    """
    side = originals.shape[1] if originals.ndim == 4 else 0
    if originals.shape != wanted.shape or not side or side % WINDOW or originals.dtype != np.uint8:
        raise InputError(
            f"pairs of shape {originals.shape} and {wanted.shape}: give the same number of pictures of uint8 whose side is a "
            f"multiple of {WINDOW} px"
        )
    runtime.seed_everything(seed)
    players = [make(WINDOW, filters) for make in (translation.translator, translation.pair_discriminator)]
    networks = adversarial.PairedTranslation(*players, distance_weight=DISTANCE_WEIGHT)
    sizes = {"batch_size": BATCH_SIZE, "learning_rate": LEARNING_RATE, "averaging": AVERAGING}
    adversarial.play(networks, _windows(originals), _windows(wanted), epochs=epochs, seed=seed, **sizes)
    whole = translation.translator(side, filters)
    whole.set_weights(networks.generator.get_weights())
    return whole


def translate(translator: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Pictures (n, side, side, 1) uint8 as the translator makes them, in the same shape and type."""
    pieces = [pictures[start : start + AT_ONCE] for start in range(0, len(pictures), AT_ONCE)]
    answers = [translator.predict_on_batch(_scaled(piece)) for piece in pieces]
    return np.clip(np.rint((np.concatenate(answers) + 1) * 127.5), 0, 255).astype(np.uint8)


def _scaled(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / 127.5 - 1


def _windows(pictures: np.ndarray) -> np.ndarray:
    corners = range(0, pictures.shape[1], WINDOW)
    return np.concatenate(
        [_scaled(pictures[:, top : top + WINDOW, left : left + WINDOW]) for top in corners for left in corners]
    )
