"""Tables of foretold properties: every model on the same molecules, with intervals, and what goes into results.json."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data import catalog
from helpers.data.dataset import Dataset
from helpers.data.molecule_requirements import is_solubility
from helpers.evaluation import property_scores, regression
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.molecule_baselines import BASELINES
from helpers.evaluation.proportions import Interval
from helpers.report.writing import Run

MODELS = BASELINES | {
    "messages": "message passing",
    "fused": "fused network",
    "committee": "committee",
}
# What was to be reached, written down before anything was trained.
GOALS = {"esol": 0.75, "bbbp": 0.76, "bace": 0.88, "tox21": 0.80}


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
    return {
        "spread": f"spread of the ensemble\n({'log units' if is_solubility(dataset) else 'probability'})",
        "distance": "Tanimoto distance\nto training (0 to 1)",
        "indecision": "nearness of the answer\nto one half (0 to 0.5)",
    }[name]


def published(dataset: Dataset) -> dict[str, float]:
    """Published figures of this dataset on the same kind of split, by name, from the catalog; empty where none is known."""
    key = "rmse" if dataset.task == "regression" else "auroc"
    known = catalog.describe(dataset.name).benchmarks if dataset.name in catalog.names() else ()
    return {f"published: {entry['model']}, {entry[key]:g}": entry[key] for entry in known if key in entry}


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
    run: Run,
    dataset: Dataset,
    answers: Mapping[str, np.ndarray],
    table: pd.DataFrame,
    opponent: str,
    resamples: int,
) -> dict[str, PairedComparison]:
    """Score of each kind of network minus that of the opponent on the same test molecules: ``test_<measure>_gap_<model>``.

    Args:
        run: takes the differences.
        dataset: all molecules; those of the test part count.
        answers: model to (n, properties), for all of them.
        table: of :func:`score_table` on the test part.
        opponent: key of the best baseline on validation.
        resamples: for intervals without a formula.

    Returns:
        ``committee``, ``fused`` and ``messages`` against the opponent; ``rival``: the committee against the best of the other
        baselines here, because what was best on validation need not be best on the test part.
    """
    part, inside, gaps = dataset.part("test"), dataset.split == "test", {}
    measure = property_scores.MEASURES[part.task]
    pairs = {key: (key, opponent) for key in ("committee", "fused", "messages")}
    pairs["rival"] = ("committee", rival_of(table, opponent))
    for name, (key, other) in pairs.items():
        pair = answers[key][inside], answers[other][inside]
        gaps[name] = property_scores.difference(part.task, part.targets, *pair, part.groups, resamples)
        label = f"{measure}, {MODELS[key]} minus {MODELS[other]}"
        run.add_interval(metric_name("test", measure, f"gap_{name}"), label, gaps[name], part.groups, "test", key)
    return gaps


def rival_of(table: pd.DataFrame, opponent: str) -> str:
    """Key of the best baseline in a table of :func:`score_table` besides the opponent; the mean is none."""
    return next(key for key in table["key"] if key in BASELINES and key not in (opponent, "mean"))


def relatives(
    run: Run, dataset: Dataset, mixed: Mapping[str, np.ndarray], answers: Mapping[str, np.ndarray], resamples: int
) -> dict[str, PairedComparison]:
    """What relatives in training change about the *same* test molecules: score of the random folds minus that by scaffold.

    Args:
        run: takes each as ``test_<measure>_relatives_<model>``, and the finding that the answers are better.
        dataset: all molecules.
        mixed: model to answers (n, properties) of :func:`helpers.evaluation.molecule_baselines.random_fold_answers`.
        answers: the same models, fitted to the training part.
        resamples: for intervals without a formula.
    """
    part, inside, gaps = dataset.part("test"), dataset.split == "test", {}
    measure, sign = property_scores.MEASURES[part.task], -1 if property_scores.SMALLER_IS_BETTER[part.task] else 1
    for key, said in mixed.items():
        pair = said[inside], answers[key][inside]
        gaps[key] = property_scores.difference(part.task, part.targets, *pair, part.groups, resamples)
        label = f"{measure}, {MODELS[key]}, with relatives in training minus without"
        run.add_interval(metric_name("test", measure, f"relatives_{key}"), label, gaps[key], part.groups, "test", key)
        better = gaps[key].decided and sign * gaps[key].difference > 0
        sentence = f"With relatives in training, {MODELS[key]} answers better about the same molecules."
        run.add_claim(f"relatives_help_{key}", sentence, better)
    return gaps


def two_splits(
    dataset: Dataset,
    mixed: Mapping[str, np.ndarray],
    by_scaffold: pd.DataFrame,
    at_random: pd.DataFrame,
    resamples: int,
) -> dict[str, pd.DataFrame]:
    """The tables that take a random split apart: from the first to the second only relatives change, then the molecules.

    Args:
        dataset, mixed: as for :func:`relatives`.
        by_scaffold: of :func:`score_table` on the test part.
        at_random: of the random folds on all molecules.
        resamples: for intervals without a formula.
    """
    return {
        "by scaffold, test molecules": by_scaffold,
        "with relatives, the same molecules": score_table(dataset, mixed, "test", resamples),
        "with relatives, all molecules": at_random,
    }


def warnings(
    run: Run, part: Dataset, signals: Mapping[str, np.ndarray], answers: np.ndarray
) -> tuple[dict[str, Interval], dict[str, Interval], dict[str, pd.DataFrame]]:
    """Whether errors grow with warning signals: rank correlations, and the mean error by thirds.

    Args:
        run: takes each correlation as ``test_error_and_<signal>``, each partial one as ``..._beyond_indecision``, and the
            finding that it lies above 0. With indecision errors grow by arithmetic, so that is no finding.
        part: the molecules.
        signals: ``spread`` and ``distance``, (n,) each; for classes ``indecision`` is put before them.
        answers: (n, properties) of the committee.

    Returns:
        Correlation of each signal; for classes the partial correlation of each other one, indecision held fixed; and, by what
        stands on its axis, a table of :func:`errors_by_third`.
    """
    found, beyond, panels, given = {}, {}, {}, None
    errors = property_scores.absolute_errors(part.targets, answers)
    if part.task != "regression":
        given = property_scores.indecision(part.targets, answers)
        signals = {"indecision": given, **signals}
    for name, signal in signals.items():
        key, label = f"test_error_and_{name}", f"Rank correlation of error and {name}"
        found[name] = property_scores.rank_correlation(errors, signal, part.groups)
        run.add_interval(key, label, found[name], part.groups, "test", "committee")
        panels[signal_axis(part, name)] = errors_by_third(signal, errors, part.groups)
        if given is None:
            run.add_claim(f"errors_grow_with_{name}", f"The errors grow with the {name}.", found[name].low > 0)
        elif name != "indecision":
            beyond[name] = property_scores.rank_correlation(errors, signal, part.groups, given)
            key, label = f"{key}_beyond_indecision", f"{label}, indecision held fixed"
            run.add_interval(key, label, beyond[name], part.groups, "test", "committee")
            sentence = f"At equal indecision, the errors grow with the {name}."
            run.add_claim(f"errors_grow_with_{name}_beyond_indecision", sentence, beyond[name].low > 0)
    return found, beyond, panels


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
