use keras::sequential;

use crate::layer_test;

layer_test!(default, sequential!(Input((4, 2)), SeparableConv1D(3, 2)), ["separable_conv1d"]);
layer_test!(
    deep,
    sequential!(Input((4, 2)), SeparableConv1D(2, 3, padding = same, depth_multiplier = 2, activation = tanh)),
    ["separable_conv1d_deep"]
);
layer_test!(
    same,
    sequential!(Input((5, 2)), SeparableConv1D(3, 2, 2, same, use_bias = false)),
    ["separable_conv1d_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 6)), SeparableConv1D(3, 2, data_format = channels_first, dilation_rate = 2, padding = same)),
    ["separable_conv1d_first"]
);
layer_test!(
    regularized,
    sequential!(
        Input((4, 2)),
        SeparableConv1D(
            3,
            2,
            pointwise_regularizer = L1(0.1),
            depthwise_regularizer = L2(0.1),
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["separable_conv1d_regularized"]
);
