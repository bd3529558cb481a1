"""What travels between server and sites: it arrives as it was sent, and anything else is refused."""

import json

import numpy as np
import pytest

from helpers.training.federated import Federation
from helpers.training.federated_messages import Introduction, Plan, checked_weights
from helpers.training.flower import FederationError

SUMS = np.random.default_rng(0).normal(size=(3, 4)) * 1e5 / 3
PLAN = Plan(
    Federation(rounds=7, local_epochs=2, batch_size=16, learning_rate=0.3, proximal=0.01), 5, (30, 4, 50), 1, SUMS
)


def test_introduction_arrives_to_the_last_bit():
    found = Introduction.from_text(Introduction("Long Beach", 140, SUMS).to_text())
    assert (found.name, found.samples) == ("Long Beach", 140)
    np.testing.assert_array_equal(found.sums, SUMS)


def test_plan_arrives_to_the_last_bit():
    found = Plan.from_text(PLAN.to_text(), samples=4)
    assert (found.federation, found.seed, found.samples, found.position) == (PLAN.federation, 5, (30, 4, 50), 1)
    np.testing.assert_array_equal(found.total, SUMS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"name": "A", "samples": 3}',
        '{"name": 7, "samples": 3, "sums": []}',
        '{"name": "A", "samples": 0, "sums": []}',
        '{"name": "A", "samples": true, "sums": []}',
        '{"name": "A", "samples": 3.5, "sums": []}',
        '{"name": "A", "samples": 3, "sums": [NaN]}',
        '{"name": "A", "samples": 3, "sums": ["x"]}',
        '{"name": "A", "samples": 3, "sums": [[1], [1, 2]]}',
    ],
)
def test_no_introduction(text):
    with pytest.raises(FederationError, match="introduced itself"):
        Introduction.from_text(text)


@pytest.mark.parametrize(
    "change",
    [
        {"position": 0},
        {"position": 3},
        {"position": -1.5},
        {"samples": [30, 5, 50]},
        {"total": [float("inf")]},
        {"federation": {"rounds": 0}},
        {"federation": {"rounds": 2, "surprise": 1}},
        {"position": -2},
        {"seed": None},
        {"seed": -1},
        {"samples": None},
    ],
)
def test_no_plan_for_this_site(change):
    with pytest.raises(FederationError, match="no plan for this site"):
        Plan.from_text(json.dumps(json.loads(PLAN.to_text()) | change), samples=4)


def test_weights_come_in_our_type():
    ours = [np.zeros((2, 3), "float32"), np.zeros(3, "float32")]
    found = checked_weights([np.ones((2, 3)), np.ones(3)], ours, "A")
    assert [array.dtype for array in found] == [np.float32, np.float32]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([np.zeros(2)], "A sent the weights of another network"),
        ([np.zeros((2, 3)), np.zeros(4)], "A sent the weights of another network"),
        ([np.zeros((2, 3)), np.full(3, np.nan)], "A sent weights that are not finite"),
        ([np.zeros((2, 3)), np.array(["a", "b", "c"])], "A sent weights that are not finite"),
    ],
)
def test_weights_of_another_network(weights, words):
    with pytest.raises(FederationError, match=words):
        checked_weights(weights, [np.zeros((2, 3), "float32"), np.zeros(3, "float32")], "A")
