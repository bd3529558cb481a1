"""The heart phantom: patients of four hospitals from a known causal model, recorded the way real hospitals record.

Patients come from :mod:`helpers.data.phantoms.heart_patients`. The four hospitals differ in whom they see, in how often
disease is found, and in what they write down; they are made after those of the UCI table, whose columns they have:

- A measures everything; three in a hundred lack a vessel count or a scan.
- B has hardly any vessel count or scan, does not grade severity, and writes down a slope of ST only where ST is depressed
  (without a depression there is nothing to have a slope): **what is missing depends on the disease**.
- C has no cholesterol at all (its files say 0) and mostly sick patients.
- D leaves out the exercise test in about a quarter, more often in the old; all that belongs to it is then missing at once.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from helpers.data.dataset import Dataset, Source
from helpers.data.heart_columns import CLASS_NAMES, KEYS, LABELS
from helpers.data.phantoms.heart_patients import Hospital, draw_patients, oracle_probability
from helpers.runtime import InputError

VERSION = "heart-phantom-1"  # to be raised with every change of the bytes
DATASET_SEED = 1988  # of patients and records; a constant of the dataset, never a run's seed
FEWEST_PATIENTS = 400
_PATIENTS_STREAM, _RECORDS_STREAM = 0, 1

HOSPITALS = (
    Hospital("hospital A", 300, age=54, male=0.68, level=-0.25),
    Hospital("hospital B", 300, age=48, male=0.72, level=-0.45, heart_rate=-10),
    Hospital("hospital C", 120, age=55, male=0.90, level=2.2, heart_rate=-20),
    Hospital("hospital D", 200, age=59, male=0.95, level=0.55, heart_rate=-16),
)
UNGRADED = "hospital B"

SOURCE = Source(
    title="Heart phantom",
    licence="MIT",
    citation="The medlab contributors: medlab, deep learning in medicine, one notebook at a time.",
    checksum=VERSION,
    synthetic=True,
    group="patient",
    caveats=(
        "The sizes of all effects are invented; their directions are those of textbooks.",
        "Disease acts on all measurements independently given its severity, which real bodies do not promise.",
    ),
)


def heart_phantom(maximum: int | None = None) -> Dataset:
    """Generate the dataset ``heart-phantom``: 920 patients of four hospitals.

    Args:
        maximum: generate at most so many patients: the first of each hospital, the same share of all.

    Returns:
        ``inputs`` (n, 13) float64, NaN where nothing was measured; ``targets`` 1 = heart disease; ``sites`` the hospital.
        ``truth`` holds ``severity`` (0 to 4), ``graded`` (False where the hospital only says whether there is disease) and
        ``oracle`` (probability of disease given all 13 measurements, also those that were not written down). Hospital A
        trains, the others test.

    Raises:
        InputError: ``maximum`` is below 400: too few for a hospital with hardly any healthy patients.
    """
    whole = sum(hospital.patients for hospital in HOSPITALS)
    if maximum is not None and maximum < FEWEST_PATIENTS:
        raise InputError(f"{maximum} patients are too few for the heart phantom: ask for at least {FEWEST_PATIENTS}")
    share = 1.0 if maximum is None else min(1.0, maximum / whole)
    parts = [_hospital_table(site, int(share * hospital.patients)) for site, hospital in enumerate(HOSPITALS)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    sites = columns.pop("site")
    return Dataset(
        name="heart-phantom",
        inputs=columns.pop("inputs"),
        targets=(columns["severity"] > 0).astype(np.int64),
        task="binary",
        groups=np.arange(len(sites)),
        groups_known=True,
        split=np.where(sites == 0, "train", "test"),
        source=SOURCE,
        class_names=CLASS_NAMES,
        feature_names=LABELS,
        sites=sites,
        site_names=tuple(hospital.name for hospital in HOSPITALS),
        truth=columns,
    )


def _hospital_table(site: int, kept: int) -> dict[str, np.ndarray]:
    hospital = HOSPITALS[site]
    complete, severity = draw_patients(np.random.default_rng([DATASET_SEED, _PATIENTS_STREAM, site]), hospital)
    recorded = record(np.random.default_rng([DATASET_SEED, _RECORDS_STREAM, site]), hospital.name, complete)
    return {
        "inputs": recorded[:kept],
        "severity": severity[:kept],
        "graded": np.full(kept, hospital.name != UNGRADED),
        "oracle": oracle_probability(hospital, complete[:kept]),
        "site": np.full(kept, site),
    }


def record(generator: np.random.Generator, name: str, complete: np.ndarray) -> np.ndarray:
    """What a hospital writes down of complete measurements: a copy with NaN where it writes nothing.

    Args:
        generator: decides what is forgotten.
        name: of the hospital, one of :data:`HOSPITALS`.
        complete: (n, 13).
    """
    values = dict(zip(KEYS, complete.T, strict=True))
    number = len(complete)
    chance = {key: generator.random(number) for key in KEYS}
    test = generator.random(number)
    missing = {key: np.zeros(number, dtype=bool) for key in KEYS}
    if name == "hospital A":
        missing["ca"], missing["thal"] = chance["ca"] < 0.02, chance["thal"] < 0.01
    elif name == "hospital B":
        for key, share in (("chol", 0.08), ("fbs", 0.03), ("ca", 0.99), ("thal", 0.90)):
            missing[key] = chance[key] < share
        missing["slope"] = (values["oldpeak"] == 0) | (chance["slope"] < 0.05)
    elif name == "hospital C":
        for key, share in (("fbs", 0.60), ("ca", 0.96), ("thal", 0.42), ("slope", 0.13)):
            missing[key] = chance[key] < share
        missing["chol"] = np.ones(number, dtype=bool)
    else:
        untested = test < expit(-1.1 + 0.06 * (values["age"] - 59))
        for key in ("thalach", "exang", "oldpeak", "slope"):
            missing[key] = untested
        for key, share in (
            ("chol", 0.28),
            ("trestbps", 0.05),
            ("fbs", 0.04),
            ("slope", 0.30),
            ("ca", 0.99),
            ("thal", 0.83),
        ):
            missing[key] = missing[key] | (chance[key] < share)
    return np.where(np.column_stack([missing[key] for key in KEYS]), np.nan, complete)
