"""From latents to pixels: staining in optical density, then a scanner."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from helpers.data.phantoms.anatomy import Stain, Tissue
from helpers.data.phantoms.fields import STOCK_SIZE, fibers, grain, grain_stock
from helpers.data.phantoms.nuclei import Nuclei
from helpers.data.phantoms.outlines import outline_radius

HEMATOXYLIN_RANGE = (0.5, 2.0)  # least and largest amount; beyond, nuclei would vanish or turn black
_TEXTURE_STREAM, _NOISE_STREAM = 3, 4


@dataclass(frozen=True)
class Scanner:
    """A slide scanner.

    Attributes:
        name: for captions.
        gain: factor on the light that reaches the sensor.
        gamma: exponent of the tone curve.
        blur: standard deviation of the point spread, px.
        noise: standard deviation of the sensor's noise, gray levels of 255.
    """

    name: str
    gain: float
    gamma: float
    blur: float
    noise: float


SCANNERS = (
    Scanner("scanner A", gain=1.00, gamma=1.00, blur=0.50, noise=2.0),
    Scanner("scanner B", gain=0.93, gamma=1.10, blur=0.70, noise=3.5),
)


def render(tissue: Tissue, scanner: Scanner = SCANNERS[0], exposure: int = 0) -> np.ndarray:
    """Photograph a tile.

    Deterministic: texture and noise are seeded by the tissue, so two scanners see the same cells. Within one exposure they
    also share the noise up to its strength, which no two photographs do: a pair of them needs two exposures.

    Args:
        tissue: the latents.
        scanner: optics and sensor.
        exposure: number of the photograph; each has sensor noise of its own. That of the dataset is 0.

    Returns:
        (size, size) uint8; 255 is empty glass, dark is stained.
    """
    light = stain(*optical_densities(tissue), tissue.stain)
    light = gaussian_filter(scanner.gain * light, scanner.blur, mode="nearest", truncate=3.0)
    stream = [*tissue.texture_seed, _NOISE_STREAM, *([exposure] if exposure else [])]
    noise = np.random.default_rng(stream).standard_normal(light.shape, dtype=np.float32)
    levels = 255 * np.maximum(light, 0) ** scanner.gamma + scanner.noise * noise
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def stain(eosin: np.ndarray, hematoxylin: np.ndarray, target: Stain) -> np.ndarray:
    """Transmitted light (0 to about 1) through a section that is stained and exposed until it meets ``target``.

    The amount of hematoxylin sets the skewness, the amount of both stains the contrast, the exposure the brightness. All
    three targets are drawn without looking at the class: that is what keeps brightness statistics from giving it away.

    Args:
        eosin, hematoxylin: (size, size) optical densities at unit staining.
        target: what a gray-level histogram of the section should be like.
    """
    # Every second pixel of every second row is enough to find two strengths.
    pink, blue = eosin[::2, ::2], hematoxylin[::2, ::2]
    low, high, strength = *HEMATOXYLIN_RANGE, 1.0
    for _ in range(6):
        amount = math.sqrt(low * high)
        strength, skewness = _match_contrast(pink + amount * blue, target.contrast, strength)
        # More hematoxylin draws the tail of dark pixels out.
        low, high = (amount, high) if skewness > target.skewness else (low, amount)
    density = eosin + math.sqrt(low * high) * hematoxylin
    strength, _ = _match_contrast(density[::2, ::2], target.contrast, strength)
    light = np.exp(-strength * density)
    return light * (target.brightness / light.mean())


def _match_contrast(density: np.ndarray, contrast: float, strength: float) -> tuple[float, float]:
    """Factor on ``density`` at which the light has the contrast, started at ``strength``; and the light's skewness."""
    for _ in range(2):
        light = np.exp(-strength * density)
        mean = light.mean()
        light -= mean
        square = light * light
        deviation = math.sqrt(square.mean())
        # Contrast grows about in proportion to the strength, so a few steps come within a percent.
        strength = min(max(strength * contrast * float(mean) / deviation, 0.1), 5.0)
    return strength, (square * light).mean() / deviation**3


