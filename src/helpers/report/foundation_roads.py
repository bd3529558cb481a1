"""The roads of 13_foundation_models from images to a diagnosis, in words."""

from __future__ import annotations

ROADS = {
    "scratch": "transformer, from scratch",
    "probe": "transformer, pre-trained: linear probe",
    "finetuned": "transformer, pre-trained: fine-tuned",
    "cnn_scratch": "CNN, from scratch",
    "cnn_probe": "CNN, pre-trained: linear probe",
    "cnn_finetuned": "CNN, pre-trained: fine-tuned",
    "large": "large network: linear probe",
    "histogram": "brightness histogram + regression",
    "texture": "texture features + regression",
}
BASELINES = ("histogram", "texture")


def percent(share: float) -> str:
    """A share as it stands in the name of a metric: 0.05 is ``5``, 0.333 is ``33``."""
    return f"{100 * share:.2g}" if share < 1 else "100"
