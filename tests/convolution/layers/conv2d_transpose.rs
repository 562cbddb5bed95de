use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((2, 3, 2)), Conv2DTranspose(3, 2)), ["conv2d_transpose"]);
layer_test!(
    same,
    sequential!(Input((3, 2, 3)), Conv2DTranspose(2, 3, strides = 2, padding = same, activation = sigmoid)),
    ["conv2d_transpose_same"]
);
layer_test!(
    more,
    sequential!(Input((2, 3, 2)), Conv2DTranspose(2, (2, 3), (3, 2), padding = same, output_padding = (2, 0))),
    ["conv2d_transpose_more"]
);
layer_test!(
    first,
    sequential!(Input((2, 3, 2)), Conv2DTranspose(2, 2, strides = (1, 2), data_format = channels_first)),
    ["conv2d_transpose_first"]
);
layer_test!(
    dilated,
    sequential!(Input((3, 4, 2)), Conv2DTranspose(2, (3, 2), dilation_rate = (2, 1), padding = same, use_bias = false)),
    ["conv2d_transpose_dilated"]
);
layer_test!(
    regularized,
    sequential!(
        Input((2, 3, 2)),
        Conv2DTranspose(
            2,
            2,
            2,
            activation = tanh,
            kernel_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["conv2d_transpose_regularized"]
);
