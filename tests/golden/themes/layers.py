"""layers.json: outputs and gradients of L = sum(y * dy) + regularization losses, layer by layer and in chains."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from . import activation_cases, merging_cases, reshaping_cases, weighted_cases
from .common import MARGIN, attempts, layer_weights, numpy_weights, randomize, relu_probe, run_code, write_cases

ACTIVATIONS = ["relu", "softmax", "sigmoid", "tanh", "gelu", "linear"]
BATCHES = [1, 3, 5]


def sequential(shape, *layers):
    return f"model = keras.Sequential([keras.Input({tuple(shape)}), {', '.join(layers)}])"


def inject_mask(mask):
    """Makes the Bernoulli draw of Keras's dropout return `mask`; returns what undoes it."""
    draw = jax.random.bernoulli

    def injected(key, p, shape):
        assert tuple(shape) == mask.shape
        return jnp.asarray(mask, "bool")

    jax.random.bernoulli = injected

    def restore():
        jax.random.bernoulli = draw

    return restore


def numbered(name, values):
    """One value is `name`, several are `name0`, `name1`, ..."""
    if len(values) == 1:
        return {name: values[0]}
    return {f"{name}{i}": value for i, value in enumerate(values)}


def model_case(name, code, batch, mask_shape=None, activity=False):
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)
        xs = [random.normal((batch, *t.shape[1:])) for t in model.inputs]
        dys = [random.normal((batch, *t.shape[1:])) for t in model.outputs]
        mask = None
        if mask_shape is not None:
            mask = random.state.randint(0, 2, size=(batch, *mask_shape)).astype("int64")
        if relu_probe(model)(xs) < MARGIN:
            continue
        case = evaluate(code, model, xs, dys, mask)
        outputs = np.concatenate([np.ravel(case[k]) for k in case if k in ("y", "y0", "y1")])
        # The activity regularizer L1 takes the sign of the output.
        if activity and (np.abs(outputs[outputs != 0]) < MARGIN).any():
            continue
        return case


def evaluate(code, model, xs, dys, mask, training=None):
    trainable = [v.value for v in model.trainable_variables]
    fixed = [v.value for v in model.non_trainable_variables]
    training = mask is not None if training is None else training

    def objective(variables, inputs):
        outputs, state, losses = model.stateless_call(
            variables,
            fixed,
            inputs if len(inputs) > 1 else inputs[0],
            training=training,
            return_losses=True,
        )
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        loss_reg = sum(losses) if losses else None
        total = sum(jnp.sum(y * dy) for y, dy in zip(outputs, dys))
        return total + (loss_reg if losses else 0.0), (outputs, loss_reg, state)

    restore = inject_mask(mask) if mask is not None else lambda: None
    try:
        # Integers have no gradient.
        floats = all(x.dtype.kind == "f" for x in xs)
        (dw, *dx), (ys, loss_reg, state) = jax.grad(objective, (0, 1) if floats else (0,), has_aux=True)(
            trainable, [jnp.asarray(x) for x in xs]
        )
    finally:
        restore()
    names = {id(v): name for name, v in layer_weights(model)}
    case = {"python": code, **numbered("x", xs)}
    if mask is not None:
        case["mask"] = mask
    case |= numpy_weights(model, "w")
    case |= numbered("y", [np.array(y) for y in ys]) | numbered("dy", dys)
    if loss_reg is not None:
        case["loss_reg"] = np.array(loss_reg)
    for v, g in zip(model.trainable_variables, dw):
        case[f"g/{names[id(v)]}"] = np.array(g)
    if training and mask is None:
        case["training"] = 1
        for v, new in zip(model.non_trainable_variables, state):
            if id(v) in names:
                case[f"s/{names[id(v)]}"] = np.array(new)
    return case | numbered("dx", [np.array(g) for of_inputs in dx for g in of_inputs])


def dense_cases():
    cases = {}

    def add(name, shape, arguments, batch, **options):
        code = sequential(shape, f"keras.layers.Dense({arguments})")
        cases[name] = model_case(name, code, batch, **options)

    for activation in ACTIVATIONS:
        for batch in BATCHES:
            add(f"dense_{activation}_b{batch}", (4,), f"3, activation='{activation}'", batch)
            add(f"dense_{activation}_rank3_b{batch}", (2, 4), f"3, activation='{activation}'", batch)
        # Wider than any vector register, with a remainder in every direction.
        add(f"dense_{activation}_wide_b7", (19,), f"21, activation='{activation}'", 7)
    add("dense_linear_one_unit_b5", (4,), "1", 5)
    add("dense_sigmoid_one_unit_b5", (4,), "1, activation='sigmoid'", 5)
    add("dense_linear_rank4_b3", (2, 3, 4), "3", 3)
    for activation in ["linear", "relu", "softmax"]:
        add(f"dense_{activation}_no_bias_b3", (4,), f"3, activation='{activation}', use_bias=False", 3)
    regularizers = {
        "l1": "keras.regularizers.L1(0.05)",
        "l2": "keras.regularizers.L2(0.05)",
        "l1l2": "keras.regularizers.L1L2(0.02, 0.03)",
    }
    for key, text in regularizers.items():
        for target in ["kernel", "bias", "activity"]:
            arguments = f"3, activation='tanh', {target}_regularizer={text}"
            add(f"dense_{target}_{key}_b5", (4,), arguments, 5, activity=target == "activity")
        arguments = f"3, activation='relu', activity_regularizer={text}"
        add(f"dense_relu_activity_{key}_b3", (4,), arguments, 3, activity=True)
    add(
        "dense_all_regularizers_rank3_b3",
        (2, 4),
        "3, kernel_regularizer=keras.regularizers.L2(0.1), bias_regularizer=keras.regularizers.L1(0.1), "
        "activity_regularizer=keras.regularizers.L2(0.1)",
        3,
    )
    return cases


