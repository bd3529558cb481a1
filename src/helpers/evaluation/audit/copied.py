"""Copies of images: on two sides of the split, with two labels, of two patients, or simply counted twice."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from helpers.data.dataset import PARTS, Dataset
from helpers.evaluation.audit.contents import empty_images
from helpers.evaluation.audit.findings import Finding, case_numbers, counted, enumerated, not_applicable
from helpers.evaluation.audit.predictability import labels_of
from helpers.evaluation.audit.shortcuts import is_images
from helpers.evaluation.copies import Copies, find_copies

ACROSS = "copies on both sides of the split"
CONFLICT = "copies with different labels"
GROUPS = "copies in different groups"
WITHIN = "copies inside one part"
# Near copies are recognized, not proven: below this share of a part a few could be look-alikes.
SEVERE_SHARE = 0.01
MOST_EQUAL = 100  # equal images that are paired with each other; further ones with the first only


def check_copies(dataset: Dataset, copies: Copies | None = None) -> list[Finding]:
    """Four findings about exact and near copies.

    Args:
        dataset: of images; for anything else the checks do not apply.
        copies: what :func:`~helpers.evaluation.copies.find_copies` found in ``dataset.inputs``; None: it is called here.
    """
    if not is_images(dataset):
        return [not_applicable(check, "these are no images") for check in (ACROSS, CONFLICT, GROUPS, WITHIN)]
    if len(dataset) < 2:
        return [not_applicable(check, "there is one image only") for check in (ACROSS, CONFLICT, GROUPS, WITHIN)]
    copies = find_copies(dataset.inputs) if copies is None else copies
    pairs, exact = _all_pairs(copies)
    # All empty images are equal to each other; they have a check of their own.
    contentful = ~empty_images(dataset.inputs)[pairs].any(axis=1) if len(pairs) else np.zeros(0, dtype=bool)
    pairs, exact = pairs[contentful], exact[contentful]
    return [
        _across_parts(dataset, pairs, exact),
        _conflicting(dataset, pairs, exact),
        _across_groups(dataset, pairs, exact),
        _within_parts(dataset, pairs, exact),
    ]


def _all_pairs(copies: Copies) -> tuple[np.ndarray, np.ndarray]:
    """(m, 2) pairs and (m,) whether exact, with equal images in each other's place.

    :func:`~helpers.evaluation.copies.find_copies` pairs equal images with the first of their kind only, and looks for
    near copies among the first ones. But the second one may be the one in the test part.
    """
    pairs, exact = np.asarray(copies.pairs, dtype=np.int64).reshape(-1, 2), np.asarray(copies.exact, dtype=bool)
    equal: dict[int, list[int]] = {}
    for first, other in pairs[exact].tolist():
        equal.setdefault(first, [first]).append(other)
    found = {pair: True for members in equal.values() for pair in combinations(members[:MOST_EQUAL], 2)}
    found.update(dict.fromkeys(map(tuple, pairs[exact].tolist()), True))
    for first, other in pairs[~exact].tolist():
        for pair in product(equal.get(first, [first])[:MOST_EQUAL], equal.get(other, [other])[:MOST_EQUAL]):
            found.setdefault((min(pair), max(pair)), False)
    ordered = sorted(found)
    return np.array(ordered, dtype=np.int64).reshape(-1, 2), np.array([found[pair] for pair in ordered], dtype=bool)


def _across_parts(dataset: Dataset, pairs: np.ndarray, exact: np.ndarray) -> Finding:
    parts = dataset.split[pairs]
    across = parts[:, 0] != parts[:, 1]
    concerned = _in_families_across(dataset.split, pairs)
    if not len(concerned):
        return Finding(ACROSS, "passed", "No image has a copy (exact, turned, flipped, resized) in another part.")
    held_out = concerned[dataset.split[concerned] != "train"]
    shares = {
        part: float(np.mean(np.isin(np.flatnonzero(dataset.split == part), concerned)))
        for part in PARTS[1:]
        if (dataset.split == part).any()
    }
    words = enumerated([f"{share:.1%} of the {part} part" for part, share in shares.items()])
    proven = int(exact[across].sum())
    severe = proven > 0 or max(shares.values()) >= SEVERE_SHARE
    known = (
        ""
        if dataset.groups_known
        else (" Which images belong together is not published, so the split could not keep them apart.")
    )
    return Finding(
        ACROSS,
        "severe" if severe else "warning",
        f"{counted(len(held_out), 'image')} outside the training part "
        f"{'has' if len(held_out) == 1 else 'have'} a copy in another part ({counted(int(across.sum()), 'pair')}, "
        f"{proven:,} exact; {words}).{known}",
        "Give all copies of an image one group and draw the split again by group: a model is tested on what it has seen.",
        {"images": len(held_out), "pairs": int(across.sum()), "exact": proven, "test_share": shares.get("test", 0.0)},
        case_numbers(concerned),
    )


def _in_families_across(split: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Rows whose family of copies stands in several parts of the split.

    The search pairs an image with its nearest neighbors only, so of a large family not every two are a pair: a copy of
    a copy counts as a copy.
    """
    family = Copies(pairs, np.zeros(len(pairs), bool), np.ones(len(pairs)), 0.0).families(len(split))
    _, part = np.unique(split, return_inverse=True)
    parts_of_family = np.unique(np.column_stack([family, part]), axis=0)[:, 0]
    return np.flatnonzero(np.bincount(parts_of_family, minlength=family.max() + 1)[family] > 1)


