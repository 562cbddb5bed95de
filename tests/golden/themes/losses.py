"""losses.json: losses on logits z through a head, with dz = d loss / d z."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from .common import MARGIN, attempts, run_code, write_cases

CATEGORICAL = "keras.losses.CategoricalCrossentropy"
SPARSE = "keras.losses.SparseCategoricalCrossentropy"
BINARY = "keras.losses.BinaryCrossentropy"


def soft_binary(random, shape):
    return random.state.randint(1, 16, size=shape) / 16


def targets(random, kind, shape):
    """`shape` is that of z."""
    if kind == "one_hot":
        return random.one_hot(shape[:-1], shape[-1])
    if kind == "soft":
        return random.distribution(shape)
    if kind == "label":
        return random.labels(shape[:-1], shape[-1])
    if kind == "label_column":
        return random.labels((*shape[:-1], 1), shape[-1])
    if kind == "binary":
        return random.labels(shape, 2).astype("float64")
    if kind == "binary_flat":
        return random.labels(shape[:-1], 2).astype("float64")
    if kind == "soft_binary":
        return soft_binary(random, shape)
    assert kind == "real"
    return random.normal(shape)


def loss_case(name, loss, head, kind, shape, weights=None, extreme=False):
    y_pred_code = "z" if head == "linear" else f"keras.activations.{head}(z)"
    weighted = ", sample_weight=sample_weight" if weights else ""
    code = f"{loss}(y_true, {y_pred_code}{weighted})"
    for random in attempts(name):
        if extreme:
            z = random.normal(shape, 30.0)
            z = np.clip(z, -60, 60)
            z.flat[0], z.flat[-1] = 60.0, -60.0
        else:
            z = random.normal(shape)
        y_true = targets(random, kind, shape)
        sample_weight = random.weights(weights) if weights else None
        y_pred = np.array(run_code(f"y = {y_pred_code}", z=jnp.asarray(z))["y"])
        if head != "linear" and (y_pred.min() < MARGIN or y_pred.max() > 1 - MARGIN):
            continue
        if "MeanAbsoluteError" in loss and np.abs(y_pred - y_true).min() < MARGIN:
            continue
        break

    head_function = getattr(keras.activations, head)
    base = run_code(f"loss = {loss}")["loss"]

    def value(z, reduction):
        fn = type(base).from_config({**base.get_config(), "reduction": reduction})
        return fn(y_true, head_function(z), sample_weight=sample_weight)

    z_value = jnp.asarray(z)
    mean, dz = jax.value_and_grad(value)(z_value, "sum_over_batch_size")
    case = {"python": code, "z": z, "y_pred": y_pred, "y_true": y_true}
    if weights:
        case["sample_weight"] = sample_weight
    case["per_sample"] = np.array(base.call(jnp.asarray(y_true), head_function(z_value)))
    case["loss"] = np.array(mean)
    case["loss_sum"] = np.array(value(z_value, "sum"))
    case["loss_mean_with_sample_weight"] = np.array(value(z_value, "mean_with_sample_weight"))
    case["dz"] = np.array(dz)
    config = base.get_config()
    if "from_logits" in config:
        case["from_logits"] = int(config["from_logits"])
    if "label_smoothing" in config:
        case["label_smoothing"] = float(config["label_smoothing"])
    return case


def arguments(head, smoothing=0.0):
    parts = ["from_logits=True"] if head == "linear" else []
    parts += [f"label_smoothing={smoothing}"] if smoothing else []
    return ", ".join(parts)


def write(out):
    cases = {}

    def add(name, *rest, **options):
        assert name not in cases
        cases[name] = loss_case(name, *rest, **options)

    def weighted(prefix, loss, head, kind, shape, weights):
        add(prefix, loss, head, kind, shape)
        add(f"{prefix}_weighted", loss, head, kind, shape, weights)

    for head in ["softmax", "linear"]:
        for smoothing in [0.0, 0.1]:
            loss = f"{CATEGORICAL}({arguments(head, smoothing)})"
            suffix = "_smoothed" if smoothing else ""
            for kind in ["one_hot", "soft"]:
                weighted(f"categorical_{head}_{kind}{suffix}", loss, head, kind, (5, 4), (5,))
        loss = f"{CATEGORICAL}({arguments(head)})"
        add(f"categorical_{head}_one_hot_b1", loss, head, "one_hot", (1, 4))
        add(f"categorical_{head}_one_hot_wide", loss, head, "one_hot", (3, 19))
        weighted(f"categorical_{head}_one_hot_rank3", loss, head, "one_hot", (2, 3, 4), (2, 3))
        add(f"categorical_{head}_one_hot_rank3_weighted_by_sample", loss, head, "one_hot", (2, 3, 4), (2, 1))

        loss = f"{SPARSE}({arguments(head)})"
        weighted(f"sparse_categorical_{head}_label", loss, head, "label", (5, 4), (5,))
        weighted(f"sparse_categorical_{head}_label_column", loss, head, "label_column", (5, 4), (5,))
        weighted(f"sparse_categorical_{head}_label_rank3", loss, head, "label", (2, 3, 4), (2, 3))
        add(f"sparse_categorical_{head}_label_b1", loss, head, "label", (1, 4))

    for head in ["sigmoid", "linear"]:
        for smoothing in [0.0, 0.1]:
            loss = f"{BINARY}({arguments(head, smoothing)})"
            suffix = "_smoothed" if smoothing else ""
            for kind in ["binary", "soft_binary"]:
                for units in [1, 3]:
                    weighted(f"binary_{head}_{kind}_{units}{suffix}", loss, head, kind, (5, units), (5,))
        loss = f"{BINARY}({arguments(head)})"
        add(f"binary_{head}_binary_flat", loss, head, "binary_flat", (5, 1))
        weighted(f"binary_{head}_binary_rank3", loss, head, "binary", (2, 3, 4), (2, 3))

    for key, loss in {"mse": "MeanSquaredError", "mae": "MeanAbsoluteError"}.items():
        loss = f"keras.losses.{loss}()"
        for head, kind in [("linear", "real"), ("sigmoid", "soft_binary"), ("softmax", "one_hot")]:
            weighted(f"{key}_{head}", loss, head, kind, (5, 3), (5,))
        weighted(f"{key}_linear_one_unit", loss, "linear", "real", (5, 1), (5,))
        weighted(f"{key}_linear_rank3", loss, "linear", "real", (2, 3, 4), (2, 3))

    loss = "keras.losses.KLDivergence()"
    weighted("kl_divergence_softmax", loss, "softmax", "soft", (5, 4), (5,))
    weighted("kl_divergence_sigmoid", loss, "sigmoid", "soft_binary", (5, 4), (5,))
    weighted("kl_divergence_softmax_rank3", loss, "softmax", "soft", (2, 3, 4), (2, 3))

    for smoothing in [0.0, 0.1]:
        suffix = "_smoothed" if smoothing else ""
        for key, name, kind, shape in [
            ("categorical", CATEGORICAL, "one_hot", (6, 4)),
            ("binary", BINARY, "binary", (6, 3)),
        ]:
            loss = f"{name}({arguments('linear', smoothing)})"
            add(f"extreme_{key}{suffix}", loss, "linear", kind, shape, extreme=True)
    loss = f"{SPARSE}({arguments('linear')})"
    add("extreme_sparse_categorical", loss, "linear", "label", (6, 4), extreme=True)
    write_cases(out / "losses.json", cases)
