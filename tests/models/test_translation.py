"""Translator and discriminator of pairs: sizes, parameters counted by hand, identity at the start, one batch learned."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models import translation
from helpers.runtime import InputError


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def pictures(seed=0, count=4):
    return np.random.default_rng(seed).normal(size=(count, 8, 8, 1)).astype("float32")


def translator():
    return translation.translator(8, (3, 5))


def judge():
    return translation.pair_discriminator(8, (3, 5))


def train(model, inputs, wanted, loss, steps):
    """The same batch over and over, in one call: tracing costs more than the steps."""
    model.compile(keras.optimizers.Adam(0.02), loss, steps_per_execution=50)
    inputs = [np.concatenate([part] * steps) for part in inputs]
    wanted = np.concatenate([wanted] * steps)
    model.fit(inputs if len(inputs) > 1 else inputs[0], wanted, batch_size=4, shuffle=False, verbose=0)


def test_parameters_counted_by_hand():
    down = (9 * 1 * 3 + 3) + (9 * 3 * 3 + 3) + (9 * 3 * 5 + 5) + (9 * 5 * 5 + 5)
    # Upward 5 to 5, then 5 and the 5 that were kept to 3; the last one reads 3 and the 3 that were kept.
    up = (16 * 5 * 5 + 5) + (16 * 10 * 3 + 3) + (9 * 6 * 1 + 1)
    assert translator().count_params() == down + up
    assert judge().count_params() == (16 * 2 * 3 + 3) + (16 * 3 * 5 + 5) + (9 * 5 * 1 + 1)


def test_starts_as_the_identity():
    np.testing.assert_array_equal(translator()(pictures()), pictures())


def test_one_logit_for_each_patch():
    assert judge()([pictures(), pictures(1)]).shape == (4, 2, 2, 1)


def test_a_patch_is_judged_by_what_lies_near():
    model = translation.pair_discriminator(32, (3, 5))
    original = np.random.default_rng(0).normal(size=(1, 32, 32, 1)).astype("float32")
    changed = original.copy()
    changed[0, :4, :4] += 1
    difference = np.abs(np.asarray(model([original, original]) - model([original, changed])))[0, :, :, 0]
    assert difference[0, 0] > 0
    assert difference[4:].max() == 0 and difference[:, 4:].max() == 0


def test_the_order_of_a_pair_matters():
    model = judge()
    assert np.abs(np.asarray(model([pictures(), pictures(1)]) - model([pictures(1), pictures()]))).max() > 1e-3


def test_translator_learns_one_batch():
    model, wanted = translator(), 0.5 * pictures() + 0.3
    train(model, [pictures()], wanted, "mse", 100)
    assert np.mean((np.asarray(model(pictures())) - wanted) ** 2) < 0.05 * np.mean((pictures() - wanted) ** 2)


def test_discriminator_learns_one_batch():
    model, wanted = judge(), np.array([0, 1, 1, 0], "float32")[:, None, None, None] * np.ones((4, 2, 2, 1), "float32")
    train(model, [pictures(), pictures(1)], wanted, keras.losses.BinaryCrossentropy(from_logits=True), 100)
    np.testing.assert_array_equal(np.asarray(model([pictures(), pictures(1)])) > 0, wanted > 0.5)


@pytest.mark.parametrize(("build", "inputs"), [(translator, 1), (judge, 2)])
def test_saved_and_loaded_answers_the_same(build, inputs, tmp_path):
    model = build()
    model.set_weights([weight + 0.1 for weight in model.get_weights()])  # or the translator would be the identity
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    given = [pictures(seed) for seed in range(inputs)]
    given = given if inputs > 1 else given[0]
    np.testing.assert_array_equal(loaded(given), model(given))


@pytest.mark.parametrize("build", [translation.translator, translation.pair_discriminator])
@pytest.mark.parametrize(("size", "filters"), [(10, (3, 5)), (2, (3, 5)), (8, ()), (8, (3, 0))])
def test_impossible_sizes_are_refused(build, size, filters):
    with pytest.raises(InputError, match="multiple"):
        build(size, filters)