def lora_cases():
    cases = {}
    dense = "keras.layers.Dense(4, activation='tanh'{})"
    codes = {
        "dense_lora_rank2_b5": sequential((5,), dense.format(", lora_rank=2")),
        "dense_lora_rank2_alpha8_argument_b5": sequential((5,), dense.format(", lora_rank=2, lora_alpha=8")),
        "dense_lora_rank2_alpha8_enable_lora_b5": sequential((5,), dense.format(""))
        + "; model.layers[0].enable_lora(2, lora_alpha=8)",
    }
    for name, code in codes.items():
        case = model_case(name, code, 5)
        layer = run_code(code)["model"].layers[0]
        case["lora_alpha"] = layer.lora_alpha
        weights = [case[f"w/dense/{v}"] for v in ("kernel", "lora_kernel_a", "lora_kernel_b")]
        case["merged/dense/kernel"] = weights[0] + layer.lora_alpha / 2 * weights[1] @ weights[2]
        cases[name] = case
    return cases


def constraint_cases():
    constraints = {
        "max_norm": "keras.constraints.MaxNorm(1.0)",
        "max_norm_axis1": "keras.constraints.MaxNorm(1.0, axis=1)",
        "max_norm_axis01": "keras.constraints.MaxNorm(1.0, axis=[0, 1])",
        "max_norm_default": "keras.constraints.MaxNorm()",
        "non_neg": "keras.constraints.NonNeg()",
        "unit_norm": "keras.constraints.UnitNorm()",
        "unit_norm_axis1": "keras.constraints.UnitNorm(axis=1)",
        "min_max_norm": "keras.constraints.MinMaxNorm(0.9, 1.1)",
        "min_max_norm_rate": "keras.constraints.MinMaxNorm(0.9, 1.1, rate=0.5)",
        "min_max_norm_axis1": "keras.constraints.MinMaxNorm(0.9, 1.1, rate=0.25, axis=1)",
        "min_max_norm_default": "keras.constraints.MinMaxNorm()",
    }
    cases = {}
    for key, text in constraints.items():
        for rank, shape in {"kernel": (4, 5), "bias": (5,)}.items():
            if "axis" in key and rank == "bias":
                continue
            name = f"constraint_{key}_{rank}"
            for random in attempts(name):
                before = random.normal(shape, 0.8 if "default" in key else 0.6)
                after = np.array(run_code(f"c = {text}")["c"](jnp.asarray(before)))
                if not np.allclose(before, after):
                    break
            cases[name] = {"python": f"{text}(before)", "before": before, "after": after}
    return cases


