"""Recurrent networks: shapes, parameter counts by the formulas of their cells, and weights that move where they should."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import rnn
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def beat(**changes):
    return rnn.heartbeat_rnn(12, 4, 3, 3, **({"units": 6, "dense": 5, "dropout": 0.0} | changes))


def inputs(count=6, seed=0):
    generator = np.random.default_rng(seed)
    return [generator.normal(size=(count, *shape)).astype("float32") for shape in ((12, 4), (3,))]


SERIES = np.random.default_rng(1).normal(size=(6, 10, 1)).astype("float32")
SENTENCES = np.random.default_rng(2).integers(1, 20, size=(6, 9))
CASES = {
    "heartbeat": (beat, inputs(), np.arange(6) % 3, "sparse_categorical_crossentropy"),
    "forecaster": (lambda: rnn.forecaster_rnn(10, units=6), SERIES, np.linspace(-1, 1, 6), "mse"),
    "sentence": (lambda: rnn.sentence_rnn(20, embedding=4, units=6, dropout=0.0), SENTENCES, np.arange(6) % 2, "bce"),
}


@pytest.mark.parametrize(
    ("cell", "recurrent"), [("simple", 6 * (4 + 6 + 1)), ("gru", 3 * 6 * (4 + 6 + 2)), ("lstm", 4 * 6 * (4 + 6 + 1))]
)
def test_parameters_are_those_of_the_formulas(cell, recurrent):
    head = (6 + 3 + 1) * 5 + (5 + 1) * 3
    assert beat(cell=cell).count_params() == recurrent + head
    sentence = rnn.sentence_rnn(20, cell=cell, embedding=4, units=6)
    assert sentence.count_params() == 20 * 4 + recurrent + 6 + 1


def test_shapes_and_ranges():
    answers = beat().predict_on_batch(inputs())
    assert answers.shape == (6, 3)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)
    probability = CASES["sentence"][0]().predict_on_batch(SENTENCES)
    assert probability.shape == (6, 1) and 0 < probability.min() < probability.max() < 1


def test_an_untrained_forecast_is_the_last_value():
    forecast = rnn.forecaster_rnn(10).predict_on_batch(SERIES)
    np.testing.assert_array_equal(forecast[:, 0], SERIES[:, -1, 0])


def test_padding_changes_no_answer():
    model = CASES["sentence"][0]()
    padded = np.pad(SENTENCES, [(0, 0), (0, 5)])
    np.testing.assert_allclose(model.predict_on_batch(padded), model.predict_on_batch(SENTENCES), atol=1e-6)
    changed = SENTENCES.copy()
    changed[:, -1] = changed[:, -1] % 19 + 1
    assert np.abs(model.predict_on_batch(changed) - model.predict_on_batch(SENTENCES)).max() > 1e-5


@pytest.mark.parametrize("case", CASES)
def test_one_step_moves_every_weight_and_one_batch_is_learned_by_heart(case):
    build, given, truth, loss = CASES[case]
    model = build()
    if case == "forecaster":
        # Its head starts at zero and hides the body from the first gradient.
        head = model.get_layer("change")
        head.set_weights([np.full_like(weights, 0.1) for weights in head.get_weights()])
    model.compile(keras.optimizers.Adam(0.03), loss)
    before = model.get_weights()
    start = float(model.train_on_batch(given, truth))
    moved = [np.abs(new - old).max() for new, old in zip(model.get_weights(), before, strict=True)]
    assert min(moved) > 0
    for _ in range(120):
        end = float(model.train_on_batch(given, truth))
    assert end < 0.05 < start


def test_a_frozen_body_stays_and_the_head_moves():
    model = beat()
    model.get_layer("recurrence").trainable = False
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    before = {layer.name: layer.get_weights() for layer in model.layers if layer.weights}
    model.train_on_batch(inputs(), np.arange(6) % 3)
    for name, old in before.items():
        moved = [np.abs(new - one).max() for new, one in zip(model.get_layer(name).get_weights(), old, strict=True)]
        assert max(moved) == 0 if name == "recurrence" else min(moved) > 0


@pytest.mark.parametrize("case", CASES)
def test_saved_and_loaded_gives_the_same_numbers(case, tmp_path):
    build, given, _, _ = CASES[case]
    model = build()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict_on_batch(given), model.predict_on_batch(given))


def test_bad_input():
    with pytest.raises(InputError, match="simple, gru, lstm"):
        rnn.forecaster_rnn(10, cell="elman")
    with pytest.raises(InputError, match="at least two"):
        rnn.heartbeat_rnn(12, 4, 3, 1)
