"""The datasheet of the data behind a bundle (Gebru et al. 2021, doi:10.1145/3458723), from catalog entry and results.

What only the authors of the data could say, and nobody has found in what is cited, is said to be not reported.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.data.dataset import PARTS
from helpers.report.checklists.assessment import sentence
from helpers.report.checklists.evidence import Evidence
from helpers.report.markdown import escape, section, table

UNKNOWN = "Not reported."
PEOPLE = {"characteristics": "People", "deidentification": "De-identification", "missing_data": "Missing data"}
COLLECTION = {
    "acquisition": "How the images were taken",
    "setting": "Setting",
    "period": "Dates",
    "eligibility": "Who came in",
    "ethics": "Ethics",
}
PREPARATION = {
    "preprocessing": "Preparation",
    "subsets": "Selection",
    "reference_standard": "Label",
    "annotators": "Who labeled",
    "test_annotation": "Labels of the test part",
    "rater_variability": "Agreement",
    "partition": "Split",
}


def datasheet(evidence: Evidence) -> str:
    """The datasheet as Markdown.

    Raises:
        Missing: the evaluation states no data.
    """
    entry = evidence.documents.get("catalog", {})
    title = entry.get("title") or evidence.dataset("title")
    lines = [f"# Datasheet: {escape(title)}", ""]
    lines += section("Motivation", _motivation(evidence, entry))
    lines += section("Composition", _composition(evidence, entry))
    lines += _parts(evidence)
    lines += section("Collection process", _labeled(COLLECTION, evidence))
    lines += section("Preprocessing, cleaning, labeling", _labeled(PREPARATION, evidence))
    lines += section("Uses", _uses(evidence, entry))
    lines += section(
        "Distribution",
        [sentence("data_availability", evidence), f"Checksum of what this run read: {evidence.dataset('checksum')}."],
    )
    lines += section("Maintenance", _maintenance(evidence, entry))
    return "\n".join(lines).rstrip("\n") + "\n"


def _motivation(evidence: Evidence, entry: dict) -> list[str]:
    if evidence.synthetic:
        purpose = "Made to teach and to test: the truth behind every image is known, and no patient is needed."
    else:
        purpose = f"For which purpose and with whose money the data were made: {UNKNOWN.lower()}"
    return [sentence("data_source", evidence), purpose]


def _composition(evidence: Evidence, entry: dict) -> list[str]:
    classes = entry.get("class_names") or evidence.documents.get("card", {}).get("class_names", ())
    named = ", ".join(f"{value} = {label}" for value, label in enumerate(classes))
    known = "known" if evidence.dataset("groups_known") else "not published, so every image counts as its own"
    return [
        f"Single {entry.get('kind', 'image')}s with one label each ({named})."
        if named
        else "Single images with one label each.",
        f"What must stay together is the {evidence.dataset('group')}; which images belong together is {known}.",
        *_labeled(PEOPLE, evidence),
    ]


def _parts(evidence: Evidence) -> list[str]:
    group = evidence.dataset("group")
    rows = []
    for part in PARTS:
        counts = evidence.documents["evaluation"]["datasets"][0].get("parts", {}).get(part)
        if counts:
            groups = f"{counts['groups']:,}" if evidence.dataset("groups_known") else "not known"
            rows.append([part, f"{counts['samples']:,}", groups, f"{counts.get('positive', 0):,}"])
    return table("Parts as this run used them", ["Part", "Samples", f"{group.capitalize()}s", "With the disease"], rows)


def _labeled(topics: Mapping[str, str], evidence: Evidence) -> list[str]:
    """A sentence per topic, with the topic in front of it."""
    return [f"{label}: {sentence(topic, evidence)}" for topic, label in topics.items()]


def _uses(evidence: Evidence, entry: dict) -> list[str]:
    published = ", ".join(benchmark["model"] for benchmark in entry.get("benchmarks", ()))
    cited = f" ({entry['benchmark_citation']})" if entry.get("benchmark_citation") else ""
    used = (
        f"Published figures on these data: {published}{cited}." if published else "No published figure is comparable."
    )
    caveats = entry.get("caveats") or evidence.need("evaluation", "limits")
    return [used, *(f"Mind before any use: {caveat}" for caveat in caveats), "Not for clinical use."]


def _maintenance(evidence: Evidence, entry: dict) -> list[str]:
    if evidence.synthetic:
        return [
            f"Kept in this repository; every change of the bytes gets a new version, here {evidence.dataset('checksum')}."
        ]
    checked = entry.get("verified")
    read = (
        "The published file was read and its checksum compared."
        if checked
        else "The published file itself was never read by this code."
    )
    return [f"Who maintains the data and how errors are reported: {UNKNOWN.lower()}", *([read] if entry else [])]
