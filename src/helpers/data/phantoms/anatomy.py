"""The latent model: from a patient and a class to every nucleus of a tile, before anything is painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.phantoms import atypia
from helpers.data.phantoms.architecture import (
    Glands,
    Stroma,
    draw_focus,
    draw_glands,
    draw_stroma,
    gland_maps,
)
from helpers.data.phantoms.fields import fibers, smooth_field
from helpers.data.phantoms.nuclei import Nuclei
from helpers.data.phantoms.population import Regions, populate

TILE_SIZE = 64  # px; a normal epithelial nucleus is about 5 px across

# What a generator is for: the second entry of its seed keeps the streams of patients and tiles apart.
_PATIENT_STREAM, _TILE_STREAM = 1, 2


@dataclass(frozen=True)
class Stain:
    """What staining and exposure lead to, whatever lies on the slide: moments of the transmitted light.

    Attributes:
        brightness: mean, 0 to 1.
        contrast: standard deviation divided by the mean.
        skewness: negative where few dark nuclei lie on much pale ground.
    """

    brightness: float
    contrast: float
    skewness: float


@dataclass(frozen=True)
class Patient:
    """What all tiles of a patient share; nothing here depends on the class.

    Attributes:
        number: of the patient, 0 and up.
        stain: the middle of the patient's slides.
        nuclear_density: nuclei per 1000 px.
        fiber_width: distance between collagen fibers, px.
        fiber_contrast: how strongly the fibers stain.
        lymphocyte_share: share of lymphocytes among the nuclei of the stroma.
        effect: (5,) what the patient's tiles have in common in their standardized factors.
    """

    number: int
    stain: Stain
    nuclear_density: float
    fiber_width: float
    fiber_contrast: float
    lymphocyte_share: float
    effect: np.ndarray


@dataclass(frozen=True)
class Tissue:
    """A tile of tissue as it is before a scanner sees it. Fields are (size, size), lengths in px.

    Attributes:
        patient: whose tissue it is.
        malignant: the focus is a lesion.
        nuclei: all nuclei, also those that reach into the tile from outside.
        glands: outlines, lumens, order.
        stroma: coordinates and direction of the fibers.
        epithelium: soft map of epithelial cytoplasm, 0 to 1.
        white: soft map of what is empty (lumens, clefts of the stroma), 0 to 1.
        focus: bool, the region that the factors describe; both classes have one, of the same sizes.
        standardized: (5,) standardized factors of the focus, see :mod:`~helpers.data.phantoms.atypia`.
        stain: of this tile; scatters around the patient's.
        texture_seed: seeds what is only texture (fibers, chromatin clumps, noise of the scanner).
    """

    patient: Patient
    malignant: bool
    nuclei: Nuclei
    glands: Glands
    stroma: Stroma
    epithelium: np.ndarray
    white: np.ndarray
    focus: np.ndarray
    standardized: np.ndarray
    stain: Stain
    texture_seed: tuple[int, ...]

    @property
    def size(self) -> int:
        """Side of the tile, px."""
        return len(self.focus)

    @property
    def lesion_mask(self) -> np.ndarray:
        """(size, size) bool: the focus where it is malignant, empty in normal tissue."""
        return self.focus & self.malignant

    @property
    def nucleus_count(self) -> int:
        """Number of nuclei whose center lies inside the tile."""
        return int(self.nuclei.inside(self.size).sum())

    @property
    def morphology(self) -> atypia.Morphology:
        """The factors of the focus in units."""
        return atypia.morphology(self.standardized)

    @property
    def oracle(self) -> float:
        """Log-likelihood ratio of the factors: no score computed from the tile's picture separates better on average."""
        return float(atypia.log_likelihood_ratio(self.standardized))

    @property
    def grade(self) -> int:
        """0 for normal tissue, else 1 to 3."""
        return atypia.grade(self.standardized) if self.malignant else 0


def sample_patient(seed: int, number: int) -> Patient:
    """Draw a patient: staining of the laboratory, density of the tissue, tendency of its epithelium."""
    generator = np.random.default_rng([seed, _PATIENT_STREAM, number])
    return Patient(
        number=number,
        stain=_draw_stain(generator, Stain(0.63, 0.27, -0.22), Stain(0.045, 0.028, 0.25)),
        nuclear_density=float(np.clip(generator.normal(16.5, 1.8), 12.5, 20.5)),
        fiber_width=float(generator.uniform(2.4, 4.2)),
        fiber_contrast=float(generator.uniform(0.5, 1.0)),
        lymphocyte_share=float(generator.uniform(0.25, 0.65)),
        effect=atypia.draw_effect(generator),
    )


