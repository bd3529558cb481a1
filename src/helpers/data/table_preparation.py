"""From a table with gaps to numbers for a linear model or a network: fill, mark what was filled, scale, unfold codes.

Everything here is *learned* from the rows it is fitted on (medians, means, most frequent codes), so it belongs inside
every fold, in one pipeline with the model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from helpers.data.heart_columns import CATEGORIES, COLUMNS, NUMBERS


def heart_preparation(marked: bool = True) -> ColumnTransformer:
    """An unfitted transformer of the 13 heart measurements to numbers without gaps.

    Numbers are filled with the median and scaled to mean 0 and standard deviation 1; each code of a category becomes a column
    of 0 and 1. The code book decides how many columns there are, not what a fold happens to hold, so every fold has equally
    many.

    Args:
        marked: what is missing leaves a mark: one more column for every number, and one more code for every category.
            Otherwise a missing category becomes the most frequent one, and nothing tells that it was missing.
    """
    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    parts = [("numbers", make_pipeline(fill, StandardScaler()), list(NUMBERS))]
    if marked:
        marks = make_pipeline(MissingIndicator(features="all"), StandardScaler())
        parts.append(("marks", marks, list(NUMBERS)))
        parts.append(("codes", _unfold(CATEGORIES, (np.nan,)), list(CATEGORIES)))
    else:
        guess = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
        parts.append(("codes", make_pipeline(guess, _unfold(CATEGORIES)), list(CATEGORIES)))
    return ColumnTransformer(parts)


def _unfold(columns: Sequence[int], further: tuple[float, ...] = ()) -> OneHotEncoder:
    codes = [[*map(float, COLUMNS[column].codes), *further] for column in columns]
    return OneHotEncoder(categories=codes, handle_unknown="ignore", sparse_output=False)
