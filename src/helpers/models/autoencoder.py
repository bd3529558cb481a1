"""Autoencoders: an encoder to a short code, a decoder back; linear, convolutional, wide, and variational.

Taught in ``04_autoencoder``. Encoder and decoder are models of their own: ``model.get_layer("encoder")`` and
``model.get_layer("decoder")``. A linear autoencoder spans the subspace of PCA (Baldi and Hornik 1989, Neural Networks
2:53); the variational autoencoder follows Kingma and Welling (2014, arXiv:1312.6114).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf
from keras import layers, ops

from helpers.runtime import InputError


def linear_autoencoder(features: int, code: int, dtype: str = "float32") -> keras.Model:
    """Two matrices without biases: for centered data.

    Args:
        features: numbers per sample.
        code: numbers that are kept of them.
        dtype: float64 for checks to rounding error.

    Returns:
        A model from (batch, features) to (batch, features).

    Raises:
        InputError: the code is not between 1 and ``features``.
    """
    if not 1 <= code <= features:
        raise InputError(f"a code of {code} numbers for {features}: between 1 and {features} can be kept")
    sample, kept = keras.Input((features,), name="sample", dtype=dtype), keras.Input((code,), name="code", dtype=dtype)
    encoder = keras.Model(sample, layers.Dense(code, use_bias=False, dtype=dtype)(sample), name="encoder")
    decoder = keras.Model(kept, layers.Dense(features, use_bias=False, dtype=dtype)(kept), name="decoder")
    return keras.Model(sample, decoder(encoder(sample)), name="linear_autoencoder")


def convolutional_autoencoder(size: int, code: int, filters: Sequence[int] = (16, 32)) -> keras.Model:
    """Convolutions with stride 2 down to a vector, transposed convolutions back.

    Args:
        size: height and width of the pictures, px; each stride halves it, so it is a multiple of 2 to the number of
            strides.
        code: numbers that are kept of a picture.
        filters: feature maps after each stride.

    Returns:
        A functional model from (batch, size, size, 1) to the same shape; the output is unbounded.

    Raises:
        InputError: the size cannot be halved that often, or the code is empty.
    """
    picture, features = _downward(size, filters)
    encoder = keras.Model(
        picture, layers.Dense(_checked(code), name="code")(layers.Flatten()(features)), name="encoder"
    )
    decoder = _decoder_of_vectors(size, code, filters)
    return keras.Model(picture, decoder(encoder(picture)), name="convolutional_autoencoder")


def wide_autoencoder(size: int, filters: Sequence[int] = (16, 32)) -> keras.Model:
    """Without a bottleneck: the code is the last stack of maps, as many numbers as there are pixels, or more.

    Made for denoising (Vincent et al. 2008, doi:10.1145/1390156.1390294), where the input is spoiled and the target is
    not, so that copying does not help. Trained to return its own input it learns to copy.

    Args, Raises:
        As for :func:`convolutional_autoencoder`.
    """
    picture, features = _downward(size, filters)
    encoder = keras.Model(picture, features, name="encoder")
    maps = keras.Input(features.shape[1:], name="code")
    decoder = keras.Model(maps, _upward(maps, filters), name="decoder")
    return keras.Model(picture, decoder(encoder(picture)), name="wide_autoencoder")


def variational_autoencoder(
    size: int, code: int, filters: Sequence[int] = (16, 32), pixel_variance: float = 1.0, seed: int = 0
) -> VariationalAutoencoder:
    """The convolutional autoencoder whose encoder gives a mean and a log variance for each number of the code.

    Args:
        size, code, filters: as for :func:`convolutional_autoencoder`.
        pixel_variance: variance of a pixel around what the decoder says; the larger, the more the prior counts.
        seed: of the noise on the codes.

    Raises:
        InputError: as for :func:`convolutional_autoencoder`, or the variance is not positive.
    """
    picture, features = _downward(size, filters)
    flat = layers.Flatten()(features)
    moments = [layers.Dense(_checked(code), name=name)(flat) for name in ("mean", "log_variance")]
    encoder = keras.Model(picture, moments, name="encoder")
    return VariationalAutoencoder(encoder, _decoder_of_vectors(size, code, filters), pixel_variance, seed)


def divergence_from_prior(mean, log_variance):
    """Kullback-Leibler divergence of Gaussian codes from the standard normal, in nats.

    Args:
        mean, log_variance: (batch, code) moments; double precision stays double precision.

    Returns:
        (batch,) divergences: 0 where a code equals the prior.
    """
    return ops.sum(ops.exp(log_variance) + ops.square(mean) - 1 - log_variance, axis=1) / 2


@keras.saving.register_keras_serializable("medlab")
class VariationalAutoencoder(keras.Model):
    """Encoder to the moments of a Gaussian, decoder from a draw of it; ``fit(pictures)`` needs no targets.

    Called on pictures it returns the reconstruction from the mean code, without noise.

    Args:
        encoder: pictures to (mean, log variance), each (batch, code).
        decoder: codes to pictures.
        pixel_variance: of a pixel around the decoder's answer.
        seed: of the noise on the codes.
    """

    def __init__(
        self, encoder: keras.Model, decoder: keras.Model, pixel_variance: float, seed: int = 0, name=None, **other
    ) -> None:
        if not pixel_variance > 0:
            raise InputError(f"a pixel variance of {pixel_variance}: it is positive")
        super().__init__(name=name or "variational_autoencoder", **other)
        self.encoder, self.decoder = encoder, decoder
        self.pixel_variance, self.seed = float(pixel_variance), int(seed)
        self.draws = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, pictures):
        return self.decoder(self.encoder(pictures)[0])

    def loss_terms(self, pictures, noise):
        """Both terms of the loss, means over the batch, in nats; constants of the first are left out.

        Args:
            pictures: (batch, size, size, 1).
            noise: (batch, code) standard normal numbers.

        Returns:
            Squared error over twice the pixel variance, and the divergence of the codes from the standard normal.
        """
        mean, log_variance = self.encoder(pictures)
        answer = self.decoder(mean + ops.exp(log_variance / 2) * noise)
        reconstruction = ops.sum(ops.square(pictures - answer), axis=(1, 2, 3)) / (2 * self.pixel_variance)
        return ops.mean(reconstruction), ops.mean(divergence_from_prior(mean, log_variance))

    def train_step(self, data):
        pictures, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        noise = keras.random.normal((ops.shape(pictures)[0], self.decoder.input_shape[1]), seed=self.draws)
        with tf.GradientTape() as tape:
            reconstruction, divergence = self.loss_terms(pictures, noise)
            loss = reconstruction + divergence
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "reconstruction": reconstruction, "divergence": divergence}

    def get_config(self) -> dict:
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in ("encoder", "decoder")}
        return {**super().get_config(), **parts, "pixel_variance": self.pixel_variance, "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict, custom_objects=None) -> VariationalAutoencoder:
        parts = {
            name: keras.saving.deserialize_keras_object(config.pop(name), custom_objects)
            for name in ("encoder", "decoder")
        }
        return cls(**parts, **config)


def _checked(code: int) -> int:
    if code < 1:
        raise InputError(f"a code of {code} numbers: at least one is kept")
    return code


def _downward(size: int, filters: Sequence[int]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    if not filters or size < 1 or size % 2 ** len(filters):
        raise InputError(
            f"pictures of {size} pixels and {len(filters)} strides: the size is a multiple of {2 ** len(filters)}, and "
            "there is at least one stride; choose another size in the budget"
        )
    picture = keras.Input((size, size, 1), name="picture")
    features = picture
    for block, maps in enumerate(filters, start=1):
        name = f"convolution_{block}"
        features = layers.Conv2D(maps, 3, strides=2, padding="same", activation="relu", name=name)(features)
    return picture, features


def _upward(maps: keras.KerasTensor, filters: Sequence[int]) -> keras.KerasTensor:
    for block, count in enumerate(reversed(filters[:-1]), start=1):
        name = f"transposed_{block}"
        maps = layers.Conv2DTranspose(count, 3, strides=2, padding="same", activation="relu", name=name)(maps)
    return layers.Conv2DTranspose(1, 3, strides=2, padding="same", name="answer")(maps)


def _decoder_of_vectors(size: int, code: int, filters: Sequence[int]) -> keras.Model:
    kept, side = keras.Input((code,), name="code"), size // 2 ** len(filters)
    shape = (side, side, filters[-1])
    maps = layers.Reshape(shape)(layers.Dense(math.prod(shape), activation="relu", name="maps")(kept))
    return keras.Model(kept, _upward(maps, filters), name="decoder")
