"""The classical opponent of a network that reads: count words, or short phrases, and weigh the counts."""

from __future__ import annotations

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from helpers.runtime import InputError


def phrase_model(words: int) -> Pipeline:
    """Logistic regression on how often each run of up to ``words`` neighboring words occurs; 1 is a bag of words.

    Words are what stands between blanks, so that a comma is one too.

    Raises:
        InputError: fewer than one word.
    """
    if words < 1:
        raise InputError(f"phrases of {words} words: a phrase has at least one")
    counting = CountVectorizer(ngram_range=(1, words), token_pattern=r"\S+")
    return make_pipeline(counting, LogisticRegression(C=10.0, max_iter=5000))
