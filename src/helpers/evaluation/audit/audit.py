"""All checks of a dataset, before anything is trained on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.audit import (
    answers,
    confounding,
    contents,
    copied,
    missing,
    shortcuts,
    splits,
    surroundings,
    tables,
)
from helpers.evaluation.audit.findings import Audit, Finding
from helpers.evaluation.copies import Copies
from helpers.runtime import InputError

Check = Callable[[Dataset], list[Finding]]

RECORD_CHECKS: tuple[Check, ...] = (
    splits.check_groups,
    splits.check_classes,
    splits.check_prevalence,
    splits.check_size,
    shortcuts.check_file_facts,
    shortcuts.check_order,
    confounding.check_sites,
    confounding.check_times,
)
CONTENT_CHECKS: tuple[Check, ...] = (
    contents.check_empty_images,
    shortcuts.check_file_sizes,
    shortcuts.check_gray_levels,
    surroundings.check_marks,
    surroundings.check_borders,
    shortcuts.check_intensity,
    missing.check_missing_codes,
    missing.check_missing_values,
    tables.check_columns,
    tables.check_rows,
    answers.check_leaking_columns,
)
MOST_IMAGES = 20_000  # whose content is looked at: more would take minutes and tell the same


def audit_dataset(dataset: Dataset, copies: Copies | None = None) -> Audit:
    """Look for what would make any result on this dataset wrong. Trains nothing larger than a logistic regression.

    Every check leaves a finding, also where nothing is wrong or where it does not apply. Deterministic. Of more than
    :data:`MOST_IMAGES` images the content of that many is looked at, whole groups of every part and class; what is
    known without the content is checked for all.

    Args:
        dataset: images (n, height, width, 1) uint8 or a table (n, features); other inputs get the checks that need no
            content.
        copies: result of :func:`helpers.evaluation.copies.find_copies` on ``dataset.inputs`` where it is known already;
            None: it is called here.

    Raises:
        InputError: the dataset is empty.
    """
    if not len(dataset):
        raise InputError(f"{dataset.name}: there is no sample to audit")
    findings = [finding for check in RECORD_CHECKS for finding in check(dataset)]
    content, rows = (dataset, None) if copies is not None else _looked_at(dataset)
    if rows is not None:
        findings.append(
            Finding(
                "images looked at",
                "note",
                f"The content of {len(content):,} of {len(dataset):,} images was looked at, whole {dataset.source.group}s "
                "of every part and class.",
                numbers={"looked_at": len(content), "images": len(dataset)},
            )
        )
    of_content = copied.check_copies(content, copies)
    of_content += [finding for check in CONTENT_CHECKS for finding in check(content)]
    if rows is not None:
        of_content = [replace(finding, cases=tuple(rows[list(finding.cases)].tolist())) for finding in of_content]
    groups = len(np.unique(dataset.groups))
    return Audit(dataset.name, tuple(findings + of_content), len(dataset), groups, dataset.source.group)


def _looked_at(dataset: Dataset) -> tuple[Dataset, np.ndarray | None]:
    """The samples whose content is looked at, in memory, and their rows; None where these are all."""
    numbered = replace(dataset, truth={"row": np.arange(len(dataset))})
    few = numbered.limit(MOST_IMAGES) if shortcuts.is_images(dataset) else numbered
    if not isinstance(few.inputs, np.ndarray):
        few = replace(few, inputs=np.asarray(few.inputs))
    return few, few.truth["row"] if len(few) < len(dataset) else None
