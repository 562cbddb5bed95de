"""scaled.json: training with a scaled loss from given weights, and what the scale was before each step."""

import jax
import keras
import numpy as np

from .common import attempts, numpy_weights, randomize, run_code, write_cases
from .precision import written

STEPS, BATCH, FEATURES, CLASSES = 12, 8, 12, 5
# The batch, of those counted from 0, whose first number is infinite where a case says so.
INFINITE = 4
ADAM = "keras.optimizers.Adam(0.01, weight_decay=0.05, global_clipnorm=0.5)"
CASES = {
    # Float64, with all that has to be scaled alike.
    "adam": (
        f"model = keras.Sequential([keras.Input(({FEATURES},)), keras.layers.Dense(8, activation='tanh', "
        "kernel_regularizer=keras.regularizers.L2(0.01), activity_regularizer=keras.regularizers.L1(0.01), "
        "kernel_constraint=keras.constraints.MaxNorm(1.25)), "
        f"keras.layers.Dense({CLASSES}, activation='softmax')]); "
        f"model.compile(keras.optimizers.LossScaleOptimizer({ADAM}, initial_scale=64.0, dynamic_growth_steps=3), "
        "keras.losses.CategoricalCrossentropy())",
        True,
    ),
    "factor": (
        f"model = keras.Sequential([keras.Input(({FEATURES},)), keras.layers.Dense(8, activation='tanh', "
        "kernel_regularizer=keras.regularizers.L2(0.01)), "
        f"keras.layers.Dense({CLASSES}, activation='softmax')]); "
        "model.compile(keras.optimizers.SGD(0.1, momentum=0.9, loss_scale_factor=1000.0), "
        "keras.losses.CategoricalCrossentropy())",
        False,
    ),
    # A step that is left out is none of those that are accumulated and averaged.
    "averaged": (
        f"model = keras.Sequential([keras.Input(({FEATURES},)), keras.layers.Dense(8, activation='tanh'), "
        f"keras.layers.Dense({CLASSES}, activation='softmax')]); "
        "model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD("
        "keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.8), momentum=0.9, gradient_accumulation_steps=2, "
        "use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3), dynamic_growth_steps=4), "
        "keras.losses.CategoricalCrossentropy())",
        True,
    ),
    # Half precision, in which the first scales are too large.
    "float16": (
        "keras.config.set_dtype_policy('mixed_float16'); "
        f"model = keras.Sequential([keras.Input(({FEATURES},)), keras.layers.Dense(8, activation='tanh'), "
        "keras.layers.BatchNormalization(momentum=0.9), "
        f"keras.layers.Dense({CLASSES}, kernel_regularizer=keras.regularizers.L2(0.01)), "
        "keras.layers.Softmax(dtype='float32')]); "
        "model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.05, momentum=0.9), "
        "initial_scale=2.0**23, dynamic_growth_steps=3), keras.losses.CategoricalCrossentropy())",
        False,
    ),
}


def is_finite(model, x, y, scale):
    """Whether all gradients of so many times the loss are finite."""
    variables = [v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables]

    def loss(trained):
        found, _, penalties = model.stateless_call(trained, variables[1], x, return_losses=True, training=True)
        return (model.loss(y, found) + sum(penalties)) * scale

    return all(bool(np.isfinite(np.asarray(g)).all()) for g in jax.grad(loss)(variables[0]))


def scaled_case(name, code, infinite):
    for random in attempts(name):
        if case := attempt(random, name, code, infinite):
            return case


def attempt(random, name, code, infinite):
    """The case of some data; nothing if it depends on how sums are rounded whether a step is left out."""
    try:
        model = run_code(code)["model"]
    finally:
        keras.config.set_dtype_policy("float64")
    randomize(model, random, kernel_sd=0.4, bias_sd=0.2)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(np.abs(layer.moving_variance) + 0.5)
    x = random.normal((STEPS * BATCH, FEATURES))
    y = random.one_hot((STEPS * BATCH,), CLASSES)
    case = {"python": code, "x": x, "y": y} | numpy_weights(model, "w")
    optimizer = model.optimizer
    scales, counters, iterations, losses = [], [], [], []
    for step in range(STEPS):
        rows = slice(BATCH * step, BATCH * (step + 1))
        batch = x[rows].copy()
        if infinite and step == INFINITE:
            batch[0, 0] = np.inf
        scale = float(optimizer.scale_loss(1.0)) if step else getattr(optimizer, "initial_scale", None)
        if name == "float16":
            if len({is_finite(model, batch, y[rows], scale * by) for by in (0.95, 1.0, 1.05)}) > 1:
                return None
        model.reset_metrics()
        loss = float(model.train_on_batch(batch, y[rows]))
        losses.append(loss if np.isfinite(loss) else 0.0)
        # `iterations` of Keras are those that have updated the weights, by as many gradients as are accumulated.
        iterations.append(int(getattr(optimizer, "inner_optimizer", optimizer)._iterations))
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            scales.append(float(optimizer.dynamic_scale))
            counters.append(int(optimizer.step_counter))
    case |= numpy_weights(model, "f")
    case |= {"losses": np.array(losses), "iterations": np.array(iterations, "float64")}
    if scales:
        case |= {"scales": np.array(scales), "counters": np.array(counters, "float64")}
    return written(case)


def write(out):
    cases = {name: scaled_case(name, code, infinite) for name, (code, infinite) in CASES.items()}
    write_cases(out / "scaled.json", cases)
