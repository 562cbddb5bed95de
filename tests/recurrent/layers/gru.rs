use keras::{model, sequential};

use crate::layer_test;
use crate::support::layer_test::generated;

layer_test!(gru, sequential!(Input(4, 3), GRU(5)), ["gru"]);
layer_test!(gru_sequences, sequential!(Input(4, 3), GRU(5, return_sequences = true)), ["gru_sequences"]);
layer_test!(
    gru_reset_before,
    sequential!(Input(4, 3), GRU(5, reset_after = false, return_sequences = true)),
    ["gru_reset_before"]
);
layer_test!(
    gru_backwards,
    sequential!(
        Input(4, 3),
        GRU(
            5,
            relu6,
            "softsign",
            go_backwards = true,
            return_sequences = true,
            kernel_regularizer = L2(0.1),
            recurrent_regularizer = L1(0.1),
            bias_regularizer = L2(0.2)
        )
    ),
    ["gru_backwards"]
);
layer_test!(
    gru_curves,
    sequential!(Input(4, 3), GRU(2, activation = gelu, recurrent_activation = silu, use_bias = false)),
    ["gru_curves"]
);
layer_test!(
    gru_curves_before,
    sequential!(Input(4, 3), GRU(2, activation = gelu, recurrent_activation = silu, reset_after = false)),
    ["gru_curves_before"]
);
layer_test!(
    gru_states,
    model!(|x: [3, 2], h: [4]| {
        let (y, h) = GRU(4, return_sequences = true, return_state = true)(x, initial_state = h);
        (y, h)
    }),
    ["gru_states"]
);
layer_test!(gru_dropout, sequential!(Input(4, 3), GRU(2, recurrent_dropout = 0.5, dropout = 0.25)));
layer_test!(
    gru_dropout_before,
    sequential!(Input(4, 3), GRU(2, recurrent_dropout = 0.5, return_sequences = true, reset_after = false))
);

/// More units than vectors have lanes.
#[test]
fn gru_wide() {
    generated(&sequential!(Input(3, 20), GRU(70)));
}

/// More units than vectors have lanes.
#[test]
fn gru_wide_before() {
    generated(&sequential!(Input(3, 20), GRU(70, reset_after = false)));
}

layer_test!(gru_masked, sequential!(Input(4, 2), Masking(0.25), GRU(3, go_backwards = true)), ["gru_masked"]);
layer_test!(
    gru_masked_before,
    sequential!(Input(4, 2), Masking(0.25), GRU(3, reset_after = false, return_sequences = true)),
    ["gru_masked_before"]
);
layer_test!(
    gru_given_mask,
    model!(|x: [3, 2], m: [3]| GRU(2, return_sequences = true)(x, mask = Activation(hard_sigmoid)(m)))
);
layer_test!(gru_one_dropout, sequential!(Input(3, 4), GRU(3, dropout = 0.5)), ["gru_one_dropout"]);
layer_test!(
    gru_both_dropouts,
    sequential!(Input(3, 4), GRU(3, dropout = 0.25, recurrent_dropout = 0.5, return_sequences = true)),
    ["gru_both_dropouts"]
);
layer_test!(
    gru_both_dropouts_before,
    sequential!(Input(3, 2), GRU(4, dropout = 0.25, recurrent_dropout = 0.5, reset_after = false)),
    ["gru_both_dropouts_before"]
);
layer_test!(
    gru_recurrent_dropout,
    sequential!(Input(3, 2), GRU(5, recurrent_dropout = 0.4, seed = 9)),
    ["gru_recurrent_dropout"]
);
layer_test!(
    gru_regularized,
    sequential!(Input(3, 2), GRU(3, return_sequences = true, activity_regularizer = L2(0.1))),
    ["gru_regularized"]
);
layer_test!(
    gru_tails,
    sequential!(Input(9, 2), Masking(0.25), GRU(3, go_backwards = true, return_sequences = true)),
    ["gru_tails"]
);
layer_test!(
    gru_tails_before,
    sequential!(Input(9, 2), Masking(0.25), GRU(3, reset_after = false)),
    ["gru_tails_before"]
);
