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
