use keras::model;

use crate::layer_test;

const N: usize = 2;

layer_test!(
    second,
    model!(|x: [N, N + 1, 4]| MultiHeadAttention(N, 3, attention_axes = 2)(x, x)),
    ["multi_head_attention_axes"]
);
layer_test!(
    first,
    model!(|q: [2, 3, 4], v: [5, 3, 4], k: [5, 3, 2]| {
        let attend = MultiHeadAttention(
            2,
            2,
            3,
            0.25,
            false,
            5,
            attention_axes = (-3),
            use_gate = true,
            activity_regularizer = L2(0.1),
        );
        attend(q, v, k)
    }),
    ["multi_head_attention_axes_first"]
);
layer_test!(
    all,
    model!(|q: [2, 3, 4], v: [3, 2, 3]| {
        let (y, p) = MultiHeadAttention(2, 3)(q, v, return_attention_scores = true);
        (y, p)
    }),
    ["multi_head_attention_axes_all"]
);
layer_test!(
    two,
    model!(|q: [2, N, 3, 2], v: [3, N, 2, 3], m: [3, 2, 2, 3]| {
        let attend = MultiHeadAttention(2, 2, attention_axes = (3, 1));
        let (y, p) = attend(q, v, attention_mask = m, return_attention_scores = true);
        (y, p)
    }),
    ["multi_head_attention_axes_two"]
);
layer_test!(
    causal,
    model!(|x: [4, 2, 3]| MultiHeadAttention(2, 2, attention_axes = 1, sliding_window = 2)(x, x, use_causal_mask = true)),
    ["multi_head_attention_axes_causal"]
);
layer_test!(
    pairs,
    model!(|x: [2, 4, 3], m: [[[u8; 4]; 4]; 2]| MultiHeadAttention(2, 2, attention_axes = 2)(x, x, attention_mask = m)),
    ["multi_head_attention_axes_pairs"]
);
layer_test!(
    pairs_all,
    model!(|x: [4, 2, 3], m: [1, 4]| {
        let attend = MultiHeadAttention(2, 2, attention_axes = 1);
        attend(x, x, attention_mask = m, use_causal_mask = true)
    }),
    ["multi_head_attention_axes_pairs_all"]
);
layer_test!(
    masked,
    model!(|q: [3, 2, 3], v: [3, 4, 3]| {
        MultiHeadAttention(2, 2, attention_axes = 2)(Masking()(q), Masking()(v))
    }),
    ["multi_head_attention_axes_masked"]
);
