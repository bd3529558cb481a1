"""From a test of people to a program for many: what monitoring finds, misses, frightens and costs at a prevalence.

Sensitivity and specificity are carried to another prevalence (Bayes); so is what is not known about them: both are drawn
from Jeffreys' posterior of their counts (Brown, Cai and DasGupta 2001, Statist Sci 16:101), and every number of the table
gets the central interval of what the draws make of it (Mossman and Berger 2001, Med Decis Making 21:498).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluation.alarms import Monitored
from helpers.evaluation.proportions import LEVEL
from helpers.runtime import InputError

DRAWS = 20_000


@dataclass(frozen=True)
class Prices:
    """What things are assumed to cost, in any one currency.

    Attributes:
        monitor: to monitor one person.
        work_up: to examine one person who was flagged.
    """

    monitor: float
    work_up: float


def by_burden(recordings: Sequence[Monitored], threshold: float, burden: float) -> tuple[np.ndarray, np.ndarray]:
    """Who is ill and who is flagged: a share of beats to be found, and the same share of called beats.

    Args:
        recordings: one person each.
        threshold: from which on a beat is called.
        burden: share of the beats.

    Returns:
        (n,) and (n,) of 0 and 1.
    """
    ill = [np.mean(one.targets == 1) >= burden for one in recordings]
    flagged = [np.mean(one.scores >= threshold) >= burden for one in recordings]
    return np.array(ill, dtype=np.int64), np.array(flagged, dtype=np.int64)


def program_table(
    ill: np.ndarray,
    flagged: np.ndarray,
    prevalences: Sequence[float],
    prices: Prices,
    people: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[float, pd.DataFrame]:
    """What monitoring so many people finds and costs at each prevalence, with intervals.

    Args:
        ill: (n,) of 0 and 1, the truth of those who were tested.
        flagged: (n,) likewise, what the monitor says of them.
        prevalences: above 0 and below 1.
        prices: assumptions.
        people: monitored.
        seed: of the draws.
        level: of the intervals.

    Returns:
        Prevalence to a table with index found, missed, flagged_healthy, true_share (of the flagged), cost, cost_per_found
        and columns value, low, high. Values are those of the observed shares; where nobody was found the cost of one is
        ``inf``, and where nobody is flagged the true share is ``nan``.

    Raises:
        InputError: the tested hold nobody ill or nobody healthy, or a prevalence is none.
    """
    ill, flagged = np.asarray(ill), np.asarray(flagged)
    if not (0 < ill.sum() < len(ill)):
        raise InputError(
            f"{int(ill.sum())} of {len(ill)} tested people are ill: both ill and healthy people are needed"
        )
    counts = [int(flagged[ill == 1].sum()), int((1 - flagged)[ill == 0].sum())]
    of = [int((ill == 1).sum()), int((ill == 0).sum())]
    generator = np.random.default_rng(seed)
    drawn = [generator.beta(hits + 0.5, all_ - hits + 0.5, DRAWS) for hits, all_ in zip(counts, of, strict=True)]
    observed = [hits / all_ for hits, all_ in zip(counts, of, strict=True)]
    tables = {}
    for prevalence in prevalences:
        if not 0 < prevalence < 1:
            raise InputError(f"a prevalence of {prevalence}: it lies above 0 and below 1")
        values = _program(*observed, prevalence, prices, people)
        draws = _program(*drawn, prevalence, prices, people)
        rows = {}
        for name, value in values.items():
            low, high = np.quantile(draws[name], [0.5 - level / 2, 0.5 + level / 2])
            # Jeffreys' interval leaves out an observed share of 0 or 1 by a hair: there it reaches to the end.
            rows[name] = {"value": float(value), "low": float(np.fmin(low, value)), "high": float(np.fmax(high, value))}
        tables[prevalence] = pd.DataFrame.from_dict(rows, orient="index")
    return tables


def _program(sensitivity, specificity, prevalence: float, prices: Prices, people: int) -> Mapping[str, np.ndarray]:
    ill, healthy = people * prevalence, people * (1 - prevalence)
    found, alarmed = ill * np.asarray(sensitivity), healthy * (1 - np.asarray(specificity))
    cost = people * prices.monitor + (found + alarmed) * prices.work_up
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "found": found,
            "missed": ill - found,
            "flagged_healthy": alarmed,
            "true_share": found / (found + alarmed),
            "cost": cost,
            "cost_per_found": cost / found,
        }
