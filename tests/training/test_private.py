"""A whole private training: learns, repeats itself, keeps its promise, and says what it promises."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.fit import predict_probability
from helpers.training.private import PrivateRecipe, fit_private


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def clouds(count, seed):
    """Two clouds of points two standard deviations apart."""
    generator = np.random.default_rng(seed)
    targets = np.arange(count) % 2
    points = generator.normal(size=(count, 2)) + np.where(targets[:, None], 1.0, -1.0) * [1.0, 0.0]
    return points.astype("float32"), targets


def line():
    inputs = keras.Input((2,))
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs))


RECIPE = PrivateRecipe(epsilon=1.0, epochs=4, batch_size=100, learning_rate=1.0, clip_norm=1.0, microbatch_size=50)


def trained(recipe=RECIPE, seed=0, **options):
    runtime.seed_everything(seed)
    model = line()
    return model, *fit_private(model, clouds(1000, 1), clouds(200, 2), recipe, seed=seed, **options)


@pytest.mark.notebooks
def test_learns_within_its_budget_and_states_it():
    model, history, statement = trained(unit="one point")
    points, targets = clouds(2000, 3)
    probability = predict_probability(model, points)
    auroc = np.mean(probability[targets == 1][:, None] > probability[targets == 0][None, :])
    assert auroc > 0.88  # the best line reaches the normal distribution at the root of 2: .921
    assert statement.epsilon <= 1.0 and statement.epsilon == pytest.approx(1.0, abs=0.01)
    assert (statement.steps, statement.examples, statement.delta) == (40, 1000, 1e-3)
    assert (statement.clip_norm, statement.unit) == (1.0, "one point")
    assert list(history.columns) == ["epoch", "validation_loss", "validation_auroc"]
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    # What was validated last is what is kept.
    points, targets = clouds(200, 2)
    probability = predict_probability(model, points)
    loss = -np.mean(targets * np.log(probability) + (1 - targets) * np.log(1 - probability))
    assert history["validation_loss"].iloc[-1] == pytest.approx(loss, abs=1e-6)
    auroc = np.mean(probability[targets == 1][:, None] > probability[targets == 0][None, :])
    assert history["validation_auroc"].iloc[-1] == pytest.approx(auroc, abs=1e-6)


@pytest.mark.notebooks
def test_same_seed_same_bits_and_other_seed_other_noise():
    (first, *_), (second, *_), (other, *_) = trained(seed=3), trained(seed=3), trained(seed=4)
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])
    assert np.abs(first.get_weights()[0] - other.get_weights()[0]).min() > 0


@pytest.mark.parametrize("clip_norm", [0.3, np.inf])
def test_infinite_epsilon_leaves_out_the_noise_and_nothing_else(clip_norm):
    recipe = PrivateRecipe(
        epsilon=np.inf, epochs=1, batch_size=1000, learning_rate=1.0, clip_norm=clip_norm, weight_averaging=0.0
    )
    model, _, statement = trained(recipe)
    assert statement.epsilon == np.inf and statement.noise_multiplier == 0 and statement.clip_norm == clip_norm
    runtime.seed_everything(0)
    plain = line()
    points, targets = clouds(1000, 1)
    kernel, bias = plain.get_weights()
    error = plain.predict_on_batch(points) - targets[:, None]
    lengths = np.abs(error) * np.sqrt(1 + np.sum(points**2, axis=1, keepdims=True))
    error *= np.minimum(1, clip_norm / lengths)
    assert (lengths > 0.3).mean() > 0.5  # or clipping would not show
    # One step over everybody; the schedule starts at a tenth of its peak.
    np.testing.assert_allclose(model.get_weights()[0], kernel - 0.1 * points.T @ error / 1000, atol=1e-6)
    np.testing.assert_allclose(model.get_weights()[1], bias - 0.1 * error.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (PrivateRecipe(1.0, 2, batch_size=2000), "batches of 2000 from 1000"),
        (PrivateRecipe(1.0, 0, batch_size=100), "0 epochs"),
        (PrivateRecipe(float("nan"), 2, batch_size=100), "epsilon nan"),
        (PrivateRecipe(1.0, 2, batch_size=100, weight_averaging=1.0), "averaging 1.0"),
        (PrivateRecipe(1.0, 2, batch_size=100, delta=2.0), "delta 2.0"),
        (PrivateRecipe(1.0, 2, batch_size=100, clip_norm=np.inf), "noise without clipping"),
    ],
)
def test_senseless_recipes_are_refused(recipe, message):
    with pytest.raises(InputError, match=message):
        trained(recipe)


def test_validation_needs_both_classes():
    points, _ = clouds(50, 2)
    with pytest.raises(InputError, match="one class only"):
        fit_private(line(), clouds(1000, 1), (points, np.zeros(50, dtype=int)), RECIPE, seed=0)
