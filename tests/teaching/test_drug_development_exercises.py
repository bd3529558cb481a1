"""Checks of 09: right answers pass, typical wrong ones get a hint that helps, and nothing ever raises."""

import numpy as np
import pytest

from helpers.teaching.exercises import drug_development as exercises


def tanimoto(first, second):
    return np.minimum(first, second).sum() / np.maximum(first, second).sum()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda first, second: np.mean(first == second), "counts the places that agree"),
        (lambda first, second: np.sum(first & second) / first.sum(), "divides by the bits of one of them"),
        (lambda first, second: np.sum(first & second), "counts the shared bits"),
        (lambda first, second: 0.5, "wholly similar to itself"),
        (lambda first, second: first.dot(second) / (first.sum() + second.sum()), "at least one has"),
        (lambda first, second: first[99], "stopped with IndexError"),
        (lambda first, second: None, "not yet"),
    ],
)
def test_wrong_similarities(line_of, function, words):
    line = line_of(exercises.check_tanimoto, function)
    assert line.startswith("not yet: ") and words in line


def test_right_similarities(line_of):
    for function in (tanimoto, lambda a, b: np.sum((a == 1) & (b == 1)) / np.sum((a == 1) | (b == 1))):
        assert line_of(exercises.check_tanimoto, function).startswith("correct: ")


def different(written):
    return {one for one in written if one}


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda written, known: np.mean([one not in known for one in written]), "repeats and '' as well"),
        (lambda written, known: len(different(written) - known) / len(written), "divides by all texts"),
        (lambda written, known: len(set(written) - known) / len(set(written)), "counts '' as a new molecule"),
        (
            lambda written, known: np.mean([one not in known for one in written if one]),
            "counts repeated molecules again",
        ),
        (lambda written, known: written / known, "stopped with TypeError"),
    ],
)
def test_wrong_novelties(line_of, function, words):
    line = line_of(exercises.check_novelty, function)
    assert line.startswith("not yet: ") and words in line


def test_right_novelty(line_of):
    def novelty(written, known):
        return len(different(written) - known) / len(different(written))

    assert line_of(exercises.check_novelty, novelty).startswith("correct: ")


@pytest.mark.parametrize("check", [exercises.check_tanimoto, exercises.check_novelty])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
