"""Data without a defect, in variants that could be mistaken for one; each function takes a seed and returns an audit."""

from dataclasses import replace

import material
import numpy as np
from scipy.ndimage import gaussian_filter

from helpers.data.dataset import Dataset
from helpers.data.phantoms.ecg import ecg_phantom
from helpers.evaluation.audit import audit_dataset, audit_split


def tiles(seed):
    return audit_dataset(material.tiles(seed))


def more_patients(seed):
    return audit_dataset(material.tiles(seed, patients=60, per_patient=5))


def one_tile_per_patient(seed):
    data = material.tiles(seed, patients=150, per_patient=1)
    return audit_dataset(replace(data, groups_known=False, source=material.source("image")))


def many_tiles_of_few_patients(seed):
    return audit_dataset(material.tiles(seed, patients=20, per_patient=15))


def blurred_scanner(seed):
    return audit_dataset(material.tiles(seed, scanners=(material.scanner(blur=1.2, noise=1.0),)))


def noisy_and_dark_scanner(seed):
    return audit_dataset(material.tiles(seed, scanners=(material.scanner(gain=0.7, gamma=1.3, noise=6.0),)))


def three_sites(seed):
    scanners = (material.scanner(), material.scanner(gain=0.85), material.scanner(blur=0.9, noise=5.0))
    data = material.tiles(seed, patients=40, per_patient=6, scanners=scanners)
    return audit_dataset(data)


def brighter_cancer(seed):
    """Natural difference of brightness: another exposure of one class, everywhere in the image."""
    scanners = (material.scanner(gain=0.9), material.scanner())
    return audit_dataset(material.tiles(seed, scanners=scanners, by_class=True))


def small_images(seed):
    data = material.tiles(seed)
    halved = data.inputs.reshape(len(data), 32, 2, 32, 2).mean(axis=(2, 4)).round().astype(np.uint8)
    return audit_dataset(replace(data, inputs=halved[..., None]))


def large_images(seed):
    return audit_dataset(material.tiles(seed, patients=20, per_patient=8, size=128))


def round_field_of_view(seed):
    """Black corners in every image, as an endoscope or a fundus camera leaves them."""
    data = material.tiles(seed)
    row, column = np.mgrid[:64, :64] - 31.5
    return audit_dataset(
        replace(data, inputs=data.inputs * (row**2 + column**2 < 33**2)[None, :, :, None].astype(np.uint8))
    )


def the_same_mark_everywhere(seed):
    def draw(image, random):
        image[2:7, 2:12] = 255

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, label=None))


def marks_without_regard_to_class(seed):
    def draw(image, random):
        image[54:62, 50:62] = 0

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.4, label=None))


def air_in_healthy_tissue(seed):
    """White holes, anywhere, in normal tiles: diagnostic content that reaches the edge, saturated."""

    def draw(image, random):
        holes = gaussian_filter(random.standard_normal(image.shape), 5)
        image[holes > 0.9 * holes.std()] = 255

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, label=0))


