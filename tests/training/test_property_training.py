"""Ensembles on molecules: batches, the loss where not everything was measured, and learning what can be learned."""

import keras
import numpy as np
import pytest

from helpers.data.molecular_graphs import FEATURE_NAMES, molecular_graphs
from helpers.models.graph import graph_network
from helpers.runtime import InputError
from helpers.training.property_training import (
    MoleculeBatches,
    PropertyRecipe,
    fit_ensemble,
    measured_cross_entropy,
    trimmed,
)

CHAINS = ["C" * length + end for length in range(1, 13) for end in ("", "O", "N", "Cl")]
LENGTHS = np.array([float(len(chain.replace("Cl", "X"))) for chain in CHAINS])


def build(task="regression", targets=1):
    return lambda: graph_network(len(FEATURE_NAMES), task, targets, units=(8,), dense=16, dropout=0.0)


@pytest.fixture(scope="module")
def inputs():
    return molecular_graphs(CHAINS, atoms=20).inputs()


def test_every_molecule_comes_once_and_padding_is_cut(inputs):
    batches = MoleculeBatches(inputs, LENGTHS[:, None], batch_size=7, seed=1)
    first = list(batches)
    assert len(first) == len(batches)
    assert sorted(np.concatenate([targets[:, 0] for _, targets in first])) == sorted(LENGTHS)
    for given, targets in first:
        most = int(targets.max())
        assert given["atoms"].shape[1] == given["present"].shape[1] == most and given["bonds"].shape[1:] == (most, most)
        np.testing.assert_array_equal(given["present"].sum(axis=1), targets[:, 0])  # inputs and targets belong together
    assert [targets.tolist() for _, targets in batches] != [targets.tolist() for _, targets in first]


def test_a_stream_takes_batches_of_every_size(inputs):
    # Two small molecules first, then larger ones: shapes guessed from the first batches would refuse the rest.
    batches = MoleculeBatches(inputs, LENGTHS[:, None].astype("float32"), batch_size=1, seed=0)
    sizes = [int(given["atoms"].shape[1]) for given, _ in batches.stream()]
    assert sorted(sizes) == sorted(LENGTHS.astype(int)) and batches.stream().cardinality() == len(CHAINS)


def test_trimming_keeps_the_table(inputs):
    some = trimmed({**inputs, "table": np.arange(len(CHAINS))[:, None]}, np.array([0, 2]))
    assert some["table"].tolist() == [[0], [2]] and some["atoms"].shape[1] == 2


def test_cells_that_were_not_measured_do_not_count():
    targets = np.array([[1.0, np.nan], [0.0, 1.0]], "float32")
    probabilities = np.array([[0.5, 0.01], [0.25, 0.5]], "float32")
    expected = -np.mean([np.log(0.5), np.log(0.75), np.log(0.5)])
    assert float(measured_cross_entropy(targets, probabilities)) == pytest.approx(expected, rel=1e-5)
    nothing = np.full((2, 2), np.nan, "float32")
    assert float(measured_cross_entropy(nothing, probabilities)) == 0


def test_an_ensemble_learns_to_count_atoms(inputs):
    recipe = PropertyRecipe(members=2, property_epochs=60, property_batch_size=16, property_learning_rate=1e-2)
    ensemble, losses = fit_ensemble(build(), inputs, LENGTHS, "regression", recipe, seed=0)
    answers = ensemble.answers(inputs)
    assert answers.shape == (2, len(CHAINS), 1) and losses.shape == (2, 60)
    # Within half an atom, in the units of the targets, although training standardizes them.
    assert np.sqrt(np.mean((answers.mean(axis=0)[:, 0] - LENGTHS) ** 2)) < 0.5
    assert (answers[0] != answers[1]).any()


def test_equal_seeds_give_equal_networks(inputs):
    recipe = PropertyRecipe(members=1, property_epochs=2)
    answers = [
        fit_ensemble(build("binary"), inputs, LENGTHS > 6, "binary", recipe, seed=seed)[0].answers(inputs)
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(answers[0], answers[1])
    assert (answers[0] != answers[2]).any()


def test_gaps_in_several_targets(inputs):
    targets = np.stack([LENGTHS > 6, LENGTHS % 2], axis=1).astype(float)
    targets[::3, 1] = np.nan
    recipe = PropertyRecipe(members=1, property_epochs=40, property_learning_rate=1e-2, property_batch_size=16)
    ensemble, losses = fit_ensemble(build("multilabel", 2), inputs, targets, "multilabel", recipe, seed=0)
    assert np.isfinite(losses).all() and losses[0, -1] < losses[0, 0]
    longer = ensemble.answers(inputs)[0, :, 0]
    assert longer[LENGTHS > 8].min() > longer[LENGTHS < 4].max()


def test_answers_keep_the_order_of_the_rows(inputs):
    network = build()()
    ensemble, _ = fit_ensemble(lambda: network, inputs, LENGTHS, "regression", PropertyRecipe(1, 1), seed=0)
    whole = ensemble.answers(inputs, batch_size=5)
    alone = ensemble.answers({name: values[[17]] for name, values in inputs.items()})
    np.testing.assert_allclose(whole[:, [17]], alone, atol=1e-5)
    assert isinstance(network, keras.Model)


def test_empty_recipes():
    for recipe in (PropertyRecipe(0, 5), PropertyRecipe(2, 0)):
        with pytest.raises(InputError, match="needs at least one of each"):
            fit_ensemble(build(), {}, LENGTHS, "regression", recipe, seed=0)
