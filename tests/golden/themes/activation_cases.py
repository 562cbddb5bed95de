"""Cases of layers.json: the activations that are worked out element by element."""

import numpy as np

from .common import MARGIN, attempts, randomize, run_code

# What to call, where it has kinks (nothing may lie on one), and the scale of the inputs.
CURVES = {
    "relu6": ("'relu6'", [0, 6], 4),
    "leaky_relu": ("'leaky_relu'", [0], 1),
    "leaky_relu_0.1": ("lambda x: keras.activations.leaky_relu(x, negative_slope=0.1)", [0], 1),
    "relu_slope_negative": ("lambda x: keras.activations.relu(x, negative_slope=-0.5)", [0], 1),
    "relu_max": ("lambda x: keras.activations.relu(x, max_value=1.5)", [0, 1.5], 1),
    "relu_threshold": ("lambda x: keras.activations.relu(x, threshold=0.5)", [0.5], 1),
    "relu_all": (
        "lambda x: keras.activations.relu(x, negative_slope=0.25, max_value=1.5, threshold=0.5)",
        [0.5, 1.5],
        1,
    ),
    "elu": ("'elu'", [0], 2),
    "elu_0.5": ("lambda x: keras.activations.elu(x, alpha=0.5)", [0], 2),
    "celu": ("'celu'", [0], 2),
    "celu_2": ("lambda x: keras.activations.celu(x, alpha=2.0)", [0], 2),
    "selu": ("'selu'", [0], 2),
    "gelu_approximate": ("lambda x: keras.activations.gelu(x, approximate=True)", [], 1),
    "silu": ("'silu'", [], 2),
    "hard_silu": ("'hard_silu'", [-3, 3], 3),
    "hard_sigmoid": ("'hard_sigmoid'", [-3, 3], 3),
    "log_sigmoid": ("'log_sigmoid'", [], 3),
    "hard_tanh": ("'hard_tanh'", [-1, 1], 1),
    "tanh_shrink": ("'tanh_shrink'", [], 2),
    "hard_shrink": ("'hard_shrink'", [-0.5, 0.5], 1),
    "hard_shrink_1": ("lambda x: keras.activations.hard_shrink(x, threshold=1.0)", [-1, 1], 1),
    "soft_shrink": ("'soft_shrink'", [-0.5, 0.5], 1),
    "soft_shrink_1": ("lambda x: keras.activations.soft_shrink(x, threshold=1.0)", [-1, 1], 1),
    "threshold": ("lambda x: keras.activations.threshold(x, 0.5, -2.0)", [0.5], 1),
    "softplus": ("'softplus'", [], 3),
    "softsign": ("'softsign'", [], 2),
    "squareplus": ("'squareplus'", [], 3),
    "squareplus_1": ("lambda x: keras.activations.squareplus(x, b=1.0)", [], 3),
    "mish": ("'mish'", [], 3),
    "exponential": ("'exponential'", [], 1),
    "sparse_plus": ("'sparse_plus'", [-1, 1], 1),
    "sparse_sigmoid": ("'sparse_sigmoid'", [-1, 1], 1),
}

# Layers that are one of them.
LAYERS = {
    "re_lu": ("ReLU()", [0], 1),
    "re_lu_all": ("ReLU(max_value=1.5, negative_slope=0.25, threshold=0.5)", [0.5, 1.5], 1),
    "re_lu_max": ("ReLU(1.5)", [0, 1.5], 1),
    "leaky_re_lu": ("LeakyReLU()", [0], 1),
    "leaky_re_lu_0.1": ("LeakyReLU(negative_slope=0.1)", [0], 1),
    "leaky_re_lu_steep": ("LeakyReLU(1.5)", [0], 1),
    "elu_layer": ("ELU()", [0], 1),
    "elu_layer_0.5": ("ELU(alpha=0.5)", [0], 1),
    "elu_layer_2": ("ELU(2.0)", [0], 2),
    "rescaling": ("Rescaling(0.25)", [], 1),
    "rescaling_offset": ("Rescaling(scale=1.0 / 127.5, offset=-1.0)", [], 64),
    "identity": ("Identity()", [], 1),
}

# Within a Dense layer: what is part of its product, and what is not.
IN_DENSE = ["leaky_relu_0.1", "elu_0.5", "selu", "relu_max", "relu_all", "silu", "softplus", "hard_sigmoid", "mish"]


def away(values, kinks):
    return all((np.abs(np.asarray(values) - kink) >= MARGIN).all() for kink in kinks)


def curve_case(evaluate, name, code, shape, batch, kinks, sd):
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)
        x = random.normal((batch, *shape), sd)
        z = x
        if model.weights:
            kernel, bias = (np.array(w) for w in model.weights)
            z = x @ kernel + bias
        if away(z, kinks):
            return evaluate(code, model, [x], [random.normal((batch, *model.output_shape[1:]))], None)


def cases(sequential, evaluate):
    cases = {}

    def add(name, shape, layer, batch, kinks, sd):
        name = f"{name}_b{batch}"
        cases[name] = curve_case(evaluate, name, sequential(shape, layer), shape, batch, kinks, sd)

    for key, (function, kinks, sd) in CURVES.items():
        add(f"activation_{key}", (6,), f"keras.layers.Activation({function})", 3, kinks, sd)
    for key, (layer, kinks, sd) in LAYERS.items():
        add(key, (2, 3), f"keras.layers.{layer}", 2, kinks, sd)
    for key in IN_DENSE:
        function, kinks, sd = CURVES[key]
        add(f"dense_{key}", (4,), f"keras.layers.Dense(3, activation={function})", 3, kinks, sd)
    return cases
