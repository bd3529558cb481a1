"""Run a LiteRT file: one thread, one sample at a time, 8-bit inputs and outputs translated on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np

from helpers.runtime import InputError
from helpers.training.export import quiet


class DeviceModel:
    """A network as it runs on a device.

    Args:
        content: bytes of a LiteRT file that takes one sample at a time.
        plain: without the library of vectorized kernels (XNNPACK) that LiteRT hands its work to by default.

    Attributes:
        content: the file.
        scales: (scale, zero point) of each input; (0, 0) where it is a float.

    Raises:
        InputError: the bytes are no LiteRT file.
    """

    def __init__(self, content: bytes, plain: bool = False) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if plain else OpResolverType.AUTO
        self.content = content
        try:
            with quiet():
                self._interpreter = Interpreter(
                    model_content=content, num_threads=1, experimental_op_resolver_type=kernels
                )
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InputError(f"no LiteRT file that can be run here: {str(error).splitlines()[0]}") from None
        self._inputs = sorted(
            self._interpreter.get_input_details(), key=lambda entry: entry["name"]
        )  # as they were given
        (self._output,) = self._interpreter.get_output_details()
        self.scales = [entry["quantization"] for entry in self._inputs]

    def predict(self, inputs: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Answers of all samples, one after the other.

        Args:
            inputs: (n, ...) float, or for several inputs one such array each.

        Returns:
            (n, outputs) float64.
        """
        arrays = self._checked(inputs)
        codes = [quantize(values, entry) for values, entry in zip(arrays, self._inputs, strict=True)]
        answers = np.empty((len(arrays[0]), self._output["shape"][-1]))
        for row in range(len(answers)):
            for values, entry in zip(codes, self._inputs, strict=True):
                self._interpreter.set_tensor(entry["index"], values[row : row + 1])
            self._interpreter.invoke()
            answers[row] = dequantize(self._interpreter.get_tensor(self._output["index"]), self._output)[0]
        return answers

    def ready(self, inputs: Sequence[np.ndarray] | np.ndarray) -> Callable[[], None]:
        """A call without arguments that computes one answer, to be timed; ``inputs`` hold one sample."""
        for values, entry in zip(self._checked(inputs), self._inputs, strict=True):
            self._interpreter.set_tensor(entry["index"], quantize(values[:1], entry))
        return self._interpreter.invoke

    def _checked(self, inputs) -> list[np.ndarray]:
        arrays = [np.asarray(values) for values in (inputs if isinstance(inputs, list | tuple) else [inputs])]
        expected = [tuple(map(int, entry["shape"][1:])) for entry in self._inputs]
        if [values.shape[1:] for values in arrays] != expected or len({len(values) for values in arrays}) != 1:
            found = [values.shape for values in arrays]
            raise InputError(f"inputs of shape {found}: this file takes samples of shape {expected}")
        return arrays


def compiled_call(model: keras.Model, inputs: np.ndarray) -> Callable[[], np.ndarray]:
    """One answer of a Keras network from a graph that was compiled beforehand, to be timed."""
    import tensorflow as tf

    function = tf.function(lambda values: model(values, training=False))
    sample = tf.constant(inputs[:1])
    return lambda: function(sample).numpy()


def quantize(values: np.ndarray, tensor: dict) -> np.ndarray:
    """Numbers as the tensor stores them: unchanged floats, or round(x / scale) + zero point, kept within the type."""
    if np.issubdtype(tensor["dtype"], np.floating):
        return values.astype(tensor["dtype"])
    scale, zero_point = tensor["quantization"]
    limits = np.iinfo(tensor["dtype"])
    return np.clip(np.round(values / scale) + zero_point, limits.min, limits.max).astype(tensor["dtype"])


def dequantize(codes: np.ndarray, tensor: dict) -> np.ndarray:
    """The way back: scale * (code - zero point), float64."""
    if np.issubdtype(tensor["dtype"], np.floating):
        return codes.astype(np.float64)
    scale, zero_point = tensor["quantization"]
    return scale * (codes.astype(np.float64) - zero_point)
