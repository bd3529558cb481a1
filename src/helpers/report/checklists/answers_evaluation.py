"""Answers about the evaluation: measures, intervals, comparisons, subgroups, errors."""

from __future__ import annotations

from helpers.report.checklists.evidence import Evidence, Missing, Reply, answered, with_interval
from helpers.report.numbers import estimate


def _network(evidence: Evidence, prefix: str = "test_") -> list[dict]:
    """Estimates of the network with this prefix; at least one."""
    found = [metric for metric in evidence.metrics(prefix) if metric.get("model", "network") == "network"]
    if not found:
        raise Missing(f"metrics of the network that begin with {prefix}")
    return found


def _plain(label: str) -> str:
    return label.removesuffix(", test")


def measures(evidence: Evidence) -> Reply:
    """The measures and plots of the report."""
    known = [*_network(evidence), *evidence.metrics("specificity_at_"), *evidence.metrics("conformal_all_")[:1]]
    names = ", ".join(_plain(metric["label"]) for metric in known)
    return answered(
        f"{names}; besides, calibration, ROC and precision-recall curves, net benefit and the distribution of probabilities.",
        evidence.cell("evaluation", "scores-with-intervals"),
        evidence.shown("evaluation", "roc-and-precision-recall"),
        evidence.shown("evaluation", "calibration-plot"),
        evidence.shown("evaluation", "decision-curve"),
    )


def uncertainty(evidence: Evidence) -> Reply:
    """Methods of the intervals, and what they count."""
    methods = dict.fromkeys(metric["method"] for metric in _network(evidence) if metric.get("method"))
    groups, group = evidence.part("test", "groups"), evidence.dataset("group")
    difference = evidence.metric("auroc_difference")
    return answered(
        f"95 % intervals over {groups:,} {group}s ({'; '.join(methods)}); models are compared on the same cases "
        f"({difference['method']}).",
        evidence.cell("evaluation", "scores-with-intervals"),
        evidence.cell("evaluation", "coverage-table"),
        evidence.cell("evaluation", "paired-difference"),
    )


def robustness(evidence: Evidence) -> Reply:
    """What a split by image instead of by group does, and other checks where the run has them."""
    by_image = evidence.metric("network_random_split", "training")
    by_group = evidence.metric("network_group_split", "training")
    text = (
        f"The network was trained again on a split by single image (AUROC {estimate(by_image)}) and on the split by group "
        f"({estimate(by_group)})."
    )
    return answered(text, evidence.cell("training", "show-leaks"), evidence.cell("evaluation", "operating-points"))


def explainability(evidence: Evidence) -> Reply:
    """Numbers about explanations, where a run has them."""
    found = evidence.metrics("explanation_")
    if not found:
        raise Missing("which parts of an image decided, or any other explanation of the model")
    return answered(f"{found[0]['label']}: {estimate(found[0])}.", evidence.file("results.json", "results"))


def internal_test(evidence: Evidence) -> Reply:
    """The held-out part of the same source."""
    return answered(
        f"Held-out part of the same source, opened once: {evidence.images_of('test')}, AUROC "
        f"{evidence.measured('test_auroc')}.",
        evidence.cell("evaluation", "open-test-set"),
    )


def external_test(evidence: Evidence) -> Reply:
    """Data from elsewhere, where the run has them."""
    sites = evidence.documents.get("catalog", {}).get("sites", {})
    names = ("external_auroc", "external_sensitivity", "external_specificity")
    found = [metric for metric in evidence.metrics("external_") if metric["name"] in names]
    if found:
        shown = "; ".join(f"{metric['label']} {with_interval(metric)}" for metric in found)
        return answered(
            f"External data, opened once at the end: {shown}.", evidence.cell("evaluation", "external-test")
        )
    if "test" in sites and sites["test"] != sites.get("train"):
        return answered(
            f"The test part comes from another center than the training part: AUROC {evidence.measured('test_auroc')}.",
            evidence.cell("evaluation", "open-test-set"),
        )
    raise Missing("how the model does on data from elsewhere; none were given to this run")


