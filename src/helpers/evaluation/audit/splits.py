"""The split: groups on both sides, classes that are missing, shares that shift, and a test part too small to tell."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from helpers.data.dataset import PARTS, Dataset
from helpers.evaluation.audit.findings import Finding, case_numbers, counted, enumerated, not_applicable
from helpers.evaluation.audit.predictability import labels_of
from helpers.evaluation.intervals import cluster_proportion
from helpers.evaluation.proportions import LEVEL
from helpers.evaluation.sample_size import auroc_at, groups_for_half_width, proportion_at

SIZE = "size of the test part"
TYPICAL = 0.9  # the accuracy and AUROC for which the width of an interval is stated
WIDEST = 0.10  # of a 95 % interval: five points up or down
LEAST_SHIFT = 0.05  # of a class's share between two parts: below, no one would act on it


def groups_across(split: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Groups that stand in more than one part.

    Args:
        split: (n,) part of each sample.
        groups: (n,) group of each sample.
    """
    parts_of_group = pd.DataFrame({"group": groups, "part": split}).drop_duplicates()["group"]
    return parts_of_group[parts_of_group.duplicated()].unique()


def check_groups(dataset: Dataset) -> list[Finding]:
    """No patient, tile or record on two sides of the split."""
    check = "groups on both sides of the split"
    word = dataset.source.group
    if not dataset.groups_known:
        return [
            Finding(
                check,
                "note",
                "Which samples belong to one patient is not known, so nobody can say whether a patient stands on both "
                "sides of the split.",
                "Add the patients if you can (groups.csv, or a column of the table); until then every result may be too "
                "good.",
            )
        ]
    both = groups_across(dataset.split, dataset.groups)
    total = len(np.unique(dataset.groups))
    if not len(both):
        return [Finding(check, "passed", f"None of {counted(total, word)} stands in two parts of the split.")]
    rows = np.flatnonzero(np.isin(dataset.groups, both))
    return [
        Finding(
            check,
            "severe",
            f"{counted(len(both), word)} of {total:,} {'stands' if len(both) == 1 else 'stand'} in more than one part of "
            f"the split, with {counted(len(rows), 'sample')}.",
            f"Draw the split again by {word} (helpers.data.splitting.group_split): a model recognizes the {word}s it has "
            "trained on.",
            {"groups": len(both), "samples": len(rows), "all_groups": total},
            case_numbers(rows),
        )
    ]


def check_classes(dataset: Dataset) -> list[Finding]:
    """Every part is there and holds every class."""
    check = "every class in every part"
    present = [part for part in PARTS if (dataset.split == part).any()]
    absent = [part for part in PARTS if part not in present]
    findings = []
    if absent:
        findings.append(
            Finding(
                check,
                "warning",
                f"There is no {enumerated(absent)} part.",
                "Without a test part no result can be claimed, without a validation part no threshold can be chosen: "
                "split by group.",
                {"absent": len(absent)},
            )
        )
    labels = labels_of(dataset)
    if labels is None:
        return findings or [not_applicable(check, f"the task is {dataset.task}, without one class per sample")]
    classes = np.unique(labels)
    if len(classes) < 2:
        return [
            *findings,
            Finding(
                check, "severe", "All samples are of one class.", "Nothing can be told apart: add the other class."
            ),
        ]
    gaps = [
        (part, label) for part in present for label in classes if not np.any(labels[dataset.split == part] == label)
    ]
    if gaps:
        words = enumerated([f"{_class_name(dataset, label)} in {part}" for part, label in gaps])
        findings.append(
            Finding(
                check,
                "severe",
                f"A class is missing from a part: {words}.",
                "Draw the split again by group, stratified by class; a part without a class can measure nothing about it.",
                {"missing": len(gaps)},
            )
        )
    return findings or [Finding(check, "passed", f"Each of {len(present)} parts holds all {len(classes)} classes.")]


