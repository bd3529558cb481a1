"""Nuclei as latent objects, and where they fit: dart throwing with different radii."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

KINDS = ("epithelial", "lymphocyte", "fibroblast")
EPITHELIAL, LYMPHOCYTE, FIBROBLAST = range(3)
HARMONICS = np.arange(2, 6, dtype=np.float32)  # of an outline


@dataclass(frozen=True)
class Nucleus:
    """One nucleus; lengths in px, angles in radians.

    Attributes:
        row, column: center; may lie outside the tile, whose border then cuts the nucleus.
        major, minor: semi-axes.
        angle: direction of the major axis, from the column axis toward the row axis.
        amplitudes, phases: outline harmonics 2 to 5: radius x (1 + sum amplitude cos(k theta + phase)).
        chromatin: coarseness, 0 to 1.
        density: optical density of the chromatin before staining, about 1.
        nucleolus: prominence of the nucleolus, 0 to 1.
        kind: 0 epithelial, 1 lymphocyte, 2 fibroblast.
        malignant: an epithelial nucleus of a lesion.
    """

    row: float
    column: float
    major: float
    minor: float
    angle: float
    amplitudes: np.ndarray
    phases: np.ndarray
    chromatin: float
    density: float
    nucleolus: float
    kind: int
    malignant: bool

    @property
    def diameter(self) -> float:
        """Diameter of the disk of the same area, px."""
        return 2 * float(np.sqrt(self.major * self.minor))


@dataclass(frozen=True)
class Nuclei:
    """All nuclei of a tile, one array per attribute of :class:`Nucleus`, because they are painted together.

    ``nuclei[i]`` and iteration give single nuclei. ``amplitudes`` and ``phases`` are (n, 4), everything else is (n,).
    """

    row: np.ndarray
    column: np.ndarray
    major: np.ndarray
    minor: np.ndarray
    angle: np.ndarray
    amplitudes: np.ndarray
    phases: np.ndarray
    chromatin: np.ndarray
    density: np.ndarray
    nucleolus: np.ndarray
    kind: np.ndarray
    malignant: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, number: int) -> Nucleus:
        values = {entry.name: getattr(self, entry.name)[number] for entry in fields(self)}
        return Nucleus(**{name: value.item() if np.ndim(value) == 0 else value for name, value in values.items()})

    def __iter__(self) -> Iterator[Nucleus]:
        return (self[number] for number in range(len(self)))

    def select(self, rows: np.ndarray) -> Nuclei:
        """The nuclei at ``rows`` (a boolean mask or indices)."""
        return Nuclei(**{entry.name: getattr(self, entry.name)[rows] for entry in fields(self)})

    def inside(self, size: int) -> np.ndarray:
        """(n,) bool: the center falls on one of the ``size`` x ``size`` pixels."""
        # Pixel i covers i - 0.5 to i + 0.5.
        return (np.abs(self.row - (size - 1) / 2) < size / 2) & (np.abs(self.column - (size - 1) / 2) < size / 2)


@dataclass(frozen=True)
class Plan:
    """Where nuclei may come and what they should be like on average; every array is (n,), ``places`` (n, 2).

    Attributes:
        places: row and column of the centers, px.
        angle: direction of the major axes.
        diameter: median diameter, px.
        elongation: median ratio of the axes.
        irregularity: see :class:`~helpers.data.phantoms.atypia.Morphology`.
        chromatin: mean coarseness, 0 to 1.
        density: median optical density.
        kind: index into :data:`KINDS`.
        malignant: bool.
        spacing: distance from the center that has to stay free, in minor semi-axes.
    """

    places: np.ndarray
    angle: np.ndarray
    diameter: np.ndarray
    elongation: np.ndarray
    irregularity: np.ndarray
    chromatin: np.ndarray
    density: np.ndarray
    kind: np.ndarray
    malignant: np.ndarray
    spacing: np.ndarray

    @staticmethod
    def of(places: np.ndarray, angle: np.ndarray, **values: np.ndarray | float) -> Plan:
        """A plan in which single values hold for all places."""
        count = len(places)
        return Plan(places, angle, **{name: np.broadcast_to(value, (count,)) for name, value in values.items()})

    @staticmethod
    def join(plans: list[Plan]) -> Plan:
        """Several plans in one, in the given order."""
        return Plan(**{e.name: np.concatenate([getattr(plan, e.name) for plan in plans]) for e in fields(Plan)})


def draw_nuclei(generator: np.random.Generator, plan: Plan) -> Nuclei:
    """Nuclei that scatter around what a plan wants."""
    count = len(plan.places)
    scatter = generator.standard_normal((5, count), dtype=np.float32)
    # Anisokaryosis: sizes scatter with the irregularity of the outlines. Limited, or one giant would fill the tile.
    diameters = plan.diameter * np.exp(np.clip((0.07 + 1.1 * plan.irregularity) * scatter[0], -0.55, 0.55))
    root = np.sqrt(np.maximum(1.0, plan.elongation * np.exp(0.13 * scatter[1])))
    own = np.clip(plan.irregularity * np.exp(0.35 * scatter[2]), 0, 0.26)
    # Higher harmonics are weaker, so that an outline looks dented and not like a gear wheel.
    spectrum = generator.standard_normal((count, len(HARMONICS)), dtype=np.float32) / HARMONICS**1.4
    spectrum *= (own * np.sqrt(2) / (np.sqrt((spectrum**2).sum(axis=1)) + 1e-6))[:, None]
    coarseness = np.clip(plan.chromatin + 0.13 * scatter[3], 0, 1)
    return Nuclei(
        row=plan.places[:, 0],
        column=plan.places[:, 1],
        major=diameters / 2 * root,
        minor=diameters / 2 / root,
        angle=plan.angle,
        amplitudes=spectrum,
        phases=generator.uniform(0, 2 * np.pi, spectrum.shape),
        chromatin=coarseness,
        density=plan.density * np.exp(0.12 * scatter[4]),
        nucleolus=np.where(generator.random(count) < 0.25 + 0.6 * coarseness, coarseness, 0),
        kind=plan.kind,
        malignant=plan.malignant,
    )


def throw_darts(places: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Take the candidates in their order and keep each that keeps its distance from all kept before it.

    This gives Poisson-disk patterns, dense without the grid that jittered lattices show.

    Args:
        places: (n, 2) centers, px.
        radii: (n,) two candidates conflict when their centers are closer than the sum of their radii.

    Returns:
        Indices of the kept candidates, in order.
    """
    # |p - q|^2 < (r + s)^2 as one product of matrices: 2 p.q + 2 r s - (|p|^2 - r^2) - (|q|^2 - s^2) > 0.
    excess = (places**2).sum(axis=1) - radii**2
    ones = np.ones(len(places))
    left = np.column_stack([2 * places, 2 * radii, -ones, -excess])
    conflict = left @ np.column_stack([places, radii, excess, ones]).T > 0
    free = np.ones(len(places), bool)
    kept = []
    for candidate in range(len(places)):
        if free[candidate]:
            kept.append(candidate)
            free &= ~conflict[candidate]
    return np.array(kept, dtype=int)
