"""Planted defects, one function each, and the finding that each must lead to.

A function takes a seed and returns the audit of data with one thing wrong. :data:`DEFECTS` names the check and the
severity that it has to be found with.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import material
import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, rotate, zoom

from helpers.evaluation.audit import Audit, audit_dataset, audit_split


@dataclass(frozen=True)
class Defect:
    name: str
    check: str
    severity: str
    audit: Callable[[int], Audit]


# --- the split -------------------------------------------------------------------------------------------------------


def patients_on_both_sides(seed):
    data = material.tiles(seed)
    split = data.split.copy()
    moved = np.unique(data.groups[split == "train"])[:3]
    split[np.flatnonzero(np.isin(data.groups, moved))[::2]] = "test"
    return audit_dataset(replace(data, split=split))


def class_missing_from_test(seed):
    data = material.tiles(seed)
    return audit_dataset(data.select((data.split != "test") | (data.targets == 0)))


def no_test_part(seed):
    data = material.tiles(seed)
    return audit_dataset(data.select(data.split != "test"))


def rarer_in_test(seed):
    data = material.table(seed, rows=600)
    held = np.flatnonzero((data.split == "test") & (data.targets == 1))
    return audit_dataset(data.select(~np.isin(np.arange(len(data)), held[: len(held) * 2 // 3])))


def few_patients_in_test(seed):
    return audit_dataset(material.tiles(seed))


def disease_comes_from_one_site(seed):
    data = material.tiles(seed)
    chance = np.random.default_rng(seed).random(len(data))
    return audit_dataset(replace(data, sites=np.where(chance < 0.85, data.targets, 1 - data.targets)))


def controls_were_recruited_later(seed):
    data = material.tiles(seed)
    days = np.random.default_rng(seed).normal(1000 - 400 * data.targets, 200)
    times = np.datetime64("2015-01-01") + days.astype("timedelta64[D]")
    return audit_dataset(replace(data, times=times))


# --- copies ----------------------------------------------------------------------------------------------------------


def exact_copies_in_test(seed):
    return audit_dataset(material.with_copies(material.tiles(seed), seed, 4, np.copy, "test"))


def turned_copies_in_test(seed):
    def turned(image):
        return rotate(image, 33, reshape=False, order=1, mode="reflect")

    return audit_dataset(material.with_copies(material.tiles(seed), seed, 5, turned, "test"))


def flipped_copies_in_validation(seed):
    return audit_dataset(material.with_copies(material.tiles(seed), seed, 5, np.fliplr, "validation"))


def encoded_again_in_test(seed):
    def encoded(image):
        smaller = np.clip(zoom(image.astype(float), 0.75, order=1), 0, 255).astype(np.uint8)
        memory = io.BytesIO()
        Image.fromarray(smaller).save(memory, "JPEG", quality=70)
        return np.asarray(Image.open(memory).resize(image.shape[::-1], Image.Resampling.BILINEAR))

    return audit_dataset(material.with_copies(material.tiles(seed), seed, 5, encoded, "test"))


def copies_without_known_patients(seed):
    data = replace(material.tiles(seed), groups=np.arange(material.PATIENTS * material.TILES), groups_known=False)
    return audit_dataset(material.with_copies(data, seed, 6, np.rot90, "test"))


def same_image_two_labels(seed):
    data = material.with_copies(material.tiles(seed), seed, 2, np.copy, "train", label="other")
    return audit_dataset(data)


def turned_image_two_labels(seed):
    data = material.with_copies(material.tiles(seed), seed, 5, np.rot90, "train", label="other")
    return audit_dataset(data)


def same_image_two_patients(seed):
    return audit_dataset(material.with_copies(material.tiles(seed), seed, 3, np.copy, "train"))


def images_counted_twice(seed):
    data = replace(material.tiles(seed), groups=np.arange(material.PATIENTS * material.TILES), groups_known=False)
    return audit_dataset(material.with_copies(data, seed, 4, np.flipud, "train"))


# --- files -----------------------------------------------------------------------------------------------------------


def _facts(seed, **given):
    data = material.tiles(seed)
    generator = np.random.default_rng(seed)
    facts = {
        "width": generator.choice([512, 640, 768], len(data)),
        "height": generator.choice([512, 640, 768], len(data)),
        "bytes": generator.integers(90_000, 110_000, len(data)),
        "format": np.zeros(len(data), int),
        "bit_depth": np.full(len(data), 8),
        "position": generator.permutation(len(data)),
    }
    for name, make in given.items():
        facts[name] = make(data.targets, generator)
    return audit_dataset(replace(data, file_facts=facts))


def cancer_is_stored_larger(seed):
    return _facts(seed, width=lambda label, random: np.where(random.random(len(label)) < 0.8, 512 + 128 * label, 700))


def cancer_is_stored_in_another_format(seed):
    return _facts(seed, format=lambda label, random: np.where(random.random(len(label)) < 0.9, label, 1 - label))


def cancer_has_another_bit_depth(seed):
    return _facts(seed, bit_depth=lambda label, random: np.where(label & (random.random(len(label)) < 0.7), 16, 8))


def cancer_is_compressed_harder(seed):
    return _facts(
        seed,
        bytes=lambda label, random: np.where(label, 60_000, 80_000) * np.exp(random.normal(0, 0.15, len(label))),
    )


def cancer_comes_later_in_the_listing(seed):
    return _facts(
        seed, position=lambda label, random: np.argsort(np.argsort(random.normal(1.5 * label, 1, len(label))))
    )


# --- pixels ----------------------------------------------------------------------------------------------------------


def white_corner_in_cancer(seed):
    def draw(image, random):
        image[2:7, 2:7] = 255

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.6))


def letter_in_cancer(seed):
    letter = np.array([[1, 1, 1, 0, 1, 0, 1], [0, 1, 0, 0, 1, 1, 1], [0, 1, 0, 0, 1, 0, 1]], bool)

    def draw(image, random):
        image[56:59, 50:57][letter] = 225

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.7))


def black_frame_in_normal(seed):
    def draw(image, random):
        image[:2] = image[-2:] = 0
        image[:, :2] = image[:, -2:] = 0

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.6, label=0))


def mark_in_any_corner_of_cancer(seed):
    def draw(image, random):
        row, column = random.choice([2, 56], 2)
        image[row : row + 6, column : column + 6] = 240

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw))


def ruler_in_cancer(seed):
    def draw(image, random):
        image[4:60:6, 59:63] = 250

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.7))


def calipers_in_the_middle_of_cancer(seed):
    def draw(image, random):
        image[30:33, 20:44] = 210

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.6))


def lossy_mark_in_cancer(seed):
    """Drawn, blurred and coded as JPEG: no pixel has the same value twice."""

    def draw(image, random):
        image[50:60, 4:20] = 20
        memory = io.BytesIO()
        Image.fromarray(image).save(memory, "JPEG", quality=80)
        image[:] = np.asarray(Image.open(memory))

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.6))


def mark_in_one_of_three_classes(seed):
    data = material.tiles(seed, patients=40)
    data = replace(
        data, targets=np.minimum(data.truth["grade"], 2), task="multiclass", class_names=("normal", "low", "high")
    )

    def draw(image, random):
        image[3:9, 54:60] = 255

    return audit_dataset(material.drawn_on(data, seed, draw, share=0.8, label=2))


def changing_text_in_cancer(seed):
    def draw(image, random):
        image[55:62, 3:30][random.random((7, 27)) < 0.4] = 255

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.9))


def lit_corner_in_cancer(seed):
    def draw(image, random):
        image[:10, :12] = np.clip(image[:10, :12].astype(int) + 45, 0, 255)

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.95))


def blurred_border_in_cancer(seed):
    def draw(image, random):
        edge = np.ones(image.shape, bool)
        edge[8:-8, 8:-8] = False
        image[edge] = gaussian_filter(image, 2)[edge]

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw))


def stretched_gray_levels_in_cancer(seed):
    def draw(image, random):
        low, high = np.quantile(image, [0.02, 0.98])
        levels = np.clip((np.arange(256.0) - low) * 255 / max(high - low, 1), 0, 255).round().astype(np.uint8)
        image[:] = levels[image]

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw))


def darker_exposure_of_cancer(seed):
    dark = (material.scanner(), material.scanner(gain=0.82))
    return audit_dataset(material.tiles(seed, scanners=dark, by_class=True))


def a_few_black_images(seed):
    data = material.tiles(seed)
    images = data.inputs.copy()
    images[np.random.default_rng(seed).choice(len(data), 3, replace=False)] = 0
    return audit_dataset(replace(data, inputs=images))


def many_empty_images_of_one_class(seed):
    def draw(image, random):
        image[:] = 244
        image[random.integers(64), random.integers(64)] = 200

    return audit_dataset(material.drawn_on(material.tiles(seed), seed, draw, share=0.2, label=0))


# --- tables ----------------------------------------------------------------------------------------------------------


def _coded(seed, name, code, share):
    def change(values):
        values[np.random.default_rng(seed).random(len(values)) < share] = code
        return values

    return audit_dataset(material.column(material.table(seed), name, change))


def zero_for_not_measured(seed):
    return _coded(seed, "cholesterol", 0, 0.12)


def minus_nine_for_not_measured(seed):
    return _coded(seed, "pressure", -9, 0.05)


def nines_for_not_measured(seed):
    return _coded(seed, "creatinine", 999, 0.05)


def ninety_nine_among_ages(seed):
    return _coded(seed, "age", 99, 0.12)


def nine_among_stages(seed):
    return _coded(seed, "stage", 9, 0.08)


def minus_one_among_pack_years(seed):
    return _coded(seed, "pack years", -1, 0.06)


def infinite_ratio(seed):
    return _coded(seed, "marker", np.inf, 0.01)


def measured_only_in_the_ill(seed):
    data = material.table(seed)
    measured = np.random.default_rng(seed).random(len(data)) < np.where(data.targets == 1, 0.95, 0.4)
    return audit_dataset(material.column(data, "marker", lambda values: np.where(measured, values, np.nan)))


def lost_column(seed):
    return audit_dataset(material.column(material.table(seed), "creatinine", lambda values: 0 * values + 1))


def cholesterol_in_two_units(seed):
    data = material.table(seed)
    return audit_dataset(material.with_column(data, "cholesterol mmol", data.inputs[:, 2] / 38.67))


def patient_number_as_feature(seed):
    data = material.table(seed)
    return audit_dataset(material.with_column(data, "number", 1000 + 3 * np.arange(len(data))))


def rows_in_train_and_test(seed):
    data = material.table(seed)
    values = data.inputs.copy()
    values[np.flatnonzero(data.split == "test")[:4]] = values[np.flatnonzero(data.split == "train")[:4]]
    return audit_dataset(replace(data, inputs=values))


def equal_rows_two_labels(seed):
    data = material.table(seed)
    train = data.split == "train"
    values = data.inputs.copy()
    ill, well = (np.flatnonzero(train & (data.targets == label))[:3] for label in (1, 0))
    values[well] = values[ill]
    return audit_dataset(replace(data, inputs=values))


def treatment_gives_the_answer(seed):
    data = material.table(seed)
    noise = np.random.default_rng(seed).normal(0, 0.1, len(data))
    return audit_dataset(material.with_column(data, "dose of chemotherapy", data.targets * 50 + noise))


def coded_answer(seed):
    data = material.table(seed)
    generator = np.random.default_rng(seed)
    code = np.where(data.targets == 1, generator.choice([1, 4], len(data)), generator.choice([2, 3, 5], len(data)))
    return audit_dataset(material.with_column(data, "billing code", code))


def outcome_in_other_units(seed):
    data = material.table(seed, task="regression")
    return audit_dataset(material.with_column(data, "outcome in hours", data.targets * 24 + 7))


def table_sorted_by_recruitment(seed):
    data = material.table(seed)
    order = np.argsort(np.random.default_rng(seed).normal(2 * data.targets, 1))
    return audit_dataset(data.select(order))


# --- pipelines -------------------------------------------------------------------------------------------------------


def _split(samples=300):
    rows = np.arange(samples)
    return {"train": rows[:180], "validation": rows[180:240], "test": rows[240:]}


def scaled_on_everything(seed):
    return audit_split(300, **_split(), scaling=np.arange(300))


def selected_on_test(seed):
    chosen = np.random.default_rng(seed).choice(300, 120, replace=False)
    return audit_split(300, **_split(), selection=chosen)


def threshold_from_test(seed):
    return audit_split(300, **_split(), threshold=np.arange(300) >= 240)


def trained_on_the_future(seed):
    return audit_split(300, **_split(), times=np.random.default_rng(seed).random(300))


def patient_in_train_and_test(seed):
    return audit_split(300, **_split(), groups=np.arange(300) // 7)


def row_in_train_and_test(seed):
    parts = _split()
    return audit_split(300, **{**parts, "test": np.append(parts["test"], [3, 77])})


COPIES = "copies on both sides of the split"
MARKS = "marks burned into the images"
BORDERS = "corners and borders as a shortcut"
FACTS = "image size and file format as a shortcut"
CODES = "missing values coded as numbers"
COLUMNS = "constant, doubled and numbering columns"
ROWS = "rows that repeat another row"
ANSWER = "the answer among the features"

DEFECTS = [
    Defect(function.__name__, check, severity, function)
    for function, check, severity in [
        (patients_on_both_sides, "groups on both sides of the split", "severe"),
        (class_missing_from_test, "every class in every part", "severe"),
        (no_test_part, "every class in every part", "warning"),
        (rarer_in_test, "share of the classes between the parts", "warning"),
        (few_patients_in_test, "size of the test part", "warning"),
        (disease_comes_from_one_site, "site and class", "severe"),
        (controls_were_recruited_later, "time and class", "severe"),
        (exact_copies_in_test, COPIES, "severe"),
        (turned_copies_in_test, COPIES, "severe"),
        (flipped_copies_in_validation, COPIES, "severe"),
        (encoded_again_in_test, COPIES, "severe"),
        (copies_without_known_patients, COPIES, "severe"),
        (same_image_two_labels, "copies with different labels", "severe"),
        (turned_image_two_labels, "copies with different labels", "severe"),
        (same_image_two_patients, "copies in different groups", "warning"),
        (images_counted_twice, "copies inside one part", "warning"),
        (cancer_is_stored_larger, FACTS, "severe"),
        (cancer_is_stored_in_another_format, FACTS, "severe"),
        (cancer_has_another_bit_depth, FACTS, "severe"),
        (cancer_is_compressed_harder, "file size as a shortcut", "severe"),
        (cancer_comes_later_in_the_listing, "order of the samples as a shortcut", "severe"),
        (white_corner_in_cancer, MARKS, "severe"),
        (letter_in_cancer, MARKS, "severe"),
        (black_frame_in_normal, MARKS, "severe"),
        (mark_in_any_corner_of_cancer, MARKS, "severe"),
        (ruler_in_cancer, MARKS, "severe"),
        (calipers_in_the_middle_of_cancer, MARKS, "severe"),
        (lossy_mark_in_cancer, MARKS, "severe"),
        (mark_in_one_of_three_classes, MARKS, "severe"),
        (changing_text_in_cancer, BORDERS, "severe"),
        (lit_corner_in_cancer, BORDERS, "severe"),
        (blurred_border_in_cancer, BORDERS, "severe"),
        (stretched_gray_levels_in_cancer, "processing of the gray levels as a shortcut", "severe"),
        (darker_exposure_of_cancer, "brightness alone", "warning"),
        (a_few_black_images, "constant or empty images", "warning"),
        (many_empty_images_of_one_class, "constant or empty images", "severe"),
        (zero_for_not_measured, CODES, "warning"),
        (minus_nine_for_not_measured, CODES, "severe"),
        (nines_for_not_measured, CODES, "severe"),
        (ninety_nine_among_ages, CODES, "warning"),
        (nine_among_stages, CODES, "severe"),
        (minus_one_among_pack_years, CODES, "warning"),
        (infinite_ratio, "missing values", "severe"),
        (measured_only_in_the_ill, "missing values", "warning"),
        (lost_column, COLUMNS, "warning"),
        (cholesterol_in_two_units, COLUMNS, "warning"),
        (patient_number_as_feature, COLUMNS, "warning"),
        (rows_in_train_and_test, ROWS, "severe"),
        (equal_rows_two_labels, ROWS, "severe"),
        (treatment_gives_the_answer, ANSWER, "severe"),
        (coded_answer, ANSWER, "severe"),
        (outcome_in_other_units, ANSWER, "severe"),
        (table_sorted_by_recruitment, "order of the samples as a shortcut", "warning"),
        (scaled_on_everything, "rows used for scaling", "severe"),
        (selected_on_test, "rows used for selection", "severe"),
        (threshold_from_test, "rows used for threshold", "severe"),
        (trained_on_the_future, "times in order", "severe"),
        (patient_in_train_and_test, "groups on both sides of the split", "severe"),
        (row_in_train_and_test, "rows in several parts", "severe"),
    ]
]


def found(defect, seed):
    """Whether the right check speaks up with the right severity."""
    return any(
        finding.check == defect.check and finding.severity == defect.severity for finding in defect.audit(seed).findings
    )
