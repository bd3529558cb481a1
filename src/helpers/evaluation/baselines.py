"""What a network has to beat: the majority, the histogram of brightness, a few coarse pixels.

All are scikit-learn pipelines with one interface: :func:`fit_baselines`, then :func:`predict_probability`. Their
probabilities come from classes weighted to equal importance, except the majority's, which is the share of the disease.
"""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from helpers.data.stored_images import StoredImages
from helpers.evaluation.samples import checked_targets
from helpers.runtime import InputError

BASELINES = {
    "majority": "majority (no image)",
    "histogram": "brightness histogram + logistic regression",
    "pixels": "coarse pixels + logistic regression",
}
BINS = 16
SIDE = 16  # pixels per side that the coarse image keeps
COMPONENTS = 48
PIECE = 1000  # images averaged at once, so that memory stays small


def majority_baseline() -> Pipeline:
    """Gives every image the share of the disease in the training samples: accuracy of the larger class, AUROC 0.5."""
    # Only the number of rows counts; flattening keeps scikit-learn from looking at image shapes.
    return make_pipeline(FunctionTransformer(_without_content), DummyClassifier(strategy="prior"))


def histogram_baseline(seed: int = 0) -> Pipeline:
    """Logistic regression on the histogram of brightness: knows how bright an image is, not where."""
    return make_pipeline(FunctionTransformer(histogram_features), StandardScaler(), _classifier(seed))


def pixel_baseline(seed: int = 0) -> Pipeline:
    """Logistic regression on principal components of the image at 16 x 16: knows where, but no texture."""
    components = PCA(n_components=COMPONENTS, svd_solver="covariance_eigh")
    return make_pipeline(FunctionTransformer(coarse_pixels), StandardScaler(), components, _classifier(seed))


def fit_baselines(train_inputs: np.ndarray, train_targets: np.ndarray, seed: int = 0) -> dict[str, Pipeline]:
    """Fit all of :data:`BASELINES`.

    Args:
        train_inputs: (n, height, width, 1) uint8.
        train_targets: (n,) of 0 and 1, both present.
        seed: the solvers are deterministic; it is passed on for the sake of a common interface.
    """
    images = checked_images(train_inputs)
    targets = checked_targets(train_targets)
    if len(images) != len(targets):
        raise InputError(f"{len(images)} images but {len(targets)} targets: give one target per image")
    if len(np.unique(targets)) < 2:
        raise InputError("the training samples hold one class only: a classifier needs both")
    pipelines = {"majority": majority_baseline(), "histogram": histogram_baseline(seed), "pixels": pixel_baseline(seed)}
    # Fewer samples or pixels than components: keep as many as there are.
    available = min(COMPONENTS, len(images), coarse_pixels(images[:1]).shape[1])
    pipelines["pixels"].set_params(pca__n_components=available)
    return {name: pipeline.fit(images, targets) for name, pipeline in pipelines.items()}


def predict_probability(pipeline: Pipeline, inputs: np.ndarray) -> np.ndarray:
    """(n,) probability of disease for images (n, height, width, 1) uint8."""
    return pipeline.predict_proba(checked_images(inputs))[:, 1]


def histogram_features(images: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(n, bins): share of each image's pixels in equal steps of brightness from 0 to 255."""
    images = checked_images(images)
    if not 1 <= bins <= 256:
        raise InputError(f"{bins} bins: brightness has 256 values, so take 1 to 256")
    step = (np.arange(256) * bins // 256).astype(np.int64)
    counts = np.empty((len(images), bins))
    for row, image in enumerate(images):
        # Counting the 256 values first and folding them into bins is faster than binning every pixel.
        counts[row] = np.bincount(step, np.bincount(image.ravel(), minlength=256), minlength=bins)
    return counts / images[0].size


def coarse_pixels(images: np.ndarray, side: int = SIDE) -> np.ndarray:
    """(n, side * side) float64 from 0 to 1: means over a grid of equal cells; smaller images keep their own pixels."""
    images = checked_images(images)
    _, height, width, _ = images.shape
    rows, columns = (_averaging(height, min(side, height)), _averaging(width, min(side, width)))
    parts = []
    for start in range(0, len(images), PIECE):
        part = images[start : start + PIECE, :, :, 0].astype(np.float32) / 255
        parts.append((rows @ part @ columns.T).reshape(len(part), -1))
    return np.concatenate(parts).astype(np.float64)


def checked_images(images: np.ndarray) -> np.ndarray:
    """(n, height, width, 1) uint8 with at least one image, or InputError; images on disk stay there."""
    if not isinstance(images, StoredImages):
        images = np.asarray(images)
    if images.ndim != 4 or images.shape[3] != 1 or not len(images) or images.dtype != np.uint8:
        raise InputError(
            f"images have shape {images.shape} and type {images.dtype}: give (n, height, width, 1) of uint8"
        )
    return images


def _averaging(size: int, cells: int) -> np.ndarray:
    """(cells, size) float32: row i holds the share of cell i that each pixel covers, so that 28 pixels fit 16 cells."""
    edges = np.linspace(0, size, cells + 1)
    left, right = np.arange(size), np.arange(1, size + 1)
    overlap = np.minimum(right, edges[1:, None]) - np.maximum(left, edges[:-1, None])
    return (np.clip(overlap, 0, None) * cells / size).astype(np.float32)


def _without_content(images: np.ndarray) -> np.ndarray:
    return np.zeros((len(images), 1))


def _classifier(seed: int) -> LogisticRegression:
    return LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000, random_state=seed)
