"""Score models that name one of several classes: every rate goes into the results with its interval, and into a table."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import multiclass
from helpers.evaluation.proportions import Interval
from helpers.report.writing import Run


def multiclass_scores(run: Run, part: Dataset, decisions: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row for the accuracy and two for each class that occurs; one column per model, as ``0.912 (0.874 to 0.941)``.

    A rule that calls everything the same has a sensitivity of 1 or 0 on any data: that is stored as an exact number and
    shown as ``0 by definition``.

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
        constant = len(np.unique(called)) == 1
        accuracy = multiclass.multiclass_accuracy(part.targets, called, part.groups)
        run.add_interval(f"accuracy_{slug}", f"Accuracy, {where}", accuracy, part.groups, where, name)
        rates = multiclass.class_rates(part.targets, called, part.class_names, part.groups)
        column = {("all beats", "accuracy"): accuracy.text()}
        for (class_name, measure), row in rates.iterrows():
            column[class_name, measure] = _text(row)
            if constant and measure == multiclass.SENSITIVITY:
                column[class_name, measure] = f"{row['value']:.0f} by definition"
                metric = f"sensitivity_{slug}_{re.sub('[^a-z0-9]+', '_', class_name.lower())}"
                run.add_exact(metric, f"Sensitivity of {name}, {where}, {class_name}", row["value"])
            # What was never called has no predictive value: the table says so, and there is no number to store.
            elif row["samples"]:
                metric = f"{measure.replace(' ', '_')}_{slug}"
                one = pd.DataFrame([row], index=[class_name])
                run.add_subsets(metric, f"{measure.capitalize()}, {where}", one, row["method"], where, name)
        columns[name] = column
    table = pd.DataFrame(columns)
    table.index.names = ["beats", "measure"]
    return table


def _text(row: pd.Series) -> str:
    if np.isnan(row["value"]):
        return "never called"
    return Interval(row["value"], row["low"], row["high"], row["method"]).text()
