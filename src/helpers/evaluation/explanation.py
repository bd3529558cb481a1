"""Where a classifier looks: four ways to spread its score over the pixels, for any functional Keras classifier.

All of them explain a *score*, the logit of one class, made once by :func:`class_score`: near 0 and 1 a probability hardly
moves whatever one does to the image, its logit does. Inputs are prepared as for the model itself, (n, height, width,
channels). Whether a heat map is true is another question, see :mod:`helpers.evaluation.localization`.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from helpers.runtime import InputError
from helpers.training.image_batches import differentiating, in_batches, of_versions, scoring

METHODS = ("Grad-CAM", "integrated gradients", "occlusion", "SmoothGrad")
SQUASHING = ("sigmoid", "softmax")


@dataclass(frozen=True)
class IntegratedGradients:
    """Attributions, and how well they add up.

    Attributes:
        attributions: (n, height, width, channels), signed: what each value added to the score.
        difference: (n,) score of the image minus score of the baseline, to which attributions add up.
        tolerance: (n,) what the sum may be off by with these steps, see :func:`integrated_gradients`.
    """

    attributions: np.ndarray
    difference: np.ndarray
    tolerance: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        """(n,) sum of the attributions minus the difference of the scores."""
        return self.attributions.sum(axis=(1, 2, 3), dtype=np.float64) - self.difference


def class_score(model: keras.Model, label: int = 1) -> keras.Model:
    """The model without its last sigmoid or softmax, for one class: (batch, height, width, channels) to (batch,).

    It shares every layer with ``model`` but the last, whose weights are copied as they are now.

    Args:
        model: functional; ends in a dense layer (or in an activation after one) with one unit or one per class.
        label: number of the class. With one unit class 1 has its logit z and class 0 has -z.

    Raises:
        InputError: the end of the model is of another kind, or it has no such class.
    """
    last = model.layers[-1]
    if len(model.inputs) != 1 or len(model.outputs) != 1 or last.output is not model.outputs[0]:
        raise InputError("only models with one input and one output can be explained here")
    logits = last.output
    if isinstance(last, keras.layers.Softmax | keras.layers.Activation):
        logits = last.input
    elif isinstance(last, keras.layers.Dense) and last.activation.__name__ in SQUASHING:
        linear = keras.layers.Dense(last.units, use_bias=last.use_bias, name="logit", dtype=last.dtype_policy)
        logits = linear(last.input)
        linear.set_weights(last.get_weights())
    elif not (isinstance(last, keras.layers.Dense) and last.activation is keras.activations.linear):
        raise InputError("no classifier to explain: its last layer is neither dense nor a sigmoid or softmax")
    units = logits.shape[-1]
    if len(logits.shape) != 2 or not 0 <= label < max(units, 2):
        raise InputError(f"no class {label} to explain: the model has {max(units, 2)} classes, counted from 0")
    column = logits[:, 0 if units == 1 else label]
    score = -column if units == 1 and label == 0 else column
    return keras.Model(model.inputs, score, name="score")


def score_values(score: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """(n,) float64 scores of prepared inputs."""
    return in_batches(scoring(score), inputs).astype(np.float64)


def input_gradient(score: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Gradient of the score with respect to every input value, in the shape of the inputs (Simonyan et al. 2014)."""
    return in_batches(differentiating(score), inputs)


def grad_cam(score: keras.Model, inputs: np.ndarray, layer: str = "") -> np.ndarray:
    """Gradient-weighted class activation maps (Selvaraju et al. 2017, arXiv:1610.02391), (n, height, width), none negative.

    Each map A of a layer is weighted by the mean of the score's gradient over it; the sum, without what is negative, is
    enlarged to the size of the input: ReLU(Σ_k α_k A_k), α_k = mean over places of ∂S/∂A_k.

    Args:
        score: of :func:`class_score`.
        inputs: (n, height, width, channels).
        layer: whose maps; empty for :func:`last_maps`.

    Raises:
        InputError: there is no such layer, or it makes no maps.
    """
    name = layer or last_maps(score)
    if name not in {one.name for one in score.layers} or len(score.get_layer(name).output.shape) != 4:
        raise InputError(f"the network has no layer {name!r} that makes maps")
    both = keras.Model(score.inputs, [score.get_layer(name).output, score.outputs[0]])
    height, width = inputs.shape[1:3]

    def weigh(batch: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(batch)
            maps, values = both(batch, training=False)
        weights = tf.reduce_mean(tape.gradient(values, maps), axis=(1, 2), keepdims=True)
        coarse = tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1, keepdims=True))
        return tf.image.resize(coarse, (height, width))[..., 0]

    return in_batches(weigh, inputs)


def last_maps(model: keras.Model) -> str:
    """Name of the layer Grad-CAM looks at: the last convolution, with what normalizes and rectifies its maps.

    Raises:
        InputError: the model has no convolution over images.
    """
    shape, name = None, ""
    for one in model.layers:
        if isinstance(one, keras.layers.Conv2D | keras.layers.DepthwiseConv2D | keras.layers.SeparableConv2D):
            shape, name = one.output.shape, one.name
        elif shape is not None and isinstance(one.output, keras.KerasTensor) and one.output.shape == shape:
            name = one.name
    if shape is None:
        raise InputError("Grad-CAM needs the maps of a convolution, and this network has none")
    return name


