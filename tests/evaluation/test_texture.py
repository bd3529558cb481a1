"""Co-occurrence matrices and their measures, against an example counted by hand and textures whose answer is known."""

import numpy as np
import pytest

from helpers.evaluation import texture
from helpers.evaluation.baselines import predict_probability
from helpers.runtime import InputError

# Four gray levels, the example of Haralick et al. (1973), figure 3; their counts, not divided.
EXAMPLE = np.array([[[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]]])
ALONG_ROWS = [[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]]
DOWN_COLUMNS = [[6, 0, 2, 0], [0, 4, 2, 0], [2, 2, 2, 2], [0, 0, 2, 0]]


def stripes(width, count=1, side=24):
    image = (np.arange(side) // width % 2 * 200).astype(np.uint8)
    return np.broadcast_to(image, (count, side, side))[..., None].copy()


@pytest.mark.parametrize(("offset", "counts"), [((0, 1), ALONG_ROWS), ((1, 0), DOWN_COLUMNS)])
def test_matrix_is_the_papers(offset, counts):
    counts = np.array(counts)
    np.testing.assert_allclose(texture.cooccurrence(EXAMPLE, offset, 4)[0], counts / counts.sum())


def test_diagonals_count_the_pairs_they_should():
    brute = np.zeros((4, 4))
    for row in range(3):
        for column in range(1, 4):
            pair = EXAMPLE[0, row, column], EXAMPLE[0, row + 1, column - 1]
            brute[pair] += 1
            brute[pair[::-1]] += 1
    np.testing.assert_allclose(texture.cooccurrence(EXAMPLE, (1, -1), 4)[0], brute / brute.sum())


def test_measures_of_known_matrices():
    diagonal = np.eye(4)[None] / 4  # neighbors always agree
    contrast, homogeneity, energy, entropy, correlation = texture.texture_measures(diagonal)[0]
    np.testing.assert_allclose([contrast, homogeneity, energy, entropy, correlation], [0, 1, 1 / 4, 2, 1], atol=1e-12)
    uniform = np.full((1, 4, 4), 1 / 16)  # neighbors know nothing of each other; squared distance of two dice: 2 * 5/4
    values = texture.texture_measures(uniform)[0]
    np.testing.assert_allclose(values[[0, 2, 3, 4]], [2.5, 1 / 16, 4, 0], atol=1e-12)


def test_stripes_are_coarse_at_their_own_width():
    narrow, broad = (texture.texture_features(stripes(width), [1])[0, 0] for width in (2, 6))
    assert narrow > 2 * broad > 0


def test_brightness_contrast_turns_and_mirrors_change_nothing():
    image = np.random.default_rng(0).integers(0, 100, (1, 30, 30, 1)).astype(np.uint8)
    features = texture.texture_features(image)
    for changed in (image + 50, image * 2, image[:, ::-1], image.transpose(0, 2, 1, 3)):
        np.testing.assert_allclose(texture.texture_features(changed), features, atol=1e-9)
    assert features.shape == (1, len(texture.feature_names()))


def test_constant_images_are_finite():
    assert np.isfinite(texture.texture_features(np.full((2, 28, 28, 1), 7, np.uint8))).all()


def test_baseline_learns_a_texture_that_brightness_does_not_tell():
    generator = np.random.default_rng(1)
    images = np.concatenate([stripes(2, 40), stripes(6, 40)])
    images = (images + generator.integers(0, 50, images.shape)).astype(np.uint8)
    targets = np.repeat([0, 1], 40)
    order = generator.permutation(80)
    model = texture.texture_baseline().fit(images[order[:50]], targets[order[:50]])
    probability = predict_probability(model, images[order[50:]])
    assert ((probability > 0.5) == targets[order[50:]]).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: texture.gray_steps(np.zeros((1, 4, 4, 1), np.uint8), 1),
        lambda: texture.cooccurrence(EXAMPLE, (0, 4), 4),
        lambda: texture.cooccurrence(EXAMPLE, (-1, 0), 4),
        lambda: texture.texture_features(np.zeros((1, 4, 4), np.uint8)),
    ],
)
def test_bad_input_gets_one_clear_line(call):
    with pytest.raises(InputError):
        call()
