use keras::sequential;

use crate::layer_test;

const N: usize = 3;

layer_test!(default, sequential!(Input((5, 2)), Conv1D(3, 2)), ["conv1d"]);
layer_test!(causal, sequential!(Input((6, 2)), Conv1D(3, 3, padding = causal, dilation_rate = 2)), ["conv1d_causal"]);
layer_test!(
    same,
    sequential!(Input((7, 3)), Conv1D(4, 4, strides = 2, padding = "same", activation = tanh)),
    ["conv1d_same"]
);
layer_test!(
    first,
    sequential!(Input((3, 6)), Conv1D(2, 3, 2, "same", "channels_first", use_bias = false)),
    ["conv1d_first"]
);
layer_test!(one, sequential!(Input((4, 5)), Conv1D(3, 1, activation = relu)), ["conv1d_one"]);
layer_test!(
    const_size,
    sequential!(Input((2 * N + 1, N)), Conv1D(N + 1, N + 1, strides = N - 1, padding = same, activation = tanh)),
    ["conv1d_same"]
);
layer_test!(
    regularized,
    sequential!(
        Input((5, 2)),
        Conv1D(
            3,
            2,
            groups = 1,
            kernel_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["conv1d_regularized"]
);
