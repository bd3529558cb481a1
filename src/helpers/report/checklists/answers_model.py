"""Answers about the model: how it is built, trained, chosen, stored and used."""

from __future__ import annotations

from helpers.report.checklists.evidence import Evidence, Reply, answered, not_applicable
from helpers.report.numbers import number


def _size(evidence: Evidence, name: str):
    """A size of the training run, as the executor recorded it."""
    return evidence.need("executed", "training", "sizes", name)


def methodology(evidence: Evidence) -> Reply:
    """Deep learning, and what for."""
    healthy, disease = evidence.classes
    weights = evidence.metric("parameters", "training")["value"]
    return answered(
        f"Deep learning: a convolutional neural network of {number(weights)} parameters tells {disease} from {healthy}.",
        evidence.cell("training", "build-network"),
    )


def model(evidence: Evidence) -> Reply:
    """Layers of the network."""
    side = evidence.need("card", "size")
    filters = ", ".join(str(width) for width in _size(evidence, "filters"))
    weights = evidence.metric("parameters", "training")["value"]
    return answered(
        f"Input {side} by {side} gray values; {len(_size(evidence, 'filters'))} blocks of {_size(evidence, 'convolutions')} "
        f"convolution(s) of 3 by 3 with {filters} maps, batch normalization, ReLU and pooling; mean and largest value of each "
        f"map; dropout {_size(evidence, 'dropout')}; a dense layer of {_size(evidence, 'dense')}; one sigmoid unit. "
        f"{number(weights)} parameters.",
        evidence.cell("training", "build-network"),
    )


def software(evidence: Evidence) -> Reply:
    """Versions that decide about the bits."""
    known = evidence.need("training", "environment")
    names = {"python": "Python", "tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy"}
    versions = ", ".join(f"{label} {evidence.need('training', 'environment', key)}" for key, label in names.items())
    others = [f"{name} {version}" for name, version in known.items() if name not in (*names, "platform", "threads")]
    lock = evidence.need("executed", "training", "fingerprint", "lock")
    return answered(
        f"{'; '.join([versions, *others])}. Every version: requirements.lock, SHA-256 {lock[:12]}….",
        evidence.file("results.json", "results"),
    )


def initialization(evidence: Evidence) -> Reply:
    """Random from a seed."""
    return answered(
        f"Random weights from seed {evidence.need('training', 'seed')} on {evidence.need('training', 'environment', 'threads')} "
        "thread(s); nothing was trained before on other data.",
        evidence.cell("training", "setup"),
        evidence.cell("training", "build-network"),
    )


def training(evidence: Evidence) -> Reply:
    """Optimizer, length and augmentation."""
    changes = {
        "flip": f"flips ({_size(evidence, 'flip')})" if _size(evidence, "flip") else "",
        "rotation": f"turns up to {_size(evidence, 'rotation'):g} degrees" if _size(evidence, "rotation") else "",
        "shift": f"shifts up to {_size(evidence, 'shift'):.0%} of the side" if _size(evidence, "shift") else "",
        "contrast": f"contrast changed by up to {_size(evidence, 'contrast'):.0%}"
        if _size(evidence, "contrast")
        else "",
    }
    augmented = ", ".join(filter(None, changes.values())) or "none"
    return answered(
        f"At most {_size(evidence, 'epochs')} epochs in batches of {_size(evidence, 'batch_size')} with AdamW (largest step "
        f"{_size(evidence, 'learning_rate')}, weight decay {_size(evidence, 'weight_decay')}), class-weighted cross-entropy, "
        f"stopped after {_size(evidence, 'patience')} epochs without gain on validation. Augmentation: {augmented}.",
        evidence.cell("training", "train-network"),
    )


def recalibration_words(evidence: Evidence) -> str:
    """What was done to the probabilities on validation."""
    kind = evidence.need("card", "recalibration", "kind")
    if kind == "none":
        return "probabilities were left as they are"
    if kind == "temperature":
        temperature = evidence.need("card", "recalibration", "parameters", "temperature")
        return f"logits were divided by a temperature of {temperature:.2f}"
    return f"probabilities were recalibrated ({kind})"


def selection(evidence: Evidence) -> Reply:
    """Best epoch, recalibration and threshold, all on validation."""
    return answered(
        f"All on validation, nothing on the test part: the epoch with the lowest loss was kept, "
        f"{recalibration_words(evidence)}, and the threshold {evidence.need('card', 'threshold'):.3f} was chosen.",
        evidence.cell("training", "train-network"),
        evidence.cell("training", "calibrate-and-choose"),
    )


def model_building(evidence: Evidence) -> Reply:
    """Kind of model, its building and internal validation in one."""
    auroc = evidence.measured("validation_auroc", "training")
    return answered(
        f"A convolutional network was fitted for at most {_size(evidence, 'epochs')} epochs; validation on "
        f"{evidence.part('validation', 'samples'):,} images chose epoch, recalibration and threshold (AUROC there: {auroc}).",
        evidence.cell("training", "build-network"),
        evidence.cell("training", "compare-with-baselines"),
    )


def ensembling(evidence: Evidence) -> Reply:
    """One network."""
    return not_applicable(
        f"One network of {number(evidence.metric('parameters', 'training')['value'])} parameters makes every prediction."
    )


def model_output(evidence: Evidence) -> Reply:
    """Probability, threshold, and the prediction set where the bundle has one."""
    healthy, disease = evidence.classes
    text = (
        f"The probability of {disease}; from {evidence.need('card', 'threshold'):.3f} on a case is called {disease}, below it "
        f"{healthy}. The threshold was chosen on validation."
    )
    if alpha := evidence.documents["card"].get("conformal", {}).get("alpha"):
        text += f" Prediction sets are meant to hold the truth in {1 - alpha:.0%} of the cases."
    return answered(
        text, evidence.cell("training", "calibrate-and-choose"), evidence.cell("evaluation", "operating-points")
    )


def prediction_method(evidence: Evidence) -> Reply:
    """The stored bundle, loaded again."""
    outcome = "holds" if evidence.holds("bundle_reproduces") else "does not hold"
    return answered(
        f"The bundle was loaded and applied to the test images (resizing to {evidence.need('card', 'size')} pixels, "
        f"normalization, network); that it gives the stored predictions again was checked and {outcome}.",
        evidence.cell("evaluation", "open-test-set"),
    )


def model_specification(evidence: Evidence) -> Reply:
    """The whole model as a file."""
    return answered(
        f"The bundle of the training run holds the whole network (model.keras; SHA-256 of its "
        f"weights {evidence.need('card', 'weights_sha256')[:12]}…) and what is needed to use it (model.json); the model card says how.",
        evidence.file("model card", "model_card"),
        evidence.file("model.json", "bundle"),
    )


def user_interaction(evidence: Evidence) -> Reply:
    """What a user of the bundle does."""
    size = evidence.need("card", "size")
    return answered(
        f"Users hand over 8-bit gray images of any size; the bundle brings them to {size} by {size} pixels itself. Choosing "
        "what to show it, and acting on the probability, takes somebody who can judge such images.",
        evidence.file("model card", "model_card"),
    )


def updating(evidence: Evidence) -> Reply:
    """Nothing was changed after the test part had been opened."""
    outcome = evidence.holds("bundle_reproduces")
    text = "The model was not changed after evaluation"
    return not_applicable(
        f"{text}: {'the stored predictions are those of the bundle' if outcome else 'nothing was fitted'}."
    )
