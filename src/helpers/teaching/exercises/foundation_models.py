"""Checks of 13_foundation_models: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import softmax

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_attention(function: Callable) -> None:
    """Exercise 1: ``function(queries, keys, values)``, scaled dot-product attention of (tokens, numbers) arrays."""
    generator = np.random.default_rng(0)
    # Four numbers, so that the root differs from the number and from its square; other values than keys.
    queries, keys, values = generator.normal(size=(3, 4)), generator.normal(size=(5, 4)), generator.normal(size=(5, 2))
    products = queries @ keys.T
    found = attempt(function, queries.copy(), keys.copy(), values.copy())
    hint = "softmax(Q K^T / sqrt(d)) V: (queries, keys) products, divided, softmax along each row, times the values"
    if close(found, softmax(products, axis=1) @ values):
        hint = "divide the products by the root of d before the softmax: without it a few keys take all attention"
    elif close(found, softmax(products / 4, axis=1) @ values):
        hint = "divide by the *root* of d: the sum of d products varies by its root"
    elif close(found, softmax(products / 2, axis=0) @ values):
        hint = "each query's weights sum to 1: take the softmax along the keys (axis=-1), not along the queries"
    elif close(found, products / 2 @ values):
        hint = "the softmax is missing: weights are positive and sum to 1 for each query"
    elif close(found, softmax(products / 2, axis=1)):
        hint = "these are the weights: multiply them by the values"
    praise = "every query gets a mixture of values, and the mixture is its own choice"
    answer(close(found, softmax(products / 2, axis=1) @ values), praise, hint, found)


def check_masked_loss(function: Callable) -> None:
    """Exercise 2: ``function(patches, answers, hidden)``, mean squared error over the pixels of hidden patches."""
    patches, errors = np.random.default_rng(0).normal(size=(2, 4, 3)), np.ones((2, 4, 3))
    errors[:, 1], errors[:, 2] = 3.0, 2.0
    answers = patches + errors
    hidden = np.array([[False, True, True, False], [False, True, False, True]])
    # Squared errors of the hidden patches: 9, 4, 9, 1; of the visible ones 1, 1, 1, 4; of all 30 / 8.
    found = attempt(function, patches.copy(), answers.copy(), hidden.copy())
    all_hidden = attempt(function, patches.copy(), answers.copy(), np.ones_like(hidden))
    hint = "take the squared differences where `hidden` is true, and their mean"
    if close(found, 30 / 8):
        hint = "this is the error of all patches: copying the visible ones would then count as success"
    elif close(found, 7 / 4):
        hint = "this is the error of the *visible* patches: turn the mask around"
    elif close(found, 23 / 8):
        hint = "divide by the number of hidden pixels, not by that of all of them"
    elif close(found, 23) or close(found, 69):
        hint = "this is a sum: take the mean, so that the loss does not grow with the share that is hidden"
    elif close(found, 69 / 4):
        hint = "divide by the hidden pixels, which are hidden patches times pixels of a patch: a mean over pixels"
    elif close(found, np.mean(answers[hidden] ** 2)):
        hint = "this is the size of the answers: what counts is how far they are from the image"
    elif close(found, np.sqrt(23 / 4)):
        hint = "no root: the loss is the mean of the squares"
    praise = "nothing is gained by copying, only by knowing how tissue goes on"
    answer(close(found, 23 / 4) and close(all_hidden, 30 / 8), praise, hint, found, all_hidden)
