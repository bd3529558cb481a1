"""Training from disk: the same samples as from memory, well mixed, in an order that only the seed decides."""

import numpy as np
import pytest

from helpers import runtime
from helpers.data.preparation import Normalization
from helpers.data.stored_images import StoredImages
from helpers.models import cnn
from helpers.training import fit, streaming


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def squares(tmp_path, n, seed):
    """Images on disk, sorted by class as a folder is; the diseased hold a bright square."""
    generator = np.random.default_rng(seed)
    targets = np.sort((generator.random(n) < 0.4).astype("int64"))
    images = generator.integers(0, 120, (n, 28, 28, 1), dtype=np.uint8)
    for image, target in zip(images, targets, strict=True):
        if target:
            row, column = generator.integers(0, 20, 2)
            image[row : row + 8, column : column + 8] += 100
    np.save(tmp_path / f"{seed}.npy", images)
    return StoredImages(tmp_path / f"{seed}.npy"), images, targets


@pytest.mark.parametrize(
    ("rows", "run", "buffer"), [(1000, 32, 256), (1000, 32, 5000), (31, 32, 8), (1, 32, 8), (0, 4, 8)]
)
def test_every_row_comes_once(rows, run, buffer):
    order = streaming.shuffled_order(rows, np.random.default_rng(0), run, buffer)
    assert np.array_equal(np.sort(order), np.arange(rows))


def test_the_order_mixes_a_file_that_is_sorted_by_class():
    """Shares of the second class in batches of 64 spread as those of a fair shuffle do: about .06 around .5."""
    rows, batch = 100_000, 64
    order = streaming.shuffled_order(rows, np.random.default_rng(3))
    shares = (order[: rows // batch * batch] >= rows // 2).reshape(-1, batch).mean(axis=1)
    fair = np.sqrt(0.25 / batch)
    # Buffers of 256 runs differ in their shares by another sqrt(.25 / 256).
    assert shares.std() < 1.1 * np.sqrt(fair**2 + 0.25 / 256)
    assert abs(np.corrcoef(np.arange(rows), order)[0, 1]) < 0.1
    neighbors = np.abs(np.diff(order)) == 1
    assert neighbors.mean() < 0.01


def test_batches_hold_every_sample_with_its_own_target_and_weight(tmp_path, monkeypatch):
    stored, images, targets = squares(tmp_path, 150, 1)
    monkeypatch.setattr(streaming, "BUFFER_BYTES", 40 * 28 * 28)  # several buffers
    normalization = Normalization.fit(stored)
    numbers = np.arange(150, dtype="float32")
    batches = streaming.training_batches(normalization.apply(stored), numbers, numbers / 2, 16, seed=5)
    passes = [list(batches.as_numpy_iterator()) for _ in range(2)]
    for found in passes:
        assert [len(batch[1]) for batch in found] == [16] * 9 + [6]
        order = np.concatenate([batch[1] for batch in found]).astype(int)
        assert np.array_equal(np.sort(order), np.arange(150))
        np.testing.assert_array_equal(np.concatenate([batch[0] for batch in found]), normalization.apply(images[order]))
        np.testing.assert_array_equal(np.concatenate([batch[2] for batch in found]), order / 2)
    first, second = (np.concatenate([batch[1] for batch in found]) for found in passes)
    assert (first != second).mean() > 0.9
    again = streaming.training_batches(normalization.apply(stored), numbers, numbers / 2, 16, seed=5)
    np.testing.assert_array_equal(np.concatenate([batch[1] for batch in again.as_numpy_iterator()]), first)
    other = streaming.training_batches(normalization.apply(stored), numbers, numbers / 2, 16, seed=6)
    assert (np.concatenate([batch[1] for batch in other.as_numpy_iterator()]) != first).mean() > 0.9


def trained(train, validation, epochs=4, weight_averaging=0.0):
    runtime.seed_everything(1)
    model = cnn.tumor_cnn(28, filters=(8, 16), convolutions=1)
    recipe = fit.Recipe(epochs=epochs, batch_size=32, learning_rate=5e-3, weight_averaging=weight_averaging)
    return model, fit.fit_classifier(model, train, validation, recipe, seed=1, status=False)


@pytest.mark.notebooks
def test_training_from_disk(tmp_path, recwarn, capfd):
    stored, _, targets = squares(tmp_path, 300, 1)
    checked, checked_images, checked_targets = squares(tmp_path, 80, 2)
    normalization = Normalization.fit(stored)
    train = normalization.apply(stored), targets
    validation = normalization.apply(checked), checked_targets
    model, history = trained(train, validation)
    again, _ = trained(train, validation)
    for left, right in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    # What is validated, weighted and kept is the same as from memory.
    from_disk = fit.predict_probability(model, validation[0])
    from_memory = fit.predict_probability(model, normalization.apply(checked_images))
    np.testing.assert_array_equal(from_disk, from_memory)
    weights = np.vectorize(fit.class_weights(targets).get)(checked_targets)
    clipped = np.clip(from_disk, 1e-7, 1 - 1e-7)
    per_sample = -(checked_targets * np.log(clipped) + (1 - checked_targets) * np.log(1 - clipped))
    assert np.mean(weights * per_sample) == pytest.approx(history["validation_loss"].min(), abs=1e-4)
    found, spared = from_disk[checked_targets == 1], from_disk[checked_targets == 0]
    assert np.mean(found[:, None] > spared[None, :]) > 0.9
    assert capfd.readouterr() == ("", "") and not [str(entry.message) for entry in recwarn]


@pytest.mark.notebooks
def test_one_large_batch_from_disk_is_the_step_from_memory(tmp_path):
    """With all samples in one batch the order does not matter, so both ways must take the same steps."""
    stored, images, targets = squares(tmp_path, 60, 1)
    normalization = Normalization.fit(stored)
    histories = []
    for inputs in (normalization.apply(stored), normalization.apply(images)):
        runtime.seed_everything(1)
        model = cnn.tumor_cnn(28, filters=(4,), convolutions=1, dropout=0.0)
        recipe = fit.Recipe(epochs=3, batch_size=60, learning_rate=5e-3)
        histories.append(fit.fit_classifier(model, (inputs, targets), (inputs, targets), recipe, seed=1, status=False))
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-4)
    np.testing.assert_allclose(histories[0]["validation_loss"], histories[1]["validation_loss"], rtol=1e-4)


def test_training_on_disk_validated_in_memory(tmp_path):
    stored, _, targets = squares(tmp_path, 60, 1)
    _, images, checked = squares(tmp_path, 40, 2)
    normalization = Normalization.fit(stored)
    _, history = trained((normalization.apply(stored), targets), (normalization.apply(images), checked), 1, 0.5)
    assert np.isfinite(history["validation_loss"]).all()
