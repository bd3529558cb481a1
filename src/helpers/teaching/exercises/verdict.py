"""How every check answers: one line, never an exception."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def answer(solved: bool, praise: str, hint: str) -> None:
    """Print one line: what was right, or what to try next."""
    print(f"correct: {praise}" if solved else f"not yet: {hint}")


def attempt(function: Callable, *arguments):
    """Result of a learner's function, or None when it raises: a check must not stop the notebook."""
    try:
        return function(*arguments)
    except Exception:  # noqa: BLE001 - whatever a stub or a first attempt raises, the check answers with a hint
        return None


def close(value, expected, tolerance: float = 1e-6) -> bool:
    """True when a learner's value is a number (or array of the right shape) near the expected one."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    return found.shape == np.shape(expected) and bool(np.allclose(found, expected, atol=tolerance, rtol=0))
