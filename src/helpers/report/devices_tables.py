"""Tables of 14_devices: what a file holds, what copies lost, and every candidate in one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import agreement, comparison, intervals
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.latency import MICROSECONDS, median_interval, speed_ratio
from helpers.evaluation.proportions import Interval
from helpers.report import devices_readings
from helpers.report.writing import Run
from helpers.training.litert_file import FileParts, working_memory

KILOBYTE = 1000
MOST_LOST = 0.005  # of AUROC, allowed beforehand
AGREEMENT = "Share of decisions as the original's, test"


def slug(name: str) -> str:
    """A candidate's name inside the name of a metric."""
    return name.lower().replace(",", "").replace(" ", "_")


def file_table(run: Run, parts: Mapping[str, FileParts], memory: Mapping[str, int]) -> pd.DataFrame:
    """What every file holds and what one answer needs, in kB (1,000 bytes); sizes go into the results as exact numbers.

    Args:
        run: gets ``file_<form>`` and ``memory_<form>``, bytes.
        parts: form to the parts of its file.
        memory: form to the bytes of activations that have to be held at once.
    """
    rows = {}
    for name, part in parts.items():
        run.add_exact(f"file_{slug(name)}", f"File, {name}", part.total, "bytes")
        run.add_exact(f"memory_{slug(name)}", f"Activations held at once, {name}", memory[name], "bytes")
        sizes = {"kernels": part.kernels, "biases": part.biases, "the rest": part.rest, "file": part.total}
        rows[name] = {f"{words} (kB)": size / KILOBYTE for words, size in sizes.items()}
        rows[name]["activations (kB)"] = memory[name] / KILOBYTE
    return pd.DataFrame.from_dict(rows, orient="index").round(1)


def score_table(
    run: Run, part: Dataset, scores: Mapping[str, np.ndarray], threshold: float, known: Collection[str] = ()
) -> pd.DataFrame:
    """AUROC of every candidate and its agreement with the original, with intervals; both go into the results.

    Args:
        run: gets ``auroc_<candidate>`` and ``agreement_<candidate>``.
        part: the test part of a binary dataset.
        scores: candidate to (n,) probabilities; the first one is the original.
        threshold: of every candidate.
        known: candidates whose agreement stands in the results already, from :func:`copy_scores`.

    Returns:
        One row per candidate; columns auroc, auroc_low, auroc_high, agreement, agreement_low, agreement_high. The
        original agrees with itself.
    """
    original, rows = next(iter(scores.values())), {}
    for name, score in scores.items():
        auroc = intervals.auroc_delong(part.targets, score, part.groups)
        run.add_interval(f"auroc_{slug(name)}", "AUROC, test", auroc, part.groups, model=name)
        alike = Interval(1.0, 1.0, 1.0, "by definition")
        if score is not original:
            alike = agreement.decision_agreement(original, score, threshold, part.groups)
            if name not in known:
                run.add_interval(f"agreement_{slug(name)}", AGREEMENT, alike, part.groups, model=name)
        rows[name] = _columns("auroc", auroc) | _columns("agreement", alike)
    return pd.DataFrame.from_dict(rows, orient="index")


def copy_scores(
    run: Run, part: Dataset, name: str, original: np.ndarray, copy: np.ndarray, threshold: float
) -> tuple[PairedComparison, Interval]:
    """What a copy lost against its original, and how often it decides alike; both go into the results.

    Args:
        run: gets ``loss_<name>`` and ``agreement_<name>``.
        part: the test part of a binary dataset.
        name: of the copy.
        original, copy: (n,) probabilities.
        threshold: of both.

    Returns:
        AUROC of the original minus that of the copy; share of the decisions that are the same.
    """
    loss = comparison.delong_paired(part.targets, original, copy, part.groups)
    same = agreement.decision_agreement(original, copy, threshold, part.groups)
    run.add_interval(f"loss_{slug(name)}", f"AUROC, original minus {name}, test", loss, part.groups, model=name)
    run.add_interval(f"agreement_{slug(name)}", AGREEMENT, same, part.groups, model=name)
    return loss, same


