"""SMILES cut into tokens and back; numbers with start, end and padding; other spellings of the same molecules."""

import numpy as np
import pytest

from helpers.data.canonical_smiles import canonical_smiles, constitutions
from helpers.data.smiles_tokens import END, PADDING, START, Vocabulary, lengths, randomized, spelling_passes, tokenize
from helpers.runtime import InputError

ASPIRIN, CHLORIDE, ALANINE = "CC(=O)Oc1ccccc1C(=O)O", "ClCCBr", "C[C@@H](N)C(=O)[O-]"


@pytest.mark.parametrize(
    ("smiles", "tokens"),
    [
        ("ClCCBr", ["Cl", "C", "C", "Br"]),
        ("C[C@@H](N)[O-]", ["C", "[C@@H]", "(", "N", ")", "[O-]"]),
        ("C%12CC%12", ["C", "%12", "C", "C", "%12"]),
        (r"F/C=C\F", ["F", "/", "C", "=", "C", "\\", "F"]),
        ("c1cc[nH]c1", ["c", "1", "c", "c", "[nH]", "c", "1"]),
    ],
)
def test_tokens_are_what_chemistry_reads_as_one_sign(smiles, tokens):
    assert tokenize(smiles) == tokens


@pytest.mark.parametrize("text", ["", "water", "C C", "CC[", "[[C]", "CÖ", "C\n"])
def test_nonsense_is_refused_in_one_line(text):
    with pytest.raises(InputError, match="no SMILES") as caught:
        tokenize(text)
    assert "\n" not in str(caught.value)


def test_numbers_stand_for_tokens_between_start_and_end():
    vocabulary = Vocabulary.build(["CO", "ClC"])
    assert vocabulary.tokens[3:] == ("C", "Cl", "O") and len(vocabulary) == 6
    numbers = vocabulary.encode(["CO", "ClCC"])
    np.testing.assert_array_equal(numbers, [[START, 3, 5, END, PADDING], [START, 4, 3, 3, END]])
    np.testing.assert_array_equal(lengths(numbers), [4, 5])
    assert vocabulary.encode(["CO"], longest=7).shape == (1, 9)


def test_decoding_undoes_encoding_with_and_without_the_start():
    texts = [ASPIRIN, CHLORIDE, ALANINE]
    vocabulary = Vocabulary.build(texts)
    numbers = vocabulary.encode(texts)
    assert vocabulary.decode(numbers) == texts
    assert vocabulary.decode(numbers[:, 1:]) == texts


def test_a_row_is_read_to_its_first_end_or_else_to_its_last_step():
    vocabulary = Vocabulary.build(["CO"])
    assert vocabulary.decode(np.array([[3, END, 4, END], [3, 4, 3, 3], [END, 3, 3, 3]])) == ["C", "COCC", ""]


def test_unknown_and_overlong_smiles_are_refused():
    vocabulary = Vocabulary.build(["CO"])
    assert vocabulary.knows("COC") and not vocabulary.knows("CBr")
    with pytest.raises(InputError, match="Br"):
        vocabulary.encode(["CO", "CBr"])
    with pytest.raises(InputError, match="3 tokens and 2"):
        vocabulary.encode(["COC"], longest=2)
    with pytest.raises(InputError, match="no SMILES"):
        vocabulary.encode([])


def test_other_spellings_are_the_same_molecules():
    texts = [ASPIRIN, ALANINE]
    spelled = randomized(texts, 6, seed=1)
    assert len(spelled) == 12 and spelled == randomized(texts, 6, seed=1) != randomized(texts, 6, seed=2)
    assert list(canonical_smiles(spelled)) == list(canonical_smiles(texts)) * 6
    assert len(set(spelled[::2])) > 3
    with pytest.raises(InputError, match="no valid SMILES"):
        randomized(["c1ccc"], 1, seed=0)


def test_one_molecule_has_one_canonical_smiles_and_nonsense_has_none():
    assert (
        list(canonical_smiles(["OCC", "C(O)C", "C1CC", "C(C)(C)(C)(C)C", "c1cccc1", "", "??"]))
        == ["CCO"] * 2 + [""] * 5
    )


def test_mirror_images_have_one_constitution():
    mirror = ["C[C@@H](N)C(=O)O", "C[C@H](N)C(=O)O", "CC(N)C(=O)O"]
    assert len(set(canonical_smiles(mirror))) == 3
    assert len(set(constitutions(mirror))) == 1 and constitutions(["C(C"])[0] == ""


def test_passes_spell_differently_and_keep_what_does_not_fit():
    texts = [ASPIRIN, "CCO"]
    vocabulary = Vocabulary.build([*texts, *randomized(texts, 5, seed=2)])
    passes = spelling_passes(texts, vocabulary, 5, 40, seed=2)
    assert [vocabulary.decode(numbers) for numbers in passes] == [
        list(pair) for pair in zip(*[iter(randomized(texts, 5, seed=2))] * 2, strict=True)
    ]
    assert spelling_passes(texts, vocabulary, 0, 40, seed=2) == []
    # At its own length aspirin has no room for a spelling with more branches or bonds; no token of any is new.
    tight = spelling_passes(texts, vocabulary, 5, len(tokenize(ASPIRIN)), seed=2)
    spelled = [vocabulary.decode(numbers)[0] for numbers in tight]
    for one, other in zip(spelled, randomized(texts, 5, seed=2)[::2], strict=True):
        assert one == (other if len(tokenize(other)) <= len(tokenize(ASPIRIN)) else ASPIRIN)
    # From the other side a stereo center is written @, a token that alanine's own spelling lacks.
    own = Vocabulary.build([ALANINE])
    for numbers in spelling_passes([ALANINE], own, 8, 40, seed=0):
        assert set(tokenize(own.decode(numbers)[0])) <= set(own.tokens)
