"""Tables about repetition in 12_standardization: where spread comes from, how many seeds a claim needs, what must be written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.evaluation.variance_components import crossed_components, difference_found, seeds_needed
from helpers.report.heart_tables import slug
from helpers.report.writing import Run

POWER = 0.8
# What must be written down so that a number can be made again: words, where it stands in results.json, what for.
DEMANDS = (
    (
        "data: name, and checksum or version label",
        "datasets.0.checksum",
        "the same bytes, if every change raises the label",
    ),
    ("samples and groups of each part", "datasets.0.parts", "the same split"),
    ("profile", "profile", "the same sizes"),
    ("seed", "seed", "the same start, shuffling and noise"),
    ("threads", "environment.threads", "the same order of additions"),
    ("versions: Python, TensorFlow, Keras, NumPy", "environment.tensorflow", "the same arithmetic"),
    ("operating system and kind of processor", "environment.platform", "the same machine code"),
    ("exact processor and its extensions", "environment.processor", "the same vector instructions"),
)
BESIDE = (
    ("hash of notebook, helpers and lock file", "executed.ipynb, by medlab execute", "the same code and libraries"),
    ("parameters as passed", "executed.ipynb, by medlab execute", "the same command"),
    ("commit, and whether files differ from it", "manifest.json, by medlab site", "where to find the code"),
)
SPREADS = {
    "split": "split",
    "seed_on_one_split": "seed, on one split",
    "seed": "of it, the seed by itself",
    "rest": "of it, seed and split together",
}
ONE_BIT = "one bit, convolutional network"


def spread_parts(
    run: Run, scores: np.ndarray, changed: Mapping[str, np.ndarray], nudge: PairedComparison
) -> dict[str, Interval | float]:
    """Standard deviations of AUROC by cause: those of a crossed design, and what the arithmetic changes.

    Args:
        run: gets estimates ``spread_split``, ``spread_seed_on_one_split`` with its parts ``spread_seed`` and ``spread_rest``, and
            exact ``moved_<change>``.
        scores: (splits, seeds).
        changed: kind of arithmetic to (splits,) scores of the first seed under it.
        nudge: AUROC of the convolutional network after one bit at the start, beside that without.

    Returns:
        Cause to standard deviation: intervals for the causes of :data:`SPREADS`, root mean squares for the changes, and
        for :data:`ONE_BIT` what it changed in this one training.
    """
    counts = {"n": scores.size, "groups": len(scores), "split": "cross-validation", "model": "small network"}
    parts: dict[str, Interval | float] = {}
    for key, found in crossed_components(scores).deviations().items():
        parts[SPREADS[key]] = found
        ends = {"low": found.low, "high": found.high, "method": found.method}
        run.add_estimate(f"spread_{key}", f"Standard deviation of AUROC, {SPREADS[key]}", found.value, **ends, **counts)
    for name, others in changed.items():
        parts[name] = float(np.sqrt(np.mean((others - scores[:, 0]) ** 2)))
        run.add_exact(f"moved_{slug(name)}", f"Root mean square change of AUROC, {name}", parts[name])
    return parts | {ONE_BIT: abs(nudge.difference)}


def seed_table(run: Run, deviation: Interval, scores: np.ndarray, differences: Sequence[float]) -> pd.DataFrame:
    """Seeds of each recipe for a difference to be found with power 0.8; as uncertain as the deviation is.

    Args:
        run: gets the estimates ``seeds_<difference>``.
        deviation: standard deviation between the seeds of one split, with its interval.
        scores: (splits, seeds) that it was estimated from.
        differences: of AUROC.

    Returns:
        Index: differences; columns textbook (by the normal distribution, not rounded), needed, low, high (by the t test, for the
        estimate of the deviation and both of its ends).
    """
    rows, counts = {}, {"n": scores.size, "groups": len(scores), "split": "cross-validation", "model": "small network"}
    quantiles = float(norm.ppf(0.5 + LEVEL / 2) + norm.ppf(POWER))
    for gap in differences:
        needed, low, high = (
            seeds_needed(gap, spread, POWER) for spread in (deviation.value, deviation.low, deviation.high)
        )
        rows[gap] = {
            "textbook": 2 * (quantiles * deviation.value / gap) ** 2,
            "needed": needed,
            "low": low,
            "high": high,
        }
        ends = {"low": low, "high": high, "method": f"t test, deviation by {deviation.method}"}
        run.add_estimate(f"seeds_{gap}", f"Seeds of each recipe for a difference of {gap}", needed, **ends, **counts)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("difference")


def found_with(run: Run, seeds: int, deviation: Interval, scores: np.ndarray) -> Interval:
    """Difference of AUROC that so many seeds of each recipe find with power 0.8.

    Args:
        run: gets the estimate ``found_with_<seeds>_seeds``.
        seeds: of each recipe.
        deviation, scores: as of :func:`seed_table`.
    """
    value, low, high = (
        difference_found(seeds, spread, POWER) for spread in (deviation.value, deviation.low, deviation.high)
    )
    found = Interval(value, low, high, f"t test, deviation by {deviation.method}", deviation.level)
    counts = {"n": scores.size, "groups": len(scores), "split": "cross-validation", "model": "small network"}
    ends = {"low": low, "high": high, "method": found.method}
    run.add_estimate(f"found_with_{seeds}_seeds", f"Difference that {seeds} seeds find", value, **ends, **counts)
    return found


def manifest_table(document: Mapping) -> pd.DataFrame:
    """What a result must bring along, and whether this run's results.json does; what other documents hold is said by name.

    Args:
        document: of ``results.json``.

    Returns:
        Index: what; columns ``so that it is``, ``stands in`` (the document, or ``nowhere``).
    """
    rows = {
        what: {"so that it is": purpose, "stands in": "results.json" if _holds(document, place) else "nowhere"}
        for what, place, purpose in DEMANDS
    }
    rows |= {what: {"so that it is": purpose, "stands in": place} for what, place, purpose in BESIDE}
    return pd.DataFrame.from_dict(rows, orient="index")


def _holds(document: object, place: str) -> bool:
    for step in place.split("."):
        if isinstance(document, list):
            document = document[int(step)] if int(step) < len(document) else None
        else:
            document = document.get(step) if isinstance(document, Mapping) else None
    return document not in (None, "", {}, [])
