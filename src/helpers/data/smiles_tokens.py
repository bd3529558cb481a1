"""SMILES, the text form of a molecule, cut into tokens and turned into numbers.

A token is what chemistry reads as one sign: an atom in brackets with its charge and stereo center (``[C@@H]``), an element
of two letters (``Cl``), a bond, a branch, a ring closure (``1``, ``%10``). Cutting them with a regular expression
follows Schwaller et al. (2019, ACS Cent Sci 5:1572); SMILES is Weininger's (1988, J Chem Inf Comput Sci 28:31).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from helpers.runtime import InputError

PADDING, START, END = 0, 1, 2
SIGNS = ("", "<start>", "<end>")  # at the places of the three numbers above; no SMILES contains them
# Two-letter elements stand before the one-letter elements that they begin with.
TOKEN = re.compile(r"\[[^\[\]]+\]|Br|Cl|%\d\d|[BCNOPSFI]|[bcnops]|[-=#$:/\\.*()~]|\d")


def tokenize(smiles: str) -> list[str]:
    """Tokens of one SMILES; joined they are the SMILES again.

    Raises:
        InputError: a character belongs to no token.
    """
    tokens = TOKEN.findall(smiles)
    if not tokens or sum(map(len, tokens)) != len(smiles):
        raise InputError(
            f"{smiles[:40]!r} is no SMILES: it has characters that no atom, bond, branch or ring is written with"
        )
    return tokens


@dataclass(frozen=True)
class Vocabulary:
    """The tokens a network knows; a token's number is its place.

    Attributes:
        tokens: padding, start and end (:data:`SIGNS`), then the tokens in alphabetical order.
    """

    tokens: tuple[str, ...]

    @classmethod
    def build(cls, smiles: Sequence[str]) -> Vocabulary:
        """All tokens of these SMILES: those of the training part."""
        return cls((*SIGNS, *sorted({token for one in smiles for token in tokenize(one)})))

    def __len__(self) -> int:
        return len(self.tokens)

    def knows(self, smiles: str) -> bool:
        """Whether every token of a SMILES is in the vocabulary: rare atoms of held-out molecules may not be."""
        return set(tokenize(smiles)) <= set(self.tokens)

    def encode(self, smiles: Sequence[str], longest: int | None = None) -> np.ndarray:
        """Numbers of the tokens between start and end, (n, longest + 2) int32, 0 after the end.

        Args:
            smiles: of known tokens.
            longest: tokens that a SMILES may have; None for as many as the longest of these has.

        Raises:
            InputError: no SMILES, an unknown token, or more tokens than ``longest``.
        """
        places = {token: place for place, token in enumerate(self.tokens)}
        rows = [tokenize(one) for one in smiles]
        unknown = sorted({token for row in rows for token in row} - places.keys())
        if not rows or unknown:
            raise InputError(
                f"tokens {' '.join(unknown)} are not in the vocabulary: encode SMILES that it knows"
                if unknown
                else "no SMILES to encode: give at least one"
            )
        most = max(map(len, rows))
        longest = most if longest is None else longest
        if most > longest:
            raise InputError(f"a SMILES has {most} tokens and {longest} are allowed: set the longest ones aside")
        numbers = np.zeros((len(rows), longest + 2), dtype=np.int32)
        for line, row in zip(numbers, rows, strict=True):
            line[: len(row) + 2] = [START, *(places[token] for token in row), END]
        return numbers

    def decode(self, numbers: np.ndarray) -> list[str]:
        """SMILES of rows of numbers (n, steps), each read after its start and up to its first end.

        A row without an end is read to its last step: it was cut off, and reads as what it is.
        """
        texts = []
        for row in np.asarray(numbers):
            ends = np.flatnonzero(row == END)
            read = row[: ends[0]] if len(ends) else row
            texts.append("".join(self.tokens[number] for number in read if number not in (PADDING, START)))
        return texts


def lengths(numbers: np.ndarray) -> np.ndarray:
    """Steps of each encoded row that are not padding, start and end counted, (n,) int64."""
    return np.count_nonzero(numbers != PADDING, axis=1)


def randomized(smiles: Sequence[str], versions: int, seed: int) -> list[str]:
    """The same molecules written from other atoms and in other directions, ``versions`` SMILES for each.

    Whoever reads several spellings of a molecule learns what spelling is and what chemistry is (Arús-Pous et al. 2019,
    J Cheminform 11:71).

    Args:
        smiles: of valid molecules.
        versions: spellings of each molecule, at least one.
        seed: of the choice.

    Returns:
        (versions * n) SMILES: all molecules once in their order, then once more ...

    Raises:
        InputError: a SMILES is not valid.
    """
    seeds = np.random.default_rng(seed).integers(1, 2**31 - 1, size=len(smiles))
    spelled = []
    for one, own_seed in zip(smiles, seeds, strict=True):
        molecule = Chem.MolFromSmiles(one)
        if molecule is None:
            raise InputError(f"{one[:40]!r} is no valid SMILES: set unreadable molecules aside first")
        spelled.append(list(Chem.MolToRandomSmilesVect(molecule, versions, randomSeed=int(own_seed))))
    return [spellings[version] for version in range(versions) for spellings in spelled]


def spelling_passes(
    smiles: Sequence[str], vocabulary: Vocabulary, versions: int, longest: int, seed: int
) -> list[np.ndarray]:
    """Encoded molecules in ``versions`` other spellings, one array (n, longest + 2) for each pass of a training.

    Where a spelling has more than ``longest`` tokens, or one that the vocabulary lacks, the molecule keeps its own.

    Args:
        smiles: (n,) valid, of known tokens.
        vocabulary: of the training part.
        versions: passes; 0 for none.
        longest: tokens that a SMILES may have.
        seed: of the choice.
    """
    if not versions:
        return []
    spelled = randomized(smiles, versions, seed)
    passes = []
    for start in range(0, len(spelled), len(smiles)):
        kept = [
            other if len(tokenize(other)) <= longest and vocabulary.knows(other) else own
            for other, own in zip(spelled[start : start + len(smiles)], smiles, strict=True)
        ]
        passes.append(vocabulary.encode(kept, longest))
    return passes
