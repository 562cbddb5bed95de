use keras::model;

use crate::layer_test;

layer_test!(
    tied,
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(6, 3);
        table(Dense(3, tanh)(table(x)), reverse = true)
    }),
    ["reversible_embedding"]
);
layer_test!(
    own,
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(6, 3, tie_weights = false, embeddings_regularizer = L2(0.1));
        table(Dense(3, tanh)(table(x)), reverse = true)
    }),
    ["reversible_embedding_own"]
);
layer_test!(
    cap,
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(6, 3, logit_soft_cap = 1.5, embeddings_regularizer = L2(0.1));
        table(Dense(3, tanh)(table(x)), reverse = true)
    }),
    ["reversible_embedding_cap"]
);
layer_test!(
    masked,
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(6, 3, mask_zero = true);
        table(LSTM(3, return_sequences = true)(table(x)), reverse = true)
    }),
    ["reversible_embedding_masked"]
);
layer_test!(only, model!(|x: [2, 5]| ReversibleEmbedding(33, 5)(x, reverse = true)));
