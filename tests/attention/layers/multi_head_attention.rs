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
layer_test!(
    pairs,
    model!(|x: [4, 3], m: [4, 4]| MultiHeadAttention(2, 2)(x, x, attention_mask = m)),
    ["multi_head_attention_pairs"]
);
layer_test!(
    pairs_heads,
    model!(|q: [4, 3], v: [5, 3], m: [[[u8; 5]; 4]; 2]| MultiHeadAttention(2, 2, dropout = 0.25)(q, v, attention_mask = m)),
    ["multi_head_attention_pairs_heads"]
);
layer_test!(
    pairs_one,
    model!(|x: [2 * N, 3], m: [1, 2 * N]| MultiHeadAttention(2, 2, sliding_window = 3)(x, x, attention_mask = m)),
    ["multi_head_attention_pairs_one"]
);
layer_test!(
    scores,
    model!(|q: [3, 4], v: [5, 4]| { let (y, p) = MultiHeadAttention(2, 3)(q, v, return_attention_scores = true); (y, p) }),
    ["multi_head_attention_scores"]
);
layer_test!(
    scores_masked,
    model!(|q: [3, 4], v: [5, 4], m: [[u8; 5]; 3]| {
        let attend = MultiHeadAttention(2, 3, use_gate = true);
        let (y, p) = attend(q, Masking()(v), attention_mask = m, return_attention_scores = true);
        (y, p)
    }),
    ["multi_head_attention_scores_masked"]
);
layer_test!(
    scores_dropped,
    model!(|x: [4, 3]| {
        let m = Masking()(x);
        let (y, p) = MultiHeadAttention(2, 3, dropout = 0.5)(m, m, return_attention_scores = true);
        Flatten()(y) + Dense(12)(Flatten()(p))
    })
);
layer_test!(
    drawn,
    model!(|x: [4, 3]| MultiHeadAttention(2, 3, dropout = 0.25)(x, x)),
    ["multi_head_attention_dropout"]
);
layer_test!(
    regularized,
    model!(|x: [3, 4]| MultiHeadAttention(2, 2, bias_regularizer = L1(0.1))(x, x)),
    ["multi_head_attention_regularized"]
);
