use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((4, 2)), Conv1DTranspose(3, 2)), ["conv1d_transpose"]);
layer_test!(
    same,
    sequential!(Input((4, 3)), Conv1DTranspose(2, 4, strides = 3, padding = same, activation = tanh)),
    ["conv1d_transpose_same"]
);
layer_test!(more, sequential!(Input((3, 2)), Conv1DTranspose(2, 3, 2, valid, 1)), ["conv1d_transpose_more"]);
layer_test!(
    more_same,
    sequential!(Input((3, N)), Conv1DTranspose(2, 3, N, same, N - 2, use_bias = false)),
    ["conv1d_transpose_more_same"]
);
layer_test!(stride_beyond, sequential!(Input((3, 2)), Conv1DTranspose(2, 2, strides = 3)), ["conv1d_transpose_stride"]);
layer_test!(
    dilated,
    sequential!(Input((4, 2)), Conv1DTranspose(2, 3, dilation_rate = 2, padding = same)),
    ["conv1d_transpose_dilated"]
);
layer_test!(
    const_size,
    sequential!(Input((4, N + 1)), Conv1DTranspose(N, N + 2, strides = N + 1, padding = same, activation = tanh)),
    ["conv1d_transpose_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 4)), Conv1DTranspose(3, 3, 2, same, data_format = channels_first, activation = sigmoid)),
    ["conv1d_transpose_first"]
);
layer_test!(
    regularized,
    sequential!(
        Input((3, 2)),
        Conv1DTranspose(
            2,
            2,
            kernel_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["conv1d_transpose_regularized"]
);
