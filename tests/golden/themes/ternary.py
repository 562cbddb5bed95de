"""ternary.json: TernaryDense, which Keras 3.15 has not. The layer works out the mean of its kernel's magnitudes in float32 whatever
the policy is; here it has float64 in its place."""

import types

import keras
import numpy as np
from keras.src import ops
from keras.src.layers.core import ternary_dense

from .common import MARGIN, attempts, randomize, run_code, write_cases
from .layers import evaluate, sequential


def cast(x, dtype):
    return ops.cast(x, "float64" if dtype == "float32" else dtype)


ternary_dense.ops = types.SimpleNamespace(**{**vars(ops), "cast": cast})

L1L2, L2 = "keras.regularizers.L1L2(0.02, 0.03)", "keras.regularizers.L2({})".format
CASES = {
    "ternary_mean": ((4,), "3"),
    "ternary_no_bias": ((5,), "4, None, use_bias=False"),
    "ternary_rank3": ((2, 4), "3, activation='tanh'"),
    "ternary_threshold": ((4,), "3, 0.3, 'sigmoid'"),
    "ternary_zero_threshold": ((3, 2), "4, threshold=0.0, activation='gelu', use_bias=False"),
    "ternary_nothing_left": ((3,), "2, threshold=1e9"),
    "ternary_regularized": ((4,), f"3, activation='tanh', kernel_regularizer={L1L2}, bias_regularizer={L2(0.05)}"),
    "ternary_activity": ((3,), f"4, 0.25, activity_regularizer={L2(0.1)}"),
    "ternary_zero": ((4,), "3"),
}
TWICE = (
    "x = keras.Input((4,)); d = keras.layers.TernaryDense(4, activation='tanh'); "
    "model = keras.Model(x, keras.layers.Dense(2)(keras.layers.Add()([d(d(x)), x])))"
)


def margin(model):
    """How far the weights of all ternary kernels are from their thresholds."""
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.TernaryDense)]
    magnitudes = [(np.abs(np.array(layer.kernel)), layer.threshold) for layer in layers]
    distances = [np.abs(w - (0.5 * w.mean() if threshold is None else threshold)) for w, threshold in magnitudes]
    return min(distance.min() for distance in distances)


def of(name, code):
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)
        if name == "ternary_zero":
            model.layers[0].kernel.assign(model.layers[0].kernel * 0)
        elif margin(model) < MARGIN:
            continue
        xs, dys = [[random.normal((3, *t.shape[1:])) for t in ts] for ts in (model.inputs, model.outputs)]
        return evaluate(code, model, xs, dys, None)


def write(out):
    codes = {name: sequential(shape, f"keras.layers.TernaryDense({args})") for name, (shape, args) in CASES.items()}
    codes["ternary_twice"] = TWICE
    write_cases(out / "ternary.json", {f"{name}_b3": of(name, code) for name, code in codes.items()})
