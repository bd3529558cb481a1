"""Every check tells a right answer from a wrong one, in one line, and never raises."""

import numpy as np
import pytest

from helpers.teaching.exercises import tumor_diagnosis, tumor_evaluation


def leaking(groups, split):
    return np.array(sorted({group for group in groups if len(set(split[groups == group])) > 1}))


def weighted(targets, probability, weights):
    losses = [-np.log(p if y else 1 - p) * weights[y] for y, p in zip(targets, probability, strict=True)]
    return sum(losses) / len(losses)


def unweighted(targets, probability, weights):
    return weighted(targets, probability, {0: 1.0, 1: 1.0})


def raises(*arguments):
    raise RuntimeError("unfinished")


CASES = [
    (tumor_diagnosis.check_leaking_groups, leaking, lambda groups, split: np.unique(groups)),
    (tumor_diagnosis.check_weighted_cross_entropy, weighted, unweighted),
    (
        tumor_evaluation.check_positive_predictive_value,
        lambda se, sp, pr: 1 / (1 + (1 - sp) * (1 - pr) / (se * pr)),
        lambda se, sp, pr: se,
    ),
    (tumor_evaluation.check_threshold_from_costs, lambda miss, alarm: 1 / (1 + miss / alarm), lambda miss, alarm: 0.9),
]


@pytest.mark.parametrize(("check", "right", "wrong"), CASES)
def test_right_and_wrong_answers(check, right, wrong, capsys):
    for answer, word in (
        (right, "correct"),
        (wrong, "not yet"),
        (raises, "not yet"),
        (lambda *_: None, "not yet"),
        (3, "not yet"),
    ):
        check(answer)
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith(word)


@pytest.mark.parametrize("check", [check for check, _, _ in CASES])
def test_an_error_of_the_learner_is_shown(check, capsys):
    check(raises)
    assert "RuntimeError: unfinished" in capsys.readouterr().out
