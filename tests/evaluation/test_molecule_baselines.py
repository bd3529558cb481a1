"""Baselines on molecules: what each can know, gaps in the targets, and the random folds."""

import numpy as np
import pytest

from helpers.data.molecular_features import delaney_solubility
from helpers.data.molecular_inputs import MolecularInputs
from helpers.evaluation import molecule_baselines
from helpers.runtime import InputError

CHAINS = [f"{'C' * length}{end}" for length in range(1, 16) for end in ("O", "N", "Cl", "F")]
HAS_OXYGEN = np.array([end == "O" for _ in range(1, 16) for end in ("O", "N", "Cl", "F")]).astype(float)
LENGTH = np.repeat(np.arange(1.0, 16.0), 4)
SIZES = {"trees": 30, "rounds": 15, "seed": 0}


@pytest.fixture(scope="module")
def molecules():
    return MolecularInputs.of(CHAINS)


def test_three_views_belong_together(molecules):
    some = molecules.select(np.array([3, 0]))
    assert some.smiles.tolist() == ["CF", "CO"] and len(some) == 2 and len(molecules) == 60
    again = MolecularInputs.of(["CF", "CO"])
    np.testing.assert_array_equal(some.descriptors, again.descriptors)
    np.testing.assert_array_equal(some.fingerprints, again.fingerprints)


def test_each_learns_what_it_sees(molecules):
    known, asked = np.arange(60) % 5 != 0, np.arange(60) % 5 == 0
    answers = molecule_baselines.baseline_answers(
        molecules.select(known), LENGTH[known], molecules.select(asked), "regression", **SIZES, solubility=True
    )
    assert set(answers) == set(molecule_baselines.BASELINES)
    assert all(said.shape == (12, 1) for said in answers.values())
    assert np.ptp(answers["mean"]) == 0 and answers["mean"][0, 0] == pytest.approx(LENGTH[known].mean())
    np.testing.assert_allclose(answers["formula"][:, 0], delaney_solubility(molecules.select(asked).smiles))
    # Descriptors count atoms, so boosting finds much of the length of a chain; the mean misses it by its whole spread.
    errors = {key: np.sqrt(np.mean((answers[key][:, 0] - LENGTH[asked]) ** 2)) for key in ("mean", "boosting")}
    assert errors["boosting"] < 0.7 * errors["mean"]


def test_classes_are_learned_from_measured_molecules_only(molecules):
    targets = np.stack([HAS_OXYGEN, HAS_OXYGEN], axis=1)
    targets[:20, 1] = np.nan
    wrong = targets.copy()
    wrong[:20, 1] = 1 - HAS_OXYGEN[:20]  # if these counted, the second property would be another one
    for said in (
        molecule_baselines.forest_answers(molecules.fingerprints, targets, molecules.fingerprints, "multilabel", 30, 0),
        molecule_baselines.boosting_answers(molecules.descriptors, targets, molecules.descriptors, "multilabel", 15, 0),
    ):
        assert said.shape == (60, 2) and said.min() >= 0 and said.max() <= 1
        assert (said[HAS_OXYGEN == 1].min(axis=0) > said[HAS_OXYGEN == 0].max(axis=0)).all()
    np.testing.assert_allclose(molecule_baselines.mean_answers(targets, 2), [[0.25, 0.25]] * 2)


def test_one_class_is_no_question(molecules):
    with pytest.raises(InputError, match="one class"):
        molecule_baselines.forest_answers(molecules.fingerprints, np.ones(60), molecules.fingerprints, "binary", 5, 0)


def test_random_folds_answer_for_everybody_without_having_seen_them(molecules):
    noise = np.random.default_rng(0).normal(size=60)  # nothing can be learned, so nothing may be foretold
    mixed = molecule_baselines.random_fold_answers(molecules, noise, "regression", 3, **SIZES)
    assert set(mixed) == {"forest", "boosting"} and mixed["forest"].shape == (60, 1)
    assert np.corrcoef(mixed["forest"][:, 0], noise)[0, 1] < 0.4
    learned = molecule_baselines.random_fold_answers(molecules, LENGTH, "regression", 3, **SIZES)
    # Forty molecules allow boosting only coarse steps, but the steps go up.
    assert np.corrcoef(learned["boosting"][:, 0], LENGTH)[0, 1] > 0.7
