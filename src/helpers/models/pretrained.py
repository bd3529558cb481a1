"""Image encoders that others trained on a million photographs: the road from this repository to large models.

Architectures and ImageNet weights are those of ``keras.applications``. They take three colors and a scale of pixel values that
differs from family to family; the encoders here take gray images with values 0 to 255 and hide both.
"""

from __future__ import annotations

import contextlib
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path

import keras
from keras import layers

from helpers.data.listing import one_line
from helpers.runtime import InputError

# Scale and offset of pixel values 0 to 255 as each family was trained; None: its first layer scales them itself.
MINUS_ONE_TO_ONE = (1 / 127.5, -1.0)
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of red, green, blue from 0 to 1
STANDARDIZED = (
    [1 / (255 * deviation) for deviation in IMAGENET_DEVIATION],
    [-mean / deviation for mean, deviation in zip(IMAGENET_MEAN, IMAGENET_DEVIATION, strict=True)],
)
SCALES = {
    "MobileNetV3Small": None,  # Howard et al. 2019, arXiv:1905.02244: 0.9 million parameters, 576 features
    "EfficientNetV2B0": None,  # Tan and Le 2021, arXiv:2104.00298: 5.9 million, 1,280
    "DenseNet121": STANDARDIZED,  # Huang et al. 2017, arXiv:1608.06993: 7.0 million, 1,024
    "ResNet50V2": MINUS_ONE_TO_ONE,  # He et al. 2016, arXiv:1603.05027: 23.6 million, 2,048
    "ConvNeXtTiny": None,  # Liu et al. 2022, arXiv:2201.03545: 27.8 million, 768
}
SMALLEST = 32  # pixels: all of them halve an image five times
PATIENCE = 20.0  # seconds without an answer until a download is given up


def pretrained_encoder(
    name: str, weights: str | Path | None, input_shape: tuple[int, int, int], trainable: bool = False
) -> keras.Model:
    """Encoder of gray images: a network of ``keras.applications`` without its classifier, averaged over the image.

    Args:
        name: one of :data:`SCALES`.
        weights: None (random), ``imagenet`` (downloaded once into Keras' cache), or the path of a weights file of this network, with
            or without its classifier: ``.weights.h5`` or ``.keras`` of Keras 3, or ``.h5`` as ``keras.applications`` keeps in its cache
            (then without classifier).
        input_shape: (height, width, 1) of images with values 0 to 255, at least 32 pixels on a side.
        trainable: False freezes all of it, as for a linear probe, until :func:`unfreeze`. True with weights is the same as
            :func:`unfreeze` at once; without weights all of it trains, as in any other network.

    Returns:
        A functional model from (batch, height, width, 1) to (batch, features). Its last layer is the network itself:
        ``encoder.layers[-1].save_weights(...)`` stores a file that can be given here.

    Raises:
        InputError: an unknown name, a shape that is not gray or too small, weights that cannot be downloaded or read, or a
            file with the weights of another network.
    """
    if name not in SCALES:
        raise InputError(f"unknown encoder {one_line(name)!r}: choose one of {', '.join(SCALES)}")
    if len(input_shape) != 3 or input_shape[2] != 1 or min(input_shape[:2]) < SMALLEST:
        raise InputError(
            f"images of shape {tuple(input_shape)}: these encoders take gray ones, (height, width, 1), of at least "
            f"{SMALLEST} pixels on a side; resize them"
        )
    network = _network(name, weights, (*input_shape[:2], 3))
    image = keras.Input(input_shape, name="image")
    colors = layers.Concatenate(name="gray_as_color")([image, image, image])
    if SCALES[name] is not None:
        scale, offset = SCALES[name]
        colors = layers.Rescaling(scale, offset, name="scale_of_the_family")(colors)
    encoder = keras.Model(image, network(colors), name="encoder")
    encoder.trainable = trainable
    if trainable and weights is not None:
        unfreeze(encoder)
    return encoder


def unfreeze(encoder: keras.Model) -> None:
    """Open an encoder for fine-tuning: all weights but those of batch normalization, which keeps the statistics it came with.

    A few medical images would replace what a million photographs have measured. Calling the network with ``training=False`` would not
    keep the statistics: in Keras 3 ``fit`` overrides it (keras-team/keras issue 20285), but not a layer that is not trainable.
    """
    encoder.trainable = True
    for layer in encoder.layers[-1].layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False


def _network(name: str, weights: str | Path | None, shape: tuple[int, int, int]) -> keras.Model:
    build = getattr(keras.applications, name)
    common = {"include_top": False, "pooling": "avg", "input_shape": shape}
    if weights == "imagenet":
        return _downloaded(name, build, common)
    if weights is None:
        return build(weights=None, **common)
    path = Path(weights).expanduser()
    if not path.is_file():
        raise InputError(f"{one_line(path)}: no such weights file; give None, 'imagenet' or the path of one for {name}")
    if path.suffix not in (".h5", ".keras"):
        raise InputError(
            f"{one_line(path)}: not the name of a Keras weights file, which ends in .weights.h5, .keras or .h5"
        )
    network = build(weights=None, **common)
    _load(name, network, path)
    return network


def _downloaded(name: str, build, common: dict) -> keras.Model:
    try:
        with _quiet_and_impatient():
            return build(weights="imagenet", **common)
    except Exception as error:  # noqa: BLE001 - Keras wraps what a download raises into a bare Exception
        # Keras says "URL fetch failure on <address>: <number> -- <reason>".
        reason = one_line(str(error).rpartition(" -- ")[2]) or type(error).__name__
        raise InputError(
            f"the ImageNet weights of {name} cannot be downloaded ({reason}): without a network give the path of a Keras "
            "weights file of this encoder in place of 'imagenet'"
        ) from None


@contextlib.contextmanager
def _quiet_and_impatient() -> Iterator[None]:
    """No progress bar, no warning that other image sizes than 224 use the same weights, and no waiting for a mute network."""
    interactive, patience = keras.config.is_interactive_logging_enabled(), socket.getdefaulttimeout()
    keras.config.disable_interactive_logging()
    socket.setdefaulttimeout(PATIENCE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        socket.setdefaulttimeout(patience)
        if interactive:
            keras.config.enable_interactive_logging()


def _load(name: str, network: keras.Model, path: Path) -> None:
    shown = one_line(path)
    try:
        with warnings.catch_warnings():
            # One for every layer that a foreign file lacks; the error says it once.
            warnings.simplefilter("ignore", UserWarning)
            network.load_weights(path)
    except Exception as error:  # noqa: BLE001 - Keras raises errors of many kinds on a broken or foreign file
        if isinstance(error, ValueError):
            raise InputError(
                f"{shown}: these weights do not fit {name} without its classifier; give the file of that network"
            ) from None
        raise InputError(f"{shown}: no Keras weights file, or a broken one ({type(error).__name__})") from None