def other_cases():
    cases = {}

    def add(name, code, batch, **options):
        cases[name] = model_case(name, code, batch, **options)

    for word in ACTIVATIONS:
        layer = f"keras.layers.Activation('{word}')"
        for batch in BATCHES:
            add(f"activation_{word}_b{batch}", sequential((4,), layer), batch)
            add(f"activation_{word}_rank3_b{batch}", sequential((3, 4), layer), batch)
        add(f"activation_{word}_wide_b3", sequential((37,), layer), 3)
    for key, shape in {"rank2": (4,), "rank3": (3, 4), "rank4": (2, 3, 2)}.items():
        add(f"flatten_{key}_b3", sequential(shape, "keras.layers.Flatten()"), 3)
    for key, target in {"3x4": (3, 4), "infer_first": (-1, 4), "infer_middle": (2, -1, 3), "flat": (-1,)}.items():
        for shape in [(12,), (2, 6)]:
            source = "x".join(map(str, shape))
            add(f"reshape_{source}_to_{key}_b3", sequential(shape, f"keras.layers.Reshape({target})"), 3)
    for rate in ["0.25", "0.5", "0.8"]:
        add(f"dropout_{rate}_b5", sequential((6,), f"keras.layers.Dropout({rate})"), 5, mask_shape=(6,))
    add("dropout_0.5_rank3_b3", sequential((2, 4), "keras.layers.Dropout(0.5)"), 3, mask_shape=(2, 4))
    add("dropout_0.5_inference_b3", sequential((4,), "keras.layers.Dropout(0.5)"), 3)

    inputs = "{0} = [keras.Input({1}) for _ in range({2})]; "
    for count in [2, 3]:
        for rank, shape in {"rank2": (4,), "rank3": (3, 4)}.items():
            code = inputs.format("x", shape, count) + "model = keras.Model(x, keras.layers.Add()(x))"
            for batch in [1, 3]:
                add(f"add_{count}_{rank}_b{batch}", code, batch)
    code = "x = keras.Input((4,)); model = keras.Model(x, keras.layers.Add()([x, x]))"
    add("add_same_tensor_twice_b3", code, 3)
    shapes = {
        "last_rank2": ("", [(4,), (2,)]),
        "last_rank2_3": ("", [(4,), (1,), (3,)]),
        "last_rank3": ("axis=-1", [(3, 4), (3, 2)]),
        "axis1_rank3": ("axis=1", [(3, 4), (2, 4)]),
        "axis1_rank3_3": ("axis=1", [(1, 4), (2, 4), (3, 4)]),
    }
    for key, (axis, sizes) in shapes.items():
        code = f"x = [keras.Input(s) for s in {sizes}]; model = keras.Model(x, keras.layers.Concatenate({axis})(x))"
        for batch in [1, 3]:
            add(f"concatenate_{key}_b{batch}", code, batch)
    return cases


def chain_cases():
    cases = {}

    def add(name, code, batch, **options):
        cases[name] = model_case(name, code, batch, **options)

    relu, softmax = "keras.layers.Dense(5, activation='relu')", "keras.layers.Dense(4, activation='softmax')"
    for batch in BATCHES:
        add(f"mlp_b{batch}", sequential((6,), relu, softmax), batch)
    frozen = "keras.layers.Dense(5, activation='relu', trainable=False)"
    add("mlp_first_layer_frozen_b3", sequential((6,), frozen, softmax), 3)
    add("mlp_regularized_b5", regularized_mlp(), 5, activity=True)
    add(
        "mlp_dropout_b5",
        sequential((6,), relu, "keras.layers.Dropout(0.5)", softmax),
        5,
        mask_shape=(5,),
    )
    add(
        "flatten_dense_activation_reshape_b3",
        sequential(
            (2, 3),
            "keras.layers.Flatten()",
            "keras.layers.Dense(6)",
            "keras.layers.Activation('gelu')",
            "keras.layers.Reshape((3, 2))",
            "keras.layers.Dense(4, activation='sigmoid')",
        ),
        3,
    )
    for activation in ["tanh", "relu"]:
        code = (
            f"x = keras.Input((6,)); shared = keras.layers.Dense(6, activation='{activation}', name='shared'); "
            "h = shared(shared(x)); y = keras.layers.Add()([x, h]); "
            "model = keras.Model(x, keras.layers.Dense(3, activation='softmax', name='head')(y))"
        )
        for batch in BATCHES:
            add(f"residual_shared_{activation}_b{batch}", code, batch)
    code = (
        "a = keras.Input((5,)); b = keras.Input((5,)); "
        "shared = keras.layers.Dense(4, activation='relu', name='shared'); p = shared(a); q = shared(b); "
        "c = keras.layers.Concatenate()([p, q]); s = keras.layers.Add()([p, q]); "
        "model = keras.Model([a, b], [keras.layers.Dense(3, activation='softmax', name='first')(c), "
        "keras.layers.Dense(1, name='second')(s)])"
    )
    for batch in [1, 5]:
        add(f"two_towers_b{batch}", code, batch)
    return cases


def regularized_mlp():
    return sequential(
        (6,),
        "keras.layers.Dense(5, activation='relu', kernel_regularizer=keras.regularizers.L2(0.1), "
        "activity_regularizer=keras.regularizers.L1(0.1))",
        "keras.layers.Dense(4, kernel_regularizer=keras.regularizers.L1(0.1), "
        "bias_regularizer=keras.regularizers.L1L2(0.1, 0.2))",
    )


def check_dropout(cases):
    """Keras's own dropout with the mask injected must be y = x * mask / (1 - rate)."""
    for name, case in cases.items():
        if name.startswith("dropout") and "mask" in case:
            rate = float(name.split("_")[1])
            assert np.allclose(case["y"], case["x"] * case["mask"] / (1 - rate), rtol=1e-14)
            assert np.allclose(case["dx"], case["dy"] * case["mask"] / (1 - rate), rtol=1e-14)


def write(out):
    cases = dense_cases() | lora_cases() | constraint_cases() | other_cases() | chain_cases()
    cases |= activation_cases.cases(sequential, evaluate) | merging_cases.cases(evaluate)
    for more in [reshaping_cases, weighted_cases]:
        cases |= more.cases(sequential, evaluate, randomize)
    check_dropout(cases)
    write_cases(out / "layers.json", cases)
