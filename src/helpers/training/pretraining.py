"""Learn from images without labels: hide most of an image and predict it from the rest (He et al. 2022, arXiv:2111.06377).

The transformer gets the visible patches alone. A convolutional network cannot skip places, so its rival here gets the
image with gray patches, as in the context encoder of Pathak et al. (2016, arXiv:1604.07379). Both answer for hidden
pixels only, and both are trained by the same steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from helpers.models.transformer import images_of, patches_of
from helpers.runtime import InputError
from helpers.training.repeated_training import RepeatedTraining, shuffled_rows

BATCH = 256  # images that are reconstructed at once


@dataclass(frozen=True)
class PretrainingRecipe:
    """How to train a masked autoencoder, apart from network, images and seed.

    Attributes:
        steps: batches.
        batch_size: images per step.
        learning_rate: peak of the step size.
    """

    steps: int
    batch_size: int
    learning_rate: float


def draw_places(images: int, tokens: int, visible: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which patches stay and which are hidden, another choice for every image.

    Args:
        images, tokens: how many images, and patches of each.
        visible: patches that stay, 1 to ``tokens`` - 1.
        seed: of the drawing.

    Returns:
        Places (images, visible) and (images, tokens - visible), int32.
    """
    if not 1 <= visible < tokens:
        raise InputError(
            f"{visible} of {tokens} patches visible: at least one, and at least one hidden; see the budget"
        )
    order = np.argsort(np.random.default_rng(seed).random((images, tokens)), axis=1).astype("int32")
    return order[:, :visible], order[:, visible:]


def at(patches: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Patches (n, tokens, pixels) at places (n, some): (n, some, pixels)."""
    return np.take_along_axis(patches, places[..., None], axis=1)


def squared_error(answer, target):
    """Mean over all numbers: of the masked autoencoder these are the pixels of hidden patches."""
    return ops.mean(ops.square(answer - target))


def hidden_error(answer, target, hidden):
    """Mean of (answer - target)² over the pixels where ``hidden`` is 1; all (n, size, size, 1)."""
    return ops.sum(hidden * ops.square(answer - target)) / ops.sum(hidden)


def masked_batches(
    images: np.ndarray, patch: int, visible: int, recipe: PretrainingRecipe, seed: int
) -> Iterator[tuple]:
    """Batches for a masked autoencoder: visible patches, their places, hidden places; and the pixels to predict.

    Args:
        images: (n, size, size, 1) float32.
        patch, visible: pixels on a side, and patches that stay of each image.
        recipe: number and size of the batches.
        seed: of order and masks; every image is masked anew each time it is seen.
    """
    patches = np.asarray(patches_of(images, patch))
    for step, rows in enumerate(shuffled_rows(len(images), recipe.batch_size, recipe.steps, seed)):
        seen, hidden = draw_places(len(rows), patches.shape[1], visible, seed=[seed, step])
        yield [at(patches[rows], seen), seen, hidden], at(patches[rows], hidden)


def grayed_batches(
    images: np.ndarray, patch: int, visible: int, recipe: PretrainingRecipe, seed: int
) -> Iterator[tuple]:
    """The same for a convolutional autoencoder: images whose hidden patches are 0, the images, and where they are hidden."""
    tokens = (images.shape[1] // patch) ** 2
    for step, rows in enumerate(shuffled_rows(len(images), recipe.batch_size, recipe.steps, seed)):
        _, hidden = draw_places(len(rows), tokens, visible, seed=[seed, step])
        mask = hidden_pixels(hidden, tokens, patch)
        yield images[rows] * (1 - mask), images[rows], mask


def hidden_pixels(hidden: np.ndarray, tokens: int, patch: int) -> np.ndarray:
    """(n, size, size, 1) float32: 1 where a pixel belongs to a hidden place, of (n, some) places."""
    mask = np.zeros((len(hidden), tokens, 1), dtype="float32")
    np.put_along_axis(mask, hidden[..., None], 1.0, axis=1)
    return images_of(np.repeat(mask, patch**2, axis=2), patch)


def pretrain(
    training: RepeatedTraining, images: np.ndarray, patch: int, visible: int, recipe: PretrainingRecipe, seed: int
) -> np.ndarray:
    """Train a masked autoencoder from the weights it had in the beginning.

    Args:
        training: of :func:`helpers.models.transformer.masked_autoencoder` with :func:`squared_error`.
        images, patch, visible, recipe, seed: as for :func:`masked_batches`.

    Returns:
        (steps,) losses.
    """
    batches = masked_batches(images, patch, visible, recipe, seed)
    return training.run(None, batches, recipe.steps, recipe.learning_rate, seed)


def pretrain_convolutional(
    training: RepeatedTraining, images: np.ndarray, patch: int, visible: int, recipe: PretrainingRecipe, seed: int
) -> np.ndarray:
    """The same for an autoencoder from images to images with :func:`hidden_error`."""
    batches = grayed_batches(images, patch, visible, recipe, seed)
    return training.run(None, batches, recipe.steps, recipe.learning_rate, seed)


def reconstruct(
    network: keras.Model, images: np.ndarray, patch: int, seen: np.ndarray, hidden: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a masked autoencoder makes of images.

    Args:
        network: of :func:`helpers.models.transformer.masked_autoencoder`.
        images: (n, size, size, 1).
        patch: pixels on a side.
        seen, hidden: of :func:`draw_places`.

    Returns:
        Images with the answer in hidden places and the original in visible ones, (n, size, size, 1); the squared error of
        each image, mean over its hidden pixels, (n,).
    """
    patches = np.asarray(patches_of(images, patch))
    answers = np.concatenate(
        [
            network.predict_on_batch([at(patches[rows], seen[rows]), seen[rows], hidden[rows]])
            for rows in (slice(start, start + BATCH) for start in range(0, len(images), BATCH))
        ]
    )
    filled = patches.copy()
    np.put_along_axis(filled, hidden[..., None], answers, axis=1)
    return images_of(filled, patch), np.square(answers - at(patches, hidden)).mean(axis=(1, 2))


def reconstruct_convolutional(
    network: keras.Model, images: np.ndarray, hidden: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same for an autoencoder from images to images; ``hidden`` (n, size, size, 1) is 1 where pixels are hidden."""
    grayed = images * (1 - hidden)
    starts = range(0, len(images), BATCH)
    answers = np.concatenate([network.predict_on_batch(grayed[start : start + BATCH]) for start in starts])
    error = (hidden * np.square(answers - images)).sum(axis=(1, 2, 3)) / hidden.sum(axis=(1, 2, 3))
    return grayed + hidden * answers, error
