"""precision.json: layers under the policies mixed_bfloat16 and mixed_float16, whose weights are float32."""

import keras
import numpy as np

from .common import Random, numpy_weights, randomize, run_code, write_cases
from .layers import evaluate, sequential



def layers(dtype):
    """Layers with a policy of their own: the shape of a sample, the call, the batch."""
    dtype = f"dtype='mixed_{dtype}'"
    return {
        "dense": ((7,), f"Dense(5, {dtype})", 4),
        "dense_softmax": ((7,), f"Dense(5, 'softmax', {dtype})", 4),
        "conv2d": ((4, 3, 2), f"Conv2D(2, 2, activation='tanh', padding='same', {dtype})", 2),
        "depthwise_conv2d": ((5, 4, 3), f"DepthwiseConv2D(3, depth_multiplier=2, {dtype})", 2),
        "lstm": ((4, 3), f"LSTM(4, return_sequences=True, {dtype})", 3),
        "gru": ((4, 3), f"GRU(4, {dtype})", 3),
        "layer_normalization": ((3, 6), f"LayerNormalization({dtype})", 3),
        "rms_normalization": ((3, 6), f"RMSNormalization({dtype})", 3),
        "batch_normalization": ((3, 2), f"BatchNormalization({dtype})", 4),
        "bidirectional": ((3, 2), f"Bidirectional(keras.layers.SimpleRNN(3, {dtype}), {dtype})", 2),
        "average_pooling2d": ((4, 4, 2), f"AveragePooling2D(2, {dtype})", 2),
    }


# Models, each with a policy.
GRAPHS = {
    # A chain whose last layer is float32, as Keras advises.
    "chain": (
        [(6,)],
        sequential(
            (6,),
            "keras.layers.Dense(8, 'gelu')",
            "keras.layers.LayerNormalization()",
            "keras.layers.Dense(6, 'tanh')",
            "keras.layers.Dense(3, 'softmax', dtype='float32')",
        ),
        4,
    ),
    # A value that layers of both policies read.
    "both": (
        [(5,)],
        "x = keras.Input((5,)); h = keras.layers.Dense(4, 'tanh')(x); "
        "model = keras.Model(x, keras.layers.Add()([h, keras.layers.Dense(4, dtype='float32')(h)]))",
        3,
    ),
    # Rows that no policy has rounded, and rows that one has.
    "reversible_embedding": (
        [(2, 3), (2, 3)],
        "x = keras.Input((2, 3)); h = keras.Input((2, 3)); table = keras.layers.ReversibleEmbedding(9, 3); "
        "model = keras.Model([x, h], [table(x, reverse=True), table(keras.layers.Dense(3)(h), reverse=True)])",
        2,
    ),
    "multi_head_attention": (
        [(3, 4)],
        "x = keras.Input((3, 4)); model = keras.Model(x, keras.layers.MultiHeadAttention(1, 2)(x, x))",
        2,
    ),
}


def written(case):
    """What was computed in fewer digits, as float64."""
    kept = {"python"}
    return {key: value if key in kept else np.asarray(value, "float64") for key, value in case.items()}


def of(name, code, shapes, batch, training=None):
    random = Random(name)
    try:
        model = run_code(code)["model"]
    finally:
        keras.config.set_dtype_policy("float64")
    randomize(model, random)
    if training:
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.moving_variance.assign(np.abs(layer.moving_variance) + 0.5)
    xs = [random.normal((batch, *shape)) for shape in shapes]
    dys = [random.normal((batch, *y.shape[1:])) for y in model.outputs]
    return written(evaluate(code, model, xs, dys, None, training))


def words(name, policy, dtype):
    inputs = f"keras.Input((5,), dtype='{dtype}')"
    code = f"model = keras.Sequential([{inputs}, keras.layers.Embedding(300, 3, dtype='mixed_{policy}')])"
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    # Numbers that bfloat16 does not have.
    x = np.concatenate([random.state.randint(0, 300, size=(2, 4)), [[257], [299]]], axis=1)
    x = x.astype("float64" if dtype == "float64" else "int64")
    case = evaluate(code, model, [x], [random.normal((2, 5, 3))], None)
    return written(case) | {"x": x}


def masked(name, policy, near):
    """Steps of a value that the policy's format does not have, and of two that are rounded to the same."""
    dtype = f"dtype='mixed_{policy}'"
    code = sequential((4, 3), f"keras.layers.Masking(0.1, {dtype})", f"keras.layers.SimpleRNN(2, {dtype})")
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    x = random.normal((3, 4, 3))
    x[0, 1] = x[1, 3] = 0.1
    x[2, 0] = [0.1, *near]
    x[2, 2] = [0.1, 0.1, 0.11]
    return written(evaluate(code, model, [x], [random.normal((3, 2))], None))


def write(out):
    cases = {}
    for policy in ["bfloat16", "float16"]:
        for name, (shape, layer, batch) in layers(policy).items():
            key = f"{policy}_{name}_b{batch}"
            training = name == "batch_normalization" or None
            cases[key] = of(key, sequential(shape, f"keras.layers.{layer}"), [shape], batch, training)
        for name, (shapes, code, batch) in GRAPHS.items():
            key = f"{policy}_{name}_b{batch}"
            cases[key] = of(key, f"keras.config.set_dtype_policy('mixed_{policy}'); {code}", shapes, batch)
        cases[f"{policy}_embedding_b2"] = words(f"{policy}_embedding_b2", policy, "int32")
    cases["bfloat16_embedding_floats_b2"] = words("bfloat16_embedding_floats_b2", "bfloat16", "float64")
    cases["bfloat16_masking_b3"] = masked("bfloat16_masking_b3", "bfloat16", [0.1001, 0.0999])
    cases["float16_masking_b3"] = masked("float16_masking_b3", "float16", [0.09999, 0.09996])
    write_cases(out / "precision.json", cases)
