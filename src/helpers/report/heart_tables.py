"""Tables of 08_heart_disease: every score goes into the results with its interval, and into a table for people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import heartbeat_scores, nested_validation, treatment
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.heartbeat_scores import SUPRAVENTRICULAR
from helpers.evaluation.nested_validation import HeldOut
from helpers.evaluation.proportions import Interval
from helpers.evaluation.record_scores import sensitivity_without_largest
from helpers.evaluation.site_recalibration import site_scores
from helpers.report.writing import Run

SITE_MEASURES = {"auroc": "AUROC", "slope": "Calibration slope", "intercept": "Calibration intercept"}


def slug(words: str) -> str:
    """A name of models or hospitals as part of the name of a metric."""
    return words.lower().replace(" ", "_").replace(",", "")


def heartbeat_agreement(
    run: Run, test: Dataset, called: Mapping[str, np.ndarray], resamples: int
) -> dict[str, dict[str, Interval]]:
    """Accuracy, kappa, j and jk index of every model: stored as ``ecg_<measure>_<model>``, and returned.

    Args:
        run: gets the estimates.
        test: heartbeats of classes N, S, V and F.
        called: name of the model to (n,) classes.
        resamples: of whole records.
    """
    found = {}
    for name, decisions in called.items():
        classes = max(4, int(test.targets.max()) + 1)
        found[name] = heartbeat_scores.agreement_intervals(test.targets, decisions, test.groups, classes, resamples)
        for measure, interval in found[name].items():
            label = f"{measure.capitalize()}, heartbeats"
            run.add_interval(f"ecg_{slug(measure)}_{slug(name)}", label, interval, test.groups, model=name)
    return found


def early_beats(run: Run, test: Dataset, model: str, decisions: np.ndarray) -> pd.DataFrame:
    """Sensitivity for supraventricular beats with and without the recording that has most of them.

    Args:
        run: gets ``ecg_sensitivity_early_all_records`` and ``ecg_sensitivity_early_without_the_largest``.
        test: heartbeats.
        model: its name.
        decisions: (n,) classes.

    Returns:
        The table of :func:`helpers.evaluation.record_scores.sensitivity_without_largest`.
    """
    table = sensitivity_without_largest(test.targets, decisions, test.groups, SUPRAVENTRICULAR)
    label = "Sensitivity, supraventricular beats"
    run.add_subsets("ecg_sensitivity_early", label, table, table["method"].iloc[0], model=model)
    return table


def home_scores(run: Run, home: Dataset, held_out: Mapping[str, HeldOut]) -> pd.DataFrame:
    """One row per model: AUROC and calibration slope of the nested cross-validation at the first hospital.

    Args:
        run: gets ``home_auroc_<model>``, ``home_slope_<model>`` and ``home_intercept_<model>``.
        home: the patients of that hospital.
        held_out: name of the model to what it said of patients that it had not seen.
    """
    rows = {}
    for name, held in held_out.items():
        auroc = auroc_delong(home.targets, held.probability, home.groups)
        fitted = nested_validation.mean_recalibration(home.targets, held.probability, home.groups)
        measures = {"auroc": auroc, "slope": fitted.slope, "intercept": fitted.intercept}
        for measure, interval in measures.items():
            label = f"{'AUROC' if measure == 'auroc' else f'Calibration {measure}'}, first hospital"
            run.add_interval(f"home_{measure}_{slug(name)}", label, interval, home.groups, "cross-validation", name)
        setting, count = next(iter(held.choices().items()))
        chosen = f"{setting} ({count} of {len(held.chosen)})"
        rows[name] = {"AUROC": auroc.text(), "calibration slope": fitted.slope.text(2), "mostly chosen inside": chosen}
    return pd.DataFrame.from_dict(rows, orient="index")


def travel_scores(run: Run, patients: Dataset, model: str, probability: np.ndarray) -> pd.DataFrame:
    """AUROC and calibration at each hospital of a model that was not made there.

    Args:
        run: gets ``travel_<auroc, slope or intercept>_<model>_<hospital>``.
        patients: with sites and their names.
        model: its name.
        probability: (n,) of every patient.

    Returns:
        The table of :func:`helpers.evaluation.site_recalibration.site_scores`.
    """
    table = site_scores(patients.targets, probability, patients.sites, patients.site_names)
    for measure, label in SITE_MEASURES.items():
        _keep_sites(run, table, measure, f"travel_{measure}_{slug(model)}", f"{label}, left out", model)
    return table


def repair_scores(run: Run, patients: Dataset, state: str, probability: np.ndarray) -> pd.DataFrame:
    """Calibration at each hospital after a repair, stored as ``<state>_<slope or intercept>_<hospital>``; else as above."""
    table = site_scores(patients.targets, probability, patients.sites, patients.site_names)
    for measure in ("slope", "intercept"):
        label = f"{SITE_MEASURES[measure]}, {state}"
        _keep_sites(run, table, measure, f"{slug(state)}_{measure}", label, "logistic regression")
    return table


def site_words(table: pd.DataFrame) -> pd.DataFrame:
    """Words for the table of :func:`helpers.evaluation.site_recalibration.site_scores`."""
    words = pd.DataFrame({"patients": table["patients"], "ill": [f"{share:.0%}" for share in table["ill"]]})
    for measure, label in SITE_MEASURES.items():
        words[label] = [one.text(2) if np.isfinite(one.value) else "not defined" for one in table[measure]]
    return words


def _keep_sites(run: Run, table: pd.DataFrame, measure: str, name: str, label: str, model: str) -> None:
    frame = pd.DataFrame([{end: getattr(one, end) for end in ("value", "low", "high")} for one in table[measure]])
    frame = frame.set_index(table.index).assign(samples=table["patients"], groups=table["patients"])
    run.add_subsets(name, label, frame, table[measure].iloc[0].method, "hospital left out", model)


def policy_table(
    run: Run, patients: Dataset, probability: np.ndarray, threshold: float, resamples: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What treating by the model is worth at each hospital beside the better simple policy, per 1,000 patients.

    Args:
        run: gets ``policy_gain_<hospital>``, net benefit per patient.
        patients: with sites and their names.
        probability: (n,) of every patient, from a model that was not made at that hospital.
        threshold: treat from here on.
        resamples: of patients.

    Returns:
        Numbers (index hospital; columns policy, gain, low, high: net benefit per patient, nan where both policies treat the
        same patients) and words for people.
    """
    numbers, words = {}, {}
    for site, hospital in enumerate(patients.site_names):
        here = patients.sites == site
        targets = patients.targets[here]
        gain = treatment.policy_gain(targets, probability[here], threshold, resamples)
        policy = treatment.simple_policy(float(targets.mean()), threshold)
        label = f"Net benefit beyond '{policy}', {hospital}"
        run.add_interval(
            f"policy_gain_{slug(hospital)}", label, gain, patients.groups[here], "hospital left out", "policy"
        )
        numbers[hospital] = {"policy": policy, "gain": gain.difference, "low": gain.low, "high": gain.high}
        shown = f"{1000 * gain.difference:+.0f}"
        if np.isfinite(gain.low):
            shown += f" ({1000 * gain.low:+.0f} to {1000 * gain.high:+.0f})"
        words[hospital] = {
            "ill": f"{targets.mean():.0%}",
            "better simple policy": policy,
            "its net benefit": f"{1000 * gain.second:.0f}",
            "the model's": f"{1000 * gain.first:.0f}",
            "gain": shown,
        }
    return pd.DataFrame.from_dict(numbers, orient="index"), pd.DataFrame.from_dict(words, orient="index")