def check_prevalence(dataset: Dataset) -> list[Finding]:
    """The share of each class must not differ between training and other parts by more than chance among groups.

    The interval of the difference combines those of the shares (Newcombe 1998, Stat Med 17:873), Bonferroni-corrected.
    """
    check = "share of the classes between the parts"
    labels = labels_of(dataset)
    parts = [part for part in PARTS[1:] if (dataset.split == part).any()]
    if labels is None:
        return [not_applicable(check, f"the task is {dataset.task}, without one class per sample")]
    if not parts or not (dataset.split == "train").any():
        return [not_applicable(check, "there are not two parts to compare")]
    classes = np.array([1]) if dataset.task == "binary" else np.unique(labels)
    level = 1 - (1 - LEVEL) / (len(classes) * len(parts))
    shifts = []
    for label in classes:
        hit = labels == label
        train = dataset.split == "train"
        reference = cluster_proportion(hit[train], dataset.groups[train], level=level)
        for part in parts:
            inside = dataset.split == part
            other = cluster_proportion(hit[inside], dataset.groups[inside], level=level)
            difference = other.value - reference.value
            low = difference - math.hypot(other.value - other.low, reference.high - reference.value)
            high = difference + math.hypot(other.high - other.value, reference.value - reference.low)
            shifts.append((difference, low, high, label, part, reference.value, other.value))
    beyond = [shift for shift in shifts if (shift[1] > 0 or shift[2] < 0) and abs(shift[0]) >= LEAST_SHIFT]
    largest = max(beyond or shifts, key=lambda shift: abs(shift[0]))
    difference, low, high, label, part, before, after = largest
    numbers = {"train_share": before, "share": after, "difference": difference, "low": low, "high": high}
    words = (
        f"{_class_name(dataset, label)} makes up {before:.1%} of the training part and {after:.1%} of the {part} part "
        f"(difference {difference:+.3f}, interval {low:+.3f} to {high:+.3f})"
    )
    if not beyond:
        return [Finding(check, "passed", f"No shift beyond chance: {words}.", numbers=numbers)]
    return [
        Finding(
            check,
            "warning",
            f"The parts differ in their mix of classes: {words}.",
            "Probabilities, thresholds, precision and accuracy do not carry over from one part to the other: recalibrate, "
            "or stratify the split; say in the report which share the clinic has.",
            numbers,
        )
    ]


def check_size(dataset: Dataset) -> list[Finding]:
    """How wide will the interval of an accuracy and of an AUROC of 0.9 be with the groups of the test part?"""
    test = dataset.split == "test"
    word = dataset.source.group
    groups = len(np.unique(dataset.groups[test]))
    if not groups:
        return [not_applicable(SIZE, "there is no test part")]
    labels = labels_of(dataset)
    if labels is None:
        return [not_applicable(SIZE, f"the task is {dataset.task}, without one class per sample")]
    accuracy = proportion_at(groups, TYPICAL)
    numbers = {"groups": groups, "accuracy_low": accuracy.low, "accuracy_high": accuracy.high}
    words = f"an accuracy of {TYPICAL} would have the interval {accuracy.low:.2f} to {accuracy.high:.2f}"
    widest, needed = accuracy.width, groups_for_half_width(WIDEST / 2, lambda count: proportion_at(count, TYPICAL))
    held = [len(np.unique(dataset.groups[test & (labels == label)])) for label in np.unique(labels[test])]
    if len(held) > 1:
        # The hardest comparison: the class with the fewest groups against the rest. A group that holds several classes
        # counts once for each, which is generous.
        fewest, total = min(held), sum(held)
        auroc = auroc_at(total, TYPICAL, fewest / total)
        numbers |= {"fewest": fewest, "auroc_low": auroc.low, "auroc_high": auroc.high}
        words += (
            f" and an AUROC of {TYPICAL} the interval {auroc.low:.2f} to {auroc.high:.2f} ({counted(fewest, word)} of the rarest "
            "class)"
        )
        widest = max(widest, auroc.width)
        needed = max(needed, groups_for_half_width(WIDEST / 2, lambda count: auroc_at(count, TYPICAL, fewest / total)))
    numbers |= {"width": widest, "needed": needed}
    sentence = f"The test part holds {counted(groups, word)}: {words}."
    if widest <= WIDEST:
        return [Finding(SIZE, "passed", sentence, numbers=numbers)]
    return [
        Finding(
            SIZE,
            "warning",
            sentence,
            f"Differences smaller than that cannot be shown here. About {counted(needed, word)} with this mix of classes "
            f"would narrow both to ±{WIDEST / 2:.2f}; or use grouped cross-validation.",
            numbers,
        )
    ]


def _class_name(dataset: Dataset, label: int) -> str:
    label = int(label)
    return dataset.class_names[label] if 0 <= label < len(dataset.class_names) else f"class {label}"
