"""Sites and times: does the hospital, the scanner or the date tell the class?"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from helpers.data.dataset import Dataset
from helpers.evaluation.audit.findings import Finding, counted, not_applicable
from helpers.evaluation.audit.predictability import labels_of, predict_from, reason_against
from helpers.evaluation.audit.shortcuts import severity_of, verdict

MOST_SITES = 50  # with an indicator each; smaller sites are pooled
LEAST_SAMPLES = 5  # of a site that is said to hold one class only


def check_sites(dataset: Dataset) -> list[Finding]:
    """The site must not tell the class: a network recognizes a scanner more easily than a disease."""
    check = "site and class"
    if dataset.sites is None:
        return [not_applicable(check, "the sites are not known")]
    names, site, sizes = np.unique(dataset.sites, return_inverse=True, return_counts=True)
    if len(names) < 2:
        return [Finding(check, "passed", "All samples come from one site.")]
    if reason := reason_against(dataset):
        return [not_applicable(check, reason)]
    kept = np.argsort(-sizes, kind="stable")[:MOST_SITES]
    result = predict_from((site[:, None] == kept).astype(np.float64), dataset)
    labels = labels_of(dataset)
    pure = sum(
        len(np.unique(labels[site == number])) == 1 for number in range(len(names)) if sizes[number] >= LEAST_SAMPLES
    )
    words = result.words(dataset.class_names)
    numbers = {**result.numbers(), "sites": len(names), "sites_of_one_class": int(pure)}
    severity = severity_of(result.interval.low)
    if severity == "passed":
        sentence = f"The site does not tell the class ({counted(len(names), 'site')}, {words})."
        return [Finding(check, severity, sentence, numbers=numbers)]
    single = f" {counted(int(pure), 'site')} {'holds' if pure == 1 else 'hold'} one class only." if pure else ""
    return [
        Finding(
            check,
            severity,
            f"The site alone tells the class ({counted(len(names), 'site')}, {words}).{single}",
            "Report results per site and leave whole sites out for testing; balance the classes within each site, or the "
            "network learns the scanner.",
            numbers,
        )
    ]


def check_times(dataset: Dataset) -> list[Finding]:
    """The time of acquisition must not tell the class."""
    check = "time and class"
    if dataset.times is None:
        return [not_applicable(check, "the times are not known")]
    times = _as_numbers(dataset.times)
    if times is None:
        return [not_applicable(check, "the times are neither numbers nor dates")]
    if np.ptp(times) == 0:
        return [Finding(check, "passed", "All samples have the same time.")]
    if reason := reason_against(dataset):
        return [not_applicable(check, reason)]
    result = predict_from(rankdata(times)[:, None], dataset, model="tree")
    return verdict(
        check,
        severity_of(result.interval.low),
        result,
        dataset,
        "The time does not tell the class",
        "The time of acquisition alone tells the class",
        "Devices and protocols change with time: compare classes from the same period, and test on a later one.",
    )


def _as_numbers(times: np.ndarray) -> np.ndarray | None:
    """(n,) float of numbers or dates without gaps, else None."""
    values = np.asarray(times)
    if values.dtype.kind == "M":
        values = values.astype("datetime64[s]")
        return None if np.isnat(values).any() else values.astype(np.int64).astype(np.float64)
    if values.dtype.kind not in "iufb":
        return None
    values = values.astype(np.float64)
    return values if np.isfinite(values).all() else None
