"""Use an encoder for a task with few labels: a linear probe on frozen features, or fine-tuning of all weights.

Few labels leave none for a validation part, so nothing is chosen and nothing stops early: every network takes a fixed
number of steps and keeps its last weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data.labeled_groups import label_some_groups
from helpers.models.transformer import classifier, features_of_images
from helpers.training.fit import class_weights
from helpers.training.repeated_training import RepeatedTraining, shuffled_rows

SMALLEST = 1e-7  # keeps the logarithm finite
# Road to where it starts (frozen features, or the random or pre-trained weights of a network) and whose features they are.
ROADS = {
    "scratch": ("random", "transformer"),
    "probe": ("frozen", "transformer"),
    "finetuned": ("pretrained", "transformer"),
    "cnn_scratch": ("random", "cnn"),
    "cnn_probe": ("frozen", "cnn"),
    "cnn_finetuned": ("pretrained", "cnn"),
    "histogram": ("frozen", "histogram"),
    "texture": ("frozen", "texture"),
}


@dataclass(frozen=True)
class AdaptationRecipe:
    """How to train a classifier on few labels, apart from network, images and seed.

    Attributes:
        steps: batches, whatever the number of labels.
        batch_size: images per step.
        learning_rate: peak of the step size.
    """

    steps: int
    batch_size: int
    learning_rate: float


def weighted_cross_entropy(probability, target, weight):
    """Mean of -weight (y ln p + (1 - y) ln(1 - p)); all (batch, 1)."""
    kept = ops.clip(probability, SMALLEST, 1 - SMALLEST)
    return ops.mean(-weight * (target * ops.log(kept) + (1 - target) * ops.log(1 - kept)))


def fine_tune(
    training: RepeatedTraining,
    weights: list[np.ndarray],
    images: np.ndarray,
    targets: np.ndarray,
    recipe: AdaptationRecipe,
    seed: int,
) -> np.ndarray:
    """Train a classifier from given weights, random or pre-trained; both classes count alike.

    Args:
        training: of a classifier with :func:`weighted_cross_entropy`.
        weights: of the classifier, as ``get_weights`` gives them.
        images: (n, size, size, 1) float32, all of them labeled.
        targets: (n,) of 0 and 1, both present.
        recipe: number, size and length of the steps.
        seed: of the order of the images.

    Returns:
        (steps,) losses.
    """
    share = class_weights(targets)
    target = np.asarray(targets, dtype="float32")[:, None]
    weight = np.where(target == 1, share[1], share[0]).astype("float32")
    rows = shuffled_rows(len(images), recipe.batch_size, recipe.steps, seed)
    batches = ((images[some], target[some], weight[some]) for some in rows)
    return training.run(weights, batches, recipe.steps, recipe.learning_rate, seed)


def linear_probe(features: np.ndarray, targets: np.ndarray, strength: float) -> Pipeline:
    """Logistic regression on features (n, width) of a frozen encoder; what it cannot separate by a plane stays mixed.

    Args:
        features: of the labeled images.
        targets: (n,) of 0 and 1.
        strength: inverse of the penalty on weights, scikit-learn's ``C``.
    """
    regression = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000)
    return make_pipeline(StandardScaler(), regression).fit(features, targets)


def draw_labeled(groups: np.ndarray, targets: np.ndarray, share: float, drawings: int) -> list[np.ndarray]:
    """Rows of the labeled images in each of several drawings of groups; one drawing where all groups are labeled."""
    return [label_some_groups(groups, targets, share, seed) for seed in range(drawings if share < 1 else 1)]


def probed_scores(
    features: np.ndarray, other_features: np.ndarray, targets: np.ndarray, drawn: list[np.ndarray], strength: float
) -> np.ndarray:
    """Probabilities (drawings, n) of other images by a linear probe on the labeled rows of each drawing."""
    probes = [linear_probe(features[rows], targets[rows], strength) for rows in drawn]
    return np.stack([probe.predict_proba(other_features)[:, 1] for probe in probes])


def features_in_batches(network: keras.Model, images: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """(n, width) features of images (n, size, size, 1)."""
    starts = range(0, len(images), batch_size)
    return np.concatenate([network.predict_on_batch(images[start : start + batch_size]) for start in starts])


def scores_in_batches(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """(n,) probabilities of class 1, float64."""
    return features_in_batches(network, images)[:, 0].astype("float64")


class AdaptableNetwork:
    """An encoder with a classifier around it, its random weights kept, and its training prepared once.

    Make it before pre-training: the encoder is shared, so that pre-training moves it.

    Args:
        inner, size: as for :func:`helpers.models.transformer.features_of_images`.

    Attributes:
        classifier: one dense unit on pooled features.
        features: from images to these features.
        random: the classifier's weights when this was made.
        pretrained: its weights when :meth:`remember` was called; until then the random ones.
    """

    def __init__(self, inner: keras.Model, size: int) -> None:
        self.classifier, self.features = classifier(inner, size), features_of_images(inner, size)
        self.random = self.pretrained = self.classifier.get_weights()
        self._training = RepeatedTraining(self.classifier, weighted_cross_entropy)

    def remember(self) -> None:
        """Keep the weights as they are now as the pre-trained ones."""
        self.pretrained = self.classifier.get_weights()

    def scores_of_drawings(
        self,
        start: str,
        images: np.ndarray,
        targets: np.ndarray,
        others: np.ndarray,
        drawn: list[np.ndarray],
        recipe: AdaptationRecipe,
        seed: int,
    ) -> np.ndarray:
        """Train on the labeled rows of each drawing, and score other images.

        Args:
            start: ``random`` or ``pretrained`` weights.
            images, targets: (n, size, size, 1) and (n,), of which the rows of a drawing are used.
            others: (m, size, size, 1).
            drawn: of :func:`draw_labeled`.
            recipe, seed: of :func:`fine_tune`.

        Returns:
            (drawings, m) probabilities.
        """
        weights, scores = {"random": self.random, "pretrained": self.pretrained}[start], []
        for rows in drawn:
            fine_tune(self._training, weights, images[rows], targets[rows], recipe, seed)
            scores.append(scores_in_batches(self.classifier, others))
        return np.stack(scores)

    def frozen_features(self, images: np.ndarray) -> np.ndarray:
        """(n, features) of the pre-trained encoder, whatever was trained since."""
        self.classifier.set_weights(self.pretrained)
        return features_in_batches(self.features, images)


def trained_numbers(networks: dict[str, AdaptableNetwork], features: dict[str, list[np.ndarray]], road: str) -> int:
    """Parameters of a road: of the whole network, or of the regression on features (n, width)."""
    _, name = ROADS[road]
    return networks[name].classifier.count_params() if name in networks else features[name][0].shape[1] + 1
