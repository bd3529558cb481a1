"""Sentences about steering: who judges, what is proved by that, what it costs, and whether choosing would have done as well."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.evaluation.proportions import Interval


def judges(errors: Mapping[str, Interval], steered_by: str) -> str:
    """How well the judges know the answers where these were measured, on scaffolds that none was trained on.

    Args:
        errors: of :func:`helpers.evaluation.molecule_judges.judge_errors`; the last one is a constant.
        steered_by: the judge that the network learns to please.
    """
    trivial = list(errors)[-1]
    parts = ", ".join(f"{name} {errors[name].text(2)}" for name in errors)
    forest = errors["the forest"]
    if forest.low > errors[trivial].high:
        verdict = "The forest is worse than a constant: as a judge it is worth nothing"
    elif forest.high < errors[trivial].low:
        verdict = "The forest knows more than a constant"
    else:
        verdict = "The forest is not clearly better than a constant, a weak judge"
    verdict += f", but less than {steered_by}" if forest.low > errors[steered_by].high else ""
    return f"RMSE on measured molecules with unseen scaffolds: {parts}. {verdict}."


def asked_about(table: pd.DataFrame) -> str:
    """How strange to the forest the molecules are that it judges, and whether steering has changed their size.

    Args:
        table: of :func:`helpers.evaluation.molecule_judges.strangeness`; rows ``not steered``, ``steered``, ``measured, unseen``.
    """
    parts = ", ".join(f"{name} {row['distance']:.2f}" for name, row in table.iterrows())
    before, after = (table.loc[name, "weight"] for name in ("not steered", "steered"))
    size = ": part of the gain may be size" if after < before else ": size does not explain the gain"
    usual = table.loc["measured, unseen", "distance"]
    strange = max(table.loc[name, "distance"] for name in ("not steered", "steered")) > usual
    kind = "further away than those its error was measured on: it may be larger here" if strange else "no further away"
    return (
        f"Median distance to the nearest molecule the forest was trained on: {parts}; {kind}. Mean weight {before:.0f} g/mol "
        f"before, {after:.0f} after steering ({after - before:+.0f}){size}."
    )


def proof(gains: Mapping[str, Interval], steered_by: str, quantity: str, error: float) -> str:
    """Whether judges that took no part in steering see the gain, too.

    Args:
        gains: name of a judge to the difference of means, steered minus not steered; ``steered_by`` is one of them.
        steered_by: the judge that the network learned to please.
        quantity: what is judged, with its unit.
        error: RMSE of the forest on unseen scaffolds, in the same unit.
    """
    own, forest = gains[steered_by], gains["the forest"]
    first = f"{quantity}: {steered_by}, which it learned to please, sees {own.value:+.2f} ({own.low:+.2f} to {own.high:+.2f})"
    seen = f"{forest.value:+.2f} ({forest.low:+.2f} to {forest.high:+.2f})"
    rest = [name for name in gains if name not in (steered_by, "the forest")]
    laws = "".join(
        f"; {name} {gains[name].value:+.2f} ({gains[name].low:+.2f} to {gains[name].high:+.2f})" for name in rest
    )
    tail = f"{laws}. The forest's own error on a single molecule of an unseen scaffold is {error:.2f}."
    if own.low <= 0:
        return f"{first}: steering has not worked even there. The forest, which took no part, sees {seen}{tail}"
    if forest.low > 0:
        return f"{first}. The forest, which took no part, sees a gain, too: {seen}{tail}"
    return f"{first}. The forest, which took no part, sees none ({seen}): it has learned to please{tail}"


def price(before: Mapping[str, Interval], after: Mapping[str, Interval]) -> str:
    """What steering did to validity, uniqueness and novelty; a share whose intervals do not meet has changed."""
    parts, changed = [], []
    for key in ("valid", "unique", "novel"):
        parts.append(f"{key} {before[key].value:.3f} to {after[key].value:.3f}")
        if after[key].high < before[key].low:
            changed.append(f"{key} falls")
        elif after[key].low > before[key].high:
            changed.append(f"{key} rises")
    verdict = " and ".join(changed) if changed else "none of the three has changed beyond its interval"
    collapsed = "; it has collapsed onto a few molecules" if after["unique"].value < before["unique"].value / 2 else ""
    return f"{', '.join(parts)}: {verdict}{collapsed}."


def yields(found: Mapping[str, Interval], bar: float, extra: int) -> str:
    """How many texts give a new molecule above the bar, before and after steering: choosing alone costs no training.

    Args:
        found: ``not steered`` and ``steered`` to the share of all texts, those written while steering included.
        bar: of judged log solubility, mol/L.
        extra: texts written while steering.
    """
    before, after = found["not steered"], found["steered"]
    first = (
        f"New molecules above {bar:.2f}, of all texts: {before.text()} without steering (write, judge, choose), {after.text()} "
        f"with it, the {extra:,} texts written while steering counted as spent"
    )
    if after.low > before.high:
        times = f", {after.value / before.value:.1f} times as many" if before.value > 0 else ""
        return f"{first}{times}: steering earns its cost."
    if after.high < before.low:
        return f"{first}: writing more and choosing finds more of them, without any steering."
    return f"{first}: no difference can be shown; writing more and choosing does as well."
