"""A small vision transformer, and the masked autoencoder and the classifier that are built around its encoder.

Taught in ``13_foundation_models``. Attention follows Vaswani et al. (2017, arXiv:1706.03762), patches as tokens
Dosovitskiy et al. (2021, arXiv:2010.11929), the masked autoencoder He et al. (2022, arXiv:2111.06377). An image is a
*set* of tokens: every token says what it shows and where it lies, so the encoder takes any number of them in any order.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from helpers.runtime import InputError

BASE = 20.0  # of the waves of a position: sentences have thousands of words (10,000 there), image sides a dozen patches
EXPANSION = 4  # hidden units of a block's dense part, per unit of its width


def tokens_of(size: int, patch: int) -> int:
    """Number of patches of an image; see :func:`patches_of` for how they are cut.

    Raises:
        InputError: the patches do not fill the image, or there is only one.
    """
    if patch < 1 or size % patch or size < 2 * patch:
        raise InputError(
            f"images of {size} pixels in patches of {patch}: the patch divides the size at least twice; see the budget"
        )
    return (size // patch) ** 2


def patches_of(images, patch: int):
    """Cut images into patches, row by row.

    Args:
        images: (n, size, size, 1), an array or a tensor.
        patch: pixels on a side.

    Returns:
        (n, tokens, patch * patch).
    """
    side = images.shape[1] // patch
    cut = ops.reshape(images, (-1, side, patch, side, patch))
    return ops.reshape(ops.transpose(cut, (0, 1, 3, 2, 4)), (-1, side * side, patch * patch))


def images_of(patches: np.ndarray, patch: int) -> np.ndarray:
    """Put patches (n, tokens, patch * patch) back together, (n, size, size, 1)."""
    patches = np.asarray(patches)
    side = round(patches.shape[1] ** 0.5)
    rows = patches.reshape(-1, side, side, patch, patch).transpose(0, 1, 3, 2, 4)
    return rows.reshape(-1, side * patch, side * patch, 1)


def position_table(side: int, width: int) -> np.ndarray:
    """Where a token lies, as waves: half of the numbers tell its row, half its column.

    Args:
        side: patches along one side of the image.
        width: numbers per token, a multiple of 4.

    Returns:
        (side * side, width) float32 from -1 to 1. Number 2i of the row's half is sin(row / 20^(2i/d)) and the one
        after it the cosine, where d = width / 2.
    """
    if side < 1 or width < 4 or width % 4:
        raise InputError(
            f"positions of {width} numbers on a side of {side}: the width is a multiple of 4; see the budget"
        )
    rates = BASE ** (-np.arange(0, width // 2, 2) / (width // 2))
    angles = np.arange(side)[:, None] * rates
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(side, width // 2)
    return np.concatenate([np.repeat(waves, side, axis=0), np.tile(waves, (side, 1))], axis=1).astype("float32")


def encoder(size: int, patch: int, width: int, depth: int, heads: int) -> keras.Model:
    """The encoder of a vision transformer: blocks of attention and a dense part, both added to what came in.

    Args:
        size, patch: pixels on a side of the images and of a patch.
        width: numbers per token, a multiple of 4 and of the heads.
        depth: blocks.
        heads: of the attention.

    Returns:
        A functional model from patches (batch, some tokens, patch * patch) and their places (batch, some tokens, int32
        from 0, row by row) to (batch, some tokens, width). Its layers ``attention_1``, … can be asked for their scores.

    Raises:
        InputError: the patches do not fill the image, or the width cannot be shared among the heads.
    """
    tokens = tokens_of(size, patch)
    if heads < 1 or depth < 1 or width % heads:
        raise InputError(
            f"{depth} blocks of width {width} with {heads} heads: the heads divide the width; see the budget"
        )
    patches = keras.Input((None, patch * patch), name="patches")
    places = keras.Input((None,), dtype="int32", name="places")
    features = layers.Dense(width, name="what")(patches) + _positions(tokens, width)(places)
    for number in range(1, depth + 1):
        features = _block(features, heads, number)
    features = layers.LayerNormalization(epsilon=1e-6, name="last_normalization")(features)
    return keras.Model([patches, places], features, name="encoder")


def masked_autoencoder(
    inner: keras.Model, visible: int, decoder_width: int, decoder_depth: int, heads: int
) -> keras.Model:
    """Predict hidden patches from visible ones: only those go through the encoder, which is what makes it cheap.

    Args:
        inner: of :func:`encoder`; it is shared, so training the autoencoder trains it.
        visible: patches of an image that are not hidden.
        decoder_width, decoder_depth: of the decoder, which is thrown away afterwards; a width as for :func:`encoder`.
        heads: of the decoder's attention.

    Returns:
        A functional model from visible patches (batch, visible, pixels), their places (batch, visible) and the places of
        the hidden ones (batch, hidden) to the pixels of the hidden ones (batch, hidden, pixels). The pixels of hidden
        patches are no input at all.
    """
    tokens = inner.get_layer("where").input_dim
    if not 1 <= visible < tokens:
        raise InputError(
            f"{visible} of {tokens} patches visible: at least one, and at least one hidden; see the budget"
        )
    patches, places = (
        keras.Input((visible, inner.inputs[0].shape[2]), name="patches"),
        keras.Input((visible,), dtype="int32", name="places"),
    )
    hidden_places = keras.Input((tokens - visible,), dtype="int32", name="hidden_places")
    position = _positions(tokens, decoder_width)
    seen = layers.Dense(decoder_width, name="narrow")(inner([patches, places])) + position(places)
    # One learned vector stands for every hidden patch; only its position tells which one is asked for.
    blank = layers.Embedding(1, decoder_width, name="mask_token")(ops.zeros_like(hidden_places))
    features = ops.concatenate([seen, blank + position(hidden_places)], axis=1)
    for number in range(1, decoder_depth + 1):
        features = _block(features, heads, number, prefix="decoder_")
    features = layers.LayerNormalization(epsilon=1e-6, name="decoder_normalization")(features)
    pixels = layers.Dense(patches.shape[2], name="pixels")(features[:, visible:])
    return keras.Model([patches, places, hidden_places], pixels, name="masked_autoencoder")


def features_of_images(inner: keras.Model, size: int) -> keras.Model:
    """Average and largest value of every feature over all tokens, as the house's convolutional network pools its maps.

    Args:
        inner: of :func:`encoder`, or a convolutional encoder from (batch, size, size, 1) to maps.
        size: pixels on a side of the images.

    Returns:
        A functional model from (batch, size, size, 1) to (batch, 2 * width); it shares its weights with ``inner``.
    """
    image = keras.Input((size, size, 1), name="image")
    if len(inner.inputs) == 2:
        patch = round(inner.inputs[0].shape[2] ** 0.5)
        patches = patches_of(image, patch)
        places = ops.zeros_like(patches[:, :, 0], dtype="int32") + ops.arange(tokens_of(size, patch), dtype="int32")
        features = inner([patches, places])
    else:
        maps = inner(image)
        features = ops.reshape(maps, (-1, maps.shape[1] * maps.shape[2], maps.shape[3]))
    pooled = ops.concatenate([ops.mean(features, axis=1), ops.max(features, axis=1)], axis=1)
    return keras.Model(image, pooled, name="features")


def classifier(inner: keras.Model, size: int) -> keras.Model:
    """One dense unit on the pooled features of an encoder; both parts are trained.

    Args:
        inner, size: as for :func:`features_of_images`; the encoder is shared.

    Returns:
        A functional model from (batch, size, size, 1) to (batch, 1) probabilities of class 1; its last dense layer is
        called ``logit``.
    """
    features = features_of_images(inner, size)
    logit = layers.Dense(1, name="logit", kernel_initializer="zeros")(features.output)
    return keras.Model(features.input, layers.Activation("sigmoid", name="probability")(logit), name="classifier")


def attention_scores(inner: keras.Model, block: int, patches: np.ndarray, places: np.ndarray) -> np.ndarray:
    """What every token looks at in one block: the softmax of the products of queries and keys.

    Args:
        inner: of :func:`encoder`.
        block: from 1.
        patches, places: (n, tokens, patch * patch) and (n, tokens), what goes into ``inner``.

    Returns:
        (n, heads, tokens, tokens); each row sums to 1.
    """
    before = keras.Model(inner.inputs, inner.get_layer(f"normalization_{block}_1").output)
    tokens = before([patches, places])
    _, scores = inner.get_layer(f"attention_{block}")(tokens, tokens, return_attention_scores=True)
    return np.asarray(scores)


def _positions(tokens: int, width: int) -> layers.Layer:
    table = position_table(round(tokens**0.5), width)
    start = keras.initializers.Constant(table)
    name = "where"
    return layers.Embedding(tokens, width, embeddings_initializer=start, trainable=False, name=name)


def _block(features, heads: int, number: int, prefix: str = ""):
    width = features.shape[-1]
    normal = layers.LayerNormalization(epsilon=1e-6, name=f"{prefix}normalization_{number}_1")(features)
    attention = layers.MultiHeadAttention(heads, width // heads, name=f"{prefix}attention_{number}")
    features = features + attention(normal, normal)
    normal = layers.LayerNormalization(epsilon=1e-6, name=f"{prefix}normalization_{number}_2")(features)
    hidden = layers.Dense(EXPANSION * width, activation="gelu", name=f"{prefix}expand_{number}")(normal)
    return features + layers.Dense(width, name=f"{prefix}contract_{number}")(hidden)
