"""Expectations belong to columns that exist, and every one says who holds it."""

import re

import numpy as np

from helpers.data import catalog
from helpers.data.heart_columns import KEYS
from helpers.data.known_effects import HEART, known_effects


def test_every_expectation_is_of_a_column_and_has_a_source():
    assert set(HEART) < set(KEYS)
    for expectation in HEART.values():
        assert expectation.sign in (-1, 1) and expectation.reason
        assert re.search(r"\b(19|20)\d\d\b", expectation.citation)


def test_columns_are_found_by_their_names_and_others_left_out():
    names = ("highest heart rate on exertion (per minute)", "worst area", "area error", "hair color")
    found = known_effects(names)
    assert list(found) == list(names[:2])
    assert (found[names[0]].sign, found[names[1]].sign) == (-1, 1)


def test_the_tables_know_most_of_their_columns():
    wisconsin = catalog.load("wisconsin")
    expected = known_effects(wisconsin.feature_names)
    assert len(expected) == 18
    # In a table of one hospital with clear classes, what everybody expects is also seen: no sign is mistyped.
    for name, one in expected.items():
        column = wisconsin.inputs[:, wisconsin.feature_names.index(name)]
        assert np.sign(np.corrcoef(column, wisconsin.targets)[0, 1]) == one.sign
    assert len(known_effects(catalog.load("heart-phantom", maximum=400).feature_names)) == len(HEART)
