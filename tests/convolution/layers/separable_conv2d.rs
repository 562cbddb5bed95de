use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((3, 4, 2)), SeparableConv2D(3, 2)), ["separable_conv2d"]);
layer_test!(
    same,
    sequential!(
        Input((3, 4, 2)),
        SeparableConv2D(2, (3, 2), (2, 2), same, depth_multiplier = 2, pointwise_regularizer = L1(0.1))
    ),
    ["separable_conv2d_same"]
);
layer_test!(
    first,
    sequential!(
        Input((2, 4, 3)),
        SeparableConv2D(2, 2, data_format = channels_first, dilation_rate = 2, activation = tanh)
    ),
    ["separable_conv2d_first"]
);
layer_test!(
    no_bias,
    sequential!(Input((3, 3, 2)), SeparableConv2D(3, 2, padding = same, activation = sigmoid, use_bias = false)),
    ["separable_conv2d_no_bias"]
);
layer_test!(
    regularized,
    sequential!(
        Input((2, 3, 2)),
        SeparableConv2D(
            2,
            2,
            depthwise_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["separable_conv2d_regularized"]
);
