"""Tables of the ECG road of 08_heart_disease: every score goes into the results, and recordings are listed without names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import heartbeat_scores
from helpers.evaluation.heartbeat_scores import BY_DEFINITION, SUPRAVENTRICULAR, VENTRICULAR
from helpers.evaluation.proportions import Interval
from helpers.evaluation.record_scores import sensitivity_without_largest
from helpers.report.heart_tables import slug
from helpers.report.writing import Run


def heartbeat_agreement(
    run: Run, part: Dataset, called: Mapping[str, np.ndarray], resamples: int, split: str = "test"
) -> dict[str, dict[str, Interval]]:
    """Accuracy, kappa, j and jk index of every model: stored as ``ecg_<measure>_<model>``, and returned.

    What a constant rule has by definition is stored as an exact number.

    Args:
        run: gets the estimates.
        part: heartbeats of classes N, S, V and F.
        called: name of the model to (n,) classes.
        resamples: of whole records.
        split: how the beats were kept from the models.
    """
    found = {}
    for name, decisions in called.items():
        classes = max(4, int(part.targets.max()) + 1)
        found[name] = heartbeat_scores.agreement_intervals(part.targets, decisions, part.groups, classes, resamples)
        for measure, interval in found[name].items():
            metric, label = f"ecg_{slug(measure)}_{slug(name)}", f"{measure.capitalize()}, heartbeats"
            if interval.method == BY_DEFINITION:
                run.add_exact(metric, f"{label}, {name}", interval.value)
            else:
                run.add_interval(metric, label, interval, part.groups, split, name)
    return found


def record_words(table: pd.DataFrame, class_names: Sequence[str], group: str) -> pd.DataFrame:
    """The recordings as people read them: numbered as in the figure, since reports name nobody.

    Args:
        table: from :func:`helpers.evaluation.record_scores.record_table`.
        class_names: in the order of the numbers.
        group: the word for a group.
    """
    rare = class_names[SUPRAVENTRICULAR : VENTRICULAR + 1]
    words = table[["beats", "errors"]].assign(wrong=[f"{1 - share:.1%}" for share in table["accuracy"]])
    for name in rare:
        words[name] = table[name]
        words[f"{name} found"] = table[f"{name} found"]
    words["false alarms"] = sum(table[f"{name} false"] for name in rare)
    words.index = pd.RangeIndex(1, len(words) + 1, name=group)
    return words


def early_beats(run: Run, test: Dataset, model: str, decisions: np.ndarray) -> pd.DataFrame:
    """Sensitivity for supraventricular beats with and without the recording that has most of them.

    Args:
        run: gets ``ecg_sensitivity_early_all_records`` and ``ecg_sensitivity_early_without_the_largest``.
        test: heartbeats.
        model: its name.
        decisions: (n,) classes.

    Returns:
        The table of :func:`helpers.evaluation.record_scores.sensitivity_without_largest`.
    """
    table = sensitivity_without_largest(test.targets, decisions, test.groups, SUPRAVENTRICULAR)
    label = "Sensitivity, supraventricular beats"
    run.add_subsets("ecg_sensitivity_early", label, table, table["method"].iloc[0], model=model)
    return table
