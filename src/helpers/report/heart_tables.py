"""Tables of the table road of 08_heart_disease: every score goes into the results with its interval, and into a table for people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import nested_validation, treatment
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.nested_validation import HeldOut
from helpers.evaluation.proportions import Interval
from helpers.evaluation.site_recalibration import log_loss_differences, site_scores
from helpers.report.writing import Run

SITE_MEASURES = {"auroc": "AUROC", "slope": "Calibration slope", "intercept": "Calibration intercept"}


def slug(words: str) -> str:
    """A name of models or hospitals as part of the name of a metric."""
    return words.lower().replace(" ", "_").replace(",", "")


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


def travel_losses(
    run: Run, patients: Dataset, made_there: np.ndarray, travelled: np.ndarray
) -> tuple[dict[str, Interval], dict[str, PairedComparison]]:
    """What ranking was lost on the way: AUROC of a model made at each hospital minus that of one made elsewhere.

    Args:
        run: gets ``local_auroc_<hospital>`` and ``travel_loss_<hospital>``.
        patients: with sites and their names.
        made_there: (repeats, n) from :func:`helpers.evaluation.nested_validation.local_predictions`.
        travelled: (n,) from :func:`helpers.evaluation.nested_validation.site_predictions`.

    Returns:
        Hospital to the AUROC of the model made there, and to the paired difference (above 0: lost on the way).
    """
    local, losses = {}, {}
    for site, hospital in enumerate(patients.site_names):
        here = patients.sites == site
        targets, groups = patients.targets[here], patients.groups[here]
        local[hospital] = auroc_delong(targets, made_there[:, here], groups)
        losses[hospital] = delong_paired(targets, made_there[:, here], travelled[None, here], groups)
        label = f"AUROC, logistic regression made there, {hospital}"
        where = "cross-validation", "logistic regression"
        run.add_interval(f"local_auroc_{slug(hospital)}", label, local[hospital], groups, *where)
        label = f"AUROC, made there minus travelled, {hospital}"
        run.add_interval(f"travel_loss_{slug(hospital)}", label, losses[hospital], groups, *where)
    return local, losses


def loss_changes(
    run: Run, patients: Dataset, name: str, first: np.ndarray, second: np.ndarray, resamples: int
) -> dict[str, PairedComparison]:
    """Log loss of the first probabilities minus that of the second at each hospital; below 0 the first are better.

    Args:
        run: gets ``<name>_logloss_<hospital>``.
        patients: with sites and their names.
        name: of the change, in words.
        first, second: (n,) probabilities of logistic regression for patients of hospitals that it was not made at.
        resamples: of patients.
    """
    changes = log_loss_differences(patients.targets, first, second, patients.sites, patients.site_names, resamples)
    for site, (hospital, change) in enumerate(changes.items()):
        groups = patients.groups[patients.sites == site]
        metric, label = f"{slug(name)}_logloss_{slug(hospital)}", f"Change of the log loss, {name}, {hospital}"
        run.add_interval(metric, label, change, groups, "hospital left out", "logistic regression")
    return changes


def repair_scores(
    run: Run, patients: Dataset, states: Mapping[str, np.ndarray], resamples: int
) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, PairedComparison]]]:
    """Calibration at each hospital before and after repairs, and what the repairs did to the log loss.

    Args:
        run: gets ``<state>_<slope or intercept>_<hospital>`` and ``repair_<state>_logloss_<hospital>``.
        patients: with sites and their names.
        states: name of the repair to (n,) probabilities, the untouched ones first.
        resamples: of patients.

    Returns:
        State to the table of :func:`helpers.evaluation.site_recalibration.site_scores`; and for all states but the first
        hospital to the log loss after the repair minus before.
    """
    tables, changes = {}, {}
    untouched = next(iter(states.values()))
    for state, probability in states.items():
        tables[state] = site_scores(patients.targets, probability, patients.sites, patients.site_names)
        for measure in ("slope", "intercept"):
            label = f"{SITE_MEASURES[measure]}, {state}"
            _keep_sites(run, tables[state], measure, f"{slug(state)}_{measure}", label, "logistic regression")
        if probability is not untouched:
            changes[state] = loss_changes(run, patients, f"repair {state}", probability, untouched, resamples)
    return tables, changes


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
