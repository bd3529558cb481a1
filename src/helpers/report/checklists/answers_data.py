"""Answers about what this run did with the data: preparation, partition, counts, balance."""

from __future__ import annotations

from helpers.data.dataset import PARTS
from helpers.report.checklists.answers_model import recalibration_words
from helpers.report.checklists.evidence import Evidence, Missing, Reply, answered, not_applicable
from helpers.report.numbers import number


def subsets(evidence: Evidence) -> Reply:
    """How many images were used, and under which limit."""
    used = sum(evidence.part(part, "samples") for part in PARTS)
    limit = evidence.need("executed", "training", "sizes", "maximum_samples")
    text = f"{used:,} images were used; the profile allows about {limit:,} at most and keeps every {evidence.dataset('group')} whole."
    published = sum(sum(counts) for counts in evidence.documents.get("catalog", {}).get("parts", {}).values())
    if published:
        text += f" The source publishes {published:,}."
    return answered(text, evidence.cell("evaluation", "open-test-set"))


def preprocessing(evidence: Evidence) -> Reply:
    """What was done to the images before the network saw them, here and before publication."""
    size = evidence.need("card", "size")
    text = (
        f"Gray images were resized to {size} by {size} pixels and normalized with mean and spread of the training part."
    )
    if evidence.need("executed", "training", "sizes", "standardize"):
        text += " The network then standardizes every image by itself."
    if evidence.states("preparation"):
        text += f" Before publication: {evidence.statement('preparation')}"
    for run in ("training", "evaluation"):
        if found := evidence.metrics("audit_", run):
            text += " " + "; ".join(f"{metric['label']} {number(metric['value'])}" for metric in found) + "."
    return answered(text, evidence.cell("training", "audit-data"), evidence.cell("training", "normalize-images"))


def predictor_handling(evidence: Evidence) -> Reply:
    """The numbers behind the normalization."""
    mean, scale = (evidence.need("card", "normalization", key) for key in ("mean", "scale"))
    return answered(
        f"Every pixel x became (x − {number(mean)}) / {number(scale)}: mean and standard deviation of the training part.",
        evidence.cell("training", "normalize-images"),
        evidence.file("model.json", "bundle"),
    )


def predictors(evidence: Evidence) -> Reply:
    """The pixels of one image, and nothing else."""
    size = evidence.need("card", "size")
    return answered(
        f"The {size * size:,} gray values of one image and nothing else; none was chosen beforehand, no clinical data enter.",
        evidence.cell("training", "resize-images"),
    )


def predictor_assessors(evidence: Evidence) -> Reply:
    """Pixels need no judge."""
    return not_applicable(
        f"The predictors are pixels ({evidence.need('card', 'size')} by side): no person judges them."
    )


def missing_data(evidence: Evidence) -> Reply:
    """An image is whole or cannot be read; there is nothing to fill in."""
    return not_applicable(
        f"Every sample is a whole image with one label ({evidence.dataset('task')} classification): nothing was missing "
        "or filled in."
    )


def partition(evidence: Evidence) -> Reply:
    """Who drew the split, how, and what each part was for."""
    group = evidence.dataset("group")
    counts = ", ".join(f"{part} {evidence.part(part, 'samples'):,}" for part in PARTS)
    if evidence.own_images:
        drawn = f"Drawn once from the folder by {group} with a constant seed, never by the seed of the run"
    elif evidence.need("catalog", "split") == "official":
        drawn = "The official split of the source"
    else:
        drawn = f"Drawn once by {group}, never by the seed of the run"
    text = (
        f"{drawn}: {counts} images. Training fits the weights; validation chooses epoch, recalibration and threshold."
    )
    if evidence.states("partition"):
        text += f" {evidence.statement('partition')}"
    return answered(text, evidence.cell("training", "load-data"), evidence.cell("evaluation", "open-test-set"))


def disjoint_level(evidence: Evidence) -> Reply:
    """What the split keeps apart, and whether that is known."""
    group, checked = evidence.dataset("group"), evidence.cell("training", "normalize-images")
    if not evidence.dataset("groups_known"):
        return answered(
            f"The single {group}: the source does not publish which belong to one patient, so a patient may stand on both "
            "sides of the split.",
            checked,
        )
    outcome = "holds" if evidence.holds("no_group_on_two_sides", "training") else "does not hold"
    return answered(f"The {group}: that none stands on two sides of the split was checked and {outcome}.", checked)


def sample_size(evidence: Evidence) -> Reply:
    """Not planned: given by the source, and what that does to the interval."""
    auroc = evidence.metric("test_auroc")
    if auroc["low"] is None or auroc["high"] is None:
        return answered(
            f"Not planned but given by the data: {evidence.images_of('test')}; no interval could be computed."
        )
    return answered(
        f"Not planned but given by the data: the test part has {evidence.images_of('test')}. With them the 95 % interval of "
        f"AUROC is {auroc['high'] - auroc['low']:.2f} wide.",
        evidence.cell("evaluation", "sample-size"),
    )


def flow(evidence: Evidence) -> Reply:
    """Cases with and without the disease in every part."""
    healthy, disease = evidence.classes
    rows = [f"{part} {evidence.images_of(part)}, {evidence.part(part, 'positive'):,} {disease}" for part in PARTS]
    return answered(f"{'; '.join(rows)}; the others {healthy}.", evidence.file("results.json", "results"))


def counts_by_analysis(evidence: Evidence) -> Reply:
    """Samples and diseased cases behind fitting, choosing and testing."""
    uses = {"train": "fitting", "validation": "choosing", "test": "testing"}
    rows = [
        f"{use} {evidence.part(part, 'samples'):,} images, {evidence.part(part, 'positive'):,} with the disease"
        for part, use in uses.items()
    ]
    return answered(f"{'; '.join(rows)}.".capitalize(), evidence.file("results.json", "results"))


def share(evidence: Evidence, part: str) -> float:
    """Share of diseased samples of a part, in percent."""
    return 100 * evidence.part(part, "positive") / max(evidence.part(part, "samples"), 1)


def part_differences(evidence: Evidence) -> Reply:
    """How development and evaluation data differ: the share of the ill, and the place where that is known."""
    disease = evidence.classes[1]
    text = f"{disease}: {share(evidence, 'train'):.1f} % of the training part, {share(evidence, 'test'):.1f} % of the test part."
    places = evidence.documents.get("catalog", {}).get("sites", {})
    if places.get("train") != places.get("test"):
        text += " The test part comes from another center than the training part."
    return answered(text, evidence.file("results.json", "results"))


def comparison_of_parts(evidence: Evidence) -> Reply:
    """Development against evaluation data in all that matters: for people, more than the share of the ill."""
    if evidence.synthetic:
        return part_differences(evidence)
    raise Missing("age, sex and other traits of the people, apart for development and evaluation")


def class_imbalance(evidence: Evidence) -> Reply:
    """Weights that make both classes count alike."""
    disease = evidence.classes[1]
    return answered(
        f"{share(evidence, 'train'):.1f} % of the training images are {disease}; errors were weighted so that both classes "
        f"count alike; on validation, {recalibration_words(evidence)}.",
        evidence.cell("training", "train-network"),
        evidence.cell("training", "calibrate-and-choose"),
    )
