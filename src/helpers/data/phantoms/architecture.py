"""Where a tile is stroma, gland, lumen or solid sheet, and which way its fibers run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from helpers.data.phantoms.fields import smooth_field
from helpers.data.phantoms.nuclei import throw_darts
from helpers.data.phantoms.outlines import outline_radius

MARGIN = 14.0  # px around the tile in which glands may be centered, so that the border cuts them
EDGE = 0.7  # px, softness of the border of a region


@dataclass(frozen=True)
class Stroma:
    """Connective tissue; all fields are (size, size).

    Attributes:
        along, across: warped coordinates along and across the fibers, px.
        angle: direction of the fibers, radians from the column axis toward the row axis.
    """

    along: np.ndarray
    across: np.ndarray
    angle: np.ndarray


@dataclass(frozen=True)
class Glands:
    """Glands as rings: all arrays (n,), except ``amplitudes`` and ``phases`` (n, 3) of outline harmonics 2 to 4.

    Attributes:
        row, column: centers, px.
        radius: outer radius, px.
        lumen: radius of the lumen, share of the outer radius; 0 is a solid nest.
        disorder: 0 a polarized ring of nuclei, 1 none.
        in_focus: the gland belongs to the focus.
    """

    row: np.ndarray
    column: np.ndarray
    radius: np.ndarray
    amplitudes: np.ndarray
    phases: np.ndarray
    lumen: np.ndarray
    disorder: np.ndarray
    in_focus: np.ndarray


def draw_stroma(generator: np.random.Generator, size: int) -> Stroma:
    """Bundles of fibers with a common direction, bent by a smooth displacement."""
    direction = generator.uniform(0, np.pi)
    bend = generator.uniform(2.0, 5.5)
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    cosine, sine = math.cos(direction), math.sin(direction)
    across = rows * cosine - columns * sine
    along = rows * sine + columns * cosine
    across = across + bend * smooth_field(generator, size, 26)
    along = along + 2.0 * smooth_field(generator, size, 26)
    gradient_row, gradient_column = np.gradient(across)
    # A fiber is a line of constant `across`: it runs at a right angle to the gradient.
    angle = np.arctan2(-gradient_column, gradient_row)
    return Stroma(along=along, across=across, angle=angle)


def draw_focus(generator: np.random.Generator, size: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """A patch with an irregular border that covers ``share`` of the tile: (size, size) bool, and soft float32."""
    # Islands and fronts that come in from a side, mixed so that the focus lies nearly as often at the border as in the
    # middle: if it favored the middle, a mean over those pixels would do as a classifier.
    away, direction = generator.uniform(0.3, 1.0) * size, generator.uniform(0, 2 * np.pi)
    rows, columns = (axis - (size - 1) / 2 for axis in np.ogrid[:size, :size])
    score = np.hypot(rows - away * np.sin(direction), columns - away * np.cos(direction))
    score += 0.5 * size * (0.16 * smooth_field(generator, size, 30) + 0.05 * smooth_field(generator, size, 12))
    count = round(share * size * size)
    level = np.partition(score, count, axis=None)[count]
    return score < level, soft_step((level - score).astype(np.float32))


def look_up(field: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values of a (size, size) field at (n, 2) places; places outside the tile take the nearest pixel."""
    indices = np.clip(np.rint(places).astype(int), 0, len(field) - 1)
    return field[indices[:, 0], indices[:, 1]]


def draw_glands(
    generator: np.random.Generator, focus: np.ndarray, share: float, scale: float, disorder: float
) -> Glands:
    """Glands over the whole tile, closer together within the focus.

    Args:
        generator: source of places and shapes.
        focus: (size, size) bool.
        share: probability that a gland outside of the focus exists.
        scale: the size of glands of the focus relative to those outside, follows the size of its nuclei.
        disorder: how far the glands of the focus have lost lumen, outline and ring.
    """
    size = len(focus)
    candidates = round(50 * ((size + 2 * MARGIN) / 92) ** 2)
    places = generator.uniform(-MARGIN, size - 1 + MARGIN, (candidates, 2))
    in_focus = look_up(focus, places)
    radius = np.where(in_focus, scale, 1.0) * generator.uniform(10.0, 15.5, candidates)
    kept = throw_darts(places, radius)
    kept = kept[in_focus[kept] | (generator.random(len(kept)) < share)]
    # Forget those that do not reach the tile.
    kept = kept[(np.abs(places[kept] - (size - 1) / 2) - 1.2 * radius[kept, None] < size / 2).all(axis=1)]
    places, radius, in_focus = places[kept], radius[kept], in_focus[kept]
    count = len(kept)
    # Glands of one focus do not lose their order in step; outside they keep nearly all of it.
    own_disorder = np.where(in_focus, np.clip(disorder + generator.normal(0, 0.12, count), 0, 1), 0.06)
    amplitudes = generator.normal(0, 1, (count, 3)) * np.array([0.13, 0.07, 0.04]) * (1 + 0.8 * own_disorder[:, None])
    lumen = generator.uniform(0.34, 0.52, count) * np.clip(1.25 - 1.45 * own_disorder, 0, 1)
    return Glands(
        row=places[:, 0],
        column=places[:, 1],
        radius=radius,
        amplitudes=np.clip(amplitudes, -0.2, 0.2),
        phases=generator.uniform(0, 2 * np.pi, (count, 3)),
        lumen=np.where(lumen < 0.12, 0.0, lumen),
        disorder=own_disorder,
        in_focus=in_focus,
    )


def gland_maps(glands: Glands, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Soft maps (size, size) of the disks of all glands, lumen included, and of their lumens; 0 to 1."""
    disks = np.zeros((size, size), np.float32)
    lumens = np.zeros((size, size), np.float32)
    if len(glands.row) == 0:
        return disks, lumens
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    down = rows - glands.row[:, None, None].astype(np.float32)
    right = columns - glands.column[:, None, None].astype(np.float32)
    distance = np.sqrt(down**2 + right**2) + 1e-3
    relative = outline_radius(right / distance, down / distance, glands.amplitudes, glands.phases)
    radius = glands.radius[:, None, None].astype(np.float32)
    disks = soft_step((radius * relative - distance).max(axis=0))
    # The border of the lumen is more scalloped than the outer one: cells end at different heights.
    lumen = glands.lumen[:, None, None].astype(np.float32) * radius
    open_ones = glands.lumen > 0
    if open_ones.any():
        lumens = soft_step((lumen * (1.8 * relative - 0.8) - distance)[open_ones].max(axis=0))
    return disks, lumens


def soft_step(signed_distance: np.ndarray) -> np.ndarray:
    """1 inside (positive px), 0 outside, a smooth border of :data:`EDGE` px between."""
    return (0.5 + 0.5 * np.tanh(signed_distance / EDGE)).astype(np.float32)
