"""Subgroups: values of the parts, differences by hand, adjusted p values, nothing hidden."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from helpers.data import catalog
from helpers.evaluation.intervals import metric_interval, wilson
from helpers.evaluation.subgroups import brightness_tertiles, contrast_tertiles, holm, known_properties, subgroup_table
from helpers.runtime import InputError


@pytest.fixture
def scored():
    generator = np.random.default_rng(3)
    groups = np.arange(240) // 2
    targets = (groups % 2 == 0).astype(int)
    probability = norm.cdf(generator.normal(size=240) + 2 * targets - 1)
    site = np.array(["north", "south", "east"])[groups % 3]
    return targets, probability, groups, site


def test_rows_are_the_metrics_of_the_parts(scored):
    targets, probability, groups, site = scored
    table = subgroup_table("auroc", targets, probability, groups, {"site": site})
    for word in ("east", "north", "south"):
        inside = site == word
        expected = metric_interval("auroc", targets[inside], probability[inside], groups[inside], 0.5)
        row = table.loc[("site", word)]
        assert (row["value"], row["low"], row["high"]) == pytest.approx((expected.value, expected.low, expected.high))
        assert (row["samples"], row["groups"], row["counted"], row["note"]) == (80, 40, 20, "")
        assert row["difference_low"] < row["difference"] < row["difference_high"]


def test_difference_by_hand():
    """45 of 50 against 30 of 50: Newcombe's hybrid score interval from two Wilson intervals."""
    hits = np.repeat([1, 0, 1, 0], [45, 5, 30, 20])
    table = subgroup_table("sensitivity", np.ones(100, int), hits * 1.0, None, {"half": np.repeat(["a", "b"], 50)})
    one, other = wilson(45, 50), wilson(30, 50)
    row = table.loc[("half", "a")]
    assert row["difference"] == pytest.approx(0.3)
    assert row["difference_low"] == pytest.approx(0.3 - math.hypot(0.9 - one.low, other.high - 0.6))
    assert row["difference_high"] == pytest.approx(0.3 + math.hypot(one.high - 0.9, 0.6 - other.low))
    # The same test from the other side, counted once.
    mirrored = table.loc[("half", "b")]
    assert mirrored["difference"] == pytest.approx(-0.3)
    assert row["p_value"] == pytest.approx(mirrored["p_value"], rel=1e-5)
    assert row["p_adjusted"] == pytest.approx(row["p_value"], rel=1e-5) and table.attrs["tests"] == 1


def test_p_value_is_the_level_at_which_the_interval_touches_zero(scored):
    targets, probability, groups, site = scored
    table = subgroup_table("accuracy", targets, probability, groups, {"site": site})
    p_value = table["p_value"].min()
    word = table["p_value"].idxmin()
    for factor, excluded in ((1.001, True), (0.999, False)):
        row = subgroup_table("accuracy", targets, probability, groups, {"site": site}, level=1 - p_value * factor).loc[
            word
        ]
        assert (row["difference_low"] > 0 or row["difference_high"] < 0) == excluded


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    adjusted = holm([math.nan, 0.02])
    assert math.isnan(adjusted[0]) and adjusted[1] == 0.02
    assert holm([]) == []


def test_too_few_is_shown_not_hidden(scored):
    targets, probability, groups, _ = scored
    labels = np.where(groups < 6, "rare", "common")
    table = subgroup_table("auroc", targets, probability, groups, {"kind": labels})
    rare, common = table.loc[("kind", "rare")], table.loc[("kind", "common")]
    assert rare["note"] == "too few" and math.isnan(rare["value"]) and (rare["groups"], rare["counted"]) == (6, 3)
    assert common["note"] == "" and common["value"] > 0.8
    assert math.isnan(common["p_value"]) and table.attrs["tests"] == 0


def test_sensitivity_counts_the_diseased_groups():
    targets, groups = np.repeat([1, 0], [8, 92]), np.arange(100)
    labels = np.repeat("all", 100)
    assert subgroup_table("sensitivity", targets, targets * 1.0, groups, {"x": labels})["note"].tolist() == ["too few"]
    table = subgroup_table("specificity", targets, targets * 1.0, groups, {"x": labels})
    assert table["value"].tolist() == [1.0] and table["low"].iloc[0] < 0.99


def test_missing_labels_are_a_subgroup(scored):
    targets, probability, groups, site = scored
    labels = np.where(site == "east", None, site)
    table = subgroup_table("accuracy", targets, probability, groups, {"site": labels})
    assert [word for _, word in table.index] == ["north", "south", "unknown"]
    numbers = np.where(site == "east", np.nan, 1.0)
    assert "unknown" in subgroup_table("accuracy", targets, probability, groups, {"x": numbers}).index.get_level_values(
        1
    )


@pytest.mark.notebooks
def test_a_real_difference_is_found_and_none_is_not_invented():
    """Five sites without a difference: some p below .05 in a fifth of the studies, an adjusted one in about 5 %."""
    generator = np.random.default_rng(8)
    plain, adjusted, found = 0, 0, 0
    for _ in range(150):
        site = np.arange(400) % 5
        hit = (generator.random(400) < 0.8).astype(float)
        table = subgroup_table("sensitivity", np.ones(400, int), hit, None, {"site": site})
        plain += table["p_value"].min() < 0.05
        adjusted += table["p_adjusted"].min() < 0.05
        worse = (generator.random(400) < np.where(site == 0, 0.5, 0.85)).astype(float)
        row = subgroup_table("sensitivity", np.ones(400, int), worse, None, {"site": site}).loc[("site", "0")]
        found += row["p_adjusted"] < 0.05 and row["difference"] < 0
    assert 0.10 < plain / 150 < 0.35
    assert adjusted / 150 < 0.12
    assert found / 150 > 0.9


def test_tertiles():
    images = np.repeat(np.arange(9, dtype=np.uint8) * 20, 16).reshape(9, 4, 4, 1)
    assert brightness_tertiles(images).tolist() == ["1 dark"] * 3 + ["2 middle"] * 3 + ["3 bright"] * 3
    assert set(contrast_tertiles(images)) == {"1 flat"}
    striped = images.copy()
    striped[6:, ::2] = 250
    assert contrast_tertiles(striped)[:6].tolist() == ["1 flat"] * 6
    assert set(contrast_tertiles(striped)[6:]) <= {"2 middle", "3 contrasty"}


@pytest.mark.parametrize(
    ("metric", "subgroups", "word"),
    [
        ("brier", {"x": np.zeros(4)}, "not compared"),
        ("accuracy", {}, "no subgroups"),
        ("accuracy", {"site": np.zeros(3)}, "site"),
    ],
)
def test_bad_input(metric, subgroups, word):
    with pytest.raises(InputError, match=word):
        subgroup_table(metric, [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], None, subgroups)
    with pytest.raises(InputError, match="shape"):
        brightness_tertiles(np.zeros(4))


def test_properties_are_what_the_source_says_and_never_a_name():
    data = catalog.load("tissue-phantom", maximum=40)
    known = known_properties(data)
    assert list(known) == ["site", "brightness", "contrast"]
    assert set(known["site"]) == {"1", "2"}
    kinds = replace(data, sites=None, subtype_names=("benign", "a", "b"), truth={"subtype": np.arange(len(data)) % 3})
    known = known_properties(kinds)
    assert list(known) == ["kind", "brightness", "contrast"]
    assert known["kind"][:4].tolist() == ["benign", "a", "b", "benign"]
