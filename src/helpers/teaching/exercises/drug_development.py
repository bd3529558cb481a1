"""Checks of 09_drug_development: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_tanimoto(function: Callable) -> None:
    """Exercise 1: ``function(first, second)`` is the Tanimoto similarity of two fingerprints of 0 and 1."""
    first, second = np.array([1, 1, 1, 0, 0, 0, 0]), np.array([0, 1, 1, 1, 0, 0, 0])
    found, alike = attempt(function, first, second), attempt(function, first, first)
    # As bytes: sums of large fingerprints must not run over.
    many = np.ones(600, dtype=np.uint8)
    long = attempt(function, many, many)
    hint = "bits that both have, divided by bits that at least one has"
    if close(found, 5 / 7):
        hint = "this counts the places that agree, empty ones too; two small molecules would be alike because of what both lack"
    elif close(found, 2 / 3):
        hint = "this divides by the bits of one of them; divide by the bits that at least one has"
    elif close(found, 2.0):
        hint = "this counts the shared bits; divide by the bits that at least one has"
    elif close(found, 0.5):
        hint = "right for two, but a fingerprint must be wholly similar to itself, also a long one of bytes"
    praise = "two shared bits of four give one half, and every molecule is like itself"
    answer(close(found, 0.5) and close(alike, 1.0) and close(long, 1.0), praise, hint, found, alike, long)


def check_novelty(function: Callable) -> None:
    """Exercise 2: ``function(written, known)`` is the share of new ones among the different molecules that were written."""
    written = ["CCO", "CCO", "CCO", "CCN", "", "CCC", "", "CCCl"]
    known = {"CCC", "C"}
    # Different molecules: CCO, CCN, CCC, CCCl; new among them: all but CCC.
    found = attempt(function, written, known)
    hint = (
        "keep the different molecules (a set), leave out what is no molecule (''), and count those that are not known"
    )
    if close(found, 7 / 8):
        hint = "this counts every text: repeats and '' as well; keep the different molecules first"
    elif close(found, 3 / 8):
        hint = "this divides by all texts; divide by the different molecules"
    elif close(found, 4 / 5):
        hint = "this counts '' as a new molecule; '' means that the text is none"
    elif close(found, 5 / 6):
        hint = "this counts repeated molecules again; count each different one once"
    praise = "three of the four different molecules are new; repeats and rubbish do not count"
    answer(close(found, 3 / 4), praise, hint, found)
