"""The language model of molecules: parameters by the formula, no look ahead, every weight moves, one batch by heart."""

import keras
import numpy as np
import pytest

from helpers import runtime
from helpers.models.smiles import smiles_rnn
from helpers.runtime import InputError
from helpers.training.molecule_training import token_loss

NUMBERS = np.array([[1, 3, 4, 5, 2, 0], [1, 6, 6, 2, 0, 0], [1, 5, 4, 3, 6, 2], [1, 4, 2, 0, 0, 0]])


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def build(**changes):
    return smiles_rnn(7, **({"embedding": 5, "units": (12, 8), "dropout": 0.0} | changes))


def test_parameters_are_those_of_the_formula():
    recurrences = 3 * 12 * (5 + 12 + 2) + 3 * 8 * (12 + 8 + 2)
    assert build().count_params() == 7 * 5 + recurrences + (8 + 1) * 7
    # The size that 09_drug_development trains on real molecules stays below a million.
    assert smiles_rnn(50, embedding=64, units=(512,)).count_params() < 1_000_000


def test_scores_for_every_token_after_every_step():
    assert build().predict_on_batch(NUMBERS).shape == (4, 6, 7)
    assert build().predict_on_batch(NUMBERS[:, :3]).shape == (4, 3, 7)


def test_no_score_depends_on_what_comes_later():
    model, changed = build(), NUMBERS.copy()
    changed[:, 4:] = 3
    before, after = model.predict_on_batch(NUMBERS), model.predict_on_batch(changed)
    np.testing.assert_allclose(after[:, :4], before[:, :4], atol=1e-6)
    assert np.abs(after[:, 4:] - before[:, 4:]).max() > 1e-4


def test_one_step_moves_every_weight_and_one_batch_is_learned_by_heart():
    model = build()
    model.compile(keras.optimizers.Adam(0.03), token_loss())
    before = model.get_weights()
    start = float(model.train_on_batch(NUMBERS[:, :-1], NUMBERS[:, 1:]))
    assert min(np.abs(new - old).max() for new, old in zip(model.get_weights(), before, strict=True)) > 0
    for _ in range(150):
        end = float(model.train_on_batch(NUMBERS[:, :-1], NUMBERS[:, 1:]))
    # Which of the four it is cannot be known at the start: log 4 nats over 14 tokens are left.
    assert end < np.log(4) * 4 / 14 + 0.02 < start


def test_saved_and_loaded_gives_the_same_scores(tmp_path):
    model = build()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict_on_batch(NUMBERS), model.predict_on_batch(NUMBERS))


def test_a_model_without_a_layer_is_refused():
    with pytest.raises(InputError, match="without a layer"):
        build(units=())
