"""Validity, uniqueness, novelty and diversity against counts by hand; every fault under its name."""

import numpy as np
import pytest

from helpers.evaluation import molecule_generation
from helpers.evaluation.molecule_generation import FAULTS
from helpers.evaluation.proportions import wilson
from helpers.runtime import InputError

METHANE, CHLORINE = "C", "ClCl"  # not one fingerprint bit in common


def test_shares_are_counts():
    # Ten texts: two unreadable, eight valid, five different, one of them known.
    molecules = ["", "", "C", "C", "C", "CC", "CO", "CO", "CN", "CF"]
    shares = molecule_generation.generation_shares(molecules, {"CC", "CCC"})
    assert shares == {"valid": wilson(8, 10), "unique": wilson(5, 8), "novel": wilson(4, 5), "useful": wilson(4, 10)}


def test_nothing_valid_leaves_the_other_shares_undefined():
    shares = molecule_generation.generation_shares(np.array(["", ""], dtype=object), [])
    assert shares["valid"].value == shares["useful"].value == 0
    assert np.isnan(shares["unique"].value) and (shares["novel"].low, shares["novel"].high) == (0, 1)
    with pytest.raises(InputError, match="nothing was written"):
        molecule_generation.generation_shares([], [])


def test_diversity_of_copies_is_zero_and_of_strangers_one():
    copies = molecule_generation.internal_diversity([METHANE] * 5)
    assert copies.value == copies.low == copies.high == 0
    assert molecule_generation.internal_diversity([METHANE, CHLORINE]).value == 1


def test_diversity_of_two_kinds_is_the_share_of_mixed_pairs():
    # 2k molecules of two kinds: k * k of k * (2k - 1) pairs are mixed, each as different as can be.
    copies = 20
    found = molecule_generation.internal_diversity([METHANE, CHLORINE] * copies)
    assert found.value == pytest.approx(copies / (2 * copies - 1))
    # One in four: 3:1 mixed pairs, and the share of a kind is uncertain, so the interval has a width.
    found = molecule_generation.internal_diversity([METHANE, METHANE, METHANE, CHLORINE] * copies)
    assert found.value == pytest.approx(3 * copies * copies / (4 * copies * (4 * copies - 1) / 2))
    assert found.low < found.value < found.high


def test_interval_of_diversity_covers_in_simulation():
    generator = np.random.default_rng(0)
    share, size, hits = 0.3, 60, 0
    for _ in range(200):
        drawn = np.where(generator.random(size) < share, METHANE, CHLORINE)
        found = molecule_generation.internal_diversity(drawn)
        hits += found.low <= 2 * share * (1 - share) <= found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_a_lonely_or_unreadable_molecule_has_no_diversity():
    with pytest.raises(InputError, match="no pair"):
        molecule_generation.internal_diversity([METHANE])
    with pytest.raises(InputError, match="cannot read"):
        molecule_generation.internal_diversity([METHANE, "C("])


CASES = {
    "": "empty",
    "CC(C": "branch left open",
    "CC)C": "branch left open",
    "C1CC": "ring left open",
    "C%10CC": "ring left open",
    "C=#C": "other spelling",
    "C(C)(C)(C)(C)C": "valence",
    "CN(C)(C)C": "valence",
    "c1cccc1": "aromatic ring",
}


@pytest.mark.parametrize(("text", "fault"), CASES.items())
def test_every_fault_has_its_name(text, fault):
    assert molecule_generation.faults([text]) == {name: int(name == fault) for name in FAULTS}


def test_faults_are_counted_and_valid_texts_are_none():
    counts = molecule_generation.faults([*CASES, "CCO", "c1ccccc1"])
    assert sum(counts.values()) == len(CASES) and counts["valence"] == 2 and list(counts) == list(FAULTS)


def test_repeats_are_foretold_from_pairs():
    # Four valid texts, two of them the same: one pair of six. Among 7 texts each has three earlier ones on average.
    assert molecule_generation.foretold_repeats(["C", "C", "CC", "CO", ""], 7).value == pytest.approx(1 / 6 * 3)
    assert molecule_generation.foretold_repeats(["C", "C", "C"], 100).value == 1
    with pytest.raises(InputError, match="have no pair"):
        molecule_generation.foretold_repeats(["C", ""], 10)


def test_no_pair_at_all_still_leaves_repeats_possible():
    # With no event seen, the upper end of a Poisson mean is minus the logarithm of 0.025.
    found = molecule_generation.foretold_repeats([f"C{number}" for number in range(1000)], 4000)
    assert found.value == found.low == 0
    assert found.high == pytest.approx(-np.log(0.025) * 3999 / (1000 * 999))


@pytest.mark.parametrize("power", [0.0, 0.8])
def test_the_interval_of_foretold_repeats_covers_whether_kinds_are_even_or_not(power):
    generator, hits, number = np.random.default_rng(0), 0, 500
    kinds = 60_000 if power == 0 else 30_000
    share = 1 / np.arange(1, kinds + 1) ** power
    share /= share.sum()
    bound = np.sum(share**2) * (number - 1) / 2
    for _ in range(200):
        drawn = generator.choice(kinds, 400, p=share).astype(str)
        found = molecule_generation.foretold_repeats(drawn, number)
        hits += found.low <= bound <= found.high
    assert hits >= 180  # 190 expected of 200; the exact interval of a small count keeps more


def test_foretold_repeats_bound_what_comes():
    generator, kinds = np.random.default_rng(0), 3000
    trial = generator.integers(0, kinds, 1000).astype(str)
    expected = 1 - kinds * (1 - (1 - 1 / kinds) ** 4000) / 4000
    assert molecule_generation.foretold_repeats(trial, 4000).low > expected
    kinds = 200_000  # where repeats are rare the bound is close
    expected = 1 - kinds * (1 - (1 - 1 / kinds) ** 4000) / 4000
    trials = [generator.integers(0, kinds, 1000).astype(str) for _ in range(100)]
    mean = np.mean([molecule_generation.foretold_repeats(trial, 4000).value for trial in trials])
    # Two or three pairs in each trial, 250 in all: known to within 6 %.
    assert mean == pytest.approx(expected, rel=0.2)


def test_a_narrower_list_has_a_diversity_gap_below_zero():
    gap = molecule_generation.diversity_gap([METHANE] * 30, [METHANE, CHLORINE] * 15)
    assert gap.difference == pytest.approx(-15 / 29) and gap.high < 0
