use keras::model;

use crate::layer_test;

const N: usize = 2;

layer_test!(itself, model!(|x: [3, 4]| MultiHeadAttention(2, 3)(x, x)), ["multi_head_attention"]);
layer_test!(
    other,
    model!(|q: [2, 3], v: [4, 5], k: [4, 2]| MultiHeadAttention(N, 3, output_shape = 4, use_bias = false)(q, v, k)),
    ["multi_head_attention_other"]
);
layer_test!(
    causal,
    model!(|x: [5, 4]| MultiHeadAttention(2, 2, sliding_window = 2)(x, x, use_causal_mask = true)),
    ["multi_head_attention_causal"]
);
layer_test!(
    gate,
    model!(|x: [3, 4]| MultiHeadAttention(2, 2, value_dim = 3, dropout = 0.25, use_gate = true, kernel_regularizer = L2(0.1))(x, x)),
    ["multi_head_attention_gate"]
);
layer_test!(
    masked,
    model!(|x: [4, 3]| { let m = Masking()(x); MultiHeadAttention(2, 2)(m, m) }),
    ["multi_head_attention_masked"]
);
layer_test!(
    masked_causal,
    model!(|q: [4, 3], v: [3, 3]| MultiHeadAttention(1, 2)(q, Masking()(v), use_causal_mask = true)),
    ["multi_head_attention_masked_causal"]
);
layer_test!(
    residual,
    model!(|x: [9, 8]| {
        let y = LayerNormalization()(x + MultiHeadAttention(2, 4)(x, x));
        LayerNormalization()(y + Dense(8)(Dense(16, gelu)(y)))
    })
);
layer_test!(
    shared,
    model!(|a: [3, 4], b: [2, 4]| { let m = MultiHeadAttention(2, 2); Concatenate(axis = 1)(m(a, b), m(b, a)) })
);
