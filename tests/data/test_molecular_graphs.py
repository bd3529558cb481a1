"""Molecules as graphs: atoms, bonds and padding, counted on molecules that everybody can draw."""

import numpy as np
import pytest
from rdkit import Chem

from helpers.data.molecular_graphs import FEATURE_NAMES, molecular_graphs
from helpers.runtime import InputError


def feature(graphs, name):
    return graphs.atoms[:, :, FEATURE_NAMES.index(name)]


def test_a_molecule_with_three_atoms():
    graphs = molecular_graphs(["CCO"])
    np.testing.assert_array_equal(graphs.bonds[0], [[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(graphs.present, [[1, 1, 1]])
    np.testing.assert_array_equal(feature(graphs, "C"), [[1, 1, 0]])
    np.testing.assert_array_equal(feature(graphs, "O"), [[0, 0, 1]])
    np.testing.assert_array_equal(feature(graphs, "2 neighbors"), [[0, 1, 0]])
    np.testing.assert_array_equal(feature(graphs, "3 hydrogens"), [[1, 0, 0]])
    np.testing.assert_array_equal(feature(graphs, "single bonds"), [[1, 2, 1]])
    np.testing.assert_array_equal(feature(graphs, "sp3"), [[1, 1, 1]])


def test_rings_charges_and_rare_elements():
    graphs = molecular_graphs(["c1ccccc1", "[NH3+]CC(=O)[O-]", "[Se]"])
    assert feature(graphs, "in a ring of 6")[0].sum() == 6 and feature(graphs, "aromatic bonds")[0].sum() == 12
    assert feature(graphs, "positive charge")[1].sum() == feature(graphs, "negative charge")[1].sum() == 1
    assert feature(graphs, "another element")[2].sum() == 1


def test_padding_is_empty():
    graphs = molecular_graphs(["C", "CCCC"], atoms=6)
    assert graphs.atoms.shape == (2, 6, len(FEATURE_NAMES)) and graphs.bonds.shape == (2, 6, 6)
    assert graphs.present.sum(axis=1).tolist() == [1, 4]
    assert not graphs.atoms[graphs.present == 0].any() and not graphs.bonds[0].any()
    assert (graphs.bonds == graphs.bonds.transpose(0, 2, 1)).all()
    assert len(graphs.select(np.array([False, True]))) == 1
    assert set(graphs.inputs()) == {"atoms", "bonds", "present"}


def test_one_molecule_is_one_graph_however_it_is_written():
    molecule = Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")
    versions = [Chem.MolToSmiles(molecule, rootedAtAtom=start, canonical=False) for start in (0, 5, 12)]
    graphs = molecular_graphs(versions)
    rows = [sorted(map(tuple, atoms.tolist())) for atoms in graphs.atoms]
    assert len(set(versions)) == 3 and rows[0] == rows[1] == rows[2]


def test_what_cannot_be_a_graph():
    with pytest.raises(InputError, match="clean the SMILES first"):
        molecular_graphs(["CC", "nonsense"])
    with pytest.raises(InputError, match="clean the SMILES first"):
        molecular_graphs([])
    with pytest.raises(InputError, match="has 5 atoms, but there are 4 places"):
        molecular_graphs(["CCCCC"], atoms=4)
