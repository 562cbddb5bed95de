use keras::model;

use crate::layer_test;

layer_test!(shared, model!(|x: [3, 4]| GroupQueryAttention(2, 4, 2)(x, x)), ["group_query_attention"]);
layer_test!(
    one,
    model!(|q: [3, 4], v: [5, 4]| GroupQueryAttention(3, 2, num_key_value_heads = 1, use_bias = false)(q, v)),
    ["group_query_attention_one"]
);
layer_test!(
    causal,
    model!(|x: [4, 3]| GroupQueryAttention(2, 4, 2, use_gate = true)(x, x, use_causal_mask = true)),
    ["group_query_attention_causal"]
);
layer_test!(
    masked,
    model!(|x: [4, 3]| { let m = Masking()(x); GroupQueryAttention(2, 2, 1, dropout = 0.5)(m, m) }),
    ["group_query_attention_masked"]
);
layer_test!(
    pairs,
    model!(|x: [4, 3], m: [[i32; 4]; 4]| GroupQueryAttention(2, 4, 2)(x, x, attention_mask = m, use_causal_mask = true)),
    ["group_query_attention_pairs"]
);
layer_test!(
    scores,
    model!(|x: [4, 3]| {
        let attend = GroupQueryAttention(2, 4, 2);
        let (y, p) = attend(x, x, use_causal_mask = true, return_attention_scores = true);
        (y, p)
    }),
    ["group_query_attention_scores"]
);
layer_test!(
    drawn,
    model!(|x: [4, 3]| GroupQueryAttention(3, 4, 2, dropout = 0.5, seed = 9)(x, x)),
    ["group_query_attention_dropout"]
);
layer_test!(
    regularized,
    model!(|x: [5, 3]| {
        let attend = GroupQueryAttention(
            2,
            4,
            2,
            sliding_window = 2,
            kernel_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        );
        attend(x, x, use_causal_mask = true)
    }),
    ["group_query_attention_regularized"]
);
layer_test!(
    regularized_scores,
    model!(|x: [3, 2]| {
        let (y, p) = GroupQueryAttention(2, 2, 1, activity_regularizer = L2(0.1))(x, x, return_attention_scores = true);
        (y, p)
    }),
    ["group_query_attention_regularized_scores"]
);