def performance(evidence: Evidence) -> Reply:
    """Discrimination, calibration and overall error with intervals."""
    names = ("test_auroc", "test_auprc", "test_brier", "calibration_slope", "calibration_intercept")
    shown = "; ".join(f"{_plain(evidence.metric(name)['label'])} {evidence.measured(name)}" for name in names)
    return answered(
        f"{shown}.",
        evidence.cell("evaluation", "scores-with-intervals"),
        evidence.cell("evaluation", "calibration-plot"),
    )


def diagnostic_accuracy(evidence: Evidence) -> Reply:
    """Accuracy, sensitivity, specificity and precision at the threshold of validation."""
    names = ("test_sensitivity", "test_specificity", "test_precision", "test_accuracy")
    shown = "; ".join(f"{_plain(evidence.metric(name)['label'])} {evidence.measured(name)}" for name in names)
    threshold = evidence.need("card", "threshold")
    return answered(f"At threshold {threshold:.3f}: {shown}.", evidence.cell("evaluation", "scores-by-hand"))


def subgroup_metrics(evidence: Evidence) -> list[dict]:
    """Results in subgroups that have an interval; may be empty."""
    found = [metric for metric in evidence.metrics("subgroup_") if metric["kind"] == "estimate"]
    return [metric for metric in found if metric["low"] is not None and metric["high"] is not None]


def subgroups_without_interval(evidence: Evidence) -> int:
    """How many subgroups were looked at and are too small for an interval."""
    known = evidence.documents.get("evaluation", {}).get("metrics", [])
    return sum(metric.get("name", "").startswith("subgroup_") for metric in known) - len(subgroup_metrics(evidence))


def performance_and_subgroups(evidence: Evidence) -> Reply:
    """Performance with intervals, and the subgroups that the run has: of images, for nobody publishes who the people are."""
    found = subgroup_metrics(evidence)
    if not found:
        raise Missing("performance in subgroups; for the whole test part see item 37 of CLAIM")
    small = subgroups_without_interval(evidence)
    more = f"; too small for an interval: {small} more" if small else ""
    lowest, highest = (choose(found, key=lambda metric: metric["value"]) for choose in (min, max))
    return answered(
        f"AUROC {evidence.measured('test_auroc')}. {len(found)} subgroups by what is known of the images, from "
        f"{lowest['label']} {with_interval(lowest)} to {highest['label']} {with_interval(highest)}{more}.",
        evidence.cell("evaluation", "scores-with-intervals"),
        evidence.cell("evaluation", "by-subgroup"),
    )


def cluster_methods(evidence: Evidence) -> Reply:
    """How dependence inside groups enters the intervals."""
    if not evidence.dataset("groups_known"):
        raise Missing("which images belong to one patient or one hospital, so clusters could not be taken into account")
    methods = dict.fromkeys(metric["method"] for metric in _network(evidence) if metric.get("method"))
    return answered(
        f"Images of one {evidence.dataset('group')} count as a cluster in every interval ({'; '.join(methods)}).",
        evidence.cell("evaluation", "scores-with-intervals"),
    )


def cluster_results(evidence: Evidence) -> Reply:
    """Results by site (hospital or scanner), where the source tells them apart."""
    found = [metric for metric in subgroup_metrics(evidence) if "_site_" in metric["name"]]
    if len(found) < 2:
        raise Missing(
            "how performance differs between hospitals or scanners, of which at least two must be large enough"
        )
    shown = "; ".join(f"{metric['label']} {with_interval(metric)}" for metric in found[:6])
    return answered(f"{shown}.", evidence.cell("evaluation", "by-subgroup"))


def failures(evidence: Evidence) -> Reply:
    """How many were wrong, and where they are shown."""
    accuracy, samples = evidence.metric("test_accuracy")["value"], evidence.part("test", "samples")
    return answered(
        f"{round((1 - accuracy) * samples):,} of {samples:,} test images were wrong; the most confident mistakes are looked at "
        "one by one.",
        evidence.shown("evaluation", "error-gallery"),
    )
