"""Score models that name one of several classes: every rate goes into the results with its interval, and into a table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import multiclass
from helpers.evaluation.proportions import Interval
from helpers.report.writing import Run


def multiclass_scores(run: Run, part: Dataset, decisions: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row for the accuracy and two for each class that occurs; one column per model, as ``0.912 (0.874 to 0.941)``.

    Args:
        run: gets estimates ``accuracy_<model>``, ``sensitivity_<model>_<class>`` and
            ``positive_predictive_value_<model>_<class>``.
        part: one part of a dataset with several classes.
        decisions: name of the model to (n,) classes.
    """
    where = part.split[0]
    columns = {}
    for name, called in decisions.items():
        slug = name.replace(" ", "_")
        accuracy = multiclass.multiclass_accuracy(part.targets, called, part.groups)
        run.add_interval(f"accuracy_{slug}", f"Accuracy, {where}", accuracy, part.groups, where, name)
        rates = multiclass.class_rates(part.targets, called, part.class_names, part.groups)
        for (class_name, measure), row in rates.iterrows():
            # What was never called has no predictive value: the table says so, and there is no number to store.
            if row["samples"]:
                metric = f"{measure.replace(' ', '_')}_{slug}"
                one = pd.DataFrame([row], index=[class_name])
                run.add_subsets(metric, f"{measure.capitalize()}, {where}", one, row["method"], where, name)
        column = {("all beats", "accuracy"): accuracy.text()}
        columns[name] = column | {key: _text(row) for key, row in rates.iterrows()}
    table = pd.DataFrame(columns)
    table.index.names = ["beats", "measure"]
    return table


def _text(row: pd.Series) -> str:
    if np.isnan(row["value"]):
        return "never called"
    return Interval(row["value"], row["low"], row["high"], row["method"]).text()
