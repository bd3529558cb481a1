"""The molecule phantom: readable, different, the same every time, and soluble as its rule says."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen

from helpers.data import catalog
from helpers.data.canonical_smiles import canonical_smiles
from helpers.data.phantoms import molecule_fragments as fragments
from helpers.data.phantoms.molecules import NOISE, log_solubility, molecule_phantom
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def dataset():
    return catalog.load("molecule-phantom")


def test_molecules_are_canonical_and_different(dataset):
    assert len(dataset) == 1200 == len(set(dataset.inputs))
    assert (canonical_smiles(dataset.inputs) == dataset.inputs).all()
    assert dataset.task == "regression" and dataset.source.synthetic and np.isfinite(dataset.targets).all()


def test_the_first_molecules_are_always_the_same(dataset):
    few = molecule_phantom(100)
    assert (few.inputs == dataset.inputs[:100]).all()
    np.testing.assert_array_equal(few.targets, dataset.targets[:100])


def test_the_noise_is_what_it_says(dataset):
    noise = dataset.targets - dataset.truth["noiseless"]
    # The standard deviation of n normal numbers is known to about sd / sqrt(2 n): 2 % for 1,200.
    assert noise.std() == pytest.approx(NOISE, rel=0.07) and abs(noise.mean()) < 4 * NOISE / np.sqrt(1200)
    np.testing.assert_array_equal(log_solubility(dataset.inputs[:20]), dataset.truth["noiseless"][:20])


def test_solubility_follows_the_rule():
    benzene, phenol = log_solubility(["c1ccccc1", "c1ccccc1O"])
    assert phenol != benzene
    short, long = log_solubility(["CCCCO", "CCCCCCCCO"])
    assert long < short  # greasier
    # An acid and an amine in one molecule form salts: an amine that becomes an amide loses 90 degrees and finds a partner (35),
    # so what is left of the difference in logP is 0.55.
    amine, amide = "NCCCCC(=O)O", "CC(=O)NCCCCC(=O)O"
    logp = [Crippen.MolLogP(Chem.MolFromSmiles(text)) for text in (amine, amide)]
    difference = np.diff(log_solubility([amine, amide]))[0] + np.diff(logp)[0]
    assert difference == pytest.approx(0.9 - 0.35, abs=1e-9)


def test_the_split_keeps_scaffolds_whole(dataset):
    parts = [set(dataset.part(part).groups) for part in ("train", "validation", "test")]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert [len(dataset.part(part)) for part in ("train", "validation", "test")] == [960, 120, 120]


def test_every_part_can_be_bound():
    def readable(*parts):
        return Chem.MolFromSmiles(".".join(parts)) is not None

    for ring in fragments.RINGS:
        assert readable(ring, *(f"C%{place}" for place in (91, 92) if f"%{place}" in ring)), ring
    for linker in fragments.LINKERS:
        assert readable(linker, "c1%92ccccc1", "c1%93ccccc1"), linker
    for part in fragments.SUBSTITUENTS:
        assert readable(part.replace("%9N", "%91"), "c1%91ccccc1"), part


def test_numbers_that_make_no_phantom():
    for count in (59, 20_001):
        with pytest.raises(InputError, match="it makes 60 to 20,000"):
            molecule_phantom(count)
