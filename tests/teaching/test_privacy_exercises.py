"""Checks of 10_privacy: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.evaluation.attacks import most_members_found
from helpers.teaching.exercises import privacy


def first_limit(epsilon, delta, rate):
    return np.exp(epsilon) * rate + delta


def second_limit(epsilon, delta, rate):
    return 1 - np.exp(-epsilon) * (1 - delta - rate)


def masked(site, update, masks):
    for other, mask in enumerate(masks):
        update = update + mask if other > site else update - mask
    return update


def pairwise(site, update, masks):
    """With the neighbor alone: 0 with 1, 2 with 3."""
    partner = site ^ 1
    return update + masks[partner] if partner > site else update - masks[partner]


def masked_the_other_way(site, update, masks):
    return update - (masked(site, update, masks) - update)


BOUND, MASK = privacy.check_most_members_found, privacy.check_masked_update
WRONG = [
    (BOUND, lambda epsilon, delta, rate: np.exp(epsilon) * rate, "delta is missing"),
    (BOUND, first_limit, "near rate 1"),
    (BOUND, second_limit, "near rate 0"),
    (BOUND, lambda epsilon, delta, rate: epsilon * rate + delta, "e to the power"),
    (BOUND, lambda epsilon, delta, rate: 0.5, "two limits"),
    (BOUND, lambda *claim: first_limit(*claim) if first_limit(*claim) < 1 else second_limit(*claim), "at every rate"),
    (BOUND, lambda *claim: first_limit(*claim) if claim[2] < 0.5 else second_limit(*claim), "at every rate"),
    (BOUND, lambda *claim: min(first_limit(*claim), second_limit(*claim)), "never above 1"),
    (MASK, lambda site, update, masks: update, "bare update"),
    (MASK, lambda site, update, masks: update + masks.sum(axis=0, dtype=np.uint64), "nothing cancels"),
    (MASK, lambda site, update, masks: masked(site, update, masks).astype(float), "stay with uint64"),
    (MASK, lambda site, update, masks: masks, "as long as the update"),
    (
        MASK,
        lambda site, update, masks: update + np.uint64(5) if site % 2 else update - np.uint64(5),
        "every other site",
    ),
    (MASK, lambda site, update, masks: pairwise(site, update, masks), "every other site"),
    (MASK, lambda site, update, masks: masked(site, update, masks * np.uint64([0, 1, 1, 1, 1])), "still bare"),
    (MASK, lambda site, update, masks: update - masks.sum(axis=0, dtype=np.uint64), "start from the update"),
]


@pytest.mark.parametrize(
    ("check", "function"), [(BOUND, most_members_found), (MASK, masked), (MASK, masked_the_other_way)]
)
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [BOUND, MASK])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
