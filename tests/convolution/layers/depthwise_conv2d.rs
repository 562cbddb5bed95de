use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((3, 4, 3)), DepthwiseConv2D(2)), ["depthwise_conv2d"]);
layer_test!(
    same,
    sequential!(Input((4, 5, 2)), DepthwiseConv2D((3, 2), (2, 2), same, 2, depthwise_regularizer = L2(0.1))),
    ["depthwise_conv2d_same"]
);
layer_test!(
    wide,
    sequential!(Input((2, 4, 37)), DepthwiseConv2D((2, 3), padding = same, activation = sigmoid)),
    ["depthwise_conv2d_wide"]
);
layer_test!(
    const_size,
    sequential!(Input((3, 2 * N, N + 1)), DepthwiseConv2D(N, data_format = channels_last)),
    ["depthwise_conv2d"]
);
layer_test!(
    first,
    sequential!(
        Input((2, 4, 5)),
        DepthwiseConv2D(
            (2, 3),
            depth_multiplier = 2,
            data_format = channels_first,
            dilation_rate = (2, 1),
            use_bias = false
        )
    ),
    ["depthwise_conv2d_first"]
);
layer_test!(
    regularized,
    sequential!(
        Input((3, 3, 2)),
        DepthwiseConv2D(2, activation = tanh, bias_regularizer = L1(0.1), activity_regularizer = L2(0.05))
    ),
    ["depthwise_conv2d_regularized"]
);
