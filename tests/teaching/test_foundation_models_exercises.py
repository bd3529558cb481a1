"""Checks of 13_foundation_models: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.teaching.exercises import foundation_models


def rowwise(scores):
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def right_attention(queries, keys, values):
    return rowwise(queries @ keys.T / np.sqrt(queries.shape[1])) @ values


def right_loss(patches, answers, hidden):
    return ((patches - answers) ** 2).mean(axis=2)[hidden].mean()


def spread_over_all(patches, answers, hidden):
    return np.mean((patches - answers) ** 2 * hidden[..., None])


ATTENTION, LOSS = foundation_models.check_attention, foundation_models.check_masked_loss
WRONG = [
    (ATTENTION, lambda q, k, v: rowwise(q @ k.T) @ v, "divide the products by the root"),
    (ATTENTION, lambda q, k, v: rowwise(q @ k.T / q.shape[1]) @ v, "the *root* of d"),
    (ATTENTION, lambda q, k, v: rowwise((q @ k.T / 2).T).T @ v, "along the keys"),
    (ATTENTION, lambda q, k, v: q @ k.T / 2 @ v, "the softmax is missing"),
    (ATTENTION, lambda q, k, v: rowwise(q @ k.T / 2), "multiply them by the values"),
    (ATTENTION, lambda q, k, v: v, "softmax(Q K^T / sqrt(d)) V"),
    (LOSS, lambda p, a, h: np.mean((p - a) ** 2), "the error of all patches"),
    (LOSS, lambda p, a, h: right_loss(p, a, ~h), "turn the mask around"),
    (LOSS, spread_over_all, "number of hidden pixels"),
    (LOSS, lambda p, a, h: np.sum((p - a)[h] ** 2), "this is a sum"),
    (LOSS, lambda p, a, h: np.sqrt(right_loss(p, a, h)), "no root"),
    (LOSS, lambda p, a, h: np.sum((p - a)[h] ** 2) / h.sum(), "a mean over pixels"),
    (LOSS, lambda p, a, h: np.mean(a[h] ** 2), "how far they are from the image"),
    (LOSS, lambda p, a, h: np.mean((a**2 - p**2)[h]), "squared differences where"),
    (LOSS, lambda p, a, h: np.abs(p - a)[h].mean(), "squared differences where"),
]


@pytest.mark.parametrize(("check", "function"), [(ATTENTION, right_attention), (LOSS, right_loss)])
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [ATTENTION, LOSS])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
