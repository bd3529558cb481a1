"""Training steps compiled as a whole by XLA, also where TensorFlow is made deterministic.

A recurrent network is many small operations one after the other; merged into one program an epoch takes half the time
on a CPU. Compiling takes a few seconds for each shape of a batch, so it pays for long trainings alone. Keras refuses
``jit_compile=True`` together with deterministic operations, because some operations of XLA are not deterministic on
GPUs; those of recurrent layers on a CPU are, and ``tests/training`` trains twice to the same bits.
"""

from __future__ import annotations

import keras
import tensorflow as tf


class _CompiledSteps(keras.Model):
    @tf.function(jit_compile=True)
    def train_step(self, data):
        return super().train_step(data)


def with_compiled_steps(model: keras.Model) -> keras.Model:
    """A model that shares all layers and weights of a functional one and trains in compiled steps.

    Args:
        model: functional; what is trained afterwards are its own weights.

    Returns:
        A model to be compiled (without ``jit_compile``) and fitted in the place of the other one; save the other one.
    """
    return _CompiledSteps(model.inputs, model.outputs, name=f"{model.name}_in_compiled_steps")
