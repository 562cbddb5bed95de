use keras::model;

use crate::layer_test;

const N: usize = 2;

layer_test!(plain, model!(|q: [3, N], v: [4, 2]| AdditiveAttention()(q, v)), ["additive_attention"]);
layer_test!(
    keys,
    model!(|q: [3, 3], v: [4, 5], k: [4, 3]| AdditiveAttention(use_scale = false)(q, v, k, use_causal_mask = true)),
    ["additive_attention_keys"]
);
layer_test!(
    masked,
    model!(|q: [3, 2], v: [4, 2]| AdditiveAttention(dropout = 0.25)(Masking()(q), Masking()(v))),
    ["additive_attention_masked"]
);
layer_test!(
    scores,
    model!(|x: [5, 2]| { let (y, p) = AdditiveAttention()(x, x, return_attention_scores = true); (y, p) }),
    ["additive_attention_scores"]
);
layer_test!(
    long,
    model!(|x: [70, 1], y: [67, 1]| AdditiveAttention(dropout = 0.5, seed = 3)(y, x, use_causal_mask = true))
);
layer_test!(given, model!(|x: [3, 2], a: [u8; 3], b: [i64; 3]| AdditiveAttention()(x, x, mask = [a, b])));
layer_test!(
    shared,
    model!(|a: [3, 4], b: [2, 4]| { let m = AdditiveAttention(); Concatenate(axis = 1)(m(a, b), m(b, a)) })
);
layer_test!(
    drawn,
    model!(|q: [3, 4], v: [2, 4]| AdditiveAttention(dropout = 0.5, seed = 9)(q, v)),
    ["additive_attention_dropout"]
);
