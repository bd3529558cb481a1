"""Short clinical sentences about one finding, most with a twin: the same words in another order, the other meaning.

Radiologists state what they do *not* see, so a finding that is named is often absent: in the sentences that Chapman et
al. (2001, J Biomed Inform 34:301) took from discharge summaries, negation decides. The question here is whether a
sentence leaves room for a pneumothorax: 1 it is there or cannot be excluded, 0 it is ruled out.
"""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.splitting import group_split
from helpers.runtime import InputError

VERSION = "clinical-sentences-1"  # to be raised with every change of a sentence
DATASET_SEED = 31  # of frames and split; a constant of the dataset, never a run's seed
FINDING = "pneumothorax"
CLASS_NAMES = (f"{FINDING} ruled out", f"{FINDING} possible")

OTHERS = (
    "effusion",
    "consolidation",
    "pneumonia",
    "atelectasis",
    "fracture",
    "edema",
    "nodule",
    "cardiomegaly",
    "congestion",
    "emphysema",
    "embolism",
    "aspiration",
)
KINDS = ("small", "large", "apical", "residual", "basal", "left", "right", "tension")
BEFORE = ("", "today", "on the current film", "compared with yesterday", "after removal of the drain")
AFTER = ("", "at bedside", "in this projection", "as far as can be judged", "in the upright patient")

# Twins, by what the sentence says about the finding {p} as against another one {o}: possible, ruled out. Where there is
# an {a}, what else stands after a sentence is put there, and a finding stands far from the word that decides about it.
TWINS = (
    ("{p} {a} is seen , {o} {a} is not seen", "{o} {a} is seen , {p} {a} is not seen"),
    ("{o} {a} is not seen , {p} {a} is seen", "{p} {a} is not seen , {o} {a} is seen"),
    ("no sign {a} of {o} , {p} {a} is present", "no sign {a} of {p} , {o} {a} is present"),
    ("there is {p} , there is no {o}", "there is no {p} , there is {o}"),
    (
        "{o} {a} can be excluded but {p} {a} cannot be excluded",
        "{p} {a} can be excluded but {o} {a} cannot be excluded",
    ),
    ("{p} {a} cannot be excluded , {o} {a} can be excluded", "{p} {a} can be excluded , {o} {a} cannot be excluded"),
    ("{p} {a} persists , {o} {a} has resolved", "{o} {a} persists , {p} {a} has resolved"),
    ("{p} without {o}", "{o} without {p}"),
    ("evidence {a} of {p} but not of {o}", "evidence {a} of {o} but not of {p}"),
    ("{o} {a} has been ruled out , {p} {a} has not", "{p} {a} has been ruled out , {o} {a} has not"),
    ("{p} {a} is likely and {o} {a} is unlikely", "{o} {a} is likely and {p} {a} is unlikely"),
    ("negative {a} for {o} , positive {a} for {p}", "negative {a} for {p} , positive {a} for {o}"),
)
# Without a twin: here single words give the answer away. The finding is named with its {k}ind.
POSSIBLE = (
    "there is a {k} {p}",
    "{k} {p} cannot be excluded",
    "findings suggest {k} {p}",
    "{k} {p} is suspected",
    "new {k} {p}",
    "{k} {p} persists",
)
RULED_OUT = (
    "no evidence of {k} {p}",
    "no {k} {p}",
    "without {k} {p}",
    "{k} {p} has been ruled out",
    "{k} {p} has resolved",
    "negative for {k} {p}",
)
# Twins again, in known words but in constructions that no other sentence has.
UNFAMILIAR = (
    ("{p} , not {o}", "{o} , not {p}"),
    ("no {o} is seen but {p} is", "no {p} is seen but {o} is"),
    ("likely {p} , unlikely {o}", "likely {o} , unlikely {p}"),
    ("there is evidence of {p} , {o} has resolved", "there is evidence of {o} , {p} has resolved"),
    ("{p} is present and {o} is not present", "{o} is present and {p} is not present"),
    ("the film is positive for {p} and negative for {o}", "the film is positive for {o} and negative for {p}"),
)

SOURCE = Source(
    title="Clinical sentences",
    licence="MIT",
    citation="The medlab contributors: medlab, deep learning in medicine, one notebook at a time.",
    checksum=VERSION,
    synthetic=True,
    group="phrase",
    caveats=(
        "The sentences come from a few dozen patterns: real reports have more ways to say no, and misspell them.",
        "Three of four sentences were written so that single words cannot decide: in real reports that is rarer.",
    ),
)


