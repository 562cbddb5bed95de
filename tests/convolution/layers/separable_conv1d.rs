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
