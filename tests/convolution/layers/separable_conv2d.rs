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
