"""Judges against constants, and strangeness against molecules that share everything or nothing."""

import numpy as np
import pytest

from helpers.data.dataset import Dataset, Source
from helpers.evaluation.molecule_judges import judge_errors, strangeness

HEAVY_ATOMS = np.arange(1.0, 13.0)


def chains() -> Dataset:
    return Dataset(
        name="chains",
        inputs=np.array(["C" * int(length) for length in HEAVY_ATOMS], dtype=object),
        targets=HEAVY_ATOMS,
        task="regression",
        groups=np.arange(12),
        groups_known=True,
        split=np.repeat(["train", "validation", "test"], [4, 2, 6]),
        source=Source("Chains", "none", "nobody"),
    )


def test_errors_are_of_the_test_part_and_stand_beside_a_constant():
    judges = {
        "counts": lambda some: np.array([len(one) for one in some]),
        "one more": lambda some: np.arange(8.0, 14.0),
    }
    found = judge_errors(judges, chains())
    assert list(found) == ["counts", "one more", "the mean of training"]
    assert found["counts"].value == 0 and found["one more"].value == 1
    # Training holds 1 to 4, with mean 2.5; the test part 7 to 12.
    constant = np.sqrt(np.mean((np.arange(7.0, 13.0) - 2.5) ** 2))
    assert found["the mean of training"].value == pytest.approx(constant)
    assert found["the mean of training"].low < constant < found["the mean of training"].high


def test_known_molecules_are_no_strangers():
    table = strangeness({"known": ["CCO", "CCO"], "another": ["ClCl"]}, ["CCO", "c1ccccc1"])
    assert table.loc["known", "distance"] == 0 and table.loc["another", "distance"] == 1
    assert table["molecules"].tolist() == [2, 1]
    np.testing.assert_allclose(table["weight"], [46.069, 70.906], atol=0.01)