def aligned_anatomy(seed):
    """Two dark lungs at about the same place in every image, clearer in the healthy, dark corners, soft outlines."""
    generator = np.random.default_rng(seed)
    targets = np.arange(300) % 2
    row, column = np.mgrid[:64, :64] / 63 - 0.5
    images = np.empty((300, 64, 64, 1), np.uint8)
    for number, ill in enumerate(targets):
        shift = generator.normal(0, 0.03, 4)
        level = 150 + 20 * gaussian_filter(generator.standard_normal((64, 64)), 3) / 0.1 * 0.3
        for side in (-0.22, 0.22):
            inside = ((column - side - shift[0]) / 0.15) ** 2 + ((row - shift[1]) / (0.32 + shift[2])) ** 2
            level -= (75 - 30 * ill * generator.random()) / (1 + np.exp(6 * (inside - 1)))
        corners = 1 / (1 + np.exp(-25 * (np.hypot(row - 0.2, column) - 0.55 - shift[3] - 0.03 * ill)))
        images[number, :, :, 0] = np.clip(level * (1 - corners) + generator.normal(0, 2, level.shape), 0, 255)
    groups = np.arange(300)
    split = np.array(["train", "train", "train", "validation", "test"])[groups // 2 % 5]
    return audit_dataset(Dataset("lungs", images, targets, "binary", groups, False, split, material.source("image")))


def three_classes(seed):
    data = material.tiles(seed, patients=40)
    targets = np.minimum(data.truth["grade"], 2)
    return audit_dataset(replace(data, targets=targets, task="multiclass", class_names=("normal", "low", "high")))


def _with_facts(data, seed, **changes):
    """Files of two devices: sizes and formats by patient, bytes by content, listed class by class."""
    generator = np.random.default_rng(seed)
    device = generator.integers(0, 2, data.groups.max() + 1)[data.groups]
    rough = np.abs(np.diff(data.inputs[..., 0].astype(float), axis=2)).mean(axis=(1, 2))
    facts = {
        "width": 1024 + 512 * device,
        "height": 768 + 512 * device,
        "bytes": (20_000 * (1 + device) * np.log1p(rough) * np.exp(generator.normal(0, 0.05, len(data)))).astype(int),
        "format": device,
        "bit_depth": 8 + 8 * device,
        "position": np.argsort(np.argsort(data.targets, kind="stable"), kind="stable"),
    }
    return audit_dataset(replace(data, file_facts=facts | changes))


def files_of_two_devices(seed):
    return _with_facts(material.tiles(seed, patients=60, per_patient=4), seed)


def file_size_follows_content(seed):
    """A busier class makes larger files: content, no trace of another compression."""

    def draw(image, random):
        image[:] = np.clip(image + random.normal(0, 9, image.shape), 0, 255)

    return _with_facts(material.drawn_on(material.tiles(seed, patients=60, per_patient=4), seed, draw), seed)


def table(seed):
    return audit_dataset(material.table(seed))


def table_of_three_classes(seed):
    return audit_dataset(material.table(seed, task="multiclass"))


def table_with_a_target_on_a_scale(seed):
    return audit_dataset(material.table(seed, task="regression"))


def questionnaire(seed):
    """Coarse columns: equal rows are no repetition, 9 and 0 are answers."""
    generator = np.random.default_rng(seed)
    data = material.table(seed)
    values = np.column_stack(
        [generator.integers(0, 2, 400), generator.integers(0, 5, 400), generator.integers(0, 11, 400)]
    ).astype(float)
    return audit_dataset(replace(data, inputs=values, feature_names=("yes", "how often", "pain")))


def counts_and_doses(seed):
    """Zeros that mean zero, a top that is reached often, a heavy tail."""
    generator = np.random.default_rng(seed)
    data = material.table(seed)
    values = np.column_stack(
        [
            generator.poisson(0.8, 400),
            np.where(generator.random(400) < 0.5, 0, generator.choice([5, 10, 20, 25, 40, 50, 75, 100], 400)),
            np.minimum(np.round(generator.normal(98, 3, 400)), 100),
            np.exp(generator.normal(2, 1.5, 400)),
            generator.normal(0, 1, 400),
        ]
    )
    return audit_dataset(replace(data, inputs=values, feature_names=("nodes", "dose", "saturation", "crp", "z score")))


def signals(seed):
    return audit_dataset(ecg_phantom(400))


def tidy_pipeline(seed):
    generator = np.random.default_rng(seed)
    times = np.sort(generator.random(300))
    rows = np.arange(300)
    parts = {"train": rows[:180], "validation": rows[180:240], "test": rows[240:]}
    return audit_split(
        300,
        **parts,
        groups=rows // 3,
        times=times,
        scaling=parts["train"],
        selection=rows[:240],
        threshold=parts["validation"],
    )


CLEAN = [
    tiles,
    more_patients,
    one_tile_per_patient,
    many_tiles_of_few_patients,
    blurred_scanner,
    noisy_and_dark_scanner,
    three_sites,
    brighter_cancer,
    small_images,
    large_images,
    round_field_of_view,
    the_same_mark_everywhere,
    marks_without_regard_to_class,
    air_in_healthy_tissue,
    aligned_anatomy,
    three_classes,
    files_of_two_devices,
    file_size_follows_content,
    table,
    table_of_three_classes,
    table_with_a_target_on_a_scale,
    questionnaire,
    counts_and_doses,
    signals,
    tidy_pipeline,
]
