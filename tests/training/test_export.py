"""LiteRT files: they answer as the network does, hold what they should, and say nothing on standard error."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import expit

from helpers import runtime
from helpers.models.heartbeat import heartbeat_cnn
from helpers.models.patch_cnn import patch_cnn
from helpers.runtime import InputError
from helpers.training import export, litert, litert_file


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def small_network():
    inputs = keras.Input((12, 12, 1))
    features = layers.RandomFlip()(inputs)
    features = layers.Conv2D(4, 3, use_bias=False, name="kernels")(features)
    features = layers.ReLU()(layers.BatchNormalization()(features))
    features = layers.Dense(8, activation="relu", name="hidden")(layers.Flatten()(features))
    network = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(layers.Dropout(0.5)(features)))
    generator = np.random.default_rng(1)  # a converter leaves out biases that are all zero
    network.set_weights([weights + 0.1 * generator.random(weights.shape) for weights in network.get_weights()])
    return network


def pictures(count=40, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 12, 12, 1)).astype("float32")


@pytest.fixture
def made():
    network = small_network()
    return network, {form: export.to_litert(network, form, pictures()) for form in export.FORMS}


def test_every_form_answers_as_the_network(made):
    network, files = made
    expected = network.predict_on_batch(pictures())
    for form, tolerance in ((export.FLOAT, 1e-6), (export.DYNAMIC, 0.02), (export.INTEGER, 0.03)):
        found = litert.DeviceModel(files[form]).predict(pictures())
        assert found.shape == (40, 1) and found.dtype == np.float64
        np.testing.assert_allclose(found, expected, atol=tolerance)


def test_vectorized_and_plain_kernels_compute_the_same(made):
    content = made[1][export.FLOAT]
    plain, usual = (litert.DeviceModel(content, plain=plain).predict(pictures()) for plain in (True, False))
    np.testing.assert_allclose(plain, usual, atol=1e-6)


def test_parts_of_a_file_by_hand(made):
    network, files = made
    kernels = 4 * 9 + 400 * 8 + 8  # the two dense layers and the convolution; batch normalization went into its bias
    whole, small = (litert_file.file_parts(files[form]) for form in (export.FLOAT, export.INTEGER))
    assert (whole.kernels, small.kernels) == (4 * kernels, kernels)
    assert whole.biases == small.biases == 4 * (4 + 8 + 1)
    assert whole.total == len(files[export.FLOAT]) and small.total == len(files[export.INTEGER])
    partly = litert_file.file_parts(files[export.DYNAMIC])
    assert partly.kernels == 4 * (4 * 9 + 8) + 400 * 8  # small kernels stay floats


def test_working_memory_by_hand(made):
    # The worst moment is the convolution: 12 x 12 values come in while 10 x 10 x 4 go out. The input is held throughout.
    assert litert_file.working_memory(made[1][export.FLOAT]) >= 4 * (144 + 400 + 1)
    assert litert_file.working_memory(made[1][export.FLOAT]) == 4 * litert_file.working_memory(made[1][export.INTEGER])
    assert litert_file.working_memory(made[1][export.INTEGER]) <= 144 + 2 * 400 + 1


def test_stored_kernel_is_the_rounded_one(made):
    network, files = made
    kernel = network.get_layer("hidden").kernel.numpy().astype(np.float64)
    codes, scales = litert_file.stored_kernel(files[export.INTEGER], units=8)
    assert codes.shape == kernel.shape and codes.dtype == np.int8
    assert np.abs(codes * scales - kernel).max() <= scales.max() / 2 * 1.001
    np.testing.assert_allclose(scales, np.abs(kernel).max(axis=0) / 127, rtol=1e-6)
    with pytest.raises(InputError, match="not stored in 8 bits"):
        litert_file.stored_kernel(files[export.FLOAT], units=8)
    with pytest.raises(InputError, match="no dense layer with 7 units"):
        litert_file.stored_kernel(files[export.INTEGER], units=7)


def test_several_inputs_keep_their_order():
    network = heartbeat_cnn(16, 2, 3, 2, filters=4, dense=8)
    generator = np.random.default_rng(0)
    heard = [generator.normal(size=(30, *shape)).astype("float32") for shape in ((16, 2), (3,))]
    expected = network.predict_on_batch(heard)
    for form, tolerance in ((export.FLOAT, 1e-6), (export.INTEGER, 0.03)):
        found = litert.DeviceModel(export.to_litert(network, form, heard)).predict(heard)
        np.testing.assert_allclose(found, expected, atol=tolerance)


def test_numbers_go_to_codes_and_back():
    tensor = {"dtype": np.int8, "quantization": (0.25, 3)}
    codes = litert.quantize(np.array([0.0, 0.26, -0.2, 50.0, -50.0]), tensor)
    assert codes.tolist() == [3, 4, 2, 127, -128]
    np.testing.assert_array_equal(litert.dequantize(codes, tensor), [0, 0.25, -0.25, 31, -32.75])


def test_ending_before_the_sigmoid_is_the_same_network(made):
    network, _ = made
    ending = export.before_sigmoid(network)
    np.testing.assert_allclose(
        expit(ending.predict_on_batch(pictures())), network.predict_on_batch(pictures()), atol=1e-6
    )
    student = patch_cnn(12, 2, (4,))
    found = export.before_sigmoid(student).predict_on_batch(pictures())
    np.testing.assert_allclose(expit(found), student.predict_on_batch(pictures()), atol=1e-6)
    with pytest.raises(InputError, match="does not end in a sigmoid"):
        export.before_sigmoid(ending)


def test_sure_cases_are_ties_in_eight_bits_but_not_as_logits():
    inputs = keras.Input((1,))
    sure = keras.Model(inputs, layers.Dense(1, activation="sigmoid", kernel_initializer="ones")(inputs))
    seen = np.linspace(-12, 12, 100, dtype="float32")[:, None]
    probability = litert.DeviceModel(export.to_litert(sure, export.INTEGER, seen)).predict(seen)
    logit = litert.DeviceModel(export.to_litert(export.before_sigmoid(sure), export.INTEGER, seen)).predict(seen)
    assert len(np.unique(probability[seen > 6])) <= 2 and len(np.unique(logit[seen > 6])) == 25


def test_calls_to_be_timed_compute_the_answer(made):
    network, files = made
    device = litert.DeviceModel(files[export.FLOAT])
    device.ready(pictures())()
    assert litert.compiled_call(network, pictures())() == pytest.approx(
        network.predict_on_batch(pictures()[:1]), abs=1e-6
    )


def test_the_same_network_gives_the_same_file(made):
    network, files = made
    assert export.to_litert(network, export.INTEGER, pictures()) == files[export.INTEGER]


def test_nothing_on_standard_error(capfd):
    litert.DeviceModel(export.to_litert(small_network(), export.INTEGER, pictures(4)))
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_converted_or_run_is_one_line(made):
    network, files = made
    open_ended = keras.Model(start := keras.Input((None, 3)), layers.GlobalAveragePooling1D()(start))
    for wrong, message in (
        (lambda: export.to_litert(network, "4 bits"), "float, dynamic range, full integer"),
        (lambda: export.to_litert(network, export.INTEGER), "needs a representative set"),
        (lambda: export.to_litert(network, export.INTEGER, np.zeros((3, 9, 9, 1))), "prepare them"),
        (lambda: export.to_litert(network, export.INTEGER, np.full((3, 12, 12, 1), np.nan)), "not finite"),
        (lambda: export.to_litert(network, export.INTEGER, pictures(0)), "at least one"),
        (lambda: export.to_litert(open_ended), "any length"),
        (lambda: litert.DeviceModel(b"0000TFL3"), "no LiteRT file"),
        (lambda: litert.DeviceModel(files[export.FLOAT]).predict(np.zeros((3, 9, 9, 1))), "takes samples of shape"),
        (lambda: litert_file.file_parts(b"a picture of a cat"), "no LiteRT file"),
    ):
        with pytest.raises(InputError, match=message):
            wrong()
