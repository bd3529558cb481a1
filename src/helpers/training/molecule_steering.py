"""Steer a language model of molecules toward a property: write, keep the best, learn from them, repeat.

Hill climbing by likelihood: Segler et al. (2018, ACS Cent Sci 4:120) fine-tuned on what their own network had written and
a predictor had called active; in GuacaMol (Brown et al. 2019, J Chem Inf Model 59:1096) the method is among the best. The
network learns to please the *score*, so whether molecules have the property must be asked of something else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields

import keras
import numpy as np
import pandas as pd

from helpers import runtime
from helpers.data.canonical_smiles import UNREADABLE, canonical_smiles
from helpers.data.smiles_tokens import Vocabulary, tokenize
from helpers.runtime import InputError
from helpers.training.molecule_sampling import STEERING, Writer
from helpers.training.molecule_training import LengthBatches, loss_per_token, token_loss

LEARNED_TOGETHER = 64  # molecules per step of fine-tuning
Score = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class SteeringRecipe:
    """How to steer.

    Attributes:
        steering_rounds: of writing and learning.
        steering_written: SMILES written in a round.
        steering_kept: molecules learned from in a round: the best of all that were written so far.
        steering_epochs: passes over them.
        steering_rate: Adam's step size; a tenth of the peak of training keeps most of what was learned.
        steering_temperature: of writing in the rounds. Where little variety is written, little is left to choose from, and
            the network collapses onto a few molecules: not below 1 unless hardly a text is valid.
    """

    steering_rounds: int
    steering_written: int
    steering_kept: int
    steering_epochs: int
    steering_rate: float
    steering_temperature: float

    @property
    def texts(self) -> int:
        """Texts that are written while steering: part of its price."""
        return self.steering_rounds * self.steering_written

    @classmethod
    def from_budget(cls, budget) -> SteeringRecipe:
        """Take the fields of the same names from a notebook's budget."""
        return cls(**{entry.name: getattr(budget, entry.name) for entry in fields(cls)})


def steer(
    model: keras.Model,
    vocabulary: Vocabulary,
    score: Score,
    known: Collection[str],
    validation: np.ndarray,
    recipe: SteeringRecipe,
    *,
    longest: int,
    seed: int,
) -> tuple[keras.Model, pd.DataFrame]:
    """Fine-tune a copy of a trained model on the best of its own new molecules, round after round.

    Args:
        model: of :func:`helpers.models.smiles.smiles_rnn`, trained; left as it is.
        vocabulary: of the model.
        score: canonical SMILES to (n,) numbers, the larger the better; ``nan`` for a molecule that must not be learned
            from (too small, say). It is what the model learns to please.
        known: canonical SMILES of the training part: never learned from again, so that every gain is in new molecules.
        validation: encoded real SMILES, to see how far the model moves away from them.
        recipe: rounds and sizes.
        longest: tokens that a SMILES may have.
        seed: of writing and learning.

    Returns:
        The steered model and a row per round, of what was written *before* learning: ``round``, ``valid``, ``unique``
        (of the valid), ``novel`` (of the different), ``score`` (mean over different valid molecules that have one), and
        after learning ``perplexity`` on the real SMILES.

    Raises:
        InputError: in a round no new molecule has a score.
    """
    steered = keras.models.clone_model(model)
    steered.set_weights(model.get_weights())
    runtime.seed_everything(seed)
    steered.compile(keras.optimizers.Adam(recipe.steering_rate, global_clipnorm=1.0), token_loss())
    writer, known = Writer(steered), set(known)
    best: dict[str, float] = {}
    rounds = []
    for number in range(recipe.steering_rounds):
        written = writer.write(
            recipe.steering_written, longest, temperature=recipe.steering_temperature, seed=(seed, STEERING, number)
        )
        molecules = canonical_smiles(vocabulary.decode(written))
        valid = molecules[molecules != UNREADABLE]
        different = list(dict.fromkeys(valid))
        scores = np.asarray(score(different), dtype=np.float64) if different else np.empty(0)
        new = [one not in known for one in different]
        fit = [_fits(one, vocabulary, longest) for one in different]
        candidates = np.flatnonzero(np.isfinite(scores) & new & fit)
        best |= {different[place]: float(scores[place]) for place in candidates}
        if not best:
            raise InputError("no new molecule has a score to learn from: train longer, or score more molecules")
        best = dict(sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[: recipe.steering_kept])
        chosen = vocabulary.encode(list(best), longest)
        batches = LengthBatches([chosen], LEARNED_TOGETHER, seed=(seed, STEERING, number))
        steered.fit(batches.stream(), epochs=recipe.steering_epochs, shuffle=False, verbose=0)
        rounds.append(
            {
                "round": number + 1,
                "valid": len(valid) / len(molecules),
                "unique": len(different) / max(len(valid), 1),
                "novel": float(np.mean(new)) if new else float("nan"),
                "score": float(np.nanmean(scores)) if np.isfinite(scores).any() else float("nan"),
                "perplexity": float(np.exp(loss_per_token(steered, validation))),
            }
        )
    return steered, pd.DataFrame(rounds)


def _fits(smiles: str, vocabulary: Vocabulary, longest: int) -> bool:
    return vocabulary.knows(smiles) and len(tokenize(smiles)) <= longest
