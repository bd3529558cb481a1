"""Checks of 02_cnn: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_receptive_field(function: Callable) -> None:
    """Exercise 1: ``function(layers)`` with (kernel, stride) pairs is the side of the receptive field in pixels."""
    stacked = [(3, 1), (3, 1), (3, 1)]  # 3, 5, 7
    pooled = [(3, 1), (2, 2), (3, 1), (2, 2)]  # 3, 4, then steps of 2: 8, 10
    strided = [(5, 3), (3, 2), (2, 1)]  # 5, 5 + 2 * 3, 11 + 1 * 6
    found = [attempt(function, layers) for layers in (stacked, pooled, strided)]
    hint = "each layer adds (kernel - 1) times the product of the strides of the layers *before* it; start from 1"
    if close(found[0], 9):
        hint = "neighboring windows overlap: a second 3 x 3 layer adds 2 pixels to the side, not 3"
    elif close(found[0], 7) and close(found[1], 7):
        hint = "after a stride of 2 a step in the map is 2 pixels in the image: multiply by the strides so far"
    elif close(found[0], 7) and close(found[1], 13):
        hint = "a layer's own stride does not widen its own window: multiply by the strides *before* it"
    elif close(found[0], 6):
        hint = "without any layer a unit sees one pixel: start from 1, not from 0"
    solved = all(close(one, expected) for one, expected in zip(found, (7, 10, 17), strict=True))
    answer(solved, "three layers of 3 x 3 see 7 pixels, and pooling makes every later layer see further", hint, *found)


def check_max_pool_gradient(function: Callable) -> None:
    """Exercise 2: ``function(maps, errors)`` hands each block's error to its largest value; (n, n) and (n/2, n/2)."""
    maps = np.array([[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 7.0, 1.0], [0.0, 2.0, 6.0, 9.0], [8.0, 1.0, 3.0, 4.0]])
    errors = np.array([[10.0, 20.0], [30.0, 40.0]])
    expected = np.zeros((4, 4))
    expected[0, 1], expected[1, 2], expected[3, 0], expected[2, 3] = 10, 20, 30, 40
    found = attempt(function, maps, errors)
    spread = errors.repeat(2, axis=0).repeat(2, axis=1)
    hint = "give each error to the one place of its 2 x 2 block that was the largest; the other three get 0"
    if close(found, spread):
        hint = "every place got the whole error; only the largest of each block was passed on, so only it is to blame"
    elif close(found, spread / 4):
        hint = "this is the gradient of average pooling; a maximum depends on its largest value alone"
    elif close(found, (expected > 0).astype(float)):
        hint = "these are the right places; now put the errors there"
    elif close(found, expected[expected > 0]) or np.shape(found) == errors.shape:
        hint = "the gradient has the shape of the maps, not of what pooling made of them"
    answer(close(found, expected), "the winner takes it all, and three quarters of the map learn nothing", hint, found)
