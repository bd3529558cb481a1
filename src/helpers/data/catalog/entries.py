"""Read the catalog: one TOML file per dataset lies beside this module."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path

from helpers.data.dataset import TASKS, Source
from helpers.runtime import InputError, data_root

CATALOG = Path(__file__).parent
ORIGINS = ("download", "build", "embedded", "generated")
# What only the authors of the data can say, and a reviewer will ask: the topics of the table [reporting] of an entry.
REPORTING_TOPICS = (
    "setting",
    "period",
    "eligibility",
    "exclusions",
    "participants",
    "acquisition",
    "preparation",
    "partition",
    "reference_standard",
    "reference_rationale",
    "annotators",
    "test_annotation",
    "rater_variability",
    "blinding",
    "deidentification",
    "ethics",
)


@dataclass(frozen=True)
class File:
    """One file of a dataset, with the public addresses to try in order and the checksums it must have.

    ``alternative_md5`` is that of a second file that counts as well: the caveats of the entry say what differs.
    """

    name: str
    addresses: tuple[str, ...] = ()
    bytes: int = 0
    md5: str = ""
    sha256: str = ""
    alternative_md5: str = ""

    @property
    def checksum(self) -> str:
        """The strongest published checksum as ``algorithm:hexadecimal``; empty where there is none."""
        if self.sha256:
            return f"sha256:{self.sha256}"
        return f"md5:{self.md5}" if self.md5 else ""


@dataclass(frozen=True)
class Statement:
    """What the authors of a dataset say about one of the :data:`REPORTING_TOPICS`, in our words, and where they say it."""

    text: str
    citation: str


@dataclass(frozen=True)
class Entry:
    """What the catalog knows about a dataset without opening it.

    Attributes:
        kind: ``image``, ``table``, ``signal`` or ``molecule``.
        origin: ``download`` (files with a checksum), ``build`` (made here from files of somebody else), ``embedded``
            (comes with a library), ``generated`` (phantom).
        reader: which function of :mod:`helpers.data.readers` opens it.
        source_labels: labels in the file in the order of our targets: ``[1, 0]`` turns an inverted file round; labels
            that are not listed are left out.
        split: ``official`` or ``drawn``; a drawn one uses ``split_seed``, a constant, never the seed of a run.
        address, sha256: for a dataset of many files, the folder on the web with its slash and the checksum of each
            file by its name; they become ``files``.
        parts: samples of each class per part, where published.
        sites: site of each part, where a part comes from a hospital of its own.
        reporting: what the authors of the data say about collection, labels and ethics, by topic; a topic that is not
            there was not found in what is cited, and counts as not reported.
        benchmarks: published figures, each with ``model`` and ``auroc`` or ``accuracy``; whose: ``benchmark_citation``.
        columns: of a table of molecules, ``smiles`` (one name) and ``targets`` (names), in any case.
        target_names: what people call the targets, with units; as many as ``columns["targets"]``.
        split_sha256: of a split that follows from the molecules by rule: the hash its row numbers must have.
        verified: False where the real file was never read by this code; ``unverified_reason`` says why.
    """

    name: str
    title: str
    kind: str
    task: str
    origin: str
    reader: str
    group: str
    groups_known: bool
    split: str
    class_names: tuple[str, ...]
    source_labels: tuple[int, ...]
    licence: str
    citation: str
    caveats: tuple[str, ...]
    synthetic: bool
    verified: bool
    doi: str = ""
    home: str = ""
    folder: str = ""
    files: tuple[File, ...] = ()
    address: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    split_seed: int = 0
    unverified_reason: str = ""
    unavailable_hint: str = ""
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    sites: Mapping[str, int] = field(default_factory=dict)
    subtypes: Mapping[str, tuple] = field(default_factory=dict)
    build: Mapping[str, object] = field(default_factory=dict)
    columns: Mapping[str, object] = field(default_factory=dict)
    target_names: tuple[str, ...] = ()
    split_sha256: str = ""
    reporting: Mapping[str, Statement] = field(default_factory=dict)
    benchmarks: tuple[Mapping[str, object], ...] = ()
    benchmark_citation: str = ""

    def paths(self) -> list[Path]:
        """Where the files of this dataset lie or would lie; empty for embedded and generated ones."""
        return [data_root() / self.folder / file.name for file in self.files] if self.files else []

    def source(self, checksum: str) -> Source:
        """The part of the entry that travels with a :class:`Dataset`, for the bytes with this ``checksum``."""
        return Source(
            title=self.title,
            licence=self.licence,
            citation=self.citation,
            address=f"https://doi.org/{self.doi}" if self.doi else self.home,
            checksum=checksum,
            synthetic=self.synthetic,
            group=self.group,
            caveats=self.caveats,
        )


def names() -> tuple[str, ...]:
    """Names of all datasets in the catalog, sorted."""
    return tuple(sorted(path.stem for path in CATALOG.glob("*.toml")))


def describe(name: str) -> Entry:
    """The catalog entry of a dataset.

    Raises:
        InputError: there is no dataset of that name; the message offers the nearest ones.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=2, cutoff=0.5)
        offer = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(names())}"
        raise InputError(f"unknown dataset {name!r}: {offer} (a folder of images is given as a path)")
    return _read(CATALOG / f"{name}.toml")


@lru_cache
def _read(path: Path) -> Entry:
    return entry_from_document(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))


def entry_from_document(name: str, document: Mapping[str, object]) -> Entry:
    """Turn the parsed TOML of a dataset into an :class:`Entry`.

    Raises:
        InputError: a key is unknown or missing, or a value is not one of those allowed.
    """
    known = {member.name for member in fields(Entry)}
    unknown = sorted(set(document) - known)
    if unknown:
        raise InputError(f"catalog entry {name}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    values = {key: _frozen(value) for key, value in document.items()}
    try:
        address = values.get("address", "")
        listed = tuple(
            File(name=file, addresses=(f"{address}{file}",) if address else (), sha256=checksum)
            for file, checksum in values.get("sha256", {}).items()
        )
        values["files"] = tuple(File(**file) for file in values.get("files", ())) + listed
        values["reporting"] = _statements(name, values.get("reporting", {}))
        entry = Entry(name=name, **values)
    except TypeError as error:
        raise InputError(f"catalog entry {name}: {error}") from error
    if entry.task not in TASKS or entry.origin not in ORIGINS or entry.split not in ("official", "drawn"):
        raise InputError(
            f"catalog entry {name}: task {entry.task!r}, origin {entry.origin!r} or split {entry.split!r} is unknown"
        )
    if len(entry.class_names) != len(entry.source_labels):
        raise InputError(
            f"catalog entry {name}: {len(entry.class_names)} class names, {len(entry.source_labels)} source labels"
        )
    return entry


def _statements(name: str, table: Mapping[str, Mapping[str, str]]) -> dict[str, Statement]:
    """The table ``[reporting]``: every topic is known, and nothing is said without its source."""
    unknown = sorted(set(table) - set(REPORTING_TOPICS))
    if unknown:
        raise InputError(
            f"catalog entry {name}: unknown reporting topic {unknown[0]!r}; known are {', '.join(REPORTING_TOPICS)}"
        )
    statements = {}
    for topic, said in table.items():
        if not isinstance(said, Mapping) or set(said) != {"text", "citation"} or not all(said.values()):
            raise InputError(f"catalog entry {name}: reporting.{topic} needs a text and the citation that says so")
        statements[topic] = Statement(**said)
    return statements


def _frozen(value):
    """Lists as tuples, so that an entry cannot be changed by who reads it."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value
