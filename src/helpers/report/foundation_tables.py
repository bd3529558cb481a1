"""Tables of 13_foundation_models: AUROC of every road at every share of labels, what pre-training gained, what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from helpers.data.dataset import Dataset
from helpers.evaluation import comparison, intervals
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.power_law import Extrapolation, PowerLaw
from helpers.report import foundation_readings
from helpers.report.foundation_roads import BASELINES, ROADS, percent
from helpers.report.writing import Run

PAIRS = {"transformer": ("finetuned", "scratch"), "CNN": ("cnn_finetuned", "cnn_scratch")}
MEGABYTE = 1e6
TRAINED_COPIES = 4  # weights, slopes and both moments of Adam, 4 bytes each

Scores = Mapping[tuple[str, float], np.ndarray]


def score_roads(run: Run, test: Dataset, scores: Scores, prefix: str = "") -> pd.DataFrame:
    """AUROC of every road at every share, mean over the drawings of labeled groups; all go into the results.

    Args:
        run: gets ``<prefix>auroc_<road>_<percent>``.
        test: the test part.
        scores: (road, share) to (drawings, n) probabilities.
        prefix: of the names, for another dataset.

    Returns:
        Index road, share; columns value, low, high (over groups of the test part), drawing_sd (nan for one drawing).
    """
    rows = {}
    for (road, share), drawn in scores.items():
        interval = intervals.auroc_delong(test.targets, drawn, test.groups)
        each = [roc_auc_score(test.targets, one) for one in drawn]
        spread = float(np.std(each, ddof=1)) if len(each) > 1 else np.nan
        run.add_estimate(
            f"{prefix}auroc_{road}_{percent(share)}",
            f"AUROC, {ROADS[road]}, {percent(share)} % of {test.source.group}s labeled",
            *(interval.value, interval.low, interval.high),
            method=interval.method,
            n=len(test),
            groups=len(np.unique(test.groups)),
            model=road,
            seeds=len(drawn),
            seed_sd=spread,
        )
        rows[road, share] = {"value": interval.value, "low": interval.low, "high": interval.high, "drawing_sd": spread}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["road", "share"])
    return table


def gain_table(
    run: Run, test: Dataset, scores: Scores, first: str, second: str, name: str
) -> dict[float, PairedComparison]:
    """AUROC of one road minus another at every share, paired by test group and by drawing; all go into the results.

    Args:
        run: gets ``<name>_<percent>``.
        test, scores: as for :func:`score_roads`.
        first, second: roads.
        name: of the metrics.
    """
    gains = {}
    for share in sorted({share for road, share in scores if road == first}):
        pair = scores[first, share], scores[second, share]
        gains[share] = comparison.delong_paired(test.targets, *pair, test.groups)
        label = f"AUROC gained, {ROADS[first]} minus {ROADS[second]}, {percent(share)} % labeled"
        store_gain(run, f"{name}_{percent(share)}", label, gains[share], test, pair, model=first)
    return gains


def store_gain(
    run: Run,
    name: str,
    label: str,
    gain: PairedComparison,
    test: Dataset,
    pair: tuple[np.ndarray, np.ndarray],
    model: str = "network",
) -> None:
    """A paired difference with the number of drawings behind it and the standard deviation between them.

    Args:
        run: gets ``name``.
        name, label: of the metric.
        gain: over test groups, with the drawings averaged.
        test: the test part.
        pair: (drawings, n) probabilities of both roads.
        model: the first road.
    """
    each = [
        roc_auc_score(test.targets, one) - roc_auc_score(test.targets, other) for one, other in zip(*pair, strict=True)
    ]
    run.add_estimate(
        name,
        label,
        *(gain.difference, gain.low, gain.high),
        method=gain.method,
        n=len(test),
        groups=len(np.unique(test.groups)),
        model=model,
        seeds=len(each),
        seed_sd=float(np.std(each, ddof=1)) if len(each) > 1 else np.nan,
    )


def store_finding(run: Run, test: Dataset, scores: Scores, gain: PairedComparison, share: float) -> None:
    """The gain of the transformer at the share of which the finding speaks, once more under one name: ``pretraining_gain``."""
    pair = tuple(scores[road, share] for road in PAIRS["transformer"])
    label = f"AUROC gained by pre-training, transformer, {percent(share)} % labeled"
    store_gain(run, "pretraining_gain", label, gain, test, pair)


def both_gains(run: Run, test: Dataset, scores: Scores) -> dict[str, dict[float, PairedComparison]]:
    """:func:`gain_table` of the transformer and the CNN: ``gain_finetuned_…`` and ``gain_cnn_finetuned_…``."""
    return {
        name: gain_table(run, test, scores, first, second, f"gain_{first}") for name, (first, second) in PAIRS.items()
    }


def gain_sentences(
    test: Dataset, scores: Scores, gains: Mapping[str, Mapping[float, PairedComparison]]
) -> Iterator[str]:
    """What pre-training was worth to each network at each share; ``gains`` of :func:`both_gains`."""
    for name, each in gains.items():
        for share, found in each.items():
            favor = drawings_in_favor(test, scores, *PAIRS[name], share)
            yield foundation_readings.gain(found, share, f"the {name}", favor)


def drawings_in_favor(test: Dataset, scores: Scores, first: str, second: str, share: float) -> tuple[int, int]:
    """In how many drawings of labeled groups the first road has the higher AUROC, and how many there are."""
    pairs = zip(scores[first, share], scores[second, share], strict=True)
    better = [roc_auc_score(test.targets, one) > roc_auc_score(test.targets, other) for one, other in pairs]
    return sum(better), len(better)


def wide_table(table: pd.DataFrame) -> pd.DataFrame:
    """One row per road, one column per share: AUROC with its interval, as text."""
    words = table.apply(lambda row: f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})", axis=1)
    wide = words.unstack("share").reindex([road for road in ROADS if road in table.index.levels[0]])
    wide.index = [ROADS[road] for road in wide.index]
    return wide.rename(columns={share: f"{percent(share)} % labeled" for share in wide.columns})


def cost_table(
    run: Run,
    seconds: Mapping[tuple[str, float], float],
    pretraining: Mapping[str, float],
    parameters: Mapping[str, int],
    table: pd.DataFrame,
    share: float,
) -> pd.DataFrame:
    """CPU-seconds and memory of every road at one share of labels, against what it is better than guessing.

    Args:
        run: gets the timings ``seconds_<road>`` and ``seconds_pretraining_<network>``.
        seconds: (road, share) to CPU-seconds of one adaptation and the answers for the test part.
        pretraining: ``transformer`` and ``cnn`` to CPU-seconds spent once.
        parameters: road to its parameters.
        table: of :func:`score_roads`.
        share: of the labeled groups.
    """
    rows = {}
    for network, spent in pretraining.items():
        run.add_timing(f"seconds_pretraining_{network}", f"CPU-seconds of pre-training, {network}", spent)
    for road in (road for road, at in seconds if at == share):
        network = "cnn" if road.startswith("cnn") else "transformer"
        once = pretraining[network] if road.endswith(("probe", "finetuned")) else 0.0
        frozen = road.endswith("probe") or road in BASELINES
        spent, points = seconds[road, share], 100 * (table.loc[(road, share), "value"] - 0.5)
        run.add_timing(f"seconds_{road}", f"CPU-seconds of one adaptation, {ROADS[road]}", spent)
        rows[ROADS[road]] = {
            "AUROC": round(table.loc[(road, share), "value"], 3),
            "parameters": f"{parameters[road]:,}",
            "weights and optimizer (MB)": round(4 * parameters[road] * (1 if frozen else TRAINED_COPIES) / MEGABYTE, 3),
            "once (CPU-s)": round(once, 1),
            "each task (CPU-s)": round(spent, 2),
            "CPU-s per point, one task": _per_point(once + spent, points),
            "CPU-s per point, mean of ten tasks": _per_point(once / 10 + spent, points),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _per_point(seconds: float, points: float) -> float:
    """Three digits that count; nan where there is hardly a point above guessing."""
    return float(f"{seconds / points:.3g}") if points > 0.5 else np.nan


def store_laws(run: Run, laws: Mapping[str, PowerLaw], checks: Mapping[str, Extrapolation], part: Dataset) -> None:
    """:func:`store_law` of each: over ``parameters``, ``images`` (data) and ``operations`` (compute)."""
    for short, name in {"parameters": "parameters", "data": "images", "compute": "operations"}.items():
        store_law(run, short, laws[name], checks[name], part)


def store_law(run: Run, short: str, law: PowerLaw, check: Extrapolation, part: Dataset) -> None:
    """Exponent of a scaling law with its interval, and how far off its extrapolation was; both go into the results.

    Args:
        run: gets ``scaling_exponent_<short>`` and ``extrapolation_error_<short>`` (predicted over measured, minus 1).
        short: ``parameters``, ``data`` or ``compute``.
        law: of all sizes.
        check: of all but the largest.
        part: on which the losses were measured.
    """
    name, label = f"scaling_exponent_{short}", f"Exponent of the scaling law over {short}"
    run.add_interval(name, label, law.exponent, part.groups, split="validation", model="scaling")
    ends = (check.predicted.value / check.observed - 1, check.predicted.low / check.observed - 1)
    run.add_estimate(
        f"extrapolation_error_{short}",
        f"Loss promised for the largest size over the measured one, minus 1, {short}",
        *(*ends, check.predicted.high / check.observed - 1),
        method=check.predicted.method,
        n=len(part),
        groups=len(np.unique(part.groups)),
        split="validation",
        model="scaling",
    )
