"""What networks on molecules read and start from: graphs alone, or a table and a straight line beside them."""

import numpy as np
import pytest

from helpers.data.molecular_features import BASIC, BASIC_COLUMNS, DESCRIPTORS
from helpers.data.molecular_inputs import MolecularInputs
from helpers.training.property_networks import NetworkSizes, fit_fused, fit_messages
from helpers.training.property_training import PropertyRecipe

CHAINS = ["C" * length + end for length in range(1, 11) for end in ("O", "N", "F")]
LENGTH = np.repeat(np.arange(1.0, 11.0), 3)
SIZES = NetworkSizes(rounds=(8,), property_dense=8, property_dropout=0.0)


@pytest.fixture(scope="module")
def molecules():
    return MolecularInputs.of(CHAINS)


def test_basic_descriptors_are_found_by_name():
    assert tuple(DESCRIPTORS[column] for column in BASIC_COLUMNS) == BASIC


def test_far_from_everything_the_line_goes_on(molecules):
    network = fit_fused(molecules, LENGTH, "regression", SIZES, PropertyRecipe(1, 1), seed=0)
    far = MolecularInputs.of(["C" * 40 + "O"])
    assert network.line is not None and network.table is not None
    # A network that has hardly been trained adds little to the line; the line knows that length grows with weight.
    assert network.answers(far)[0, 0] > 30
    assert network.answers(far).shape == (1, 1) and network.members(far).shape == (1, 1, 1)


def test_classes_have_no_line_and_may_have_bits(molecules):
    sizes = NetworkSizes(rounds=(), property_dense=8, property_dropout=0.0, bits=5)
    long = (LENGTH > 5).astype(int)
    network = fit_fused(molecules, long, "binary", sizes, PropertyRecipe(2, 20, 16, 1e-2), seed=1)
    said = network.answers(molecules)
    assert network.line is None and len(network.table.bits) == 5
    assert said.min() >= 0 and said.max() <= 1 and said[long == 1].min() > said[long == 0].max()
    np.testing.assert_allclose(network.members(molecules).mean(axis=0), said)


def test_messages_read_graphs_alone(molecules):
    network = fit_messages(molecules, LENGTH, "regression", SIZES, PropertyRecipe(1, 20, 16, 1e-2), seed=0)
    blind = MolecularInputs(
        molecules.smiles, molecules.graphs, np.full_like(molecules.descriptors, np.nan), molecules.fingerprints * 0
    )
    assert network.table is None and network.line is None
    np.testing.assert_array_equal(network.answers(blind), network.answers(molecules))
    assert np.corrcoef(network.answers(molecules)[:, 0], LENGTH)[0, 1] > 0.9
