"""Federated averaging against closed forms: one round of full steps is a pooled step, FedProx at 0 is FedAvg."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.federated import (
    Federation,
    LocalTraining,
    average_weights,
    rounds_of_orders,
    train_federated,
)
from helpers.training.secure_aggregation import SecureAverage

FULL = {"local_epochs": 1, "batch_size": 0}
SIZES = (3, 40, 17)


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def hospitals(sizes=SIZES, features=4):
    """Sites of different size, whose patients differ."""
    generator = np.random.default_rng(1)
    sites = {}
    for number, size in enumerate(sizes):
        inputs = generator.normal(number, 1, (size, features))
        sites[f"site {number}"] = inputs, (inputs.sum(axis=1) + generator.normal(size=size) > 2 * number).astype(float)
    return sites


def pooled(sites):
    return tuple(np.concatenate(arrays) for arrays in zip(*sites.values(), strict=True))


def network(hidden=3, features=4):
    runtime.seed_everything(5)
    inputs = keras.Input((features,), dtype="float64")
    layer = keras.layers.Dense(hidden, activation="tanh", dtype="float64")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid", dtype="float64")(layer))


def linear(features=4):
    """A linear model that starts at zero: mean squared error has its steps in closed form."""
    inputs = keras.Input((features,), dtype="float64")
    answer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", dtype="float64")(inputs)
    return keras.Model(inputs, answer)


def train(model, sites, loss="binary_crossentropy", seed=0, **settings):
    history = train_federated(model, sites, Federation(**settings), loss=loss, seed=seed)
    return model.get_weights(), history


def test_mean_of_weights_counts_samples():
    sites = [
        [np.array([[1.0, 2.0]]), np.array([0.0], "float32")],
        [np.array([[5.0, -2.0]]), np.array([4.0], "float32")],
    ]
    kernel, bias = average_weights(sites, [1, 3])
    np.testing.assert_array_equal(kernel, [[4.0, -1.0]])
    np.testing.assert_array_equal(bias, [3.0])
    assert kernel.dtype == np.float64 and bias.dtype == np.float32


def test_one_round_of_one_full_step_is_a_pooled_gradient_step():
    sites, rate = hospitals(), 0.3
    found, _ = train(network(), sites, rounds=1, learning_rate=rate, **FULL)
    alone = network()
    alone.compile(keras.optimizers.SGD(rate), "binary_crossentropy")
    alone.train_on_batch(*pooled(sites))
    for ours, theirs in zip(found, alone.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-7)  # Keras' rate is a float32


def test_one_site_alone_is_ordinary_training():
    sites = {"only": hospitals()["site 1"]}
    found, history = train(network(), sites, rounds=20, learning_rate=0.5, **FULL)
    alone = network()
    alone.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    for _ in range(20):
        alone.train_on_batch(*sites["only"])
    for ours, theirs in zip(found, alone.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    np.testing.assert_array_equal(history["drift"], 0)


def test_proximal_steps_in_closed_form():
    """Squared error of a linear model: w1 = -r g(0), w2 = w1 - r (g(w1) + mu w1), because the round began at 0."""
    inputs, targets = hospitals()["site 0"]
    rate, pull = 0.02, 3.0

    def gradient(weights):
        return 2 * inputs.T @ (inputs @ weights - targets) / len(targets)

    first = -rate * gradient(np.zeros(4))
    second = first - rate * (gradient(first) + pull * first)
    settings = {"rounds": 1, "local_epochs": 2, "batch_size": 0, "learning_rate": rate, "proximal": pull}
    (found,), _ = train(linear(), {"a": (inputs, targets)}, loss="mean_squared_error", **settings)
    np.testing.assert_allclose(found[:, 0], second, rtol=1e-6)
    # The next round is drawn to where it starts, not to 0.
    third = second - rate * gradient(second)
    fourth = third - rate * (gradient(third) + pull * (third - second))
    settings["rounds"] = 2
    (found,), _ = train(linear(), {"a": (inputs, targets)}, loss="mean_squared_error", **settings)
    np.testing.assert_allclose(found[:, 0], fourth, rtol=1e-6)


def test_fedprox_without_its_term_is_fedavg_and_with_it_sites_drift_less():
    settings = {"rounds": 3, "local_epochs": 5, "batch_size": 8, "learning_rate": 0.3}
    average, plain = train(network(), hospitals(), **settings)
    zero, _ = train(network(), hospitals(), **settings, proximal=0.0)
    _, held = train(network(), hospitals(), **settings, proximal=2.0)
    for ours, theirs in zip(average, zero, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert held["drift"].iloc[0] < 0.7 * plain["drift"].iloc[0]


def test_many_rounds_of_full_steps_reach_the_pooled_least_squares():
    """With one local step FedAvg is gradient descent on all data, so it ends where the pooled solution is."""
    sites = hospitals(sizes=(30, 40, 17))
    inputs, targets = pooled(sites)
    expected = np.linalg.lstsq(inputs, targets, rcond=None)[0]
    (found,), history = train(linear(), sites, loss="mean_squared_error", rounds=600, learning_rate=0.05, **FULL)
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-4)
    assert list(history["round"]) == list(range(1, 601))


def test_the_seed_decides_the_order_of_the_samples():
    settings = {"rounds": 2, "local_epochs": 2, "batch_size": 4, "learning_rate": 0.3}
    runs = [train(network(), hospitals(), seed=seed, **settings)[0][0] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 0


def test_sites_that_train_apart_end_at_the_same_weights():
    """As over a network: every site has a network and a stream of orders of its own; only weights and counts are shared."""
    sites, seed = hospitals(), 3
    settings = Federation(rounds=4, local_epochs=2, batch_size=8, learning_rate=0.3, proximal=0.1)
    together = network()
    history = train_federated(together, sites, settings, seed=seed)
    samples = [len(targets) for _, targets in sites.values()]
    apart = [LocalTraining(network(), settings, "binary_crossentropy", seed) for _ in sites]
    streams = [rounds_of_orders(samples, settings, seed) for _ in sites]
    shared, losses = network().get_weights(), []
    for _ in range(settings.rounds):
        results = [
            local.train(shared, *data, next(stream)[place])
            for place, (local, stream, data) in enumerate(zip(apart, streams, sites.values(), strict=True))
        ]
        shared = average_weights([weights for weights, _ in results], samples)
        losses.append(np.average([loss for _, loss in results], weights=samples))
    for ours, theirs in zip(shared, together.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(losses, history["loss"])


def test_orders_take_every_sample_once_and_differ_between_rounds_and_epochs():
    settings = Federation(rounds=1, local_epochs=3)
    rounds = rounds_of_orders([5, 40], settings, seed=0)
    first, second = next(rounds), next(rounds)
    epochs = [order for orders in (first, second) for order in orders[1]]
    assert [len(orders) for orders in first] == [3, 3]
    assert all(sorted(order) == list(range(40)) for order in epochs)
    assert len({tuple(order) for order in epochs}) == 6


def test_statistics_of_batch_normalization_are_averaged_too():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.BatchNormalization(momentum=0.0)(inputs)))
    sites = {name: (values.astype("float32"), answer) for name, (values, answer) in hospitals((20, 60)).items()}
    train(model, sites, loss="mean_squared_error", rounds=1, learning_rate=1e-6, **FULL)
    means = np.stack([values.mean(axis=0) for values, _ in sites.values()])
    np.testing.assert_allclose(model.layers[1].moving_mean, np.average(means, axis=0, weights=[20, 60]), rtol=1e-5)


def test_a_blind_server_ends_at_the_same_weights():
    settings = Federation(rounds=3, local_epochs=2, batch_size=8, learning_rate=0.3)
    weights = []
    for average in (average_weights, SecureAverage(seed=4)):
        model = network()
        train_federated(model, hospitals(), settings, seed=0, average=average)
        weights.append(model.get_weights())
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-7)


def test_what_evaluate_returns_stands_in_the_history():
    def norm(model):
        return {"norm": float(np.linalg.norm(model.get_weights()[0]))}

    model = network()
    history = train_federated(model, hospitals(), Federation(rounds=2, **FULL), seed=0, evaluate=norm)
    assert list(history.columns) == ["round", "loss", "drift", "norm"]
    assert history["norm"].iloc[-1] == norm(model)["norm"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Federation(rounds=0), "at least 1"),
        (lambda: Federation(rounds=1, proximal=-1.0), "none may be negative"),
        (lambda: average_weights([], []), "0 sites"),
        (lambda: average_weights([[np.zeros(2)], [np.zeros(3)]], [1, 1]), "same network"),
        (lambda: average_weights([[np.zeros(2)]], [0]), "above 0"),
        (lambda: train_federated(linear(), {}, Federation(rounds=1), seed=0), "at least one site"),
        (
            lambda: train_federated(linear(), {"empty": (np.zeros((0, 4)), np.zeros(0))}, Federation(rounds=1), seed=0),
            "site empty: 0 samples",
        ),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(InputError, match=words):
        call()
