use keras::sequential;

use crate::layer_test;

const N: usize = 2;

layer_test!(default, sequential!(Input((5, 4, 3)), MaxPooling2D()), ["max_pooling2d"]);
layer_test!(
    same,
    sequential!(Input((4, 5, 2)), MaxPooling2D((3, 2), strides = (2, 1), padding = same)),
    ["max_pooling2d_same"]
);
layer_test!(
    first,
    sequential!(Input((2, 5, 6)), MaxPooling2D(2, 3, data_format = channels_first)),
    ["max_pooling2d_first"]
);
layer_test!(wide, sequential!(Input((2, 3, 37)), MaxPooling2D((1, 2))), ["max_pooling2d_wide"]);
layer_test!(
    const_size,
    sequential!(Input((4, 5, N)), MaxPooling2D((N + 1, N), strides = (N, 1), padding = same)),
    ["max_pooling2d_same"]
);
layer_test!(behind_relu, sequential!(Input((5, 4, 2)), ReLU(), MaxPooling2D(2)), ["relu_pooled"]);
layer_test!(
    behind_convolution,
    sequential!(Input((6, 5, 2)), Conv2D(3, 2, activation = relu), MaxPooling2D(2)),
    ["conv2d_relu_pooled"]
);
