"""Sentences about the machine and the reading of its files, which depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluation.comparison import PairedComparison
from helpers.report import readings

MARGIN = 0.02  # of AUROC: what a remedy may cost at home before it is called a price


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


def shift_title(table: pd.DataFrame) -> str:
    """What the figure of the scanners shows, in its title.

    Args:
        table: of :func:`helpers.report.standardization_tables.scanner_table`; the first model is the network.
    """
    rows = table.loc[table.index[0][0]]
    lost = list(rows.index[rows["drop_low"] > 0])
    where = f"behind {readings.listed(lost)}" if lost else "behind no other scanner for certain"
    return f"One tissue: the network loses AUROC {where}"


def remedies_title(table: pd.DataFrame, away: str) -> str:
    """What the figure of the remedies shows, in its title.

    Args:
        table: of :func:`helpers.report.standardization_tables.remedy_table`.
        away: scanner that the remedies are for.
    """
    rows = table.xs(away, level=1)
    return f"{(rows['gain_low'] > 0).sum()} of {len(rows)} remedies help behind {away}; their price stands beside it"


def corruptions_title(table: pd.DataFrame) -> str:
    """What the figure of the corruptions shows, in its title.

    Args:
        table: of :func:`helpers.report.standardization_tables.corruption_table`.
    """
    plain, shielded = dict.fromkeys(table.index.get_level_values(2))
    worst = max(table.index.get_level_values(1))
    lost = table.xs(worst, level=1)
    hardest = lost.xs(plain, level=1)["lost"].idxmax()
    plainly, guarded = (lost.loc[(hardest, model), "lost"] for model in (plain, shielded))
    return f"{hardest.capitalize()} costs most AUROC: {plain} {plainly:.2f}, {shielded} {guarded:.2f}"


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
            lost = [f"{name} ({signed(row, 'gain')})" for name, row in rows.iterrows() if row["gain_high"] < 0]
            safe = [name for name, row in rows.iterrows() if row["gain_low"] > -MARGIN]
            better = [f"{name} ({signed(row, 'gain')})" for name, row in rows.iterrows() if row["gain_low"] > 0]
            line = (
                f"The price behind {home} itself: decidedly lost with {readings.listed(lost) or 'none of them'}; a loss of "
                f"{MARGIN:g} or more is ruled out for {readings.listed(safe) or 'none of them'}"
            )
            if better:
                line += (
                    f"; gained with {readings.listed(better)}: what rises at home, too, is not the undoing of another scanner, "
                    "so a part of the gain elsewhere is not, either"
                )
            lines.append(f"{line}.")
            continue
        good = [f"{name} ({signed(row, 'gain')})" for name, row in rows.iterrows() if row["gain_low"] > 0]
        bad = [f"{name} ({signed(row, 'gain')})" for name, row in rows.iterrows() if row["gain_high"] < 0]
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
        decided = [f"{kind} ({signed(row, 'lost')})" for kind, row in lost.iterrows() if row["lost_low"] > 0]
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
    hurt = [f"{way} ({signed(row, 'drop')})" for way, row in wrong.iterrows() if row["drop_low"] > 0]
    rest = [way for way, row in wrong.iterrows() if not row["drop_low"] > 0]
    line = f"AUROC {table['value'].iloc[0]:.3f} on the files read right. Decidedly lost when read wrong: {readings.listed(hurt) or 'nothing'}"
    if rest:
        return f"{line}; no decided loss of ranking with {readings.listed(rest)}, though every gray value is wrong."
    return f"{line}."


def signed(row: pd.Series, name: str) -> str:
    """A paired difference with its interval, from the columns ``<name>``, ``<name>_low`` and ``<name>_high``."""
    return f"{row[name]:+.3f}, {row[f'{name}_low']:+.3f} to {row[f'{name}_high']:+.3f}"


def _loss(row: pd.Series, name: str) -> str:
    word = (
        "lost" if row[f"{name}_low"] > 0 else "gained" if row[f"{name}_high"] < 0 else "not to be told from no change"
    )
    return f"{word} ({signed(row, name)})"


def _gap(found: PairedComparison) -> str:
    return f"{found.difference:+.3f}, {found.low:+.3f} to {found.high:+.3f}"


def _above(found: PairedComparison) -> bool:
    return found.low > 0


def _below(found: PairedComparison) -> bool:
    return found.high < 0
