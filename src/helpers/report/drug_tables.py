"""Tables of foretold properties: every model on the same molecules, with intervals, and what goes into results.json."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from helpers.data.dataset import Dataset
from helpers.evaluation import property_scores, regression
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.molecule_baselines import BASELINES
from helpers.evaluation.proportions import Interval
from helpers.report.writing import Run

SOLUBILITY = "log10 solubility (mol/L)"
MODELS = BASELINES | {
    "messages": "message passing",
    "fused": "fused network",
    "committee": "committee",
}
# Published figures on the same split, and what was to be reached here, written down before anything was trained.
ANCHORS = {"esol": (0.82, 0.885), "bbbp": (0.719, 0.744), "bace": (0.851, 0.86), "tox21": (0.8, 0.8)}
GOALS = {"esol": 0.75, "bbbp": 0.76, "bace": 0.88, "tox21": 0.80}


def is_solubility(dataset: Dataset) -> bool:
    """Whether Delaney's formula answers the question of this dataset."""
    return dataset.target_names == (SOLUBILITY,)


def axis(dataset: Dataset) -> str:
    """What a score is, with its unit, for an axis."""
    unit = f" in {dataset.target_names[0]}" if dataset.task == "regression" else ""
    direction = "smaller" if property_scores.SMALLER_IS_BETTER[dataset.task] else "larger"
    return f"{property_scores.MEASURES[dataset.task]}{unit}, {direction} is better"


def error_axis(dataset: Dataset) -> str:
    """What a mean error is, with its unit, for an axis."""
    return "mean error (log units)" if is_solubility(dataset) else "mean probability of the wrong answer"


def signal_axis(dataset: Dataset, name: str) -> str:
    """What a warning signal is, with its unit, for an axis."""
    if name == "spread":
        return f"spread of the ensemble ({'log units' if is_solubility(dataset) else 'probability'})"
    return "Tanimoto distance to training (0 to 1)"


def published(dataset: Dataset) -> dict[str, float]:
    """Published figures of this dataset on the same kind of split, by name; empty where none is known."""
    figures = sorted(set(ANCHORS.get(dataset.name, ())))
    return {f"published {value:g}": value for value in figures}


def add_claims(run: Run, dataset: Dataset, gap: PairedComparison, table: pd.DataFrame) -> None:
    """The findings about the test part: the committee beats the best baseline, and reaches the goal where one was set.

    Args:
        run: takes the claims.
        dataset: whose goal is asked for.
        gap: of the committee.
        table: of :func:`score_table` on the test part.
    """
    sign = -1 if property_scores.SMALLER_IS_BETTER[dataset.task] else 1
    better = gap.decided and sign * gap.difference > 0
    run.add_claim("committee_better", "The committee is better than the baseline that was best on validation.", better)
    if dataset.name in GOALS:
        goal, measure = GOALS[dataset.name], property_scores.MEASURES[dataset.task]
        words = "at most" if sign < 0 else "at least"
        holds = sign * (of_model(table, "committee")["value"] - goal) >= 0
        run.add_claim("goal_property", f"The committee's {measure} is {words} {goal:g}.", holds)


def score_table(dataset: Dataset, answers: Mapping[str, np.ndarray], part: str, resamples: int) -> pd.DataFrame:
    """Every model on the same molecules, best first.

    Args:
        dataset: all molecules.
        answers: model to (n, properties), for all of them. The mean is left out where ranks are judged: it ranks nobody.
        part: ``validation`` or ``test``; or ``random`` for all molecules, answered for under a random split.
        resamples: for intervals without a formula.

    Returns:
        Index ``model`` (in words); columns ``key``, ``value``, ``low``, ``high``, ``method``.
    """
    inside = _rows(dataset, part)
    targets, groups = dataset.targets[inside], dataset.groups[inside]
    rows = {}
    for key, said in answers.items():
        if dataset.task != "regression" and key == "mean":
            continue
        found = property_scores.score(dataset.task, targets, said[inside], groups, resamples)
        ends = {"value": found.value, "low": found.low, "high": found.high, "method": found.method}
        rows[MODELS[key]] = {"key": key, **ends}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    return table.sort_values("value", ascending=property_scores.SMALLER_IS_BETTER[dataset.task])


def scores(run: Run, dataset: Dataset, answers: Mapping[str, np.ndarray], part: str, resamples: int) -> pd.DataFrame:
    """As :func:`score_table`, and every score goes into results.json as ``<part>_<measure>_<model>``."""
    table = score_table(dataset, answers, part, resamples)
    measure, groups = property_scores.MEASURES[dataset.task], dataset.groups[_rows(dataset, part)]
    words, split = ("random split", "test") if part == "random" else (part, part)
    for _, row in table.iterrows():
        label = f"{measure}, {MODELS[row['key']]}, {words}"
        run.add_interval(metric_name(part, measure, row["key"]), label, row, groups, split, row["key"])
    return table


