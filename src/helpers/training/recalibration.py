"""Turn a network's probability into the one that a clinic may take at its word: the map that travels with a model.

Which map, and with which parameters, is decided on validation by :mod:`helpers.evaluation.recalibrators`; a bundle
keeps the decision and applies it here. Every kind keeps the order of the cases: temperature and logistic are increasing
functions of the logit (Guo et al. 2017, arXiv:1706.04599; Cox 1958; Platt 1999), isotonic is a rising broken line
(Zadrozny and Elkan 2002) and may make neighbors equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import expit, logit

from helpers.runtime import InputError

KINDS = ("none", "temperature", "logistic", "isotonic")  # from simple to flexible
# A logit has no end at 0 and 1. So far out that only scores are made equal which single precision cannot tell apart.
EDGE = 1e-12


def recalibrated(probability: np.ndarray, kind: str, parameters: Mapping[str, Any]) -> np.ndarray:
    """Recalibrated probabilities, float64, in the shape they came in.

    Args:
        probability: of class 1, between 0 and 1.
        kind: one of :data:`KINDS`.
        parameters: temperature: ``temperature``; logistic: ``slope`` and ``intercept`` on the logit scale; isotonic:
            ``probability`` and ``calibrated``, the corners of the line.

    Raises:
        InputError: the kind is unknown, or a parameter is missing or turns the order around.
    """
    values = np.asarray(probability, dtype=np.float64)
    try:
        if kind == "none":
            return values.copy()
        if kind == "isotonic":
            corners, heights = (np.asarray(parameters[name], float) for name in ("probability", "calibrated"))
            _require(len(corners) == len(heights) > 0, "its line has no corners")
            _require(np.all(np.diff(corners) > 0) and np.all(np.diff(heights) >= 0), "its line falls")
            return np.interp(values, corners, heights)
        if kind == "temperature":
            _require(parameters["temperature"] > 0, "a temperature is above 0")
            slope, intercept = 1 / parameters["temperature"], 0.0
        elif kind == "logistic":
            slope, intercept = parameters["slope"], parameters["intercept"]
            _require(slope >= 0, "its slope is below 0")
        else:
            raise InputError(f"unknown recalibration {kind!r}: choose one of {', '.join(KINDS)}")
    except KeyError as missing:
        raise InputError(f"the recalibration {kind!r} lacks {missing}: train the model again") from None
    return expit(slope * logit(np.clip(values, EDGE, 1 - EDGE)) + intercept)


def _require(condition: bool, wrong: str) -> None:
    if not condition:
        raise InputError(f"not a recalibration: {wrong}; train the model again")
