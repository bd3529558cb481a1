"""Heartbeats as a recurrent network takes them: a coarser trace, and the rhythm around each beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.runtime import InputError

SHORTEST, LONGEST = 0.2, 3.0  # seconds between beats; what lies outside is a gap in the annotation
CONTEXT = ("interval before", "interval after", "usual interval")


def require_heartbeats(dataset: Dataset) -> Dataset:
    """This dataset, if it holds heartbeats of several classes with the intervals around them.

    Raises:
        InputError: it does not.
    """
    if dataset.inputs.ndim != 3 or dataset.task != "multiclass" or not {"rr_before", "rr_after"} <= set(dataset.truth):
        raise InputError(
            f"{dataset.name}: no heartbeats with intervals and classes, and this notebook needs them: choose ecg-phantom or mitdb"
        )
    return dataset


def rhythm_context(dataset: Dataset) -> np.ndarray:
    """Logarithms of three intervals, (n, 3) float32, in the order of :data:`CONTEXT`.

    The intervals before and after a beat are taken against the usual one of its patient (the median of all intervals
    before a beat; labels are not looked at), the usual one against a second. De Chazal et al. (2004, IEEE Trans Biomed
    Eng 51:1196) use such intervals, because early means early for *this* heart.
    """
    before, after = (np.clip(dataset.truth[name], SHORTEST, LONGEST) for name in ("rr_before", "rr_after"))
    usual = pd.Series(before).groupby(np.asarray(dataset.groups)).transform("median").to_numpy()
    return np.log(np.stack([before / usual, after / usual, usual], axis=1)).astype(np.float32)


def own_units(dataset: Dataset) -> np.ndarray:
    """Traces around their own mean, in standard deviations of all traces of the patient, lead by lead; (n, time, leads).

    How large a deflection is depends on chest and electrodes, and so does which lead is the second one: what counts is
    what is unusual for this patient. Labels are not looked at.
    """
    traces = dataset.inputs - dataset.inputs.mean(axis=1, keepdims=True)
    for group in np.unique(dataset.groups):
        inside = dataset.groups == group
        # A lead that fell off records nothing; nothing divided by nearly nothing stays nothing.
        traces[inside] /= np.maximum(traces[inside].std(axis=(0, 1)), 1e-6)
    return traces


def coarse_trace(inputs: np.ndarray, samples: int, together: int = 1) -> np.ndarray:
    """Averages over neighboring samples, several of them in one step.

    Args:
        inputs: (n, time, leads) mV.
        samples: averaged into one value; neighbors more than noise differ little at 360 Hz.
        together: values of each lead that one step holds.

    Returns:
        (n, time / (samples * together), together * leads), same type, the earlier value of all leads first.

    Raises:
        InputError: the time is no multiple of ``samples * together``.
    """
    count, time, leads = inputs.shape
    if samples < 1 or together < 1 or time % (samples * together):
        raise InputError(f"{time} samples cannot be cut into steps of {together} times {samples}")
    values = inputs.reshape(count, time // samples, samples, leads).mean(axis=2)
    return values.reshape(count, time // (samples * together), together * leads)
