"""What the monitor of 14_devices writes into the results: alarms, drift alarms, and a program per 1,000 people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluation.alarms import AlarmCount
from helpers.evaluation.proportions import Interval
from helpers.evaluation.signal_watch import noticed_share
from helpers.report.writing import Run

PROGRAM_WORDS = {
    "found": "ill, found",
    "missed": "ill, missed",
    "flagged_healthy": "healthy, flagged",
    "true_share": "share of the flagged who are ill",
    "cost": "cost",
    "cost_per_found": "cost of one found",
}


def alarm_scores(run: Run, counted: AlarmCount, allowed: float) -> None:
    """Alarms an hour into the results, with the finding that false ones keep to what was allowed on validation."""
    for name, words, rate in (("false", "False alarms", counted.false_rate), ("all", "Alarms", counted.rate)):
        _keep(run, f"alarms_{name}", f"{words} an hour, test", rate, len(counted.hours), "per hour", "monitor")
    sentence = "On strangers no more false alarms an hour than allowed."
    run.add_claim("alarms_as_allowed", sentence, counted.false_rate.high <= allowed)


def drift_scores(run: Run, rate: Interval, waits: np.ndarray, idle: np.ndarray, derived: float) -> Interval:
    """False drift alarms and planted changes noticed into the results, with both findings.

    Args:
        rate: false alarms per block.
        waits, idle: (n,) minutes to the next alarm with and without the change; nan where none came.
        derived: false alarms per block that were derived.

    Returns:
        Share of the planted changes that were noticed.
    """
    recordings = len(waits)
    _keep(run, "drift_false", "False drift alarms per block", rate, recordings, "per block", "drift alarm")
    noticed, calm = noticed_share(waits), noticed_share(idle)
    _keep(run, "drift_noticed", "Planted changes noticed", noticed, recordings, "", "drift alarm")
    _keep(run, "drift_idle", "Alarms in the same half without a change", calm, recordings, "", "drift alarm")
    run.add_claim("drift_as_derived", "Undisturbed recordings alarm no more often than derived.", rate.low <= derived)
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


def _keep(run: Run, name: str, label: str, found: Interval, recordings: int, unit: str, model: str) -> None:
    ends = {"low": found.low, "high": found.high, "method": found.method}
    counts = {"n": recordings, "groups": recordings}
    run.add_estimate(name, label, found.value, **ends, **counts, model=model, unit=unit)