def of_model(table: pd.DataFrame, key: str) -> pd.Series:
    """The row of one model in a table of :func:`score_table`."""
    return table.set_index("key").loc[key]


def _rows(dataset: Dataset, part: str) -> np.ndarray:
    return np.full(len(dataset), True) if part == "random" else dataset.split == part


def metric_name(part: str, measure: str, key: str) -> str:
    """Name of a score in results.json."""
    return f"{part}_{measure.lower().replace(' ', '_')}_{key}"


def best_baseline(table: pd.DataFrame) -> str:
    """Key of the best baseline in a table of :func:`score_table`."""
    return next(key for key in table["key"] if key in BASELINES)


def paired_gaps(
    run: Run, dataset: Dataset, answers: Mapping[str, np.ndarray], opponent: str, resamples: int
) -> dict[str, PairedComparison]:
    """Score of each kind of network minus that of the opponent on the same test molecules: ``test_<measure>_gap_<model>``.

    Args:
        run: takes the differences.
        dataset: all molecules; those of the test part count.
        answers: model to (n, properties), for all of them.
        opponent: key of the best baseline on validation.
        resamples: for intervals without a formula.

    Returns:
        ``committee``, ``fused`` and ``messages`` against the opponent; ``rival``: the committee against the other one of
        forest and boosting, because what was best on validation need not be best here.
    """
    part, inside, gaps = dataset.part("test"), dataset.split == "test", {}
    measure = property_scores.MEASURES[part.task]
    pairs = {key: (key, opponent) for key in ("committee", "fused", "messages")}
    pairs["rival"] = ("committee", rival_of(opponent))
    for name, (key, other) in pairs.items():
        pair = answers[key][inside], answers[other][inside]
        gaps[name] = property_scores.difference(part.task, part.targets, *pair, part.groups, resamples)
        label = f"{measure}, {MODELS[key]} minus {MODELS[other]}"
        run.add_interval(metric_name("test", measure, f"gap_{name}"), label, gaps[name], part.groups, "test", key)
    return gaps


def rival_of(opponent: str) -> str:
    """The other one of the two serious baselines."""
    return "boosting" if opponent == "forest" else "forest"


def warnings(
    run: Run, part: Dataset, signals: Mapping[str, np.ndarray], errors: np.ndarray
) -> tuple[dict[str, Interval], dict[str, pd.DataFrame]]:
    """Whether errors grow with warning signals: rank correlation (Spearman 1904), and the mean error by thirds.

    Args:
        run: takes each correlation as ``test_error_and_<signal>``, and the finding that it lies above 0.
        part: the molecules.
        signals: name (``spread``, ``distance``) to (n,) values.
        errors: (n,) of the committee.

    Returns:
        Correlation of each signal; and, by what stands on its axis, a table of :func:`errors_by_third`.
    """
    found, panels = {}, {}
    for name, signal in signals.items():
        found[name] = regression.correlation(rankdata(errors), rankdata(signal), part.groups)
        label = f"Rank correlation of error and {name}"
        run.add_interval(f"test_error_and_{name}", label, found[name], part.groups, "test", "committee")
        run.add_claim(f"errors_grow_with_{name}", f"The errors grow with the {name}.", found[name].low > 0)
        panels[signal_axis(part, name)] = errors_by_third(signal, errors, part.groups)
    return found, panels


def errors_by_third(signal: np.ndarray, errors: np.ndarray, groups: np.ndarray) -> pd.DataFrame:
    """Mean error, with interval, in the molecules with the lowest, middle and highest values of a warning signal.

    Equal values stay together, so thirds may differ in size and an empty one is left out.

    Returns:
        Columns ``signal`` (its mean), ``value``, ``low``, ``high``, ``molecules``.
    """
    third = np.searchsorted(np.quantile(signal, [1 / 3, 2 / 3]), signal, side="left")
    rows = []
    for number in np.unique(third):
        inside = third == number
        if len(np.unique(groups[inside])) < 2:
            continue
        found = regression.mean_absolute_error(np.zeros(inside.sum()), errors[inside], groups[inside])
        rows.append((signal[inside].mean(), found.value, found.low, found.high, int(inside.sum())))
    return pd.DataFrame(rows, columns=["signal", "value", "low", "high", "molecules"])
