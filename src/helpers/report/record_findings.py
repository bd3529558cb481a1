"""Findings on record: sentences with a threshold written beforehand, and in how many of the seeds each held."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.report.record_measures import load_runs


def findings_of(notebook: str, variant: str, profile: str, seeds: Sequence[int]) -> list[dict]:
    """The findings of one notebook on one dataset, in the order in which the first seed states them.

    A sentence may name what a seed found (the best baseline, for example): the words of the first seed stand for all. A
    finding that some seeds could not state counts the others.

    Raises:
        InputError: a run is missing.
    """
    stated: dict[str, list[dict]] = {}
    for document in load_runs(notebook, variant, profile, seeds):
        for claim in document["claims"]:
            if claim["kind"] == "finding":
                stated.setdefault(claim["name"], []).append(claim)
    return [
        {
            "notebook": notebook,
            "dataset": variant,
            "name": name,
            "sentence": claims[0]["sentence"],
            "held": sum(claim["holds"] for claim in claims),
            "seeds": len(claims),
        }
        for name, claims in stated.items()
    ]
