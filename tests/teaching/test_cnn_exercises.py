"""Checks of 02_cnn: right answers pass, typical wrong ones get the hint that helps."""

import numpy as np
import pytest

from helpers.teaching.exercises import cnn


def right_field(layers):
    return 1 + sum(
        (kernel - 1) * np.prod([stride for _, stride in layers[:place]]) for place, (kernel, _) in enumerate(layers)
    )


def without_strides(layers):
    return 1 + sum(kernel - 1 for kernel, _ in layers)


def with_own_stride(layers):
    return 1 + sum(
        (kernel - 1) * np.prod([stride for _, stride in layers[: place + 1]])
        for place, (kernel, _) in enumerate(layers)
    )


def sum_of_kernels(layers):
    return sum(kernel for kernel, _ in layers)


def blocks_of(maps):
    return [(row, column) for row in range(0, len(maps), 2) for column in range(0, maps.shape[1], 2)]


def right_gradient(maps, errors):
    gradient = np.zeros_like(maps)
    for row, column in blocks_of(maps):
        winner = np.unravel_index(maps[row : row + 2, column : column + 2].argmax(), (2, 2))
        gradient[row + winner[0], column + winner[1]] = errors[row // 2, column // 2]
    return gradient


def everybody(maps, errors):
    return np.kron(errors, np.ones((2, 2)))


FIELD, POOL = cnn.check_receptive_field, cnn.check_max_pool_gradient
WRONG = [
    (FIELD, without_strides, "multiply by the strides so far"),
    (FIELD, with_own_stride, "own stride does not widen"),
    (FIELD, sum_of_kernels, "neighboring windows overlap"),
    (FIELD, lambda layers: right_field(layers) - 1, "start from 1"),
    (FIELD, lambda layers: 42, "product of the strides"),
    (POOL, everybody, "every place got the whole error"),
    (POOL, lambda maps, errors: everybody(maps, errors) / 4, "average pooling"),
    (POOL, lambda maps, errors: (right_gradient(maps, errors) > 0) * 1.0, "right places"),
    (POOL, lambda maps, errors: errors, "shape of the maps"),
    (POOL, lambda maps, errors: -everybody(maps, errors), "the other three get 0"),
]


@pytest.mark.parametrize(("check", "function"), [(FIELD, right_field), (POOL, right_gradient)])
def test_right_answers_pass(check, function, line_of):
    assert line_of(check, function).startswith("correct: ")


@pytest.mark.parametrize(("check", "function", "hint"), WRONG)
def test_wrong_answers_get_the_hint_that_helps(check, function, hint, line_of):
    line = line_of(check, function)
    assert line.startswith("not yet: ") and hint in line


@pytest.mark.parametrize("check", [FIELD, POOL])
def test_nothing_raises(check, nonsense, line_of):
    assert line_of(check, nonsense).startswith("not yet: ")
