"""Sentences of 12_standardization that depend on numbers: the door to all of them, and those about files and units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data.units import UnitCheck
from helpers.data.unreadable import UnreadableError
from helpers.report.readings import listed
from helpers.report.repeatability_readings import (
    crossed,
    crossed_title,
    missing,
    same_twice,
    seeds,
    spread,
    spread_title,
)
from helpers.report.scanner_readings import (
    beside,
    company,
    corruptions,
    corruptions_title,
    distances,
    protection,
    reading,
    remedies,
    remedies_title,
    shift,
    shift_title,
    signed,
)
from helpers.runtime import InputError

__all__ = [
    "beside",
    "company",
    "constant_term",
    "corruptions",
    "corruptions_title",
    "crossed",
    "crossed_title",
    "deidentified",
    "distances",
    "missing",
    "mixed_column",
    "mixup",
    "protection",
    "reading",
    "refusals",
    "remedies",
    "remedies_title",
    "same_twice",
    "seeds",
    "shift",
    "shift_title",
    "spread",
    "spread_title",
    "summary",
]


ROUNDING = 0.005  # of AUROC: less is not worth a word


def deidentified(fate: Mapping[str, Sequence[str]], before: Sequence[str], after: Sequence[str], leaked: int) -> str:
    """What became of a header, and whether the check finds anything.

    Args:
        fate: of :func:`helpers.data.deidentification.what_happened`.
        before, after: of :func:`helpers.data.deidentification.identifying_elements`.
        leaked: words of the person that are still in the bytes of the file.
    """
    counts = ", ".join(f"{len(names)} {kind}" for kind, names in fate.items())
    inside = "counting what lies inside sequences, every private element and a statement that is missing"
    verdict = "finds nothing" if not after and not leaked else f"still finds {len(after)} elements and {leaked} words"
    return (
        f"Elements of the outermost level: {counts}. Before, the check, {inside}, found {len(before)} things amiss; afterwards it "
        f"{verdict}."
    )


def mixed_column(found: UnitCheck, touched: np.ndarray) -> str:
    """How well the plausible range finds the values that were really in the other unit.

    Args:
        found: of :func:`helpers.data.units.check_unit`.
        touched: (n,) True where the value is in the other unit.
    """
    caught, false = int((found.other & touched).sum()), int((found.other & ~touched).sum())
    sentence = f"{caught} of {int(touched.sum())} values in the other unit are found, {false} right ones are accused"
    unclear = int(found.either.sum())
    return f"{sentence}; {unclear} could be either." if unclear else f"{sentence}; none is left in doubt."


def mixup(table: pd.DataFrame) -> str:
    """What the mix-up does to ranking and level.

    Args:
        table: of :func:`helpers.report.standardization_tables.mixup_table`.
    """
    lines = []
    for state, row in table.iloc[1:].iterrows():
        if row["drop_low"] > 0:
            ranking = f"the ranking suffers: AUROC lost {signed(row, 'drop')}"
        elif row["drop_high"] < 0:
            ranking = f"the ranking even gains: AUROC lost {signed(row, 'drop')}"
        else:
            ranking = f"no loss of ranking can be told: AUROC lost {signed(row, 'drop')}"
        level = f"calibration intercept {row['level']:+.2f} ({row['level_low']:+.2f} to {row['level_high']:+.2f})"
        lines.append(
            f"{state.capitalize()}: {ranking}; mean probability {row['mean']:.2f} for {row['ill']:.2f} ill, {level}."
        )
    first = table.iloc[0]
    home = f"{table.index[0].capitalize()}: mean probability {first['mean']:.2f} for {first['ill']:.2f} ill, calibration intercept {first['level']:+.2f} ({first['level_low']:+.2f} to {first['level_high']:+.2f})."
    return "\n".join([home, *lines])


def constant_term(table: pd.DataFrame, factor: float, shift: float) -> str:
    """Why the ranking hardly notices a unit that is wrong for everybody, and the level does.

    Args:
        table: of :func:`helpers.report.laboratory_tables.mixup_table`, with the states ``as stated``, ``all in the other unit`` and
            ``all at one value``.
        factor: from the stated unit to the other.
        shift: mean change of the logit when all are in the other unit.
    """
    stated, other, one = (
        table.loc[state, "auroc"] for state in ("as stated", "all in the other unit", "all at one value")
    )
    beyond = "no more than" if other > one - ROUNDING else "more than"
    return (
        f"Times {factor:.3f}, the term of cholesterol is nearly the same for everybody: the logit moves by {shift:+.2f} on average, and "
        f"the ranking loses {beyond} what cholesterol had given it: AUROC {stated:.4f} as stated, {other:.4f} all in the other "
        f"unit, {one:.4f} when all are given one value."
    )


def refusals(reader: Callable[[Path], object], files: Mapping[str, Path]) -> str:
    """What is wrong with each file, and the line with which a reader refuses it; or that it did not."""
    return "\n".join(f"{wrong + ':':22} {_refusal(reader, path)}" for wrong, path in files.items())


def summary(document: Mapping) -> str:
    """Line by line what the notebook promised, from its own results.

    Args:
        document: of ``results.json``.
    """
    metrics = {metric["name"]: metric for metric in document["metrics"]}
    claims = {claim["name"]: claim["holds"] for claim in document["claims"]}

    def with_ends(name: str) -> str:
        one = metrics[name]
        return f"{one['value']:+.3f} ({one['low']:+.3f} to {one['high']:+.3f})"

    def spread_of(name: str) -> str:
        one = metrics[name]
        return f"{one['value']:.4f} ({one['low']:.4f} to {one['high']:.4f})"

    judged, needed = metrics["drop_network_scanner_c"], metrics["seeds_0.01"]
    gains = [name for name in metrics if name.startswith("gain_") and name.endswith("_scanner_c")]
    helped = sum(claims[name] for name in claims if name.startswith("helps_"))
    best = max(gains, key=lambda name: metrics[name]["value"])
    at_home = [name for name in metrics if name.startswith("gain_") and name.endswith("_scanner_a")]
    dear = [metrics[name]["model"] for name in at_home if metrics[name]["high"] < 0]
    if claims["no_price_at_home"]:
        price = "no remedy costs 0.02 or more at home"
    elif dear:
        price = f"at home AUROC falls with {listed(dear)}"
    else:
        price = "a loss of 0.02 at home is not ruled out for every remedy"
    better = [metrics[name]["model"] for name in at_home if metrics[name]["low"] > 0]
    price += f", and it rises there, too, with {listed(better)}" if better else ""
    level = metrics["unit_intercept_all_in_the_other_unit"]
    lines = {
        "measured": f"AUROC lost from scanner A to C {with_ends('drop_network_scanner_c')}, n = {judged['n']} tiles of "
        f"{judged['groups']} patients",
        "compared": f"{helped} of {len(gains)} remedies help behind C, most {metrics[best]['model']}: "
        f"{with_ends(best)}; {price}",
        "read": f"DICOM comes back bit by bit ({'yes' if claims['dicom'] else 'no'}); ignoring MONOCHROME1 costs "
        f"{with_ends('read_drop_monochrome1_ignored')}; nobody is left in the header ({'yes' if claims['nobody_left'] else 'no'})",
        "found": f"the other unit for everybody: AUROC lost {with_ends('unit_auroc_drop_all_in_the_other_unit')}, calibration intercept "
        f"{level['value']:+.2f} ({level['low']:+.2f} to {level['high']:+.2f}), n = {level['n']}",
        "split": f"standard deviation of AUROC by split {spread_of('spread_split')}, by seed on one split "
        f"{spread_of('spread_seed_on_one_split')}, n = {metrics['spread_split']['n']} trainings",
        "planned": f"{needed['value']:.0f} ({needed['low']:.0f} to {needed['high']:.0f}) seeds of each recipe for a difference of "
        f"0.01; 5 seeds find {spread_of('found_with_5_seeds')}",
    }
    return "\n".join(f"{word + ':':10} {line}" for word, line in lines.items())


def _refusal(reader: Callable[[Path], object], path: Path) -> str:
    try:
        reader(path)
    except UnreadableError as error:
        return f"{path.name} {error}"
    except InputError as error:
        return str(error)
    return f"{path.name} was read without complaint"
