"""What the units of a code carry: active or collapsed, and which known factor an axis follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.runtime import InputError

ACTIVE = 0.01  # variance of a unit's mean over the pictures, from which on it counts as active


def unit_statistics(mean: np.ndarray, log_variance: np.ndarray) -> pd.DataFrame:
    """Per unit of a Gaussian code: ``divergence`` from the prior (nats) and whether it is ``active``.

    Active after Burda, Grosse and Salakhutdinov (2016, arXiv:1509.00519): the mean varies from picture to picture, by more
    than :data:`ACTIVE`. A unit that has collapsed equals the prior for every picture.

    Args:
        mean, log_variance: (n, code) moments of the codes of n pictures.
    """
    mean, log_variance = np.asarray(mean, dtype=np.float64), np.asarray(log_variance, dtype=np.float64)
    if mean.ndim != 2 or mean.shape != log_variance.shape or not len(mean):
        raise InputError(f"means {mean.shape}, log variances {log_variance.shape}: give (n, code) of both")
    divergence = np.mean(np.exp(log_variance) + mean**2 - 1 - log_variance, axis=0) / 2
    return pd.DataFrame({"divergence": divergence, "active": mean.var(axis=0) > ACTIVE})


def directions_above(pictures: np.ndarray, variances: Sequence[float]) -> dict[float, int]:
    """For each variance, along how many principal directions pictures (n, ...) vary by more than that.

    So many units does a *linear* variational autoencoder with this pixel variance use (Lucas et al. 2019,
    arXiv:1911.02469, after Tipping and Bishop 1999).
    """
    flat = np.asarray(pictures, dtype=np.float64).reshape(len(pictures), -1)
    spread = np.linalg.eigvalsh(np.cov(flat.T))
    return {variance: int(np.sum(spread > variance)) for variance in variances}


def strongest_axis(codes: np.ndarray, factors: Mapping[str, np.ndarray]) -> tuple[int, str, float]:
    """The pair of axis and factor with the largest correlation in size.

    Choose on training pictures: the largest of many correlations looks good by luck alone.

    Args:
        codes: (n, code).
        factors: name to (n,) numbers.

    Returns:
        Number of the axis, name of the factor, their correlation.

    Raises:
        InputError: nothing varies, so nothing can correlate.
    """
    codes = np.asarray(codes, dtype=np.float64)
    names, best = list(factors), (0, "", 0.0)
    centered = codes - codes.mean(axis=0)
    for name in names:
        values = np.asarray(factors[name], dtype=np.float64)
        values = values - values.mean()
        sizes = np.linalg.norm(centered, axis=0) * np.linalg.norm(values)
        correlations = np.divide(values @ centered, sizes, out=np.zeros(codes.shape[1]), where=sizes > 0)
        axis = int(np.abs(correlations).argmax())
        if abs(correlations[axis]) > abs(best[2]):
            best = axis, name, float(correlations[axis])
    if not best[1]:
        raise InputError("no factor varies together with any axis: there is nothing to walk along")
    return best
