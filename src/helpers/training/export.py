"""From a Keras network to a LiteRT file, as a phone, a watch or an ultrasound probe runs it.

Three forms: 32-bit floats; *dynamic range*, where the kernels are 8-bit numbers and everything else is computed as before;
and *full integer*, where activations are 8-bit numbers too, with scales read off a representative set of inputs. The
scheme is that of Jacob et al. (2018, CVPR, arXiv:1712.05877): a number is ``scale * (integer - zero point)``, kernels are
symmetric and have one scale per output channel (Krishnamoorthi 2018, arXiv:1806.08342).
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np

from helpers.runtime import InputError

FLOAT, DYNAMIC, INTEGER = "float", "dynamic range", "full integer"
FORMS = (FLOAT, DYNAMIC, INTEGER)
INPUT = "input_"  # and its number: a file may hold its inputs in any order


def to_litert(
    model: keras.Model, form: str = FLOAT, representative: Sequence[np.ndarray] | np.ndarray | None = None
) -> bytes:
    """Convert a functional network to a LiteRT file that takes one sample at a time.

    Args:
        model: functional, with known sizes of all inputs; dropout, noise and augmentation are gone in the file, and
            batch normalization is folded into the layer before it.
        form: one of :data:`FORMS`.
        representative: for ``full integer`` the inputs whose ranges set the scales: an array (n, ...) or, for several
            inputs, one array each. They must look like what the device will see, and are prepared in the same way.

    Returns:
        The bytes of a ``.tflite`` file. In ``full integer`` its inputs and outputs are 8-bit numbers as well.

    Raises:
        InputError: the form is unknown, a size is open, or the representative set is missing, of the wrong shape or not
            finite.
    """
    if form not in FORMS:
        raise InputError(f"unknown form {form!r} of a model on a device: it is one of {', '.join(FORMS)}")
    shapes = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    if any(None in shape for shape in shapes):
        raise InputError(f"{model.name} takes inputs of any length: build it with a fixed one to put it on a device")
    samples = _checked_representative(representative, shapes) if form == INTEGER else []
    import tensorflow as tf

    with quiet():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([_frozen(model, shapes)], tf.Module())
        if form != FLOAT:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if form == INTEGER:
            converter.representative_dataset = lambda: (
                {f"{INPUT}{place}": values[row : row + 1] for place, values in enumerate(samples)}
                for row in range(len(samples[0]))
            )
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        return converter.convert()


def before_sigmoid(model: keras.Model) -> keras.Model:
    """The same network, ending with the logit of its probability instead of the probability.

    An 8-bit probability comes in steps of 1/256 wherever it lies, so sure cases become ties. A logit has a scale of its
    own, and the program around the network computes the sigmoid.

    Args:
        model: functional, ending in a sigmoid: an activation layer, or that of a dense layer.

    Returns:
        A network with the weights of ``model``.

    Raises:
        InputError: it does not end in a sigmoid.
    """
    last = model.layers[-1]
    if getattr(last, "activation", None) is not keras.activations.sigmoid:
        raise InputError(f"{model.name} does not end in a sigmoid: there is no logit to end with")
    if not isinstance(last, keras.layers.Dense):
        return keras.Model(model.inputs, last.input, name=f"{model.name}_logit")
    linear = keras.layers.Dense(last.units, name="logit")
    outputs = linear(last.input)
    linear.set_weights(last.get_weights())
    return keras.Model(model.inputs, outputs, name=f"{model.name}_logit")


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what converter and interpreter say on standard error; C++ does so past every logging level of Python."""
    sys.stderr.flush()
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)


def _frozen(model: keras.Model, shapes: list[tuple[int, ...]]):
    """The network as one function of one sample, its weights turned into constants.

    As variables they would become resources, which the quantizer cannot follow.
    """
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    specs = [tf.TensorSpec((1, *shape), tf.float32, f"{INPUT}{place}") for place, shape in enumerate(shapes)]
    single = len(specs) == 1
    function = tf.function(lambda *inputs: model(inputs[0] if single else list(inputs), training=False))
    return convert_variables_to_constants_v2(function.get_concrete_function(*specs))


def _checked_representative(representative, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    if representative is None:
        raise InputError("full integer needs a representative set: give some prepared training inputs")
    several = isinstance(representative, list | tuple)
    samples = [np.asarray(values, dtype=np.float32) for values in (representative if several else [representative])]
    found = [values.shape[1:] for values in samples]
    if found != shapes:
        raise InputError(f"representative inputs of shape {found}, the network takes {shapes}: prepare them as for it")
    counts = {len(values) for values in samples}
    if counts == {0} or len(counts) > 1:
        raise InputError(f"{sorted(counts)} representative inputs: give at least one, and equally many of each input")
    if not all(np.isfinite(values).all() for values in samples):
        raise InputError("a representative input is not finite: scales cannot be read off it")
    return samples
