"""Fingerprints, descriptors, Delaney's formula and the table made of them, against numbers that can be worked out."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen

from helpers.data.molecular_features import (
    DESCRIPTORS,
    delaney_solubility,
    descriptors,
    distance_to_nearest,
    morgan_fingerprints,
    readable_molecules,
)
from helpers.data.molecular_table import FURTHEST, MolecularTable
from helpers.runtime import InputError


def test_a_fingerprint_has_a_bit_per_neighborhood():
    # Methane has one neighborhood; ethane's two carbons are alike, at radius 0 and at radius 1.
    counts = morgan_fingerprints(["C", "CC", "CCO"]).sum(axis=1)
    assert counts.tolist()[:2] == [1, 2] and counts[2] > 2
    prints = morgan_fingerprints(["OCC", "CCO"], bits=512)
    assert prints.shape == (2, 512) and (prints[0] == prints[1]).all()


def test_descriptors_are_what_their_names_say():
    values = dict(zip(DESCRIPTORS, descriptors(["c1ccccc1O"])[0], strict=True))
    assert values["MolWt"] == pytest.approx(94.11, abs=0.01)
    assert values["RingCount"] == values["NumHDonors"] == values["NumAromaticRings"] == 1
    assert values["HeavyAtomCount"] == 7 and values["NumRotatableBonds"] == 0


def test_delaneys_formula_on_benzene():
    # Benzene: weight 78.11, no rotatable bond, all heavy atoms aromatic.
    logp = Crippen.MolLogP(Chem.MolFromSmiles("c1ccccc1"))
    assert delaney_solubility(["c1ccccc1"])[0] == pytest.approx(0.16 - 0.63 * logp - 0.0062 * 78.114 - 0.74, abs=1e-3)
    # What is measured (the paper lists benzene at -1.64) lies within the formula's error of about one unit.
    assert abs(delaney_solubility(["c1ccccc1"])[0] - -1.64) < 1


def test_distance_to_the_nearest_known_molecule():
    assert distance_to_nearest(["CCO", "OCC"], ["CCO", "c1ccccc1"]).tolist() == [0, 0]
    far, near = distance_to_nearest(["F", "CCCO"], ["CCO"])
    assert far == 1 and 0 < near < 1
    prints = morgan_fingerprints(["CCCO", "CCO"])
    shared, either = (prints[0] & prints[1]).sum(), (prints[0] | prints[1]).sum()
    assert near == pytest.approx(1 - shared / either)


def test_unreadable_molecules_are_named_by_place():
    with pytest.raises(InputError, match="at place 1 "):
        readable_molecules(["C", "oops", "CC"])


def test_a_table_is_learned_from_the_molecules_it_is_fitted_on():
    known = np.array([[1.0, 5.0, np.nan], [3.0, 5.0, np.nan], [2.0, 5.0, 4.0]])
    prints = np.array([[0, 1, 1], [0, 1, 0], [0, 1, 1]], dtype=np.uint8)
    table = MolecularTable.fit(known, prints, bits=2)
    assert table.columns.tolist() == [0]  # the others do not vary once gaps are filled
    assert table.bits.tolist() == [1, 2]
    spread = known[:, 0].std()
    rows = table.rows(np.array([[2.0 + spread, 0.0, 0.0], [1e6, 0, 0], [np.nan, 0, 0]]), prints)
    np.testing.assert_allclose(rows, [[1, 1, 1], [FURTHEST, 1, 0], [0, 1, 1]], rtol=1e-6)
    assert rows.dtype == np.float32 and MolecularTable.fit(known, prints, bits=0).rows(known, prints).shape == (3, 1)


def test_a_table_needs_variation():
    with pytest.raises(InputError, match="no descriptor varies"):
        MolecularTable.fit(np.ones((3, 2)), np.zeros((3, 4), dtype=np.uint8), bits=2)
