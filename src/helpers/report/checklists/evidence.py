"""What a finished evaluation left behind, and the one way to read it: a field that is not there makes an item missing.

The documents are plain JSON-like values: ``evaluation`` and ``training`` (results.json of the two runs), ``card``
(model.json of the bundle), ``catalog`` (the dataset's entry, empty for own images), ``executed`` (of each of the two
runs: its code cells, its prose, the sizes and the fingerprint that the executor recorded) and ``places`` (relative
addresses that a page in the run folder may link to).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.report.numbers import estimate, interval

OWN_IMAGES = "own-images-"
DOCUMENTS = {
    "evaluation": "results.json of the evaluation",
    "training": "results.json of the training run",
    "card": "model.json of the bundle",
    "catalog": "the catalog entry of the data",
    "executed": "the executed notebooks",
    "places": "the run folder",
}
TOPICS = {
    "setting": "the setting: kind of care, number and place of centers",
    "period": "the dates of collection",
    "eligibility": "by which rules cases came in or were left out",
    "exclusions": "how many cases were left out before publication",
    "participants": "age, sex and other traits of the people",
    "acquisition": "how the images were taken",
    "preparation": "what was done to the data before publication",
    "partition": "how the authors divided the data",
    "reference_standard": "how the true class of a case was established",
    "reference_rationale": "why this reference standard was chosen",
    "annotators": "who labeled the cases, and with which qualification",
    "test_annotation": "how the test cases were labeled",
    "rater_variability": "how far the people who labeled agree",
    "blinding": "whether labels were given blind to the images or other findings",
    "deidentification": "how the data were de-identified",
    "ethics": "ethical approval and consent",
}


# What a metric must have to be used at all; one that lacks any of it is as good as not there.
METRIC_KEYS = {"name", "label", "kind", "value"}
ESTIMATE_KEYS = METRIC_KEYS | {"low", "high", "method"}


class Missing(Exception):
    """No document holds what an answer needs; the text says what, to follow *Nothing here states*."""


@dataclass(frozen=True)
class Link:
    """A place to look something up: what it is, and its address relative to the run folder (may be empty)."""

    label: str
    address: str


@dataclass(frozen=True)
class Reply:
    """What an answering function returns: an answer, or (``applies`` False) the reason why the item does not apply."""

    text: str
    links: tuple[Link, ...] = ()
    applies: bool = True


def answered(text: str, *links: Link) -> Reply:
    return Reply(text, tuple(dict.fromkeys(links)))


def not_applicable(reason: str, *links: Link) -> Reply:
    return Reply(reason, links, applies=False)


@dataclass(frozen=True)
class Evidence:
    """The documents of one evaluation; every method raises :class:`Missing` when they do not hold what it is asked."""

    documents: Mapping[str, object]

    def need(self, document: str, *steps: str | int, what: str = ""):
        """The value at a path.

        Args:
            document: a key of :data:`DOCUMENTS`.
            steps: keys and positions that lead to the value.
            what: what the value is, for the sentence about a gap.
        """
        value = self.documents.get(document, {})
        for step in steps:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                path = ".".join(str(taken) for taken in steps)
                raise Missing(what or f"{path} ({DOCUMENTS[document]})") from None
        if value is None or (isinstance(value, str) and not value.strip()):
            path = ".".join(str(taken) for taken in steps)
            raise Missing(what or f"{path} ({DOCUMENTS[document]})")
        return value

    def dataset(self, key: str):
        """A fact about the data from the evaluation's results."""
        return self.need("evaluation", "datasets", 0, key)

    def part(self, name: str, key: str) -> int:
        """``samples``, ``groups`` or ``positive`` of ``train``, ``validation`` or ``test``."""
        return self.need("evaluation", "datasets", 0, "parts", name, key)

    def images_of(self, name: str) -> str:
        """``200 images of 20 patients``; only the images where they are their own groups."""
        images, group = f"{self.part(name, 'samples'):,} images", self.dataset("group")
        groups = self.part(name, "groups")
        return images if group == "image" else f"{images} of {groups:,} {group}s"

    @property
    def classes(self) -> tuple[str, str]:
        """Names of the healthy and of the diseased class."""
        return tuple(self.need("card", "class_names", place, what="the names of the two classes") for place in (0, 1))

    @property
    def synthetic(self) -> bool:
        """Whether the data are generated."""
        return self.dataset("synthetic")

    @property
    def own_images(self) -> bool:
        """Whether the data are a user's folder, of which no catalog says anything."""
        return self.need("evaluation", "variant").startswith(OWN_IMAGES)

    def metrics(self, prefix: str = "", document: str = "evaluation") -> list[dict]:
        """Estimates and exact numbers whose name begins so and that have a value; may be empty."""
        known = self.documents.get(document, {}).get("metrics", [])
        return [
            metric
            for metric in known
            if (ESTIMATE_KEYS if metric.get("kind") == "estimate" else METRIC_KEYS) <= set(metric)
            and metric["name"].startswith(prefix)
            and metric.get("value") is not None
        ]

    def metric(self, name: str, document: str = "evaluation") -> dict:
        """One metric by its name."""
        for metric in self.metrics(name, document):
            if metric["name"] == name:
                return metric
        raise Missing(f"the metric {name} ({DOCUMENTS[document]})")

    def measured(self, name: str, document: str = "evaluation") -> str:
        """``0.849 (95 % interval 0.781 to 0.899)`` of a metric that has an interval."""
        return with_interval(self.metric(name, document))

    def statement(self, topic: str) -> str:
        """What the authors of the data say about a topic, with its citation."""
        text = self.need("catalog", "reporting", topic, "text", what=TOPICS[topic])
        return f"{text} ({self.need('catalog', 'reporting', topic, 'citation', what=TOPICS[topic])})."

    def states(self, topic: str) -> bool:
        """Whether the catalog entry has a statement about a topic."""
        return topic in self.documents.get("catalog", {}).get("reporting", {})

    def claims(self, kind: str, document: str = "evaluation") -> list[dict]:
        """The findings or identities of a run; at least one."""
        complete = [
            claim for claim in self.need(document, "claims") if {"name", "sentence", "kind", "holds"} <= set(claim)
        ]
        found = [claim for claim in complete if claim["kind"] == kind]
        if not found:
            raise Missing(f"a claim of the kind {kind} ({DOCUMENTS[document]})")
        return found

    def holds(self, claim: str, document: str = "evaluation") -> bool:
        """Whether a named check of a run holds."""
        for entry in self.claims("identity", document):
            if entry["name"] == claim:
                return entry["holds"]
        raise Missing(f"the check {claim} ({DOCUMENTS[document]})")

    def prose_says(self, run: str, words: str) -> None:
        """Require that the text of an executed notebook holds these words."""
        if words not in self.need("executed", run, "prose"):
            raise Missing(f"the words “{words}” in the report of the {run}")

    def cell(self, run: str, identifier: str) -> Link:
        """Where a code cell stands in a report; the whole report where that run had no such cell."""
        address = self.documents.get("places", {}).get(f"{run}_report", "")
        before = "training: " if run == "training" else ""
        if identifier not in self.documents.get("executed", {}).get(run, {}).get("cells", ()):
            return Link(f"{before}report", address)
        return Link(f"{before}{identifier.replace('-', ' ')}", f"{address}#{identifier}" if address else "")

    def shown(self, run: str, identifier: str) -> Link:
        """The same for an answer that says what a cell shows: that cell must have been executed."""
        if identifier not in self.need("executed", run, "cells"):
            raise Missing(f"what the cell {identifier} shows in the report of the {run}")
        return self.cell(run, identifier)

    def file(self, label: str, place: str) -> Link:
        """A file among the ``places``; without an address when it cannot be linked to."""
        return Link(label, self.documents.get("places", {}).get(place, ""))


def with_interval(metric: Mapping) -> str:
    """Value and 95 % interval of a metric as reports print them."""
    bounds = interval(metric)
    if not bounds:
        raise Missing(f"an interval of the metric {metric['name']}")
    return f"{estimate(metric)} (95 % interval {bounds})"
