use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((4, 3)), DepthwiseConv1D(2)), ["depthwise_conv1d"]);
layer_test!(
    same,
    sequential!(Input((5, 2)), DepthwiseConv1D(3, 2, same, 2, activation = tanh)),
    ["depthwise_conv1d_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 5)), DepthwiseConv1D(2, data_format = channels_first, dilation_rate = 2, use_bias = false)),
    ["depthwise_conv1d_first"]
);
layer_test!(
    regularized,
    sequential!(
        Input((4, 2)),
        DepthwiseConv1D(
            2,
            depth_multiplier = 3,
            activation = softplus,
            depthwise_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["depthwise_conv1d_regularized"]
);
