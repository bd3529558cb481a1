"""Sentences of 13_foundation_models about scaling laws: every outcome is worded."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from helpers.evaluation.power_law import Extrapolation, PowerLaw
from helpers.report.readings import listed, with_interval
from helpers.report.scaling_plots import short_size


def law(found: PowerLaw, what: str) -> str:
    """What doubling ``what`` (a plural, such as ``parameters``) does to the loss, and whether a law is shown at all."""
    doubled, exponent = found.factor(), found.exponent
    part = "the part of the loss above the floor" if found.with_floor else "the loss"
    numbers = (
        f"doubling the {what} multiplies {part} by {with_interval(doubled.value, doubled.low, doubled.high)}, exponent "
        f"{with_interval(exponent.value, exponent.low, exponent.high)}, from {_sizes(found)}"
    )
    if exponent.low > 0:
        sentence = f"More {what}, less loss: {numbers}."
    elif exponent.high < 0:
        sentence = f"More {what}, more loss: {numbers}."
    else:
        sentence = f"No law over {what} is shown, the interval of the exponent includes 0: {numbers}."
    return f"{sentence} {_floor(found)}" if found.with_floor else sentence


def extrapolation(check: Extrapolation, what: str) -> str:
    """Whether the largest size came out as the smaller ones promised, and whether the check could have failed."""
    predicted, stopped, digits = check.predicted, check.law.means[-1], _digits(check)
    start = (
        f"From {_sizes(check.law)} the law promises {with_interval(predicted.value, predicted.low, predicted.high, digits)} at "
        f"{_size(check.size)} {what}; {check.observed:.{digits}f} was measured"
    )
    if not check.inside:
        side = "higher" if check.observed > predicted.high else "lower"
        return f"{start}: outside, the loss is {side} than promised. The law does not reach this far (by chance alone 1 in 20 miss)."
    if check.standstill_inside:
        return (
            f"{start}: inside. That is weak support: a loss that had stopped falling at {stopped:.{digits}f}, the last fitted size, would "
            "have been inside too."
        )
    return f"{start}: inside, and a loss that had stopped at {stopped:.{digits}f}, the last fitted size, would not have been."


def title(checks: Mapping[str, Extrapolation]) -> str:
    """Title of the figure: which extrapolations held, and which of them could have failed.

    Args:
        checks: as for :func:`helpers.report.scaling_plots.scaling_law_plot`.
    """
    outside = [name for name, check in checks.items() if not check.inside]
    weak = [name for name, check in checks.items() if check.inside and check.standstill_inside]
    held = [name for name in checks if name not in outside + weak]
    words = {"it fails over {}": outside, "it holds over {}": held, "it cannot be told from a standstill over {}": weak}
    return (
        f"The law, one step further: {', '.join(text.format(listed(names)) for text, names in words.items() if names)}"
    )


def alternative(checks: Mapping[str, Extrapolation], loss: str) -> str:
    """Alternative text of the figure."""
    parts = [
        f"over {name} from {check.law.means[0]:.3g} at {_size(check.law.sizes[0])} to {check.observed:.3g} at {_size(check.size)}, "
        f"where {check.predicted.low:.3g} to {check.predicted.high:.3g} was predicted"
        for name, check in checks.items()
    ]
    return f"On logarithmic axes, {loss} against size with a fitted line and its band: {'; '.join(parts)}."


def law_table(laws: Mapping[str, PowerLaw], checks: Mapping[str, Extrapolation]) -> pd.DataFrame:
    """One row per law: what doubling does, the exponent, and the check by extrapolation.

    Args:
        laws: what grows to the law of *all* sizes.
        checks: the same names to the extrapolation without the largest.
    """
    rows = {}
    for name, found in laws.items():
        check = checks[name]
        rows[name] = {
            "sizes": len(found.sizes),
            "runs per size": found.losses.shape[1],
            "doubling multiplies the loss by": found.factor().text(),
            "exponent": found.exponent.text(),
            "largest size: predicted": check.predicted.text(_digits(check)),
            "measured": f"{check.observed:.{_digits(check)}f}",
            "inside": "yes" if check.inside else "no",
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _size(value: float) -> str:
    """Whole up to a million, then as on the axis of the figure."""
    return f"{value:,.0f}" if value < 1e6 else short_size(value)


def _digits(check: Extrapolation) -> int:
    """After the point, so that the measured loss keeps three that count."""
    return max(0, 2 - math.floor(math.log10(check.observed)))


def _floor(found: PowerLaw) -> str:
    numbers = with_interval(found.floor.value, found.floor.low, found.floor.high)
    if found.floor.low > 0:
        return f"A floor shows: no size gets below {numbers}, if the law holds."
    return f"A floor cannot be told from none: {numbers}."


def _sizes(found: PowerLaw) -> str:
    repeats = found.losses.shape[1]
    return f"{len(found.sizes)} sizes with {repeats} run{'s' if repeats > 1 else ''} each"
