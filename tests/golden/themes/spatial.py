"""spatial.json: what changes rows, columns and channels: data formats, interpolation; constraints of convolution kernels."""

import jax.numpy as jnp
import numpy as np

from .common import Random, run_code, write_cases
from .layers import evaluate, sequential

FIRST = "data_format='channels_first'"

CASES = {
    "flatten_first_rank2": ((2, 3), f"Flatten({FIRST})"),
    "flatten_first_rank3": ((2, 3, 4), f"Flatten({FIRST})"),
    "flatten_first_rank4": ((3, 2, 1, 4), f"Flatten({FIRST})"),
    "cropping2d_first": ((2, 4, 5), f"Cropping2D((1, 2), {FIRST})"),
    "cropping2d_first_pairs": ((3, 4, 5), f"Cropping2D(((1, 0), (2, 1)), {FIRST})"),
    "cropping3d_first": ((2, 3, 4, 3), f"Cropping3D({FIRST})"),
    "cropping3d_first_pairs": ((1, 3, 3, 4), f"Cropping3D(((0, 1), (1, 0), (2, 1)), {FIRST})"),
    "zero_padding1d_first": ((2, 3), f"ZeroPadding1D({FIRST})"),
    "zero_padding1d_first_20": ((2, 3), f"ZeroPadding1D((2, 0), {FIRST})"),
    "zero_padding2d_first": ((2, 2, 3), f"ZeroPadding2D({FIRST})"),
    "zero_padding2d_first_pairs": ((2, 2, 2), f"ZeroPadding2D(((1, 0), (0, 2)), {FIRST})"),
    "zero_padding3d_first": ((2, 1, 2, 2), f"ZeroPadding3D({FIRST})"),
    "zero_padding3d_first_pairs": ((2, 2, 1, 2), f"ZeroPadding3D(((0, 1), (2, 0), (1, 1)), {FIRST})"),
    "up_sampling2d_first": ((2, 2, 3), f"UpSampling2D((3, 1), {FIRST})"),
    "up_sampling3d_first": ((2, 1, 2, 2), f"UpSampling3D((1, 2, 3), {FIRST})"),
    "up_sampling2d_bilinear": ((3, 4, 2), "UpSampling2D(interpolation='bilinear')"),
    "up_sampling2d_bicubic": ((5, 4, 2), "UpSampling2D(interpolation='bicubic')"),
    "up_sampling2d_lanczos3": ((4, 7, 1), "UpSampling2D(interpolation='lanczos3')"),
    "up_sampling2d_lanczos5": ((3, 12, 1), "UpSampling2D(interpolation='lanczos5')"),
    "up_sampling2d_bilinear_31": ((2, 3, 9), "UpSampling2D((3, 1), interpolation='bilinear')"),
    "up_sampling2d_bicubic_14": ((1, 5, 3), "UpSampling2D((1, 4), interpolation='bicubic')"),
    "up_sampling2d_lanczos3_23": ((2, 2, 10), "UpSampling2D((2, 3), interpolation='lanczos3')"),
    "up_sampling2d_lanczos5_53": ((2, 1, 2), "UpSampling2D((5, 3), interpolation='lanczos5')"),
    "up_sampling2d_bilinear_first": ((2, 3, 5), f"UpSampling2D((2, 3), {FIRST}, interpolation='bilinear')"),
    "up_sampling2d_bicubic_first": ((2, 1, 40), f"UpSampling2D(2, {FIRST}, interpolation='bicubic')"),
    "up_sampling2d_lanczos3_first": ((1, 9, 4), f"UpSampling2D(3, {FIRST}, interpolation='lanczos3')"),
    "up_sampling2d_lanczos5_first": ((1, 2, 14), f"UpSampling2D((3, 2), {FIRST}, interpolation='lanczos5')"),
    "up_sampling2d_bicubic_11": ((2, 2, 2), "UpSampling2D(1, interpolation='bicubic')"),
}


CONSTRAINTS = {
    "max_norm_axis012": "MaxNorm(0.5, axis=[0, 1, 2])",
    "max_norm_axis02": "MaxNorm(0.7, axis=[0, 2])",
    "unit_norm_axis13": "UnitNorm(axis=[1, 3])",
    "unit_norm_last_two": "UnitNorm(axis=[-1, -2])",
    "min_max_norm_axis012": "MinMaxNorm(0.9, 1.1, rate=0.25, axis=[0, 1, 2])",
    "min_max_norm_last": "MinMaxNorm(0.9, 1.1, axis=-1)",
}


def constraint(name, text):
    before = Random(name).normal((2, 3, 2, 4), 0.6)
    after = run_code(f"c = keras.constraints.{text}")["c"](jnp.asarray(before))
    return {"python": f"keras.constraints.{text}(before)", "before": before, "after": np.array(after)}


def case(name, shape, layer):
    random, code = Random(name), sequential(shape, f"keras.layers.{layer}")
    model = run_code(code)["model"]
    x, dy = random.normal((2, *shape)), random.normal((2, *model.output_shape[1:]))
    return evaluate(code, model, [x], [dy], None)


def write(out):
    cases = {f"{key}_b2": case(f"{key}_b2", shape, layer) for key, (shape, layer) in CASES.items()}
    for key, text in CONSTRAINTS.items():
        cases[f"constraint_{key}"] = constraint(f"constraint_{key}", text)
    write_cases(out / "spatial.json", cases)
