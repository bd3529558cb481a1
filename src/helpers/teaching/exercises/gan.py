"""Checks of 05_gan: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_best_discriminator(function: Callable) -> None:
    """Exercise 1: ``function(real, generated)`` is the best discriminator for densities of both kinds."""
    real, generated = np.array([0.5, 0.2, 0.0, 0.9]), np.array([0.5, 0.6, 0.3, 0.1])
    found = attempt(function, real, generated)
    hint = "among all samples at one place, which share is real? Real density over the sum of both"
    if close(found, generated / (real + generated)):
        hint = "this is the share of *generated* samples: the discriminator's answer is how likely a sample is real"
    elif close(found, real / np.maximum(generated, 1e-12)) or close(found, real / generated):
        hint = "this ratio has no upper end; a probability divides by everything at that place, real and generated"
    elif close(found, real):
        hint = "a place may be rare and yet real: only the comparison with the generated density counts"
    elif close(found, np.full(4, 0.5)):
        hint = "one half everywhere is right only when the generator has won: compare the densities"
    elif close(found, (real > generated).astype(float)):
        hint = "the sides are right, but the best discriminator says how sure it is: give the share, not the verdict"
    answer(close(found, real / (real + generated)), "one half exactly where both are equally common", hint, found)


def check_copied_share(function: Callable) -> None:
    """Exercise 2: ``function(generated, held_out, share)``: generated distances below the quantile of held-out ones."""
    held_out = np.random.default_rng(5).permutation(np.arange(1.0, 101.0))
    generated = np.array([0.5, 2.0, 4.5, 30.0, 60.0, 200.0, 3.0, 80.0, 90.0, 40.0])
    found = [attempt(function, generated, held_out, share) for share in (0.05, 0.5)]
    expected = [np.mean(generated < np.quantile(held_out, share)) for share in (0.05, 0.5)]
    hint = "find the distance that only this share of held-out pictures stays below, then count generated ones below it"
    if close(found[0], expected[0] * len(generated)):
        hint = "this is a count; divide by the number of generated pictures"
    elif close(found[0], np.mean(generated < np.quantile(held_out, 0.95))):
        hint = "copies are *near*: take the small quantile of the held-out distances, not the large one"
    elif close(found[0], np.mean(generated > np.quantile(held_out, 0.05))):
        hint = "these are the pictures that are far enough away; suspicious are those nearer than the threshold"
    elif close(found[0], np.mean(generated < np.quantile(generated, 0.05))):
        hint = "this threshold comes from the generated distances themselves, so it always finds the same share"
    elif close(found[0], np.mean(generated < 0.05)):
        hint = "the share is no distance: turn it into one with np.quantile of the held-out distances"
    solved = all(close(value, wanted) for value, wanted in zip(found, expected, strict=True))
    answer(solved, "new pictures of the same kind set the bar; nobody has to say what near means", hint, *found)
