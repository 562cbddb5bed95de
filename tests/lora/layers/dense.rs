use keras::sequential;

use crate::layer_test;

layer_test!(
    regularized,
    sequential!(Input(4), Dense(3, lora_rank = 2, lora_alpha = 3, kernel_regularizer = L2(0.1))),
    ["dense_lora_regularized"]
);
