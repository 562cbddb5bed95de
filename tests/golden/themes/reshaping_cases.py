"""Cases of layers.json: what moves data, and what works along axes."""

import jax.numpy as jnp
import numpy as np

from .common import MARGIN, attempts, run_code

MOVED = {
    "permute_21": ((3, 4), "Permute((2, 1))"),
    "permute_312": ((2, 3, 4), "Permute((3, 1, 2))"),
    "identity_rank2": ((5,), "Identity()"),
    "identity_rank4": ((2, 1, 3), "Identity()"),
    "permute_same": ((2, 3), "Permute((1, 2))"),
    "repeat_vector": ((4,), "RepeatVector(3)"),
    "repeat_vector_1": ((5,), "RepeatVector(1)"),
    "repeat_vector_7": ((2,), "RepeatVector(n=7)"),
    "cropping1d": ((4, 2), "Cropping1D()"),
    "cropping1d_2": ((6, 2), "Cropping1D(2)"),
    "cropping1d_02": ((4, 2), "Cropping1D((0, 2))"),
    "cropping2d": ((2, 3, 2), "Cropping2D()"),
    "cropping2d_1": ((4, 3, 2), "Cropping2D(1)"),
    "cropping2d_12": ((4, 5, 2), "Cropping2D((1, 2))"),
    "cropping2d_pairs": ((4, 5, 2), "Cropping2D(((1, 0), (2, 1)))"),
    "cropping3d": ((3, 4, 3, 2), "Cropping3D()"),
    "cropping3d_pairs": ((3, 3, 4, 1), "Cropping3D(((0, 1), (1, 0), (2, 1)))"),
    "zero_padding1d": ((3, 2), "ZeroPadding1D()"),
    "zero_padding1d_20": ((3, 2), "ZeroPadding1D((2, 0))"),
    "zero_padding2d": ((2, 3, 2), "ZeroPadding2D()"),
    "zero_padding2d_12": ((2, 3, 1), "ZeroPadding2D((1, 2))"),
    "zero_padding2d_pairs": ((2, 2, 2), "ZeroPadding2D(((1, 0), (0, 2)))"),
    "zero_padding3d": ((1, 2, 2, 2), "ZeroPadding3D()"),
    "zero_padding3d_pairs": ((2, 1, 2, 1), "ZeroPadding3D(((0, 1), (2, 0), (1, 1)))"),
    "up_sampling1d": ((3, 2), "UpSampling1D()"),
    "up_sampling1d_3": ((2, 2), "UpSampling1D(3)"),
    "up_sampling1d_1": ((3, 4), "UpSampling1D(1)"),
    "up_sampling1d_5": ((1, 3), "UpSampling1D(size=5)"),
    "up_sampling2d": ((2, 3, 2), "UpSampling2D()"),
    "up_sampling2d_31": ((2, 2, 1), "UpSampling2D((3, 1))"),
    "up_sampling3d": ((1, 2, 1, 2), "UpSampling3D()"),
    "up_sampling3d_123": ((2, 1, 2, 1), "UpSampling3D((1, 2, 3))"),
}

ALONG = {
    "softmax_layer": ((5,), "Softmax()"),
    "softmax_layer_axis1": ((3, 4), "Softmax(axis=1)"),
    "softmax_layer_axes": ((2, 3, 2), "Softmax(axis=(1, 3))"),
    "softmax_layer_last_two": ((2, 3, 2), "Softmax(axis=(-2, -1))"),
    "softmax_layer_whole": ((2, 3), "Softmax(axis=[1, 2])"),
    "activation_softmax_axis1": ((3, 4), "Activation(lambda x: keras.activations.softmax(x, axis=1))"),
    "activation_log_softmax": ((5,), "Activation('log_softmax')"),
    "activation_log_softmax_axis1": ((3, 2), "Activation(lambda x: keras.activations.log_softmax(x, axis=1))"),
    "activation_sparsemax": ((6,), "Activation(sparsemax)"),
    "activation_sparsemax_axis2": ((2, 4, 2), "Activation(lambda x: sparsemax(x, axis=2))"),
    "activation_glu": ((6,), "Activation('glu')"),
    "activation_glu_axis1": ((4, 3), "Activation(lambda x: keras.activations.glu(x, axis=1))"),
    "dense_log_softmax": ((3,), "Dense(4, activation='log_softmax')"),
    "dense_sparsemax": ((3,), "Dense(4, activation=sparsemax)"),
    "dense_glu": ((3,), "Dense(4, activation='glu')"),
    "unit_normalization": ((5,), "UnitNormalization()"),
    "unit_normalization_axis1": ((3, 4), "UnitNormalization(axis=1)"),
    "unit_normalization_axes": ((2, 3, 2), "UnitNormalization(axis=(1, 2))"),
}


def sparsemax(x, axis=-1):
    """The projection on the probabilities (Martins and Astudillo 2016, algorithm 1). Keras 3.15 subtracts the sum of
    all cumulated sums of the support where it means the last of them, so its rows do not add up to 1."""
    x = jnp.moveaxis(jnp.asarray(x), axis, -1)
    ordered = -jnp.sort(-x, axis=-1)
    sums = jnp.cumsum(ordered, axis=-1)
    count = jnp.arange(1, x.shape[-1] + 1)
    k = jnp.sum(1 + count * ordered > sums, axis=-1, keepdims=True)
    tau = (jnp.take_along_axis(sums, k - 1, axis=-1) - 1) / k
    return jnp.moveaxis(jnp.maximum(x - tau, 0), -1, axis)


def along_case(sequential, evaluate, randomize, name, shape, layer):
    code = sequential(shape, f"keras.layers.{layer}")
    for random in attempts(name):
        model = run_code(code, sparsemax=sparsemax)["model"]
        randomize(model, random)
        x = random.normal((3, *shape))
        y = np.array(model(x))
        # Nothing may be at the edge of the support.
        if "sparsemax" in name:
            inside = y > 0
            logits = x if not model.weights else x @ np.array(model.weights[0]) + np.array(model.weights[1])
            axis = 2 if "axis2" in name else -1
            tau = np.where(inside, logits - y, -np.inf).max(axis=axis, keepdims=True)
            if (np.abs(logits - tau) < MARGIN).any():
                continue
        return evaluate(code, model, [x], [random.normal(y.shape)], None)


def cases(sequential, evaluate, randomize):
    cases = {}
    for key, (shape, layer) in MOVED.items():
        code = sequential(shape, f"keras.layers.{layer}")
        name = f"{key}_b2"
        random = next(attempts(name))
        model = run_code(code)["model"]
        dy = random.normal((2, *model.output_shape[1:]))
        cases[name] = evaluate(code, model, [random.normal((2, *shape))], [dy], None)
    for key, (shape, layer) in ALONG.items():
        name = f"{key}_b3"
        cases[name] = along_case(sequential, evaluate, randomize, name, shape, layer)
    return cases
