"""Recurrent networks: one body that reads a sequence step by step, under three heads.

Taught in ``03_rnn``: a classifier of heartbeats, a forecaster of heart rate, a classifier of sentences. The cells are
the simple one of Elman (1990, Cognitive Science 14:179), the LSTM of Hochreiter and Schmidhuber (1997, Neural
Computation 9:1735) and the GRU of Cho et al. (2014, arXiv:1406.1078).
"""

from __future__ import annotations

import keras
from keras import layers

from helpers.runtime import InputError

CELLS = {"simple": layers.SimpleRNN, "gru": layers.GRU, "lstm": layers.LSTM}


def last_state(sequence: keras.KerasTensor, cell: str, units: int) -> keras.KerasTensor:
    """What a recurrent layer remembers once it has read everything: the body that all three networks share.

    Args:
        sequence: (batch, steps, values); the steps may be masked, then the state rests where the mask says so.
        cell: ``simple``, ``gru`` or ``lstm``.
        units: numbers in the hidden state.

    Returns:
        (batch, units).

    Raises:
        InputError: the cell is unknown.
    """
    if cell not in CELLS:
        raise InputError(f"unknown cell {cell!r}: it is one of {', '.join(CELLS)}")
    return CELLS[cell](units, name="recurrence")(sequence)


def heartbeat_rnn(
    steps: int,
    leads: int,
    context: int,
    classes: int,
    cell: str = "gru",
    units: int = 24,
    dense: int = 24,
    dropout: float = 0.1,
    name: str = "heartbeat_rnn",
) -> keras.Model:
    """Classifier of heartbeats from the trace around a beat and a few numbers about the rhythm around it.

    Args:
        steps: time steps of the trace.
        leads: values per step.
        context: numbers about the rhythm.
        classes: of beats, at least two.
        cell, units: of the recurrence.
        dense: units of the hidden dense layer, which sees the last state and the context.
        dropout: share of both dropped in training.

    Returns:
        A functional model from ``trace`` (batch, steps, leads) and ``rhythm`` (batch, context), float32, to
        probabilities (batch, classes).

    Raises:
        InputError: the cell is unknown, or there are fewer than two classes.
    """
    if classes < 2:
        raise InputError(f"{classes} class(es): a classifier needs at least two; ask for more beats in the budget")
    trace = keras.Input((steps, leads), name="trace")
    rhythm = keras.Input((context,), name="rhythm")
    features = layers.Concatenate(name="features")([last_state(trace, cell, units), rhythm])
    features = layers.Dropout(dropout, name="dropout")(features)
    features = layers.Dense(dense, activation="relu", name="dense")(features)
    outputs = layers.Dense(classes, activation="softmax", name="probability")(features)
    return keras.Model([trace, rhythm], outputs, name=name)


def forecaster_rnn(steps: int, cell: str = "gru", units: int = 16, name: str = "forecaster_rnn") -> keras.Model:
    """The next value of a series: the last one, plus a change that is computed from the state.

    The head starts at zero, so that an untrained network is the last-value forecast, and training can only add to it.

    Args:
        steps: values of the series that are seen.
        cell, units: of the recurrence.

    Returns:
        A functional model from (batch, steps, 1) float32 to (batch, 1) float32.

    Raises:
        InputError: the cell is unknown.
    """
    series = keras.Input((steps, 1), name="series")
    change = layers.Dense(1, kernel_initializer="zeros", name="change")(last_state(series, cell, units))
    outputs = layers.Add(name="forecast")([series[:, -1], change])
    return keras.Model(series, outputs, name=name)


def sentence_rnn(
    words: int,
    cell: str = "gru",
    embedding: int = 16,
    units: int = 16,
    dropout: float = 0.1,
    name: str = "sentence_rnn",
) -> keras.Model:
    """Classifier of sentences; the output is the probability of class 1.

    Args:
        words: numbers that stand for words, with 0 for the padding, which is masked.
        embedding: numbers per word.
        cell, units: of the recurrence.
        dropout: share of the last state dropped in training.

    Returns:
        A functional model from (batch, steps) integers, any number of steps, to (batch, 1) float32.

    Raises:
        InputError: the cell is unknown.
    """
    sentence = keras.Input((None,), dtype="int32", name="sentence")
    vectors = layers.Embedding(words, embedding, mask_zero=True, name="embedding")(sentence)
    features = layers.Dropout(dropout, name="dropout")(last_state(vectors, cell, units))
    outputs = layers.Dense(1, activation="sigmoid", name="probability")(features)
    return keras.Model(sentence, outputs, name=name)
