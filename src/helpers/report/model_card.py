"""The model card of a bundle (Mitchell et al. 2019, doi:10.1145/3287560.3287596), computed from what its evaluation left.

It belongs to the evaluation, not to the bundle: the run that trains a model does not know how it does on the test part.
The checksum of the weights says which bundle it describes.
"""

from __future__ import annotations

from collections.abc import Iterator

from helpers.report.checklists.answers_evaluation import subgroup_metrics, subgroups_without_interval
from helpers.report.checklists.assessment import sentence
from helpers.report.checklists.evidence import Evidence
from helpers.report.markdown import code_block, escape, metric_table, section

OUT_OF_SCOPE = (
    "Any decision about a patient, alone or as a second opinion.",
    "Images of another kind, another organ, another stain or another age than those of the training data.",
    "Places where the disease is much rarer or more common than in the data, without recalibration.",
)


def model_card(evidence: Evidence) -> str:
    """The card as Markdown.

    Raises:
        Missing: the evaluation read no bundle: there is no model to describe.
    """
    healthy, disease = evidence.classes
    name = evidence.dataset("name")
    lines = [f"# Model card: {escape(disease)} or {escape(healthy)} ({escape(name)})", ""]
    for title, body in (
        ("Model details", _details(evidence)),
        ("Intended use", _intended_use(evidence)),
        ("Factors", _factors(evidence)),
        (
            "Metrics",
            [sentence("measures", evidence), sentence("uncertainty", evidence), sentence("model_output", evidence)],
        ),
        ("Evaluation data", [sentence("internal_test", evidence), sentence("external_test", evidence)]),
        ("Training data", _training_data(evidence)),
        ("Quantitative analyses", None),
        ("Ethical considerations", _ethics(evidence)),
        ("Caveats and recommendations", list(evidence.need("evaluation", "limits"))),
    ):
        lines += _analyses(evidence) if body is None else section(title, body)
    return "\n".join([*lines, *_how_to_load(evidence)]) + "\n"


def _details(evidence: Evidence) -> list[str]:
    run = f"{evidence.need('card', 'notebook')}, profile {evidence.need('card', 'profile')}, seed {evidence.need('card', 'seed')}"
    return [
        sentence("model", evidence),
        f"Made by {run}; evaluated by {evidence.need('evaluation', 'notebook')}.",
        "This card describes the bundle whose weights (model.weights.h5 inside model.keras) have the SHA-256 "
        f"{evidence.need('card', 'weights_sha256')}.",
        sentence("training", evidence),
        sentence("selection", evidence),
        sentence("software", evidence),
        "Licence of the code: MIT. The licence of the data may bind the weights too, see training data.",
    ]


def _intended_use(evidence: Evidence) -> list[str]:
    return [sentence("intended_use", evidence), *(f"Out of scope: {use}" for use in OUT_OF_SCOPE)]


def _factors(evidence: Evidence) -> list[str]:
    measured = (
        "Measured in subgroups, see below."
        if subgroup_metrics(evidence)
        else sentence("performance_and_subgroups", evidence)
    )
    return [
        "Relevant: the hospital, the scanner or stain, the stage of the disease, and traits of the people.",
        measured,
        sentence("cluster_methods", evidence),
    ]


def _training_data(evidence: Evidence) -> list[str]:
    return [
        sentence("data_source", evidence),
        sentence("partition", evidence),
        sentence("class_imbalance", evidence),
        sentence("data_availability", evidence),
        "More in the datasheet (datasheet.md).",
    ]


def _analyses(evidence: Evidence) -> Iterator[str]:
    """Tables: the network, its baselines by AUROC, subgroups and external data where the run has them."""
    estimates = [metric for metric in evidence.metrics() if metric["kind"] == "estimate"]
    tests = [metric for metric in estimates if metric["name"].startswith(("test_", "calibration_"))]
    network = [metric for metric in tests if metric.get("model", "network") == "network"]
    rivals = [metric for metric in estimates if metric["name"].startswith(("test_auroc_", "auroc_difference"))]
    yield from ["## Quantitative analyses", ""]
    yield from metric_table("The network on the held-out test part, at the threshold that validation chose", network)
    yield from metric_table("Baselines on the same cases", rivals)
    yield from metric_table(
        "In subgroups; the more there are, the more of them look different by chance", subgroup_metrics(evidence)
    )
    if small := subgroups_without_interval(evidence):
        yield from [f"Too small for an interval: {small} further subgroups.", ""]
    for prefix, title in (("conformal_", "Prediction sets"), ("external_", "External data")):
        yield from metric_table(title, [metric for metric in estimates if metric["name"].startswith(prefix)])


def _ethics(evidence: Evidence) -> list[str]:
    return [
        "**Not for clinical use.** Nobody has examined whether acting on this model helps or harms a patient.",
        sentence("ethics", evidence),
        sentence("deidentification", evidence),
        sentence("fairness", evidence),
    ]


def _how_to_load(evidence: Evidence) -> list[str]:
    disease = evidence.classes[1]
    code = (
        "from helpers.training import bundle\n\n"
        'model = bundle.load_bundle("model")  # the folder model/ of the training run\n'
        f"probability = model.predict(images)  # uint8 (n, height, width, 1) to the probability of {' '.join(disease.split())}\n"
        f"decision = model.decide(images)  # 1 from {evidence.need('card', 'threshold'):.3f} on"
    )
    return [
        "## How to load it",
        "",
        "Keras' safe mode is used: a model file cannot bring code with it.",
        "",
        *code_block(code),
    ]
