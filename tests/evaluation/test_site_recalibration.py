"""A model away from home: a shifted share and a wrong spread are repaired, and only from other patients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from helpers.evaluation.calibration import recalibration
from helpers.evaluation.site_recalibration import (
    log_loss_differences,
    moved_to_local_share,
    recalibrated_at_site,
    site_scores,
)
from helpers.runtime import InputError


@pytest.fixture(scope="module")
def journey():
    """Two sites that differ in nothing but the share of the ill (one half, one in five), and a model that knows the half.

    A finding is Normal(0, 1) in the healthy and Normal(2, 1) in the ill, so the log odds are linear in it.
    """
    generator = np.random.default_rng(2)
    sites = np.repeat([0, 1], 4000)
    targets = (generator.random(8000) < np.where(sites == 0, 0.5, 0.2)).astype(int)
    finding = generator.normal(2 * targets, 1)
    # Each site is judged by a model of the other one.
    share_of_other = np.where(sites == 0, targets[sites == 1].mean(), targets[sites == 0].mean())
    return targets, expit(2 * finding - 2 + logit(share_of_other)), sites


def intercepts(targets, probability, sites):
    return [recalibration(targets[sites == site], probability[sites == site]).intercept for site in (0, 1)]


def test_knowing_the_share_repairs_the_level_where_only_the_share_differs(journey):
    targets, probability, sites = journey
    before, after = intercepts(*journey), intercepts(targets, moved_to_local_share(*journey), sites)
    assert before[0].low > 0.5 and before[1].high < -0.5
    assert all(one.low < 0 < one.high for one in after)


def test_lists_are_taken_for_arrays(journey):
    few = [part[::50] for part in journey]
    for repair in (moved_to_local_share, recalibrated_at_site):
        np.testing.assert_array_equal(repair(*(part.tolist() for part in few)), repair(*few))


def test_local_patients_repair_a_wrong_spread(journey):
    targets, probability, sites = journey
    extreme = expit(2.5 * logit(probability))
    moved, repaired = (repair(targets, extreme, sites) for repair in (moved_to_local_share, recalibrated_at_site))
    assert recalibration(targets[sites == 0], moved[sites == 0]).slope.high < 0.6
    slope = recalibration(targets[sites == 0], repaired[sites == 0]).slope
    assert slope.low < 1 < slope.high


def test_the_local_share_is_counted_without_those_who_are_judged():
    # Other site: half are ill, so a probability of one half becomes the local share itself. Here two of five are ill and
    # there are two folds: who is judged with one ill of three is moved to one of two, the others to one of three.
    targets, sites = np.array([1, 1, 0, 0, 0, 0, 0, 1, 1]), np.array([0] * 5 + [1] * 4)
    moved = moved_to_local_share(targets, np.full(9, 0.5), sites)
    np.testing.assert_allclose(np.sort(moved[sites == 0]), [1 / 3, 1 / 3, 1 / 2, 1 / 2, 1 / 2])


def test_local_patients_are_not_judged_by_their_own_outcome():
    # Probabilities that know nothing: fitted to the patients themselves they would have a slope of exactly 1.
    generator = np.random.default_rng(0)
    sites, slopes = np.repeat([0, 1], 60), []
    for _ in range(15):
        targets, probability = generator.integers(0, 2, 120), generator.uniform(0.05, 0.95, 120)
        repaired = recalibrated_at_site(targets, probability, sites)
        slopes.append(recalibration(targets[sites == 0], repaired[sites == 0]).slope.value)
    assert np.median(slopes) < 0.5


def test_what_happens_at_one_site_leaves_the_recalibration_of_the_other_alone():
    generator = np.random.default_rng(0)
    sites = np.repeat([0, 1], 60)
    targets, probability = generator.integers(0, 2, 120), generator.uniform(0.05, 0.95, 120)
    changed = np.where(sites == 0, 1 - targets, targets)
    first, second = (recalibrated_at_site(labels, probability, sites) for labels in (targets, changed))
    np.testing.assert_array_equal(first[sites == 1], second[sites == 1])
    assert not np.allclose(first[sites == 0], second[sites == 0])


def test_scores_are_those_of_each_site(journey):
    table = site_scores(*journey, ("here", "there"))
    assert list(table.index) == ["here", "there"] and table["patients"].tolist() == [4000, 4000]
    assert table.loc["there", "ill"] == journey[0][4000:].mean()
    # Normal findings two standard deviations apart: AUROC = Phi(2 / sqrt 2) = 0.921.
    assert all(one.low < 0.9214 < one.high for one in table["auroc"])
    assert table.loc["here", "intercept"].value > 0 > table.loc["there", "intercept"].value


def test_bad_input():
    targets, probability = np.array([0, 1, 0, 1, 1, 1]), np.full(6, 0.5)
    with pytest.raises(InputError, match="only one site"):
        moved_to_local_share(targets, probability, np.zeros(6))
    with pytest.raises(InputError, match="0 patients of one class"):
        recalibrated_at_site(targets, probability, np.array([0, 0, 0, 0, 1, 1]))


def test_a_right_level_does_not_make_probabilities_good():
    """Probabilities from nowhere, recalibrated: the intercept is 0 by construction, and the log loss knows better."""
    generator = np.random.default_rng(4)
    sites = np.repeat([0, 1], 400)
    targets = (generator.random(800) < np.where(sites == 0, 0.6, 0.3)).astype(int)
    junk = generator.uniform(0.05, 0.95, 800)
    repaired = recalibrated_at_site(targets, junk, sites)
    table = site_scores(targets, repaired, sites, ("A", "B"))
    assert all(one.low < 0 < one.high for one in table["intercept"])
    share = np.where(sites == 0, targets[sites == 0].mean(), targets[sites == 1].mean())
    for against_share in log_loss_differences(targets, repaired, share, sites, ("A", "B")).values():
        assert against_share.low > -0.01, "junk never beats the bare share of the ill"


def test_differences_of_the_log_loss_by_hand():
    targets, sites = np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1])
    first, second = np.array([0.8, 0.4, 0.5, 0.5]), np.array([0.5, 0.5, 0.5, 0.5])
    found = log_loss_differences(targets, first, second, sites, ("A", "B"))
    assert found["A"].difference == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2 + np.log(0.5))
    assert found["A"].low <= found["A"].difference <= found["A"].high
    assert found["B"].difference == 0 and np.isnan(found["B"].low), "equal probabilities: nothing to tell"
