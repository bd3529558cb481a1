"""Seeds as people write them."""

from __future__ import annotations

import re

from helpers.runtime import InputError

MOST_SEEDS = 1000  # each is a run of its own; more is a slip of the finger


def parse_seeds(value: object) -> tuple[int, ...]:
    """Seeds from ``3``, ``[0, 1]``, ``"0,1,2"`` or ``"0-4"``.

    Raises:
        InputError: anything else, or a seed given twice.
    """
    pieces = value if isinstance(value, list) else str(value).split(",")
    seeds: list[int] = []
    for piece in pieces:
        match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", str(piece).strip())
        if not match or (match[2] and int(match[2]) < int(match[1])):
            raise InputError(f"seeds {value!r}: give whole numbers as 0,1,2 or a range as 0-4")
        first, last = int(match[1]), int(match[2] or match[1])
        if last - first >= MOST_SEEDS:
            raise InputError(f"seeds {value!r}: a range of {last - first + 1:,}; give at most {MOST_SEEDS} at once")
        seeds.extend(range(first, last + 1))
    if len(set(seeds)) < len(seeds):
        raise InputError(f"seeds {value!r}: a seed is given twice")
    return tuple(seeds)
