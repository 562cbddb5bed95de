use keras::{model, sequential};

use crate::layer_test;

layer_test!(bidirectional, sequential!(Input(4, 3), Bidirectional(LSTM(2))), ["bidirectional"]);
layer_test!(
    bidirectional_sequences,
    sequential!(
        Input(4, 3),
        Bidirectional(GRU(2, return_sequences = true), merge_mode = "sum"),
        Bidirectional(SimpleRNN(3), ave)
    ),
    ["bidirectional_sequences"]
);
layer_test!(
    bidirectional_mul,
    sequential!(Input(4, 3), Bidirectional(LSTM(2, return_sequences = true), merge_mode = mul)),
    ["bidirectional_mul"]
);
layer_test!(
    bidirectional_other,
    sequential!(
        Input(4, 3),
        Bidirectional(
            LSTM(2, return_sequences = true),
            backward_layer = GRU(2, go_backwards = true, return_sequences = true)
        )
    ),
    ["bidirectional_other"]
);
layer_test!(
    bidirectional_states,
    model!(|x: [3, 2], a: [2], b: [2]| {
        let both = Bidirectional(GRU(2, return_state = true), merge_mode = None);
        let (y, z, a, b) = both(x, initial_state = [a, b]);
        (y, z, a, b)
    }),
    ["bidirectional_states"]
);
layer_test!(
    bidirectional_shared,
    model!(|x: [3, 2], y: [3, 2]| {
        let both = Bidirectional(GRU(2));
        both(x) + both(y)
    }),
    ["bidirectional_shared"]
);
layer_test!(
    bidirectional_masked,
    sequential!(Input(4, 2), Masking(0.25), Bidirectional(LSTM(3, return_sequences = true)), Bidirectional(GRU(2))),
    ["bidirectional_masked"]
);
layer_test!(
    bidirectional_tails,
    sequential!(Input(9, 2), Masking(0.25), Bidirectional(SimpleRNN(2, return_sequences = true))),
    ["bidirectional_tails"]
);
