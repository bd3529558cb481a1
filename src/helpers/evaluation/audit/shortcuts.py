"""Can the class be told from what is not diagnostic: files, their order, the processing of gray levels, brightness?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import rankdata

from helpers.data.dataset import Dataset
from helpers.evaluation.audit.findings import Finding, enumerated, not_applicable
from helpers.evaluation.audit.predictability import Predictability, labels_of, predict_from, reason_against
from helpers.evaluation.baselines import histogram_features

# Lower bounds of the 95 % interval of a cross-validated AUROC. Chance is 0.5; a bound above 0.5 alone would alarm for
# one clean feature in forty.
SEVERE_FROM = 0.65
WARNING_FROM = 0.55
FACT_WORDS = {
    "width": "width",
    "height": "height",
    "format": "file format",
    "bit_depth": "bit depth",
    "bytes": "file size",
    "position": "place in the listing",
}


def is_images(dataset: Dataset) -> bool:
    """Whether the inputs are (n, height, width, 1) uint8, in memory or on disk."""
    return dataset.inputs.ndim == 4 and dataset.inputs.dtype == np.uint8 and dataset.inputs.shape[3] == 1


def severity_of(low: float) -> str:
    """Of a shortcut whose AUROC is at least ``low``."""
    return "severe" if low >= SEVERE_FROM else "warning" if low >= WARNING_FROM else "passed"


def verdict(
    check: str, severity: str, result: Predictability, dataset: Dataset, clean: str, told: str, advice: str
) -> list[Finding]:
    """One finding of a check that tried to tell the class: ``clean`` if it passed, else ``told`` and what to do.

    Either sentence is without its full stop; the AUROC and its interval follow it.
    """
    passed = severity == "passed"
    sentence = f"{clean if passed else told} ({result.words(dataset.class_names)})."
    return [Finding(check, severity, sentence, "" if passed else advice, result.numbers())]


def check_file_facts(dataset: Dataset) -> list[Finding]:
    """Size, format and bit depth of the files must not tell the class."""
    check = "image size and file format as a shortcut"
    facts = {
        name: np.asarray(values, dtype=np.float64)
        for name, values in dataset.file_facts.items()
        if name not in ("position", "bytes")
    }
    if not facts:
        return [not_applicable(check, "nothing is known about single files")]
    varying = {name: values for name, values in facts.items() if np.ptp(values) > 0}
    if not varying:
        return [Finding(check, "passed", f"All files are alike in {_names(facts)}.")]
    if reason := reason_against(dataset):
        return [not_applicable(check, reason)]
    if {"width", "height"} <= set(facts):
        # Neither side alone tells a class that was cropped to another shape.
        varying["shape"] = facts["width"] / np.maximum(facts["height"], 1)
    result = predict_from(np.column_stack(list(varying.values())), dataset, model="tree")
    alone = {name: predict_from(values[:, None], dataset, "tree").interval.value for name, values in varying.items()}
    strongest = max(alone, key=alone.get)
    return verdict(
        check,
        severity_of(result.interval.low),
        result,
        dataset,
        f"{_names(facts).capitalize()} do not tell the class",
        f"Without looking at a single pixel, {_names(facts)} tell the class, most of all the "
        f"{FACT_WORDS.get(strongest, strongest)}",
        "Find out why the classes were stored differently; bring all images to one size and format from the same "
        "originals, or a network will learn the traces that cropping and resizing leave.",
    )


def check_file_sizes(dataset: Dataset) -> list[Finding]:
    """Bytes per file must not tell the class beyond what the content explains.

    A busy image compresses badly, so file size is partly content. What is left after a regression on the roughness of
    the image (mean and entropy of the differences of neighbors, what lossless compression works on) and on its area is
    not: other compression, other software.
    """
    check = "file size as a shortcut"
    if "bytes" not in dataset.file_facts:
        return [not_applicable(check, "file sizes are not known")]
    size = np.log(np.maximum(np.asarray(dataset.file_facts["bytes"], dtype=np.float64), 1))
    if np.ptp(size) == 0:
        return [Finding(check, "passed", "All files have the same size.")]
    if not is_images(dataset):
        return [not_applicable(check, "these are no images")]
    if reason := reason_against(dataset):
        return [not_applicable(check, reason)]
    explained = [np.ones(len(size)), *_roughness(dataset.inputs)]
    if {"width", "height"} <= set(dataset.file_facts):
        area = np.asarray(dataset.file_facts["width"], float) * np.asarray(dataset.file_facts["height"], float)
        explained.append(np.log(np.maximum(area, 1)))
    design = np.column_stack(explained)
    rest = size - design @ np.linalg.lstsq(design, size, rcond=None)[0]
    result = predict_from(rest[:, None], dataset, model="tree")
    return verdict(
        check,
        severity_of(result.interval.low),
        result,
        dataset,
        "File sizes tell no more about the class than the content of the images explains",
        "The size of the files tells the class, beyond what the content of the images explains",
        "The classes were probably compressed differently: export all images again from the originals with the same "
        "settings.",
    )


def check_order(dataset: Dataset) -> list[Finding]:
    """The place in the listing must not tell the class, unless it simply goes class by class within parts or sites."""
    check = "order of the samples as a shortcut"
    if reason := reason_against(dataset):
        return [not_applicable(check, reason)]
    known = "position" in dataset.file_facts
    position = np.asarray(dataset.file_facts["position"], float) if known else np.arange(len(dataset), dtype=float)
    labels = labels_of(dataset)
    listed = labels[np.argsort(position, kind="stable")]
    runs = 1 + int(np.sum(listed[1:] != listed[:-1]))
    sites = 1 if dataset.sites is None else len(np.unique(dataset.sites))
    if runs <= len(np.unique(labels)) * len(np.unique(dataset.split)) * sites:
        return [Finding(check, "passed", "The samples are listed class by class, so their order says nothing more.")]
    result = predict_from(rankdata(position)[:, None], dataset, model="tree")
    severity = severity_of(result.interval.low)
    if severity == "severe" and not known:
        severity = "warning"  # the rows of an array may have been sorted on the way here; those of a listing were not
    return verdict(
        check,
        severity,
        result,
        dataset,
        "The order of the samples does not tell the class",
        "The place of a sample in the listing tells its class",
        "Order usually means time or batch: find out whether the classes were acquired at different times, by other "
        "people or devices; never split rows in the order they come.",
    )


def check_gray_levels(dataset: Dataset) -> list[Finding]:
    """Traces of processing: levels that are never used, or only even ones, in one class."""
    check = "processing of the gray levels as a shortcut"
    if not is_images(dataset):
        return [not_applicable(check, "these are no images")]
    if reason := reason_against(dataset):
        return [not_applicable(check, reason)]
    features = _gray_level_traces(dataset.inputs)
    if not np.ptp(features, axis=0).any():
        return [Finding(check, "passed", "No image has gaps in its gray levels.")]
    result = predict_from(features, dataset, model="tree")
    return verdict(
        check,
        severity_of(result.interval.low),
        result,
        dataset,
        "Gaps in the gray levels do not tell the class",
        "Gaps in the gray levels, which only processing leaves, tell the class",
        "One class was stretched, windowed or quantized differently: start again from the originals and treat all "
        "images alike.",
    )


def check_intensity(dataset: Dataset) -> list[Finding]:
    """How far brightness alone, without any structure, tells the class: a warning, since it may be biology."""
    check = "brightness alone"
    if not is_images(dataset):
        return [not_applicable(check, "these are no images")]
    if reason := reason_against(dataset):
        return [not_applicable(check, reason)]
    result = predict_from(histogram_features(dataset.inputs), dataset)
    return verdict(
        check,
        "warning" if result.interval.low >= WARNING_FROM else "passed",
        result,
        dataset,
        "A histogram of gray values does not tell the class",
        "A histogram of gray values, blind to any structure, tells the class already",
        "Ask whether exposure, staining or the device differs between the classes; if it is biology, report this "
        "baseline beside every network, and what the network adds.",
    )


def _names(facts: Mapping[str, np.ndarray]) -> str:
    return enumerated([FACT_WORDS.get(name, name.replace("_", " ")) for name in facts], most=6)


def _roughness(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) log mean and (n,) entropy (bits) of the absolute differences of horizontal neighbors."""
    mean, entropy = np.empty(len(images)), np.empty(len(images))
    for row, image in enumerate(images):
        differences = np.abs(np.diff(image[:, :, 0].astype(np.int16), axis=1))
        counts = np.bincount(differences.ravel(), minlength=2)
        shares = counts[counts > 0] / max(counts.sum(), 1)
        mean[row] = np.log(differences.mean() + 0.5) if differences.size else 0.0
        entropy[row] = -np.sum(shares * np.log2(shares))
    return mean, entropy


def _gray_level_traces(images: np.ndarray) -> np.ndarray:
    """(n, 2): share of empty levels among well-filled neighbors, and how far odd levels are from half of the pixels."""
    traces = np.zeros((len(images), 2))
    for row, image in enumerate(images):
        counts = np.bincount(image.ravel(), minlength=256).astype(np.float64)
        # With 8 pixels on each neighbor, an empty level has a chance of about exp(-8) in a smooth histogram.
        filled = np.minimum(counts[:-2], counts[2:]) >= 8
        traces[row, 0] = np.sum(filled & (counts[1:-1] == 0)) / max(filled.sum(), 1)
        inner = counts[1:255].sum()
        odd = counts[1:255:2].sum()
        # Four standard deviations of a coin: below that it is chance.
        excess = abs(odd - inner / 2) / np.sqrt(max(inner, 1) / 4)
        traces[row, 1] = excess if excess > 4 else 0.0
    return traces
