"""What the monitor of 14_devices writes into the results: alarms, drift alarms, and a program per 1,000 people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.alarms import AlarmCount, Monitored, count_alarms
from helpers.evaluation.comparison import paired_at_thresholds
from helpers.evaluation.proportions import Interval, cluster_proportion
from helpers.evaluation.signal_watch import noticed_share
from helpers.report.monitor_readings import MOST_TIMES, against_rule
from helpers.report.writing import Run

PROGRAM_WORDS = {
    "found": "ill, found",
    "missed": "ill, missed",
    "flagged_healthy": "healthy, flagged",
    "true_share": "share of the flagged who are ill",
    "cost": "cost",
    "cost_per_found": "cost of one found",
}


def alarm_scores(run: Run, heard: Sequence[Monitored], threshold: float, allowed: float) -> tuple[AlarmCount, Interval]:
    """Alarms an hour and beats found, with the finding that false ones keep to what was allowed on validation.

    Args:
        run: gets ``alarms_false``, ``alarms_all`` and ``beats_found``.
        heard: recordings of the test part.
        threshold: from which on a beat is called.
        allowed: false alarms an hour.

    Returns:
        The alarms; the share of the ventricular beats that are found.
    """
    counted = count_alarms(heard, threshold)
    for name, words, rate in (("false", "False alarms", counted.false_rate), ("all", "Alarms", counted.rate)):
        _keep(run, f"alarms_{name}", f"{words} an hour, test", rate, len(heard), "per hour", "monitor")
    sentence = "On strangers no more false alarms an hour than allowed."
    run.add_claim("alarms_as_allowed", sentence, counted.false_rate.high <= allowed)
    scores, groups = _ventricular(heard)
    found = cluster_proportion(scores >= threshold, groups)
    run.add_interval("beats_found", "Ventricular beats found, test", found, groups, model="monitor")
    return counted, found


def rule_scores(
    run: Run, network: Sequence[Monitored], rule: Sequence[Monitored], thresholds: tuple[float, float]
) -> str:
    """What the monitor finds beyond a rule that scores the same recordings; into the results, and into words.

    Args:
        run: gets ``beats_gain_over_rule`` and ``alarms_false_rule``.
        network, rule: the same recordings with the scores of either.
        thresholds: of the network and of the rule, both chosen on validation.
    """
    (first, groups), (second, _) = _ventricular(network), _ventricular(rule)
    # All of these are to be found, so the share of right calls is the share that is found; recordings are drawn.
    gap = paired_at_thresholds("accuracy", np.ones(len(groups)), first, second, thresholds, groups)
    label = "Ventricular beats found, network minus rule, test"
    run.add_interval("beats_gain_over_rule", label, gap, groups, model="monitor")
    counts = [count_alarms(seen, threshold) for seen, threshold in zip((network, rule), thresholds, strict=True)]
    label = "False alarms of the rule an hour, test"
    _keep(run, "alarms_false_rule", label, counts[1].false_rate, len(rule), "per hour", "interval rule")
    return f"Rule: call from {thresholds[1]:.2f} times shorter on. {against_rule(gap, *counts)}"


def drift_scores(run: Run, times: Interval, waits: np.ndarray, idle: np.ndarray) -> Interval:
    """False drift alarms and planted changes noticed into the results, with both findings.

    Args:
        times: false alarms in multiples of the derived number.
        waits, idle: (n,) minutes to the next alarm with and without the change; nan where none came.

    Returns:
        Share of the planted changes that were noticed.
    """
    recordings = len(waits)
    _keep(run, "drift_false_times", "False drift alarms against derived", times, recordings, "times", "drift alarm")
    noticed, calm = noticed_share(waits), noticed_share(idle)
    _keep(run, "drift_noticed", "Planted changes noticed", noticed, recordings, "", "drift alarm")
    _keep(run, "drift_idle", "Alarms in the same half without a change", calm, recordings, "", "drift alarm")
    sentence = f"Undisturbed recordings are shown to alarm at most {MOST_TIMES} times as often as derived."
    run.add_claim("drift_at_most_twice", sentence, times.high <= MOST_TIMES)
    beyond = np.where(np.isfinite(idle), np.nan, waits)  # who calls without a change has not noticed it
    told = noticed_share(beyond)
    _keep(
        run, "drift_noticed_beyond_idle", "Planted changes noticed, silent without", told, recordings, "", "drift alarm"
    )
    sentence = "The planted change is noticed in four of five recordings, and at most half alarm there without it."
    run.add_claim("drift_found", sentence, noticed.low >= 0.8 and calm.value <= 0.5)
    return noticed


def program_table(run: Run, tables: Mapping[float, pd.DataFrame], n: int) -> pd.DataFrame:
    """A monitoring program per 1,000 people, one column per prevalence, as text; shares and costs go into the results.

    Args:
        run: gets ``program_<measure>_<percent>``.
        tables: of :func:`helpers.evaluation.monitoring.program_table`.
        n: people who were tested.
    """
    columns = {}
    for prevalence, table in tables.items():
        texts = {}
        for name, row in table.iterrows():
            value, low, high = (float(row[column]) for column in ("value", "low", "high"))
            digits = 2 if name == "true_share" else 0
            # Where nobody was found, or nobody flagged, there is no such number: the table says so, nothing is stored.
            known = bool(np.isfinite(value))
            texts[PROGRAM_WORDS[name]] = (
                f"{value:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})" if known else "none"
            )
            if known:
                label = f"Per 1,000 monitored, {prevalence:.0%} ill: {PROGRAM_WORDS[name]}"
                method = {"method": "Jeffreys posterior", "n": n, "groups": n}
                run.add_estimate(f"program_{name}_{round(1000 * prevalence)}", label, value, low, high, **method)
        columns[f"{prevalence:.0%} are ill"] = texts
    return pd.DataFrame(columns)


def _ventricular(heard: Sequence[Monitored]) -> tuple[np.ndarray, np.ndarray]:
    """Scores of all beats to be found, and which recording each belongs to."""
    to_find = [one.targets == 1 for one in heard]
    scores = np.concatenate([one.scores[those] for one, those in zip(heard, to_find, strict=True)])
    return scores, np.repeat(np.arange(len(heard)), [those.sum() for those in to_find])


def _keep(run: Run, name: str, label: str, found: Interval, recordings: int, unit: str, model: str) -> None:
    ends = {"low": found.low, "high": found.high, "method": found.method}
    counts = {"n": recordings, "groups": recordings}
    run.add_estimate(name, label, found.value, **ends, **counts, model=model, unit=unit)
