use keras::model;

use crate::layer_test;

const N: usize = 3;

layer_test!(rank, model!(|x: [u32; 4]| Embedding(2 * N, N, lora_rank = N - 1)(x)), ["embedding_lora"]);
layer_test!(
    alpha,
    model!(|x: [u32; 4]| Embedding(6, 4, lora_rank = 1, lora_alpha = 3, embeddings_regularizer = L2(0.1))(x)),
    ["embedding_lora_alpha"]
);
layer_test!(
    masked,
    model!(|x: [u32; 4]| SimpleRNN(2)(Embedding(6, 3, mask_zero = true, lora_rank = 2)(x))),
    ["embedding_lora_masked"]
);
