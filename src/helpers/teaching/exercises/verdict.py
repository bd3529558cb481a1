"""How every check answers: one line, never an exception."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Trouble:
    """What a learner's function stopped with."""

    message: str


def answer(solved: bool, praise: str, hint: str, *results) -> None:
    """Print one line: what was right, or what to try next.

    Args:
        results: what :func:`attempt` gave; a function that stopped with an error is told so instead of the hint.
    """
    troubles = [result.message for result in results if isinstance(result, Trouble)]
    if solved:
        print(f"correct: {praise}")
    elif troubles:
        print(f"not yet: your function stopped with {troubles[0]}")
    else:
        print(f"not yet: {hint}")


def attempt(function: Callable, *arguments):
    """Result of a learner's function, or :class:`Trouble` when it raises: a check must not stop the notebook."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever a stub or a first attempt raises, the check answers with a line
        first_line = next(iter(str(error).splitlines()), "")
        return Trouble(f"{type(error).__name__}: {first_line}")


def close(value, expected, tolerance: float = 1e-6) -> bool:
    """True when a learner's value is a number (or array of the right shape) near the expected one."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    return found.shape == np.shape(expected) and bool(np.allclose(found, expected, atol=tolerance, rtol=0))