def optical_densities(tissue: Tissue) -> tuple[np.ndarray, np.ndarray]:
    """Optical densities of eosin and of hematoxylin at unit staining, both (size, size).

    Densities of what lies in one place add up (Beer-Lambert).
    """
    generator = np.random.default_rng([*tissue.texture_seed, _TEXTURE_STREAM])
    size, patient = tissue.size, tissue.patient
    offsets = [tuple(pair) for pair in generator.integers(0, STOCK_SIZE, (4, 2))]
    coarse = fibers(tissue.stroma.along, tissue.stroma.across, patient.fiber_width * 1.9, 40.0, offsets[0])
    fine = fibers(tissue.stroma.along, tissue.stroma.across, patient.fiber_width, 22.0, offsets[1])
    speckle = grain(offsets[2], size, 0.8)
    collagen = 0.25 + patient.fiber_contrast * (0.08 * coarse + 0.09 * fine) + 0.02 * speckle
    cytoplasm = 0.36 + 0.05 * grain(offsets[2][::-1], size, 1.6) + 0.03 * speckle
    share = tissue.epithelium
    # Epithelium shrinks away from stroma during fixation: a pale seam, in places.
    seam = 4 * share * (1 - share) * np.clip(0.05 + 0.4 * coarse, 0, 0.6)
    solid = (np.maximum(collagen, 0.05) * (1 - share) + cytoplasm * share) * (1 - seam)
    eosin = solid * (1 - tissue.white) + 0.02 * tissue.white
    hematoxylin, clearing = paint_nuclei(tissue.nuclei, size, offsets[3])
    return np.maximum(eosin * (1 - clearing), 0.01), hematoxylin


def paint_nuclei(nuclei: Nuclei, size: int, offset: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Optical density of all nuclei, and how far the cytoplasm gives way to them, both (size, size).

    Each nucleus has a soft outline with harmonics, a rim (chromatin at the membrane), clumps and a nucleolus.
    """
    density = np.zeros(size * size, np.float32)
    cover = np.zeros(size * size, np.float32)
    # Small windows for small nuclei: most pixels of a window that fits the largest would be computed for nothing.
    reach = nuclei.major * (1 + np.abs(nuclei.amplitudes).sum(axis=1)) + 1.5
    for half, chosen in ((4, reach <= 4.5), (6, (reach > 4.5) & (reach <= 6.5)), (10, reach > 6.5)):
        if chosen.any():
            _paint_group(nuclei.select(chosen), size, half, offset, density, cover)
    return density.reshape(size, size), np.minimum(cover, 1).reshape(size, size)


def _paint_group(nuclei: Nuclei, size: int, half: int, offset, density: np.ndarray, cover: np.ndarray) -> None:
    """Add nuclei to ``density`` and ``cover`` (flat), each within a window of ``2 half + 1`` px."""
    window = np.arange(-half, half + 1)
    top, left = np.rint(nuclei.row).astype(int), np.rint(nuclei.column).astype(int)
    rows, columns = top[:, None] + window, left[:, None] + window
    down = (rows - nuclei.row[:, None]).astype(np.float32)[:, :, None]
    right = (columns - nuclei.column[:, None]).astype(np.float32)[:, None, :]

    def each(values):
        return values.astype(np.float32)[:, None, None]

    cosine, sine = each(np.cos(nuclei.angle)), each(np.sin(nuclei.angle))
    along = (right * cosine + down * sine) / each(nuclei.major)
    across = (down * cosine - right * sine) / each(nuclei.minor)
    radius = np.sqrt(along**2 + across**2) + 1e-4
    outline = outline_radius(along / radius, across / radius, nuclei.amplitudes, nuclei.phases)
    # Signed distance from the border, px, positive inside; the minor axis is the conservative scale.
    relative = radius / outline
    depth = (1 - relative) * each(np.sqrt(nuclei.major * nuclei.minor))
    body = 0.5 + 0.5 * np.tanh(depth / 0.55)
    chromatin = each(nuclei.chromatin)
    rim = np.exp(-(((depth - 0.7) / 0.75) ** 2)) * (0.08 + 0.32 * chromatin)
    stock = grain_stock(0.9)
    texture = stock[(rows + offset[0])[:, :, None] % STOCK_SIZE, (columns + offset[1])[:, None, :] % STOCK_SIZE]
    interior = 0.95 - 0.22 * chromatin + rim + (0.08 + 0.23 * chromatin) * texture
    # The nucleolus lies off center, by an amount that its harmonics' phases decide: no further random numbers needed.
    shift = each(nuclei.major * 0.28)
    spot_row, spot_column = shift * each(np.sin(nuclei.phases[:, 0])), shift * each(np.cos(nuclei.phases[:, 0]))
    spot = np.exp(-((down - spot_row) ** 2 + (right - spot_column) ** 2) / (2 * 0.85**2))
    interior = np.maximum(interior + 1.1 * each(nuclei.nucleolus) * spot, 0.15)
    value = each(nuclei.density) * body * interior

    flat = np.broadcast_to(rows[:, :, None] * size + columns[:, None, :], value.shape)
    seen = ((rows >= 0) & (rows < size))[:, :, None] & ((columns >= 0) & (columns < size))[:, None, :] & (body > 0.01)
    places = flat[seen]
    density += np.bincount(places, value[seen], size * size)
    cover += np.bincount(places, body[seen], size * size)
