"""curves.json: ten calls of train_on_batch from given weights, and the loss that each returned."""

import numpy as np

from .common import MARGIN, attempts, numpy_weights, randomize, relu_probe, run_code, write_cases

STEPS, BATCH, FEATURES, CLASSES = 10, 8, 12, 5
CONSTRAINED, MAX_NORM = "regularized_constrained_sgd", 1.25


def mlp(head, first="activation='relu'"):
    return (
        f"model = keras.Sequential([keras.Input(({FEATURES},)), keras.layers.Dense(8, {first}), "
        f"keras.layers.Dense({CLASSES}{head})])"
    )


def compiled(model, optimizer, loss, options=""):
    return f"{model}; model.compile(keras.optimizers.{optimizer}, {loss}{options})"


CROSSENTROPY = "keras.losses.CategoricalCrossentropy()"
SOFTMAX = ", activation='softmax'"
CURVES = {
    "categorical_sgd": (compiled(mlp(SOFTMAX), "SGD(0.1)", CROSSENTROPY), ["one_hot"]),
    "categorical_sgd_nesterov": (
        compiled(mlp(SOFTMAX), "SGD(0.1, momentum=0.9, nesterov=True)", CROSSENTROPY),
        ["one_hot"],
    ),
    "categorical_adam": (compiled(mlp(SOFTMAX), "Adam(0.01)", CROSSENTROPY), ["one_hot"]),
    "categorical_logits_sgd": (
        compiled(mlp(""), "SGD(0.1)", "keras.losses.CategoricalCrossentropy(from_logits=True)"),
        ["one_hot"],
    ),
    "categorical_smoothed_adam": (
        compiled(mlp(SOFTMAX), "Adam(0.01)", "keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"),
        ["one_hot"],
    ),
    "sparse_categorical_sgd": (
        compiled(mlp(SOFTMAX), "SGD(0.1)", "keras.losses.SparseCategoricalCrossentropy()"),
        ["label"],
    ),
    "binary_sgd": (
        compiled(mlp(", activation='sigmoid'"), "SGD(0.1)", "keras.losses.BinaryCrossentropy()"),
        ["binary"],
    ),
    "mse_sgd": (compiled(mlp(""), "SGD(0.05)", "keras.losses.MeanSquaredError()"), ["real"]),
    "kl_divergence_sgd": (compiled(mlp(SOFTMAX), "SGD(0.1)", "keras.losses.KLDivergence()"), ["soft"]),
    "categorical_adam_clipped_decayed": (
        compiled(mlp(SOFTMAX), "Adam(0.01, weight_decay=0.05, global_clipnorm=0.5)", CROSSENTROPY),
        ["one_hot"],
    ),
    "categorical_sgd_accumulated": (
        compiled(mlp(SOFTMAX), "SGD(0.1, momentum=0.9, gradient_accumulation_steps=2)", CROSSENTROPY),
        ["one_hot"],
    ),
    CONSTRAINED: (
        compiled(
            mlp(
                SOFTMAX,
                "activation='relu', kernel_regularizer=keras.regularizers.L2(0.01), "
                f"activity_regularizer=keras.regularizers.L1(0.01), kernel_constraint=keras.constraints.MaxNorm({MAX_NORM})",
            ),
            "SGD(0.1)",
            CROSSENTROPY,
        ),
        ["one_hot"],
    ),
    "two_inputs_two_outputs_sgd": (
        compiled(
            f"a = keras.Input(({FEATURES},), name='a'); b = keras.Input(({FEATURES},), name='b'); "
            "shared = keras.layers.Dense(8, activation='relu', name='shared'); p = shared(a); q = shared(b); "
            "h = keras.layers.Dense(8, activation='tanh', name='block')(p); "
            "r = keras.layers.Add(name='residual')([p, q, h]); "
            f"first = keras.layers.Dense({CLASSES}, activation='softmax', name='first')(r); "
            "second = keras.layers.Dense(3, name='second')(q); model = keras.Model([a, b], [first, second])",
            "SGD(0.05, momentum=0.9)",
            "['categorical_crossentropy', 'mse']",
            ", loss_weights=[1.0, 0.5]",
        ),
        ["one_hot", "real"],
    ),
}


def draw_targets(random, kind, shape):
    if kind == "one_hot":
        return random.one_hot(shape[:-1], shape[-1])
    if kind == "label":
        return random.labels(shape[:-1], shape[-1])
    if kind == "binary":
        return random.labels(shape, 2).astype("float64")
    if kind == "soft":
        return random.distribution(shape)
    return random.normal(shape)


def clips_some_columns(model):
    """Whether the constraint binds some columns of the kernel after the last step, and not others."""
    norms = np.sqrt((np.array(model.layers[0].kernel) ** 2).sum(0))
    return (np.abs(norms - MAX_NORM) < 1e-5).any() and (norms < 0.99 * MAX_NORM).any()


def curve_case(name, code, kinds):
    samples = STEPS * BATCH
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random, kernel_sd=0.4, bias_sd=0.2)
        xs = [random.normal((samples, *t.shape[1:])) for t in model.inputs]
        ys = [draw_targets(random, kind, (samples, *t.shape[1:])) for kind, t in zip(kinds, model.outputs)]
        case = {"python": f"{code}; losses = [model.train_on_batch(x[8*i:8*i+8], y[8*i:8*i+8]) for i in range(10)]"}
        if len(xs) == 1:
            case |= {"x": xs[0], "y": ys[0]}
        else:
            case |= {f"x{i}": x for i, x in enumerate(xs)} | {f"y{i}": y for i, y in enumerate(ys)}
        case |= numpy_weights(model, "w")
        margin = relu_probe(model)
        logs = []
        for step in range(STEPS):
            rows = slice(BATCH * step, BATCH * (step + 1))
            x, y = [v[rows] for v in xs], [v[rows] for v in ys]
            if margin(x) < MARGIN:
                break
            if len(x) == 1:
                x, y = x[0], y[0]
            logs.append(model.train_on_batch(x, y, return_dict=True))
        if len(logs) == STEPS and (name != CONSTRAINED or clips_some_columns(model)):
            break
    case |= numpy_weights(model, "f")
    case["losses"] = np.array([float(log["loss"]) for log in logs])
    for key in logs[0]:
        if key != "loss":
            case[f"losses/{key.removesuffix('_loss')}"] = np.array([float(log[key]) for log in logs])
    return case


def write(out):
    cases = {name: curve_case(name, code, kinds) for name, (code, kinds) in CURVES.items()}
    write_cases(out / "curves.json", cases)
