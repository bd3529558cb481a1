"""Which nuclei live where: rings in glands, sheets in dissolved epithelium, lymphocytes and fibroblasts in stroma."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.phantoms.architecture import Glands, Stroma, look_up
from helpers.data.phantoms.atypia import NORMAL, Morphology
from helpers.data.phantoms.fields import smooth_field
from helpers.data.phantoms.nuclei import EPITHELIAL, FIBROBLAST, LYMPHOCYTE, Nuclei, Plan, draw_nuclei, throw_darts
from helpers.data.phantoms.outlines import outline_radius

REACH = 4.0  # px beyond the border at which a nucleus can still be seen


@dataclass(frozen=True)
class Regions:
    """What lies where before nuclei are placed; see :class:`~helpers.data.phantoms.anatomy.Tissue`."""

    glands: Glands
    stroma: Stroma
    epithelium: np.ndarray
    white: np.ndarray
    focus: np.ndarray


def populate(
    generator: np.random.Generator,
    regions: Regions,
    morphology: Morphology,
    *,
    malignant: bool,
    density: float,
    lymphocyte_share: float,
) -> Nuclei:
    """Place all nuclei of a tile.

    Epithelium comes first; then the stroma is filled until the tile has the wanted number of nuclei. So a tile whose
    focus is full of nuclei has an emptier stroma, and their number says little about the class.

    Args:
        generator: source of places and shapes.
        regions: of the tile.
        morphology: of the epithelium of the focus.
        malignant: flag of the epithelial nuclei within the focus.
        density: nuclei per 1000 px that the tile is to hold.
        lymphocyte_share: share of lymphocytes among the nuclei of the stroma.
    """
    size = len(regions.focus)
    places = generator.uniform(-REACH, size - 1 + REACH, (round(460 * ((size + 2 * REACH) / 72) ** 2), 2))
    epithelial = look_up(regions.epithelium, places) > 0.6
    open_stroma = ~epithelial & (look_up(regions.white, places) < 0.25) & (look_up(regions.epithelium, places) < 0.35)

    plan = Plan.join(
        [
            _ring(generator, regions, morphology, malignant),
            _sheet(generator, regions, morphology, malignant, places[epithelial]),
            _stromal(generator, regions, lymphocyte_share, places[open_stroma]),
        ]
    )
    candidates = draw_nuclei(generator, plan)
    nuclei = candidates.select(throw_darts(plan.places, plan.spacing * candidates.minor))
    # A limit on the number, not on the area: with areas a tile with few nuclei would be one of cancer.
    number = np.cumsum(nuclei.inside(size))
    return nuclei.select((nuclei.kind == EPITHELIAL) | (number <= density * size * size / 1000))


def _ring(generator: np.random.Generator, regions: Regions, morphology: Morphology, malignant: bool) -> Plan:
    """Nuclei along the base of the glands, their long axis toward the lumen: polarity."""
    glands, size = regions.glands, len(regions.focus)
    diameter = np.where(glands.in_focus, morphology.size, NORMAL.size)
    crowding = np.where(glands.in_focus, morphology.crowding, NORMAL.crowding)
    ring_radius = np.maximum(glands.radius - 0.72 * diameter, 0.6 * diameter)
    # Columnar cells stand closer along the ring than they are high: spaced by the minor axis.
    count = np.maximum(3, (2 * np.pi * ring_radius * crowding / (0.80 * diameter)).astype(int))
    gland = np.repeat(np.arange(len(count)), count)
    position = np.arange(len(gland)) - np.repeat(np.cumsum(count) - count, count)
    disorder = glands.disorder[gland]
    jitter = generator.normal(0, 0.16 + 0.5 * disorder)
    angle = (position + jitter) * 2 * np.pi / count[gland] + generator.uniform(0, 2 * np.pi, len(count))[gland]
    outline = outline_radius(np.cos(angle), np.sin(angle), glands.amplitudes[gland], glands.phases[gland])
    distance = glands.radius[gland] * outline - 0.72 * diameter[gland]
    distance *= 1 - np.abs(generator.normal(0, 0.035 + 0.22 * disorder))
    row, column = glands.row[gland] + distance * np.sin(angle), glands.column[gland] + distance * np.cos(angle)
    places = np.stack([row, column], axis=1)
    visible = (np.abs(places - (size - 1) / 2) < size / 2 + REACH).all(axis=1)
    # Where the lumen of a neighbor gets in the way, there is no cell.
    visible &= look_up(regions.white, places) < 0.5
    places, gland, angle = places[visible], gland[visible], angle[visible]
    angle = angle + generator.normal(0, 0.12 + 1.3 * disorder[visible])
    # The border of the focus may run through a gland: what counts for a cell is where it lies.
    in_focus = look_up(regions.focus, places)
    return Plan.of(
        places,
        angle,
        diameter=np.where(in_focus, morphology.size, NORMAL.size),
        elongation=1.55,
        irregularity=np.where(in_focus, morphology.irregularity, NORMAL.irregularity),
        chromatin=np.where(in_focus, morphology.chromatin, NORMAL.chromatin),
        density=1.15,
        kind=EPITHELIAL,
        malignant=malignant & in_focus,
        spacing=0.92 / np.where(in_focus, morphology.crowding, NORMAL.crowding),
    )


def _sheet(
    generator: np.random.Generator,
    regions: Regions,
    morphology: Morphology,
    malignant: bool,
    places: np.ndarray,
) -> Plan:
    """Nuclei in the epithelium of the focus that are not part of a ring: solid nests, without polarity."""
    places = places[look_up(regions.focus, places)]
    return Plan.of(
        places,
        generator.uniform(0, np.pi, len(places)),
        diameter=morphology.size,
        elongation=1.22,
        irregularity=morphology.irregularity,
        chromatin=morphology.chromatin,
        density=1.15,
        kind=EPITHELIAL,
        malignant=malignant,
        spacing=1.1 / morphology.crowding,
    )


def _stromal(generator: np.random.Generator, regions: Regions, lymphocyte_share: float, places: np.ndarray) -> Plan:
    """Lymphocytes, which gather in patches, and fibroblasts, which lie along the fibers."""
    patches = look_up(smooth_field(generator, len(regions.focus), 24), places)
    # The density is used up from the first to the last: infiltrates become dense and leave other stroma nearly bare.
    order = np.argsort(-patches + 0.9 * generator.standard_normal(len(places)), kind="stable")
    places, patches = places[order], patches[order]
    # Logistic of a field: the mean share is about `lymphocyte_share`, the places are clustered.
    odds = np.log(lymphocyte_share / (1 - lymphocyte_share)) + 2.2 * patches
    lymphocyte = generator.random(len(places)) < 1 / (1 + np.exp(-odds))
    along = look_up(regions.stroma.angle, places) + generator.normal(0, 0.14, len(places))
    return Plan.of(
        places,
        np.where(lymphocyte, generator.uniform(0, np.pi, len(places)), along),
        diameter=np.where(lymphocyte, 4.1, 4.0),
        elongation=np.where(lymphocyte, 1.08, 3.2),
        irregularity=np.where(lymphocyte, 0.03, 0.05),
        chromatin=np.where(lymphocyte, 0.45, 0.25),
        density=np.where(lymphocyte, 1.5, 1.15),
        kind=np.where(lymphocyte, LYMPHOCYTE, FIBROBLAST),
        malignant=False,
        spacing=np.where(lymphocyte, 1.04, 2.4),
    )
