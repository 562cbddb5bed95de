"""initializers.json: the limits and deviations that initializers draw with, and the values of those that do not draw."""

import numpy as np
from keras.src.backend import random as backend_random

from .common import run_code, write_cases

SHAPES = [(784, 64), (64, 10), (3, 5), (5, 3), (1, 1), (7,), (3, 3, 16, 32), (5, 8, 4)]
SCALED = [
    "GlorotUniform()",
    "GlorotNormal()",
    "HeUniform()",
    "HeNormal()",
    "LecunUniform()",
    "LecunNormal()",
    "VarianceScaling()",
    "VarianceScaling(2.0, 'fan_out', 'uniform')",
    "VarianceScaling(0.5, 'fan_avg', 'untruncated_normal')",
]
PLAIN = [
    "RandomUniform()",
    "RandomUniform(-1.0, 0.5)",
    "RandomNormal()",
    "RandomNormal(0.5, 2.0)",
    "TruncatedNormal()",
    "TruncatedNormal(0.5, 2.0)",
]
VALUES = {
    "zeros": ("Zeros()", (2, 3)),
    "ones": ("Ones()", (2, 3)),
    "constant_default": ("Constant()", (2, 3)),
    "constant": ("Constant(0.25)", (2, 3)),
    "identity": ("Identity()", (3, 3)),
    "identity_wide": ("Identity()", (2, 4)),
    "identity_tall_gain": ("Identity(0.5)", (4, 2)),
}
ORTHOGONAL = [("Orthogonal()", s) for s in [(6, 6), (8, 3), (3, 8), (2, 3, 4)]] + [("Orthogonal(0.5)", (5, 4))]


def drawn_with(initializer, shape):
    """Calls the initializer and returns the arguments it gave to Keras's random function."""
    seen = {}
    originals = {name: getattr(backend_random, name) for name in ("uniform", "normal", "truncated_normal")}

    def spy(name):
        def draw(*args, **kwargs):
            seen["distribution"] = name
            seen.update({k: float(kwargs[k]) for k in ("minval", "maxval", "mean", "stddev") if k in kwargs})
            return originals[name](*args, **kwargs)

        return draw

    for name in originals:
        setattr(backend_random, name, spy(name))
    try:
        values = np.array(initializer(shape))
    finally:
        for name, original in originals.items():
            setattr(backend_random, name, original)
    return seen, values


def name_of(code, shape):
    cls, rest = code.split("(", 1)
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls).lstrip("_")
    rest = rest.rstrip(")").replace("'", "").replace(", ", "_")
    return "_".join(filter(None, [words, rest, "x".join(map(str, shape))]))


def write(out):
    cases = {}

    def make(code):
        return run_code(f"initializer = keras.initializers.{code}")["initializer"]

    for code in SCALED + PLAIN:
        for shape in SHAPES if code in SCALED else SHAPES[:1]:
            seen, values = drawn_with(make(code), shape)
            case = {"python": f"keras.initializers.{code}({shape})", "dims": np.array(shape)}
            if seen["distribution"] == "uniform":
                case |= {"minval": seen["minval"], "maxval": seen["maxval"]}
                low, high = seen["minval"], seen["maxval"]
                if low == -high:
                    case["limit"] = high
            else:
                case |= {"mean": seen["mean"], "stddev": seen["stddev"]}
                low, high = -np.inf, np.inf
                if seen["distribution"] == "truncated_normal":
                    low, high = seen["mean"] - 2 * seen["stddev"], seen["mean"] + 2 * seen["stddev"]
                    case |= {"truncated_below": low, "truncated_above": high}
            assert low - 1e-9 <= values.min() and values.max() <= high + 1e-9
            cases[name_of(code, shape)] = case
    for name, (code, shape) in VALUES.items():
        cases[name] = {"python": f"keras.initializers.{code}({shape})", "value": np.array(make(code)(shape))}
    for code, shape in ORTHOGONAL:
        values = np.array(make(code)(shape))
        flat = values.reshape(-1, shape[-1])
        by_columns = flat.shape[0] >= flat.shape[1]
        gram = flat.T @ flat if by_columns else flat @ flat.T
        squared = make(code).gain ** 2
        assert np.allclose(gram, squared * np.eye(len(gram)), atol=1e-12)
        cases[name_of(code, shape)] = {
            "python": f"keras.initializers.{code}({shape})",
            "dims": np.array(shape),
            "orthogonal_columns": int(by_columns),
            "squared_norm": float(squared),
        }
    write_cases(out / "initializers.json", cases)
