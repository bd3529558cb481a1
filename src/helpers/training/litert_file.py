"""What a LiteRT file is made of, and how much memory one answer needs: read from the file, without running it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from helpers.runtime import InputError

# Bytes of a number, by the code of its type: float32, float16, int32, uint8, int64, bool, int16, int8.
BYTES = {0: 4, 1: 2, 2: 4, 3: 1, 4: 8, 6: 1, 7: 2, 9: 1}
WEIGHTED = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}


@dataclass(frozen=True)
class FileParts:
    """Bytes of a LiteRT file.

    Attributes:
        kernels: weights of convolutions and dense layers.
        biases: what these layers add; 32-bit numbers in every form, because sums need them.
        rest: structure, names, scales, shapes.
    """

    kernels: int
    biases: int
    rest: int

    @property
    def total(self) -> int:
        return self.kernels + self.biases + self.rest


def file_parts(content: bytes) -> FileParts:
    """Kernels, biases and the rest of a file, in bytes.

    Raises:
        InputError: the bytes are no LiteRT file.
    """
    model, graph = _graph(content)
    sizes = {"kernels": 0, "biases": 0}
    seen: set[int] = set()
    for operator, name in _operators(model, graph):
        if name not in WEIGHTED:
            continue
        for place, part in ((1, "kernels"), (2, "biases")):
            tensor = operator.inputs[place] if len(operator.inputs) > place else -1
            buffer = graph.tensors[tensor].buffer if tensor >= 0 else -1
            if buffer >= 0 and buffer not in seen:
                seen.add(buffer)
                sizes[part] += _length(model.buffers[buffer])
    return FileParts(**sizes, rest=len(content) - sizes["kernels"] - sizes["biases"])


def working_memory(content: bytes) -> int:
    """Bytes of activations that have to be held at the same time, at the worst moment of one answer.

    A value is held from the operation that makes it to the last one that reads it, inputs and outputs throughout. This
    is the least a device needs beside the file itself; a library may take more, for scratch space and copies.
    """
    model, graph = _graph(content)
    constant = {place for place, tensor in enumerate(graph.tensors) if _length(model.buffers[tensor.buffer])}
    steps = list(_operators(model, graph))
    held = {int(place): (-1, len(steps)) for place in [*graph.inputs, *graph.outputs]}
    for step, (operator, _) in enumerate(steps):
        for place in [*operator.inputs, *operator.outputs]:
            if place >= 0 and place not in constant:
                first, last = held.get(int(place), (step, step))
                held[int(place)] = first, max(last, step)
    sizes = {place: _bytes(graph.tensors[place]) for place in held}
    return max(
        sum(size for place, size in sizes.items() if held[place][0] <= step <= held[place][1])
        for step in range(len(steps))
    )


def stored_kernel(content: bytes, units: int) -> tuple[np.ndarray, np.ndarray]:
    """8-bit kernel of the first dense layer with so many units, (inputs, units), and its scale per unit, (units,).

    Raises:
        InputError: there is no such layer, or its kernel is not stored in 8 bits.
    """
    model, graph = _graph(content)
    for operator, name in _operators(model, graph):
        tensor = graph.tensors[operator.inputs[1]] if name == "FULLY_CONNECTED" else None
        if tensor is not None and tensor.shape[0] == units:
            if BYTES[tensor.type] != 1:
                raise InputError(f"the dense layer with {units} units is not stored in 8 bits")
            codes = np.asarray(model.buffers[tensor.buffer].data, dtype=np.uint8).view(np.int8)
            scales = np.asarray(tensor.quantization.scale, dtype=np.float64)
            return codes.reshape(tensor.shape).T, np.broadcast_to(scales, units)
    raise InputError(f"the file has no dense layer with {units} units")


def _graph(content: bytes):
    from ai_edge_litert import schema_py_generated as schema

    if content[4:8] != b"TFL3":
        raise InputError("these bytes are no LiteRT file: make one with to_litert")
    model = schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    return model, model.subgraphs[0]


def _operators(model, graph):
    """Each operation with the name of its kind, in the order in which they run."""
    from ai_edge_litert import schema_py_generated as schema

    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        yield operator, names[max(code.builtinCode, code.deprecatedBuiltinCode)]


def _length(buffer) -> int:
    return 0 if buffer.data is None else len(buffer.data)


def _bytes(tensor) -> int:
    return math.prod(int(side) for side in (tensor.shape if tensor.shape is not None else ())) * BYTES[tensor.type]
