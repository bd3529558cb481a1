"""The vision transformer: patches and back, positions, attention by hand, and what the masked autoencoder may see."""

import keras
import numpy as np
import pytest
from scipy.special import softmax

from helpers import runtime
from helpers.models import autoencoder, transformer
from helpers.runtime import InputError
from helpers.training.repeated_training import RepeatedTraining

SIZE, PATCH, WIDTH, DEPTH, HEADS = 16, 4, 8, 2, 2
TOKENS = (SIZE // PATCH) ** 2


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def inner():
    return transformer.encoder(SIZE, PATCH, WIDTH, DEPTH, HEADS)


def pictures(count=3):
    return np.random.default_rng(0).normal(size=(count, SIZE, SIZE, 1)).astype("float32")


def test_patches_are_cut_row_by_row_and_put_back():
    image = np.arange(SIZE * SIZE, dtype="float32").reshape(1, SIZE, SIZE, 1)
    patches = np.asarray(transformer.patches_of(image, PATCH))
    assert patches.shape == (1, TOKENS, PATCH * PATCH)
    np.testing.assert_array_equal(patches[0, 1], image[0, :PATCH, PATCH : 2 * PATCH].ravel())
    np.testing.assert_array_equal(patches[0, SIZE // PATCH], image[0, PATCH : 2 * PATCH, :PATCH].ravel())
    np.testing.assert_array_equal(transformer.images_of(patches, PATCH), image)


def test_positions_by_hand():
    table = transformer.position_table(3, 8)
    assert table.shape == (9, 8)
    # Token 5 lies in row 1, column 2; the rates of four numbers are 1 and 1 / sqrt(20).
    slow = 1 / np.sqrt(20)
    angles = np.array([1, slow, 2, 2 * slow])
    expected = np.stack([np.sin(angles), np.cos(angles)], axis=1).ravel()
    np.testing.assert_allclose(table[5], expected, atol=1e-7)
    assert len(np.unique(table.round(6), axis=0)) == 9


def test_parameters_by_hand():
    attention = 4 * (WIDTH * WIDTH + WIDTH)
    dense = (WIDTH * 4 * WIDTH + 4 * WIDTH) + (4 * WIDTH * WIDTH + WIDTH)
    expected = (PATCH**2 * WIDTH + WIDTH) + TOKENS * WIDTH + DEPTH * (attention + dense + 4 * WIDTH) + 2 * WIDTH
    network = inner()
    assert network.count_params() == expected
    assert sum(int(np.prod(one.shape)) for one in network.trainable_weights) == expected - TOKENS * WIDTH


def test_tokens_are_a_set():
    """Another order of the tokens gives the same answers in that order."""
    network, patches = inner(), np.asarray(transformer.patches_of(pictures(1), PATCH))
    order = np.random.default_rng(1).permutation(TOKENS)[None].astype("int32")
    places = np.arange(TOKENS, dtype="int32")[None]
    straight = network.predict_on_batch([patches, places])
    shuffled = network.predict_on_batch([patches[:, order[0]], order])
    np.testing.assert_allclose(shuffled, straight[:, order[0]], atol=1e-5)


def test_attention_scores_by_hand():
    network = transformer.encoder(SIZE, PATCH, WIDTH, 1, HEADS)
    patches, places = np.asarray(transformer.patches_of(pictures(2), PATCH)), np.tile(np.arange(TOKENS), (2, 1))
    found = transformer.attention_scores(network, 1, patches, places)
    before = keras.Model(network.inputs, network.get_layer("normalization_1_1").output)
    tokens = before.predict_on_batch([patches, places])
    layer = network.get_layer("attention_1").weights
    query, key = (np.einsum("ntw,whd->nhtd", tokens, layer[place].numpy()) for place in (0, 2))
    expected = softmax(query @ key.transpose(0, 1, 3, 2) / np.sqrt(WIDTH // HEADS), axis=-1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_masked_autoencoder_learns_a_batch_and_moves_what_it_should():
    network = transformer.masked_autoencoder(shared := transformer.encoder(SIZE, PATCH, 32, 1, 2), 4, 32, 1, 2)
    patches = np.asarray(transformer.patches_of(pictures(2), PATCH))
    seen, hidden = np.tile(np.arange(4), (2, 1)).astype("int32"), np.tile(np.arange(4, TOKENS), (2, 1)).astype("int32")
    given, target = [patches[:, :4], seen, hidden], patches[:, 4:]
    before, frozen = shared.get_weights(), [one.numpy() for one in network.non_trainable_weights]
    training = RepeatedTraining(network, lambda answer, wanted: keras.ops.mean((answer - wanted) ** 2))
    losses = training.run(None, ((given, target) for _ in range(150)), 150, 1e-2, seed=0)
    assert losses[-1] < losses[0] / 5
    changed = [np.any(one != other) for one, other in zip(before, shared.get_weights(), strict=True)]
    assert sum(not moved for moved in changed) == 1  # where a token lies is given, not learned
    for one, other in zip(frozen, network.non_trainable_weights, strict=True):
        np.testing.assert_array_equal(one, other.numpy())


@pytest.mark.parametrize("kind", ["transformer", "convolutional"])
def test_classifier_shares_its_encoder_and_survives_saving(kind, tmp_path):
    shared = inner() if kind == "transformer" else autoencoder.wide_autoencoder(SIZE, (4, 8)).get_layer("encoder")
    network, images = transformer.classifier(shared, SIZE), pictures(5)
    assert network.predict_on_batch(images).shape == (5, 1)
    features = transformer.features_of_images(shared, SIZE).predict_on_batch(images)
    assert features.shape == (5, 16) and network.count_params() == shared.count_params() + 17
    # Zeros in the last layer: nobody is suspected before the first step.
    np.testing.assert_array_equal(network.predict_on_batch(images), 0.5)
    weights = shared.get_weights()
    shared.set_weights([one + 0.1 for one in weights])
    assert np.abs(transformer.features_of_images(shared, SIZE).predict_on_batch(images) - features).max() > 1e-3
    network.save(tmp_path / "classifier.keras")
    again = keras.saving.load_model(tmp_path / "classifier.keras", safe_mode=True)
    np.testing.assert_array_equal(again.predict_on_batch(images), network.predict_on_batch(images))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: transformer.encoder(64, 7, 8, 1, 1), "the patch divides the size"),
        (lambda: transformer.encoder(64, 64, 8, 1, 1), "at least twice"),
        (lambda: transformer.encoder(64, 8, 12, 1, 5), "heads divide the width"),
        (lambda: transformer.encoder(64, 8, 10, 1, 5), "multiple of 4"),
        (lambda: transformer.masked_autoencoder(inner(), TOKENS, 8, 1, 2), "at least one hidden"),
    ],
)
def test_bad_sizes(build, message):
    with pytest.raises(InputError, match=message):
        build()
