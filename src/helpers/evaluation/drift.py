"""Has something changed? A cumulative sum that starts without knowing what is usual, and how often it is wrong.

The CUSUM adds up what exceeds the usual by more than an allowance k and alarms above a limit h (Page 1954, Biometrika
41:100). Usual is what this heart, with these electrodes, has shown so far: each value is compared with the mean and the
spread of those before it and turned into a normal score, which for normal values is exactly standard normal and
independent of the earlier ones (Hawkins 1987, The Statistician 36:299; Quesenberry 1991, J Qual Technol 23:213). So the
mean time between false alarms follows from k and h alone (Brook and Evans 1972, Biometrika 59:539), as far as the values
are normal and independent.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student

from helpers.runtime import InputError

ALLOWANCE = 0.5  # k: tuned to a change of one standard deviation
STATES = 80  # of the Markov chain: the run length to about one in a thousand
LEARN = 3  # values from which nothing is concluded: a mean and a spread come first
FARTHEST = (
    3.0  # a single value counts no more than that: a burst of noise is no lasting change (Lucas and Crosier 1982)
)


def block_medians(values: np.ndarray, block: int) -> np.ndarray:
    """Medians of blocks of neighboring values; what does not fill the last block waits for more.

    Neighboring beats resemble each other (breathing), and a single odd one says little; medians of blocks are closer to
    independent and normal, which is what the run length presumes.
    """
    if block < 1:
        raise InputError(f"blocks of {block} values: give at least 1")
    count = len(values) // block
    return np.median(np.asarray(values, dtype=np.float64)[: count * block].reshape(count, block), axis=1)


def self_starting_scores(values: np.ndarray, learn: int = LEARN) -> np.ndarray:
    """Normal score of each value against the values before it; (n,), ``nan`` for the first ``learn``.

    Args:
        values: (n,), in time.
        learn: at least 2: so many values are needed for a spread.
    """
    values = np.asarray(values, dtype=np.float64)
    if learn < 2:
        raise InputError(f"{learn} values to learn from: a spread needs at least 2")
    scores = np.full(len(values), np.nan)
    seen = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / seen
    squares = np.cumsum((values - np.concatenate([[0.0], mean[:-1]])) * (values - mean))
    for now in range(learn, len(values)):
        step = values[now] - mean[now - 1]
        spread = np.sqrt(squares[now - 1] / (now - 1))
        if spread > 0:
            ratio = np.sqrt(now / (now + 1)) * step / spread
            scores[now] = norm.ppf(np.clip(student.cdf(ratio, now - 1), 1e-12, 1 - 1e-12))
        else:
            scores[now] = FARTHEST * np.sign(step)
    return scores


def cusum(scores: np.ndarray, limit: float, allowance: float = ALLOWANCE) -> tuple[np.ndarray, np.ndarray]:
    """Both sums of a two-sided CUSUM, and where it alarms; after an alarm it starts again at zero.

    Args:
        scores: (n,) standard normal as long as nothing changes; ``nan`` adds nothing. Beyond plus and minus
            :data:`FARTHEST` they count as that.
        limit: h, above which it alarms.
        allowance: k.

    Returns:
        (n, 2) sums upward and downward (those of an alarm before the new start); rows of the alarms.
    """
    _check(limit, allowance)
    kept = np.clip(np.nan_to_num(np.asarray(scores, dtype=np.float64)), -FARTHEST, FARTHEST)
    sums, alarms, up, down = np.empty((len(kept), 2)), [], 0.0, 0.0
    for row, score in enumerate(kept):
        up, down = max(0.0, up + score - allowance), max(0.0, down - score - allowance)
        sums[row] = up, down
        if max(up, down) > limit:
            alarms.append(row)
            up = down = 0.0
    return sums, np.array(alarms, dtype=np.int64)


def run_length(limit: float, allowance: float = ALLOWANCE, shift: float = 0.0) -> float:
    """Mean number of values up to an alarm of the two-sided CUSUM, all scores normal with mean ``shift``.

    One side is a Markov chain over :data:`STATES` intervals of its sum (Brook and Evans 1972); both sides together alarm
    as often as the two of them: 1/L = 1/L+ + 1/L- (Kemp 1961, exact for h above k, where they cannot both be about to
    alarm).

    Args:
        limit: h.
        allowance: k.
        shift: 0 while nothing has changed.
    """
    _check(limit, allowance)
    sides = [_one_sided(limit, allowance, shift), _one_sided(limit, allowance, -shift)]
    return 1 / sum(1 / length for length in sides)


def expected_alarms(values: int, limit: float, allowance: float = ALLOWANCE, learn: int = LEARN) -> float:
    """Mean number of false alarms of the two-sided CUSUM within so many values, learning and the start at zero included.

    A short recording alarms less often than one value in :func:`run_length`: its first values are learned from, and both
    sums have to climb from zero first. The chain of Brook and Evans is followed step by step, and starts again at zero
    after every alarm; both sides count as in :func:`run_length`.

    Args:
        values: of one recording.
        limit: h.
        allowance: k.
        learn: as in :func:`self_starting_scores`.
    """
    _check(limit, allowance)
    arrive = _transitions(limit, allowance, 0.0)
    place, alarms = np.eye(STATES)[0], 0.0
    for _ in range(values - learn):
        place = place @ arrive
        fallen_out = 1 - place.sum()
        alarms += fallen_out
        place[0] += fallen_out
    return float(2 * alarms)


def limit_for(length: float, allowance: float = ALLOWANCE) -> float:
    """The limit h whose mean time between false alarms is ``length`` values.

    Raises:
        InputError: the length is below 10 or above a million: no limit that makes sense.
    """
    if not 10 <= length <= 1e6:
        raise InputError(f"a false alarm every {length:g} values: choose between 10 and a million")
    return float(brentq(lambda limit: np.log(run_length(limit, allowance) / length), 0.2, 20, xtol=1e-4))


def _one_sided(limit: float, allowance: float, shift: float) -> float:
    arrive = _transitions(limit, allowance, shift)
    return float(np.linalg.solve(np.eye(STATES) - arrive, np.ones(STATES))[0])


def _transitions(limit: float, allowance: float, shift: float) -> np.ndarray:
    """Probability of each state of one sum after the next value, (states, states); what is missing to 1 alarms."""
    width = 2 * limit / (2 * STATES - 1)  # the first interval is half as wide and holds the zero
    centers = width * np.arange(STATES)
    edges = centers[None, :] - centers[:, None]
    # A score beyond the farthest counts as the farthest, so the increment is a clipped normal.
    arrive = _clipped(edges + width / 2 + allowance - shift, shift) - _clipped(
        edges - width / 2 + allowance - shift, shift
    )
    arrive[:, 0] = _clipped(edges[:, 0] + width / 2 + allowance - shift, shift)
    return arrive


def _clipped(standard: np.ndarray, shift: float) -> np.ndarray:
    """P(clipped score - shift <= standard) for a normal score with mean ``shift``."""
    score = standard + shift
    return np.where(score >= FARTHEST, 1.0, np.where(score < -FARTHEST, 0.0, norm.cdf(standard)))


def _check(limit: float, allowance: float) -> None:
    if not (limit > 0 and allowance > 0):
        raise InputError(f"limit {limit} and allowance {allowance}: both lie above 0")
