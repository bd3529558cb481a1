"""Masking and masked autoencoders: what is hidden stays hidden, and the loss is that of hidden pixels."""

import numpy as np
import pytest

from helpers import runtime
from helpers.models import autoencoder, transformer
from helpers.runtime import InputError
from helpers.training import pretraining
from helpers.training.repeated_training import RepeatedTraining

SIZE, PATCH, VISIBLE = 16, 4, 4
TOKENS = (SIZE // PATCH) ** 2
RECIPE = pretraining.PretrainingRecipe(steps=120, batch_size=16, learning_rate=1e-2)


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def waves(count=32):
    """Pictures of which any patch tells the rest: one wave, as long as a patch, at any phase."""
    phase = np.random.default_rng(0).uniform(0, 2 * np.pi, (count, 1))
    row = np.sin(2 * np.pi * np.arange(SIZE) / PATCH + phase)
    return np.repeat(row[:, None, :, None], SIZE, axis=1).astype("float32")


def masked(network_of=transformer.masked_autoencoder):
    return network_of(transformer.encoder(SIZE, PATCH, 16, 1, 2), VISIBLE, 16, 1, 2)


def test_places_are_a_partition_and_differ():
    seen, hidden = pretraining.draw_places(50, TOKENS, VISIBLE, seed=0)
    assert seen.shape == (50, VISIBLE) and hidden.dtype == np.int32
    np.testing.assert_array_equal(np.sort(np.concatenate([seen, hidden], axis=1), axis=1), [np.arange(TOKENS)] * 50)
    assert len(np.unique(np.sort(seen, axis=1), axis=0)) > 40
    share = np.bincount(pretraining.draw_places(4000, TOKENS, VISIBLE, seed=1)[0].ravel()) / 4000
    np.testing.assert_allclose(share, VISIBLE / TOKENS, atol=0.03)
    with pytest.raises(InputError, match="at least one hidden"):
        pretraining.draw_places(1, TOKENS, TOKENS, seed=0)


def test_hidden_pixels_and_their_error():
    mask = pretraining.hidden_pixels(np.array([[1, 6]]), TOKENS, PATCH)
    expected = np.zeros((1, SIZE, SIZE, 1))
    expected[0, :4, 4:8] = expected[0, 4:8, 8:12] = 1
    np.testing.assert_array_equal(mask, expected)
    answer, target = np.zeros((1, SIZE, SIZE, 1), "float32"), np.full((1, SIZE, SIZE, 1), 3, "float32")
    target[0, 8:] = 100  # visible, so it does not count
    assert float(pretraining.hidden_error(answer, target, mask)) == pytest.approx(9)


def test_batches_hold_what_they_say():
    images, few = waves(), pretraining.PretrainingRecipe(3, 5, 1e-3)
    (patches, seen, hidden), target = next(pretraining.masked_batches(images, PATCH, VISIBLE, few, seed=0))
    assert patches.shape == (5, VISIBLE, 16) and target.shape == (5, TOKENS - VISIBLE, 16) and hidden.shape == (5, 12)
    grayed, whole, mask = next(pretraining.grayed_batches(images, PATCH, VISIBLE, few, seed=0))
    # One seed hides the same places of the same images from both networks.
    np.testing.assert_array_equal(pretraining.hidden_pixels(hidden, TOKENS, PATCH), mask)
    np.testing.assert_array_equal(pretraining.at(np.asarray(transformer.patches_of(whole, PATCH)), hidden), target)
    assert np.all(grayed[mask == 1] == 0) and np.all(grayed[mask == 0] == whole[mask == 0])


def test_hidden_pixels_do_not_reach_the_answer():
    network, images = masked(), waves(4)
    seen, hidden = pretraining.draw_places(4, TOKENS, VISIBLE, seed=0)
    answer, error = pretraining.reconstruct(network, images, PATCH, seen, hidden)
    mask = pretraining.hidden_pixels(hidden, TOKENS, PATCH)
    other, other_error = pretraining.reconstruct(network, images + 7 * mask, PATCH, seen, hidden)
    np.testing.assert_array_equal(other, answer)
    np.testing.assert_array_equal(answer[mask == 0], images[mask == 0])
    by_hand = [np.mean((answer[row] - images[row])[mask[row] == 1] ** 2) for row in range(4)]
    np.testing.assert_allclose(error, by_hand, rtol=1e-5)
    assert (other_error > error).all()


@pytest.mark.notebooks
def test_both_learn_to_continue_a_wave():
    """The mean picture has the variance as its error; a network that looks at the visible part does far better."""
    images, unseen = waves(64), waves(96)[64:]
    training = RepeatedTraining(masked(), pretraining.squared_error)
    pretraining.pretrain(training, images, PATCH, VISIBLE, RECIPE, seed=0)
    seen, hidden = pretraining.draw_places(len(unseen), TOKENS, VISIBLE, seed=1)
    error = pretraining.reconstruct(training.model, unseen, PATCH, seen, hidden)[1].mean()
    assert error < unseen.var() / 2
    rival = RepeatedTraining(autoencoder.wide_autoencoder(SIZE, (8, 16)), pretraining.hidden_error)
    pretraining.pretrain_convolutional(rival, images, PATCH, VISIBLE, RECIPE, seed=0)
    mask = pretraining.hidden_pixels(hidden, TOKENS, PATCH)
    filled, error = pretraining.reconstruct_convolutional(rival.model, unseen, mask)
    assert error.mean() < unseen.var() / 2
    np.testing.assert_array_equal(filled[mask == 0], unseen[mask == 0])
    by_hand = [np.mean((filled[row] - unseen[row])[mask[row] == 1] ** 2) for row in range(3)]
    np.testing.assert_allclose(error[:3], by_hand, rtol=1e-4)
