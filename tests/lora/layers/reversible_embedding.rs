use keras::model;

use crate::layer_test;

layer_test!(
    tied,
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(6, 3, lora_rank = 2);
        table(Dense(3, tanh)(table(x)), reverse = true)
    }),
    ["reversible_lora"]
);
layer_test!(
    cap,
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(
            6,
            3,
            lora_rank = 3,
            lora_alpha = 6,
            logit_soft_cap = 1.5,
            embeddings_regularizer = L2(0.1),
        );
        table(Dense(3, tanh)(table(x)), reverse = true)
    }),
    ["reversible_lora_cap"]
);
// Keras cannot build this one: it has closed its list of weights by the time it comes to the table of the way back.
layer_test!(
    own,
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(6, 3, tie_weights = false, lora_rank = 1);
        table(Dense(3, tanh)(table(x)), reverse = true)
    })
);
