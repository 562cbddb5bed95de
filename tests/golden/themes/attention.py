"""attention.json: layers of attention, in inference."""

import jax.numpy as jnp
import keras
import numpy as np

from .common import Random, randomize, run_code, write_cases
from .layers import evaluate

MULTI, GROUP = "keras.layers.MultiHeadAttention", "keras.layers.GroupQueryAttention"
NAMED = "name='group_query_attention'"
CASES = {
    "attention": ([(3, 2), (4, 2)], "keras.layers.Attention()(x)"),
    "attention_keys": ([(3, 2), (4, 5), (4, 2)], "keras.layers.Attention()(x)"),
    "attention_scale": ([(3, 2), (4, 2)], "keras.layers.Attention(use_scale=True)(x)"),
    "attention_causal": ([(4, 2), (3, 2)], "keras.layers.Attention()(x, use_causal_mask=True)"),
    "attention_masked": (
        [(3, 2), (4, 2)],
        "keras.layers.Attention()([keras.layers.Masking()(x[0]), keras.layers.Masking()(x[1])])",
    ),
    "attention_itself": ([(3, 4)], "keras.layers.Attention(dropout=0.25)([x[0], x[0]], use_causal_mask=True)"),
    "multi_head_attention": ([(3, 4)], f"{MULTI}(2, 3)(x[0], x[0])"),
    "multi_head_attention_other": (
        [(2, 3), (4, 5), (4, 2)],
        f"{MULTI}(2, 3, output_shape=4, use_bias=False)(x[0], x[1], x[2])",
    ),
    "multi_head_attention_causal": (
        [(5, 4)],
        f"{MULTI}(2, 2, sliding_window=2)(x[0], x[0], use_causal_mask=True)",
    ),
    "multi_head_attention_gate": (
        [(3, 4)],
        f"{MULTI}(2, 2, value_dim=3, dropout=0.25, use_gate=True, kernel_regularizer=keras.regularizers.L2(0.1))"
        "(x[0], x[0])",
    ),
    "multi_head_attention_masked": ([(4, 3)], f"(lambda m: {MULTI}(2, 2)(m, m))(keras.layers.Masking()(x[0]))"),
    "multi_head_attention_masked_causal": (
        [(4, 3), (3, 3)],
        f"{MULTI}(1, 2)(x[0], keras.layers.Masking()(x[1]), use_causal_mask=True)",
    ),
    "group_query_attention": ([(3, 4)], f"{GROUP}(2, 4, 2, {NAMED})(x[0], x[0])"),
    "group_query_attention_one": ([(3, 4), (5, 4)], f"{GROUP}(3, 2, 1, use_bias=False, {NAMED})(x[0], x[1])"),
    "group_query_attention_causal": (
        [(4, 3)],
        f"{GROUP}(2, 4, 2, use_gate=True, {NAMED})(x[0], x[0], use_causal_mask=True)",
    ),
    "group_query_attention_masked": (
        [(4, 3)],
        f"(lambda m: {GROUP}(2, 2, 1, dropout=0.5, {NAMED})(m, m))(keras.layers.Masking()(x[0]))",
    ),
}


def in_float64(query, key, value, bias=None, mask=None, scale=None, is_causal=False, flash_attention=None, **_):
    """What JAX's function of this name computes, whose softmax is in float32 whatever its operands are."""
    logits = jnp.einsum("bthd,bshd->bhts", query * scale, key)
    if is_causal:
        causal = jnp.tril(jnp.ones(logits.shape[-2:], "bool"))
        mask = causal if mask is None else jnp.logical_and(mask, causal)
    if mask is not None:
        logits = jnp.where(mask, logits, -0.7 * np.finfo("float32").max)
    weights = jnp.exp(logits - logits.max(-1, keepdims=True))
    return jnp.einsum("bhts,bshd->bthd", weights / weights.sum(-1, keepdims=True), value)


def case(name, shapes, call):
    code = f"x = [keras.Input(s) for s in {shapes}]; model = keras.Model(x, {call})"
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    xs = [random.normal((3, *shape)) for shape in shapes]
    if "masked" in name:
        # The last steps of the last input are padding, but for the first of each sample; those of a query too.
        for x in xs:
            for i, sample in enumerate(x):
                sample[max(1, len(sample) - i) :] = 0.0
    dy = random.normal((3, *model.output_shape[1:]))
    own = np.array(model(xs if len(xs) > 1 else xs[0]))
    backend = keras.src.backend.nn
    theirs, backend.dot_product_attention = backend.dot_product_attention, in_float64
    try:
        result = evaluate(code, model, xs, [dy], None)
    finally:
        backend.dot_product_attention = theirs
    assert np.allclose(result["y"], own, rtol=1e-5, atol=1e-6), name
    return result


def write(out):
    write_cases(out / "attention.json", {f"{name}_b3": case(name, *of) for name, of in CASES.items()})
