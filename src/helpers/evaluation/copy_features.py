"""What an image looks like from its center: features that a rotation, a flip or a zoom changes in a known way.

An image is resampled on rings around its center and every ring is taken apart into circular harmonics. Turning the
image by an angle t then only multiplies the harmonic of order m by exp(-imt), and a flip conjugates it; the magnitudes
stay, which is the idea of the Fourier-Mellin transform (Reddy & Chatterji 1996, IEEE Trans Image Process 5:1266).

Images of one kind share much of what they show: every chest X-ray is dark where the lungs are. Within each order the
rings are therefore decorrelated over the data set (steerable principal components: Zhao & Singer 2013, J Opt Soc Am A
30:871; Zhao & Singer 2014, J Struct Biol 186:153, use them to find one particle under many angles). What all images
have in common then counts little, and images of two patients are nearly uncorrelated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, sparse
from scipy.ndimage import zoom as spline_zoom

SIDE = 48  # pixels of the square that is sampled; smaller images are brought to it by splines, larger ones by averages
EXTENT = 0.9  # of the inscribed disc: a rotation mixes what lies at its edge with whatever fills the corners
RINGS = 14
ANGLES = 64
ORDERS = 25  # orders 0 to 24; what is finer (waves of 3 pixels of 28 on the outermost ring) re-encoding changes
ZOOMS = np.geomspace(1, np.sqrt(2), 6)  # cropping what a rotation leaves blank magnifies by at most √2 (at 45 degrees)
SMOOTHING = 0.5  # of a ring's width, so that what lies between two sampling points is seen
# Share of the mean variance that is added to every variance. Small: detail counts, strangers are told apart, but a
# re-encoded copy is lost; large: the reverse. On 2,000 X-rays of 28 pixels (pneumoniamnist), most similar
# strangers against the 2 % least similar of 100 copies resized to 70 % and back: .85/.92 at 0.1, .81/.89 at 0.05,
# .77/.84 at 0.02.
FLOOR = 0.05
COMMON = 0.9  # of the mean magnitudes is taken out; without the rest nothing is left of images that are all copies
PIECE = 1000  # images resampled at once, so that memory stays small


@dataclass(frozen=True)
class CopyFeatures:
    """Decorrelated circular harmonics of images, each image of unit norm.

    Attributes:
        coefficients: (zooms, n, d) complex64; at zoom z the central disc of 1/z of the radius fills the rings.
        orders: (d,) order of the harmonic of each coefficient, ascending.
        invariants: (zooms, n, d) float32, what no angle and no flip changes: magnitudes less most of their mean, of unit
            norm.
    """

    coefficients: np.ndarray
    orders: np.ndarray
    invariants: np.ndarray

    @property
    def freedom(self) -> np.ndarray:
        """(n,) effective number of real coefficients of each image: small where little but a gradient is to be seen.

        (Σ p)² / Σ p² over the powers p, as for the degrees of freedom of a field (Bretherton et al. 1999, J Climate
        12:1990); a complex coefficient counts twice.
        """
        power = np.abs(self.coefficients[0]) ** 2
        return 2 / np.sum(power**2, axis=1)


def central_squares(images: np.ndarray) -> np.ndarray:
    """The largest square in the center of each image, at one common size.

    Args:
        images: (n, height, width) of gray levels.

    Returns:
        (n, SIDE, SIDE) float32.
    """
    height, width = images.shape[1:]
    shorter = min(height, width)
    side = min(SIDE, shorter)
    rows, columns = (_averaging(length, shorter, side) for length in (height, width))
    if side < SIDE:
        enlarging = spline_zoom(np.eye(side), (SIDE / side, 1), order=3, mode="nearest", grid_mode=True)
        rows, columns = (enlarging.astype(np.float32) @ matrix for matrix in (rows, columns))
    squares = np.empty((len(images), SIDE, SIDE), dtype=np.float32)
    for start in range(0, len(images), PIECE):
        squares[start : start + PIECE] = rows @ images[start : start + PIECE].astype(np.float32) @ columns.T
    return squares


def contrast(squares: np.ndarray) -> np.ndarray:
    """Standard deviation of the gray levels in the disc that :func:`copy_features` looks at.

    Args:
        squares: (n, side, side).

    Returns:
        (n,) in gray levels.
    """
    side = squares.shape[1]
    place = np.arange(side) - (side - 1) / 2
    inside = np.hypot(place[:, None], place) <= EXTENT * side / 2
    return squares[:, inside].std(axis=1)


def copy_features(squares: np.ndarray) -> CopyFeatures:
    """Features of the central disc of each image.

    Brightness and contrast are taken out.

    Args:
        squares: (n, side, side) float32 of :func:`central_squares`, none of them flat.
    """
    harmonics = _harmonics(squares, ZOOMS[0])
    components, orders = _components(harmonics)
    coefficients = np.empty((len(ZOOMS), len(squares), len(orders)), dtype=np.complex64)
    for level, zoom in enumerate(ZOOMS):
        if level:
            harmonics = _harmonics(squares, zoom)
        projected = [harmonics[:, order] @ component for order, component in enumerate(components)]
        coefficients[level] = _unit_rows(np.concatenate(projected, axis=1))
    magnitudes = np.abs(coefficients)
    magnitudes -= COMMON * magnitudes[0].mean(axis=0)
    return CopyFeatures(coefficients, orders, _unit_rows(magnitudes))


def _averaging(length: int, shorter: int, side: int) -> np.ndarray:
    """(side, length) matrix that averages the central ``shorter`` of ``length`` pixels to ``side``, by shares."""
    edges = (length - shorter) / 2 + np.arange(side + 1) * shorter / side
    pixels = np.arange(length)
    shares = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (np.clip(shares, 0, None) * side / shorter).astype(np.float32)


def _harmonics(squares: np.ndarray, zoom: float) -> np.ndarray:
    """(n, orders, rings) complex64 of unit norm, without the mean of the disc."""
    side = squares.shape[1]
    sampling = _polar_sampling(side, zoom)
    area = (np.arange(RINGS, dtype=np.float32) + 0.5) / RINGS
    harmonics = np.empty((len(squares), ORDERS, RINGS), dtype=np.complex64)
    for start in range(0, len(squares), PIECE):
        flat = squares[start : start + PIECE].reshape(-1, side * side)
        spectrum = fft.rfft((sampling @ flat.T).reshape(RINGS, ANGLES, -1), axis=1)[:, :ORDERS]
        spectrum[:, 0] -= np.average(spectrum[:, 0], axis=0, weights=area)
        spectrum *= np.sqrt(area)[:, None, None]
        # An order above 0 stands for itself and its negative: so the product of two images is that of their pixels.
        spectrum[:, 1:] *= np.float32(np.sqrt(2))
        harmonics[start : start + PIECE] = spectrum.transpose(2, 1, 0)
    return _unit_rows(harmonics.reshape(len(squares), -1)).reshape(harmonics.shape)


def _polar_sampling(side: int, zoom: float) -> sparse.csr_array:
    """(rings x angles, side x side) matrix of Gaussian averages around the points of the rings."""
    spacing = EXTENT * side / 2 / zoom / RINGS
    width = SMOOTHING * spacing
    radius = (np.arange(RINGS) + 0.5) * spacing
    angle = 2 * np.pi * np.arange(ANGLES) / ANGLES
    offsets = np.arange(-int(np.ceil(3 * width)), int(np.ceil(3 * width)) + 1)
    weights, places = [], []
    for direction in (np.sin(angle), np.cos(angle)):
        center = (side - 1) / 2 + np.outer(radius, direction).ravel()
        place = np.rint(center)[:, None].astype(int) + offsets
        weight = np.exp(-0.5 * ((place - center[:, None]) / width) ** 2) * ((place >= 0) & (place < side))
        weights.append(weight / weight.sum(axis=1, keepdims=True))
        places.append(np.clip(place, 0, side - 1))
    values = weights[0][:, :, None] * weights[1][:, None, :]
    values[values < 1e-3] = 0  # of no effect, but most of the multiplications
    columns = places[0][:, :, None] * side + places[1][:, None, :]
    rows = np.repeat(np.arange(len(values)), values[0].size)
    shape = (len(values), side * side)
    matrix = sparse.csr_array((values.ravel().astype(np.float32), (rows, columns.ravel())), shape=shape)
    matrix.eliminate_zeros()
    return matrix


def _components(harmonics: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Per order a matrix (rings, kept) that decorrelates the rings, and the order of each coefficient that is kept.

    The covariance is real and no mean is subtracted: of all angles and flips of the images nothing else remains.
    """
    by_order = harmonics.transpose(1, 0, 2)
    covariances = np.real(by_order.conj().transpose(0, 2, 1) @ by_order).astype(np.float64) / len(harmonics)
    variances, directions = np.linalg.eigh(covariances)
    floor = FLOOR * variances.mean()
    kept = variances > floor / 4  # what is smaller is mostly noise and would only cost time
    scaled = (directions / np.sqrt(np.maximum(variances, 0) + floor)[:, None, :]).astype(np.float32)
    components = [matrix[:, columns] for matrix, columns in zip(scaled, kept, strict=True)]
    return components, np.repeat(np.arange(ORDERS), kept.sum(axis=1))


def _unit_rows(rows: np.ndarray) -> np.ndarray:
    """Divide by the norm along the last axis; rows of zeros stay."""
    norm = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(norm > 0, norm, 1)
