"""Properties against published values; distances between distributions in closed form."""

import numpy as np
import pandas as pd
import pytest

from helpers.evaluation.molecule_properties import (
    PROPERTIES,
    admissible,
    mean_gain,
    median_gap,
    molecule_properties,
    property_distances,
)
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)


def test_properties_of_known_molecules():
    table = molecule_properties(["CC(=O)Oc1ccccc1C(=O)O", "CCO"])  # aspirin, ethanol
    assert list(table) == list(PROPERTIES)
    np.testing.assert_allclose(table["weight"], [180.159, 46.069], atol=0.01)
    # Wildman and Crippen's sums of atom contributions: ethanol is C1 + C3 + O2 + 5 H1 + H2.
    assert table["logp"][1] == pytest.approx(0.1441 - 0.2035 - 0.2893 + 5 * 0.1230 - 0.2677, abs=1e-3)
    # Bickerton et al. rate drugs near the middle of the scale or above; Ertl and Schuffenhauer rate both as easy.
    assert table["qed"].between(0, 1).all() and table["qed"][0] > table["qed"][1]
    assert table["accessibility"].between(1, 3).all()
    with pytest.raises(InputError, match="cannot read"):
        molecule_properties(["CCO", "C("])


def test_a_shifted_distribution_lies_as_far_away_as_it_was_shifted():
    real = pd.DataFrame({"logp": GENERATOR.normal(size=400), "weight": GENERATOR.normal(300, 50, size=400)})
    found = property_distances(real + [2, 30], real)
    np.testing.assert_allclose(found["distance"], [2, 30])
    np.testing.assert_allclose(found["relative"], [2, 30] / real.std(ddof=0).to_numpy())
    assert (found["distance"] > 3 * found["chance"]).all()


def test_two_samples_of_one_distribution_exceed_chance_one_time_in_twenty():
    exceeded = 0
    for seed in range(60):
        samples = [pd.DataFrame({"logp": GENERATOR.normal(size=80)}) for _ in range(2)]
        found = property_distances(*samples, resamples=100, seed=seed).loc["logp"]
        exceeded += found["distance"] > found["chance"]
    assert exceeded <= 9  # binomial, n = 60, p = 0.05: more in less than one of a thousand


def test_different_columns_or_too_few_rows_are_refused():
    table = pd.DataFrame({"logp": [1.0, 2.0]})
    for other in (table.rename(columns={"logp": "qed"}), table[:1]):
        with pytest.raises(InputError, match="same properties"):
            property_distances(table, other)


def test_gain_of_equal_spreads_is_students():
    # Three values one apart and three two higher: variance 1 each, standard error sqrt(2 / 3), 4 degrees of freedom.
    found = mean_gain([2, 3, 4], [0, 1, 2])
    half = 2.776445 * np.sqrt(2 / 3)
    np.testing.assert_allclose([found.value, found.low, found.high], [2, 2 - half, 2 + half], rtol=1e-6)
    constant = mean_gain([1, 1], [0, 0])
    assert constant.value == constant.low == constant.high == 1
    with pytest.raises(InputError, match="at least two"):
        mean_gain([1.0], [0.0, 1.0])


def test_charged_light_and_heavy_molecules_are_not_admissible():
    smiles = ["CCO", "CC[O-]", "C[N+](C)(C)CC(=O)[O-]", "C", "CCCCCCCC"]  # 46, 45, 117, 16, 114 g/mol
    assert admissible(smiles, (20, 100)).tolist() == [True, False, False, False, False]
    assert admissible(smiles, (0, 200)).tolist() == [True, False, False, True, True]
    with pytest.raises(InputError, match="cannot read"):
        admissible(["C("], (0, 100))


@pytest.mark.parametrize(
    ("smiles", "charged"),
    [
        ("C[N+](=O)[O-]", False),  # a nitro group: plus and minus on neighbors
        ("c1cc[n+]([O-])cc1", False),  # an N-oxide
        ("CN=[N+]=[N-]", False),  # an azide
        ("[O-][N+](=O)c1ccc(cc1)[N+](=O)[O-]", False),
        ("[O-][N+](=O)c1ccc(cc1)C(=O)[O-]", True),  # the minus of the acid is nobody's neighbor
        ("C[N+](C)(C)CC(=O)[O-]", True),  # a betaine is neutral as a whole, and yet two charges
        ("C[N+](C)(C)C", True),
        ("[O-][N+](=O)c1cc[nH+]cc1", True),
        ("[Na+].[Cl-]", True),
    ],
)
def test_only_neighbors_cancel_each_others_charge(smiles, charged):
    assert admissible([smiles], (0, 1000)).tolist() == [not charged]


def test_a_gap_of_medians_covers_and_is_theirs():
    found = median_gap([3.0, 4.0, 5.0], [1.0, 1.0, 1.0])
    assert found.value == 3 and (found.low, found.high) == (2, 4)
    generator, hits = np.random.default_rng(5), 0
    for seed in range(200):
        written, real = generator.normal(0.5, 1, 80), generator.normal(0, 1, 60)
        found = median_gap(written, real, resamples=300, seed=seed)
        hits += found.low <= 0.5 <= found.high
    assert 180 <= hits <= 199  # binomial: 190 expected of 200, three standard deviations are 9
    with pytest.raises(InputError, match="at least two"):
        median_gap([1.0], [1.0, 2.0])
