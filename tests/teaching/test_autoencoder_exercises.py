"""Checks of 04_autoencoder: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.teaching.exercises import autoencoder


def right_draw(mean, log_variance, noise):
    return mean + np.exp(log_variance / 2) * noise


DRAW, ALARM = autoencoder.check_draw_code, autoencoder.check_alarm_threshold
RIGHT = [
    (DRAW, right_draw),
    (ALARM, lambda errors, share: np.quantile(errors, 1 - share)),
    (ALARM, lambda errors, share: np.sort(errors)[len(errors) - round(share * len(errors)) - 1]),
]
WRONG = [
    (DRAW, lambda mean, log_variance, noise: mean + np.exp(log_variance) * noise, "its square root"),
    (DRAW, lambda mean, log_variance, noise: mean + log_variance * noise, "*logarithm*"),
    (DRAW, lambda mean, log_variance, noise: mean + noise, "scale the noise"),
    (DRAW, lambda mean, log_variance, noise: np.exp(log_variance / 2) * noise, "around 0"),
    (DRAW, lambda mean, log_variance, noise: mean, "needs the noise"),
    (DRAW, lambda mean, log_variance, noise: noise, "mean plus standard deviation"),
    (ALARM, lambda errors, share: np.quantile(errors, share), "*below* it"),
    (ALARM, lambda errors, share: errors.max(), "hardly any alarm"),
    (ALARM, lambda errors, share: 1 - share, "this is a share"),
    (ALARM, lambda errors, share: errors.mean() + 2 * errors.std(), "skewed"),
    (ALARM, lambda errors, share: 50.0, "np.quantile"),
]


@pytest.mark.parametrize(("check", "function"), RIGHT)
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [DRAW, ALARM])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
