use keras::model;

use crate::layer_test;

const N: usize = 3;

layer_test!(plain, model!(|q: [3, 2], v: [4, 2]| Attention()(q, v)), ["attention"]);
layer_test!(keys, model!(|q: [3, 2], v: [4, 5], k: [4, 2]| Attention()([q, v, k])), ["attention_keys"]);
layer_test!(scale, model!(|q: [3, 2], v: [4, 2]| Attention(use_scale = true)(q, v)), ["attention_scale"]);
layer_test!(causal, model!(|q: [4, 2], v: [3, 2]| Attention()(q, v, use_causal_mask = true)), ["attention_causal"]);
layer_test!(
    masked,
    model!(|q: [3, 2], v: [4, 2]| { let m = Masking(); Attention()(m(q), Masking()(v)) }),
    ["attention_masked"]
);
layer_test!(
    itself,
    model!(|x: [N, N + 1]| Attention(dropout = 0.25)(x, x, use_causal_mask = true)),
    ["attention_itself"]
);
layer_test!(long, model!(|x: [66, 1]| Attention()(x, x, use_causal_mask = true)));
layer_test!(long_scaled, model!(|x: [5, 1], y: [66, 1]| Attention(use_scale = true, dropout = 0.5, seed = 3)(y, x)));
layer_test!(concat, model!(|q: [3, 2], v: [4, 2]| Attention(score_mode = concat)(q, v)), ["attention_concat"]);
layer_test!(
    concat_scale,
    model!(|q: [4, 4], v: [3, 2], k: [3, 3]| {
        Attention(use_scale = true, score_mode = concat)(Dense(3, use_bias = false)(q), v, k, use_causal_mask = true)
    }),
    ["attention_concat_scale"]
);
layer_test!(
    concat_masked,
    model!(|q: [3, 2], v: [4, 2]| Attention(use_scale = true, score_mode = "concat")(Masking()(q), Masking()(v))),
    ["attention_concat_masked"]
);
layer_test!(
    given,
    model!(|q: [3, 2], v: [4, 2], a: [3], b: [u8; 4]| Attention()(q, v, mask = [a, b])),
    ["attention_given"]
);
layer_test!(
    scores,
    model!(|q: [3, 2], v: [4, 2]| { let (y, p) = Attention(use_scale = true)(q, v, return_attention_scores = true); (y, p) }),
    ["attention_scores"]
);
layer_test!(
    scores_masked,
    model!(|q: [3, 2], v: [4, 3], k: [4, 2]| {
        let attend = Attention(score_mode = concat);
        let (y, p) = attend(Masking()(q), Masking()(v), k, use_causal_mask = true, return_attention_scores = true);
        (y, p)
    }),
    ["attention_scores_masked"]
);
layer_test!(
    scores_long,
    model!(|x: [66, 1], y: [70, 1]| {
        let (y, p) = Attention(use_scale = true, dropout = 0.5)(x, y, use_causal_mask = true, return_attention_scores = true);
        (y, p)
    })
);
layer_test!(
    scores_used,
    model!(|x: [3, 2]| {
        let (y, p) = Attention(use_scale = true)(x, x, return_attention_scores = true);
        y + Dense(2, tanh)(p)
    })
);
layer_test!(drawn, model!(|q: [3, 4], v: [5, 4]| Attention(dropout = 0.25)(q, v)), ["attention_dropout"]);
