"""Training of heartbeat networks: which beats are used, how they count, and members that differ."""

import numpy as np
import pytest

from helpers import runtime
from helpers.models.heartbeat import heartbeat_cnn
from helpers.runtime import InputError
from helpers.training import heartbeats

RECIPE = heartbeats.HeartbeatRecipe(
    members=2, epochs=12, batch_size=4, learning_rate=1e-2, weight_decay=1e-3, weight_power=0.5, normal_every=2
)


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def build():
    return heartbeat_cnn(16, 1, 2, 3, filters=4, dense=8, dropout=0.0, channel_dropout=0.0)


def beats(count=96, seed=0):
    """Class 1 is early in its rhythm, class 2 has a large deflection."""
    generator = np.random.default_rng(seed)
    targets = np.arange(count) % 3
    trace = generator.normal(0, 0.1, (count, 16, 1)).astype("float32")
    trace[targets == 2, 8] += 2
    rhythm = generator.normal(0, 0.1, (count, 2)).astype("float32")
    rhythm[targets == 1, 0] -= 1
    return [trace, rhythm], targets


def test_normal_beats_are_thinned_and_rare_ones_are_kept():
    targets = np.array([0, 0, 1, 0, 0, 2, 0, 1])
    assert heartbeats.fewer_normal_beats(targets, 2).tolist() == [0, 2, 3, 5, 6, 7]
    assert heartbeats.fewer_normal_beats(targets, 1).tolist() == list(range(8))
    with pytest.raises(InputError, match="at least 1"):
        heartbeats.fewer_normal_beats(targets, 0)


def test_weights_go_from_beats_to_classes():
    targets = np.array([0] * 8 + [2] * 2)
    np.testing.assert_array_equal(heartbeats.rarity_weights(targets, 0), 1)
    full = heartbeats.rarity_weights(targets, 1)
    assert full[:8].sum() == pytest.approx(full[8:].sum()) == pytest.approx(5)
    half = heartbeats.rarity_weights(targets, 0.5)
    assert half[9] / half[0] == pytest.approx(2)  # four times as rare, twice the weight


def test_members_learn_and_differ():
    inputs, targets = beats()
    members = heartbeats.fit_members(build, inputs, targets, RECIPE, seed=0)
    unseen, truth = beats(seed=1)
    probability = heartbeats.mean_probability(members, unseen, batch_size=40)
    assert probability.shape == (96, 3) and probability.dtype == np.float64
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-6)
    assert np.mean(probability.argmax(axis=1) == truth) > 0.9
    alone = [heartbeats.mean_probability([member], unseen) for member in members]
    np.testing.assert_allclose(np.mean(alone, axis=0), probability, atol=1e-6)
    assert np.abs(alone[0] - alone[1]).max() > 1e-3


def test_nothing_to_train_is_refused():
    inputs, targets = beats(12)
    none = heartbeats.HeartbeatRecipe(0, 1, 4, 1e-3, 0.0, 0.0, 1)
    with pytest.raises(InputError, match="at least one"):
        heartbeats.fit_members(build, inputs, targets, none, seed=0)


def test_trees_answer_for_classes_they_never_saw():
    (trace, rhythm), targets = beats(240)
    numbers = np.hstack([trace[:, :, 0], rhythm])
    known = targets != 1
    probability = heartbeats.trees_probability(numbers[known], targets[known], numbers, 4, 20, 32, 0.25)
    assert probability.shape == (240, 4) and (probability[:, [1, 3]] == 0).all()
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert (probability.argmax(axis=1) == targets)[known].all()


def test_folds_keep_together_what_they_are_told():
    rows, owners = np.arange(60) + 100, np.repeat(np.arange(12), 5)

    def knows_them(known, asked):
        """Calls a beat 1 if a beat of its owner was learned from, else 0."""
        met = np.isin(owners[asked - 100], owners[known - 100])
        return np.column_stack([~met, met]).astype(float)

    assert (heartbeats.called_in_folds(knows_them, rows, np.arange(60)) == 1).all()
    assert (heartbeats.called_in_folds(knows_them, rows, owners) == 0).all()
