"""Sentences of 12_standardization that depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data.units import UnitCheck
from helpers.data.unreadable import UnreadableError
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report import readings
from helpers.runtime import InputError

MARGIN = 0.02  # of AUROC: what a remedy may cost at home, and what a wrong reading may cost, before it is called a cost


def shift(table: pd.DataFrame) -> str:
    """What the change of scanner does to each model.

    Args:
        table: of :func:`helpers.report.standardization_tables.scanner_table`.
    """
    lines = []
    for model in dict.fromkeys(table.index.get_level_values(0)):
        rows = table.loc[model]
        home, others = rows.index[0], rows.iloc[1:]
        said = "; ".join(f"{scanner} {row['value']:.3f}, {_loss(row, 'drop')}" for scanner, row in others.iterrows())
        lines.append(f"{model.capitalize()}: AUROC {rows['value'].iloc[0]:.3f} behind {home}; behind {said}.")
    return "\n".join(lines)


def beside(table: pd.DataFrame) -> str:
    """Where the network is better than its opponents, and where not.

    Args:
        table: of :func:`helpers.report.standardization_tables.scanner_table`; the first model is the network.
    """
    _, *opponents = dict.fromkeys(table.index.get_level_values(0))
    lines = []
    for opponent in opponents:
        rows = table.loc[opponent]
        better, worse = (list(rows.index[chosen]) for chosen in (rows["ahead_low"] > 0, rows["ahead_high"] < 0))
        even = [name for name in rows.index if name not in better + worse]
        groups = (("higher", better), ("lower", worse), ("not to be told apart", even))
        said = "; ".join(f"{verdict} behind {readings.listed(names)}" for verdict, names in groups if names)
        lines.append(f"AUROC of the network beside that of the opponent ({opponent}): {said}.")
    return "\n".join(lines)


def remedies(table: pd.DataFrame, home: str) -> str:
    """Which remedies help where, and what they cost at home.

    Args:
        table: of :func:`helpers.report.standardization_tables.remedy_table`.
        home: scanner that was trained on.
    """
    lines = []
    for scanner in dict.fromkeys(table.index.get_level_values(1)):
        rows = table.xs(scanner, level=1)
        if scanner == home:
            lost = [f"{name} ({_signed(row, 'gain')})" for name, row in rows.iterrows() if row["gain_high"] < 0]
            safe = [name for name, row in rows.iterrows() if row["gain_low"] > -MARGIN]
            lines.append(
                f"The price behind {home} itself: decidedly lost with {readings.listed(lost) or 'none of them'}; a loss of "
                f"{MARGIN:g} or more is ruled out for {readings.listed(safe) or 'none of them'}."
            )
            continue
        good = [f"{name} ({_signed(row, 'gain')})" for name, row in rows.iterrows() if row["gain_low"] > 0]
        bad = [f"{name} ({_signed(row, 'gain')})" for name, row in rows.iterrows() if row["gain_high"] < 0]
        line = f"Behind {scanner} AUROC rises with {readings.listed(good) or 'no remedy that could be told from none'}"
        lines.append(f"{line}; it falls with {readings.listed(bad)}." if bad else f"{line}.")
    return "\n".join(lines)


def company(whole: PairedComparison) -> str:
    """What test-time statistics are worth when a clinic judges patient by patient instead of all at once.

    Args:
        whole: AUROC with the statistics of all tiles minus that with the statistics of one patient at a time, paired.
    """
    numbers = f"AUROC {whole.first:.3f} with the statistics of all tiles, {whole.second:.3f} patient by patient ({_gap(whole)})"
    if whole.low > 0:
        return (
            f"{numbers}. The company matters: where nearly all tiles of a batch are of one kind, normalizing by the batch takes "
            "the disease away with the scanner."
        )
    if whole.high < 0:
        return f"{numbers}. Here the small batches are even better: the patients' own staining is taken out, too."
    return f"{numbers}. These tiles cannot tell whether the company matters."


def distances(seen: Mapping[str, np.ndarray], repaired: Mapping[str, np.ndarray], home: str, remedy: str) -> str:
    """How far pictures are from those of the home scanner in gray levels, before and after a remedy.

    Args:
        seen: scanner to (n, height, width, 1), the same tissue.
        repaired: the same after the remedy; only scanners away from home are told.
        home: scanner that was trained on.
        remedy: one word for it.
    """
    goal = seen[home].astype(float)
    said = []
    for name in repaired:
        before, after = (np.abs(some[name] - goal).mean() for some in (seen, repaired))
        said += [f"{name} {before:.1f} before {remedy}, {after:.1f} after it"] if name != home else []
    return f"Mean distance from {home} in gray levels: {'; '.join(said)}."


def corruptions(table: pd.DataFrame) -> str:
    """What hurts most at the highest severity, and where training on random scanners protects.

    Args:
        table: of :func:`helpers.report.standardization_tables.corruption_table`; the first model is the plain one.
    """
    models = list(dict.fromkeys(table.index.get_level_values(2)))
    worst = max(table.index.get_level_values(1))
    rows = table.xs(worst, level=1)
    lines = []
    for model in models:
        lost = rows.xs(model, level=1).sort_values("lost", ascending=False, kind="stable")
        decided = [f"{kind} ({_signed(row, 'lost')})" for kind, row in lost.iterrows() if row["lost_low"] > 0]
        lines.append(
            f"At severity {worst}, {model} decidedly loses AUROC to {readings.listed(decided) or 'none of the corruptions'}."
        )
    return "\n".join(lines)


def protection(ahead: Mapping[str, PairedComparison]) -> str:
    """Where the network trained on random scanners is better or worse than the plain one.

    Args:
        ahead: kind of corruption to AUROC of the protected network minus the plain one at the highest severity, paired; ``none`` on
            the pictures as they were.
    """
    kinds = {kind: gap for kind, gap in ahead.items() if kind != "none"}
    better, worse = ([kind for kind, gap in kinds.items() if test(gap)] for test in (_above, _below))
    first = f"The network trained on random scanners is better under {readings.listed(better) or 'none of them'}"
    first += f" and worse under {readings.listed(worse)}" if worse else ""
    return f"{first}; on the pictures as they were its AUROC differs by {_gap(ahead['none'])}."


def reading(table: pd.DataFrame) -> str:
    """What a careless reader does to the network's answers.

    Args:
        table: of :func:`helpers.report.standardization_tables.reading_table`.
    """
    wrong = table.iloc[1:]
    hurt = [f"{way} ({_signed(row, 'drop')})" for way, row in wrong.iterrows() if row["drop_low"] > 0]
    rest = [way for way, row in wrong.iterrows() if not row["drop_low"] > 0]
    line = f"AUROC {table['value'].iloc[0]:.3f} on the files read right. Decidedly lost when read wrong: {readings.listed(hurt) or 'nothing'}"
    if rest:
        return f"{line}; no decided loss of ranking with {readings.listed(rest)}, though every gray value is wrong."
    return f"{line}."


def deidentified(fate: Mapping[str, Sequence[str]], before: Sequence[str], after: Sequence[str], leaked: int) -> str:
    """What became of a header, and whether the check finds anything.

    Args:
        fate: of :func:`helpers.data.deidentification.what_happened`.
        before, after: of :func:`helpers.data.deidentification.identifying_elements`.
        leaked: words of the person that are still in the bytes of the file.
    """
    counts = ", ".join(f"{len(names)} {kind}" for kind, names in fate.items())
    verdict = "finds nothing" if not after and not leaked else f"still finds {len(after)} elements and {leaked} words"
    return f"Elements: {counts}. The check found {len(before)} things that had to go before; afterwards it {verdict}."


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
            ranking = f"the ranking suffers: AUROC lost {_signed(row, 'drop')}"
        elif row["drop_high"] < 0:
            ranking = f"the ranking even gains: AUROC lost {_signed(row, 'drop')}"
        else:
            ranking = f"no loss of ranking can be told: AUROC lost {_signed(row, 'drop')}"
        level = f"calibration intercept {row['level']:+.2f} ({row['level_low']:+.2f} to {row['level_high']:+.2f})"
        lines.append(
            f"{state.capitalize()}: {ranking}; mean probability {row['mean']:.2f} for {row['ill']:.2f} ill, {level}."
        )
    first = table.iloc[0]
    home = f"{table.index[0].capitalize()}: mean probability {first['mean']:.2f} for {first['ill']:.2f} ill, calibration intercept {first['level']:+.2f} ({first['level_low']:+.2f} to {first['level_high']:+.2f})."
    return "\n".join([home, *lines])


def same_twice(same: bool, nudged: bool, moved: float) -> str:
    """Whether one training made twice is one network, and what one bit at the start does.

    Args:
        same: the weights of both are equal bit by bit.
        nudged: they are still equal after a nudge in the last bit.
        moved: largest change of a probability through the nudge.
    """
    first = (
        "Twice the same bits." if same else "The same training gave other bits: this machine does not repeat itself."
    )
    if nudged:
        return f"{first} The nudge was rounded away."
    return f"{first} After the nudge no hash agrees any more; the largest change of a probability is {moved:.1g}."


def crossed(scores: np.ndarray) -> str:
    """How far the means of splits lie apart, and the seeds within a split.

    Args:
        scores: (splits, seeds).
    """
    between, within = np.ptp(scores.mean(axis=1)), np.ptp(scores, axis=1).mean()
    wider = "rows differ more than" if between > within else "rows do not differ more than"
    return (
        f"The means of the splits range over {between:.3f} of AUROC, the seeds of one split over {within:.3f} on average: "
        f"the {wider} the points within a row. A range grows with the number of points, so variances are needed."
    )


def spread(parts: Mapping[str, Interval | float]) -> str:
    """Which part of the spread is largest, and how far below it the arithmetic lies.

    Args:
        parts: of :func:`helpers.report.standardization_tables.spread_parts`.
    """
    drawn = {name: part for name, part in parts.items() if isinstance(part, Interval)}
    arithmetic = {name: part for name, part in parts.items() if name not in drawn}
    order = sorted(drawn, key=lambda name: drawn[name].value, reverse=True)
    said = "; ".join(f"{name} {_ends(drawn[name])}" for name in order)
    first = f"Standard deviations of AUROC: {said}. The largest is that of {order[0]}."
    most = max(arithmetic.values())
    if most <= 0:
        return f"{first} Another order of additions and another precision changed no score at all: no two cases swapped places."
    share = drawn[order[0]].value / most
    return f"{first} The arithmetic ({readings.listed(list(arithmetic))}) moves AUROC by {most:.1g} (root mean square over the splits), 1 / {share:,.0f} of that."


def seeds(needed: Mapping[float, int], deviation: float, spent: int) -> str:
    """How many seeds a claim needs, and what the usual number can show.

    Args:
        needed: difference of AUROC to seeds of each recipe.
        deviation: between seeds on one split.
        spent: seeds of the usual study.
    """
    said = readings.listed([f"{count:,} for a difference of {gap:g}" for gap, count in needed.items()])
    found = [gap for gap, count in needed.items() if count <= spent]
    can = (
        f"With {spent} seeds a difference of {min(found):g} or more is found four times out of five"
        if found
        else f"With {spent} seeds none of these is found four times out of five"
    )
    return f"Seeds differ by {deviation:.4f} on one split, so each recipe needs {said}. {can}. That is about luck in training only: more seeds make no test set larger."


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

    judged = metrics["drop_network_scanner_c"]
    gains = [name for name in metrics if name.startswith("gain_") and name.endswith("_scanner_c")]
    helped = sum(claims[name] for name in claims if name.startswith("helps_"))
    best = max(gains, key=lambda name: metrics[name]["value"])
    price = "no remedy costs 0.02 or more at home" if claims["no_price_at_home"] else "at home not every remedy is free"
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
        "split": f"standard deviation of AUROC by split {metrics['spread_split']['value']:.4f}, by seed "
        f"{metrics['spread_seed']['value']:.4f}, by both {metrics['spread_rest']['value']:.4f}",
        "planned": f"{metrics['seeds_0.01']['value']:.0f} seeds of each recipe for a difference of 0.01",
    }
    return "\n".join(f"{word + ':':10} {line}" for word, line in lines.items())


def missing(table: pd.DataFrame) -> str:
    """What this repository's documents do not hold."""
    nowhere = list(table.index[table["stands in"] == "nowhere"])
    if not nowhere:
        return "Everything on the list stands in results.json or manifest.json."
    return f"Not written down anywhere: {readings.listed(nowhere)}. Two machines that differ in this may differ in the last bits."


def _refusal(reader: Callable[[Path], object], path: Path) -> str:
    try:
        reader(path)
    except UnreadableError as error:
        return f"{path.name} {error}"
    except InputError as error:
        return str(error)
    return f"{path.name} was read without complaint"


def _above(found: PairedComparison) -> bool:
    return found.low > 0


def _below(found: PairedComparison) -> bool:
    return found.high < 0


def _loss(row: pd.Series, name: str) -> str:
    word = (
        "lost" if row[f"{name}_low"] > 0 else "gained" if row[f"{name}_high"] < 0 else "not to be told from no change"
    )
    return f"{word} ({_signed(row, name)})"


def _signed(row: pd.Series, name: str) -> str:
    return f"{row[name]:+.3f}, {row[f'{name}_low']:+.3f} to {row[f'{name}_high']:+.3f}"


def _gap(found: PairedComparison) -> str:
    return f"{found.difference:+.3f}, {found.low:+.3f} to {found.high:+.3f}"


def _ends(found: Interval) -> str:
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"
