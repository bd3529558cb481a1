"""A language model of molecules: after each token of a SMILES, a score for every token that may come next.

A recurrent network that writes molecules sign by sign is Segler et al.'s (2018, ACS Cent Sci 4:120); the CharRNN of
MOSES (Polykovskiy et al. 2020, Front Pharmacol 11:565644) is one of three LSTM layers of 768 units. Taught in
``09_drug_development``.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from helpers.runtime import InputError


def smiles_rnn(
    tokens: int,
    embedding: int = 64,
    units: Sequence[int] = (384,),
    dropout: float = 0.1,
    name: str = "smiles_rnn",
) -> keras.Model:
    """GRU layers over SMILES, with dropout between them and before the scores.

    Padding stands behind the end of a SMILES, and a recurrence never looks ahead, so no answer that is wanted depends
    on it: no layer is masked, the loss leaves the padding out
    (:func:`helpers.training.molecule_training.token_loss`).

    Args:
        tokens: numbers of the vocabulary, 0 being the padding.
        embedding: values that stand for a token.
        units: of each layer, from the first one.
        dropout: share of each layer's output dropped in training.

    Returns:
        A functional model from (batch, steps) integers, any number of steps, to scores (batch, steps, tokens) float32
        of the token *after* each step; their softmax is a probability.

    Raises:
        InputError: there is no layer.
    """
    if not units:
        raise InputError("a language model without a layer remembers nothing: give at least one number of units")
    smiles = keras.Input((None,), dtype="int32", name="smiles")
    features = layers.Embedding(tokens, embedding, name="embedding")(smiles)
    for number, size in enumerate(units, start=1):
        features = layers.GRU(size, return_sequences=True, name=f"recurrence_{number}")(features)
        features = layers.Dropout(dropout, name=f"dropout_{number}")(features)
    scores = layers.Dense(tokens, name="scores")(features)
    return keras.Model(smiles, scores, name=name)
