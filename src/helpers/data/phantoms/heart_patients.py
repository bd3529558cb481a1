"""A causal model of coronary heart disease: who a patient is, how severe the disease, what it does to the measurements.

Structural equations, from causes to effects, with h the hospital and ε noise:

- age ~ Normal(mean of h, 8.5); male ~ Bernoulli(share of h)
- cholesterol = 180 + 0.9 age + 12 (female) + ε;  blood pressure = 100 + 0.6 age + ε;  fasting sugar ~ logistic in age
- burden = level of h + 0.05 (age - 55) + 1.1 (male - 0.7) + 0.006 (cholesterol - 240) + 0.012 (pressure - 130) + 0.4 sugar
- severity S in 0, ..., 4:  P(S >= k) = expit(burden - cut k): an ordered logistic model (McCullagh 1980, JRSS B 42:109)
- effects of S: chest pain, ECG at rest, highest heart rate (also of age and h), angina on exertion, depression of ST and
  from it its slope, vessels on fluoroscopy, thallium scan

The directions are those of the textbooks (age, male sex, cholesterol, pressure and diabetes raise the risk; disease lowers
the heart rate that is reached and depresses ST); the sizes are rounded to look like a referred population. None of it is an
estimate of an effect. As causes only act through S, the probability of disease given all measurements is a sum over five
severities, and so the best score that anybody could give is known: the oracle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax
from scipy.stats import gamma, norm

CUTS = np.array([0.0, 1.0, 1.9, 3.1])  # of the ordered logistic model
CHEST_PAIN = np.array(
    [
        [0.10, 0.26, 0.41, 0.23],
        [0.07, 0.11, 0.18, 0.64],
        [0.05, 0.06, 0.13, 0.76],
        [0.04, 0.06, 0.10, 0.80],
        [0.04] * 3 + [0.88],
    ]
)
ECG_AT_REST = np.array(
    [[0.58, 0.04, 0.38], [0.50, 0.05, 0.45], [0.45, 0.07, 0.48], [0.38, 0.08, 0.54], [0.30, 0.10, 0.60]]
)
HEART_RATE_LOST = np.array([0.0, 10.0, 17.0, 20.0, 22.0])  # per minute
HEART_RATE_SPREAD = 18.0
ANGINA_ON_EXERTION = np.array([0.13, 0.42, 0.56, 0.62, 0.66])
NO_DEPRESSION = np.array([0.50, 0.32, 0.20, 0.14, 0.10])
DEPRESSION_SHAPE, DEPRESSION_SCALE = 2.0, np.array([0.45, 0.65, 0.85, 1.0, 1.15])  # gamma, mm
VESSELS = np.array(
    [
        [0.82, 0.12, 0.04, 0.02],
        [0.45, 0.36, 0.12, 0.07],
        [0.30, 0.37, 0.23, 0.10],
        [0.24, 0.26, 0.34, 0.16],
        [0.20, 0.22, 0.23, 0.35],
    ]
)
THALLIUM = np.array(
    [[0.81, 0.04, 0.15], [0.38, 0.10, 0.52], [0.25, 0.13, 0.62], [0.19, 0.09, 0.72], [0.15, 0.13, 0.72]]
)
THALLIUM_CODES = np.array([3, 6, 7])


@dataclass(frozen=True)
class Hospital:
    """Who comes to a hospital, and what it does differently.

    Attributes:
        name: for people.
        patients: how many there are.
        age: mean, years.
        male: share.
        level: of the burden: who is referred there; decides the share of the ill.
        heart_rate: shift of the highest heart rate, per minute: there beta blockers are stopped before the test, here not.
    """

    name: str
    patients: int
    age: float
    male: float
    level: float
    heart_rate: float = 0.0


def draw_patients(generator: np.random.Generator, hospital: Hospital) -> tuple[np.ndarray, np.ndarray]:
    """Complete measurements and severity of all patients of a hospital.

    Returns:
        (n, 13) float64 in the order and the codes of :data:`helpers.data.heart_columns.COLUMNS`, nothing missing; (n,)
        int64 severity, 0 to 4.
    """
    number = hospital.patients
    age = np.clip(generator.normal(hospital.age, 8.5, number), 28, 80).round()
    male = (generator.random(number) < hospital.male).astype(float)
    cholesterol = np.clip(180 + 0.9 * age + 12 * (1 - male) + generator.normal(0, 45, number), 110, 560).round()
    pressure = np.clip(100 + 0.6 * age + generator.normal(0, 17, number), 85, 220).round()
    sugar = (generator.random(number) < expit(-3.6 + 0.035 * age)).astype(float)
    burden = _burden(hospital, age, male, cholesterol, pressure, sugar)
    severity = (generator.random(number)[:, None] < expit(burden[:, None] - CUTS)).sum(axis=1)
    pain = 1 + _draw(generator, CHEST_PAIN[severity])
    ecg = _draw(generator, ECG_AT_REST[severity])
    heart_rate = _mean_heart_rate(hospital, age, severity) + generator.normal(0, HEART_RATE_SPREAD, number)
    heart_rate = np.clip(heart_rate, 60, 210).round()
    angina = (generator.random(number) < ANGINA_ON_EXERTION[severity]).astype(float)
    depression = np.maximum(generator.gamma(DEPRESSION_SHAPE, DEPRESSION_SCALE[severity]).round(1), 0.1)
    depression[generator.random(number) < NO_DEPRESSION[severity]] = 0.0
    slope = 1 + _draw(generator, _slope_shares(depression))
    vessels = _draw(generator, VESSELS[severity])
    scan = THALLIUM_CODES[_draw(generator, THALLIUM[severity])]
    columns = [age, male, pain, pressure, cholesterol, sugar, ecg, heart_rate, angina, depression, slope, vessels, scan]
    return np.column_stack(columns).astype(np.float64), severity.astype(np.int64)


def oracle_probability(hospital: Hospital, values: np.ndarray) -> np.ndarray:
    """P(disease | all 13 measurements, hospital), (n,): Bayes' rule over the five severities; nothing can do better."""
    age, male, pain, pressure, cholesterol, sugar, ecg, heart_rate, angina, depression, _, vessels, scan = values.T
    above = expit(_burden(hospital, age, male, cholesterol, pressure, sugar)[:, None] - CUTS)
    reached = np.hstack([np.ones((len(values), 1)), above, np.zeros((len(values), 1))])
    probability = reached[:, :-1] - reached[:, 1:]  # (n, 5), before any effect is seen
    for severity in range(len(CUTS) + 1):
        spread = norm.pdf(heart_rate, _mean_heart_rate(hospital, age, severity), HEART_RATE_SPREAD)
        drawn = gamma.pdf(np.maximum(depression, 0.1), DEPRESSION_SHAPE, scale=DEPRESSION_SCALE[severity])
        none = NO_DEPRESSION[severity]
        probability[:, severity] *= (
            CHEST_PAIN[severity, pain.astype(int) - 1]
            * ECG_AT_REST[severity, ecg.astype(int)]
            * spread
            * np.where(angina == 1, ANGINA_ON_EXERTION[severity], 1 - ANGINA_ON_EXERTION[severity])
            * np.where(depression == 0, none, (1 - none) * drawn)
            * VESSELS[severity, vessels.astype(int)]
            * THALLIUM[severity, np.searchsorted(THALLIUM_CODES, scan)]
        )
    return 1 - probability[:, 0] / probability.sum(axis=1)


def _burden(hospital: Hospital, age, male, cholesterol, pressure, sugar) -> np.ndarray:
    known = 0.05 * (age - 55) + 1.1 * (male - 0.7) + 0.006 * (cholesterol - 240) + 0.012 * (pressure - 130)
    return hospital.level + known + 0.4 * sugar


def _mean_heart_rate(hospital: Hospital, age: np.ndarray, severity) -> np.ndarray:
    return 158 + hospital.heart_rate - 0.8 * (age - 54) - HEART_RATE_LOST[severity]


def _slope_shares(depression: np.ndarray) -> np.ndarray:
    """(n, 3) shares of up, flat and down: the deeper ST is depressed, the rarer it rises."""
    scores = np.column_stack([1.0 - 0.9 * depression, np.zeros(len(depression)), -2.2 + 0.4 * depression])
    return softmax(scores, axis=1)


def _draw(generator: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """One code for each row of shares (n, codes): 0, 1, ..."""
    return (generator.random((len(shares), 1)) > shares.cumsum(axis=1)[:, :-1]).sum(axis=1)
