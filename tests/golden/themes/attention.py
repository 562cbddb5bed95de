"""attention.json: layers of attention, in inference, some with their scores, some with masks as inputs."""

import jax.numpy as jnp
import keras
import numpy as np

from .common import Random, randomize, run_code, write_cases
from .layers import evaluate

SCORES = "return_attention_scores=True"
ADDITIVE = "keras.layers.AdditiveAttention"
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
    "attention_concat": ([(3, 2), (4, 2)], "keras.layers.Attention(score_mode='concat')(x)"),
    "attention_concat_scale": (
        [(4, 4), (3, 2), (3, 3)],
        "keras.layers.Attention(use_scale=True, score_mode='concat')"
        "([keras.layers.Dense(3, use_bias=False)(x[0]), x[1], x[2]], use_causal_mask=True)",
    ),
    "attention_concat_masked": (
        [(3, 2), (4, 2)],
        "keras.layers.Attention(use_scale=True, score_mode='concat')"
        "([keras.layers.Masking()(x[0]), keras.layers.Masking()(x[1])])",
    ),
    "attention_given": ([(3, 2), (4, 2), (3,), (4,)], "keras.layers.Attention()(x[:2], mask=[x[2], x[3]])", 2),
    "attention_scores": ([(3, 2), (4, 2)], f"keras.layers.Attention(use_scale=True)(x, {SCORES})"),
    "attention_scores_masked": (
        [(3, 2), (4, 3), (4, 2)],
        "keras.layers.Attention(score_mode='concat')([keras.layers.Masking()(x[0]), "
        f"keras.layers.Masking()(x[1]), x[2]], use_causal_mask=True, {SCORES})",
    ),
    "additive_attention": ([(3, 2), (4, 2)], f"{ADDITIVE}()(x)"),
    "additive_attention_keys": ([(3, 3), (4, 5), (4, 3)], f"{ADDITIVE}(use_scale=False)(x, use_causal_mask=True)"),
    "additive_attention_masked": (
        [(3, 2), (4, 2)],
        f"{ADDITIVE}(dropout=0.25)([keras.layers.Masking()(x[0]), keras.layers.Masking()(x[1])])",
    ),
    "additive_attention_scores": ([(5, 2)], f"{ADDITIVE}()([x[0], x[0]], {SCORES})"),
    "multi_head_attention_pairs": (
        [(4, 3), (4, 4)],
        f"{MULTI}(2, 2)(x[0], x[0], attention_mask=x[1])",
        1,
    ),
    "multi_head_attention_pairs_heads": (
        [(4, 3), (5, 3), (2, 4, 5)],
        f"{MULTI}(2, 2, dropout=0.25)(x[0], x[1], attention_mask=x[2])",
        1,
    ),
    "multi_head_attention_pairs_one": (
        [(4, 3), (1, 4)],
        f"{MULTI}(2, 2, sliding_window=3)(x[0], x[0], attention_mask=x[1])",
        1,
    ),
    "multi_head_attention_scores": (
        [(3, 4), (5, 4)],
        f"{MULTI}(2, 3)(x[0], x[1], {SCORES})",
    ),
    "multi_head_attention_scores_masked": (
        [(3, 4), (5, 4), (3, 5)],
        f"{MULTI}(2, 3, use_gate=True)(x[0], keras.layers.Masking()(x[1]), attention_mask=x[2], {SCORES})",
        1,
    ),
    "multi_head_attention_axes": ([(2, 3, 4)], f"{MULTI}(2, 3, attention_axes=2)(x[0], x[0])"),
    "multi_head_attention_axes_first": (
        [(2, 3, 4), (5, 3, 4), (5, 3, 2)],
        f"{MULTI}(2, 2, 3, 0.25, False, 5, attention_axes=(-3,), use_gate=True, "
        "activity_regularizer=keras.regularizers.L2(0.1))(x[0], x[1], x[2])",
    ),
    "multi_head_attention_axes_all": (
        [(2, 3, 4), (3, 2, 3)],
        f"{MULTI}(2, 3)(x[0], x[1], {SCORES})",
    ),
    "multi_head_attention_axes_two": (
        [(2, 2, 3, 2), (3, 2, 2, 3), (3, 2, 2, 3)],
        f"{MULTI}(2, 2, attention_axes=(3, 1))(x[0], x[1], attention_mask=x[2], {SCORES})",
        1,
    ),
    "multi_head_attention_axes_causal": (
        [(4, 2, 3)],
        f"{MULTI}(2, 2, attention_axes=1, sliding_window=2)(x[0], x[0], use_causal_mask=True)",
    ),
    "multi_head_attention_axes_pairs": (
        [(2, 4, 3), (2, 4, 4)],
        f"{MULTI}(2, 2, attention_axes=2)(x[0], x[0], attention_mask=x[1])",
        1,
    ),
    "multi_head_attention_axes_pairs_all": (
        [(4, 2, 3), (1, 4)],
        f"{MULTI}(2, 2, attention_axes=1)(x[0], x[0], attention_mask=x[1], use_causal_mask=True)",
        1,
    ),
    "multi_head_attention_axes_masked": (
        [(3, 2, 3), (3, 4, 3)],
        f"{MULTI}(2, 2, attention_axes=2)(keras.layers.Masking()(x[0]), keras.layers.Masking()(x[1]))",
    ),
    "group_query_attention_pairs": (
        [(4, 3), (4, 4)],
        f"{GROUP}(2, 4, 2, {NAMED})(x[0], x[0], attention_mask=x[1], use_causal_mask=True)",
        1,
    ),
    "group_query_attention_scores": (
        [(4, 3)],
        f"{GROUP}(2, 4, 2, {NAMED})(x[0], x[0], use_causal_mask=True, {SCORES})",
    ),
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
    "group_query_attention_regularized": (
        [(5, 3)],
        f"{GROUP}(2, 4, 2, sliding_window=2, kernel_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05), "
        f"{NAMED})(x[0], x[0], use_causal_mask=True)",
    ),
    "group_query_attention_regularized_scores": (
        [(3, 2)],
        f"{GROUP}(2, 2, 1, activity_regularizer=keras.regularizers.L2(0.1), {NAMED})(x[0], x[0], {SCORES})",
    ),
    "multi_head_attention_regularized": (
        [(3, 4)],
        f"{MULTI}(2, 2, bias_regularizer=keras.regularizers.L1(0.1))(x[0], x[0])",
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


def given_mask(random, shape):
    """Zeros and ones; the first key of a query counts, and so does the first query."""
    mask = random.state.randint(0, 2, size=(3, *shape)).astype("float64")
    mask[..., 0] = 1.0
    return mask


def case(name, shapes, call, masks=0):
    """The last inputs are `masks` masks."""
    code = f"x = [keras.Input(s) for s in {shapes}]; model = keras.Model(x, {call})"
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    xs = [random.normal((3, *shape)) for shape in shapes]
    if "masked" in name:
        # The last steps of the last input are padding, but for the first of each sample; those of a query too.
        for x in xs[: len(xs) - masks]:
            for i, sample in enumerate(x):
                sample[max(1, len(sample) - i) :] = 0.0
    for i in range(len(xs) - masks, len(xs)):
        xs[i] = given_mask(random, shapes[i])
    own = model(xs if len(xs) > 1 else xs[0])
    own = own if isinstance(own, (list, tuple)) else [own]
    # Keras works out another shape for the scores than they have, where queries and keys differ in number.
    dys = [random.normal(y.shape) for y in own]
    backend = keras.src.backend.nn
    theirs, backend.dot_product_attention = backend.dot_product_attention, in_float64
    try:
        result = evaluate(code, model, xs, dys, None)
    finally:
        backend.dot_product_attention = theirs
    for key, own in zip(["y"] if len(dys) == 1 else ["y0", "y1"], own):
        assert np.allclose(result[key], np.array(own), rtol=1e-5, atol=1e-6), name
    return result


def write(out):
    write_cases(out / "attention.json", {f"{name}_b3": case(name, *of) for name, of in CASES.items()})
