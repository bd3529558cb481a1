"""What every dataset looks like once it is read, whatever file it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from helpers.data.stored_images import StoredImages
from helpers.runtime import InputError

PARTS = ("train", "validation", "test")
TASKS = ("binary", "multiclass", "multilabel", "regression", "unlabeled")


@dataclass(frozen=True)
class Source:
    """Where the data come from.

    ``synthetic`` decides about the banner of a report; ``checksum`` identifies the bytes (or, for a phantom, its
    version); ``group`` is the word for what must never be on both sides of a split (patient, source tile, record).
    """

    title: str
    licence: str
    citation: str
    address: str = ""
    checksum: str = ""
    synthetic: bool = False
    group: str = "image"
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Samples with everything an honest evaluation needs to know about them.

    Attributes:
        name: catalog name; ``own-images-…`` for a folder. Never a path.
        inputs: (n, height, width, 1) uint8 for images, (n, features) float for tables, (n, samples, leads) float32 in mV
            for signals, (n,) canonical SMILES for molecules; images that are too many for the memory stay on disk as
            :class:`~helpers.data.stored_images.StoredImages`.
        targets: (n,) int64 for binary (1 is the disease) and multiclass; (n, tasks) float with NaN = not tested for
            multilabel; (n,) float for regression.
        task: one of :data:`TASKS`.
        groups: (n,) int64; samples of one group never stand on both sides of a split.
        groups_known: False when the source does not publish them (then each sample is its own group).
        split: (n,) of ``train``, ``validation``, ``test``; drawn once per dataset, never by a run's seed.
        class_names: names of the classes in the order of the targets.
        subtype_names: names of the source's own classes, in the order of the numbers in ``truth["subtype"]``, where
            several of them became one target.
        feature_names: names of the columns of a table.
        target_names: what the targets are, with units, where they are several (multilabel) or no classes (regression).
        sites: (n,) int64 or None; hospital or scanner.
        site_names: names of the sites in the order of their numbers, where a publication gives them; empty otherwise, and
            always for one's own data.
        times: (n,) or None.
        truth: what a phantom knows: masks, factors, oracle score; each of length n.
        file_facts: what is known of each sample's file besides its content, each (n,) of numbers: ``width``, ``height``
            (pixels as stored), ``bytes``, ``format`` (a number per kind of file), ``bit_depth``, ``position`` (place in
            the listing). None of it is diagnostic, so none of it may tell the classes apart. Empty where there are no
            single files.
        source: title, licence, citation.
    """

    name: str
    inputs: np.ndarray | StoredImages
    targets: np.ndarray
    task: str
    groups: np.ndarray
    groups_known: bool
    split: np.ndarray
    source: Source
    class_names: tuple[str, ...] = ()
    subtype_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    sites: np.ndarray | None = None
    site_names: tuple[str, ...] = ()
    times: np.ndarray | None = None
    truth: Mapping[str, np.ndarray] = field(default_factory=dict)
    file_facts: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise InputError(f"{self.name}: unknown task {self.task!r}; a dataset is one of {', '.join(TASKS)}")
        lengths = {
            "inputs": len(self.inputs),
            "targets": len(self.targets),
            "groups": len(self.groups),
            "split": len(self.split),
        }
        for kind in ("truth", "file_facts"):
            lengths.update({f"{kind}[{name!r}]": len(values) for name, values in getattr(self, kind).items()})
        if len(set(lengths.values())) > 1:
            raise InputError(f"{self.name}: arrays of different length: {lengths}")
        if self.task == "binary" and not set(np.unique(self.targets)) <= {0, 1}:
            raise InputError(f"{self.name}: binary targets are 0 and 1, found {np.unique(self.targets)[:5].tolist()}")

    def __len__(self) -> int:
        return len(self.inputs)

    def part(self, name: str) -> Dataset:
        """The samples of one part of the split: ``train``, ``validation`` or ``test``."""
        if name not in PARTS:
            raise InputError(f"unknown part {name!r}: a split has {', '.join(PARTS)}")
        return self.select(self.split == name)

    def select(self, rows: np.ndarray) -> Dataset:
        """The samples at ``rows`` (a boolean mask or indices), everything else along with them."""

        def pick(values):
            return None if values is None else values[rows]

        return replace(
            self,
            inputs=self.inputs.select(rows) if isinstance(self.inputs, StoredImages) else self.inputs[rows],
            targets=self.targets[rows],
            groups=self.groups[rows],
            split=self.split[rows],
            sites=pick(self.sites),
            times=pick(self.times),
            truth={name: values[rows] for name, values in self.truth.items()},
            file_facts={name: values[rows] for name, values in self.file_facts.items()},
        )

    def require_images_of_two_classes(self, cases: int = 2, groups: int = 5) -> Dataset:
        """This dataset, if it can train and test a binary classifier of images.

        Args:
            cases: samples of each class that every part must hold at least.
            groups: groups of each class that training and validation must hold together.

        Raises:
            InputError: these are not images, there are not two classes, or there are too few of one.
        """
        if self.inputs.ndim != 4:
            raise InputError(
                f"{self.name}: no images, and this notebook needs images: choose another dataset or a folder"
            )
        if self.task != "binary":
            found = (
                f"{len(self.class_names)} classes ({', '.join(self.class_names)})" if self.class_names else self.task
            )
            raise InputError(
                f"{self.name}: {found}, but this notebook needs two classes: say which are the disease "
                "(-p disease NAME,NAME), or choose another dataset"
            )
        for label, name in enumerate(self.class_names):
            of_class = self.targets == label
            for part in PARTS:
                held = int((of_class & (self.split == part)).sum())
                if held < cases:
                    raise InputError(
                        f"{self.name}: the {part} part holds {held} of class {name}; every part needs at least {cases} of "
                        "each class (about ten of each in all): add images"
                    )
            held = len(np.unique(self.groups[of_class & (self.split != "test")]))
            if held < groups:
                raise InputError(
                    f"{self.name}: class {name} comes from {held} {self.source.group}s outside the test part; at least "
                    f"{groups} are needed (about eight in all): add {self.source.group}s"
                )
        return self

    def limit(self, maximum: int) -> Dataset:
        """At most about ``maximum`` samples: whole groups, the same share of every part and class.

        Deterministic, so that every run with the same budget sees the same samples.
        """
        if len(self) <= maximum:
            return self
        label = self.targets if self.task in ("binary", "multiclass") else np.zeros(len(self))
        frame = pd.DataFrame({"group": self.groups, "part": self.split, "label": label})
        groups = frame.groupby("group").agg(part=("part", "first"), label=("label", "first"))
        share = maximum / len(self)
        kept: list[int] = []
        for _, members in groups.groupby(["part", "label"]):
            count = max(1, round(share * len(members)))
            order = np.linspace(0, len(members) - 1, count).round().astype(int)
            kept.extend(members.index[np.unique(order)])
        return self.select(np.isin(self.groups, kept))

    def overview(self) -> pd.DataFrame:
        """Samples, groups and positives per part, as a table for people."""
        rows = []
        for name in PARTS:
            inside = self.split == name
            if not inside.any():
                continue
            row = {
                "part": name,
                "samples": int(inside.sum()),
                f"{self.source.group}s": len(np.unique(self.groups[inside])),
            }
            for value, label in enumerate(self.class_names):
                row[label] = int((self.targets[inside] == value).sum())
            if self.task == "binary":
                row["positive share"] = round(float(self.targets[inside].mean()), 3)
            rows.append(row)
        return pd.DataFrame(rows).set_index("part")
