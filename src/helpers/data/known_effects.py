"""What medicine expects of the columns of a table: whether a higher value speaks for the disease or against it.

Written down from textbooks and guidelines before any model was looked at, so that the effects a model has learned can be
held against it. Columns about which no plain expectation exists are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.data.heart_columns import COLUMNS

_OFFICE = "Wilson et al. 1998, Circulation 97:1837"
_EXERCISE = "Gibbons et al. 2002, Circulation 106:1883"


@dataclass(frozen=True)
class Expectation:
    """What is known of one column.

    Attributes:
        sign: +1 where a higher value speaks for the disease, -1 where it speaks against it.
        reason: in a few words.
        citation: who says so.
    """

    sign: int
    reason: str
    citation: str


# By the keys of helpers.data.heart_columns; the codes of categories rise as listed there.
HEART = {
    "age": Expectation(1, "narrowed vessels become more frequent with age", "Diamond & Forrester 1979, NEJM 300:1350"),
    "sex": Expectation(1, "men fall ill earlier than women", "Diamond & Forrester 1979, NEJM 300:1350"),
    "cp": Expectation(
        -1, "typical angina (code 1) speaks for disease, no pain (4) against", "Diamond & Forrester 1979, NEJM 300:1350"
    ),
    "trestbps": Expectation(1, "high blood pressure damages vessels", _OFFICE),
    "chol": Expectation(1, "cholesterol builds plaques", _OFFICE),
    "fbs": Expectation(1, "diabetes damages vessels", _OFFICE),
    "thalach": Expectation(-1, "a sick heart reaches a lower rate", "Lauer et al. 1999, JAMA 281:524"),
    "exang": Expectation(1, "pain on exertion is a lack of blood", _EXERCISE),
    "oldpeak": Expectation(1, "depressed ST is a lack of blood", _EXERCISE),
    "slope": Expectation(1, "a flat or falling ST (2, 3) is a lack of blood", _EXERCISE),
    "ca": Expectation(1, "calcium marks diseased vessels", "Margolis et al. 1980, Radiology 137:609"),
    "thal": Expectation(1, "a defect on the scan is a lack of blood", "Klocke et al. 2003, Circulation 108:1404"),
}
# Street et al. model their measurements so that larger values are more suspicious; the fractal dimension is left out,
# because its mean hardly differs between the classes.
NUCLEUS = Expectation(1, "larger, darker, more irregular nuclei", "Street et al. 1993, doi:10.1117/12.148698")
NUCLEUS_WORDS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "smoothness",
)
NUCLEUS_KINDS = ("mean", "worst")


def known_effects(feature_names: Sequence[str]) -> Mapping[str, Expectation]:
    """The expectations for those columns that have one, by the name of the column."""
    known = {column.label: HEART[column.key] for column in COLUMNS if column.key in HEART}
    known |= {f"{kind} {word}": NUCLEUS for kind in NUCLEUS_KINDS for word in NUCLEUS_WORDS}
    return {name: known[name] for name in feature_names if name in known}
