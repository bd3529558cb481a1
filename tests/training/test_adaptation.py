"""Fine-tuning and linear probes: the loss by hand, both classes alike, and classes that a plane separates."""

import numpy as np
import pytest

from helpers import runtime
from helpers.models import autoencoder, transformer
from helpers.training import adaptation
from helpers.training.repeated_training import RepeatedTraining

SIZE = 16


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def stripes(count=40):
    """Class 0 has horizontal stripes, class 1 vertical ones: equal histograms."""
    generator = np.random.default_rng(0)
    row = np.sign(np.sin(np.arange(SIZE) * np.pi / 2 + generator.uniform(0, 6, (count, 1))))
    images = np.repeat(row[:, None, :, None], SIZE, axis=1)
    targets = np.arange(count) % 2
    images[targets == 0] = images[targets == 0].transpose(0, 2, 1, 3)
    return (images + generator.normal(0, 0.3, images.shape)).astype("float32"), targets


def test_cross_entropy_by_hand():
    probability, target, weight = (np.array([values], "float32").T for values in ([0.9, 0.2], [1, 0], [1, 3]))
    expected = (-np.log(0.9) - 3 * np.log(0.8)) / 2
    assert float(adaptation.weighted_cross_entropy(probability, target, weight)) == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(float(adaptation.weighted_cross_entropy(np.zeros((1, 1)), np.ones((1, 1)), np.ones((1, 1)))))


def test_fine_tuning_learns_and_repeats():
    images, targets = stripes(60)
    inner = autoencoder.wide_autoencoder(SIZE, (4, 8)).get_layer("encoder")
    training = RepeatedTraining(transformer.classifier(inner, SIZE), adaptation.weighted_cross_entropy)
    recipe = adaptation.AdaptationRecipe(steps=60, batch_size=8, learning_rate=1e-2)
    start = training.model.get_weights()
    losses = adaptation.fine_tune(training, start, images[:20], targets[:20], recipe, seed=0)
    assert losses[0] == pytest.approx(np.log(2), rel=1e-5)  # one half for everybody
    scores = adaptation.scores_in_batches(training.model, images[20:])
    assert np.mean((scores > 0.5) == targets[20:]) > 0.9
    np.testing.assert_array_equal(adaptation.fine_tune(training, start, images[:20], targets[:20], recipe, 0), losses)


def test_classes_count_alike():
    """Nine of ten are healthy; a constant answer that pleases both classes is one half, so the mean score stays near it."""
    images, targets = stripes(40)
    rare = np.concatenate([np.flatnonzero(targets == 0)[:18], np.flatnonzero(targets == 1)[:2]])
    blank = np.zeros_like(images[rare])
    inner = autoencoder.wide_autoencoder(SIZE, (4,)).get_layer("encoder")
    training = RepeatedTraining(transformer.classifier(inner, SIZE), adaptation.weighted_cross_entropy)
    recipe = adaptation.AdaptationRecipe(steps=40, batch_size=20, learning_rate=5e-2)
    adaptation.fine_tune(training, training.model.get_weights(), blank, targets[rare], recipe, seed=0)
    assert adaptation.scores_in_batches(training.model, blank[:1])[0] == pytest.approx(0.5, abs=0.05)


def test_probe_finds_a_plane():
    generator = np.random.default_rng(0)
    features, targets = generator.normal(size=(200, 6)), np.arange(200) % 2
    features[:, 2] = 100 + 50 * (targets + 0.1 * features[:, 2])  # on another scale than the rest
    probe = adaptation.linear_probe(features[:100], targets[:100], strength=1.0)
    assert probe.score(features[100:], targets[100:]) == 1


def test_drawings_and_probes():
    groups, targets = np.repeat(np.arange(20), 3), np.repeat(np.arange(20) % 2, 3)
    drawn = adaptation.draw_labeled(groups, targets, 0.2, drawings=3)
    assert [len(rows) for rows in drawn] == [12, 12, 12] and len({tuple(rows) for rows in drawn}) == 3
    (everything,) = adaptation.draw_labeled(groups, targets, 1.0, drawings=3)
    assert everything.tolist() == list(range(60))
    features = targets[:, None] + np.random.default_rng(0).normal(0, 0.1, (60, 4))
    scores = adaptation.probed_scores(features, features, targets, drawn, strength=1.0)
    assert scores.shape == (3, 60) and ((scores > 0.5) == targets).all()


def test_network_keeps_both_starts():
    images, targets = stripes(40)
    inner = autoencoder.wide_autoencoder(SIZE, (4, 8)).get_layer("encoder")
    network = adaptation.AdaptableNetwork(inner, SIZE)
    inner.set_weights([weights + 0.05 for weights in inner.get_weights()])  # stands for pre-training
    network.remember()
    frozen = network.frozen_features(images)
    recipe = adaptation.AdaptationRecipe(steps=8, batch_size=8, learning_rate=1e-2)
    drawn = [np.arange(10), np.arange(10, 30)]
    random, tuned = (
        network.scores_of_drawings(start, images, targets, images[:6], drawn, recipe, seed=0)
        for start in ("random", "pretrained")
    )
    assert random.shape == (2, 6) and (random != tuned).any() and (random[0] != random[1]).any()
    # Training in between changes neither the frozen features nor where the next training starts.
    np.testing.assert_array_equal(network.frozen_features(images), frozen)
    again = network.scores_of_drawings("random", images, targets, images[:6], drawn, recipe, seed=0)
    np.testing.assert_array_equal(again, random)
    features = {"texture": [np.zeros((3, 35))]}
    assert adaptation.trained_numbers({"cnn": network}, features, "cnn_scratch") == network.classifier.count_params()
    assert adaptation.trained_numbers({"cnn": network}, features, "texture") == 36
