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
