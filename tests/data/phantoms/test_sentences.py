"""Sentences with twins: equal words, opposite answers, and no phrase on two sides."""

from collections import Counter

import numpy as np
import pytest

from helpers.data.phantoms import sentences
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def reports():
    return sentences.clinical_sentences(1536)


@pytest.mark.parametrize("make", [lambda: sentences.clinical_sentences(1536), sentences.unfamiliar_sentences])
def test_twins_have_equal_words_and_opposite_answers(make):
    dataset = make()
    pairs = sentences.twin_rows(dataset)
    assert 2 * len(pairs) == dataset.truth["hard"].sum() > 100
    for one, other in pairs:
        texts = dataset.truth["text"][[one, other]]
        assert texts[0] != texts[1] and Counter(texts[0].split()) == Counter(texts[1].split())
        assert set(dataset.targets[[one, other]]) == {0, 1}
        assert dataset.groups[one] == dataset.groups[other] and dataset.split[one] == dataset.split[other]


def test_half_of_every_part_and_kind_is_positive(reports):
    for part in ("train", "validation", "test"):
        inside = reports.part(part)
        assert inside.targets[inside.truth["hard"]].mean() == 0.5
        assert 0.35 < inside.targets[~inside.truth["hard"]].mean() < 0.65
    assert len(reports) == 1536 and len(set(reports.truth["text"])) == 1536


def test_no_group_and_no_sentence_on_two_sides(reports):
    for key in (reports.groups, reports.truth["text"]):
        sides = {}
        for value, side in zip(key, reports.split, strict=True):
            sides.setdefault(value, set()).add(side)
        assert max(map(len, sides.values())) == 1


@pytest.mark.parametrize(
    ("start", "answer"),
    [
        ("no evidence of small pneumothorax", 0),
        ("small pneumothorax cannot be excluded", 1),
        ("effusion without pneumothorax", 0),
        ("pneumothorax without effusion", 1),
        ("there is no pneumothorax , there is effusion", 0),
    ],
)
def test_answers_are_those_a_reader_gives(start, answer):
    everything = sentences.clinical_sentences()
    found = [label for text, label in zip(everything.truth["text"], everything.targets, strict=True) if start in text]
    assert found and set(found) == {answer}


def test_words_become_numbers_and_back(reports):
    words = sentences.vocabulary()
    assert words[:2] == ("", "?") and len(set(words)) == len(words)
    for row, text, length in zip(reports.inputs, reports.truth["text"], reports.truth["length"], strict=True):
        assert " ".join(words[number] for number in row[:length]) == text and not row[length:].any()
    np.testing.assert_array_equal(sentences.encode(["no pneumothorax", "No zebra"])[:, 0], words.index("no"))
    assert sentences.encode(["no zebra"])[0, 1] == 1


def test_unfamiliar_sentences_have_no_new_word(reports):
    known = {word for text in sentences.clinical_sentences().truth["text"] for word in text.split()}
    unfamiliar = sentences.unfamiliar_sentences(each=25)
    assert {word for text in unfamiliar.truth["text"] for word in text.split()} <= known
    assert set(unfamiliar.split) == {"test"}
    assert not set(unfamiliar.truth["text"]) & set(sentences.clinical_sentences().truth["text"])


def test_beginnings_grow_word_by_word():
    rows = sentences.beginnings("no evidence of pneumothorax")
    np.testing.assert_array_equal((rows > 0).sum(axis=1), [1, 2, 3, 4])
    assert (rows[1:, 0] == rows[0, 0]).all()


def test_a_part_keeps_only_whole_pairs(reports):
    lonely = reports.select(np.arange(len(reports)) != sentences.twin_rows(reports)[0, 0])
    assert len(sentences.twin_rows(lonely)) == len(sentences.twin_rows(reports)) - 1


def test_same_bytes_every_time_and_bad_input(reports):
    again = sentences.clinical_sentences(1536)
    np.testing.assert_array_equal(again.inputs, reports.inputs)
    np.testing.assert_array_equal(again.split, reports.split)
    with pytest.raises(InputError, match="at least 384"):
        sentences.clinical_sentences(100)
    with pytest.raises(InputError, match="at least one word"):
        sentences.encode(["no", ""])
