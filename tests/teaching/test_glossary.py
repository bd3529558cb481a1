"""The glossary and the sizes of published networks are whole, and each entry can be used as it stands."""

import re

import pytest

from helpers.runtime import InputError
from helpers.teaching.glossary import glossary
from helpers.teaching.published_networks import published_networks


def test_glossary_is_complete():
    table = glossary()
    assert 40 <= len(table) <= 60
    assert table.index.is_unique and table["chinese"].is_unique
    assert (table["definition"].str.len() > 0).all()
    assert (table["definition"].str.endswith(".")).all() and table["definition"].str.len().max() <= 100
    assert table["chinese"].map(lambda words: bool(re.search(r"[\u4e00-\u9fff]", words))).all()
    assert not table["definition"].str.contains(r"[\u4e00-\u9fff]").any()


def test_one_field_is_a_part_of_the_whole():
    table = glossary()
    parts = [glossary(field) for field in table["field"].unique()]
    assert sum(len(part) for part in parts) == len(table)
    assert (glossary("decisions")["field"] == "decisions").all()
    with pytest.raises(InputError, match="no field"):
        glossary("cooking")


def test_terms_that_the_article_confuses_are_told_apart():
    table = glossary()
    assert "ill" in table.loc["sensitivity (recall)", "definition"]
    assert "healthy" in table.loc["specificity", "definition"]
    assert "Harmonic" in table.loc["F1 score", "definition"]


def test_what_is_returned_belongs_to_the_caller():
    for table in (glossary, published_networks):
        mine = table()
        mine["added"] = 0
        assert "added" not in table()


def test_every_published_size_has_a_source():
    table = published_networks()
    assert table.index.is_unique and (table["parameters"] > 1e4).all()
    assert table["source"].str.contains(r"\d{4}").all()
    stated = table["multiply_adds"].notna()
    assert (table.loc[stated, "per"].isin(["image", "token"])).all() and (table.loc[~stated, "per"] == "").all()
