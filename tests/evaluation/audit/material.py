"""Datasets without a known defect: phantom tiles and generated tables of any seed, and ways to change a few images."""

from dataclasses import replace
from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from helpers.data.dataset import Dataset, Source
from helpers.data.phantoms.cohort import draw_cohort
from helpers.data.phantoms.tissue import SCANNERS, Scanner, render, sample_tissue
from helpers.data.splitting import group_split

PATIENTS, TILES = 30, 8
COLUMNS = ("age", "pressure", "cholesterol", "creatinine", "marker", "sex", "stage", "pack years")


def source(group="patient"):
    return Source(title="Generated", licence="MIT", citation="none", synthetic=True, group=group)


@cache
def tiles(seed, patients=PATIENTS, per_patient=TILES, scanners=SCANNERS, size=64, by_class=False):
    """Phantom tiles of several patients, both classes in each part.

    Args:
        scanners: one per site, or with ``by_class`` one per class.
    """
    cohort = draw_cohort(seed, patients, per_patient)
    chosen = cohort.malignant.astype(int) if by_class else cohort.sites % len(scanners)
    tissue = [
        sample_tissue(seed, int(patient), bool(malignant), int(tile), size)
        for patient, malignant, tile in zip(cohort.patients, cohort.malignant, cohort.tiles, strict=True)
    ]
    images = [render(one, scanners[scanner]) for one, scanner in zip(tissue, chosen, strict=True)]
    return Dataset(
        name="tiles",
        inputs=np.stack(images)[..., None],
        targets=cohort.malignant.astype(np.int64),
        task="binary",
        groups=cohort.patients.astype(np.int64),
        groups_known=True,
        split=cohort.split.copy(),
        source=source(),
        class_names=("normal", "cancer"),
        sites=cohort.sites,
        truth={"grade": np.array([one.grade for one in tissue])},
    )


@cache
def table(seed, rows=400, task="binary"):
    """A clinical table: measurements, a sex, a stage, and pack years that are truly 0 for half of the patients."""
    generator = np.random.default_rng(seed)
    ill = generator.random(rows) < 0.4
    smoker = generator.random(rows) < 0.5
    values = np.column_stack(
        [
            np.round(generator.normal(60 + 4 * ill, 11)).clip(18, 95),
            np.round(generator.normal(128 + 6 * ill, 15)),
            np.round(np.exp(generator.normal(np.log(220), 0.22, rows))),
            np.round(np.exp(generator.normal(0.0, 0.3, rows)), 2),
            np.round(generator.normal(1.2 * ill, 1), 3),
            generator.integers(0, 2, rows),
            generator.integers(1, 5, rows),
            np.where(smoker, np.round(np.exp(generator.normal(2.6, 0.8, rows))), 0),
        ]
    )
    targets = {
        "binary": ill.astype(np.int64),
        "multiclass": generator.integers(0, 3, rows),
        "regression": values[:, 4] * 3 + generator.normal(size=rows),
    }[task]
    groups = np.arange(rows)
    strata = ill.astype(int) if task == "regression" else targets
    return Dataset(
        name="table",
        inputs=values,
        targets=targets,
        task=task,
        groups=groups,
        groups_known=True,
        split=group_split(groups, strata, seed),
        source=source(),
        class_names=() if task == "regression" else ("a", "b", "c")[: 3 if task == "multiclass" else 2],
        feature_names=COLUMNS,
    )


def column(dataset, name, change):
    """The table with one column changed by ``change(values) -> values``."""
    values = dataset.inputs.copy()
    place = dataset.feature_names.index(name)
    values[:, place] = change(values[:, place].copy())
    return replace(dataset, inputs=values)


def with_column(dataset, name, values):
    return replace(
        dataset, inputs=np.column_stack([dataset.inputs, values]), feature_names=(*dataset.feature_names, name)
    )


def drawn_on(dataset, seed, draw, share=1.0, label=1):
    """The dataset with ``draw(image, generator)`` applied to a share of the images of one class (None: of all)."""
    generator = np.random.default_rng(seed)
    images = dataset.inputs.copy()
    for row in range(len(images)):
        if (label is None or dataset.targets[row] == label) and generator.random() < share:
            draw(images[row, :, :, 0], generator)
    return replace(dataset, inputs=images)


def with_copies(dataset, seed, count, change, part, label=None, group=None):
    """Replace images of ``part`` by changed copies of training images of other patients.

    Args:
        change: (height, width) uint8 to the same.
        label: ``same`` or ``other``: than that of the original.
        group: ``same`` puts the copy into the group of its original.
    """
    generator = np.random.default_rng(seed)
    images, targets, groups = dataset.inputs.copy(), dataset.targets.copy(), dataset.groups.copy()
    originals = np.flatnonzero(dataset.split == "train")
    half = len(originals) // 2
    sources = generator.choice(originals[:half], count, replace=False)
    places = originals[half:] if part == "train" else np.flatnonzero(dataset.split == part)
    for origin, place in zip(sources, generator.choice(places, count, replace=False), strict=True):
        images[place, :, :, 0] = change(images[origin, :, :, 0])
        targets[place] = targets[origin] if label != "other" else 1 - targets[origin]
        if group == "same":
            groups[place] = groups[origin]
    return replace(dataset, inputs=images, targets=targets, groups=groups)


def smooth_field(seed, shape, width):
    """Smooth noise of unit variance, the same for a seed."""
    field = gaussian_filter(np.random.default_rng(seed).standard_normal(shape), width)
    return field / field.std()


def scanner(**changes):
    return Scanner(**({"name": "another", "gain": 1.0, "gamma": 1.0, "blur": 0.5, "noise": 2.0} | changes))
