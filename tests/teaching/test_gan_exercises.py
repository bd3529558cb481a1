"""Checks of 05_gan: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.teaching.exercises import gan

BEST, COPIED = gan.check_best_discriminator, gan.check_copied_share
RIGHT = [
    (BEST, lambda real, generated: real / (real + generated)),
    (BEST, lambda real, generated: 1 - generated / (real + generated)),
    (COPIED, lambda generated, held_out, share: np.mean(generated < np.quantile(held_out, share))),
    (COPIED, lambda generated, held_out, share: (generated < np.quantile(held_out, share)).sum() / len(generated)),
]
WRONG = [
    (BEST, lambda real, generated: generated / (real + generated), "*generated* samples"),
    (BEST, lambda real, generated: real / np.maximum(generated, 1e-12), "no upper end"),
    (BEST, lambda real, generated: real, "comparison"),
    (BEST, lambda real, generated: np.full_like(real, 0.5), "generator has won"),
    (BEST, lambda real, generated: (real > generated).astype(float), "how sure"),
    (BEST, lambda real, generated: real - generated, "sum of both"),
    (COPIED, lambda generated, held_out, share: np.sum(generated < np.quantile(held_out, share)), "a count"),
    (COPIED, lambda generated, held_out, share: np.mean(generated < np.quantile(held_out, 1 - share)), "*near*"),
    (COPIED, lambda generated, held_out, share: np.mean(generated > np.quantile(held_out, share)), "far enough"),
    (COPIED, lambda generated, held_out, share: np.mean(generated < np.quantile(generated, share)), "themselves"),
    (COPIED, lambda generated, held_out, share: np.mean(generated < share), "no distance"),
    (COPIED, lambda generated, held_out, share: 0.7, "find the distance"),
]


@pytest.mark.parametrize(("check", "function"), RIGHT)
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [BEST, COPIED])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
