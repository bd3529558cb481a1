"""A compact convolutional classifier of heartbeats that is told the rhythm around each beat.

Used in ``08_heart_disease``. Shape is read by three convolutions along time; where in the second a wave lies matters (a
missing P wave is missing *before* the complex), so the last map is flattened, not averaged. Half a dozen people with
supraventricular beats are all there is to learn from, so both inputs get noise in training (Bishop 1995, Neural
Computation 7:108: it acts as a penalty on steep functions).
"""

from __future__ import annotations

import keras
from keras import layers

from helpers.runtime import InputError

WIDTHS = (7, 5, 3)  # steps that a filter sees, in the three convolutions
HALVINGS = 2 ** len(WIDTHS)
MOMENTUM = 0.98  # of the running statistics: short runs must be able to forget where Keras begins them


def heartbeat_cnn(
    steps: int,
    channels: int,
    context: int,
    classes: int,
    filters: int = 8,
    dense: int = 16,
    dropout: float = 0.5,
    channel_dropout: float = 0.25,
    trace_noise: float = 0.1,
    context_noise: float = 0.2,
    name: str = "heartbeat_cnn",
) -> keras.Model:
    """Classifier of heartbeats from the trace around a beat and numbers about the rhythm around it.

    Args:
        steps: time steps of the trace, at least eight.
        channels: values per step.
        context: numbers about the rhythm, standardized.
        classes: of beats, at least two.
        filters: of the first convolution; the other two have twice as many.
        dense: units of the three hidden dense layers.
        dropout: share dropped in training of the flattened map and of the last hidden layer.
        channel_dropout: share of the channels of a trace that training silences as a whole: which lead is the second one
            differs from record to record, so no answer may hang on one.
        trace_noise, context_noise: standard deviation of the noise that training adds to either input.

    Returns:
        A functional model from ``trace`` (batch, steps, channels) and ``rhythm`` (batch, context), float32, to
        probabilities (batch, classes).

    Raises:
        InputError: the trace is too short, or there are fewer than two classes.
    """
    if steps < HALVINGS:
        raise InputError(
            f"{steps} steps are too few for three halvings: average fewer samples, for at least {HALVINGS}"
        )
    if classes < 2:
        raise InputError(f"{classes} class(es): a classifier needs at least two; ask for more beats in the budget")
    trace = keras.Input((steps, channels), name="trace")
    rhythm = keras.Input((context,), name="rhythm")
    shape = layers.GaussianNoise(trace_noise, name="trace_noise")(trace)
    shape = layers.SpatialDropout1D(channel_dropout, name="channel_dropout")(shape)
    for number, width in enumerate(WIDTHS, start=1):
        shape = layers.Conv1D(filters * min(number, 2), width, padding="same", use_bias=False, name=f"conv_{number}")(
            shape
        )
        shape = layers.BatchNormalization(momentum=MOMENTUM, name=f"norm_{number}")(shape)
        shape = layers.ReLU(name=f"relu_{number}")(shape)
        shape = layers.MaxPooling1D(2, name=f"pool_{number}")(shape)
    shape = layers.Dropout(dropout, name="dropout_map")(layers.Flatten(name="flatten")(shape))
    shape = layers.Dense(dense, activation="relu", name="shape")(shape)
    around = layers.GaussianNoise(context_noise, name="context_noise")(rhythm)
    around = layers.Dense(dense, activation="relu", name="around")(around)
    features = layers.Concatenate(name="features")([shape, around])
    features = layers.Dense(dense, activation="relu", name="dense")(features)
    features = layers.Dropout(dropout, name="dropout")(features)
    outputs = layers.Dense(classes, activation="softmax", name="probability")(features)
    return keras.Model([trace, rhythm], outputs, name=name)
