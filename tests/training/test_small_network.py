"""The small network: slopes against autodiff, learning, and what order and precision of sums change."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.small_network import BATCH, HIDDEN, STEP, small_network_logits, train_small_network


def problem(count=128):
    generator = np.random.default_rng(0)
    features = generator.normal(size=(count, 5))
    return features, (features[:, 0] * features[:, 1] > 0).astype(int)


def test_one_pass_equals_keras_in_double_precision():
    """One batch, one step: the same weights as Keras' gradient descent on the mean cross-entropy."""
    runtime.configure(0)
    features, targets = problem(BATCH)
    start = train_small_network(features, targets, seed=4, epochs=0, precision="float64")
    ours = train_small_network(features, targets, seed=4, epochs=1, precision="float64")
    inputs = keras.Input((5,), dtype="float64")
    active = keras.layers.Dense(HIDDEN, activation="relu", use_bias=False, dtype="float64")(inputs)
    chance = keras.layers.Dense(1, activation="sigmoid", use_bias=False, dtype="float64")(active)
    model = keras.Model(inputs, chance)
    model.set_weights([start[0], start[1][:, None]])
    expected = 1 / (1 + np.exp(-small_network_logits(start, features)))
    np.testing.assert_allclose(expected, np.asarray(model(features))[:, 0], rtol=0, atol=1e-12)
    model.compile(keras.optimizers.SGD(STEP), "binary_crossentropy")
    model.fit(features, targets.astype(float), batch_size=BATCH, verbose=0)
    for one, other in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other.reshape(one.shape), rtol=0, atol=1e-9)


def test_it_learns_what_no_line_can():
    features, targets = problem(512)
    weights = train_small_network(features, targets, seed=0, epochs=150)
    assert np.mean((small_network_logits(weights, features) > 0) == targets) > 0.93


def test_seeds_differ_and_repeat():
    features, targets = problem()
    one, same, other = (train_small_network(features, targets, seed=seed, epochs=3) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one[0], same[0])
    assert np.abs(one[0] - other[0]).max() > 0.1


def test_order_and_precision_of_sums_move_the_last_digits_only():
    features, targets = problem()
    plain = train_small_network(features, targets, seed=0, epochs=5)
    pieces = train_small_network(features, targets, seed=0, epochs=5, pieces=2)
    double = train_small_network(features, targets, seed=0, epochs=5, precision="float64")
    assert plain[0].dtype == pieces[0].dtype == np.float32 and double[0].dtype == np.float64
    for changed in (pieces, double):
        assert 0 < np.abs(plain[0] - changed[0]).max() < 1e-5


def test_in_double_precision_pieces_matter_even_less():
    features, targets = problem()
    one, two = (
        train_small_network(features, targets, seed=0, epochs=5, pieces=pieces, precision="float64")
        for pieces in (1, 2)
    )
    assert np.abs(one[0] - two[0]).max() < 1e-13


@pytest.mark.parametrize(
    ("count", "options"), [(BATCH - 1, {}), (BATCH, {"pieces": 0}), (BATCH, {"precision": "float16"})]
)
def test_refused(count, options):
    features, targets = problem(count)
    with pytest.raises(InputError, match="at least 32 samples"):
        train_small_network(features, targets, seed=0, epochs=1, **options)