def _draw_stain(generator: np.random.Generator, middle: Stain, deviation: Stain) -> Stain:
    """A stain around ``middle``, within what a laboratory would let pass."""
    return Stain(
        brightness=float(np.clip(generator.normal(middle.brightness, deviation.brightness), 0.47, 0.76)),
        contrast=float(np.clip(generator.normal(middle.contrast, deviation.contrast), 0.18, 0.36)),
        skewness=float(np.clip(generator.normal(middle.skewness, deviation.skewness), -1.0, 0.3)),
    )


def sample_tissue(
    seed: int,
    patient: int | Patient,
    malignant: bool,
    tile: int = 0,
    size: int = TILE_SIZE,
    standardized: np.ndarray | None = None,
) -> Tissue:
    """Draw the latents of one tile.

    The factors are drawn first and nothing else looks at the class: with ``malignant`` True and False the same seed,
    patient and tile give twins with the same stain, fibers and focus, whose nuclei and glands follow their factors.

    Args:
        seed: of the dataset.
        patient: number of the patient, or the patient.
        malignant: whether the focus is a lesion.
        tile: number of the tile within the patient.
        size: side of the tile, px. Nuclei and glands keep their size in px: a larger tile shows more tissue.
        standardized: (5,) factors to use in place of drawn ones, in the order of ``atypia.FACTORS``.
    """
    patient = patient if isinstance(patient, Patient) else sample_patient(seed, patient)
    generator = np.random.default_rng([seed, _TILE_STREAM, patient.number, tile])
    drawn = atypia.standardized_factors(malignant, patient.effect, atypia.draw_effect(generator))
    standardized = drawn if standardized is None else np.asarray(standardized, float)
    morphology = atypia.morphology(standardized)

    focus_share, gland_share, density, white_share = generator.uniform(
        (0.22, 0.25, 0.82, 0.06), (0.60, 0.85, 1.18, 0.15)
    )
    stain = _draw_stain(generator, patient.stain, Stain(0.03, 0.02, 0.15))

    stroma = draw_stroma(generator, size)
    focus, soft_focus = draw_focus(generator, size, focus_share)
    glands = draw_glands(
        generator, focus, gland_share, (morphology.size / atypia.NORMAL.size) ** 0.6, morphology.disorder
    )
    disks, lumens = gland_maps(glands, size)
    epithelium = np.maximum(disks * (1 - lumens), _sheets(generator, soft_focus, morphology.disorder) * (1 - disks))
    white = np.maximum(lumens, _clefts(generator, stroma, epithelium + lumens, float(lumens.mean()), white_share))

    regions = Regions(glands=glands, stroma=stroma, epithelium=epithelium, white=white, focus=focus)
    nuclei = populate(
        generator,
        regions,
        morphology,
        malignant=malignant,
        density=patient.nuclear_density * density,
        lymphocyte_share=patient.lymphocyte_share,
    )
    return Tissue(
        patient=patient,
        malignant=bool(malignant),
        nuclei=nuclei,
        glands=glands,
        stroma=stroma,
        epithelium=epithelium,
        white=white,
        focus=focus,
        standardized=standardized,
        stain=stain,
        texture_seed=(seed, patient.number, tile),
    )


def _sheets(generator: np.random.Generator, focus: np.ndarray, disorder: float) -> np.ndarray:
    """Epithelium between the glands of the focus: none while they are ordered, solid nests when they have dissolved."""
    hills = smooth_field(generator, len(focus), 16)
    # Nests cover about the share `disorder` of the focus; a smooth field makes them round and leaves stroma between.
    level = np.quantile(hills, np.clip(1 - 1.1 * disorder, 0, 1))
    return (focus * (0.5 + 0.5 * np.tanh((hills - level) / 0.15)) * (disorder > 0.05)).astype(np.float32)


def _clefts(
    generator: np.random.Generator, stroma: Stroma, taken: np.ndarray, lumens: float, share: float
) -> np.ndarray:
    """Empty clefts between the fibers that bring the white area of every tile to a share drawn without the class.

    Tiles with ordered glands have more lumen; without clefts the brightest percentiles would give the class away.
    """
    size = len(taken)
    offset = tuple(generator.integers(0, 256, 2))
    score = fibers(stroma.along, stroma.across, 13.0, 34.0, offset) - 4.0 * taken
    # At most a part of the stroma: clefts everywhere would leave no tissue to look at.
    count = round(size * size * min(share - lumens, 0.4 * float((taken < 0.3).mean())))
    if count < 1:
        return np.zeros_like(taken)
    level = np.partition(score, -count, axis=None)[-count]
    return (0.5 + 0.5 * np.tanh((score - level) / 0.25)).astype(np.float32)