def clinical_sentences(maximum: int | None = None) -> Dataset:
    """Generate the dataset ``clinical-sentences``.

    A phrase is a pattern filled with another finding (or a kind of pneumothorax) and stands in several frames ("today
    ...", "... at bedside"). Twins are one group, and so are all frames of a phrase: a phrase of the test part was never
    seen, but its pattern was, with other findings.

    Args:
        maximum: generate at most so many sentences, the same number of frames for each of the 384 phrases.

    Returns:
        ``inputs`` (n, longest) int64, a word's place in :func:`vocabulary` at each step and 0 after the last word;
        ``targets`` 1 where a pneumothorax is possible. ``truth`` holds, per sentence, ``text``, ``length`` (words),
        ``hard`` (it has a twin) and ``pair`` (number that twins share, -1 without a twin).

    Raises:
        InputError: ``maximum`` is below the number of phrases.
    """
    phrases = _phrases(TWINS) + _plain_phrases()
    frames = len(BEFORE) * len(AFTER)
    each = frames if maximum is None else min(frames, maximum // len(phrases))
    if each < 1:
        raise InputError(f"{maximum} sentences are too few: ask for at least {len(phrases)}, one for each phrase")
    return _dataset("clinical-sentences", phrases, each)


def unfamiliar_sentences(each: int = 5) -> Dataset:
    """Twins in constructions that :func:`clinical_sentences` does not have, all of their words known; all are test.

    Args:
        each: frames per phrase, 1 to 25.
    """
    phrases = _phrases(UNFAMILIAR)
    dataset = _dataset("unfamiliar-sentences", phrases, min(max(each, 1), len(BEFORE) * len(AFTER)), split=False)
    return dataset


def vocabulary() -> tuple[str, ...]:
    """Every word that occurs, at the place of its number: 0 is the padding, 1 any other word, then the alphabet."""
    patterns = [*sum(TWINS + UNFAMILIAR, ()), *POSSIBLE, *RULED_OUT, *OTHERS, *KINDS, *BEFORE, *AFTER, FINDING]
    words = {word for pattern in patterns for word in pattern.split() if "{" not in word}
    return ("", "?", *sorted(words))


def encode(texts: list[str], longest: int | None = None) -> np.ndarray:
    """Numbers of the words of each sentence, (n, longest) int64, 0 after the last word.

    Args:
        texts: words separated by blanks.
        longest: steps; None for as many as the longest of these sentences has.

    Raises:
        InputError: a sentence has no word, or more than ``longest``.
    """
    places = {word: place for place, word in enumerate(vocabulary())}
    rows = [[places.get(word, 1) for word in text.lower().split()] for text in texts]
    longest = max(map(len, rows), default=0) if longest is None else longest
    if not rows or not all(1 <= len(row) <= longest for row in rows):
        raise InputError(f"a sentence has at least one word, and here at most {longest}")
    return np.array([row + [0] * (longest - len(row)) for row in rows], dtype=np.int64)


def beginnings(text: str) -> np.ndarray:
    """Numbers of the first word, the first two words, ... of a sentence: (words, words) int64."""
    words = text.split()
    return encode([" ".join(words[:count]) for count in range(1, len(words) + 1)])


def twin_rows(dataset: Dataset) -> np.ndarray:
    """Rows of the pairs of twins whose members are both here, (pairs, 2), in the order of their numbers.

    Args:
        dataset: of :func:`clinical_sentences`, or a part of it.
    """
    pair = dataset.truth["pair"]
    number, count = np.unique(pair[pair >= 0], return_counts=True)
    rows = np.flatnonzero(np.isin(pair, number[count == 2]))
    return rows[np.argsort(pair[rows], kind="stable")].reshape(-1, 2)


def _phrases(twins: tuple[tuple[str, str], ...]) -> list[tuple[str, int, int]]:
    """(phrase, target, group) of both members of every pair, filled with every other finding."""
    filled = [(pair, other) for pair in twins for other in OTHERS]
    return [
        (pattern.format(p=FINDING, o=other, a="{a}"), target, group)
        for group, (pair, other) in enumerate(filled)
        for target, pattern in ((1, pair[0]), (0, pair[1]))
    ]


def _plain_phrases() -> list[tuple[str, int, int]]:
    """(phrase, target, -1) of every phrase without a twin."""
    return [
        (pattern.format(p=FINDING, k=kind), target, -1)
        for target, patterns in ((1, POSSIBLE), (0, RULED_OUT))
        for pattern in patterns
        for kind in KINDS
    ]


def _dataset(name: str, phrases: list[tuple[str, int, int]], each: int, split: bool = True) -> Dataset:
    frames = [(before, after) for before in BEFORE for after in AFTER]
    texts, targets, groups, pairs = [], [], [], []
    for number, (phrase, target, twins) in enumerate(phrases):
        group = len(phrases) + number if twins < 0 else twins
        # Twins share their frames: the words must be the same to the last one.
        chosen = np.random.default_rng([DATASET_SEED, group]).permutation(len(frames))[:each]
        for place in sorted(chosen):
            before, after = frames[place]
            texts.append(_sentence(before, phrase, after))
            targets.append(target)
            groups.append(group)
            pairs.append(-1 if twins < 0 else twins * len(frames) + place)
    targets, pairs = np.array(targets, dtype=np.int64), np.array(pairs, dtype=np.int64)
    groups = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    # Stratified by what kind of phrase it is, so that every part has its share of each.
    kind = np.where(pairs >= 0, 2, targets)
    parts = group_split(groups, kind, DATASET_SEED) if split else np.full(len(texts), "test", dtype="<U10")
    return Dataset(
        name=name,
        inputs=encode(texts, _longest()),
        targets=targets,
        task="binary",
        groups=groups,
        groups_known=True,
        split=parts,
        class_names=CLASS_NAMES,
        truth={
            "text": np.array(texts),
            "length": np.array([len(text.split()) for text in texts]),
            "hard": pairs >= 0,
            "pair": pairs,
        },
        source=SOURCE,
    )


def _sentence(before: str, phrase: str, after: str) -> str:
    whole = phrase.format(a=after) if "{a}" in phrase else f"{phrase} {after}"
    return " ".join(f"{before} {whole}".split())


def _longest() -> int:
    """Words of the longest sentence there is."""
    before, after = (max(frames, key=lambda frame: len(frame.split())) for frames in (BEFORE, AFTER))
    phrases = _phrases(TWINS) + _phrases(UNFAMILIAR) + _plain_phrases()
    return max(len(_sentence(before, phrase, after).split()) for phrase, _, _ in phrases)
