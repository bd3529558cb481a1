"""Units of laboratory values: convert between mass and amount of substance, and find a column that mixes them up.

The same cholesterol is 200 in Boston and 5.2 in Basel. One factor lies between, 10 / molar mass from mg/dL to mmol/L, so nothing
in the numbers themselves says which it is, except that nobody lives with a cholesterol of 5.2 mg/dL. Codes of units are those of
UCUM, codes of measurements those of LOINC, which has one for each kind of unit. Reference ranges: NCEP ATP III (2002, third report,
Circulation 106:3143), American Diabetes Association (ADA 2024, Diabetes Care 47:S20), and the laboratory that is named.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.runtime import InputError

TABLE, RANGES = (Path(__file__).with_name(name) for name in ("laboratory.csv", "reference_ranges.csv"))
MASS_UNIT = "mg/dL"
PER_MOLE = {"mmol/L": 10.0, "umol/L": 10_000.0}  # mg/dL times this, over g/mol


@dataclass(frozen=True)
class ReferenceRange:
    """What a laboratory prints beside a result.

    Attributes:
        whom: it is for.
        low, high: mg/dL; None where the range is open.
        source: who says so, and what it means.
    """

    whom: str
    low: float | None
    high: float | None
    source: str


@dataclass(frozen=True)
class Analyte:
    """What is measured in blood.

    Attributes:
        name: for people.
        molar_mass: g/mol.
        mole_unit: ``mmol/L`` or ``umol/L``.
        loinc: unit to the LOINC code of the measurement in it.
        lowest, highest: mg/dL that a living person can have; wide, because the ill are measured.
        references: ranges of the healthy, one for each group of people that has its own.
    """

    name: str
    molar_mass: float
    mole_unit: str
    loinc: Mapping[str, str]
    lowest: float
    highest: float
    references: tuple[ReferenceRange, ...]

    def factor(self, unit: str) -> float:
        """What a value in mg/dL is multiplied by to be in ``unit``.

        Raises:
            InputError: this is not measured in that unit.
        """
        if unit == MASS_UNIT:
            return 1.0
        if unit != self.mole_unit:
            raise InputError(f"{self.name} in {unit!r}: it is measured in {MASS_UNIT} or {self.mole_unit}")
        return PER_MOLE[unit] / self.molar_mass

    def convert(self, values: np.ndarray | float, unit: str, wanted: str) -> np.ndarray | float:
        """Values of any shape from one unit to another."""
        return np.asarray(values) * (self.factor(wanted) / self.factor(unit))

    def other_unit(self, unit: str) -> str:
        """The unit that this one is mixed up with."""
        self.factor(unit)
        return self.mole_unit if unit == MASS_UNIT else MASS_UNIT


@dataclass(frozen=True)
class UnitCheck:
    """What the plausible range says about a column; each (n,) of booleans, missing values in none.

    Attributes:
        stated: possible in the stated unit only.
        other: possible in the other unit only: a mix-up, as long as there is no third explanation.
        either: possible in both, so that the range cannot tell.
        neither: possible in no unit.
    """

    stated: np.ndarray
    other: np.ndarray
    either: np.ndarray
    neither: np.ndarray


@functools.cache
def analytes() -> Mapping[str, Analyte]:
    """Everything in ``laboratory.csv`` by its name, with its rows of ``reference_ranges.csv``."""
    rows, ranges = ([*csv.DictReader(path.read_text(encoding="utf-8").splitlines())] for path in (TABLE, RANGES))
    return {
        row["analyte"]: Analyte(
            row["analyte"],
            float(row["molar_mass"]),
            row["mole_unit"],
            {MASS_UNIT: row["mass_loinc"], row["mole_unit"]: row["mole_loinc"]},
            float(row["lowest"]),
            float(row["highest"]),
            tuple(
                ReferenceRange(one["whom"], _number(one["low"]), _number(one["high"]), one["source"])
                for one in ranges
                if one["analyte"] == row["analyte"]
            ),
        )
        for row in rows
    }


def analyte(name: str) -> Analyte:
    """One of :func:`analytes`.

    Raises:
        InputError: the table does not hold it.
    """
    if name not in analytes():
        raise InputError(f"no units for {name!r}: known are {', '.join(analytes())}")
    return analytes()[name]


def check_unit(values: np.ndarray, measured: Analyte, unit: str) -> UnitCheck:
    """Which values of a column can be what they are said to be.

    Args:
        values: (n,) in what is said to be ``unit``; NaN where nothing was measured.
        measured: what the column holds.
        unit: that the column is said to be in.
    """
    values = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(values)
    as_stated = known & _possible(measured, measured.convert(values, unit, MASS_UNIT))
    as_other = known & _possible(measured, measured.convert(values, measured.other_unit(unit), MASS_UNIT))
    return UnitCheck(as_stated & ~as_other, as_other & ~as_stated, as_stated & as_other, known & ~as_stated & ~as_other)


def _possible(measured: Analyte, milligrams: np.ndarray) -> np.ndarray:
    return (milligrams >= measured.lowest) & (milligrams <= measured.highest)


def _number(text: str) -> float | None:
    return float(text) if text else None
