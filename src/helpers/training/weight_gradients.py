"""Gradients of every single example with respect to one weight: as they are, or as the factors they are made of.

Clipping needs two things of them, the norm of each and their sum with a factor for each. Where the gradient is larger
than its factors it is never formed: its norm follows from the scalar products of the factors ("ghost norm", Goodfellow
2015, arXiv:1510.01799; Li et al. 2022, arXiv:2110.05679), and the sum over the batch is one matrix product
("book-keeping", Bu et al. 2023, arXiv:2210.00038).
"""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class StoredGradients:
    """Gradients of n examples as they are: ``values`` (n, *shape of the weight)."""

    values: tf.Tensor

    def plus(self, other: StoredGradients) -> StoredGradients:
        """The sum over two calls of the layer."""
        return StoredGradients(self.values + other.values)

    def squared_norms(self) -> tf.Tensor:
        """(n,)."""
        return tf.reduce_sum(tf.square(self.values), axis=tf.range(1, tf.rank(self.values)))

    def weighted_sum(self, factors: tf.Tensor) -> tf.Tensor:
        """Sum over the examples, each times its factor (n,); in the shape of the weight."""
        return tf.tensordot(factors, self.values, axes=1)


def few_positions(positions: int | None, size: int) -> bool:
    """Whether gradients of ``size`` values are better left as factors at so many positions (None: unknown).

    Factors need two tables of positions by positions for the norm. In memory they win from 2 positions² <= size on (Bu
    et al. 2022, arXiv:2205.10683); in time, measured on convolutions, from about 16 positions² on.
    """
    return positions is not None and 16 * positions**2 <= size


@dataclass(frozen=True)
class FactoredGradients:
    """Gradients of n examples as products of two matrices, ``left``ᵀ ``right``, which are not formed.

    Attributes:
        left: (n, positions, inputs), what the weights were multiplied with at each position.
        right: (n, positions, outputs), gradient at the output of that product.
        shape: of the weight; it holds inputs times outputs values.
    """

    left: tf.Tensor
    right: tf.Tensor
    shape: tuple[int, ...]

    def plus(self, other: FactoredGradients) -> FactoredGradients:
        """The sum over two calls of the layer: their positions, one after the other."""
        return FactoredGradients(
            tf.concat([self.left, other.left], 1), tf.concat([self.right, other.right], 1), self.shape
        )

    def stored(self) -> StoredGradients:
        """The products themselves."""
        products = tf.matmul(self.left, self.right, transpose_a=True)
        return StoredGradients(tf.reshape(products, (-1, *self.shape)))

    def cheaper_form(self) -> FactoredGradients | StoredGradients:
        """The products themselves unless there are :func:`few_positions`."""
        few = few_positions(self.left.shape[1], self.left.shape[2] * self.right.shape[2])
        return self if few else self.stored()

    def squared_norms(self) -> tf.Tensor:
        """(n,): |aᵀg|² is the sum over all pairs of positions of the products of their scalar products."""
        of_inputs = tf.matmul(self.left, self.left, transpose_b=True)
        of_outputs = tf.matmul(self.right, self.right, transpose_b=True)
        return tf.reduce_sum(of_inputs * of_outputs, axis=(1, 2))

    def weighted_sum(self, factors: tf.Tensor) -> tf.Tensor:
        """Sum over the examples, each times its factor (n,); in the shape of the weight."""
        left = tf.reshape(self.left, (-1, self.left.shape[2]))
        right = tf.reshape(self.right * factors[:, None, None], (-1, self.right.shape[2]))
        return tf.reshape(tf.matmul(left, right, transpose_a=True), self.shape)


@dataclass(frozen=True)
class RowGradients:
    """Gradients of n examples with respect to a table of which each example has looked up a few rows.

    Attributes:
        rows: (n, positions) integers.
        values: (n, positions, width), gradient at what was looked up.
        height: rows of the table.
    """

    rows: tf.Tensor
    values: tf.Tensor
    height: int

    def plus(self, other: RowGradients) -> RowGradients:
        """The sum over two calls of the layer."""
        return RowGradients(
            tf.concat([self.rows, other.rows], 1), tf.concat([self.values, other.values], 1), self.height
        )

    def squared_norms(self) -> tf.Tensor:
        """(n,): positions that looked up the same row add up before they are squared."""
        same = tf.cast(self.rows[:, :, None] == self.rows[:, None, :], self.values.dtype)
        return tf.reduce_sum(same * tf.matmul(self.values, self.values, transpose_b=True), axis=(1, 2))

    def weighted_sum(self, factors: tf.Tensor) -> tf.Tensor:
        """Sum over the examples, each times its factor (n,); in the shape of the table."""
        width = self.values.shape[2]
        values = tf.reshape(self.values * factors[:, None, None], (-1, width))
        return tf.math.unsorted_segment_sum(values, tf.reshape(self.rows, (-1,)), self.height)


WeightGradients = StoredGradients | FactoredGradients | RowGradients


def added(one: WeightGradients, other: WeightGradients) -> WeightGradients:
    """Gradients of a layer that was called twice: the sum, whatever form the two calls left."""
    if type(one) is not type(other):
        one, other = (part.stored() if isinstance(part, FactoredGradients) else part for part in (one, other))
    return one.plus(other)
