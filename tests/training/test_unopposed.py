"""Without an opponent the distance alone falls, and everything else is as in the game."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import translation
from helpers.runtime import InputError
from helpers.training import adversarial, unopposed

LENGTHS = {"batch_size": 4, "learning_rate": 0.01, "seed": 0}


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def pictures(count=18):
    return np.random.default_rng(0).uniform(-1, 1, size=(count, 8, 8, 1)).astype("float32")


def learned(averaging, epochs=2):
    runtime.seed_everything(0)
    translator = translation.translator(8, (3, 4))
    originals = pictures()
    unopposed.learn_without_opponent(
        translator, originals, 0.5 * originals, epochs=epochs, averaging=averaging, **LENGTHS
    )
    return translator


@pytest.mark.notebooks
def test_it_is_pix2pix_without_its_discriminator():
    """A game whose discriminator says nothing ends with the same weights: same order, optimizer, averaging."""
    runtime.seed_everything(0)
    translator, judge = translation.translator(8, (3, 4)), translation.pair_discriminator(8, (3, 4))
    judge.get_layer("logits").trainable = False
    judge.get_layer("logits").set_weights([0 * weights for weights in judge.get_layer("logits").get_weights()])
    game = adversarial.PairedTranslation(translator, judge, distance_weight=1.0)
    originals = pictures()
    adversarial.play(game, originals, 0.5 * originals, epochs=2, averaging=0.9, **LENGTHS)
    for one, other in zip(learned(0.9).get_weights(), translator.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.notebooks
def test_the_distance_falls():
    originals = pictures()
    translator = learned(0.0, epochs=40)
    after = np.abs(keras.ops.convert_to_numpy(translator(originals)) - 0.5 * originals).mean()
    assert after < 0.5 * np.abs(originals - 0.5 * originals).mean()


def test_too_few_samples_for_a_batch_are_refused():
    few = pictures(3)
    with pytest.raises(InputError, match="smaller batch"):
        unopposed.learn_without_opponent(translation.translator(8, (3, 4)), few, few, epochs=1, **LENGTHS)