def integrated_gradients(
    score: keras.Model, inputs: np.ndarray, baseline: np.ndarray | float = 0.0, steps: int = 32
) -> IntegratedGradients:
    """Integrated gradients (Sundararajan, Taly & Yan 2017, arXiv:1703.01365).

    (x - b) times the mean gradient on the straight line from the baseline b to the image x. Completeness: they add up to
    S(x) - S(b). The mean is taken at the middle of ``steps`` equal pieces. Within a piece such a sum is off by no more
    than half the piece times the variation of what is integrated, so by at most V / (2 steps) in all. V is measured at
    the same places and at both ends; because it may be larger between them, the tolerance is twice that, plus rounding.
    With fewer than about ten steps that measurement is poor.

    Args:
        score: of :func:`class_score`.
        inputs: (n, height, width, channels).
        baseline: what counts as no information, a number or (height, width, channels).
        steps: at least 2.
    """
    if steps < 2:
        raise InputError(f"{steps} steps: integrated gradients need at least 2, usually 32 or more")
    start = np.broadcast_to(np.asarray(baseline, dtype=inputs.dtype), inputs.shape)
    way = inputs - start
    places = [0.0, *((np.arange(steps) + 0.5) / steps), 1.0]  # the ends only measure the variation
    on_the_way = (start + way * inputs.dtype.type(place) for place in places)
    total = np.zeros_like(inputs)
    slopes = np.empty((len(places), len(inputs)))  # of the score along the line: what is integrated
    for number, gradient in enumerate(of_versions(differentiating(score), on_the_way)):
        total += gradient if 0 < places[number] < 1 else 0
        slopes[number] = (gradient * way).sum(axis=(1, 2, 3), dtype=np.float64)
    ends = score_values(score, inputs), score_values(score, np.ascontiguousarray(start))
    rounding = 50 * np.finfo(inputs.dtype).eps * (np.abs(ends).sum(axis=0) + np.abs(slopes).mean(axis=0) + 1)
    tolerance = np.abs(np.diff(slopes, axis=0)).sum(axis=0) / steps + rounding
    return IntegratedGradients(way * total / steps, ends[0] - ends[1], tolerance)


def occlusion(score: keras.Model, inputs: np.ndarray, side: int, stride: int, fill: float = 0.0) -> np.ndarray:
    """How much the score drops when a square is covered (Zeiler & Fergus 2014, arXiv:1311.2901), (n, height, width).

    Signed: positive where the covered pixels spoke for the class. A pixel gets the mean over the squares it lies in.

    Args:
        score: of :func:`class_score`.
        inputs: (n, height, width, channels).
        side: of the square, px.
        stride: steps from square to square, px, at most the side, so that every pixel is covered.
        fill: value in the square.
    """
    height, width = inputs.shape[1:3]
    if not 1 <= stride <= side <= min(height, width):
        raise InputError(f"squares of {side} px, {stride} px apart: take 1 <= stride <= side <= {min(height, width)}")
    whole = score_values(score, inputs)
    drops = np.zeros(inputs.shape[:3])
    times = np.zeros((height, width))
    squares = [
        (slice(top, top + side), slice(left, left + side))
        for top in _starts(height, side, stride)
        for left in _starts(width, side, stride)
    ]
    covered = (_filled(inputs, square, fill) for square in squares)
    for (rows, columns), values in zip(squares, of_versions(scoring(score), covered), strict=True):
        drops[:, rows, columns] += (whole - values)[:, None, None]
        times[rows, columns] += 1
    return drops / times


def smooth_grad(
    score: keras.Model, inputs: np.ndarray, spread: float = 0.15, samples: int = 16, seed: int = 0
) -> np.ndarray:
    """Mean gradient over noisy copies of the image (Smilkov et al. 2017, arXiv:1706.03825), in the shape of the inputs.

    Args:
        score: of :func:`class_score`.
        inputs: (n, height, width, channels).
        spread: standard deviation of the noise as a share of the image's range from lowest to highest value.
        samples: noisy copies.
        seed: of the noise.
    """
    if spread < 0 or samples < 1:
        raise InputError(f"{samples} copies with noise of {spread}: take at least one, and no negative noise")
    generator = np.random.default_rng(seed)
    scale = spread * np.ptp(inputs, axis=(1, 2, 3), keepdims=True)
    noise = (generator.standard_normal(inputs.shape, dtype=np.float32) for _ in range(samples))
    noisy = ((inputs + scale * one).astype(inputs.dtype) for one in noise)
    return sum(of_versions(differentiating(score), noisy)) / samples


def heat_maps(
    score: keras.Model, inputs: np.ndarray, steps: int, samples: int, side: int, stride: int
) -> dict[str, np.ndarray]:
    """One map of evidence per method of :data:`METHODS`, each (n, height, width) without negative values.

    Of integrated gradients and occlusion what speaks *for* the class is kept; of a gradient, which only says in which
    direction the score would change, the size.

    Args:
        score: of :func:`class_score`.
        inputs: (n, height, width, channels), around 0: the baseline and the fill of the squares are 0.
        steps: of the integrated gradients.
        samples: of SmoothGrad.
        side, stride: of the occlusion, px.
    """
    integrated = integrated_gradients(score, inputs, steps=steps).attributions.sum(axis=-1)
    return {
        "Grad-CAM": grad_cam(score, inputs),
        "integrated gradients": np.maximum(integrated, 0),
        "occlusion": np.maximum(occlusion(score, inputs, side, stride), 0),
        "SmoothGrad": np.abs(smooth_grad(score, inputs, samples=samples)).sum(axis=-1),
    }


def _filled(inputs: np.ndarray, square: tuple[slice, slice], fill: float) -> np.ndarray:
    covered = inputs.copy()
    covered[:, square[0], square[1]] = fill
    return covered


def _starts(length: int, side: int, stride: int) -> list[int]:
    """First pixels of the squares; the last square ends at the border."""
    return sorted({*range(0, length - side, stride), length - side})