def _conflicting(dataset: Dataset, pairs: np.ndarray, exact: np.ndarray) -> Finding:
    labels = labels_of(dataset)
    if labels is None:
        return not_applicable(CONFLICT, f"the task is {dataset.task}, without one class per sample")
    conflict = labels[pairs[:, 0]] != labels[pairs[:, 1]]
    if not conflict.any():
        return Finding(CONFLICT, "passed", "No two copies of an image have different labels.")
    concerned, proven = np.unique(pairs[conflict]), int(exact[conflict].sum())
    severe = proven > 0 or len(concerned) >= SEVERE_SHARE * len(dataset)
    return Finding(
        CONFLICT,
        "severe" if severe else "warning",
        f"{counted(len(concerned), 'image')} {'has' if len(concerned) == 1 else 'have'} a copy with another label "
        f"({counted(int(conflict.sum()), 'pair')}, {proven:,} exact).",
        "One of the two labels is wrong: look at the cases with somebody who can tell, or leave both out.",
        {"images": len(concerned), "pairs": int(conflict.sum()), "exact": proven},
        case_numbers(concerned),
    )


def _across_groups(dataset: Dataset, pairs: np.ndarray, exact: np.ndarray) -> Finding:
    group = dataset.source.group
    if not dataset.groups_known:
        return not_applicable(GROUPS, "which samples belong together is not known")
    across = dataset.groups[pairs[:, 0]] != dataset.groups[pairs[:, 1]]
    if not across.any():
        return Finding(GROUPS, "passed", f"No image has a copy in another {group}.")
    concerned = np.unique(pairs[across])
    share = len(concerned) / len(dataset)
    return Finding(
        GROUPS,
        "severe" if share >= 0.1 else "warning",
        f"{counted(len(concerned), 'image')} ({share:.1%}) {'has' if len(concerned) == 1 else 'have'} a copy in a {group} "
        f"that is said to be another ({counted(int(across.sum()), 'pair')}, {int(exact[across].sum()):,} exact).",
        f"Either a {group} has two numbers or a file was filed twice: correct the list of {group}s, then split again.",
        {"images": len(concerned), "pairs": int(across.sum()), "exact": int(exact[across].sum())},
        case_numbers(concerned),
    )


def _within_parts(dataset: Dataset, pairs: np.ndarray, exact: np.ndarray) -> Finding:
    within = dataset.split[pairs[:, 0]] == dataset.split[pairs[:, 1]]
    if not within.any():
        return Finding(WITHIN, "passed", "No image has a copy inside its own part.")
    apart = within & (dataset.groups[pairs[:, 0]] != dataset.groups[pairs[:, 1]])
    counting = apart if apart.any() else within
    concerned, proven = np.unique(pairs[counting]), int(exact[counting].sum())
    numbers = {"images": len(concerned), "pairs": int(counting.sum()), "exact": proven}
    words = f"{counted(numbers['pairs'], 'pair')}, {proven:,} exact"
    have = f"{counted(len(concerned), 'image')} {'has' if len(concerned) == 1 else 'have'}"
    group = dataset.source.group
    if not apart.any():
        return Finding(
            WITHIN,
            "note",
            f"{have} a copy of the same {group} in the same part ({words}).",
            f"Count {group}s, not images; intervals over {group}s stay right.",
            numbers,
            case_numbers(concerned),
        )
    return Finding(
        WITHIN,
        "warning",
        f"{have} a copy inside the same part that counts as another {group} ({words}).",
        "Keep one of each, or give copies one group: counted twice they make every interval too narrow.",
        numbers,
        case_numbers(concerned),
    )