def compare_copies(
    run: Run, part: Dataset, scores: Mapping[str, np.ndarray], names: Sequence[str], threshold: float
) -> tuple[dict[str, tuple[PairedComparison, Interval]], list[str]]:
    """Several copies against their original: each into the results, and into words.

    Args:
        run: as in :func:`copy_scores`.
        part: the test part of a binary dataset.
        scores: name to (n,) probabilities; one is ``original``.
        names: of the copies.
        threshold: of all.

    Returns:
        Name to what :func:`copy_scores` found; two sentences about each.
    """
    found, words, original = {}, [], scores["original"]
    for name in names:
        found[name] = loss, same = copy_scores(run, part, name, original, scores[name], threshold)
        changed = agreement.disagreements(part.targets, original, scores[name], threshold)
        words.append(devices_readings.drop(loss, MOST_LOST, name))
        words.append(
            f"Same decisions {same.text()}. {devices_readings.changed_decisions(changed, original, scores[name])}"
        )
    return found, words


def student_scores(
    run: Run, part: Dataset, taught: np.ndarray, alone: np.ndarray, original: np.ndarray, threshold: float
) -> tuple[PairedComparison, list[float]]:
    """What the teacher brought its student, into the results, with the finding that it helped.

    Args:
        run: gets ``student_gain`` and ``auroc_student_labels_alone``.
        part: the test part of a binary dataset.
        taught, alone: (n,) probabilities of the student with soft targets, and with labels alone.
        original: (n,) the teacher's.
        threshold: of all.

    Returns:
        AUROC with soft targets minus without; share of decisions as the teacher's, of both students, and the teacher's
        own AUROC.
    """
    gain = comparison.delong_paired(part.targets, taught, alone, part.groups)
    run.add_interval("student_gain", "AUROC, with soft targets minus without, test", gain, part.groups, model="student")
    without = intervals.auroc_delong(part.targets, alone, part.groups)
    run.add_interval("auroc_student_labels_alone", "AUROC, test", without, part.groups, model="student, labels alone")
    run.add_claim("teacher_helps", "With soft targets the student has the higher AUROC.", gain.low > 0)
    shares = [agreement.decision_agreement(original, one, threshold).value for one in (taught, alone)]
    return gain, [*shares, intervals.auroc_delong(part.targets, original, part.groups).value]


def timing_table(run: Run, seconds: pd.DataFrame, references: Mapping[str, str]) -> pd.DataFrame:
    """Median latency of every candidate and how many times faster than each reference it is; timings in the results.

    Args:
        run: gets ``latency_<candidate>`` (microseconds) and ``speed_<candidate>_<reference>``.
        seconds: from :func:`helpers.evaluation.latency.interleaved_seconds`.
        references: title of the column to the name of a candidate.

    Returns:
        Columns ``microseconds`` with ``_low`` and ``_high``, and each title likewise.
    """
    rows = {}
    for name in seconds:
        middle = median_interval(seconds[name].to_numpy() * MICROSECONDS)
        run.add_timing(f"latency_{slug(name)}", f"One answer, {name}", middle.value, "microseconds")
        rows[name] = _columns("microseconds", middle)
        for title, reference in references.items():
            ratio = speed_ratio(seconds, name, reference)
            run.add_timing(f"speed_{slug(name)}_{slug(title)}", f"{name}: {title}", ratio.value, "times")
            rows[name] |= _columns(title, ratio)
    return pd.DataFrame.from_dict(rows, orient="index")


def candidate_numbers(scored: pd.DataFrame, timed: pd.DataFrame, files: Mapping[str, bytes]) -> pd.DataFrame:
    """Everything about every candidate in one frame.

    Args:
        scored, timed: of :func:`score_table` and :func:`timing_table`, the same candidates.
        files: candidate to its file; the original has none.

    Returns:
        The columns of both, and file and memory (bytes; nan without a file).
    """
    numbers = scored.join(timed)
    for column, measure in (("file", len), ("memory", working_memory)):
        numbers[column] = [measure(files[name]) if name in files else np.nan for name in numbers.index]
    return numbers


def candidate_table(numbers: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """The one table of all candidates, as text; narrow enough for a page.

    Args:
        numbers: of :func:`candidate_numbers`.
        first, second: columns of ratios to the float file and to the compiled Keras network.
    """
    rows = {}
    for name, row in numbers.iterrows():
        stored = "no file" if np.isnan(row["file"]) else f"{row['file'] / KILOBYTE:.1f}; {row['memory'] / KILOBYTE:.1f}"
        rows[name] = {
            "file; activations (kB)": stored,
            "one answer (µs)": f"{row['microseconds']:,.0f}",
            "speed: float file = 1; Keras = 1": f"{row[first]:.2f}; {row[second]:.1f}",
            "AUROC": _text(row, "auroc"),
            "agreement": _text(row, "agreement"),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _columns(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _text(row: pd.Series, name: str) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return "is the original" if low == high == 1 else f"{value:.3f} ({low:.3f} to {high:.3f})"
