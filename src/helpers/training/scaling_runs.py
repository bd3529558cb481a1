"""Masked autoencoders of many sizes, trained on few or many images for short or long: what a scaling law is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers import runtime
from helpers.models import transformer
from helpers.runtime import InputError
from helpers.training.pretraining import PretrainingRecipe, draw_places, pretrain, reconstruct, squared_error
from helpers.training.repeated_training import RepeatedTraining

MASK_SEED = 99  # of the held-out masks: every run is asked for the same pixels
PER_PARAMETER = 6  # operations per parameter and token of a training step, Kaplan et al. (2020, arXiv:2001.08361)


@dataclass(frozen=True)
class ScaledSizes:
    """What all runs share.

    Attributes:
        patch: pixels on a side.
        visible: patches that stay.
        depth, heads: of the encoder; the decoder has one block of the encoder's width.
        batch_size, learning_rate: of the steps.
    """

    patch: int
    visible: int
    depth: int
    heads: int
    batch_size: int
    learning_rate: float


class ScalingRuns:
    """Train and measure masked autoencoders; networks of one width are prepared once.

    Args:
        images: (n, size, size, 1) to train on.
        held_out: (m, size, size, 1) to measure on.
        sizes: what all runs share.
    """

    def __init__(self, images: np.ndarray, held_out: np.ndarray, sizes: ScaledSizes) -> None:
        self._images, self._held_out, self._sizes = images, held_out, sizes
        tokens = transformer.tokens_of(images.shape[1], sizes.patch)
        self._places = draw_places(len(held_out), tokens, sizes.visible, MASK_SEED)
        self._prepared: dict[tuple[int, int], RepeatedTraining] = {}
        self._known: dict[tuple[int, int, int, int], float] = {}

    def loss(self, width: int, count: int, steps: int, seed: int) -> float:
        """Mean squared error on hidden pixels of held-out images after a training.

        Args:
            width: of the encoder and the decoder.
            count: images trained on: the first ones of an order drawn with the seed.
            steps: batches.
            seed: of weights, images and masks.
        """
        if (width, count, steps, seed) not in self._known:
            training, sizes = self._network(width, seed), self._sizes
            chosen = np.random.default_rng(seed).permutation(len(self._images))[:count]
            recipe = PretrainingRecipe(steps, sizes.batch_size, sizes.learning_rate)
            pretrain(training, self._images[chosen], sizes.patch, sizes.visible, recipe, seed)
            error = reconstruct(training.model, self._held_out, sizes.patch, *self._places)[1].mean()
            self._known[width, count, steps, seed] = float(error)
        return self._known[width, count, steps, seed]

    def parameters(self, width: int) -> int:
        """Trained numbers of the network of a width, encoder and decoder."""
        return _trained_numbers(self._network(width, 0).model)

    def operations(self, width: int, steps: int) -> float:
        """Operations of a training: 6 per parameter and token, the usual estimate; attention's products are left out.

        The encoder handles visible tokens, the decoder all of them.
        """
        model = self._network(width, 0).model
        inner = _trained_numbers(model.get_layer("encoder"))
        everywhere = transformer.tokens_of(self._images.shape[1], self._sizes.patch)
        per_image = inner * self._sizes.visible + (_trained_numbers(model) - inner) * everywhere
        return float(PER_PARAMETER * per_image * steps * self._sizes.batch_size)

    def _network(self, width: int, seed: int) -> RepeatedTraining:
        if (width, seed) not in self._prepared:
            runtime.seed_everything(seed)
            sizes = self._sizes
            inner = transformer.encoder(self._images.shape[1], sizes.patch, width, sizes.depth, sizes.heads)
            network = transformer.masked_autoencoder(inner, sizes.visible, width, 1, sizes.heads)
            self._prepared[width, seed] = RepeatedTraining(network, squared_error)
        return self._prepared[width, seed]


def _trained_numbers(model) -> int:
    return sum(int(np.prod(one.shape)) for one in model.trainable_weights)


def counts_up_to(most: int, asked: Sequence[int]) -> list[int]:
    """As many numbers of images as asked for, at most ``most``; fewer images than asked for are spread by equal factors.

    Args:
        most: images there are.
        asked: numbers of images, ascending.

    Raises:
        InputError: there are too few images for as many different numbers.
    """
    if asked[-1] <= most:
        return list(asked)
    found = np.unique(np.geomspace(min(asked[0], most), most, len(asked)).round().astype(int))
    if len(found) < len(asked):
        raise InputError(f"{most} training images are too few for a scaling law over {len(asked)} numbers of images")
    return found.tolist()
